//! Readings as a handheld sends them.

use kernel::{Id, Instant};

use crate::readings::ShownRegisters;

/// Where a handheld was, in millionths of a degree (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// North is positive.
    pub latitude_udeg: i64,
    /// East is positive.
    pub longitude_udeg: i64,
}

/// A reading taken in the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldReading {
    /// Chosen by the handheld, for this reading alone.
    pub key: String,
    /// Code of the usage point, or the asset number of its meter.
    pub point: String,
    /// When it was read, by the clock of the handheld.
    pub device_at: Instant,
    /// What that clock showed when it was sent.
    pub sent_at: Instant,
    /// Where.
    pub position: Option<Position>,
    /// What the meter showed.
    pub registers: ShownRegisters,
    /// What else was seen.
    pub note: String,
}

/// What became of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its id.
    pub id: Id,
    /// It came before: nothing was done.
    pub known: bool,
    /// What does not fit about it: codes of alerts that were raised.
    pub conflicts: Vec<&'static str>,
}
