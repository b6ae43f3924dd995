//! Small computations that an adviser shows beside a bill: average price, break-even use, and
//! the capacitors that a power factor needs.

use kernel::{Energy, Money, QuantityError, Rate, Reactive, RoundingMode, div_round};

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
