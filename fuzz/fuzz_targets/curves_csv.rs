//! Load curves as CSV: both policies agree about whether a file has problems.
#![no_main]

use libfuzzer_sys::fuzz_target;
use metering::codec::{Limits, Policy, curves_csv::decode};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    let mut kept = 0;
    let good = decode(bytes, "f", Policy::KeepGood, limits, &mut |_| kept += 1);
    let whole = decode(bytes, "f", Policy::RefuseWhole, limits, &mut |_| {});
    match good {
        Ok(report) => {
            assert_eq!(report.problem_count == 0, whole.is_ok());
            assert_eq!(report.kept, kept);
        }
        Err(_) => assert!(whole.is_err()),
    }
});
