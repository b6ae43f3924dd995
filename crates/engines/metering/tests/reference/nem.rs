//! NEM12 and NEM13 against the reference decodes of 92 files.

use lamplight_metering::codec::nem::decode_nem12_summary;
use serde_json::Value;

use crate::{read, shared};

/// The strict decode of every file with an answer, refused files included.
#[test]
fn all_files_equal_the_reference_decodes() {
    let Some(folder) = shared("data/meter/nem12_aemo") else { return };
    let expected: Value = serde_json::from_slice(&read(&folder.join("expected.json"))).unwrap();
    let mut wrong = Vec::new();
    let mut readings = 0;
    for (name, answers) in expected.as_object().unwrap() {
        let found = match decode_nem12_summary(&read(&folder.join(name)), name) {
            Ok(summary) => serde_json::to_value(summary).unwrap(),
            Err(error) => serde_json::to_value(error).unwrap(),
        };
        if found == answers["strict"] {
            readings += count(&found);
        } else {
            wrong.push(format!("{name}\n  found    {found}\n  expected {}", answers["strict"]));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(expected.as_object().unwrap().len(), 92);
    assert_eq!(readings, 88_763);
}

fn count(summary: &Value) -> u64 {
    let points = summary["nmis"].as_object().into_iter().flat_map(|points| points.values());
    points
        .flat_map(|c| c.as_object().into_iter().flat_map(|c| c.values()))
        .filter_map(|c| c["n"].as_u64())
        .sum()
}
