//! Somebody else's CSV by a mapping profile: the profile and the file are both hostile. The first
//! byte says whether a profile of the program is taken, or the text up to a zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use metering::codec::{
    Limits, Policy,
    intervals_csv::decode_with,
    profile::{BUILT_IN, Profile},
};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let known = BUILT_IN.get(usize::from(*choice)).map(|(_, text)| *text);
    let (text, file) = match known {
        Some(text) => (text, rest),
        None => {
            let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
            let Ok(text) = std::str::from_utf8(&rest[..end]) else { return };
            (text, rest.get(end + 1..).unwrap_or_default())
        }
    };
    let Ok(profile) = Profile::parse(text) else { return };
    let limits = Limits::default();
    let good = decode_with(file, "f", &profile, Policy::KeepGood, limits, &mut |_| {});
    let whole = decode_with(file, "f", &profile, Policy::RefuseWhole, limits, &mut |_| {});
    assert_eq!(good.is_ok_and(|report| report.problem_count == 0), whole.is_ok());
});
