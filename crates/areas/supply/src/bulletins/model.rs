//! Bulletins and messages as values.

use kernel::{Date, Id};

/// What a bulletin is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulletinKind {
    /// Meters are read on another day of the month (抄表例日) from then on.
    ReadingDay(u8),
    /// How missing readings are estimated.
    Estimation,
    /// Meters are exchanged.
    MeterChange,
    /// Anything else.
    Other,
}

impl BulletinKind {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadingDay(_) => "reading_day",
            Self::Estimation => "estimation",
            Self::MeterChange => "meter_change",
            Self::Other => "other",
        }
    }

    /// The kind with this word; `reading_day` is needed for the first only.
    #[must_use]
    pub fn from_word(word: &str, reading_day: Option<u8>) -> Option<Self> {
        match word {
            "reading_day" => reading_day.map(Self::ReadingDay),
            "estimation" => Some(Self::Estimation),
            "meter_change" => Some(Self::MeterChange),
            "other" => Some(Self::Other),
            _ => None,
        }
    }
}

/// A bulletin to be published. Both languages are needed, so that every customer can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBulletin {
    /// What it is about.
    pub kind: BulletinKind,
    /// Only for the customers of a 台区.
    pub transformer_area: Option<Id>,
    /// Title, Chinese and English.
    pub title: (String, String),
    /// Text, Chinese and English.
    pub body: (String, String),
    /// The first day on which it holds.
    pub effective_on: Date,
}

/// A message to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// The account.
    pub account: Id,
    /// `unusual_use`, `use_confirmed`, `meter_change` or `other`.
    pub kind: &'static str,
    /// The row that both sides can name.
    pub event: Id,
    /// In plain words, Chinese.
    pub zh: &'a str,
    /// In plain words, English.
    pub en: &'a str,
}
