//! The chance, period by period, that power comes back: a discrete-time survival model of boosted
//! trees.
//!
//! Time from the moment of an estimate is cut into periods. Of each outage, every period that it
//! lasted is a row that says "not yet", and the period in which power came back one that says
//! "now"; an outage that is not over has only rows of the first kind. The trees learn the chance
//! of "now" from what was known, so that what is said of an outage that has lasted longer follows
//! from the same numbers.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Curve, Features, ModelRules, RestorationError,
    bins::Steps,
    history::FEATURES,
    tree::{Growth, Rows, Tree, single},
};

/// Numbers, cause and crew.
const WIDTH: usize = FEATURES.len() + 2;

/// Words that fewer outages have are "other".
const WORD_LEAST: usize = 50;

/// Outages without which nothing is learnt.
const LEAST: usize = 500;

/// Shares of restorations at which the last periods end.
const TAIL: [f64; 3] = [0.97, 0.985, 0.995];

/// A lesson: what was known, and how many minutes it lasted from then on.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// What was known.
    pub features: Features,
    /// Minutes to the restoration, or to when it was last heard of.
    pub minutes: f64,
    /// Whether it was restored.
    pub restored: bool,
}

/// A learnt model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    ends_min: Arc<[f64]>,
    steps: Vec<Steps>,
    causes: BTreeMap<Arc<str>, f32>,
    crews: BTreeMap<Arc<str>, f32>,
    start: f32,
    trees: Vec<Tree>,
}

/// The rows of all lessons and periods.
struct Table {
    outage: Vec<u32>,
    period: Vec<u8>,
    now: Vec<bool>,
    weight: Vec<f32>,
}

impl Model {
    /// Learns from lessons; the same lessons in the same order give the same model.
    ///
    /// # Errors
    /// [`RestorationError::TooFew`].
    pub fn learn(lessons: &[Lesson], rules: &ModelRules) -> Result<Self, RestorationError> {
        let restored = lessons.iter().filter(|lesson| lesson.restored).count();
        if restored < LEAST {
            return Err(RestorationError::TooFew { found: restored, least: LEAST });
        }
        let mut model = Self {
            ends_min: periods(lessons, rules.periods),
            steps: Vec::new(),
            causes: words(lessons, |features| &features.cause),
            crews: words(lessons, |features| &features.crew),
            start: 0.0,
            trees: Vec::new(),
        };
        let numbers: Vec<[f32; WIDTH]> =
            lessons.iter().map(|lesson| model.numbers(&lesson.features)).collect();
        model.steps = (0..WIDTH).map(|at| Steps::of(numbers.iter().map(|row| row[at]))).collect();
        let steps: Vec<u8> = numbers.iter().flat_map(|row| model.stepped(row)).collect();
        let table = model.table(lessons, rules);
        model.boost(&steps, &table, rules);
        Ok(model)
    }

    /// The curve of an outage from the moment of its features.
    #[must_use]
    pub fn curve(&self, features: &Features) -> Curve {
        let steps = self.stepped(&self.numbers(features));
        let chance = |period: usize| {
            let period = u8::try_from(period).unwrap_or(u8::MAX);
            let sum: f32 = self.trees.iter().map(|tree| tree.value(&steps, period)).sum();
            f64::from(logistic(self.start + sum))
        };
        let hazards: Vec<f64> = (0..self.ends_min.len()).map(chance).collect();
        Curve::from_hazards(&self.ends_min, &hazards)
    }

    fn numbers(&self, features: &Features) -> [f32; WIDTH] {
        let mut row = [f32::NAN; WIDTH];
        row[..FEATURES.len()].copy_from_slice(&features.numbers);
        let word = |words: &BTreeMap<Arc<str>, f32>, word: &Arc<str>| {
            words.get(word).copied().unwrap_or(f32::NAN)
        };
        row[WIDTH - 2] = word(&self.causes, &features.cause);
        row[WIDTH - 1] = word(&self.crews, &features.crew);
        row
    }

    fn stepped(&self, row: &[f32; WIDTH]) -> [u8; WIDTH] {
        let mut stepped = [0; WIDTH];
        for ((to, value), steps) in stepped.iter_mut().zip(row).zip(&self.steps) {
            *to = steps.step(*value);
        }
        stepped
    }

    fn table(&self, lessons: &[Lesson], rules: &ModelRules) -> Table {
        let last = self.ends_min.len() - 1;
        let mut table = Table { outage: vec![], period: vec![], now: vec![], weight: vec![] };
        let quiet_weight = single(1.0 / rules.quiet_share);
        for (outage, lesson) in (0_u32..).zip(lessons) {
            let end = self.ends_min.partition_point(|end| *end < lesson.minutes);
            // The last period has no alternative, so that it teaches nothing.
            for period in 0..=end.min(last.saturating_sub(1)) {
                let now = lesson.restored && period == end;
                let in_the_middle = !lesson.restored && period == end;
                let number = u8::try_from(period).unwrap_or(u8::MAX);
                let drawn = draw(rules.seed, outage, number) < rules.quiet_share;
                if in_the_middle || !(now || drawn) {
                    continue;
                }
                table.outage.push(outage);
                table.period.push(number);
                table.now.push(now);
                table.weight.push(if now { 1.0 } else { quiet_weight });
            }
        }
        table
    }

