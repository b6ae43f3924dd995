//! 63-bit ids: positive, ordered by the time they were made, unique across nodes. In every JSON
//! they are strings, because 63 bits do not survive a JavaScript number.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Instant;

/// 2024-01-01T00:00:00Z in milliseconds: the moment from which ids count. 41 bits last until 2093.
const EPOCH_MS: i64 = 1_704_067_200_000;
const NODE_BITS: u32 = 10;
const SEQUENCE_BITS: u32 = 12;

/// An id of any business row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(i64);

impl Id {
    /// The id with this stored value.
    #[must_use]
    pub const fn from_i64(value: i64) -> Self {
        Self(value)
    }

    /// The stored value.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// When it was made, to the millisecond, or a little later where many were made at once.
    #[must_use]
    pub fn made_at(self) -> Instant {
        let milliseconds = (self.0 >> (NODE_BITS + SEQUENCE_BITS)) + EPOCH_MS;
        Instant::from_micros(milliseconds.saturating_mul(1_000))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: an id is a positive whole number")]
pub struct IdParseError;

impl FromStr for Id {
    type Err = IdParseError;

    fn from_str(text: &str) -> Result<Self, IdParseError> {
        text.parse().ok().filter(|v| *v > 0).map(Self).ok_or(IdParseError)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Makes ids for one node. Two generators with different node numbers never make the same id;
/// the database leases the numbers.
#[derive(Debug)]
pub struct IdGenerator {
    node: u16,
    last: i64,
}

impl IdGenerator {
    /// How many nodes can make ids side by side.
    pub const NODES: u16 = 1 << NODE_BITS;

    /// A generator for this node number; `None` when it is not below [`IdGenerator::NODES`].
    #[must_use]
    pub fn new(node: u16) -> Option<Self> {
        (node < Self::NODES).then_some(Self { node, last: 0 })
    }

    /// The next id. If the clock stands still or goes back, the sequence runs on into the next
    /// milliseconds, so ids of one generator always rise.
    pub fn next(&mut self, now: Instant) -> Id {
        let tick = (now.micros() / 1_000 - EPOCH_MS).max(0) << SEQUENCE_BITS;
        self.last = tick.max(self.last + 1);
        let milliseconds = self.last >> SEQUENCE_BITS;
        let sequence = self.last & ((1 << SEQUENCE_BITS) - 1);
        Id((milliseconds << (NODE_BITS + SEQUENCE_BITS))
            | (i64::from(self.node) << SEQUENCE_BITS)
            | sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_rise_even_when_the_clock_does_not() {
        let now = Instant::from_micros(1_790_000_000_000_000);
        let mut ids = IdGenerator::new(7).unwrap();
        let mut last = Id::from_i64(0);
        for step in 0..10_000_i64 {
            let id = ids.next(now.plus_seconds(-(step % 3)));
            assert!(id > last && id.get() > 0);
            last = id;
        }
    }

    #[test]
    fn an_id_knows_when_it_was_made() {
        let now = Instant::from_micros(1_790_000_000_123_456);
        let id = IdGenerator::new(1_023).unwrap().next(now);
        assert_eq!(id.made_at(), Instant::from_micros(1_790_000_000_123_000));
    }

    #[test]
    fn nodes_never_collide() {
        let now = Instant::from_micros(1_790_000_000_000_000);
        let mut seen = BTreeSet::new();
        for node in [0, 1, IdGenerator::NODES - 1] {
            let mut ids = IdGenerator::new(node).unwrap();
            for _ in 0..5_000 {
                assert!(seen.insert(ids.next(now)));
            }
        }
        assert!(IdGenerator::new(IdGenerator::NODES).is_none());
    }

    #[test]
    fn ids_are_strings_outside() {
        assert_eq!("42".parse(), Ok(Id::from_i64(42)));
        for bad in ["", "0", "-1", "4.2", "9223372036854775808"] {
            assert!(bad.parse::<Id>().is_err());
        }
    }
}
