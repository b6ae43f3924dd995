//! The indices of DL/T 836 (供电系统供电可靠性评价规程): time and number of interruptions of
//! medium-voltage users, prearranged and fault apart, and availability RS-1 to RS-4.
//!
//! A medium-voltage user (中压用户) is a public distribution transformer, or a customer supplied at
//! 10 (6, 20) kV; rows name such users as points or count them. An interruption of only part of a
//! transformer's low-voltage side is none of these rows. Hours are counted whole in the period in
//! which an interruption began.

use super::{Basis, Index, ReliabilityError, RowSet, Rules, Side, Spell, Standard, Table};

/// What one side of the table comes to.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    users: i128,
    seconds: i128,
    events: i128,
    event_seconds: i128,
}

/// Computes the indices of a period.
///
/// # Errors
/// [`ReliabilityError::Basis`] for a period without length.
pub fn report(
    table: &Table,
    rules: &Rules,
    standard: &Standard,
    basis: &Basis,
) -> Result<Vec<Index>, ReliabilityError> {
    basis.check()?;
    let sets = [
        (RowSet::All, "1"),
        (RowSet::NotExternal, "2"),
        (RowSet::NotShortage, "3"),
        (RowSet::NotMomentary, "4"),
        (RowSet::Prearranged, "S"),
        (RowSet::Fault, "F"),
    ];
    let sums = sets.map(|(set, mark)| (set, mark, sum(table, rules, standard, basis, set)));
    let hours = ("h", 3_600);
    let each = ("1", 1);
    let mut indices = Vec::new();
    for (set, mark, sum) in &sums {
        if ["1", "2", "3", "4"].contains(mark) {
            let id = format!("RS-{mark}");
            indices.push(Index::availability(&id, sum.seconds, basis, *set));
        }
    }
    for (set, mark, sum) in &sums {
        let seconds = (sum.seconds, "user-seconds without supply");
        let id = format!("AIHC-{mark}");
        indices.push(Index::per_customer(id, seconds, basis.served, hours, *set));
    }
    for (set, mark, sum) in &sums {
        let users = (sum.users, "interruptions of users");
        let id = format!("AITC-{mark}");
        indices.push(Index::per_customer(id, users, basis.served, each, *set));
    }
    for (set, mark, sum) in &sums {
        if ["1", "S", "F"].contains(mark) {
            let events = (sum.events, "interruption events");
            let seconds = (sum.event_seconds, "seconds of events");
            let users = (sum.users, "interruptions of users");
            let (mid, mic) = (format!("MID-{mark}"), format!("MIC-{mark}"));
            indices.push(Index::ratio(mid, seconds, events, hours, *set));
            indices.push(Index::ratio(mic, users, events, ("users", 1), *set));
        }
    }
    Ok(indices)
}

/// Whether a row's seconds belong to a set; whether a spell is momentary is asked of the spell.
fn holds(rules: &Rules, set: RowSet, kind: super::KindId, momentary: bool) -> bool {
    let kind = &rules.kinds[kind.place()];
    match set {
        RowSet::All => true,
        RowSet::Sustained | RowSet::NotMomentary => !momentary,
        RowSet::Momentary => momentary,
        RowSet::Prearranged => kind.side == Side::Prearranged,
        RowSet::Fault => kind.side == Side::Fault,
        RowSet::NotExternal => !kind.external,
        RowSet::NotShortage => !kind.shortage,
    }
}

fn sum(table: &Table, rules: &Rules, standard: &Standard, basis: &Basis, set: RowSet) -> Sums {
    let mut sums = Sums::default();
    // Events: from the first user out to the last one back. Rows without an incident are one each.
    let mut events: std::collections::BTreeMap<u64, (i64, i64)> = std::collections::BTreeMap::new();
    for spell in table.spells.iter().filter(|spell| basis.holds(spell.began_s)) {
        let momentary = spell.seconds <= standard.momentary_max_s;
        let users = i128::from(spell.customers);
        for share in table.shares_of(spell) {
            let row = &table.rows[share.row as usize];
            if holds(rules, set, row.kind, momentary) {
                sums.seconds += users * i128::from(share.seconds);
            }
        }
        if holds(rules, set, spell.kind, momentary) {
            sums.users += users;
            add_event(&mut sums, &mut events, spell);
        }
    }
    sums.events += events.len() as i128;
    sums.event_seconds += events.values().map(|(from, to)| i128::from(to - from)).sum::<i128>();
    sums
}

fn add_event(
    sums: &mut Sums,
    events: &mut std::collections::BTreeMap<u64, (i64, i64)>,
    spell: &Spell,
) {
    match spell.event {
        Some(event) => {
            let span = events.entry(event).or_insert((spell.began_s, spell.ended_s));
            *span = (span.0.min(spell.began_s), span.1.max(spell.ended_s));
        }
        None => {
            sums.events += 1;
            sums.event_seconds += i128::from(spell.seconds);
        }
    }
}

/// The rows that an index was made of: those whose seconds are in the set.
pub fn rows_of<'a>(
    table: &'a Table,
    rules: &'a Rules,
    standard: &'a Standard,
    basis: &'a Basis,
    set: RowSet,
) -> impl Iterator<Item = u32> + 'a {
    let spells = table.spells.iter().filter(|spell| basis.holds(spell.began_s));
    spells.flat_map(move |spell| {
        let momentary = spell.seconds <= standard.momentary_max_s;
        let rows = table.shares_of(spell).iter().map(|share| &table.rows[share.row as usize]);
        rows.filter(move |row| holds(rules, set, row.kind, momentary)).map(|row| row.line)
    })
}
