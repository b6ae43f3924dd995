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
}
