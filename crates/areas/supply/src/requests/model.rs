//! Requests and answers as values.

use kernel::{Date, Id, Instant};

use crate::readings::ShownRegisters;

/// Why a reading is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A person wants to know what the meter shows now.
    OnDemand,
    /// The night missed it.
    Retry,
    /// Days that are missing are asked of the meter's memory.
    Memory,
    /// Somebody goes there with a handheld.
    Field,
}

impl Purpose {
    /// The stored word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::OnDemand => "on_demand",
            Self::Retry => "retry",
            Self::Memory => "memory",
            Self::Field => "field",
        }
    }
}

/// A request that a person makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Whose meter.
    pub usage_point: Id,
    /// Days of its memory, half-open; none: what it shows now.
    pub days: Option<(Date, Date)>,
}

/// What the head-end answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The request.
    pub request: Id,
    /// What the meter showed, by moment; several for days of its memory.
    pub readings: Vec<(Instant, ShownRegisters)>,
    /// Why there is no reading; empty: there is.
    pub failure: String,
}
