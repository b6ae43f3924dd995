//! Corrections of energy and bills that the trade computes by rule: meter error, wrong wiring or
//! ratios, breach of contract, theft, power factor on corrected reactive energy, late payment.
//! Every number of a law is a parameter with its source; the functions know only the shapes.

use kernel::{Energy, ExactMoney, Money, QuantityError, Rate, Ratio, Rounding, RoundingMode};

use crate::TariffError;

/// 供电营业规则 on meters beyond their class: correct to zero error over half of the time since
/// the last test or installation. `error` is the meter's relative error (+3.2 % = 32/1000);
/// `billed_half` the energy billed in that half period. Positive: over-billed, to refund.
///
/// over-billed = billed × error / (1 + error)
///
/// # Errors
/// [`QuantityError`] for an error of −100 % or less, or overflow.
pub fn meter_error_energy(
    billed_half: Energy,
    error: Ratio,
    step_ukwh: i64,
) -> Result<Energy, QuantityError> {
    // (n/d) / (1 + n/d) = n / (n + d)
    let above = error.numerator().checked_add(error.denominator());
    let above = above.ok_or(QuantityError::Overflow("ratio"))?;
    if above <= 0 {
        return Err(QuantityError::DivisionByZero("meter error of −100 % or less"));
    }
    let share = Ratio::new(error.numerator(), above)?;
    to_step(billed_half.times(share, RoundingMode::HalfUp)?, step_ukwh)
}

/// Rounds an energy to a step, ties up.
///
/// # Errors
/// [`QuantityError`].
pub fn to_step(energy: Energy, step_ukwh: i64) -> Result<Energy, QuantityError> {
    let steps = energy.times(Ratio::new(1, step_ukwh)?, RoundingMode::HalfUp)?;
    steps.times(Ratio::new(step_ukwh, 1)?, RoundingMode::HalfUp)
}

/// The correction rate of wrong wiring or ratios: true / measured − 1. Both are in any common
/// unit of power, such as √3·U·I·cosφ against what the faulty circuit measures.
///
/// # Errors
/// [`QuantityError::DivisionByZero`] when the circuit measured nothing.
pub fn correction_rate(true_power: Ratio, measured_power: Ratio) -> Result<Ratio, QuantityError> {
    let whole = true_power
        .checked_mul(Ratio::new(measured_power.denominator(), measured_power.numerator())?)?;
    let above = whole.numerator().checked_sub(whole.denominator());
    Ratio::new(above.ok_or(QuantityError::Overflow("ratio"))?, whole.denominator())
}

/// The measured share of a three-element meter with a current transformer per phase, relative
/// to what is billed with one ratio. `ratios` are (primary, secondary), negative when reversed;
/// every phase carries the same load. Measured = Σ secondary/primary, true = phases / billed.
///
/// # Errors
/// [`QuantityError`] for a ratio of zero.
pub fn ct_correction_rate(
    ratios: &[(i64, i64)],
    billed: (i64, i64),
) -> Result<Ratio, QuantityError> {
    let mut measured = Ratio::ZERO;
    for (primary, secondary) in ratios {
        measured = add(measured, Ratio::new(*secondary, *primary)?)?;
    }
    let phases = i64::try_from(ratios.len()).map_err(|_| QuantityError::Overflow("phases"))?;
    let correct = Ratio::new(billed.1, billed.0)?.checked_mul(Ratio::new(phases, 1)?)?;
    correction_rate(correct, measured)
}

fn add(a: Ratio, b: Ratio) -> Result<Ratio, QuantityError> {
    let over = || QuantityError::Overflow("ratio");
    let left = a.numerator().checked_mul(b.denominator()).ok_or_else(over)?;
    let right = b.numerator().checked_mul(a.denominator()).ok_or_else(over)?;
    let below = a.denominator().checked_mul(b.denominator()).ok_or_else(over)?;
    Ratio::new(left.checked_add(right).ok_or_else(over)?, below)
}

/// The energy to collect (positive) or refund (negative): billed × correction rate, to the µkWh
/// and never with a rounded rate.
///
/// # Errors
/// [`QuantityError`].
pub fn corrected_energy(billed: Energy, rate: Ratio) -> Result<Energy, QuantityError> {
    billed.times(rate, RoundingMode::HalfUp)
}

/// What a recovery consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// The energy, where the rule computes one.
    pub energy: Energy,
    /// What should have been paid.
    pub owed: Money,
    /// The penalty on top (违约使用电费).
    pub penalty: Money,
}

