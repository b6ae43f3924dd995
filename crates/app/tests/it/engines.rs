//! The engine forms of the command line, as scripts use them: output, exit status, messages.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

pub fn lamplight(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lamplight")).args(args).output().unwrap()
}

pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LAMPLIGHT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped (reference data): {} is absent", path.display());
    None
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn bad_usage_is_2_and_refused_input_is_1() {
    assert_eq!(lamplight(&["rate", "--format", "pysam", "nowhere.jsonl"]).status.code(), Some(2));
    assert_eq!(lamplight(&["rate"]).status.code(), Some(2));
    assert_eq!(lamplight(&["frobnicate"]).status.code(), Some(2));
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.csv");
    std::fs::write(&broken, "this is no NEM12 file\n").unwrap();
    let decoded = lamplight(&["decode", "nem12", text(&broken)]);
    assert_eq!(decoded.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&decoded.stderr).contains("broken.csv"));
    let missing = lamplight(&["decode", "nem12", "nowhere.csv"]);
    assert_eq!(missing.status.code(), Some(1));
}

/// Zhejiang, 6 000 kWh in a year: 3 690.00 yuan (domain 2.5).
#[test]
fn a_document_and_a_usage_file_make_a_bill() {
    let folder = tempfile::tempdir().unwrap();
    let usage = folder.path().join("usage.csv");
    std::fs::write(&usage, "key,value\nfrom,2025-01-01\nto,2026-01-01\nkwh,6000\n").unwrap();
    let tariff =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tariffs/zhejiang/residential.toml");
    let rated = lamplight(&["rate", "--tariff", text(&tariff), "--usage", text(&usage)]);
    assert_eq!(rated.status.code(), Some(0), "{}", String::from_utf8_lossy(&rated.stderr));
    let bill: serde_json::Value = serde_json::from_slice(&rated.stdout).unwrap();
    assert_eq!(bill["total"], "3690.00");
    assert!(bill["lines"].as_array().unwrap().len() >= 3);
}

#[test]
fn pysam_cases_come_out_line_by_line() {
    let Some(cases) = shared("cases/billing/random_pysam_oracle.jsonl.gz") else { return };
    let Some(loads) = shared("cases/billing/ssc_utilityrate5/profiles") else { return };
    let args = ["rate", "--format", "pysam", "--loads", text(&loads), text(&cases)];
    let rated = lamplight(&args);
    assert_eq!(rated.status.code(), Some(0), "{}", String::from_utf8_lossy(&rated.stderr));
    let lines = String::from_utf8(rated.stdout).unwrap();
    assert_eq!(lines.lines().count(), 300);
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let january = first["monthly"]["utility_bill_wo_sys_ym"][0].as_f64().unwrap();
    assert!((january - 379_430.898_688).abs() < 0.01);
}

#[test]
fn nem12_comes_out_like_the_reference() {
    let Some(folder) = shared("data/meter/nem12_aemo") else { return };
    let file = folder.join("examples/unzipped/Example_NEM12_actual_interval.csv");
    let decoded = lamplight(&["decode", "nem12", text(&file)]);
    assert_eq!(decoded.status.code(), Some(0));
    let ours: serde_json::Value = serde_json::from_slice(&decoded.stdout).unwrap();
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let theirs = &expected["examples/unzipped/Example_NEM12_actual_interval.csv"]["strict"];
    assert!(theirs.is_object());
    assert_eq!(&ours[text(&file)]["strict"], theirs);
}
