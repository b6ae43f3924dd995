//! [`HourlyForm`]: a plan compiled for rating a year of intervals. Everything that does not
//! depend on the load is worked out once here: which period each hour of each month is in, where
//! the ladders of each month break, and every price as an exact integer.

use kernel::{Currency, DayKind, RoundingMode, div_round};

use super::ladder::{Ladder, is_per_kw, month_limit};
use super::load::DAYS_OF_MONTH;
use super::{Price, ProfileError};
use crate::{
    DaySlots, DemandStep, ExportTerms, FixedPer, Lookback, MAX_BUCKETS, MinimumPer, Plan, Scheme,
    Step, TierBasis, Windows,
};

/// The tiers of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MonthTiers {
    /// Limits in kWh, known before any load.
    Fixed(Ladder),
    /// Limits per kW of billing demand, taken from this column's steps.
    PerKw(usize),
}

/// What a month looks like before any load is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MonthForm {
    /// Days of the month.
    pub days: u8,
    /// Its first day's place in the week, Monday 0.
    pub first_weekday: usize,
    /// The energy period (column of the plan) of each hour, on weekdays and on weekends.
    pub energy_hours: [[u8; 24]; 2],
    /// The demand period of each hour, on weekdays and on weekends.
    pub demand_hours: [[u8; 24]; 2],
    /// Its tiers.
    pub tiers: MonthTiers,
    /// Demand periods that occur in it.
    pub demand_periods: Vec<u8>,
    /// The energy periods of a weekday at 00, 05, 11 and 17 h: surplus of one month rolls over
    /// into the period that the next month has at the same place.
    pub rollover: [u8; 4],
}

impl MonthForm {
    /// The kind of each of its days: 0 a weekday, 1 a weekend.
    pub fn day_kinds(&self) -> impl Iterator<Item = usize> + use<> {
        let first = self.first_weekday;
        (0..usize::from(self.days)).map(move |day| usize::from((first + day) % 7 >= 5))
    }

    /// The demand period of the interval in which the power first reaches `peak_ukw`.
    pub fn demand_period_of(&self, peak_ukw: i64, ticks: &[i64], steps: usize) -> Option<u8> {
        let at = ticks.iter().position(|&v| v == peak_ukw)? / steps;
        let kind = self.day_kinds().nth(at / 24)?;
        self.demand_hours[kind].get(at % 24).copied()
    }

    /// The energy period of each of its hours.
    pub fn columns_by_hour(&self) -> impl Iterator<Item = usize> + '_ {
        self.day_kinds().flat_map(|kind| self.energy_hours[kind]).map(usize::from)
    }
}

/// A plan compiled for rating years of intervals. Make it once, rate many loads.
///
/// The year is the one that US rates are compared on: 365 days, the first of January a Monday,
/// weekend schedules on Saturdays and Sundays, no holidays, local standard time throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourlyForm {
    pub(super) tariff: String,
    pub(super) currency: Currency,
    pub(super) steps: Vec<Vec<Step>>,
    pub(super) keys: Vec<String>,
    pub(super) months: Vec<MonthForm>,
    pub(super) demand: Option<DemandForm>,
    pub(super) fixed: Price,
    pub(super) minimum_of_month: Price,
    pub(super) minimum_of_year: Price,
    pub(super) export: Option<ExportTerms>,
}

/// The demand charges of a plan, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DemandForm {
    /// Steps of each demand period; empty when only the month's peak is charged.
    pub periods: Vec<Vec<DemandStep>>,
    /// Whether only the period of the month's highest peak is charged.
    pub single_peak: bool,
    /// Steps of each month's peak, January first; may be empty.
    pub flat: Vec<Vec<DemandStep>>,
    /// The ratchet.
    pub lookback: Option<Lookback>,
    /// Which periods' peaks the ratchet looks at, and charges.
    pub lookback_periods: Vec<bool>,
}

