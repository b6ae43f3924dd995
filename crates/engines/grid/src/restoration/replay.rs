//! The past once more: a model of the outages before a day says of each later one what it would
//! have said then, and is compared with the truth and with what the utility said.

use std::collections::VecDeque;

use kernel::Instant;

use super::{
    Calibration, Estimate, History, Model, Outage, Outcome, RestorationError, Rules, Settled,
    model::Lesson,
    score::{Said, Score, covered, score},
};

const DAY_S: i64 = 86_400;

/// What came out.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Replay {
    /// Outages that the model learnt from.
    pub learnt: usize,
    /// Outages that it was asked about.
    pub asked: usize,
    /// The utility's own times, where it gave one.
    pub utility: Option<Score>,
    /// Ours for the same outages: one time each.
    pub promise_same: Option<Score>,
    /// Ours for all.
    pub promise: Option<Score>,
    /// What the desk sees.
    pub desk: Option<Score>,
    /// What customers see.
    pub customer: Option<Score>,
    /// The same for the outages for which the utility gave a time.
    pub customer_same: Option<Score>,
    /// The share of truths between the times of 10 and 90 %.
    pub middle_80: Option<f64>,
    /// The same of the levels of the curves as they are, without calibration.
    pub customer_uncalibrated: Option<Score>,
}

/// One outage that was asked about.
struct Asked {
    seen_s: i64,
    settled: Settled,
    known_s: i64,
}

/// Replays a history; `promised_s` are the instants that the utility gave, by outage. The model
/// learns from outages that began before `split`; of later ones only what was known at the time
/// is used, each day to calibrate levels on outages that are over.
///
/// # Errors
/// [`RestorationError::TooFew`].
pub fn replay(
    history: &History,
    promised_s: impl Fn(&Outage) -> Option<i64>,
    split: Instant,
    rules: &Rules,
) -> Result<Replay, RestorationError> {
    let split_s = split.micros().div_euclid(1_000_000);
    let teaches = |outage: &&Outage| outage.teaches && !outage.planned;
    let lessons: Vec<Lesson> = history
        .outages()
        .iter()
        .filter(|outage| teaches(outage) && outage.began_s < split_s)
        .map(|outage| {
            let (minutes, restored) = outage.lasted();
            Lesson { features: history.features(outage), minutes, restored }
        })
        .collect();
    let model = Model::learn(&lessons, &rules.model)?;
    let learnt = lessons.len();
    drop(lessons);
    let mut told = Told::default();
    let mut days = Days::new(rules);
    // The latest outages that were learnt from are the first to calibrate on.
    let old: Vec<usize> = numbers(history, |outage| teaches(&outage) && outage.began_s < split_s);
    let old_from = old.len().saturating_sub(rules.calibration.outages);
    for at in &old[old_from..] {
        days.waiting.push_back(ask(history, &model, *at));
    }
    for at in numbers(history, |outage| teaches(&outage) && outage.began_s >= split_s) {
        let asked = ask(history, &model, at);
        days.turn(asked.seen_s, rules);
        let outage = &history.outages()[at];
        told.add(outage, &asked.settled, &days.calibration, promised_s(outage), rules);
        days.waiting.push_back(asked);
    }
    Ok(told.replay(learnt))
}

fn numbers(history: &History, holds: impl Fn(&Outage) -> bool) -> Vec<usize> {
    let outages = history.outages().iter().enumerate();
    outages.filter(|(_, outage)| holds(outage)).map(|(at, _)| at).collect()
}

fn ask(history: &History, model: &Model, at: usize) -> Asked {
    let outage = &history.outages()[at];
    let (minutes, restored) = outage.lasted();
    let known_s = match outage.outcome {
        Outcome::Restored { known_s, .. } => known_s,
        Outcome::Open { .. } => i64::MAX,
    };
    let settled = Settled {
        curve: model.curve(&history.features(outage)),
        minutes: restored.then_some(minutes),
    };
    Asked { seen_s: outage.seen_s, settled, known_s }
}

/// Calibration that is renewed each day.
struct Days {
    day: i64,
    waiting: VecDeque<Asked>,
    settled: VecDeque<Asked>,
    calibration: Calibration,
    most: usize,
}

impl Days {
    fn new(rules: &Rules) -> Self {
        Self {
            day: i64::MIN,
            waiting: VecDeque::new(),
            settled: VecDeque::new(),
            calibration: Calibration::none(),
            most: rules.calibration.outages,
        }
    }

    fn turn(&mut self, now_s: i64, rules: &Rules) {
        let day = now_s.div_euclid(DAY_S);
        if day == self.day {
            return;
        }
        self.day = day;
        let before_s = now_s - rules.calibration.settled_days * DAY_S;
        while self.waiting.front().is_some_and(|asked| asked.seen_s < before_s) {
            self.settled.extend(self.waiting.pop_front());
        }
        while self.settled.len() > self.most {
            self.settled.pop_front();
        }
        let known: Vec<Settled> = self
            .settled
            .iter()
            .map(|asked| {
                let minutes = asked.settled.minutes.filter(|_| asked.known_s < now_s);
                Settled { curve: asked.settled.curve.clone(), minutes }
            })
            .collect();
        if !known.is_empty() {
            self.calibration = Calibration::fit(&known, &rules.levels);
        }
    }
}

