//! Measurements that one command reruns. Each night is measured in a process of its own, so that
//! its peak memory is its own; nothing here asserts a time.
//!
//! - `bureau`: an installation of any size, loaded through the public operations.
//! - `delivery`: the files of a night, as a collecting system hands them over.
//! - `night`: what the night after takes: import, settlement, worklists, all committed.

mod bureau;
mod delivery;
mod night;

pub use night::{Night, NightError, NightReport, measure, prepare};

/// What is read from each meter each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Load {
    /// Total and four time-of-use registers, once: a CSV with one row per meter.
    Registers,
    /// 96 quarter-hours: a CSV with one row per meter and day.
    Curves,
}

impl Load {
    /// Its word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Registers => "registers",
            Self::Curves => "curves",
        }
    }
}
