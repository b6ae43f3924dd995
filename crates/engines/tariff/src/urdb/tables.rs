//! The common middle of both US formats: schedules and ladders, on their way into a [`Plan`].

use kernel::{Currency, Date, DatePeriod, Rate, Rounding};

use super::UrdbError;
use crate::profile::{Decimal, Price};
use crate::{
    Allowances, Bucket, BucketDef, Confidence, DemandPeriod, DemandStep, DemandTerms, ExportTerms,
    FixedCharge, FixedPer, FlatDemand, Label, Lookback, MAX_BUCKETS, Minimum, MinimumPer, Plan,
    PlanHead, PlanParts, RateSet, RoundingTerms, Scheme, SeasonDays, Step, TierBasis, Windows,
};

/// Limits from here on mean "no limit": a billion megawatt-hours, or kilowatts.
const ENDLESS: i128 = 1_000_000_000_000;

/// The period of each hour, by month, January first.
pub(super) type Schedule = [[u8; 24]; 12];

/// What a rate is called and where it comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    pub id: String,
    pub name: String,
    pub region: String,
    pub class: String,
    pub decree: String,
    pub source: String,
    pub valid: Option<DatePeriod>,
}

/// A US rate, with every period numbered from 0.
#[derive(Debug, Clone, Default)]
pub(super) struct RateTables {
    pub origin: Origin,
    /// Weekdays, weekends.
    pub energy_schedules: [Schedule; 2],
    /// The number that the file gives each energy period, and its ladder.
    pub energy: Vec<(i64, Vec<Step>)>,
    pub demand_schedules: Option<[Schedule; 2]>,
    pub demand: Vec<Vec<DemandStep>>,
    pub single_peak: bool,
    pub flat: Option<FlatDemand>,
    pub lookback: Option<Lookback>,
    pub fixed_per_month: Price,
    pub minimum_per_month: Price,
    pub minimum_per_year: Price,
    pub export: Option<ExportTerms>,
}

impl RateTables {
    /// Makes the plan; `text` is the file, for its hash.
    pub fn into_plan(self, text: &str) -> Result<Plan, UrdbError> {
        let buckets = self
            .energy
            .iter()
            .zip(0_u8..)
            .map(|((number, _), at)| BucketDef {
                bucket: Bucket(at),
                key: format!("p{number}"),
                label: Label::new(format!("时段 {number}"), format!("period {number}")),
            })
            .collect();
        let [weekday, weekend] = &self.energy_schedules;
        let steps = self.energy.into_iter().map(|(_, steps)| steps).collect();
        let set = RateSet {
            label: Label::default(),
            days: SeasonDays::all_year(),
            scheme: Scheme::PerBucket { steps },
        };
        let demand = DemandTerms {
            basic: None,
            windows: self.demand_schedules.map(|[wd, we]| Windows::from_hours(&wd, &we)),
            periods: self.demand.into_iter().map(|steps| DemandPeriod { steps }).collect(),
            single_peak: self.single_peak,
            flat: self.flat,
            lookback: self.lookback,
        };
        let minimums = [
            (self.minimum_per_month, MinimumPer::Month),
            (self.minimum_per_year, MinimumPer::Year),
        ];
        let minimums = minimums
            .into_iter()
            .filter(|(price, _)| *price != Price::ZERO)
            .map(|(price, per)| Ok(Minimum { rate: price.rate()?, per }))
            .collect::<Result<_, UrdbError>>()?;
        Ok(Plan::new(PlanParts {
            head: head(self.origin, text),
            buckets,
            windows: Windows::from_hours(weekday, weekend),
            sets: vec![set],
            tier_basis: TierBasis::Month,
            allowances: Allowances {
                family_extension: None,
                free_quota: None,
                free_quota_rate: Rate::ZERO,
            },
            demand,
            power_factor: None,
            loss: None,
            components: Vec::new(),
            surcharges: Vec::new(),
            fixed: fixed(self.fixed_per_month)?,
            minimums,
            rounding: RoundingTerms {
                line: Rounding::FEN,
                daily: Rounding::FEN,
                energy_total: None,
            },
            export: self.export,
        })?)
    }
}

fn head(origin: Origin, text: &str) -> PlanHead {
    let year_one = Date::constant(1970, 1, 1);
    PlanHead {
        id: origin.id,
        name: Label::new(origin.name.clone(), origin.name),
        region: origin.region,
        class: origin.class,
        currency: Currency::Usd,
        time_zone: "Etc/UTC".to_owned(), // the format gives no zone: hours are local already
        calendar: None,
        decree: origin.decree,
        source: origin.source,
        confidence: Confidence::V2,
        valid: origin.valid.unwrap_or_else(|| DatePeriod::since(year_one)),
        document_hash: crate::compile::hash_text(text),
    }
}

fn fixed(per_month: Price) -> Result<Vec<FixedCharge>, UrdbError> {
    if per_month == Price::ZERO {
        return Ok(Vec::new());
    }
    Ok(vec![FixedCharge {
        key: "fixed".to_owned(),
        label: Label::new("固定费", "fixed charge"),
        rate: per_month.rate()?,
        per: FixedPer::Month,
        prorated: false,
    }])
}

/// A tier's upper limit in millionths; `None` for "no limit".
pub(super) fn limit_e6(place: &str, value: Decimal) -> Result<Option<i64>, UrdbError> {
    if value.is_negative() {
        return Err(UrdbError::value(place, format!("{value} is no limit: it must be positive")));
    }
    match value.scaled(6) {
        Some(e6) if e6 < ENDLESS * 1_000_000 => Ok(i64::try_from(e6).ok()),
        _ => Ok(None),
    }
}

/// Checks that the last step of a ladder has no limit: what is above it would have no price.
pub(super) fn check_open_end(place: &str, last_limit_e6: Option<i64>) -> Result<(), UrdbError> {
    match last_limit_e6 {
        None => Ok(()),
        Some(limit) => {
            let limit = kernel::format_decimal(i128::from(limit), 6, 0);
            let reason = format!(
                "the last tier ends at {limit} and what is above has no price: remove its limit or add a tier"
            );
            Err(UrdbError::value(place, reason))
        }
    }
}

/// Reads a 12 × 24 schedule; `place_of` finds the place of the period that a cell names.
pub(super) fn schedule(
    name: &str,
    rows: &[Vec<Decimal>],
    place_of: impl Fn(i64) -> Option<usize>,
) -> Result<Schedule, UrdbError> {
    if rows.len() != 12 {
        let reason = format!("{} rows: a schedule has 12, one for each month", rows.len());
        return Err(UrdbError::value(name, reason));
    }
    let mut schedule = [[0; 24]; 12];
    for (m, (row, out)) in rows.iter().zip(&mut schedule).enumerate() {
        if row.len() != 24 {
            let reason = format!("{} values: a month has 24, one for each hour", row.len());
            return Err(UrdbError::value(format!("{name}[{m}]"), reason));
        }
        for (h, (cell, out)) in row.iter().zip(out).enumerate() {
            let place = cell.integer().and_then(&place_of);
            let place = place.filter(|&p| p < MAX_BUCKETS).and_then(|p| u8::try_from(p).ok());
            *out = place.ok_or_else(|| {
                let reason = format!("period {cell} is in the schedule but has no price");
                UrdbError::value(format!("{name}[{m}][{h}]"), reason)
            })?;
        }
    }
    Ok(schedule)
}

/// A price, with its place for the message.
pub(super) fn price(place: &str, value: Decimal) -> Result<Price, UrdbError> {
    Price::from_decimal(value).map_err(|e| UrdbError::value(place, e.to_string()))
}
