//! Files as values: what kind of list, what is asked of it, and what came of it.

use access::Right;
use kernel::Id;

use crate::{readings::BadRows, sheet::CellFault};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Customers with their accounts, addresses and usage points.
    Customers,
    /// Meters with where they hang.
    Meters,
    /// Which tariff each usage point is billed under.
    Agreements,
    /// Readings: registers or intervals.
    Readings,
}

impl Kind {
    /// All kinds, in the order in which a bureau needs them.
    pub const ALL: [Self; 4] = [Self::Customers, Self::Meters, Self::Agreements, Self::Readings];

    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Meters => "meters",
            Self::Agreements => "agreements",
            Self::Readings => "readings",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The right that taking such a file in needs.
    #[must_use]
    pub const fn right(self) -> Right {
        match self {
            Self::Customers => Right::CustomerWrite,
            Self::Meters => Right::MeterWrite,
            Self::Agreements => Right::AgreementWrite,
            Self::Readings => Right::ReadingImport,
        }
    }
}

/// What is done with a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is looked through; nothing changes.
    Check,
    /// It is taken in, under the policy for bad rows.
    Load(BadRows),
}

/// A file that was handed in; its bytes lie in the lake's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// Its id, which also names where the bytes lie.
    pub id: Id,
    /// What it holds.
    pub kind: Kind,
    /// Its name as the person's machine calls it.
    pub name: String,
    /// The layout of readings by name, or empty: found by the first bytes.
    pub format: String,
    /// What becomes of it when rows are bad.
    pub bad_rows: BadRows,
    /// Its size.
    pub bytes: i64,
}

/// What came, or would come, of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListReport {
    /// Rows looked at.
    pub rows: u64,
    /// Rows that are new.
    pub added: u64,
    /// Rows that were there already.
    pub present: u64,
    /// Rows with something wrong, all counted.
    pub bad: u64,
    /// What is wrong, for the first thousand rows.
    pub faults: Vec<CellFault>,
    /// Nothing of it counts, because of bad rows.
    pub refused: bool,
}

impl super::FileRow {
    /// Where its bytes lie in the lake's store.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(self.id)
    }

    /// What becomes of it when rows are bad.
    #[must_use]
    pub fn bad_rows(&self) -> BadRows {
        if self.policy == BadRows::RefuseWhole.word() {
            BadRows::RefuseWhole
        } else {
            BadRows::KeepGood
        }
    }
}

/// Where the bytes of a file lie in the lake's store.
#[must_use]
pub fn key_of(id: Id) -> String {
    format!("intake/{id}")
}
