//! Why is this bill different from that one: the difference split into days, estimation,
//! volume, time of use, tier, price, season and the other kinds of line, which add up exactly.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{QuantityError, RoundingMode, div_round};
use serde::{Deserialize, Serialize};

use crate::{Amount, Label, LineKind, RatedBill, TariffError};

/// What moved the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A longer or shorter period at the earlier use per day and price.
    Days,
    /// More or less of the use is estimated.
    Estimation,
    /// More or less use per day.
    Volume,
    /// The use moved between time-of-use periods.
    TimeOfUse,
    /// More or less of the use lies in higher tiers.
    Tier,
    /// Prices per kWh changed by a new document.
    Price,
    /// Prices per kWh changed with the season of the same document.
    Season,
    /// Funds and surcharges per kWh, and free energy.
    Surcharges,
    /// Losses, separate uses, default supply.
    OtherEnergy,
    /// Basic charge and demand.
    Demand,
    /// Power-factor adjustment.
    PowerFactor,
    /// Fixed and minimum charges.
    Fixed,
    /// Corrections and penalties.
    Adjustment,
    /// Rounding of lines and days, and of these effects.
    Rounding,
}

impl Cause {
    /// Its name.
    #[must_use]
    pub fn label(self) -> Label {
        let (zh, en) = match self {
            Self::Days => ("天数", "days"),
            Self::Estimation => ("估算电量", "estimated use"),
            Self::Volume => ("日均用电量", "use per day"),
            Self::TimeOfUse => ("峰谷分布", "time of use"),
            Self::Tier => ("阶梯档位", "tier"),
            Self::Price => ("电价调整", "price change"),
            Self::Season => ("季节电价", "season"),
            Self::Surcharges => ("基金及附加、免费电量", "surcharges and free energy"),
            Self::OtherEnergy => ("损耗及其他类别电量", "losses and other energy"),
            Self::Demand => ("基本电费", "basic charge"),
            Self::PowerFactor => ("力调电费", "power factor"),
            Self::Fixed => ("固定与最低收费", "fixed and minimum charges"),
            Self::Adjustment => ("退补与违约", "corrections"),
            Self::Rounding => ("取整", "rounding"),
        };
        Label::new(zh, en)
    }
}

/// One cause and what it moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The cause.
    pub cause: Cause,
    /// Its name.
    pub label: Label,
    /// By how much it moved the total.
    pub amount: Amount,
}

/// Two bills and what lies between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The earlier total.
    pub before: Amount,
    /// The later total.
    pub after: Amount,
    /// after − before; the effects add up to it exactly.
    pub difference: Amount,
    /// The effects that are not zero.
    pub effects: Vec<Effect>,
}

/// Energy and money of one bucket or tier.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    ukwh: i128,
    e14: i128,
}

/// A bill's energy, by bucket at first-tier prices and by tier at premiums.
#[derive(Debug, Default)]
struct Energy {
    total: Sum,
    buckets: BTreeMap<String, Sum>,
    tiers: BTreeMap<u8, Sum>,
}

const OVER: QuantityError = QuantityError::Overflow("comparison");

fn mul_div(a: i128, b: i128, c: i128) -> Result<i128, QuantityError> {
    a.checked_mul(b).and_then(|ab| div_round(ab, c, RoundingMode::HalfUp)).ok_or(OVER)
}

