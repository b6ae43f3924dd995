//! Past and present outages, and what was known of the world at a moment.

use std::{collections::HashMap, sync::Arc};

use kernel::{Instant, Zone};

use super::RestorationError;

/// The most outages kept in memory.
const OUTAGES_MAX: usize = 10_000_000;

/// Seconds of an hour.
const HOUR_S: i64 = 3_600;

/// Degrees of a cell of the map.
const CELL_DEG: f64 = 0.5;

/// An outage as it was known at one moment. An outage whose crew or cause became known later may
/// stand again as of that moment: each moment teaches for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Outage {
    /// When power went off, seconds since the epoch.
    pub began_s: i64,
    /// The moment of this knowledge.
    pub seen_s: i64,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Town, station or other part of the company.
    pub area: Arc<str>,
    /// Customers without power.
    pub customers: u32,
    /// Cause as known at the moment.
    pub cause: Arc<str>,
    /// Status of the crew at the moment.
    pub crew: Arc<str>,
    /// Whether it was known to be planned.
    pub planned: bool,
    /// Whether its times are good enough to learn from.
    pub teaches: bool,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an outage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Power came back.
    Restored {
        /// When.
        at_s: i64,
        /// When that was known.
        known_s: i64,
    },
    /// It was still off when last heard of.
    Open {
        /// When that was.
        until_s: i64,
    },
}

impl Outage {
    /// Minutes from the moment to the restoration, or to when it was last heard of; and whether
    /// it was restored.
    #[must_use]
    pub fn lasted(&self) -> (f64, bool) {
        let (until_s, restored) = match self.outcome {
            Outcome::Restored { at_s, .. } => (at_s, true),
            Outcome::Open { until_s } => (until_s, false),
        };
        ((until_s - self.seen_s) as f64 / 60.0, restored)
    }

    fn cell(&self) -> (i64, i64) {
        (whole(self.lat / CELL_DEG), whole(self.lon / CELL_DEG))
    }
}

/// The whole number below; places are within thousands.
#[expect(clippy::cast_possible_truncation, reason = "degrees are small, others end at the bounds")]
fn whole(value: f64) -> i64 {
    value.floor() as i64
}

/// Names of the numbers of [`Features`].
pub const FEATURES: [&str; 22] = [
    "hour",
    "weekday",
    "month",
    "lat",
    "lon",
    "customers",
    "minutes already off",
    "begun in 1 h",
    "begun in 6 h",
    "begun in 24 h",
    "open now",
    "customers off now",
    "level of 24 h",
    "level of 7 days",
    "open in the cell",
    "begun in the cell in 3 h",
    "level of the cell, 24 h",
    "level of the cell, 7 days",
    "level of the cell, 90 days",
    "open in the area",
    "level of the area, 30 days",
    "level of the area, a year",
];

/// What is known of an outage at a moment. A level is the mean logarithm of how long the outages
/// lasted that ended within a time; what is unknown is not a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// As named in [`FEATURES`].
    pub numbers: [f32; FEATURES.len()],
    /// Cause.
    pub cause: Arc<str>,
    /// Status of the crew.
    pub crew: Arc<str>,
}

/// Begins and ends of outages of one part of the world, in order.
#[derive(Debug, Clone, Default)]
struct Flow {
    began: Vec<(i64, u32)>,
    ended: Vec<(i64, u32)>,
    taught: Vec<(i64, f64)>,
    /// Sums of the logarithms before each of `taught`.
    sums: Vec<f64>,
    /// Customers of `began` and `ended` before each.
    began_customers: Vec<u64>,
    ended_customers: Vec<u64>,
}

impl Flow {
    fn add(&mut self, outage: &Outage) {
        self.began.push((outage.seen_s, outage.customers));
        if let Outcome::Restored { at_s, known_s } = outage.outcome {
            self.ended.push((known_s, outage.customers));
            if outage.teaches {
                let hours = (at_s - outage.began_s) as f64 / HOUR_S as f64;
                self.taught.push((known_s, hours.max(0.0).ln_1p()));
            }
        }
    }

