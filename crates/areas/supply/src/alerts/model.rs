//! What is asked of alerts.

use kernel::Id;

/// An error that somebody logs (抄表差错).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewError {
    /// Its id, chosen before so that a form sent twice logs one.
    pub id: Id,
    /// A code of the catalogue.
    pub code: String,
    /// Where.
    pub usage_point: Id,
    /// What was seen; may be empty.
    pub note: String,
}

/// What an alert turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something was wrong.
    Confirmed,
    /// Nothing was wrong.
    FalseAlarm,
}

impl Outcome {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::FalseAlarm => "false_alarm",
        }
    }

    /// The outcome with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "confirmed" => Some(Self::Confirmed),
            "false_alarm" => Some(Self::FalseAlarm),
            _ => None,
        }
    }
}
