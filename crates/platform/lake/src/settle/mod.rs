//! One day of every usage point: `state(day) = f(state(day − 1), terms(day), readings(day))`.
//!
//! - `plans`: the tariff library as a date sees it.
//! - `reads`: deliveries to the readings that count, registers to use by bucket.
//! - `intervals`: a day of intervals, validated and put into windows.
//! - `curve`: a day whose use comes from them.
//! - `point`: the rule for one usage point and one day. Pure.
//! - `span`: the same over several days, with gaps filled once the next reading is there.
//! - `run`: the nightly stream over all usage points.
//! - `correct`: late and corrected readings, for the usage points they touch.
//! - `month`: what a bill period's days add up to.
//! - `verify`: the same computation again, compared row by row.
//!
//! A reading belongs to the business day that it closes: one at midnight is the end of the day
//! before ([`business_day`]). Nothing here asks a clock or draws chance.

mod correct;
mod curve;
mod intervals;
mod month;
mod plans;
mod point;
mod reads;
mod run;
mod span;
mod verify;

use std::collections::BTreeMap;

use kernel::{Date, Instant, Zone};
use metering::vee::{DayUse, Finding, RuleHits, RuleSet, findings_of_day};
use tariff::{Library, Weather};

pub use correct::{compact_state, resettle};
pub use month::{CellGroup, MonthPoint, PointWithDays, month_of_point, month_points};
pub(crate) use run::overlay;
pub use run::settle_day;
pub use verify::{DayDifference, VerifiedDay, verify_days};

use crate::{LakeError, Manifest, tables::StateRow};

/// How many days the usual use of a kind of day remembers.
pub const HISTORY_DAYS: i64 = 30;
/// How many days of history a check against the usual use needs.
pub const HISTORY_NEEDED: i64 = 3;

/// The business day that a reading closes: the local date of the moment just before it.
#[must_use]
pub fn business_day(zone: &Zone, at: Instant) -> Date {
    zone.date_of(Instant::from_micros(at.micros().saturating_sub(1)))
}

/// The rules of a run.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The plans; a terms row names one by its place.
    pub library: &'a Library,
    /// Measured temperatures, for windows that depend on them.
    pub weather: &'a Weather,
    /// The thresholds of the checks.
    pub vee: &'a RuleSet,
}

/// The files of one day that count.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayFiles {
    /// The terms in force: the latest written on or before the day. `None`: nobody is supplied.
    pub terms: Option<String>,
    /// Register readings, in any order.
    pub readings: Vec<String>,
    /// Intervals, in any order.
    pub intervals: Vec<String>,
    /// The state, lowest version first; empty when the day is not settled.
    pub state: Vec<String>,
    /// Whether people rest on this day (weekend or holiday): for the usual use.
    pub rest_day: bool,
}

/// Names the files of any day: kept in SQL by the caller.
pub trait Catalogue {
    /// The files of a day; empty where there is nothing.
    ///
    /// # Errors
    /// When the catalogue cannot be read.
    fn files(&self, day: Date) -> Result<DayFiles, LakeError>;
}

/// A catalogue in memory, for whole periods read at once and for tests.
impl Catalogue for BTreeMap<Date, DayFiles> {
    fn files(&self, day: Date) -> Result<DayFiles, LakeError> {
        Ok(self.get(&day).cloned().unwrap_or_default())
    }
}

/// A catalogue in memory that begins on a day and knows nothing of what was before. To settle
/// with less than the whole past and still never take "not looked up" for "was not there".
#[derive(Debug, Clone, Copy)]
pub struct Reaching<'a> {
    /// The first day that is known.
    pub from: Date,
    /// The days from it on.
    pub days: &'a BTreeMap<Date, DayFiles>,
}

impl Catalogue for Reaching<'_> {
    fn files(&self, day: Date) -> Result<DayFiles, LakeError> {
        if day < self.from { Err(LakeError::OutOfReach(day)) } else { self.days.files(day) }
    }
}