/// Theft without a known time (1996 rule §102–103 [K], 2024 text to be checked): power × days ×
/// hours a day at the price of the category; the penalty is `penalty_factor` times that.
///
/// # Errors
/// [`QuantityError`].
pub fn theft(
    power_ukw: i64,
    (days, hours_per_day): (u32, u32),
    rate: Rate,
    penalty_factor: Ratio,
    (currency, rounding): (kernel::Currency, Rounding),
) -> Result<Recovery, QuantityError> {
    let hours = i64::from(days) * i64::from(hours_per_day);
    let energy = Energy::from_ukwh(power_ukw).times(Ratio::new(hours, 1)?, RoundingMode::Down)?;
    let owed = ExactMoney::of_energy(energy, rate, currency).round(rounding)?;
    with_penalty(energy, owed, penalty_factor, rounding)
}

/// A recovery of known amount with its penalty, such as the basic charge of equipment used while
/// suspended (1996 rule §100: twice).
///
/// # Errors
/// [`QuantityError`].
pub fn with_penalty(
    energy: Energy,
    owed: Money,
    penalty_factor: Ratio,
    rounding: Rounding,
) -> Result<Recovery, QuantityError> {
    let penalty = owed.exact().times(penalty_factor)?.round(rounding)?;
    Ok(Recovery { energy, owed, penalty })
}

/// High-price use on a low-price line (1996 rule §100): the difference of prices on the energy,
/// and `penalty_factor` (2) times it.
///
/// # Errors
/// [`QuantityError`].
pub fn price_class_breach(
    energy: Energy,
    (right, billed): (Rate, Rate),
    penalty_factor: Ratio,
    (currency, rounding): (kernel::Currency, Rounding),
) -> Result<Recovery, QuantityError> {
    let difference = right.e8().checked_sub(billed.e8()).ok_or(QuantityError::Overflow("price"))?;
    let owed =
        ExactMoney::of_energy(energy, Rate::from_e8(difference), currency).round(rounding)?;
    with_penalty(energy, owed, penalty_factor, rounding)
}

/// A penalty per unit and case: 50 yuan/kVA of exceeded capacity, 30 yuan/kW of sealed equipment.
///
/// # Errors
/// [`QuantityError`].
pub fn unit_penalty(
    quantity_e6: i64,
    rate: Rate,
    (currency, rounding): (kernel::Currency, Rounding),
) -> Result<Money, QuantityError> {
    ExactMoney::product(quantity_e6, rate, currency).round(rounding)
}

/// A bill again with the right power factor: `billed` (without funds) contains the adjustment
/// `was`; returns what it should have been with `right`, and the difference to collect.
///
/// # Errors
/// [`QuantityError`].
pub fn power_factor_correction(
    billed: Money,
    (was, right): (Ratio, Ratio),
    rounding: Rounding,
) -> Result<(Money, Money), QuantityError> {
    let plus_one = |r: Ratio| {
        let sum = r.numerator().checked_add(r.denominator());
        Ratio::new(sum.ok_or(QuantityError::Overflow("ratio"))?, r.denominator())
    };
    let (was, right) = (plus_one(was)?, plus_one(right)?);
    let again = right.checked_mul(Ratio::new(was.denominator(), was.numerator())?)?;
    let corrected = billed.exact().times(again)?.round(rounding)?;
    Ok((corrected, corrected.checked_sub(billed)?))
}

/// Late payment (违约金): the amount × the daily rate × days, for each stretch of days with its
/// own rate (2 ‰ within the year, 3 ‰ across it, by the 1996 rule §98; homes 1 ‰).
///
/// # Errors
/// [`QuantityError`].
pub fn late_fee(
    owed: Money,
    stretches: &[(u32, Ratio)],
    rounding: Rounding,
) -> Result<Money, QuantityError> {
    let mut fee = ExactMoney::zero(owed.currency());
    for (days, daily) in stretches {
        let factor = daily.checked_mul(Ratio::new(i64::from(*days), 1)?)?;
        fee = fee.checked_add(owed.exact().times(factor)?)?;
    }
    fee.round(rounding)
}

/// How a refund of energy is spread over tiers: the refund is taken off the use of its time, so
/// the last tier that was reached is refunded first. Returns the difference of the month's exact
/// energy charge before and after, rounded once.
///
/// # Errors
/// [`TariffError`] as [`crate::DailyForm::split`].
pub fn refund_at_tier_prices(
    form: &crate::DailyForm,
    limits: &crate::TierLimits,
    before: crate::DayPosition,
    billed_by_bucket: &[i64],
    right_by_bucket: &[i64],
    rounding: Rounding,
) -> Result<Money, TariffError> {
    let was = form.exact_e14(&form.split(limits, before, billed_by_bucket)?)?;
    let is = form.exact_e14(&form.split(limits, before, right_by_bucket)?)?;
    let difference = was.checked_sub(is).ok_or(QuantityError::Overflow("refund"))?;
    Ok(ExactMoney::from_e14(difference, form.currency()).round(rounding)?)
}
