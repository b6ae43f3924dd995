//! US-style rates, in the two JSON forms: whatever is read, rates a year without a panic.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use tariff::{
    profile::{HourlyForm, LoadProfile},
    urdb::{read_rate, read_sam_inputs},
};

static LOAD: OnceLock<Option<LoadProfile>> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let load = LOAD.get_or_init(|| {
        let kw: Vec<f64> = (0..8_760_u32).map(|hour| f64::from(hour % 24) * 0.75).collect();
        LoadProfile::from_kw(&kw, 1.0).ok()
    });
    let Some(load) = load else { return };
    let mut plans = Vec::new();
    plans.extend(read_rate(text).ok().map(|rate| rate.plan));
    plans.extend(read_sam_inputs("f", text).ok().map(|rate| rate.plan));
    for plan in plans {
        if let Ok(form) = HourlyForm::new(&plan) {
            let _ = form.rate(load);
        }
    }
});