/// What a day adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayTotals {
    /// Usage points settled.
    pub usage_points: u64,
    /// Of these, with an accepted reading (or intervals).
    pub read: u64,
    /// Estimated because nothing was read.
    pub estimated: u64,
    /// Estimated because a check stopped the reading.
    pub held: u64,
    /// Without any reading so far.
    pub unknown: u64,
    /// Use by bucket, µkWh.
    pub used_ukwh: [i64; 5],
    /// Charges, 1e-4 of the currency.
    pub charge_units: i64,
    /// Readings for usage points that have no terms on the day.
    pub stray_readings: u64,
    /// Intervals for usage points that have no terms on the day.
    pub stray_intervals: u64,
    /// Usage points whose plan has no daily charge (it is billed by the month only).
    pub without_daily_charge: u64,
}

/// Reading success of one 台区 on one day: expected is every usage point with terms, received
/// those without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Collection {
    /// Usage points to be read.
    pub expected: i64,
    /// Of them read.
    pub received: i64,
    /// Of the expected, those with a transformer of their own.
    pub dedicated_expected: i64,
    /// Of them read.
    pub dedicated_received: i64,
}

impl DayTotals {
    /// The use of the day in µkWh.
    #[must_use]
    pub fn energy_ukwh(&self) -> i64 {
        self.used_ukwh.iter().sum()
    }
}

/// A finding about one usage point's day, with the numbers that make its sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayException {
    /// The usage point.
    pub usage_point: i64,
    /// Who pays.
    pub account: i64,
    /// The meter.
    pub meter: i64,
    /// The day.
    pub day: Date,
    /// The rules that hit.
    pub hits: RuleHits,
    /// Whether the reading was stopped and the day estimated.
    pub held: bool,
    /// What was compared.
    pub day_use: DayUse,
    /// The register before and after, with its decimals.
    pub registers: Option<(i64, i64, u8)>,
}

impl DayException {
    /// The findings with their numbers, readable in both languages.
    #[must_use]
    pub fn findings(&self, rules: &RuleSet) -> Vec<Finding> {
        findings_of_day(self.hits, &self.day_use, rules, self.registers)
            .into_iter()
            .map(|finding| Finding { on: Some(self.day), ..finding })
            .collect()
    }
}

/// What a correction changed in a settled day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayChange {
    /// The usage point.
    pub usage_point: i64,
    /// The day.
    pub day: Date,
    /// Use before, µkWh.
    pub energy_before_ukwh: i64,
    /// Use after, µkWh.
    pub energy_after_ukwh: i64,
    /// Charge before, 1e-4 of the currency.
    pub charge_before: i64,
    /// Charge after, 1e-4 of the currency.
    pub charge_after: i64,
    /// What else a month's bill is made of, before.
    pub beside_before: Beside,
    /// What else a month's bill is made of, after.
    pub beside_after: Beside,
}

/// What a day measured beside its use: no daily charge shows it, but the month's bill does, by
/// its basic charge and its power factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Beside {
    /// Highest demand, 1e-6 kW.
    pub demand_max_ukw: i64,
    /// Reactive energy forward, µkvarh.
    pub reactive_forward_ukvarh: i64,
    /// Reactive energy reverse, µkvarh.
    pub reactive_reverse_ukvarh: i64,
}

impl Beside {
    /// What a day's state has of it.
    #[must_use]
    pub const fn of(row: &StateRow) -> Self {
        Self {
            demand_max_ukw: row.demand_max_ukw,
            reactive_forward_ukvarh: row.reactive_forward_ukvarh,
            reactive_reverse_ukvarh: row.reactive_reverse_ukvarh,
        }
    }
}

/// What a settled day, or a correction, has made. Nothing counts before the caller has committed
/// the manifests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The files written, by day and version.
    pub files: Vec<Manifest>,
    /// The sums of the day that was settled.
    pub totals: DayTotals,
    /// Findings for people, by usage point and day.
    pub exceptions: Vec<DayException>,
    /// Changes of days that were settled before: true-ups of gaps, late readings.
    pub changes: Vec<DayChange>,
    /// Reading success of the day that was settled, by 台区 (0: none).
    pub collection: BTreeMap<i64, Collection>,
}
