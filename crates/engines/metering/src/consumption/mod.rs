//! From readings to energy: differences of cumulative registers across rollover and meter
//! exchange, times the multiplier; checks that sums agree; exact shares of a total.
//!
//! Everything is integers. A difference is taken at the meter's resolution, multiplied once, and
//! stated in µkWh; what does not fit or runs backwards is an error, never a silent zero.

mod difference;
mod share;
mod sums;

pub use difference::{
    Dial, Difference, Segment, UseAcross, difference, over_registered, use_across,
};
pub use share::{rebucket, share_out};
pub use sums::{SumCheck, check_intervals_against_register, check_time_of_use};

use kernel::{Fault, FaultKind, QuantityError};

use crate::reading::RegisterError;

/// Why no consumption could be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsumptionError {
    /// The register stands lower than before, and not because it rolled over.
    #[error(
        "the register went back from {previous} to {current}: a rollover would mean a use of \
         {as_rollover}, more than the plausible {plausible}. Read the meter again"
    )]
    Reversed {
        /// The earlier value.
        previous: String,
        /// The later value.
        current: String,
        /// The use that a rollover would mean.
        as_rollover: String,
        /// The most that could have been used.
        plausible: String,
    },
    /// The value has more digits than the meter shows.
    #[error(
        "the value {value} has more than the {digits} digits before the point that the meter has"
    )]
    BeyondDial {
        /// The value.
        value: String,
        /// Digits before the decimal point.
        digits: u8,
    },
    /// A meter with no digits or more than an integer can hold.
    #[error("a meter of {digits} digits and {scale} decimals is not possible: at most 18 together")]
    Dial {
        /// Digits before the decimal point.
        digits: u8,
        /// Decimals.
        scale: u8,
    },
    /// A value that cannot be held.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A result that cannot be held.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
}

impl Fault for ConsumptionError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Reversed { .. } => "metering.register_reversed",
            Self::BeyondDial { .. } => "metering.register_beyond_dial",
            Self::Dial { .. } => "metering.dial",
            Self::Register(error) => error.code(),
            Self::Quantity(error) => error.code(),
        }
    }
}
