//! Green Button: what was read is written and read again to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use metering::codec::{Limits, Policy, espi};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { document_bytes: 1 << 20, ..Limits::default() };
    let Ok((feed, _)) = espi::read(bytes, "f", Policy::KeepGood, limits) else { return };
    let mut written = Vec::new();
    if espi::write(&feed, &mut written).is_err() {
        return;
    }
    let again = espi::read(written.as_slice(), "f", Policy::KeepGood, Limits::default());
    assert!(again.is_ok(), "{again:?}");
});
