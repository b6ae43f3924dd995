//! A meter that was tested and found wrong (计量误差退补): which days are corrected, how much energy
//! they have too much or too little, and at which prices of their time. Pure; the numbers of the
//! law are in `rules/meter_doubt.toml`.

use jiff::ToSpan;
use kernel::{Date, Energy, QuantityError, Ratio};
use lake::tables::StateRow;
use metering::consumption::share_out;
use serde::Deserialize;
use tariff::{
    AdjustedEnergy, CellKind, DayPosition, Entitlement, Label, Library, Plan, TierBasis, adjust,
    text::{format_percent, format_ratio},
};

use crate::billing::BillingError;

/// What a meter beyond its class is corrected by, from `rules/meter_doubt.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeterDoubtRules {
    /// Where the rule comes from.
    pub source: String,
    /// The part of the time since the last test or installation that is corrected.
    pub share_of_time: Ratio,
    /// The step that the energy is rounded to, µkWh.
    pub step_ukwh: i64,
}

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeterTest {
    /// The meter's relative error: +3.2 % counts too much.
    pub error: Ratio,
    /// When it was tested or installed before.
    pub since: Date,
    /// The day of the test.
    pub tested_on: Date,
}

/// What follows from a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterRefund {
    /// First day that is corrected.
    pub from: Date,
    /// First day after.
    pub to: Date,
    /// What was billed for these days, µkWh.
    pub billed_ukwh: i64,
    /// Of it too much; negative when too little was billed, µkWh.
    pub over_ukwh: i64,
    /// The lines of a bill that put it right.
    pub lines: Vec<AdjustedEnergy>,
}

/// The days that a test corrects: the later part of the time since the last one.
///
/// # Errors
/// [`BillingError::Period`] when the test does not lie after it.
pub fn corrected_days(
    rules: &MeterDoubtRules,
    test: &MeterTest,
) -> Result<(Date, Date), BillingError> {
    let (from, to) = (test.since, test.tested_on);
    let wrong = |reason| BillingError::Period { from, to, reason };
    let days = (to - from).get_days();
    if days <= 0 {
        return Err(wrong("the test lies after the last test or the installation"));
    }
    let share = rules.share_of_time;
    let part = kernel::div_round(
        i128::from(days) * i128::from(share.numerator()),
        i128::from(share.denominator()),
        kernel::RoundingMode::Up,
    );
    let part = part.and_then(|days| i64::try_from(days).ok()).ok_or_else(|| wrong("too long"))?;
    Ok((to.checked_sub(part.days()).map_err(|_| wrong("too long"))?, to))
}

/// The energy that days have too much, and its prices: it is taken off the top of the ladder of
/// its time, so the last tier that was reached is refunded first.
///
/// # Errors
/// [`BillingError::NoDays`], [`BillingError::NoPlan`], [`BillingError::Tariff`].
pub fn meter_refund(
    rules: &MeterDoubtRules,
    test: &MeterTest,
    (library, entitlement): (&Library, &dyn Fn(Date) -> Result<Entitlement, BillingError>),
    days: &[(Date, StateRow)],
) -> Result<MeterRefund, BillingError> {
    let (from, to) = corrected_days(rules, test)?;
    let parts = parts(library, days)?;
    let billed: Vec<i64> = parts.iter().map(|part| part.used.iter().sum()).collect();
    let billed_ukwh = sum(&billed)?;
    if billed_ukwh <= 0 {
        return Err(BillingError::NoDays);
    }
    let over =
        adjust::meter_error_energy(Energy::from_ukwh(billed_ukwh), test.error, rules.step_ukwh)?;
    let mut lines = Vec::new();
    let (mut ladder, mut refunded) = (None, 0_i64);
    for (part, over) in parts.iter().zip(share_out(over.ukwh(), &billed)) {
        if ladder != Some(part.ladder) {
            (ladder, refunded) = (Some(part.ladder), 0);
        }
        part.lines((rules, test), (entitlement(part.from)?, refunded), over, &mut lines)?;
        refunded = refunded.checked_add(over).ok_or(OVER)?;
    }
    Ok(MeterRefund { from, to, billed_ukwh, over_ukwh: over.ukwh(), lines })
}

const OVER: QuantityError = QuantityError::Overflow("refunded energy");