/// Splits the difference of two bills of one customer.
///
/// The order is fixed: first the energy volume at the earlier average first-tier price (days,
/// then estimation, then the rest), then the mix of time-of-use periods at earlier prices, then
/// tier premiums at earlier premiums, then prices.
///
/// # Errors
/// [`TariffError::Usage`] for different currencies, [`TariffError::Quantity`] on overflow.
pub fn compare(before: &RatedBill, after: &RatedBill) -> Result<Comparison, TariffError> {
    if before.currency != after.currency {
        let reason = format!("{} and {} cannot be compared", before.currency, after.currency);
        return Err(TariffError::Usage { reason });
    }
    let mut moved: BTreeMap<Cause, i128> = BTreeMap::new();
    energy_effects(before, after, &mut moved)?;
    let mut effects: BTreeMap<Cause, Amount> = BTreeMap::new();
    for (cause, e14) in moved {
        let fen = kernel::ExactMoney::from_e14(e14, after.currency).round(kernel::Rounding::FEN)?;
        effects.insert(cause, fen.into());
    }
    for (cause, kinds) in OTHER_LINES {
        let amount = after.sum_of(kinds)?.minus(before.sum_of(kinds)?)?;
        effects.insert(*cause, amount);
    }
    let difference = after.total.minus(before.total)?;
    let named = Amount::sum(effects.values().copied())?;
    effects.insert(Cause::Rounding, difference.minus(named)?);
    let effects = effects
        .into_iter()
        .filter(|(_, amount)| *amount != Amount::ZERO)
        .map(|(cause, amount)| Effect { cause, label: cause.label(), amount })
        .collect();
    Ok(Comparison { before: before.total, after: after.total, difference, effects })
}

/// Lines that move as a whole. Energy, tier adders and rounding are split or balanced instead.
const OTHER_LINES: &[(Cause, &[LineKind])] = &[
    (Cause::Surcharges, &[LineKind::Surcharge, LineKind::FreeQuota]),
    (Cause::OtherEnergy, &[LineKind::Loss, LineKind::SeparateUse, LineKind::DefaultSupply]),
    (Cause::Demand, &[LineKind::Demand]),
    (Cause::PowerFactor, &[LineKind::PowerFactor]),
    (Cause::Fixed, &[LineKind::Fixed, LineKind::Minimum]),
    (Cause::Adjustment, &[LineKind::Adjustment, LineKind::Penalty]),
];

fn energy_effects(
    before: &RatedBill,
    after: &RatedBill,
    moved: &mut BTreeMap<Cause, i128>,
) -> Result<(), TariffError> {
    let (a, b) = (energy_of(before)?, energy_of(after)?);
    let days = |bill: &RatedBill| i128::from((bill.to - bill.from).get_days().max(1));
    // All of the later energy at earlier prices, by bucket; and at the earlier average.
    let mut at_old = 0_i128;
    for (bucket, sum) in &b.buckets {
        at_old = at_old.checked_add(old_price(before, &a, bucket, sum)?).ok_or(OVER)?;
    }
    let average = |ukwh: i128| -> Result<i128, QuantityError> {
        match (a.total.ukwh, b.total.ukwh) {
            (0, 0) => Ok(0),
            (0, later) => mul_div(at_old, ukwh, later),
            (earlier, _) => mul_div(a.total.e14, ukwh, earlier),
        }
    };
    let longer = mul_div(a.total.ukwh, days(after) - days(before), days(before))?;
    let estimated = i128::from(after.estimated_ukwh) - i128::from(before.estimated_ukwh);
    let grown = b.total.ukwh - a.total.ukwh;
    let (by_days, by_estimate) = (average(longer)?, average(estimated)?);
    let by_volume = average(grown)? - by_days - by_estimate;
    let all_at_average = average(b.total.ukwh)?;
    moved.insert(Cause::Days, by_days);
    moved.insert(Cause::Estimation, by_estimate);
    moved.insert(Cause::Volume, by_volume);
    moved.insert(Cause::TimeOfUse, at_old - all_at_average);
    let mut premiums_at_old = 0_i128;
    for (tier, sum) in &b.tiers {
        let old = old_premium(before, &a, *tier, sum)?;
        premiums_at_old = premiums_at_old.checked_add(old).ok_or(OVER)?;
    }
    let earlier: i128 = a.tiers.values().map(|s| s.e14).sum();
    let later: i128 = b.tiers.values().map(|s| s.e14).sum();
    moved.insert(Cause::Tier, premiums_at_old - earlier);
    let repriced = (b.total.e14 - at_old) + (later - premiums_at_old);
    moved.insert(if same_document(before, after) { Cause::Season } else { Cause::Price }, repriced);
    Ok(())
}

