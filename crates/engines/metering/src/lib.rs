//! What a meter says, and what may be billed of it.
//!
//! - [`reading`]: registers and intervals as integers, where they came from, how far to trust
//!   them, and which of several deliveries counts.
//! - [`consumption`]: from two readings to energy: rollover, exchange, multiplier, sum checks.
//! - [`vee`]: validation, estimation and editing, rule by rule, with findings that show numbers.
//! - [`grid`]: the same checks for whole months of intervals, in one tight loop per meter.
//! - [`aggregate`]: energy per hour, day or longer span, exact, from intervals of any length.
//! - [`codec`]: files in and out: CSV, NEM12/13, Green Button.
//!
//! Values in, values out: no database, clock, network or file access lives here. A codec reads
//! from any [`std::io::Read`] that its caller opened.

pub mod aggregate;
pub mod codec;
pub mod consumption;
pub mod grid;
pub mod reading;
pub mod vee;