fn sum(parts: &[i64]) -> Result<i64, QuantityError> {
    parts.iter().try_fold(0_i64, |sum, part| sum.checked_add(*part)).ok_or(OVER)
}

/// Days of one price set on one ladder.
struct Part<'a> {
    plan: &'a Plan,
    set: usize,
    /// The year, or the month of it, whose ladder these days climb.
    ladder: (i16, i8),
    from: Date,
    last: Date,
    before: DayPosition,
    used: [i64; 5],
}

fn parts<'a>(
    library: &'a Library,
    days: &[(Date, StateRow)],
) -> Result<Vec<Part<'a>>, BillingError> {
    let mut parts: Vec<(i32, Part<'a>)> = Vec::new();
    for (day, row) in days {
        let plan = usize::try_from(row.plan).ok().and_then(|index| library.plan(index));
        let plan = plan.ok_or(BillingError::NoPlan(row.plan))?;
        let month = if plan.tier_basis == TierBasis::Year { 0 } else { day.month() };
        let (ladder, set) = ((day.year(), month), usize::from(row.set));
        let same =
            |part: &(i32, Part<'_>)| (part.0, part.1.set, part.1.ladder) == (row.plan, set, ladder);
        if !parts.last().is_some_and(same) {
            let used = row.day_ukwh();
            let before =
                DayPosition { ytd_ukwh: row.ytd_ukwh - used, mtd_ukwh: row.mtd_ukwh - used };
            let (from, last) = (*day, *day);
            parts.push((row.plan, Part { plan, set, ladder, from, last, before, used: [0; 5] }));
        }
        if let Some((_, part)) = parts.last_mut() {
            part.last = *day;
            for (sum, used) in part.used.iter_mut().zip(row.used) {
                *sum = sum.checked_add(used).ok_or(OVER)?;
            }
        }
    }
    Ok(parts.into_iter().map(|(_, part)| part).collect())
}

impl Part<'_> {
    /// The lines that take `over` off these days, after `refunded` was taken off earlier days of
    /// the same ladder.
    fn lines(
        &self,
        (rules, test): (&MeterDoubtRules, &MeterTest),
        (entitlement, refunded): (Entitlement, i64),
        over: i64,
        lines: &mut Vec<AdjustedEnergy>,
    ) -> Result<(), BillingError> {
        let form = self.plan.daily(self.set)?;
        let limits = form.limits(&entitlement)?;
        let mut right = self.used;
        for (used, over) in right.iter_mut().zip(share_out(over, &self.used)) {
            *used = used.checked_sub(over).ok_or(OVER)?;
        }
        let was = form.split(&limits, self.before, &self.used)?;
        let before = DayPosition {
            ytd_ukwh: self.before.ytd_ukwh - refunded,
            mtd_ukwh: self.before.mtd_ukwh - refunded,
        };
        let is = form.split(&limits, before, &right)?;
        for ((cell, was), is) in form.cells().iter().zip(was).zip(is) {
            let energy_ukwh = is.checked_sub(was).ok_or(OVER)?;
            if energy_ukwh == 0 {
                continue;
            }
            let (key, zh, en) = self.words(cell.kind);
            let error = percent(test.error);
            let share = format_ratio(rules.share_of_time);
            let head = &self.plan.head;
            lines.push(AdjustedEnergy {
                key: format!("meter_error.{}.{key}", self.from),
                label: Label::new(
                    format!("计量误差退补（误差{error}，自{}起时间的{share}）{zh}", test.since),
                    format!("meter error {error} ({share} of the time since {}) {en}", test.since),
                ),
                energy_ukwh,
                rate: cell.rate,
                from: self.from,
                to: self.last.tomorrow().unwrap_or(self.last),
                source: format!("{}; {} [{:?}]", rules.source, head.decree, head.confidence),
            });
        }
        Ok(())
    }

    /// A cell as part of a key, and in both languages.
    fn words(&self, kind: CellKind) -> (String, String, String) {
        match kind {
            CellKind::Base { tier, column } => {
                let def = &self.plan.buckets[usize::from(column)];
                match tier {
                    0 => (def.key.clone(), def.label.zh.clone(), def.label.en.clone()),
                    tier => (
                        format!("{}.tier{tier}", def.key),
                        format!("第{tier}档{}", def.label.zh),
                        format!("tier {tier} {}", def.label.en),
                    ),
                }
            }
            CellKind::Adder { tier } => {
                (format!("tier{tier}"), format!("第{tier}档加价"), format!("tier {tier} adder"))
            }
            CellKind::Surcharge { index } => {
                let surcharge = &self.plan.surcharges[usize::from(index)];
                let (zh, en) = (surcharge.label.zh.clone(), surcharge.label.en.clone());
                (format!("surcharge.{}", surcharge.key), zh, en)
            }
            CellKind::FreeQuota => {
                ("free_quota".to_owned(), "免费电量".to_owned(), "free quota".to_owned())
            }
        }
    }
}