/// Whether both bills were rated by the same documents. A document that came into force within the
/// earlier bill changed the price of the later one, though both end with it.
fn same_document(before: &RatedBill, after: &RatedBill) -> bool {
    fn documents(bill: &RatedBill) -> BTreeSet<&str> {
        bill.tariffs.iter().map(|tariff| tariff.document_hash.as_str()).collect()
    }
    documents(before) == documents(after)
}

/// Splits each energy line into its first-tier price and the premium of its tier.
fn energy_of(bill: &RatedBill) -> Result<Energy, QuantityError> {
    let mut energy = Energy::default();
    let add = |sum: &mut Sum, ukwh: i64, rate_e8: i64| -> Result<(), QuantityError> {
        let e14 = i128::from(ukwh) * i128::from(rate_e8);
        sum.ukwh += i128::from(ukwh);
        sum.e14 = sum.e14.checked_add(e14).ok_or(OVER)?;
        Ok(())
    };
    for line in &bill.lines {
        let (Some(facet), Some(rate)) = (&line.facet, &line.rate) else { continue };
        let (ukwh, rate) = (line.quantity.e6, rate.value.e8());
        if line.kind == LineKind::TierAdder {
            add(energy.tiers.entry(facet.tier).or_default(), ukwh, rate)?;
            continue;
        }
        let first =
            if facet.tier > 1 { listed(bill, &facet.bucket, 1).unwrap_or(rate) } else { rate };
        add(&mut energy.total, ukwh, first)?;
        add(energy.buckets.entry(facet.bucket.clone()).or_default(), ukwh, first)?;
        if facet.tier > 1 {
            let premium = rate.checked_sub(first).ok_or(OVER)?;
            add(energy.tiers.entry(facet.tier).or_default(), ukwh, premium)?;
        }
    }
    Ok(energy)
}

fn listed(bill: &RatedBill, bucket: &str, tier: u8) -> Option<i64> {
    let price = bill.prices.iter().rev().find(|p| p.bucket == bucket && p.tier == tier);
    price.map(|p| p.rate.e8())
}

/// Later energy of a bucket at the earlier price: what was paid on average, else what was
/// listed, else the listed price of the bucket that would have counted it.
fn old_price(
    before: &RatedBill,
    a: &Energy,
    bucket: &str,
    sum: &Sum,
) -> Result<i128, QuantityError> {
    let chain: &[&str] = match bucket {
        "sharp" => &["sharp", "peak", "flat"],
        "deep" => &["deep", "valley", "flat"],
        "peak" => &["peak", "flat"],
        "valley" => &["valley", "flat"],
        other => &[other],
    };
    for name in chain {
        if let Some(old) = a.buckets.get(*name).filter(|s| s.ukwh != 0) {
            return mul_div(old.e14, sum.ukwh, old.ukwh);
        }
        if let Some(rate) = listed(before, name, 0).or_else(|| listed(before, name, 1)) {
            return sum.ukwh.checked_mul(i128::from(rate)).ok_or(OVER);
        }
    }
    match a.total.ukwh {
        0 => Ok(sum.e14),
        all => mul_div(a.total.e14, sum.ukwh, all),
    }
}

/// Later energy of a tier at the earlier premium.
fn old_premium(before: &RatedBill, a: &Energy, tier: u8, sum: &Sum) -> Result<i128, QuantityError> {
    if let Some(old) = a.tiers.get(&tier).filter(|s| s.ukwh != 0) {
        return mul_div(old.e14, sum.ukwh, old.ukwh);
    }
    if let Some(rate) = listed(before, "", tier) {
        return sum.ukwh.checked_mul(i128::from(rate)).ok_or(OVER);
    }
    // A price per tier and bucket: the plain mean of the listed premiums of that tier.
    let premiums: Vec<i64> = before
        .prices
        .iter()
        .filter(|p| p.tier == tier)
        .filter_map(|p| Some(p.rate.e8() - listed(before, &p.bucket, 1)?))
        .collect();
    match i128::try_from(premiums.len()) {
        Ok(n) if n > 0 => {
            let all: i128 = premiums.iter().map(|p| i128::from(*p)).sum();
            mul_div(all, sum.ukwh, n)
        }
        _ => Ok(sum.e14),
    }
}
