//! Follows each series of a file (usage point and register) in memory that grows with the series,
//! not with the rows: enough to see repeated rows, contradictions and steps back in time.

use std::collections::HashMap;

use kernel::Instant;

use crate::reading::RegisterKind;

/// What a row is, beside the row before it in its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Later than all before, or the first.
    New,
    /// The same moment and the same value.
    Duplicate,
    /// The same moment and another value: both go on, the winner is decided by rule.
    Conflict,
    /// Earlier than the row before.
    OutOfOrder,
}

#[derive(Debug, Default)]
pub(super) struct Series {
    names: HashMap<Box<str>, [Option<(Instant, Seen)>; RegisterKind::COUNT]>,
    limit: usize,
}

/// A value with its decimals, or nothing.
pub(super) type Seen = Option<(i64, u8)>;

impl Series {
    pub(super) fn new(limit: usize) -> Self {
        Self { names: HashMap::new(), limit }
    }

    /// The moment of the last row of a series.
    pub(super) fn last(&self, point: &str, register: RegisterKind) -> Option<Instant> {
        self.names.get(point)?.get(register.index())?.map(|(at, _)| at)
    }

    /// Takes a row into account.
    pub(super) fn take(
        &mut self,
        point: &str,
        register: RegisterKind,
        at: Instant,
        value: Seen,
    ) -> Place {
        if !self.names.contains_key(point) {
            if self.names.len() >= self.limit {
                return Place::New;
            }
            self.names.insert(point.into(), [None; RegisterKind::COUNT]);
        }
        let slots = self.names.get_mut(point);
        let Some(slot) = slots.and_then(|slots| slots.get_mut(register.index())) else {
            return Place::New;
        };
        match *slot {
            Some((last, seen)) if last == at && seen == value => Place::Duplicate,
            Some((last, _)) if last == at => Place::Conflict,
            Some((last, _)) if last > at => Place::OutOfOrder,
            _ => {
                *slot = Some((at, value));
                Place::New
            }
        }
    }
}