    fn finish(&mut self) {
        self.began.sort_unstable();
        self.ended.sort_unstable();
        self.taught.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let customers = |list: &[(i64, u32)]| {
            let mut sum = 0;
            let sums = list.iter().map(|(_, customers)| {
                sum += u64::from(*customers);
                sum
            });
            std::iter::once(0).chain(sums).collect()
        };
        (self.began_customers, self.ended_customers) =
            (customers(&self.began), customers(&self.ended));
        let mut sum = 0.0;
        let sums = self.taught.iter().map(|(_, log)| {
            sum += log;
            sum
        });
        self.sums = std::iter::once(0.0).chain(sums).collect();
    }

    /// Outages that became known within these hours.
    fn begun(&self, now_s: i64, hours: i64) -> usize {
        let before = |at: i64| self.began.partition_point(|(seen_s, _)| *seen_s <= at);
        before(now_s) - before(now_s - hours * HOUR_S)
    }

    /// Outages and customers off at a moment.
    fn open(&self, now_s: i64) -> (usize, u64) {
        let began = self.began.partition_point(|(seen_s, _)| *seen_s <= now_s);
        let ended = self.ended.partition_point(|(known_s, _)| *known_s < now_s);
        let customers = |sums: &[u64], at: usize| sums.get(at).copied().unwrap_or(0);
        let off = customers(&self.began_customers, began)
            .saturating_sub(customers(&self.ended_customers, ended));
        (began.saturating_sub(ended), off)
    }

    /// The mean logarithm of how long outages lasted whose end became known within these hours.
    fn level(&self, now_s: i64, hours: i64) -> f32 {
        let before = |at: i64| self.taught.partition_point(|(known_s, _)| *known_s < at);
        let (from, to) = (before(now_s - hours * HOUR_S), before(now_s));
        if to > from {
            super::tree::single((self.sums[to] - self.sums[from]) / (to - from) as f64)
        } else {
            f32::NAN
        }
    }
}

/// Outages, and how many began, ended and were open when, in all and by place.
#[derive(Debug, Clone)]
pub struct History {
    outages: Vec<Outage>,
    all: Flow,
    unplanned: Flow,
    cells: HashMap<(i64, i64), Flow>,
    areas: HashMap<Arc<str>, Flow>,
    zone: Zone,
}

impl History {
    /// A history of outages in any order; hours and weekdays are those of the zone.
    ///
    /// # Errors
    /// [`RestorationError::TooMany`].
    pub fn new(mut outages: Vec<Outage>, zone: Zone) -> Result<Self, RestorationError> {
        if outages.len() > OUTAGES_MAX {
            return Err(RestorationError::TooMany(OUTAGES_MAX));
        }
        outages.sort_by(|a, b| {
            let key = |o: &Outage| (o.seen_s, o.began_s, o.customers);
            key(a).cmp(&key(b)).then_with(|| a.area.cmp(&b.area))
        });
        let mut history = Self {
            outages: Vec::new(),
            all: Flow::default(),
            unplanned: Flow::default(),
            cells: HashMap::new(),
            areas: HashMap::new(),
            zone,
        };
        for outage in &outages {
            history.all.add(outage);
            if !outage.planned {
                history.unplanned.add(outage);
                history.cells.entry(outage.cell()).or_default().add(outage);
                history.areas.entry(Arc::clone(&outage.area)).or_default().add(outage);
            }
        }
        for flow in history.cells.values_mut().chain(history.areas.values_mut()) {
            flow.finish();
        }
        history.all.finish();
        history.unplanned.finish();
        history.outages = outages;
        Ok(history)
    }

