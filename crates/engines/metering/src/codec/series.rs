//! Follows each series of a file (usage point and register) in memory that grows with the series,
//! not with the rows: enough to see repeated rows, contradictions and steps back in time.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use kernel::Instant;

/// What a row is, beside the row before it in its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Later than all before, or the first.
    New,
    /// The same moment and the same value.
    Duplicate,
    /// The same moment and another value: both go on, the winner is decided by rule.
    Conflict,
    /// Earlier than the latest row.
    OutOfOrder,
}

/// The latest row of each series. Series are known by 128 bits of hash under keys that differ in
/// every run: that two of a million fall together has a chance of 10^-27, and a file cannot be
/// made to bring it about.
#[derive(Debug)]
pub(super) struct Series {
    latest: HashMap<u128, (Instant, u64)>,
    keys: [RandomState; 2],
    limit: usize,
}

impl Series {
    pub(super) fn new(limit: usize) -> Self {
        Self { latest: HashMap::new(), keys: [RandomState::new(), RandomState::new()], limit }
    }

    fn key(&self, point: &str, register: u8) -> u128 {
        let [high, low] = self.keys.each_ref().map(|key| key.hash_one((point, register)));
        u128::from(high) << 64 | u128::from(low)
    }

    /// The moment of the latest row of a series.
    pub(super) fn last(&self, point: &str, register: u8) -> Option<Instant> {
        self.latest.get(&self.key(point, register)).map(|(at, _)| *at)
    }

    /// Takes a row into account; `value` is everything that makes two rows the same.
    pub(super) fn take<V: std::hash::Hash>(
        &mut self,
        point: &str,
        register: u8,
        at: Instant,
        value: &V,
    ) -> Place {
        let [key, _] = &self.keys;
        let seen = key.hash_one(value);
        let key = self.key(point, register);
        match self.latest.get_mut(&key) {
            Some((last, value)) if *last == at && *value == seen => Place::Duplicate,
            Some((last, _)) if *last == at => Place::Conflict,
            Some((last, _)) if *last > at => Place::OutOfOrder,
            Some(slot) => {
                *slot = (at, seen);
                Place::New
            }
            None => {
                if self.latest.len() < self.limit {
                    self.latest.insert(key, (at, seen));
                }
                Place::New
            }
        }
    }
}
