//! `lamplight promise due` on the reference cases, as scripts call it.

use serde_json::Value as Json;

use crate::engines::{lamplight, text};

fn cases() -> Option<std::path::PathBuf> {
    crate::engines::shared("cases/sla")
}

fn lines(output: &std::process::Output) -> Vec<Json> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn business_hours_come_out_as_they_should() {
    let Some(folder) = cases() else { return };
    for place in ["london", "shanghai"] {
        let file = folder.join(format!("business_hours_{place}.jsonl"));
        let calendars = folder.join("calendars.json");
        let told = lamplight(&["promise", "due", "--calendars", text(&calendars), text(&file)]);
        let expected = std::fs::read_to_string(&file).unwrap();
        let expected: Vec<Json> =
            expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told = lines(&told);
        assert_eq!(told.len(), expected.len());
        for (told, expected) in told.iter().zip(&expected) {
            assert_eq!(told["due"], expected["due"], "{expected}");
            assert_eq!(told["due_local"], expected["due_local"], "{expected}");
            let seconds = |line: &Json| line["elapsed_business_seconds"].as_i64().unwrap();
            // The reference counts whole seconds with both ends.
            assert!((seconds(told) - seconds(expected)).abs() <= 1, "{expected}");
        }
    }
}

#[test]
fn working_days_come_out_as_they_should_and_bad_input_is_told() {
    let Some(folder) = cases() else { return };
    let file = folder.join("working_days.json");
    let told = lines(&lamplight(&["promise", "due", "--working-days", text(&file)]));
    let data: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(told, *data["cases"].as_array().unwrap());
    let calendars = folder.join("calendars.json");
    let refused = lamplight(&["promise", "due", "--calendars", text(&calendars), text(&file)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("line 1"));
    assert_eq!(lamplight(&["promise", "due"]).status.code(), Some(2));
}
