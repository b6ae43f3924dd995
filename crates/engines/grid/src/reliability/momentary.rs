//! Momentary interruptions grouped into events: what one reclosing sequence did to a customer.

use super::{Spell, Standard};

/// How many customer events a run of interruptions is. The run is one customer's, or one
/// incident's of groups, in order of begin. Momentary interruptions that begin within the
/// standard's time of the first are one event; an event that a sustained interruption follows
/// within that time is part of it and does not count.
pub(super) fn events(run: &[&Spell], standard: &Standard) -> i128 {
    let momentary = |spell: &Spell| spell.seconds <= standard.momentary_max_s;
    let mut events = 0;
    let mut at = 0;
    while at < run.len() {
        if !momentary(run[at]) {
            at += 1;
            continue;
        }
        let until_s = run[at].began_s + standard.momentary_event_s;
        let within = run[at..].iter().take_while(|spell| spell.began_s <= until_s).count();
        let group = &run[at..at + within];
        let brief = || group.iter().filter(|spell| momentary(spell));
        let back_s = brief().map(|spell| spell.ended_s).min().unwrap_or(until_s);
        // Groups that went out together are different customers; who goes out after the first
        // came back is taken for one of them.
        let stayed_out = group.iter().filter(|s| !momentary(s) && s.began_s >= back_s);
        let stayed_out: i128 = stayed_out.map(|spell| i128::from(spell.customers)).sum();
        let together = brief().filter(|spell| spell.began_s == run[at].began_s);
        let together: i128 = together.map(|spell| i128::from(spell.customers)).sum();
        let most = brief().map(|spell| i128::from(spell.customers)).max().unwrap_or(0);
        events += (together.max(most) - stayed_out).max(0);
        at += within;
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::{DEFAULT_RULES, KindId, Rules};
    use jiff::civil::date;

    fn count(spells: &[(u32, i64, i64)]) -> i128 {
        let rules = Rules::parse(DEFAULT_RULES).unwrap();
        let standard = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
        let spells: Vec<Spell> = spells
            .iter()
            .map(|(customers, began_s, seconds)| Spell {
                point: None,
                event: Some(1),
                customers: *customers,
                kva: 0,
                kind: KindId(0),
                group: 0,
                began_s: *began_s,
                ended_s: began_s + seconds,
                seconds: *seconds,
                shares: 0..0,
            })
            .collect();
        events(&spells.iter().collect::<Vec<_>>(), standard)
    }

    #[test]
    fn a_recloser_that_holds_at_the_third_try_is_one_event() {
        assert_eq!(count(&[(1, 0, 2), (1, 30, 2), (1, 90, 5)]), 1);
        assert_eq!(count(&[(1, 0, 2), (1, 300, 2)]), 1);
        assert_eq!(count(&[(1, 0, 2), (1, 301, 2)]), 2);
    }

    #[test]
    fn a_try_before_a_lockout_is_part_of_the_sustained_interruption() {
        assert_eq!(count(&[(1, 0, 2), (1, 30, 4_000)]), 0);
        assert_eq!(count(&[(1, 0, 2), (1, 400, 4_000)]), 1);
        assert_eq!(count(&[(1, 0, 4_000)]), 0);
    }

    #[test]
    fn of_a_feeder_only_those_who_came_back_had_a_momentary_event() {
        // The recloser drops 11; a fuse then keeps 3 of them out.
        assert_eq!(count(&[(11, 0, 2), (3, 10, 900)]), 8);
        // Eleven go out together: eight are switched over at once, three wait.
        assert_eq!(count(&[(8, 0, 60), (3, 0, 900)]), 8);
    }
}
