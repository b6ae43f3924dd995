//! The 8760-hour form: a year of hourly load rated into twelve months.

mod amount;
mod decimal;
mod error;

pub use amount::{Amount, Factor, Price};
pub use decimal::Decimal;
pub use error::ProfileError;
