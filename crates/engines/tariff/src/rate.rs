//! The scalar form: the use of a period, or of several parts with a tariff version each, into a
//! bill. Seasons that change inside a part are refused: split the part where prices change.

use jiff::Span;
use kernel::Date;

use crate::{
    CellGroup, EnergyUse, Entitlement, MonthFacts, Plan, RatedBill, TariffError, TierBasis, Usage,
    close_month,
};

/// Rates one period by one plan.
///
/// # Errors
/// As [`rate_parts`].
pub fn rate(plan: &Plan, usage: &Usage) -> Result<RatedBill, TariffError> {
    rate_parts(&[(plan, usage.energy)], &usage.entitlement, &usage.facts)
}

/// Rates a bill whose energy is given in parts, each by its own plan version, in order of time.
///
/// # Errors
/// [`TariffError::Usage`] when a part crosses a change of price set, has negative use, or parts
/// overlap; else as [`close_month`].
pub fn rate_parts(
    parts: &[(&Plan, EnergyUse)],
    entitlement: &Entitlement,
    facts: &MonthFacts,
) -> Result<RatedBill, TariffError> {
    let mut groups = Vec::with_capacity(parts.len());
    for (plan, energy) in parts {
        groups.push(cells(plan, energy, entitlement)?);
    }
    if let Some(pair) = groups.windows(2).find(|w| w[0].to > w[1].from) {
        let reason = format!("the parts from {} and {} overlap", pair[0].from, pair[1].from);
        return Err(TariffError::Usage { reason });
    }
    close_month(&groups, None, facts)
}

/// The cells of a part.
///
/// # Errors
/// As [`rate_parts`].
pub fn cells<'a>(
    plan: &'a Plan,
    energy: &EnergyUse,
    entitlement: &Entitlement,
) -> Result<CellGroup<'a>, TariffError> {
    let set = plan.set_on(energy.from);
    if let Some(date) = first_change(plan, energy.from, energy.to) {
        let reason = format!(
            "tariff {}: prices change on {date}; give the use before and from then apart",
            plan.head.id
        );
        return Err(TariffError::Usage { reason });
    }
    let form = plan.daily(set)?;
    let limits = form.limits(entitlement)?;
    let cells_ukwh = form.split(&limits, energy.before, &energy.by_bucket)?;
    Ok(CellGroup { plan, set, from: energy.from, to: energy.to, cells_ukwh })
}

/// The first day in the period on which another price set applies than on its first day.
#[must_use]
pub fn first_change(plan: &Plan, from: Date, to: Date) -> Option<Date> {
    if plan.sets.len() == 1 {
        return None;
    }
    let set = plan.set_on(from);
    let mut day = from;
    while day < to {
        if plan.set_on(day) != set {
            return Some(day);
        }
        day = day.tomorrow().ok()?;
    }
    None
}

/// The next day after `after` on which a plan's ladder starts anew: the first of January for one
/// that counts a year, else the day on which the next bill month begins; bill months are counted
/// from `from`.
#[must_use]
pub fn next_ladder(plan: &Plan, from: Date, after: Date) -> Option<Date> {
    match plan.tier_basis {
        TierBasis::Year => Date::new(after.year().checked_add(1)?, 1, 1).ok(),
        TierBasis::Month => (1_i32..)
            .map_while(|n| from.checked_add(Span::new().try_months(n).ok()?).ok())
            .find(|start| *start > after),
    }
}
