//! The table of interruptions, joined so that no second of a customer is counted twice.

use std::{cmp::Reverse, ops::Range};

use super::{KindId, ReliabilityError, Rules};

/// The most rows of one table.
const ROWS_MAX: usize = 50_000_000;

/// The farthest instant from the epoch, in seconds: three thousand years. With it no sum of
/// customer-seconds can pass 128 bits.
const INSTANT_MAX_S: i64 = 100_000_000_000;

/// A row: customers without supply from an instant to another. With a `point` it is one customer,
/// of whom rows may overlap; without, it is a group of customers that no other row repeats, and a
/// stepwise restoration is a row for each step, of the customers who came back with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// The line in the caller's table or file, for explanations.
    pub line: u32,
    /// Whose supply: a usage point, or for DL/T 836 a medium-voltage user (中压用户).
    pub point: Option<u64>,
    /// The incident that it belongs to.
    pub event: Option<u64>,
    /// How many customers; one with a `point`.
    pub customers: u32,
    /// Their connected load in kVA, for ASIFI and ASIDI.
    pub kva: u32,
    /// Why.
    pub kind: KindId,
    /// Feeder, area or other part that indices are wanted of.
    pub group: u32,
    /// First second without supply, since the epoch.
    pub began_s: i64,
    /// First second with supply again.
    pub ended_s: i64,
}

/// The seconds of a spell that are one row's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The place of the row in [`Table::rows`].
    pub row: u32,
    /// Seconds that no earlier row of the same customer has.
    pub seconds: i64,
}

/// One interruption as the customer had it: overlapping, nested and touching rows joined. A second
/// belongs to the row that began first of those that cover it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    /// Whose.
    pub point: Option<u64>,
    /// The incident of the first row.
    pub event: Option<u64>,
    /// How many customers.
    pub customers: u32,
    /// Their connected load in kVA.
    pub kva: u32,
    /// The kind of the first row that counts.
    pub kind: KindId,
    /// The group of the first row that counts.
    pub group: u32,
    /// When the part that counts began.
    pub began_s: i64,
    /// When supply was back.
    pub ended_s: i64,
    /// Seconds that count.
    pub seconds: i64,
    /// Its shares, in [`Table::shares`].
    pub shares: Range<u32>,
}

/// Rows and the spells that they make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The rows as given.
    pub rows: Vec<Interruption>,
    /// Spells of named customers by point and begin, then of groups: by incident and begin where
    /// one names an incident, otherwise as given.
    pub spells: Vec<Spell>,
    /// The seconds of the rows in the spells.
    pub shares: Vec<Share>,
    /// Rows of kinds that are no interruption in the sense of the standards.
    pub not_counted: u32,
}

impl Table {
    /// Joins rows, in whatever order they come.
    ///
    /// # Errors
    /// [`ReliabilityError::Row`] for a row that does not end after it began, that is farther than
    /// three thousand years away, or of a point with other than one customer;
    /// [`ReliabilityError::Overflow`] for more than fifty million rows.
    pub fn join(rows: Vec<Interruption>, rules: &Rules) -> Result<Self, ReliabilityError> {
        if rows.len() > ROWS_MAX {
            return Err(ReliabilityError::Overflow("rows"));
        }
        for row in &rows {
            check(row, rules)?;
        }
        let counts: Vec<bool> = rules.kinds.iter().map(|kind| kind.counts).collect();
        let not_counted = rows.iter().filter(|row| !counts[row.kind.place()]).count();
        let mut table = Self {
            spells: Vec::with_capacity(rows.len()),
            shares: Vec::with_capacity(rows.len()),
            not_counted: place(not_counted),
            rows,
        };
        table.join_points(&counts);
        table.list_groups(&counts);
        Ok(table)
    }