    /// The outages by the moment of their knowledge.
    #[must_use]
    pub fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// What was known of an outage at its moment: nothing that became known later.
    #[must_use]
    pub fn features(&self, outage: &Outage) -> Features {
        let now_s = outage.seen_s;
        let local = |at_s: i64| self.zone.datetime_of(Instant::from_micros(0).plus_seconds(at_s));
        let began = local(outage.began_s);
        let none = Flow::default();
        let cell = self.cells.get(&outage.cell()).unwrap_or(&none);
        let area = self.areas.get(&outage.area).unwrap_or(&none);
        let (open, customers_off) = self.all.open(now_s);
        let count = |count: usize| super::tree::single(count as f64);
        let numbers = [
            f32::from(began.hour()) + f32::from(began.minute()) / 60.0,
            f32::from(began.date().weekday().to_monday_zero_offset()),
            f32::from(began.month()),
            super::tree::single(outage.lat),
            super::tree::single(outage.lon),
            super::tree::single(f64::from(outage.customers)),
            super::tree::single((now_s - outage.began_s) as f64 / 60.0),
            count(self.all.begun(now_s, 1)),
            count(self.all.begun(now_s, 6)),
            count(self.all.begun(now_s, 24)),
            count(open),
            super::tree::single(customers_off as f64),
            self.unplanned.level(now_s, 24),
            self.unplanned.level(now_s, 7 * 24),
            count(cell.open(now_s).0),
            count(cell.begun(now_s, 3)),
            cell.level(now_s, 24),
            cell.level(now_s, 7 * 24),
            cell.level(now_s, 90 * 24),
            count(area.open(now_s).0),
            area.level(now_s, 30 * 24),
            area.level(now_s, 365 * 24),
        ];
        Features { numbers, cause: Arc::clone(&outage.cause), crew: Arc::clone(&outage.crew) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::restoration) fn outage(seen_s: i64, minutes: i64) -> Outage {
        Outage {
            began_s: seen_s - 600,
            seen_s,
            lat: 30.2,
            lon: 120.1,
            area: "east".into(),
            customers: 10,
            cause: "tree".into(),
            crew: "on the way".into(),
            planned: false,
            teaches: true,
            outcome: Outcome::Restored {
                at_s: seen_s + minutes * 60,
                known_s: seen_s + minutes * 60 + 60,
            },
        }
    }

    fn number(features: &Features, name: &str) -> f32 {
        features.numbers[FEATURES.iter().position(|feature| *feature == name).unwrap()]
    }

    #[test]
    fn nothing_of_the_future_is_known() {
        let day = 86_400;
        let past: Vec<Outage> = (0..5).map(|n| outage(day + n * 3_600, 90)).collect();
        let asked = outage(day + 5 * 3_600, 30);
        let mut later = past.clone();
        later.extend((6..20).map(|n| outage(day + n * 3_600, 400)));
        let of = |outages: Vec<Outage>| {
            let zone = Zone::get("Asia/Shanghai").unwrap();
            History::new(outages, zone).unwrap().features(&asked)
        };
        let (now, hindsight) = (of(past), of(later));
        let same = now.numbers.iter().zip(&hindsight.numbers).all(|(a, b)| a.total_cmp(b).is_eq());
        assert!(same, "{now:?} {hindsight:?}");
        // The outage of an hour ago is still off; of those before, the ends are known.
        assert!((number(&now, "open now") - 1.0).abs() < 1e-6);
        assert!((number(&now, "begun in 6 h") - 5.0).abs() < 1e-6);
        let level = (100.0_f32 / 60.0).ln_1p();
        assert!((number(&now, "level of the cell, 24 h") - level).abs() < 1e-5);
        // 13:50 in Shanghai.
        assert!((number(&now, "hour") - (12.0 + 50.0 / 60.0)).abs() < 1e-4);
    }

    #[test]
    fn what_never_happened_is_unknown_and_not_zero() {
        let history = History::new(vec![], Zone::utc()).unwrap();
        let features = history.features(&outage(1_000, 30));
        assert!(number(&features, "level of the area, a year").is_nan());
        assert!(number(&features, "open in the area").abs() < 1e-6);
    }
}