/// An error with its sign: +3.2%.
fn percent(error: Ratio) -> String {
    let sign = if error > Ratio::ZERO { "+" } else { "" };
    format!("{sign}{}", format_percent(error))
}

#[cfg(test)]
mod tests {
    use tariff::{bundled, text::parse_ratio};

    use super::*;

    fn rules() -> MeterDoubtRules {
        MeterDoubtRules {
            source: "test".to_owned(),
            share_of_time: Ratio::new(1, 2).unwrap(),
            step_ukwh: 10_000,
        }
    }

    fn test(error: &str) -> MeterTest {
        let (since, tested_on) = (Date::constant(2025, 6, 1), Date::constant(2026, 3, 28));
        MeterTest { error: parse_ratio(error).unwrap(), since, tested_on }
    }

    /// 75 days of 32 kWh, 2 400 in all, on the Zhejiang ladder of a year that stood at `before`.
    fn days(plan: i32, before: i64) -> Vec<(Date, StateRow)> {
        let first = Date::constant(2026, 1, 1);
        let day = |n: i32| {
            let used = [0, 0, 32_000_000, 0, 0];
            let ytd_ukwh = before + i64::from(n + 1) * 32_000_000;
            let row = StateRow { plan, used, ytd_ukwh, mtd_ukwh: ytd_ukwh, ..StateRow::default() };
            (first.checked_add(n.days()).unwrap(), row)
        };
        (0..75).map(day).collect()
    }

    fn refund(error: &str, before_kwh: i64) -> MeterRefund {
        let library = bundled::library().unwrap();
        let plan =
            library.plans().iter().position(|plan| plan.head.id == "zhejiang/residential").unwrap();
        let days = days(i32::try_from(plan).unwrap(), before_kwh * 1_000_000);
        let all = |_| Ok(Entitlement::default());
        meter_refund(&rules(), &test(error), (&library, &all), &days).unwrap()
    }

    /// Story T-09 and domain 2.4: +3.2 % of 2 400 kWh are 74.42 kWh, at the prices of their tier.
    #[test]
    fn a_fast_meter_is_refunded_off_the_top_of_the_ladder() {
        let told = |refund: &MeterRefund| -> Vec<(i64, String)> {
            refund.lines.iter().map(|line| (line.energy_ukwh, line.rate.to_string())).collect()
        };
        let low = refund("3.2%", 0);
        assert_eq!((low.billed_ukwh, low.over_ukwh), (2_400_000_000, 74_420_000));
        assert_eq!(told(&low), [(-74_420_000, "0.538".to_owned())]);
        assert_eq!(told(&refund("3.2%", 2_500)), [(-74_420_000, "0.838".to_owned())]);
        // 2 430 kWh before: 30 kWh of the refund lie in the third tier, the rest in the second.
        let both = [(-44_420_000, "0.588".to_owned()), (-30_000_000, "0.838".to_owned())];
        assert_eq!(told(&refund("3.2%", 2_430)), both);
        let slow = refund("-3.2%", 0);
        assert_eq!(told(&slow), [(79_340_000, "0.538".to_owned())], "a slow meter owes");
        assert!(low.lines[0].label.zh.contains("+3.2%"), "{}", low.lines[0].label.zh);
    }

    #[test]
    fn half_of_the_time_before_the_test_is_corrected() {
        let days = corrected_days(&rules(), &test("3.2%")).unwrap();
        assert_eq!(days, (Date::constant(2025, 10, 29), Date::constant(2026, 3, 28)));
        let early = MeterTest { tested_on: Date::constant(2025, 6, 1), ..test("1%") };
        assert!(corrected_days(&rules(), &early).is_err());
    }
}
