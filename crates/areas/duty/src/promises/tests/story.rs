//! The life of a promise.

use kernel::FaultKind;

use super::{World, at, each};
use crate::promises::{PromiseError, State, StepKind};
use kernel::Fault as _;

async fn told(world: &World, id: kernel::Id) -> Vec<(StepKind, Option<i64>, String)> {
    let steps = world.story(id).await.steps;
    steps.into_iter().map(|step| (step.kind, step.share_percent, step.detail)).collect()
}

#[test]
fn a_crew_that_arrives_in_time_keeps_its_promise_and_nobody_is_told() {
    each(|world| async move {
        // T-01.
        world.now("2026-03-10T19:42");
        let rows = world.open("power.fault_reported", &[("area", "city")], 1, None).await;
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].rule_id.as_str(), rows[0].state), ("crew_arrival", State::Open));
        assert_eq!(rows[0].due_at, Some(at("2026-03-10T20:27")));
        world.now("2026-03-10T20:03");
        assert_eq!(world.reconcile().await, 0, "nothing is due yet");
        world.now("2026-03-10T20:14");
        let row = world.keep(rows[0].id).await.unwrap();
        assert_eq!((row.state, row.verdict_at), (State::Kept, Some(at("2026-03-10T20:14"))));
        let warned = (StepKind::Warning, Some(50), String::new());
        let verdict = (StepKind::Verdict, None, "kept".to_owned());
        assert_eq!(told(&world, row.id).await, [warned, verdict]);
        world.now("2026-03-11T20:14");
        assert_eq!(world.reconcile().await, 0);
        let again = world.keep(rows[0].id).await;
        assert!(matches!(again, Err(PromiseError::Ended("done"))), "{again:?}");
    });
}

#[test]
fn a_late_crew_is_warned_about_escalated_and_broken_once() {
    each(|world| async move {
        world.now("2026-03-10T19:42");
        let id = world.open("power.fault_reported", &[("area", "city")], 1, None).await[0].id;
        // A worker that slept through every step catches up in order.
        world.now("2026-03-10T20:40");
        assert_eq!(world.reconcile().await, 1);
        assert_eq!(world.reconcile().await, 0, "what was told is not told again");
        let row = world.story(id).await.promise;
        assert_eq!((row.state, row.verdict_at), (State::Broken, Some(at("2026-03-10T20:27"))));
        let expected = [
            (StepKind::Warning, Some(50), ""),
            (StepKind::Warning, Some(75), ""),
            (StepKind::Escalation, Some(75), "crew_lead"),
            (StepKind::Warning, Some(90), ""),
            (StepKind::Escalation, Some(90), "dispatcher"),
            (StepKind::Warning, Some(100), ""),
            (StepKind::Escalation, Some(100), "manager"),
            (StepKind::Verdict, None, "broken"),
        ];
        let expected = expected.map(|(kind, share, detail)| (kind, share, detail.to_owned()));
        assert_eq!(told(&world, id).await, expected);
        // Done late, it is done, and broken.
        let row = world.keep(id).await.unwrap();
        assert_eq!((row.state, row.done_at), (State::Broken, Some(at("2026-03-10T20:40"))));
        assert!(world.withdraw(id).await.is_err());
    });
}

#[test]
fn a_pause_takes_the_deadline_away_and_gives_it_back_later() {
    each(|world| async move {
        world.now("2026-03-10T19:42");
        let id = world.open("power.fault_reported", &[("area", "city")], 1, None).await[0].id;
        world.now("2026-03-10T19:52");
        let refused = world.pause(id, "lunch").await.unwrap_err();
        assert_eq!(refused.kind(), FaultKind::Invalid);
        assert!(refused.to_string().contains("weather"), "{refused}");
        let row = world.pause(id, "weather").await.unwrap();
        assert_eq!((row.state, row.due_at, row.next_at), (State::Paused, None, None));
        assert!(matches!(world.pause(id, "weather").await, Err(PromiseError::PausedAlready)));
        world.now("2026-03-10T22:00");
        assert_eq!(world.reconcile().await, 0, "a clock that stands warns nobody");
        let row = world.resume(id, "weather").await.unwrap();
        assert_eq!((row.state, row.due_at), (State::Open, Some(at("2026-03-10T22:35"))));
        assert!(matches!(world.resume(id, "weather").await, Err(PromiseError::NotPaused)));
        assert_eq!(world.story(id).await.pauses.len(), 1);
    });
}

