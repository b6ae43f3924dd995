//! Small computations that an adviser shows beside a bill: average price, break-even use, the
//! capacitors that a power factor needs and what they earn.

use kernel::{Energy, Money, QuantityError, Rate, Reactive, RoundingMode, div_round};

use crate::{Amount, Arithmetic, LineKind, Plan, RatedBill, TariffError};

/// What capacitors would change about a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerFactorAdvice {
    /// Capacitors in kvar, in whole steps of what is sold, running all hours of the month.
    pub kvar: i64,
    /// The power factor that they bring, in hundredths: the least that earns the most.
    pub target: u8,
    /// The adjustment that was billed.
    pub now: Amount,
    /// What it would have been.
    pub then: Amount,
}

/// The capacitors that bring a billed month to the best step of its power-factor table; none when
/// it is there already, or is not adjusted by power factor.
///
/// # Errors
/// [`TariffError::Quantity`] on overflow.
pub fn power_factor_advice(
    plan: &Plan,
    bill: &RatedBill,
    (active, reactive): (Energy, Reactive),
    (hours, step_kvar): (u32, i64),
) -> Result<Option<PowerFactorAdvice>, TariffError> {
    let line = bill.lines.iter().find(|line| line.kind == LineKind::PowerFactor);
    let (Some(rule), Some(line)) = (&plan.power_factor, line) else { return Ok(None) };
    let Arithmetic::Percent { base, .. } = &line.arithmetic else { return Ok(None) };
    let best = rule.table.at(100);
    let target = (1..=100).find(|h| rule.table.at(*h) == best).unwrap_or(100);
    let least = capacitors_kvar(active, reactive, target, hours)?;
    if least == 0 || step_kvar <= 0 {
        return Ok(None);
    }
    let steps = least.checked_add(step_kvar - 1).map(|kvar| kvar / step_kvar);
    let kvar = steps.and_then(|steps| steps.checked_mul(step_kvar));
    let kvar = kvar.ok_or(QuantityError::Overflow("kvar"))?;
    let then = Arithmetic::Percent { base: base.clone(), percent: best };
    let then = then.amount(bill.currency, line.rounding)?;
    Ok(Some(PowerFactorAdvice { kvar, target, now: line.amount, then }))
}

/// The average price per kWh, to 1e-8; `None` without energy.
///
/// # Errors
/// [`QuantityError::Overflow`].
pub fn average_price(total: Money, energy: Energy) -> Result<Option<Rate>, QuantityError> {
    if energy.ukwh() == 0 {
        return Ok(None);
    }
    // 1e-4 yuan / 1e-6 kWh = 100 yuan/kWh, in units of 1e-8.
    let e8 = i128::from(total.units())
        .checked_mul(10_000_000_000)
        .and_then(|n| div_round(n, i128::from(energy.ukwh()), RoundingMode::HalfUp))
        .and_then(|v| i64::try_from(v).ok())
        .ok_or(QuantityError::Overflow("average price"))?;
    Ok(Some(Rate::from_e8(e8)))
}

/// The use at which a fixed amount plus a price per kWh comes to a target average price.
///
/// # Errors
/// [`QuantityError::DivisionByZero`] when the target is not above the price.
pub fn energy_for_average(fixed: Money, rate: Rate, target: Rate) -> Result<Energy, QuantityError> {
    let margin = i128::from(target.e8()) - i128::from(rate.e8());
    if margin <= 0 {
        return Err(QuantityError::DivisionByZero("the target is not above the price"));
    }
    let ukwh = i128::from(fixed.units())
        .checked_mul(10_000_000_000)
        .and_then(|n| div_round(n, margin, RoundingMode::HalfUp))
        .and_then(|v| i64::try_from(v).ok());
    ukwh.map(Energy::from_ukwh).ok_or(QuantityError::Overflow("energy"))
}

/// The most reactive energy at which the power factor, unrounded, still reaches a target in
/// hundredths: Q ≤ P·√(1/t² − 1).
///
/// # Errors
/// [`QuantityError::Overflow`]; a target of 0 or above 100 is out of range.
pub fn reactive_allowed(active: Energy, target: u8) -> Result<Reactive, QuantityError> {
    if !(1..=100).contains(&target) {
        return Err(QuantityError::Overflow("power factor"));
    }
    let t2 = i128::from(target) * i128::from(target);
    let p = i128::from(active.ukwh());
    let square = p.checked_mul(p).and_then(|p2| p2.checked_mul(10_000 - t2));
    let square = square.ok_or(QuantityError::Overflow("power factor"))? / t2;
    let root = i64::try_from(square.isqrt()).map_err(|_| QuantityError::Overflow("kvarh"))?;
    Ok(Reactive::from_ukvarh(root))
}

/// The capacitors, in whole kvar rounded up, that bring a month's power factor to a target when
/// they run all its hours; 0 when it is reached already.
///
/// # Errors
/// As [`reactive_allowed`]; a month without hours.
pub fn capacitors_kvar(
    active: Energy,
    reactive: Reactive,
    target: u8,
    hours: u32,
) -> Result<i64, QuantityError> {
    let excess = reactive.checked_sub(reactive_allowed(active, target)?)?.ukvarh().max(0);
    let per_hour = i128::from(hours) * 1_000_000;
    let kvar = div_round(i128::from(excess), per_hour, RoundingMode::Up);
    let kvar = kvar.ok_or(QuantityError::DivisionByZero("hours"))?;
    i64::try_from(kvar).map_err(|_| QuantityError::Overflow("kvar"))
}
