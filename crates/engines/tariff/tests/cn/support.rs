//! What the tests share: the bundled library and short ways to say a usage.

use std::sync::OnceLock;

use kernel::Date;
use lamplight_tariff::{
    Bucket, DayPosition, EnergyUse, Entitlement, Library, MAX_DAILY_BUCKETS, MonthFacts, Plan,
    RatedBill, Usage, rate, verify_lines,
};

pub fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| lamplight_tariff::bundled::library().expect("bundled documents compile"))
}

/// The plan of a tariff that is valid on a date.
pub fn plan(id: &str, on: &str) -> &'static Plan {
    let library = library();
    library.plan(library.version_on(id, on.parse().unwrap()).unwrap()).unwrap()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn ukwh(kwh: &str) -> i64 {
    kernel::Energy::parse(kwh).unwrap().ukwh()
}

/// kWh by bucket.
pub fn buckets(list: &[(Bucket, &str)]) -> [i64; MAX_DAILY_BUCKETS] {
    let mut all = [0; MAX_DAILY_BUCKETS];
    for (bucket, kwh) in list {
        all[bucket.index()] = ukwh(kwh);
    }
    all
}

/// A period's usage without special facts.
pub fn usage(from: &str, to: &str, list: &[(Bucket, &str)], before: DayPosition) -> Usage {
    let (from, to) = (day(from), day(to));
    Usage {
        energy: EnergyUse { from, to, by_bucket: buckets(list), before },
        entitlement: Entitlement::default(),
        facts: MonthFacts::of_period(from, to).unwrap(),
    }
}

/// Rates and verifies.
pub fn bill(plan: &Plan, usage: &Usage) -> RatedBill {
    let bill = rate(plan, usage).unwrap();
    verify_lines(&bill).unwrap();
    bill
}

/// The total of one period's flat use.
pub fn flat_total(id: &str, from: &str, to: &str, kwh: &str) -> String {
    let usage = usage(from, to, &[(Bucket::FLAT, kwh)], DayPosition::default());
    bill(plan(id, from), &usage).total.to_string()
}
