//! Usage files of `lamplight rate`, against each tariff of the program.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use tariff::{Library, rate_usage_csv};

static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let library = LIBRARY.get_or_init(|| tariff::bundled::library().ok());
    let Some(library) = library else { return };
    let plans = library.plans();
    let Some(plan) = plans.get(usize::from(*choice) % plans.len().max(1)) else { return };
    if let Ok(calendar) = library.calendar_of(plan) {
        let _ = rate_usage_csv(plan, &calendar, text);
    }
});