impl HourlyForm {
    /// Compiles a plan whose energy is priced per bucket ([`Scheme::PerBucket`]).
    ///
    /// # Errors
    /// [`ProfileError::Unsupported`] naming the construct that has no hourly form,
    /// [`ProfileError::Ladder`] for tiers that cannot be climbed.
    pub fn new(plan: &Plan) -> Result<Self, ProfileError> {
        let no = |reason: &str| ProfileError::Unsupported {
            tariff: plan.head.id.clone(),
            reason: reason.to_owned(),
        };
        let [set] = plan.sets.as_slice() else {
            return Err(no("it has several price sets; write one with a ladder per bucket"));
        };
        let Scheme::PerBucket { steps } = &set.scheme else {
            return Err(no("its prices are no ladders per bucket (rate its registers instead)"));
        };
        check_scope(plan).map_err(no)?;
        let demand = demand_form(plan).map_err(no)?;
        let energy_hours = hour_columns(&plan.windows, |b| plan.column_of(b)).map_err(no)?;
        let demand_hours = match &plan.demand.windows {
            Some(windows) => hour_columns(windows, crate::Bucket::index).map_err(no)?,
            None => energy_hours,
        };
        let months = (0..12)
            .map(|m| month_form(plan, steps, m, &energy_hours[m], &demand_hours[m]))
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(form) = &demand {
            let known = |p: &u8| form.periods.is_empty() || usize::from(*p) < form.periods.len();
            if !months.iter().all(|m| m.demand_periods.iter().all(known)) {
                return Err(no("a demand window names a demand period that has no price"));
            }
        }
        let price_of = |per| -> Result<Price, ProfileError> {
            let own = plan.minimums.iter().filter(|m| m.per == per);
            own.map(|m| Price::from_rate(m.rate)).try_fold(Price::ZERO, Price::plus)
        };
        let fixed = plan.fixed.iter().map(|f| Price::from_rate(f.rate));
        Ok(Self {
            tariff: plan.head.id.clone(),
            currency: plan.head.currency,
            steps: steps.clone(),
            keys: plan.buckets.iter().map(|b| b.key.clone()).collect(),
            months,
            demand,
            fixed: fixed.clone().try_fold(Price::ZERO, Price::plus)?,
            minimum_of_month: price_of(MinimumPer::Month)?,
            minimum_of_year: price_of(MinimumPer::Year)?,
            export: plan.export,
        })
    }

    /// The currency of every amount.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The keys of the energy periods, in the order that [`super::EnergyCell::period`] counts.
    #[must_use]
    pub fn period_keys(&self) -> &[String] {
        &self.keys
    }

    pub(super) fn ladder_error(&self, month: usize, reason: String) -> ProfileError {
        ProfileError::Ladder { tariff: self.tariff.clone(), month: month + 1, reason }
    }
}

fn check_scope(plan: &Plan) -> Result<(), &'static str> {
    let rules: [(bool, &'static str); 8] = [
        (plan.tier_basis == TierBasis::Month, "its tiers count a year"),
        (plan.demand.basic.is_none(), "it has a basic charge by capacity or contract"),
        (plan.power_factor.is_none(), "it has a power-factor adjustment"),
        (plan.loss.is_none(), "it bills losses"),
        (plan.surcharges.is_empty(), "it has surcharges per kWh"),
        (plan.components.is_empty(), "its price is printed in components"),
        (plan.fixed.iter().all(|f| f.per == FixedPer::Month), "it has a fixed charge per day"),
        (
            plan.export.is_none_or(|e| (1..=12).contains(&e.true_up_month)),
            "its true-up month is none of 1 to 12",
        ),
    ];
    rules.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, reason)| Err(reason))
}

fn demand_form(plan: &Plan) -> Result<Option<DemandForm>, &'static str> {
    let terms = &plan.demand;
    let flat = match &terms.flat {
        Some(flat) => flat
            .ladder_of_month
            .iter()
            .map(|&at| flat.ladders.get(usize::from(at)).cloned())
            .collect::<Option<Vec<_>>>()
            .ok_or("a month's flat demand names a ladder that is not there")?,
        None => vec![Vec::new(); 12],
    };
    let periods: Vec<_> = terms.periods.iter().map(|p| p.steps.clone()).collect();
    for steps in flat.iter().chain(&periods) {
        let rising = steps.windows(2).all(|w| match (w[0].limit_ukw, w[1].limit_ukw) {
            (Some(low), Some(high)) => 0 < low && low < high,
            (Some(low), None) => 0 < low,
            (None, _) => false,
        });
        if !rising || steps.last().is_some_and(|s| s.limit_ukw.is_some()) {
            return Err("the limits of a demand ladder must rise, and its last step have none");
        }
    }
    let charged = flat.iter().any(|s| !s.is_empty()) || !periods.is_empty();
    if !charged && terms.lookback.is_none() {
        return Ok(None);
    }
    let lookback_periods = (0..periods.len())
        .map(|p| {
            terms.lookback.as_ref().is_some_and(|l| {
                l.periods.is_empty() || l.periods.iter().any(|&n| usize::from(n) == p)
            })
        })
        .collect();
    let (single_peak, lookback) = (terms.single_peak, terms.lookback.clone());
    Ok(Some(DemandForm { periods, single_peak, flat, lookback, lookback_periods }))
}

/// The column of each hour, by month, for weekdays and weekends.
type HourColumns = [[[u8; 24]; 2]; 12];