    fn boost(&mut self, steps: &[u8], table: &Table, rules: &ModelRules) {
        let sum = |of: &dyn Fn(usize) -> bool| {
            let chosen = (0..table.now.len()).filter(|row| of(*row));
            chosen.map(|row| f64::from(table.weight[row])).sum::<f64>().max(1.0)
        };
        self.start = single((sum(&|row| table.now[row]) / sum(&|row| !table.now[row])).ln());
        let mut scores = vec![self.start; table.now.len()];
        let mut slopes = vec![(0.0, 0.0); table.now.len()];
        let mut order: Vec<u32> = (0_u32..).take(table.now.len()).collect();
        let growth =
            Growth { depth: rules.depth, leaf_rows: rules.leaf_outages, rate: rules.learning_rate };
        for _ in 0..rules.trees {
            for (row, slope) in slopes.iter_mut().enumerate() {
                let (chance, weight) = (logistic(scores[row]), table.weight[row]);
                let now = if table.now[row] { 1.0 } else { 0.0 };
                *slope = (weight * (chance - now), weight * chance * (1.0 - chance));
            }
            let rows = Rows {
                steps,
                width: WIDTH,
                outage: &table.outage,
                period: &table.period,
                slopes: &slopes,
            };
            order.sort_unstable();
            self.trees.push(Tree::grow(&rows, &mut order, &growth, |leaf, value| {
                for row in leaf {
                    scores[*row as usize] += value;
                }
            }));
        }
    }
}

fn logistic(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

/// A number from zero to one that depends on nothing but the seed, the outage and the period.
pub(super) fn draw(seed: u64, outage: u32, period: u8) -> f64 {
    let mut x = seed ^ (u64::from(outage) << 8 | u64::from(period));
    // SplitMix64, a published mixer of 64 bits (Steele, Lea, Flood 2014).
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Ends of periods: equal numbers of restorations, then the tail, then the longest.
fn periods(lessons: &[Lesson], count: usize) -> Arc<[f64]> {
    let mut minutes: Vec<f64> =
        lessons.iter().filter(|lesson| lesson.restored).map(|l| l.minutes.max(2.0)).collect();
    minutes.sort_by(f64::total_cmp);
    let at = |above: usize, below: usize| minutes[(minutes.len() - 1) * above / below];
    let mut ends: Vec<f64> = (1..count).map(|nth| at(nth, count)).collect();
    ends.extend(TAIL.iter().map(|share| at(single_share(*share), 1_000)));
    ends.push(at(1, 1) * 1.5);
    ends.dedup_by(|a, b| *a <= *b);
    ends.into()
}

/// Thousandths of a share.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares lie between zero and one"
)]
fn single_share(share: f64) -> usize {
    (share * 1_000.0).round() as usize
}

/// Words in the order of how long their outages lasted, as numbers.
fn words(lessons: &[Lesson], of: impl Fn(&Features) -> &Arc<str>) -> BTreeMap<Arc<str>, f32> {
    let mut sums: BTreeMap<Arc<str>, (f64, usize)> = BTreeMap::new();
    for lesson in lessons {
        let sum = sums.entry(Arc::clone(of(&lesson.features))).or_default();
        sum.0 += lesson.minutes.max(1.0).ln();
        sum.1 += 1;
    }
    let mut order: Vec<(f64, Arc<str>)> = sums
        .into_iter()
        .filter(|(_, (_, count))| *count >= WORD_LEAST)
        .map(|(word, (sum, count))| (sum / count as f64, word))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    (0_u16..).zip(order).map(|(rank, (_, word))| (word, f32::from(rank))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::{DEFAULT_RULES, Rules};

    fn rules() -> ModelRules {
        let rules = Rules::parse(DEFAULT_RULES).unwrap().model;
        ModelRules { trees: 30, leaf_outages: 20, quiet_share: 1.0, ..rules }
    }

    /// Outages of two causes: an hour or four hours in the middle, even on the logarithm; after
    /// `heard_min` nobody heard of them any more.
    fn lessons(count: u32, heard_min: f64) -> Vec<Lesson> {
        (0..count)
            .map(|n| {
                let part = draw(7, n, 0);
                let middle = if n % 2 == 0 { 60.0 } else { 240.0 };
                let minutes = middle * 4.0_f64.powf(2.0 * part - 1.0);
                let cause = if n % 2 == 0 { "fuse" } else { "pole" };
                let numbers = [0.0; FEATURES.len()];
                Lesson {
                    features: Features { numbers, cause: cause.into(), crew: "".into() },
                    minutes: minutes.min(heard_min),
                    restored: minutes <= heard_min,
                }
            })
            .collect()
    }

    fn median(model: &Model, cause: &str) -> f64 {
        let numbers = [0.0; FEATURES.len()];
        model.curve(&Features { numbers, cause: cause.into(), crew: "".into() }).by(0.5)
    }

    #[test]
    fn the_model_learns_what_makes_outages_long() {
        let model = Model::learn(&lessons(4_000, f64::MAX), &rules()).unwrap();
        let (fuse, pole) = (median(&model, "fuse"), median(&model, "pole"));
        assert!(
            (fuse / 60.0).ln().abs() < 0.15 && (pole / 240.0).ln().abs() < 0.15,
            "{fuse} {pole}"
        );
    }

    #[test]
    fn outages_that_are_not_over_are_not_taken_for_short() {
        // Of the poles a quarter is heard of until its end: those alone would say three hours.
        let model = Model::learn(&lessons(4_000, 240.0), &rules()).unwrap();
        let pole = median(&model, "pole");
        assert!((pole / 240.0).ln().abs() < 0.2, "{pole}");
    }

    #[test]
    fn the_same_lessons_give_the_same_model_and_too_few_give_none() {
        let quiet = ModelRules { quiet_share: 0.3, ..rules() };
        let learn = || Model::learn(&lessons(2_000, 300.0), &quiet).unwrap();
        assert_eq!(learn(), learn());
        assert!(Model::learn(&lessons(400, f64::MAX), &rules()).is_err());
    }
}
