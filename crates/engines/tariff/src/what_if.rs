//! What another tariff would have cost on the same history: the comparison that an adviser
//! shows (阶梯 or 峰谷, 容量 or 需量), with both bills of every month as proof.

use kernel::{BusinessCalendar, Date};

use crate::{
    Amount, Bucket, DayPosition, EnergyUse, Entitlement, IntervalUse, MAX_DAILY_BUCKETS,
    MonthFacts, Plan, RatedBill, TariffError, Weather, close_month,
    rate::cells,
    rate::{first_change, next_ladder},
};

/// Energy of a month as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryEnergy {
    /// Registers by bucket; right only under the windows that the meter had.
    Registers([i64; MAX_DAILY_BUCKETS]),
    /// One total; enough for a plan without time of use.
    Total(i64),
    /// Intervals in local time; right under any windows.
    Intervals(Vec<IntervalUse>),
}

/// One month of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryMonth {
    /// The energy.
    pub energy: HistoryEnergy,
    /// The month's facts; its dates are the month's.
    pub facts: MonthFacts,
}

/// One month under both plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIfMonth {
    /// The bill by the first plan.
    pub a: RatedBill,
    /// The bill by the second.
    pub b: RatedBill,
}

/// A history under both plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// Month by month.
    pub months: Vec<WhatIfMonth>,
    /// Σ by the first plan.
    pub total_a: Amount,
    /// Σ by the second plan.
    pub total_b: Amount,
    /// total_b − total_a: negative when the second is cheaper.
    pub difference: Amount,
}

/// What dates mean for windows: calendars and temperatures.
#[derive(Debug, Clone, Copy)]
pub struct Almanac<'a> {
    /// The business calendar.
    pub calendar: &'a BusinessCalendar,
    /// Measured temperatures.
    pub weather: &'a Weather,
}

/// Rates the same months by two plans. Year-to-date use is counted from the first month of the
/// history, and again from each 1 January.
///
/// # Errors
/// [`TariffError::FactMissing`] when a plan needs buckets that the history does not tell, else
/// as [`close_month`].
pub fn what_if(
    a: &Plan,
    b: &Plan,
    history: &[HistoryMonth],
    entitlement: &Entitlement,
    almanac: Almanac<'_>,
) -> Result<WhatIf, TariffError> {
    let bills_a = rate_history(a, history, entitlement, almanac)?;
    let bills_b = rate_history(b, history, entitlement, almanac)?;
    let total_a = Amount::sum(bills_a.iter().map(|bill| bill.total))?;
    let total_b = Amount::sum(bills_b.iter().map(|bill| bill.total))?;
    let months = bills_a.into_iter().zip(bills_b).map(|(a, b)| WhatIfMonth { a, b }).collect();
    Ok(WhatIf { months, total_a, total_b, difference: total_b.minus(total_a)? })
}

/// Rates months in order by one plan.
///
/// # Errors
/// As [`what_if`].
pub fn rate_history(
    plan: &Plan,
    history: &[HistoryMonth],
    entitlement: &Entitlement,
    almanac: Almanac<'_>,
) -> Result<Vec<RatedBill>, TariffError> {
    let mut bills = Vec::with_capacity(history.len());
    let mut ytd_ukwh = 0_i64;
    let mut year = history.first().map(|m| m.facts.from.year());
    for month in history {
        if year != Some(month.facts.from.year()) {
            (year, ytd_ukwh) = (Some(month.facts.from.year()), 0);
        }
        let parts = month_parts(plan, month, ytd_ukwh, almanac)?;
        let mut groups = Vec::with_capacity(parts.len());
        for part in &parts {
            groups.push(cells(plan, part, entitlement)?);
            ytd_ukwh = part
                .by_bucket
                .iter()
                .try_fold(ytd_ukwh, |sum, e| sum.checked_add(*e))
                .ok_or(kernel::QuantityError::Overflow("year-to-date energy"))?;
        }
        bills.push(close_month(&groups, None, &month.facts)?);
    }
    Ok(bills)
}

/// The parts of a month between changes of price set. Only intervals can be cut there.
fn month_parts(
    plan: &Plan,
    month: &HistoryMonth,
    ytd_ukwh: i64,
    almanac: Almanac<'_>,
) -> Result<Vec<EnergyUse>, TariffError> {
    let (from, to) = (month.facts.from, month.facts.to);
    let before = DayPosition { ytd_ukwh, mtd_ukwh: 0 };
    let whole = |by_bucket| Ok(vec![EnergyUse { from, to, by_bucket, before }]);
    match &month.energy {
        HistoryEnergy::Registers(by_bucket) => whole(*by_bucket),
        HistoryEnergy::Total(total) if plan.buckets.len() == 1 => {
            let mut by_bucket = [0; MAX_DAILY_BUCKETS];
            by_bucket[Bucket::FLAT.index()] = *total;
            whole(by_bucket)
        }
        HistoryEnergy::Total(_) => Err(TariffError::FactMissing {
            what: "use by time of use",
            hint: "registers by bucket, or better intervals: a total cannot tell peak from valley",
        }),
        HistoryEnergy::Intervals(intervals) => {
            interval_parts(plan, (from, to), before, intervals, almanac)
        }
    }
}

/// Intervals of a period as parts by price set, in order of time.
///
/// # Errors
/// As [`crate::Windows::rebucket`]; [`TariffError::Usage`] for intervals outside the period.
pub fn interval_parts(
    plan: &Plan,
    (from, to): (Date, Date),
    before: DayPosition,
    intervals: &[IntervalUse],
    almanac: Almanac<'_>,
) -> Result<Vec<EnergyUse>, TariffError> {
    const OVER: kernel::QuantityError = kernel::QuantityError::Overflow("energy");
    let days = plan.windows.rebucket(intervals, almanac.calendar, almanac.weather)?;
    if let Some(stray) = days.keys().find(|day| **day < from || **day >= to) {
        let reason = format!("an interval on {stray} lies outside {from} to {to}");
        return Err(TariffError::Usage { reason });
    }
    let mut parts = Vec::new();
    let (mut start, mut before) = (from, before);
    while start < to {
        let anew = next_ladder(plan, from, start).unwrap_or(to);
        let end = first_change(plan, start, to).unwrap_or(to).min(anew);
        let mut by_bucket = [0_i64; MAX_DAILY_BUCKETS];
        for (_, day) in days.range(start..end) {
            for (total, energy) in by_bucket.iter_mut().zip(day) {
                *total = total.checked_add(*energy).ok_or(OVER)?;
            }
        }
        parts.push(EnergyUse { from: start, to: end, by_bucket, before });
        let used = by_bucket.iter().try_fold(0_i64, |sum, e| sum.checked_add(*e)).ok_or(OVER)?;
        before.ytd_ukwh = before.ytd_ukwh.checked_add(used).ok_or(OVER)?;
        before.mtd_ukwh = before.mtd_ukwh.checked_add(used).ok_or(OVER)?;
        if end == anew {
            before = DayPosition::default();
        }
        start = end;
    }
    Ok(parts)
}
