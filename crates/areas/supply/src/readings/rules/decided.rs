//! What a decision delivers to the lake: rows that outrank the day's deliveries by a higher
//! revision. The originals stay.

use std::collections::BTreeMap;

use lake::tables::{IntervalRow, ReadingRow};
use metering::reading::{Mark, Method, RegisterKind, Registers, Source, Validity};

use super::chunk::DayRows;
use crate::readings::ReadingError;

const CONFIRMED: Mark = Mark { validity: Validity::Confirmed, method: Method::Measured };
const EDITED: Mark = Mark { validity: Validity::Edited, method: Method::Manual };

/// Thrown away: what a person put where nothing was delivered, once that is undone.
const REJECTED: Mark = Mark { validity: Validity::Rejected, method: Method::Manual };

/// Accepts what was delivered: the rows that count again, confirmed by a person.
///
/// # Errors
/// [`ReadingError::NothingDelivered`].
pub fn accept(delivered: &DayRows) -> Result<DayRows, ReadingError> {
    let mut rows = winners(delivered, |_| true);
    rows.readings.retain(|row| row.mark != REJECTED.code());
    rows.intervals.retain(|row| row.flag != REJECTED.code());
    if rows.readings.is_empty() && rows.intervals.is_empty() {
        return Err(ReadingError::NothingDelivered);
    }
    outrank(&mut rows, delivered, Some(CONFIRMED))?;
    Ok(rows)
}

/// The delivered rows again, above every decision: what counted before anybody decided. What stands
/// at a moment or in a slot by decisions alone is rejected there, so that it is as if nothing had
/// been read.
///
/// # Errors
/// [`ReadingError::NothingDelivered`] when there is nothing on the day, not even a decision.
pub fn restore(delivered: &DayRows) -> Result<DayRows, ReadingError> {
    let mut rows = winners(delivered, |source| source != Source::Edited.code());
    let decided = winners(delivered, |source| source == Source::Edited.code());
    for row in decided.readings {
        let same = |other: &ReadingRow| (other.at, other.meter) == (row.at, row.meter);
        if !rows.readings.iter().any(same) {
            rows.readings.push(ReadingRow { mark: REJECTED.code(), ..row });
        }
    }
    for row in decided.intervals {
        let same = |other: &IntervalRow| (other.slot, other.minutes) == (row.slot, row.minutes);
        if !rows.intervals.iter().any(same) {
            rows.intervals.push(IntervalRow { flag: REJECTED.code(), ..row });
        }
    }
    if rows.readings.is_empty() && rows.intervals.is_empty() {
        return Err(ReadingError::NothingDelivered);
    }
    outrank(&mut rows, delivered, None)?;
    Ok(rows)
}

/// Replaces registers of the day's last reading, or sets one where nothing was delivered: then it
/// stands at `empty`, which gives usage point, meter, moment and decimals.
///
/// # Errors
/// [`ReadingError::Value`] for a text that is no value of the register.
pub fn replace(
    delivered: &DayRows,
    values: &BTreeMap<RegisterKind, String>,
    empty: ReadingRow,
) -> Result<DayRows, ReadingError> {
    let last = winners(delivered, |_| true).readings.into_iter().max_by_key(|row| row.at);
    let base = last.unwrap_or(empty);
    let scale = values
        .values()
        .map(|text| text.split_once('.').map_or(0, |(_, decimals)| decimals.len()))
        .max()
        .and_then(|decimals| u8::try_from(decimals).ok())
        .map_or(base.scale, |decimals| decimals.max(base.scale));
    let wrong = |register: RegisterKind, reason: String| ReadingError::Value {
        register: register.name().to_owned(),
        reason,
    };
    let mut registers =
        Registers::new(scale).map_err(|error| wrong(RegisterKind::Total, error.to_string()))?;
    for (kind, text) in values {
        registers.set_text(*kind, text.trim()).map_err(|error| wrong(*kind, error.to_string()))?;
        if registers.get(*kind).is_some_and(|value| value < 0) {
            return Err(wrong(*kind, "a register shows no negative value".to_owned()));
        }
    }
    if registers.is_empty() {
        return Err(wrong(RegisterKind::Total, "give at least one register a value".to_owned()));
    }
    let row =
        ReadingRow { scale, register: RegisterKind::ALL.map(|kind| registers.get(kind)), ..base };
    let mut rows = DayRows { readings: vec![row], intervals: Vec::new() };
    outrank(&mut rows, delivered, Some(EDITED))?;
    Ok(rows)
}

