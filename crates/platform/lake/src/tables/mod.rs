//! The tables of the lake, one file each: what a row holds, in which unit, sorted by what.

mod intervals;
mod readings;
mod state;
mod terms;

pub use intervals::IntervalRow;
pub use readings::{REGISTERS, ReadingRow};
pub use state::{DayMethod, NO_DAY, StateRow};
pub use terms::{Measured, TermsChange, TermsRow};

use kernel::Date;

/// A date as days since 1970-01-01, the form of date columns.
#[must_use]
pub fn day_number(date: Date) -> i32 {
    (date - Date::constant(1970, 1, 1)).get_days()
}

/// The date of a day number; `None` outside the calendar.
#[must_use]
pub fn date_of(number: i32) -> Option<Date> {
    let span = jiff::Span::new().try_days(number).ok()?;
    Date::constant(1970, 1, 1).checked_add(span).ok()
}
