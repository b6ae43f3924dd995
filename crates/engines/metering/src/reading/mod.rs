//! Readings: what was read, when, from where, and how far it can be trusted.
//!
//! Values are integers at the meter's own resolution (`scale` decimals), before the multiplier.
//! Turning them into energy is the business of [`crate::consumption`].

mod interval;
mod mark;
mod register;
mod source;
mod winner;

pub use interval::{INTERVAL_SECONDS, IntervalBlock, IntervalError, MOST_UKWH};
pub use mark::{Mark, Method, Validity};
pub(crate) use register::rescale;
pub use register::{MAX_SCALE, RegisterError, RegisterKind, Registers, energy_of};
pub use source::Source;
pub use winner::{Candidate, MergedReading, RegisterReading, merge, winner};
