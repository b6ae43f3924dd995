//! The conductors that equipment has, as a set. Nothing here knows a network.

use std::{
    fmt,
    ops::{BitAnd, BitOr, Sub},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A set of the phases A, B, C and the neutral N.
///
/// The empty set means "not said" on a row of a network; [`crate::network::Network`] resolves it to
/// the phases of whatever feeds the equipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Phases(u8);

impl Phases {
    /// No phase; on a row: not said.
    pub const NONE: Self = Self(0);
    /// Phase A.
    pub const A: Self = Self(1);
    /// Phase B.
    pub const B: Self = Self(2);
    /// Phase C.
    pub const C: Self = Self(4);
    /// The neutral, which is carried along and never decides whether something is energised.
    pub const N: Self = Self(8);
    /// All three phases.
    pub const ABC: Self = Self(7);

    /// The set with these bits: A 1, B 2, C 4, N 8; other bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 15)
    }

    /// The bits of the set.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The phases without the neutral.
    #[must_use]
    pub const fn live(self) -> Self {
        Self(self.0 & 7)
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` is in the set.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether the two sets share a phase.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The phases A, B and C of the set, one by one, each with its number from 0.
    pub fn each(self) -> impl Iterator<Item = (usize, Self)> {
        [(0, Self::A), (1, Self::B), (2, Self::C)].into_iter().filter(move |(_, p)| self.covers(*p))
    }

    /// Reads `ABC`, `AN`, `b`, `A,B`; `None` for any other letter. An empty text is not said.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.chars().try_fold(Self::NONE, |set, letter| {
            Some(match letter {
                'A' | 'a' => set | Self::A,
                'B' | 'b' => set | Self::B,
                'C' | 'c' => set | Self::C,
                'N' | 'n' => set | Self::N,
                ' ' | ',' | '/' | '+' => set,
                _ => return None,
            })
        })
    }
}

impl BitOr for Phases {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Phases {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Sub for Phases {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Display for Phases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (bit, letter) in [(1, "A"), (2, "B"), (4, "C"), (8, "N")] {
            if self.0 & bit != 0 {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}

impl Serialize for Phases {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Phases {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("phases are letters of A, B, C, N"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_read_back() {
        for bits in 0..16 {
            let phases = Phases::from_bits(bits);
            assert_eq!(Phases::parse(&phases.to_string()), Some(phases));
        }
        assert_eq!(Phases::parse("a, B/n"), Some(Phases::from_bits(11)));
        assert_eq!(Phases::parse("s1"), None);
        assert!(Phases::ABC.covers(Phases::A) && !Phases::A.covers(Phases::ABC));
        assert_eq!(Phases::from_bits(12).live(), Phases::C);
    }
}
