//! Clocks by hand: the promises of the field, pauses, warnings, verdicts.

use kernel::{Instant, Zone};
use promise::{Clock, ClockError, Facts, Pause, Standing, Timetable, Verdict, bundled, plain};

use crate::support::{at, one, timetable};

const BEFORE: &str = "limit = 7\nunit = \"days_before\"";

fn pause(from: &str, to: Option<&str>) -> Pause {
    Pause { reason: "r".to_owned(), from: at(from), to: to.map(at) }
}

fn due(promise: &str, facts: &Facts) -> Option<Instant> {
    let (library, rule) = one(promise);
    Clock::of(&rule, facts, &timetable(&library)).expect("a clock").due_at
}

#[test]
fn a_planned_outage_is_told_seven_days_before() {
    // S-148: at T − 7 d 1 h it is kept, at T − 6 d 23 h it is broken.
    let (library, rule) = one(BEFORE);
    let time = timetable(&library);
    let start = at("2026-03-20T08:00");
    let told = |when: &str| {
        let done_at = Some(at(when));
        let facts = Facts { done_at, ..Facts::opened(at("2026-03-02T09:00"), Some(start)) };
        Clock::of(&rule, &facts, &time).unwrap().standing(at("2026-03-21T00:00"))
    };
    assert_eq!(told("2026-03-13T07:00"), Standing::Ended(Verdict::Kept, at("2026-03-13T07:00")));
    assert_eq!(told("2026-03-13T08:00"), Standing::Ended(Verdict::Kept, at("2026-03-13T08:00")));
    assert_eq!(told("2026-03-13T09:00"), Standing::Ended(Verdict::Broken, at("2026-03-13T08:00")));
}

#[test]
fn a_temporary_outage_short_of_24_hours_is_broken_from_the_start() {
    // T-03: found at 10:00 for 08:00 of the next day, 22 hours.
    let (library, rule) = one("limit = 24\nunit = \"hours_before\"");
    let found = at("2026-03-10T10:00");
    let facts = Facts::opened(found, Some(at("2026-03-11T08:00")));
    let clock = Clock::of(&rule, &facts, &timetable(&library)).unwrap();
    assert_eq!(clock.due_at, Some(at("2026-03-10T08:00")));
    assert_eq!(clock.standing(found), Standing::Ended(Verdict::Broken, found));
    assert!(clock.steps.iter().all(|step| step.at == Some(found)));
}

#[test]
fn a_lead_time_needs_its_event() {
    let (library, rule) = one(BEFORE);
    let clock =
        Clock::of(&rule, &Facts::opened(at("2026-03-02T09:00"), None), &timetable(&library));
    assert_eq!(clock, Err(ClockError::NoTarget("p".to_owned())));
}

#[test]
fn a_crew_arrives_within_45_minutes() {
    // T-01: reported at 19:42, on site at 20:14 after 32 minutes.
    let rules = bundled::library(&["state_grid"]).unwrap();
    let rule = rules.rule("crew_arrival", kernel::Date::constant(2026, 3, 10)).unwrap();
    let time = timetable(&rules);
    let opened = at("2026-03-10T19:42");
    let clock = Clock::of(rule, &Facts::opened(opened, None), &time).unwrap();
    assert_eq!(clock.due_at, Some(at("2026-03-10T20:27")));
    let steps: Vec<_> = clock.steps.iter().map(|s| (s.percent, s.at.unwrap())).collect();
    let expected = [
        (50, "2026-03-10T20:04:30"),
        (75, "2026-03-10T20:15:45"),
        (90, "2026-03-10T20:22:30"),
        (100, "2026-03-10T20:27"),
    ];
    assert_eq!(steps, expected.map(|(percent, when)| (percent, at(when))));
    assert_eq!(clock.steps[1].escalate_to, ["crew_lead"]);
    assert_eq!(clock.standing(at("2026-03-10T20:15")), Standing::OnTrack);
    assert_eq!(clock.standing(at("2026-03-10T20:16")), Standing::AtRisk);
    assert_eq!(clock.standing(at("2026-03-10T20:27")), Standing::AtRisk);
    assert!(matches!(clock.standing(at("2026-03-10T20:28")), Standing::Ended(Verdict::Broken, _)));
    let done_at = Some(at("2026-03-10T20:14"));
    let kept = Facts { done_at, ..Facts::opened(opened, None) };
    let clock = Clock::of(rule, &kept, &time).unwrap();
    assert!(matches!(clock.standing(at("2026-03-11T00:00")), Standing::Ended(Verdict::Kept, _)));
}

#[test]
fn working_days_skip_the_national_day_and_count_the_make_up_day() {
    // Received on Wednesday 30 September 2026: 8, 9 and the made-up Saturday 10 October, 12, 13.
    let facts = Facts::opened(at("2026-09-30T11:00"), None);
    assert_eq!(due("limit = 5\nunit = \"working_days\"", &facts), Some(at("2026-10-14T00:00")));
    let (library, rule) = one("limit = 5\nunit = \"working_days\"");
    let clock = Clock::of(&rule, &facts, &timetable(&library)).unwrap();
    assert_eq!(clock.due_on, Some(kernel::Date::constant(2026, 10, 13)));
    // Half of five working days lies in the middle of the third.
    assert_eq!(clock.steps[0].at, Some(at("2026-10-10T12:00")));
}

