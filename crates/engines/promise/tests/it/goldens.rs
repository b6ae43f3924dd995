//! Reference answers: business hours computed by Perl's Business::Hours (which Request Tracker
//! uses) in two zones, and working days computed by numpy with and without make-up days.
//!
//! The one choice: a deadline whose time is used up exactly at closing stands at the next opening,
//! as Business::Hours has it (11 of the 1,200 cases).

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use kernel::{Date, Instant, Zone};
use promise::{Clock, Facts, Schedule, Timetable, plain, plain::PlainCalendar};
use serde::Deserialize;

use crate::support::one;

/// The folder with the reference data, or a note that the test was skipped.
fn cases() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared");
    let root = env::var_os("LAMPLIGHT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = root.join("cases/sla");
    if !path.exists() {
        eprintln!("skipped (reference data): cases/sla is absent");
        return None;
    }
    Some(path)
}

#[derive(Deserialize)]
struct Case {
    tz: String,
    calendar: String,
    start: i64,
    add_business_minutes: i64,
    due: i64,
    end: i64,
    elapsed_business_seconds: i64,
}

#[test]
fn business_hours_are_those_of_request_tracker() {
    let Some(folder) = cases() else { return };
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file");
    let calendars: BTreeMap<String, PlainCalendar> =
        serde_json::from_str(&read("calendars.json")).expect("calendars");
    let mut held = 0;
    for file in ["business_hours_shanghai.jsonl", "business_hours_london.jsonl"] {
        let mut schedules: BTreeMap<String, Schedule> = BTreeMap::new();
        for line in read(file).lines() {
            let case: Case = serde_json::from_str(line).expect("a case");
            let schedule = schedules.entry(case.calendar.clone()).or_insert_with(|| {
                let (hours, calendar) = calendars[&case.calendar].hours();
                let zone = Zone::get(&case.tz).expect("a zone");
                Schedule::compile(&hours, &calendar, &zone, (2025, 2028)).expect("a schedule")
            });
            let instant = |seconds: i64| Instant::from_micros(seconds * 1_000_000);
            let start = schedule.worked_until(instant(case.start)).expect("within");
            let due = schedule.latest_with(start + case.add_business_minutes * 60_000_000);
            assert_eq!(due, Ok(instant(case.due)), "{line}");
            let worked = schedule.worked_between(instant(case.start), instant(case.end));
            // Business::Hours counts whole seconds with both ends.
            let seconds = worked.expect("within") / 1_000_000;
            assert!((seconds - case.elapsed_business_seconds).abs() <= 1, "{line}: {seconds}");
            held += 1;
        }
    }
    assert_eq!(held, 1_200);
}

#[derive(Deserialize)]
struct WorkingDays {
    holidays: Vec<Date>,
    makeup_working_days: Vec<Date>,
    cases: Vec<WorkingDayCase>,
}

#[derive(Deserialize)]
struct WorkingDayCase {
    start: Date,
    working_days: u32,
    due_no_makeup: Date,
    due_with_makeup: Date,
}

#[test]
fn working_days_are_those_of_numpy_and_know_make_up_days() {
    let Some(folder) = cases() else { return };
    let text = fs::read_to_string(folder.join("working_days.json")).expect("a file");
    let data: WorkingDays = serde_json::from_str(&text).expect("working days");
    let zone = Zone::get("Asia/Shanghai").expect("a zone");
    let time = |make_up: &[Date]| {
        let calendar = plain::calendar(&data.holidays, make_up);
        Timetable::compile(&zone, &calendar, [], (2025, 2027)).expect("a timetable")
    };
    let (without, with) = (time(&[]), time(&data.makeup_working_days));
    assert_eq!(data.cases.len(), 400);
    for case in &data.cases {
        let (_, mut rule) = one("limit = 1\nunit = \"working_days\"");
        rule.limit.amount = case.working_days;
        // Whatever the time of day: the day of receipt is day 0.
        for (hour, minute) in [(0, 0), (9, 30), (23, 59)] {
            let opened = zone.instant_of(case.start.at(hour, minute, 0, 0)).expect("an instant");
            let facts = Facts::opened(opened, None);
            let due_on = |time| Clock::of(&rule, &facts, time).expect("a clock").due_on;
            assert_eq!(due_on(&without), Some(case.due_no_makeup), "{}", case.start);
            assert_eq!(due_on(&with), Some(case.due_with_makeup), "{}", case.start);
        }
    }
}
