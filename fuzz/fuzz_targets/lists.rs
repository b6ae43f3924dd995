//! Lists of customers, meters and agreements.
#![no_main]

use libfuzzer_sys::fuzz_target;
use registry::import::CustomerFile;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut file) = CustomerFile::open(bytes) {
        while let Ok(Some(_)) = file.next_row() {}
    }
    for faults in [
        supply::meters::read_meters(bytes).map(|(_, faults)| faults),
        supply::agreements::read_agreements(bytes).map(|(_, faults)| faults),
    ] {
        assert!(faults.into_iter().flatten().all(|fault| !fault.reason.is_empty()));
    }
});
