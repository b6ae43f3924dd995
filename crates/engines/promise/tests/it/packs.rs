//! The packs that come along, and packs that are refused.

use std::collections::BTreeMap;

use kernel::Date;
use promise::{Confidence, Library, Pack, bundled};

const ALL: [&str; 4] = ["generic", "national", "state_grid", "southern_grid"];

fn on() -> Date {
    Date::constant(2026, 3, 10)
}

#[test]
fn every_pack_that_comes_along_can_be_used() {
    let library = bundled::library(&ALL).unwrap();
    assert_eq!(library.packs().len(), bundled::DOCUMENTS.len());
    for pack in library.packs() {
        assert!(!pack.rules.is_empty(), "{} promises nothing", pack.id);
    }
    assert!(bundled::library(&["nobody"]).is_err());
}

#[test]
fn every_pack_in_the_folder_comes_along() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../rules/promises");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| format!("rules/promises/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    let mut bundled: Vec<&str> = bundled::DOCUMENTS.iter().map(|(path, _)| *path).collect();
    files.sort();
    bundled.sort_unstable();
    assert_eq!(files, bundled);
}

#[test]
fn what_was_not_read_in_an_official_text_does_not_say_so() {
    let library = bundled::library(&["national", "southern_grid"]).unwrap();
    let rules = library.packs().iter().flat_map(|pack| &pack.rules);
    assert!(rules.clone().count() > 5);
    for rule in rules {
        assert_ne!(rule.confidence, Confidence::Verified, "{}", rule.id);
    }
}

#[test]
fn a_company_replaces_the_national_minimum_by_id() {
    let library = bundled::library(&["national", "state_grid"]).unwrap();
    let planned = BTreeMap::from([("kind".to_owned(), "planned".to_owned())]);
    let opened = library.opened_by("power.outage_planned", &planned, on());
    assert_eq!(opened.len(), 1);
    assert_eq!((opened[0].pack.as_str(), opened[0].limit.amount), ("state_grid", 7));
    let overridden = library.overridden(on());
    let ids: Vec<&str> = overridden.iter().map(|o| o.rule.id.as_str()).collect();
    assert_eq!(ids, ["planned_outage_notice", "temporary_outage_notice"]);
}

#[test]
fn a_fact_opens_only_the_promises_that_it_means() {
    let library = bundled::library(&["generic", "state_grid"]).unwrap();
    let ids = |trigger: &str, attributes: &[(&str, &str)], on: Date| -> Vec<String> {
        let attributes =
            attributes.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        library.opened_by(trigger, &attributes, on).iter().map(|r| r.id.clone()).collect()
    };
    assert_eq!(ids("power.fault_reported", &[("area", "rural")], on()), ["crew_arrival_rural"]);
    assert_eq!(
        ids("care.case_opened", &[("kind", "complaint")], on()),
        ["complaint_answer", "complaint_contact", "complaint_dispatch"]
    );
    assert!(ids("power.fault_reported", &[], on()).is_empty());
    // Before the source was published nothing was promised.
    let before = Date::constant(2020, 1, 1);
    assert!(ids("power.fault_reported", &[("area", "rural")], before).is_empty());
}

#[test]
fn the_rules_of_1996_end_when_those_of_2024_begin() {
    let library = bundled::library(&["national"]).unwrap();
    let hours =
        |on| library.rule("restore_after_cause", on).map(|r| (r.limit.amount, r.limit.unit));
    use promise::Unit::{Days, Hours};
    assert_eq!(hours(Date::constant(2024, 5, 31)), Some((3, Days)));
    assert_eq!(hours(Date::constant(2024, 6, 1)), Some((24, Hours)));
}

const HEAD: &str = r#"
[pack]
id = "x"
title = { zh = "甲", en = "X" }
region = "CN"
warnings = [50, 100]
at_risk = 75
"#;

const PROMISE: &str = r#"
[[promise]]
id = "p"
title = { zh = "诺", en = "P" }
trigger = "a.happened"
beneficiary = "customer"
limit = 5
unit = "minutes"
valid_from = "2026-01-01"
source = "s"
confidence = "design"
"#;

#[test]
fn a_pack_with_a_mistake_is_refused_with_its_place() {
    assert!(Pack::parse("x.toml", &format!("{HEAD}{PROMISE}")).is_ok());
    let changes = [
        ("limit = 5", "limit = 0"),
        ("limit = 5", "limit = -5"),
        ("limit = 5", "limit = 5\nwarnings = [90, 50]"),
        ("limit = 5", "limit = 5\nwarnings = [50, 101]"),
        ("limit = 5", "limit = 5\nat_risk = 0"),
        ("limit = 5", "limit = 5\nhours = \"nobody\""),
        ("limit = 5", "limit = 5\nescalate = [{ at = 0, to = \"lead\" }]"),
        ("limit = 5", "limit = 5\nescalate = [{ at = 50, to = \"\" }]"),
        ("limit = 5", "limit = 5\nwarning = [50]"),
        ("unit = \"minutes\"", "unit = \"fortnights\""),
        (
            "\"minutes\"",
            "\"days_before\"\npauses = [{ code = \"r\", title = { zh = \"因\", en = \"r\" } }]",
        ),
        (
            "\"minutes\"",
            "\"minutes\"\npauses = [{ code = \"r\", title = { zh = \"因\", en = \"\" } }]",
        ),
        ("\"minutes\"", "\"minutes\"\nvalid_to = \"2025-01-01\""),
        ("source = \"s\"", "source = \"  \""),
        ("en = \"P\"", "en = \"\""),
        ("id = \"p\"", "id = \"P p\""),
        ("\"a.happened\"", "\"happened\""),
    ];
    for (from, to) in changes {
        let text = format!("{HEAD}{}", PROMISE.replace(from, to));
        assert!(Pack::parse("x.toml", &text).is_err(), "{to} was accepted");
    }
    let twice = Pack::parse("x.toml", &format!("{HEAD}{PROMISE}{PROMISE}")).unwrap_err();
    assert!(twice.to_string().contains("promise p: two versions"), "{twice}");
    let pack = Pack::parse("x.toml", &format!("{HEAD}{PROMISE}")).unwrap();
    assert!(Library::of(vec![pack.clone(), pack]).is_err());
}
