//! How reliable the supply was: the indices of IEEE 1366 and DL/T 836 from one table of
//! interruptions, major-event days, and lines that trip too often.
//!
//! - [`Rules`]: the numbers of the standards and the kinds of interruption, as a document.
//! - [`Table`]: interruptions joined per customer, so that no second is counted twice.
//! - [`ieee1366`], [`dlt836`]: the indices, each with numerator, denominator and rows.
//! - [`major`]: the 2.5-beta method on daily SAIDI.
//! - [`trips`]: trips of lines and the programmes that they open.
//! - [`csv`]: the files of the command line.
//!
//! Sums are exact integers of customer-seconds; a ratio is formed once, when it is shown. Nothing
//! here opens a file or asks the time.

pub mod csv;
pub mod dlt836;
mod error;
pub mod ieee1366;
mod index;
pub mod major;
mod momentary;
mod rules;
mod table;
pub mod trips;

pub use error::ReliabilityError;
pub use index::{Basis, Index, RowSet, Served};
pub use rules::{Deviation, Kind, KindId, MajorEventRule, Rules, Side, Standard, TripRule, Words};
pub use table::{Interruption, Share, Spell, Table};

/// The rules that come with the program, from `rules/reliability.toml`.
pub const DEFAULT_RULES: &str = include_str!("../../../../../rules/reliability.toml");
