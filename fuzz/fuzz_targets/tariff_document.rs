//! Tariff documents, power-factor tables and calendars: whatever loads, rates a month without a
//! panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tariff::{Library, rate_usage_csv};

const USAGE: &str = "key,value\nfrom,2026-01-15\nto,2026-02-01\nkwh,123456.789\nytd_kwh,100\n\
    capacity_kva,315\nmax_demand_kw,200\ncontract_kw,180\nkvarh_forward,1000\nkvarh_reverse,10\n";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(library) = Library::load([("f.toml", text)]) else { return };
    for plan in library.plans() {
        if let Ok(calendar) = library.calendar_of(plan) {
            let _ = rate_usage_csv(plan, &calendar, USAGE);
        }
    }
});