#[test]
fn a_temporary_outage_short_of_a_day_is_a_breach_with_a_name_and_a_reason() {
    each(|world| async move {
        // T-03: found at 10:00 for 08:00 of the next day.
        world.now("2026-03-10T10:00");
        let start = Some(at("2026-03-11T08:00"));
        let rows = world.open("power.outage_planned", &[("kind", "temporary")], 3, start).await;
        assert_eq!(
            (rows[0].rule_id.as_str(), rows[0].state),
            ("temporary_outage_notice", State::Broken)
        );
        assert!(rows[0].is_unanswered());
        let program = world.answer(&world.actor, &rows[0], "缺陷紧急").await;
        assert!(matches!(program, Err(PromiseError::Unanswered(_))), "a program is no approver");
        let manager = world.manager().await;
        let silent = world.answer(&manager, &rows[0], " ").await;
        assert!(matches!(silent, Err(PromiseError::Unanswered(_))));
        let row = world.answer(&manager, &rows[0], "缺陷紧急").await.unwrap();
        assert_eq!(row.breach_approver, Some(manager.id()));
        assert!(!row.is_unanswered());
        assert!(matches!(world.answer(&manager, &row, "again").await, Err(PromiseError::Changed)));
        // Told at once, it is still a breach: the facts stay what they were.
        world.now("2026-03-10T10:05");
        assert_eq!(world.keep(rows[0].id).await.unwrap().state, State::Broken);
    });
}

#[test]
fn the_same_fact_opens_a_promise_once() {
    each(|world| async move {
        world.now("2026-03-02T09:00");
        let start = Some(at("2026-03-20T08:00"));
        let first = world.open("power.outage_planned", &[("kind", "planned")], 4, start).await;
        assert_eq!(first[0].due_at, Some(at("2026-03-13T08:00")));
        let again = world.open("power.outage_planned", &[("kind", "planned")], 4, start).await;
        assert_eq!(first, again);
        let mut tx = world.test.db.read().await.unwrap();
        let about = super::queries::about(&mut tx, ("outage", kernel::Id::from_i64(4))).await;
        assert_eq!(about.unwrap().len(), 1);
    });
}

#[test]
fn an_outage_that_is_called_off_owes_nothing_more() {
    each(|world| async move {
        world.now("2026-03-02T09:00");
        let start = Some(at("2026-03-20T08:00"));
        let id = world.open("power.outage_planned", &[("kind", "planned")], 4, start).await[0].id;
        world.now("2026-03-05T09:00");
        assert_eq!(world.withdraw(id).await.unwrap().state, State::Withdrawn);
        world.now("2026-03-25T09:00");
        assert_eq!(world.reconcile().await, 0);
    });
}

#[test]
fn a_deadline_beyond_the_known_holidays_waits_for_them() {
    each(|world| async move {
        world.now("2026-12-29T09:00");
        let rows = world.open("care.request_opened", &[("kind", "meter_test")], 5, None).await;
        assert_eq!((rows[0].state, rows[0].due_at), (State::Open, None));
        assert!(rows[0].stuck.as_deref().is_some_and(|why| why.contains("next year's holidays")));
        world.now("2026-12-30T09:00");
        assert_eq!(world.keep(rows[0].id).await.unwrap().state, State::Kept);
    });
}

#[test]
fn who_lacks_the_right_changes_no_promise() {
    each(|world| async move {
        world.now("2026-03-10T19:42");
        let row = world.open("power.fault_reported", &[("area", "city")], 1, None).await.remove(0);
        let visitor = access::Actor::visitor();
        let denied = world.answer(&visitor, &row, "x").await.unwrap_err();
        assert_eq!(denied.kind(), FaultKind::Denied);
    });
}
