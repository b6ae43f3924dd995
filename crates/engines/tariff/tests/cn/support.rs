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

/// The cases beside the checkout; `None` (said aloud) where they are not present.
pub fn shared_json(path: &str) -> Option<serde_json::Value> {
    let base = std::env::var("LAMPLIGHT_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared").to_owned());
    let path = format!("{base}/{path}");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("shared case is JSON")),
        Err(_) => {
            eprintln!("skipped (reference data): {path} is not present");
            None
        }
    }
}

/// A plan from a TOML body; the head is filled in.
pub fn plan_of(body: &str) -> Plan {
    let text = format!(
        "[tariff]\nid = \"test\"\nname = {{ zh = \"例\", en = \"case\" }}\nregion = \"x\"\n\
         class = \"x\"\ndecree = \"x\"\nsource = \"x\"\nconfidence = \"V2\"\n\
         valid_from = \"2000-01-01\"\n{body}"
    );
    Plan::from_toml("test", &text, library().tables()).unwrap()
}

/// A plain plan of one flat price.
pub fn flat_plan(price: &str, rest: &str) -> Plan {
    plan_of(&format!("[energy]\n[[energy.set]]\nprices = {{ flat = \"{price}\" }}\n{rest}"))
}
