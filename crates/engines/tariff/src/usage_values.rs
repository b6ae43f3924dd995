//! The keys of a usage file and the values that are more than a number.

use kernel::{Rate, Ratio, parse_decimal};

use crate::{CapacityPart, DemandBasis, Label, SeparateUse, text::parse_ratio};

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