    fn join_points(&mut self, counts: &[bool]) {
        let mut order: Vec<u32> =
            (0..place(self.rows.len())).filter(|row| self.row(*row).point.is_some()).collect();
        order.sort_unstable_by_key(|row| {
            let row = self.row(*row);
            let same = (row.kind, row.event, row.group, row.kva, row.line);
            (row.point, row.began_s, Reverse(row.ended_s), same)
        });
        let mut open: Option<Spell> = None;
        for at in order {
            let row = *self.row(at);
            let (new, covered_s) = match &open {
                Some(spell) if spell.point == row.point && row.began_s <= spell.ended_s => {
                    (false, spell.ended_s)
                }
                _ => (true, row.began_s),
            };
            if new {
                self.close(open.take());
            }
            let spell = open.get_or_insert_with(|| begin(&row, place(self.shares.len())));
            let own_s = row.ended_s - covered_s;
            if own_s > 0 {
                spell.ended_s = row.ended_s;
                if counts[row.kind.place()] {
                    if spell.seconds == 0 {
                        (spell.kind, spell.group, spell.event) = (row.kind, row.group, row.event);
                        (spell.began_s, spell.kva) = (covered_s, row.kva);
                    }
                    spell.seconds += own_s;
                    self.shares.push(Share { row: at, seconds: own_s });
                }
            }
        }
        self.close(open);
    }

    fn list_groups(&mut self, counts: &[bool]) {
        let rows = 0..place(self.rows.len());
        let is_group = |row: &Interruption| row.point.is_none() && counts[row.kind.place()];
        // Without incidents there is nothing to bring together, and the order of rows is as good.
        if self.rows.iter().all(|row| row.event.is_none()) {
            for at in rows.filter(|at| is_group(&self.rows[*at as usize])) {
                Self::list(&self.rows[at as usize], at, &mut self.spells, &mut self.shares);
            }
            return;
        }
        let mut order: Vec<u32> = rows.filter(|at| is_group(self.row(*at))).collect();
        order.sort_unstable_by_key(|row| {
            let row = self.row(*row);
            let same = (Reverse(row.ended_s), row.kind, row.customers, row.kva, row.line);
            (row.event, row.began_s, same)
        });
        for at in order {
            Self::list(&self.rows[at as usize], at, &mut self.spells, &mut self.shares);
        }
    }

    /// A group's row is a spell of its own.
    fn list(row: &Interruption, at: u32, spells: &mut Vec<Spell>, shares: &mut Vec<Share>) {
        let next = place(shares.len());
        let seconds = row.ended_s - row.began_s;
        shares.push(Share { row: at, seconds });
        let (ended_s, shares) = (row.ended_s, next..next + 1);
        spells.push(Spell { ended_s, seconds, shares, ..begin(row, next) });
    }

    /// The row at a place.
    fn row(&self, at: u32) -> &Interruption {
        &self.rows[at as usize]
    }

    fn close(&mut self, spell: Option<Spell>) {
        if let Some(mut spell) = spell.filter(|spell| spell.seconds > 0) {
            spell.shares.end = place(self.shares.len());
            self.spells.push(spell);
        }
    }

    /// The shares of a spell.
    #[must_use]
    pub fn shares_of(&self, spell: &Spell) -> &[Share] {
        &self.shares[spell.shares.start as usize..spell.shares.end as usize]
    }
}

/// A spell that nothing belongs to yet, with its shares from `next` on.
const fn begin(row: &Interruption, next: u32) -> Spell {
    Spell {
        point: row.point,
        event: row.event,
        customers: row.customers,
        kva: row.kva,
        kind: row.kind,
        group: row.group,
        began_s: row.began_s,
        ended_s: row.began_s,
        seconds: 0,
        shares: next..next,
    }
}