/// What was said, and the truths.
#[derive(Default)]
struct Told {
    utility: Vec<Said>,
    promise_same: Vec<Said>,
    promise: Vec<Said>,
    desk: Vec<Said>,
    customer: Vec<Said>,
    customer_same: Vec<Said>,
    customer_uncalibrated: Vec<Said>,
    middle: Vec<(f64, f64)>,
    truths: Vec<f64>,
}

impl Told {
    fn add(
        &mut self,
        outage: &Outage,
        settled: &Settled,
        calibration: &Calibration,
        promised_s: Option<i64>,
        rules: &Rules,
    ) {
        let Some(true_min) = settled.minutes else { return };
        let said = |said_min: f64| Said { said_min, true_min };
        let curve = &settled.curve;
        let estimate = Estimate::of(curve, 0.0, calibration, &rules.levels);
        let promise = said(estimate.promise_min as f64);
        if let Some(promised_s) = promised_s {
            self.utility.push(said((promised_s - outage.seen_s) as f64 / 60.0));
            self.promise_same.push(promise);
            self.customer_same.push(said(estimate.customer_min as f64));
        }
        self.promise.push(promise);
        self.desk.push(said(estimate.desk_min as f64));
        self.customer.push(said(estimate.customer_min as f64));
        self.customer_uncalibrated.push(said(curve.by(rules.levels.customer)));
        self.middle.push((curve.by(calibration.level(0.1)), curve.by(calibration.level(0.9))));
        self.truths.push(true_min);
    }

    fn replay(self, learnt: usize) -> Replay {
        Replay {
            learnt,
            asked: self.truths.len(),
            utility: score(&self.utility),
            promise_same: score(&self.promise_same),
            promise: score(&self.promise),
            desk: score(&self.desk),
            customer: score(&self.customer),
            customer_same: score(&self.customer_same),
            middle_80: covered(&self.middle, &self.truths),
            customer_uncalibrated: score(&self.customer_uncalibrated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restoration::{DEFAULT_RULES, history::tests::outage};
    use kernel::Zone;

    /// Outages every half hour: those by trees last an hour, those by cars four, from a
    /// quarter to four times as long. After the split everything takes half as long again.
    fn world() -> Vec<Outage> {
        (0..4_000_i64)
            .map(|n| {
                let tree = n % 3 != 0;
                let middle = if tree { 60 } else { 240 };
                let part = crate::restoration::model::draw(3, u32::try_from(n).unwrap(), 0);
                let late = if n < 2_000 { 1.0 } else { 1.5 };
                let minutes = f64::from(middle) * 16.0_f64.powf(part - 0.5) * late;
                let seconds = crate::restoration::estimate::upward(minutes * 60.0);
                let seen_s = 1_600_000_000 + n * 1_800;
                let at_s = seen_s + seconds;
                Outage {
                    cause: if tree { "tree" } else { "car" }.into(),
                    outcome: Outcome::Restored { at_s, known_s: at_s + 60 },
                    ..outage(seen_s, 0)
                }
            })
            .collect()
    }

    #[test]
    fn levels_hold_after_the_world_has_changed_and_the_replay_is_the_same_each_time() {
        let mut rules = Rules::parse(DEFAULT_RULES).unwrap();
        (rules.model.trees, rules.model.leaf_outages) = (20, 20);
        (rules.calibration.outages, rules.calibration.settled_days) = (500, 1);
        let history = History::new(world(), Zone::utc()).unwrap();
        // An outage is seen ten minutes after it began.
        let split = Instant::from_micros((1_600_000_000 + 2_000 * 1_800 - 600) * 1_000_000);
        let once = |promised: fn(&Outage) -> Option<i64>| replay(&history, promised, split, &rules);
        let result = once(|outage| Some(outage.seen_s + 600 * 60)).unwrap();
        assert_eq!((result.learnt, result.asked), (2_000, 2_000));
        let utility = result.utility.unwrap();
        assert!(utility.kept > 0.6 && utility.median_error_h > 5.0, "{utility:?}");
        let (before, after) = (result.customer_uncalibrated.unwrap(), result.customer.unwrap());
        assert!(before.kept < 0.74, "the curves of the old world are too short: {before:?}");
        assert!((0.76..=0.84).contains(&after.kept), "{after:?}");
        assert!(result.promise_same.unwrap().median_error_h < 2.0, "{result:?}");
        assert_eq!(result, once(|outage| Some(outage.seen_s + 600 * 60)).unwrap());
        assert!(once(|_| None).unwrap().utility.is_none());
    }
}
