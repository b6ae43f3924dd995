//! Green Button: NAESB ESPI resources in an Atom feed, both ways.
//!
//! A feed holds usage points; each has meter readings; each of these has a reading type and
//! blocks of interval readings. Entries find each other by their links: an entry's `up` link
//! begins with the `self` link of what it belongs to, and a meter reading is `related` to its
//! type. What is not needed for readings (summaries, costs, power quality) is passed over.
//! Source: NAESB REQ.21 (ESPI); RFC 4287 (Atom).

mod join;
mod read;
mod write;

pub use read::read;
pub use write::write;

use kernel::Instant;

use super::Unit;
use crate::reading::{Mark, RegisterKind};

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feed {
    /// Its title.
    pub title: String,
    /// When it was made.
    pub updated: Option<Instant>,
    /// The standard offset of local time from UTC, in seconds, if it says so.
    pub utc_offset_s: Option<i32>,
    /// The usage points.
    pub usage_points: Vec<UsagePoint>,
}

/// A place where a service is used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsagePoint {
    /// Its number: the last part of its own link.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What is measured there.
    pub series: Vec<Series>,
}

/// One meter reading with its type and all its intervals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its number: the last part of its own link.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What is measured.
    pub reading_type: ReadingType,
    /// The readings, in time.
    pub readings: Vec<Reading>,
}

/// What a series measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingType {
    /// The register it stands for; `None` for what is no energy of a meter here.
    pub register: Option<RegisterKind>,
    /// The unit of the values before the power of ten: Wh, varh, W.
    pub unit: Unit,
    /// The values are in 10^this of the unit.
    pub power_of_ten: i8,
    /// The usual length of an interval in seconds.
    pub interval_s: Option<u32>,
    /// ESPI accumulation behaviour: 4 use per interval, 1 or 3 a running register, 12 instantaneous.
    pub accumulation: u8,
}

impl ReadingType {
    /// Energy per interval in Wh or varh.
    #[must_use]
    pub const fn interval_energy(register: RegisterKind, interval_s: u32) -> Self {
        let unit = match register {
            RegisterKind::ReactiveForward | RegisterKind::ReactiveReverse => Unit::Varh,
            _ => Unit::Wh,
        };
        let (register, interval_s) = (Some(register), Some(interval_s));
        Self { register, unit, power_of_ten: 0, interval_s, accumulation: 4 }
    }

    /// A value as an integer in the kilo unit, and its decimals; `None` when it does not fit.
    #[must_use]
    pub fn kept(&self, value: i64) -> Option<(i64, u8)> {
        let decimals = 3 - i32::from(self.power_of_ten);
        if let Ok(scale) = u8::try_from(decimals) {
            return (scale <= crate::reading::MAX_SCALE).then_some((value, scale));
        }
        let factor = 10_i64.checked_pow(decimals.unsigned_abs())?;
        Some((value.checked_mul(factor)?, 0))
    }
}

/// One interval's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The start of the interval.
    pub from: Instant,
    /// Its length in seconds.
    pub duration_s: u32,
    /// The value in the type's unit and power of ten.
    pub value: i64,
    /// How far to trust it.
    pub mark: Mark,
}