/// A length or place as a row number: [`ROWS_MAX`] is far below the bound of the type.
fn place(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn check(row: &Interruption, rules: &Rules) -> Result<(), ReliabilityError> {
    let wrong =
        |reason: &str| Err(ReliabilityError::Row { line: row.line, reason: reason.to_owned() });
    if row.began_s.abs() > INSTANT_MAX_S || row.ended_s.abs() > INSTANT_MAX_S {
        return wrong("an instant is more than three thousand years away; write Unix seconds");
    }
    if row.ended_s <= row.began_s {
        return wrong("the interruption does not end after it began");
    }
    if row.point.is_some() && row.customers != 1 {
        return wrong("a usage point is one customer; leave the point out for a group");
    }
    if row.kind.place() >= rules.kinds.len() {
        return wrong("its kind is from other rules");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::DEFAULT_RULES;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::parse(DEFAULT_RULES).unwrap());

    fn rules() -> &'static Rules {
        &RULES
    }

    fn row(line: u32, point: u64, kind: &str, began_s: i64, ended_s: i64) -> Interruption {
        let kind = rules().kind(kind).unwrap();
        let (event, customers, kva, group) = (None, 1, 0, 0);
        Interruption {
            line,
            point: Some(point),
            event,
            customers,
            kva,
            kind,
            group,
            began_s,
            ended_s,
        }
    }

    #[test]
    fn overlapping_nested_and_touching_rows_are_one_interruption() {
        let rows = vec![
            row(1, 7, "fault", 0, 600),
            row(2, 7, "planned", 300, 900),
            row(3, 7, "fault", 400, 500),
            row(4, 7, "fault", 900, 1_000),
            row(5, 7, "fault", 1_001, 1_100),
        ];
        let table = Table::join(rows, rules()).unwrap();
        let seconds: Vec<i64> = table.spells.iter().map(|spell| spell.seconds).collect();
        assert_eq!(seconds, [1_000, 99]);
        let shares: Vec<(u32, i64)> = table
            .shares_of(&table.spells[0])
            .iter()
            .map(|share| (table.rows[share.row as usize].line, share.seconds))
            .collect();
        assert_eq!(shares, [(1, 600), (2, 300), (4, 100)]);
    }

    #[test]
    fn seconds_of_a_disconnection_for_debt_do_not_count_and_hide_a_fault() {
        let rows = vec![row(1, 7, "arrears", 0, 1_000), row(2, 7, "fault", 500, 1_600)];
        let table = Table::join(rows, rules()).unwrap();
        assert_eq!((table.spells[0].seconds, table.spells[0].began_s), (600, 1_000));
        assert_eq!(table.not_counted, 1);
        let alone = Table::join(vec![row(1, 7, "arrears", 0, 1_000)], rules()).unwrap();
        assert!(alone.spells.is_empty());
    }

    #[test]
    fn a_row_that_is_no_interruption_is_refused_with_its_line() {
        for bad in [
            row(9, 1, "fault", 10, 10),
            row(9, 1, "fault", -61_548_270_000_000, 10),
            Interruption { customers: 2, ..row(9, 1, "fault", 0, 10) },
        ] {
            let error = Table::join(vec![bad], rules()).unwrap_err();
            assert!(error.to_string().starts_with("line 9: "), "{error}");
        }
    }

    fn any_rows() -> impl Strategy<Value = Vec<Interruption>> {
        let kinds = prop::sample::select(vec!["fault", "planned", "shed", "arrears"]);
        let one = (0_u64..4, kinds, 0_i64..500, 1_i64..300);
        prop::collection::vec(one, 0..40).prop_map(|rows| {
            (1..)
                .zip(rows)
                .map(|(line, (point, kind, at, s))| row(line, point, kind, at, at + s))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn every_second_of_a_customer_is_counted_once(rows in any_rows()) {
            // A second counts when the first-begun row that covers it is of a kind that counts.
            let rules = rules();
            let mut by_second = 0;
            for point in 0..4 {
                let mut own: Vec<_> = rows.iter().filter(|r| r.point == Some(point)).collect();
                own.sort_by_key(|r| (r.began_s, Reverse(r.ended_s), r.kind));
                for second in 0..800 {
                    let first = own.iter().find(|r| r.began_s <= second && second < r.ended_s);
                    by_second += i64::from(first.is_some_and(|r| rules.kinds[r.kind.place()].counts));
                }
            }
            let table = Table::join(rows, rules).unwrap();
            prop_assert_eq!(table.spells.iter().map(|s| s.seconds).sum::<i64>(), by_second);
            prop_assert_eq!(table.shares.iter().map(|s| s.seconds).sum::<i64>(), by_second);
        }

        #[test]
        fn the_order_of_rows_changes_nothing(rows in any_rows(), turn in 0_usize..40) {
            let mut other = rows.clone();
            other.rotate_left(turn % rows.len().max(1));
            other.reverse();
            let bare = |rows| {
                let spells = Table::join(rows, rules()).unwrap().spells;
                spells.into_iter().map(|s| (s.point, s.began_s, s.seconds, s.kind)).collect::<Vec<_>>()
            };
            prop_assert_eq!(bare(rows), bare(other));
        }
    }
}
