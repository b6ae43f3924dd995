//! What a verification found.

use kernel::Date;
use serde::Serialize;

/// A settled day computed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayCheck {
    /// The day.
    pub day: Date,
    /// Usage points compared.
    pub usage_points: u64,
    /// What differs: usage point and fields; empty when nothing does.
    pub differences: Vec<(i64, Vec<String>)>,
}

/// A bill computed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BillCheck {
    /// Its number.
    pub bill_no: String,
    /// What differs, in words; empty when nothing does.
    pub differences: Vec<String>,
    /// What it comes to by readings and terms that counted after it was made, where that is
    /// something else: a correction is to be made. 1e-4 of the currency.
    pub moved_to_units: Option<i64>,
}
