//! `indices` and `etr-score` as scripts use them: numbers, exit status, messages.

use serde_json::Value;

use crate::engines::{lamplight, shared, text};

fn file(name: &str, content: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// The evening of story T-01: 230 customers for 49 minutes, 182 for 83, of 120,000.
const EVENING: &str = "event,customers,start,end\n\
                       1,230,2026-07-08T19:42:00,2026-07-08T20:31:00\n\
                       1,182,2026-07-08T19:42:00,2026-07-08T21:05:00\n";

#[test]
fn indices_of_an_evening_come_out_with_what_they_were_made_of() {
    let (_folder, path) = file("evening.csv", EVENING);
    let args = ["indices", "--interruptions", text(&path), "--served", "120000", "--json"];
    let out = lamplight(&[&args[..], &["--lines-of", "SAIFI"]].concat());
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let out: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(out["indices"]["SAIDI"]["numerator"], (26_376 * 60).to_string());
    assert_eq!(out["indices"]["SAIFI"]["value"], "0.003433333");
    assert_eq!(out["values"]["SAIDI"], serde_json::json!(0.2198));
    assert_eq!(out["lines"], serde_json::json!([2, 3]));
    assert_eq!(out["period"]["hours"], 24);
    let served = file("served.csv", "from,customers\n2026-07-08,120000\n");
    let args = ["indices", "--interruptions", text(&path), "--served", text(&served.1), "--json"];
    let china = lamplight(&[&args[..], &["--standard", "dlt-836"]].concat());
    let china: Value = serde_json::from_slice(&china.stdout).unwrap();
    assert_eq!(china["values"]["MIC-F"], 412);
    assert_eq!(china["values"]["AIHC-1"], serde_json::json!(0.003_663_333));
}

#[test]
fn major_event_days_come_out_of_daily_figures() {
    let Some(daily) = shared("data/outage/med_vectors/pge_daily_saidi.csv") else { return };
    let args = ["indices", "med", "--daily", text(&daily), "--json", "--served", "5500000"];
    let out = lamplight(&args);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let out: Value = serde_json::from_slice(&out.stdout).unwrap();
    let year = out["years"].as_array().unwrap().iter().find(|year| year["year"] == 2021).unwrap();
    assert_eq!(year["major_event_days"].as_array().unwrap().len(), 5);
    assert!((year["t_med_min"].as_f64().unwrap() - 44.062).abs() < 1e-3);
    assert!((year["saifi_all"].as_f64().unwrap() - 1.224_827).abs() < 1e-6);
}

#[test]
fn refused_input_says_where_and_bad_usage_is_2() {
    let bad = file("bad.csv", "customers,start,end\n5,yesterday,today\n");
    let out = lamplight(&["indices", "--interruptions", text(&bad.1), "--served", "10", "--json"]);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("bad.csv: line 2: \"yesterday\" is no time"), "{said}");
    let zero = lamplight(&["indices", "--interruptions", text(&bad.1), "--served", "0"]);
    assert_eq!(zero.status.code(), Some(1));
    assert_eq!(lamplight(&["indices", "--served", "10"]).status.code(), Some(2));
    assert_eq!(lamplight(&["indices", "med"]).status.code(), Some(2));
    let few = file(
        "few.csv",
        "region,lat,lon,start,first_seen,last_seen,gone_by,cust_first,cause_first,cause_last,\
         crew_first,cur_etor_first\nA,1,2,0,60,600,1200,3,x,x,y,\n",
    );
    let out = lamplight(&["etr-score", text(&few.1)]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("outages teach"));
}