fn hour_columns(
    windows: &Windows,
    column_of: impl Fn(crate::Bucket) -> usize,
) -> Result<HourColumns, &'static str> {
    if !windows.overrides().is_empty() {
        return Err("its windows change by date, holiday or temperature");
    }
    let mut table = [[[0; 24]; 2]; 12];
    for (month, rows) in (1_u8..).zip(table.iter_mut()) {
        for (row, kind) in rows.iter_mut().zip([DayKind::Working, DayKind::Weekend]) {
            let slots: &DaySlots = windows.base(month, kind);
            for (hour, quarter) in row.iter_mut().zip(slots.as_chunks::<4>().0) {
                if quarter.iter().any(|b| b != &quarter[0]) {
                    return Err("its windows change within an hour");
                }
                *hour = u8::try_from(column_of(quarter[0])).map_err(|_| "too many periods")?;
            }
        }
    }
    Ok(table)
}

fn month_form(
    plan: &Plan,
    steps: &[Vec<Step>],
    month: usize,
    energy: &[[u8; 24]; 2],
    demand: &[[u8; 24]; 2],
) -> Result<MonthForm, ProfileError> {
    let days = DAYS_OF_MONTH[month];
    let present = |rows: &[[u8; 24]; 2]| {
        let mut all: Vec<u8> = rows.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let columns = present(energy);
    let refuse = |reason: String| ProfileError::Ladder {
        tariff: plan.head.id.clone(),
        month: month + 1,
        reason,
    };
    let tiers = month_tiers(steps, &columns, days).map_err(refuse)?;
    // The first of January is a Monday.
    let first_day: usize = DAYS_OF_MONTH[..month].iter().map(|&d| usize::from(d)).sum();
    let rollover = [0, 5, 11, 17].map(|hour| energy[0][hour]);
    Ok(MonthForm {
        days,
        first_weekday: first_day % 7,
        energy_hours: *energy,
        demand_hours: *demand,
        tiers,
        demand_periods: present(demand),
        rollover,
    })
}

fn month_tiers(steps: &[Vec<Step>], columns: &[u8], days: u8) -> Result<MonthTiers, String> {
    let own = |c: u8| steps.get(usize::from(c)).map_or(&[][..], Vec::as_slice);
    let first = usize::from(columns.first().copied().unwrap_or_default());
    let per_kw = |s: &Step| is_per_kw(s.unit);
    if steps.get(first).and_then(|s| s.first()).is_some_and(per_kw) {
        let shape = |s: &Step| (s.limit_e6, s.unit);
        let model: Vec<_> = steps[first].iter().map(shape).collect();
        if columns.iter().any(|&c| own(c).iter().map(shape).ne(model.iter().copied())) {
            return Err("periods with tiers per kW must share one set of limits".to_owned());
        }
        return Ok(MonthTiers::PerKw(first));
    }
    if columns.iter().any(|&c| own(c).iter().any(per_kw)) {
        return Err("tiers per kW must begin with the first tier of the first period".to_owned());
    }
    let mut limits = vec![Vec::new(); steps.len()];
    for &column in columns {
        limits[usize::from(column)] = own(column).iter().map(|s| month_limit(s, days)).collect();
    }
    Ladder::from_limits(&limits).map(MonthTiers::Fixed)
}

impl Lookback {
    /// The billing demand of a month in 1e-6 kW: the least that is billed, the shares of the
    /// peaks that the ratchet still remembers, and this month's own share.
    pub(super) fn billing_demand(
        &self,
        month: usize,
        peaks: &[i64; 12],
        last_year: &[i64; 12],
    ) -> Result<i64, ProfileError> {
        let share = |ukw: i64, ratio: kernel::Ratio| -> Result<i64, ProfileError> {
            let product = i128::from(ukw) * i128::from(ratio.numerator());
            div_round(product, i128::from(ratio.denominator()), RoundingMode::HalfUp)
                .and_then(|v| i64::try_from(v).ok())
                .ok_or(ProfileError::TooLarge { what: "billing demand" })
        };
        let back = usize::from(self.months);
        // Months of last year from December back: one more than the look-back says, as the
        // reference engine counts, January of a ratchet without look-back included; then this
        // year's.
        let earlier = (11 + month).saturating_sub(back).min(12)..12;
        let this_year = month.saturating_sub(back)..month + 1;
        let remembered = |peaks: &[i64; 12], months: std::ops::Range<usize>| {
            let own = peaks[months.clone()].iter().zip(&self.share_of_month[months]);
            own.map(|(&peak, &ratio)| share(peak, ratio)).try_fold(0, |h: i64, p| Ok(h.max(p?)))
        };
        let highest = self
            .minimum_ukw
            .max(remembered(last_year, earlier)?)
            .max(remembered(peaks, this_year)?);
        Ok(highest.max(share(peaks[month], self.own_share_of_month[month])?))
    }
}

/// The largest number of periods that tables by period are sized for.
pub(super) const MAX_PERIODS: usize = MAX_BUCKETS.next_power_of_two();