/// One row for each moment and meter, and each slot: the greatest by revision, source and value.
/// Registers that a lesser row alone carries come along as that row.
fn winners(delivered: &DayRows, counts: impl Fn(u8) -> bool) -> DayRows {
    let mut readings: Vec<ReadingRow> =
        delivered.readings.iter().copied().filter(|row| counts(row.source)).collect();
    readings.sort_by_key(|row| (row.at, row.meter, row.revision, row.source, row.register));
    let mut kept: Vec<ReadingRow> = Vec::new();
    for same in readings.chunk_by(|a, b| (a.at, a.meter) == (b.at, b.meter)) {
        let greatest = same[same.len() - 1];
        let mut row = greatest;
        for lesser in same.iter().rev().skip(1).filter(|lesser| lesser.scale == row.scale) {
            for (slot, other) in row.register.iter_mut().zip(lesser.register) {
                *slot = slot.or(other);
            }
        }
        kept.push(row);
    }
    let mut slots: BTreeMap<(u16, u8), IntervalRow> = BTreeMap::new();
    for row in delivered.intervals.iter().filter(|row| counts(row.source)) {
        let rank = |row: &IntervalRow| (row.revision, row.source, row.wh);
        let best = slots.entry((row.slot, row.minutes)).or_insert(*row);
        if rank(row) > rank(best) {
            *best = *row;
        }
    }
    DayRows { readings: kept, intervals: slots.into_values().collect() }
}

/// Gives rows a revision above all of the day; a decision also its source and mark.
fn outrank(
    rows: &mut DayRows,
    delivered: &DayRows,
    mark: Option<Mark>,
) -> Result<(), ReadingError> {
    let above = |most: Option<i32>| match most {
        None => Ok(0),
        Some(most) => most.checked_add(1).ok_or(ReadingError::TooMany("revisions of a day")),
    };
    let revision = above(delivered.readings.iter().map(|row| row.revision).max())?;
    for row in &mut rows.readings {
        row.revision = revision;
        if let Some(mark) = mark {
            row.source = Source::Edited.code();
            row.mark = mark.code();
        }
    }
    let revision = above(delivered.intervals.iter().map(|row| row.revision).max())?;
    for row in &mut rows.intervals {
        row.revision = revision;
        if let Some(mark) = mark {
            row.source = Source::Edited.code();
            row.flag = mark.code();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: i64, source: Source, revision: i32) -> ReadingRow {
        let mut register = [None; RegisterKind::COUNT];
        register[0] = Some(value);
        let source = source.code();
        ReadingRow {
            usage_point: 1,
            at: 5,
            meter: 2,
            scale: 1,
            register,
            source,
            revision,
            ..ReadingRow::default()
        }
    }

    #[test]
    fn a_decision_outranks_and_its_undoing_outranks_it() {
        let mut day = DayRows { readings: vec![row(100, Source::Ami, 0)], intervals: Vec::new() };
        let accepted = accept(&day).unwrap();
        assert_eq!(accepted.readings[0].revision, 1);
        assert_eq!(accepted.readings[0].mark, CONFIRMED.code());
        day.readings.extend(accepted.readings);
        let values = BTreeMap::from([(RegisterKind::Total, "12.34".to_owned())]);
        let replaced = replace(&day, &values, ReadingRow::default()).unwrap();
        assert_eq!(
            (replaced.readings[0].scale, replaced.readings[0].register[0]),
            (2, Some(1_234))
        );
        day.readings.extend(replaced.readings);
        let restored = restore(&day).unwrap();
        let back = restored.readings[0];
        assert_eq!(
            (back.register[0], back.source, back.revision),
            (Some(100), Source::Ami.code(), 3)
        );
    }

    #[test]
    fn a_value_set_where_nothing_was_read_can_be_taken_back() {
        let mut day = DayRows::default();
        let values = BTreeMap::from([(RegisterKind::Total, "12.3".to_owned())]);
        let set = replace(&day, &values, row(0, Source::Edited, 0)).unwrap();
        assert_eq!((set.readings[0].revision, set.readings[0].mark), (0, EDITED.code()));
        day.readings.extend(set.readings);
        let undone = restore(&day).unwrap();
        assert_eq!((undone.readings[0].revision, undone.readings[0].mark), (1, REJECTED.code()));
        day.readings.extend(undone.readings);
        assert!(matches!(accept(&day), Err(ReadingError::NothingDelivered)), "it is not there");
        let again = replace(&day, &values, ReadingRow::default()).unwrap();
        assert_eq!((again.readings[0].revision, again.readings[0].mark), (2, EDITED.code()));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let empty = DayRows::default();
        assert!(matches!(accept(&empty), Err(ReadingError::NothingDelivered)));
        for text in ["", "x", "-1", "1e5"] {
            let values = BTreeMap::from([(RegisterKind::Total, text.to_owned())]);
            assert!(replace(&empty, &values, ReadingRow::default()).is_err(), "{text}");
        }
    }
}
