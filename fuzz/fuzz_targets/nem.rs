//! NEM12 and NEM13, plain or zipped, and the summary that `decode nem12` prints.
#![no_main]

use libfuzzer_sys::fuzz_target;
use metering::codec::{Limits, Policy, nem};

fuzz_target!(|bytes: &[u8]| {
    // A bomb is refused by a small bound as by a large one.
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let mut take = |item: nem::Item<'_>| {
        if let nem::Item::Day(channel, day) = item {
            if let Ok(block) = day.block(channel) {
                assert!(block.iter().count() <= 1_440);
            }
        }
    };
    for header_required in [true, false] {
        for policy in [Policy::KeepGood, Policy::RefuseWhole] {
            let options = nem::Options { policy, limits, header_required };
            let _ = nem::decode_bytes(bytes, "f", options, &mut take);
        }
    }
    let _ = nem::decode_nem12_summary(bytes, "f");
});
