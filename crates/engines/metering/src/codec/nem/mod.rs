//! AEMO's meter data file format (MDFF): NEM12 for intervals, NEM13 for accumulated reads.
//!
//! Records: 100 header, 200 channel, 300 one day of intervals, 400 quality of a range of its
//! intervals, 500 transaction; 250 accumulated read, 550 its transaction; 900 end. Times are
//! Australian Eastern Standard Time all year (UTC+10, no daylight saving).
//! Source: AEMO, Meter Data File Format Specification NEM12 & NEM13.

mod decode;
mod fields;
mod summary;

pub use decode::{decode, decode_bytes};
pub use fields::{mark_of_quality, register_of_suffix};
pub use summary::{ChannelSummary, Summary, SummaryError, decode_nem12_summary};

use jiff::civil::{Date, DateTime};
use kernel::Instant;

use super::{Limits, Number, Policy, Unit};
use crate::reading::{IntervalBlock, Mark, RegisterKind};

/// How a file is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What to do about bad records.
    pub policy: Policy,
    /// Bounds.
    pub limits: Limits,
    /// Whether a file without record 100 is refused; otherwise it is taken for NEM12. Exports
    /// that retailers make for customers often lack it.
    pub header_required: bool,
}

impl Default for Options {
    fn default() -> Self {
        let (policy, limits) = (Policy::KeepGood, Limits::default());
        Self { policy, limits, header_required: true }
    }
}

/// Which of the two formats a file declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Interval data.
    Nem12,
    /// Accumulated reads.
    Nem13,
}

/// Record 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The declared format.
    pub version: Version,
    /// When the file was made, if it says so properly.
    pub created: Option<DateTime>,
    /// The sending participant.
    pub from: String,
    /// The receiving participant.
    pub to: String,
}

/// Record 200: the channel that the following days belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// National metering identifier: the usage point.
    pub nmi: String,
    /// All suffixes of the usage point.
    pub configuration: String,
    /// The register at the meter.
    pub register_id: String,
    /// The channel, such as `E1`.
    pub suffix: String,
    /// The market's data stream.
    pub datastream: String,
    /// The meter's serial number.
    pub meter: String,
    /// The unit as written.
    pub unit_text: String,
    /// The unit; `None` for those of the format in which nothing is billed, such as volts.
    pub unit: Option<Unit>,
    /// Minutes per interval; a divisor of a day.
    pub interval_min: u32,
    /// The next scheduled read.
    pub next_read: Option<DateTime>,
}

/// The quality of a day or of a range of intervals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// Flag and method: `A`, `E52`, `S14`, `N`, `V`.
    pub method: String,
    /// Reason code, or empty.
    pub reason_code: String,
    /// Reason in words, or empty.
    pub reason: String,
}

/// Record 300 with its 400s: one day of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The line of the 300 record.
    pub line: u64,
    /// The day.
    pub date: Date,
    /// The values in the channel's unit; `None` where the file has none.
    pub values: Vec<Option<Number>>,
    /// The qualities that occur.
    pub qualities: Vec<Quality>,
    /// For each interval, its place in `qualities`.
    pub quality_of: Vec<u16>,
    /// When the participant last changed the day.
    pub updated: Option<DateTime>,
    /// When the market loaded it.
    pub loaded: Option<DateTime>,
}

impl Day {
    /// The quality of an interval.
    #[must_use]
    pub fn quality(&self, interval: usize) -> Option<&Quality> {
        self.qualities.get(usize::from(*self.quality_of.get(interval)?))
    }

    /// The day as a block in the kilo unit of its channel.
    ///
    /// # Errors
    /// In words, when the channel is measured in another unit than the register it is named for
    /// (kilowatts are no energy), the interval length is none that is kept, or a value does not fit.
    pub fn block(&self, channel: &Channel) -> Result<IntervalBlock, String> {
        let needs = register_of_suffix(&channel.suffix).map(RegisterKind::unit);
        let fits = |unit: &Unit| needs.is_none_or(|needs| needs == unit.kept_in());
        let unit = channel.unit.filter(fits).ok_or_else(|| {
            let (suffix, unit) = (&channel.suffix, &channel.unit_text);
            let needs = needs.unwrap_or("kWh or kvarh");
            format!("channel {suffix} is measured in {unit}; only {needs} can be kept")
        })?;
        let kept = |number: &Number| number.kept(unit, None).map_err(|e| e.to_string());
        let values: Vec<Option<(i64, u8)>> = self
            .values
            .iter()
            .map(|v| v.as_ref().map(kept).transpose())
            .collect::<Result<_, _>>()?;
        let scale = values.iter().flatten().map(|(_, scale)| *scale).max().unwrap_or(0);
        let rescale = |(value, own)| {
            crate::reading::rescale(value, own, scale).map_err(|error| error.to_string())
        };
        let values: Vec<Option<i64>> =
            values.into_iter().map(|v| v.map(rescale).transpose()).collect::<Result<_, _>>()?;
        let mark = |i: usize| match (values.get(i), self.quality(i)) {
            (Some(Some(_)), Some(quality)) => mark_of_quality(&quality.method),
            _ => Mark::MISSING,
        };
        let marks = (0..values.len()).map(mark).collect();
        let from = fields::instant(self.date.at(0, 0, 0, 0)).ok_or("the date is out of range")?;
        IntervalBlock::new(from, channel.interval_min * 60, scale, values, marks)
            .map_err(|error| error.to_string())
    }
}

/// Record 250: an accumulated read with the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccumulatedRead {
    /// The line.
    pub line: u64,
    /// National metering identifier: the usage point.
    pub nmi: String,
    /// The channel, such as `11`.
    pub suffix: String,
    /// The register at the meter.
    pub register_id: String,
    /// The meter's serial number.
    pub meter: String,
    /// `E` taken from the network, `I` given to it.
    pub direction: String,
    /// The register before, in the file's unit.
    pub previous: Number,
    /// When it stood there.
    pub previous_at: DateTime,
    /// Its quality.
    pub previous_quality: Quality,
    /// The register now.
    pub current: Number,
    /// When it stood there.
    pub current_at: DateTime,
    /// Its quality.
    pub current_quality: Quality,
    /// The consumption between, as the file states it.
    pub quantity: Number,
    /// The unit as written.
    pub unit_text: String,
    /// The unit.
    pub unit: Unit,
}

/// Record 500 or 550.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The line.
    pub line: u64,
    /// The transaction code (for 550 the current one).
    pub code: String,
    /// The retailer's service order.
    pub service_order: String,
}

/// What a file holds, in its order.
#[derive(Debug)]
pub enum Item<'a> {
    /// The header; may come again in files that were put together.
    Header(&'a Header),
    /// A channel begins.
    Channel(&'a Channel),
    /// One day of a channel, its 400 records applied.
    Day(&'a Channel, &'a Day),
    /// A quality for a range of a day that could not be used itself.
    SkippedQuality(&'a Channel, &'a Quality),
    /// An accumulated read.
    Read(&'a AccumulatedRead),
    /// A transaction about what came before it.
    Transaction(&'a Transaction),
}

/// The instant of a local time in the market's zone, UTC+10 all year.
#[must_use]
pub fn market_instant(at: DateTime) -> Option<Instant> {
    fields::instant(at)
}
