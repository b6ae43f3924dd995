//! What holds for every promise, whatever its pauses.

use kernel::Instant;
use promise::{Clock, Facts, Pause, Standing, Verdict};
use proptest::prelude::*;

use crate::support::{at, one, timetable};

const MINUTE: i64 = 60_000_000;

fn minutes_after(start: Instant, minutes: i64) -> Instant {
    Instant::from_micros(start.micros() + minutes * MINUTE)
}

/// Some pauses within three weeks, closed ones and perhaps open ones.
fn pauses() -> impl Strategy<Value = Vec<(i64, Option<i64>)>> {
    let one = (0_i64..30_000, prop::option::weighted(0.9, 1_i64..3_000));
    prop::collection::vec(one, 0..6)
}

fn made(start: Instant, pauses: &[(i64, Option<i64>)]) -> Vec<Pause> {
    pauses
        .iter()
        .map(|(from, length)| Pause {
            reason: "r".to_owned(),
            from: minutes_after(start, *from),
            to: length.map(|length| minutes_after(start, from + length)),
        })
        .collect()
}

const KINDS: [&str; 4] = [
    "limit = 700\nunit = \"minutes\"",
    "limit = 20\nunit = \"hours\"\nhours = \"office\"",
    "limit = 6\nunit = \"working_days\"",
    "limit = 9\nunit = \"days\"",
];

fn clock(kind: usize, facts: &Facts) -> Clock {
    let (library, rule) = one(KINDS[kind]);
    Clock::of(&rule, facts, &timetable(&library)).expect("a clock")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_pauses_were_written_changes_nothing(
        kind in 0_usize..4, opened in 0_i64..20_000, pauses in pauses(), seed in any::<u64>(),
    ) {
        let start = at("2026-03-01T00:00");
        let mut facts = Facts::opened(minutes_after(start, opened), None);
        facts.pauses = made(start, &pauses);
        let first = clock(kind, &facts);
        let turn = usize::try_from(seed % 7).unwrap_or(0) % facts.pauses.len().max(1);
        facts.pauses.rotate_left(turn);
        facts.pauses.reverse();
        let second = clock(kind, &facts);
        prop_assert_eq!((first.due_at, &first.steps), (second.due_at, &second.steps));
    }

    #[test]
    fn one_pause_more_never_brings_a_deadline_forward(
        kind in 0_usize..4, opened in 0_i64..20_000, pauses in pauses(), more in pauses(),
    ) {
        let start = at("2026-03-01T00:00");
        let mut facts = Facts::opened(minutes_after(start, opened), None);
        facts.pauses = made(start, &pauses);
        let before = clock(kind, &facts).due_at;
        facts.pauses.extend(made(start, &more));
        let after = clock(kind, &facts).due_at;
        match (before, after) {
            (Some(before), Some(after)) => prop_assert!(after >= before),
            (None, after) => prop_assert_eq!(after, None),
            // Shifted far enough, it meets a pause without end that used to come after it.
            (Some(_), None) => {
                prop_assert!(pauses.iter().chain(&more).any(|(_, length)| length.is_none()));
            }
        }
    }

    #[test]
    fn a_pause_before_the_deadline_shifts_it_by_the_time_it_stood(
        opened in 0_i64..20_000, from in 0_i64..700, length in 1_i64..5_000,
    ) {
        let opened = minutes_after(at("2026-03-01T00:00"), opened);
        let mut facts = Facts::opened(opened, None);
        facts.pauses = made(opened, &[(from, Some(length))]);
        let due = clock(0, &facts).due_at;
        prop_assert_eq!(due, Some(minutes_after(opened, 700 + length)));
    }

    #[test]
    fn steps_rise_and_none_below_the_whole_comes_after_the_deadline(
        kind in 0_usize..4, opened in 0_i64..20_000, pauses in pauses(),
    ) {
        let start = at("2026-03-01T00:00");
        let mut facts = Facts::opened(minutes_after(start, opened), None);
        facts.pauses = made(start, &pauses);
        let clock = clock(kind, &facts);
        let times: Vec<Instant> = clock.steps.iter().filter_map(|step| step.at).collect();
        prop_assert!(times.is_sorted());
        // Once a step is out of reach, so are the later ones.
        prop_assert!(clock.steps.iter().skip(times.len()).all(|step| step.at.is_none()));
        if let Some(due) = clock.due_at {
            prop_assert_eq!(times.last().copied(), Some(due));
            prop_assert!(due >= facts.opened_at);
        }
    }

    #[test]
    fn a_promise_once_broken_stays_broken_as_time_passes(
        kind in 0_usize..4, opened in 0_i64..20_000, pauses in pauses(), wait in 0_i64..60_000,
    ) {
        let start = at("2026-03-01T00:00");
        let mut facts = Facts::opened(minutes_after(start, opened), None);
        facts.pauses = made(start, &pauses);
        let clock = clock(kind, &facts);
        let now = minutes_after(start, wait);
        let is_broken =
            |at| matches!(clock.standing(at), Standing::Ended(Verdict::Broken, _));
        prop_assert_eq!(is_broken(now), clock.due_at.is_some_and(|due| now > due));
        if is_broken(now) {
            prop_assert!(is_broken(minutes_after(now, 1)));
        }
        // It is looked at again before anything can follow.
        if let Some(next) = clock.next_at(now) {
            prop_assert!(next > now);
        }
    }

    #[test]
    fn a_given_verdict_outlives_every_change(
        kind in 0_usize..4, other in 0_usize..4, pauses in pauses(), now in 0_i64..60_000,
    ) {
        let start = at("2026-03-01T00:00");
        let mut facts = Facts::opened(start, None);
        facts.given = Some((Verdict::Kept, minutes_after(start, 5)));
        let before = clock(kind, &facts).standing(minutes_after(start, now));
        facts.pauses = made(start, &pauses);
        let after = clock(other, &facts).standing(minutes_after(start, now));
        prop_assert_eq!(before, after);
    }
}