#[test]
fn office_hours_stop_at_noon_and_in_the_evening() {
    let hours = "limit = 4\nunit = \"hours\"\nhours = \"office\"";
    let facts = Facts::opened(at("2026-03-13T16:00"), None);
    // 1.5 hours on Friday, 2.5 on Monday from 08:30.
    assert_eq!(due(hours, &facts), Some(at("2026-03-16T11:00")));
    // Used up exactly at closing: the next opening, where nothing was counted between.
    let facts = Facts::opened(at("2026-03-13T11:30"), None);
    assert_eq!(due(hours, &facts), Some(at("2026-03-16T08:30")));
}

#[test]
fn a_pause_moves_the_deadline_by_its_length_once() {
    let minutes = "limit = 60\nunit = \"minutes\"\npauses = [{ code = \"r\", title = { zh = \"因\", en = \"r\" } }]";
    let opened = at("2026-03-10T10:00");
    let with = |pauses: Vec<Pause>| Facts { pauses, ..Facts::opened(opened, None) };
    let one = pause("2026-03-10T10:10", Some("2026-03-10T10:30"));
    assert_eq!(due(minutes, &with(vec![one.clone()])), Some(at("2026-03-10T11:20")));
    // Two reasons at once stop the clock once.
    let other = pause("2026-03-10T10:20", Some("2026-03-10T10:40"));
    assert_eq!(due(minutes, &with(vec![other, one.clone()])), Some(at("2026-03-10T11:30")));
    // A pause before the promise or after its deadline changes nothing.
    let early = pause("2026-03-10T09:00", Some("2026-03-10T09:30"));
    let late = pause("2026-03-10T12:00", Some("2026-03-10T13:00"));
    assert_eq!(due(minutes, &with(vec![early, late])), Some(at("2026-03-10T11:00")));
    // While one lasts, there is no deadline.
    assert_eq!(due(minutes, &with(vec![one, pause("2026-03-10T10:50", None)])), None);
}

#[test]
fn a_working_day_does_not_count_when_the_clock_stood_at_its_end() {
    let days = "limit = 3\nunit = \"working_days\"\npauses = [{ code = \"r\", title = { zh = \"因\", en = \"r\" } }]";
    // Received on Monday 9 March 2026: due at the end of Thursday 12 March.
    let with = |pauses| Facts { pauses, ..Facts::opened(at("2026-03-09T10:00"), None) };
    assert_eq!(due(days, &with(vec![])), Some(at("2026-03-13T00:00")));
    let within = pause("2026-03-10T10:00", Some("2026-03-10T15:00"));
    assert_eq!(due(days, &with(vec![within])), Some(at("2026-03-13T00:00")));
    let overnight = pause("2026-03-10T10:00", Some("2026-03-11T15:00"));
    assert_eq!(due(days, &with(vec![overnight])), Some(at("2026-03-14T00:00")));
    assert_eq!(due(days, &with(vec![pause("2026-03-10T10:00", None)])), None);
}

#[test]
fn a_verdict_once_given_stands_whatever_is_learnt_later() {
    let minutes = "limit = 60\nunit = \"minutes\"\npauses = [{ code = \"r\", title = { zh = \"因\", en = \"r\" } }]";
    let (library, mut rule) = one(minutes);
    let time = timetable(&library);
    let broken = (Verdict::Broken, at("2026-03-10T11:00"));
    let mut facts = Facts::opened(at("2026-03-10T10:00"), None);
    facts.given = Some(broken);
    facts.pauses = vec![pause("2026-03-10T10:10", Some("2026-03-10T18:00"))];
    rule.limit.amount = 6_000;
    let clock = Clock::of(&rule, &facts, &time).unwrap();
    assert_eq!(clock.standing(at("2026-03-10T12:00")), Standing::Ended(broken.0, broken.1));
}

#[test]
fn withdrawal_ends_it_unless_it_was_broken_before() {
    let (library, rule) = one("limit = 60\nunit = \"minutes\"");
    let time = timetable(&library);
    let withdrawn = |when: &str| {
        let withdrawn_at = Some(at(when));
        let facts = Facts { withdrawn_at, ..Facts::opened(at("2026-03-10T10:00"), None) };
        Clock::of(&rule, &facts, &time).unwrap().standing(at("2026-03-10T15:00"))
    };
    let kind = |standing| match standing {
        Standing::Ended(verdict, _) => Some(verdict),
        _ => None,
    };
    assert_eq!(kind(withdrawn("2026-03-10T10:59")), Some(Verdict::Withdrawn));
    assert_eq!(kind(withdrawn("2026-03-10T11:01")), Some(Verdict::Broken));
}

#[test]
fn a_deadline_beyond_the_known_holidays_is_refused_not_guessed() {
    let (library, rule) = one("limit = 15\nunit = \"working_days\"");
    let facts = Facts::opened(at("2026-12-20T10:00"), None);
    let clock = Clock::of(&rule, &facts, &timetable(&library));
    assert!(matches!(clock, Err(ClockError::BeyondCalendar { .. })), "{clock:?}");
}

#[test]
fn days_keep_the_time_of_day_across_a_clock_change() {
    // London goes forward on 29 March 2026: a week before 09:00 is 09:00, 167 hours.
    let (library, rule) = one(BEFORE);
    let zone = Zone::get("Europe/London").unwrap();
    let calendar = plain::calendar(&[], &[]);
    let time = Timetable::compile(&zone, &calendar, library.hours(), (2026, 2026)).unwrap();
    let local = |text: &str| zone.instant_of(text.parse().unwrap()).unwrap();
    let facts = Facts::opened(local("2026-03-01T00:00"), Some(local("2026-04-02T09:00")));
    let clock = Clock::of(&rule, &facts, &time).unwrap();
    assert_eq!(clock.due_at, Some(local("2026-03-26T09:00")));
}
