//! The keys of a usage file and the values that are more than a number.

use kernel::{Rate, Ratio, parse_decimal};

use crate::{
    Bucket, CapacityPart, DemandBasis, Label, MAX_DAILY_BUCKETS, Plan, SeparateUse, TariffError,
    text::parse_ratio,
};

pub(crate) const KEYS: &[&str] = &[
    "from",
    "to",
    "kwh",
    "kwh.sharp",
    "kwh.peak",
    "kwh.flat",
    "kwh.valley",
    "kwh.deep",
    "interval_minutes",
    "ytd_kwh",
    "mtd_kwh",
    "family_units",
    "free_quota",
    "tier_share",
    "month_share",
    "month_days",
    "basis",
    "contract_kw",
    "max_demand_kw",
    "kvarh_forward",
    "kvarh_reverse",
    "transformer.kva",
    "transformer.no_load_kw",
    "transformer.load_kw",
    "transformer.no_load_current",
    "transformer.short_circuit",
    "default_supply",
    "estimated_kwh",
];

pub(crate) fn basis(text: &str) -> Option<DemandBasis> {
    match text {
        "capacity" => Some(DemandBasis::Capacity),
        "contract" => Some(DemandBasis::Contract),
        "actual" => Some(DemandBasis::Actual),
        _ => None,
    }
}

pub(crate) fn capacity(text: &str, month_days: u16) -> Option<CapacityPart> {
    let mut words = text.split_whitespace();
    let capacity_ukva = parse_decimal(words.next()?, 6, "capacity").ok()?;
    let mut part = CapacityPart { capacity_ukva, days: month_days, share: Ratio::ONE };
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word {
            "days" => part.days = value.parse().ok()?,
            "share" => part.share = parse_ratio(value).ok()?,
            _ => return None,
        }
    }
    Some(part)
}

pub(crate) fn separate(key: &str, text: &str) -> Option<SeparateUse> {
    let (energy, rate) = text.split_once('@')?;
    Some(SeparateUse {
        key: key.to_owned(),
        label: Label::new(key, key),
        energy_ukwh: parse_decimal(energy, 6, "energy").ok()?,
        rate: Rate::parse(rate).ok()?,
        with_surcharges: true,
        in_pf_base: false,
        behind_main_meter: true,
    })
}

/// Refuses use that a plan with several buckets cannot price: a total, given on `total_line`, and
/// flat use where nothing is flat. Other registers count as their neighbours
/// ([`Plan::column_of`]).
pub(crate) fn check_buckets<'a>(
    plan: &Plan,
    total_line: Option<u64>,
    mut use_by_bucket: impl Iterator<Item = &'a [i64; MAX_DAILY_BUCKETS]>,
) -> Result<(), TariffError> {
    if plan.buckets.len() < 2 {
        return Ok(());
    }
    let keys: Vec<&str> = plan.buckets.iter().map(|b| b.key.as_str()).collect();
    let keys = keys.join(", ");
    if let Some(line) = total_line {
        let reason = format!(
            "the tariff prices {keys}: a total cannot tell them apart; give the use of each, or intervals"
        );
        return Err(TariffError::UsageLine { line, reason });
    }
    let flat = Bucket::FLAT;
    if plan.buckets.iter().all(|b| b.bucket != flat)
        && use_by_bucket.any(|energy| energy[flat.index()] != 0)
    {
        let reason = format!("the tariff prices {keys}: flat use has no price in it");
        return Err(TariffError::Usage { reason });
    }
    Ok(())
}
