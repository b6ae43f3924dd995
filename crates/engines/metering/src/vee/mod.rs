//! Validation, estimation and editing (VEE) of readings before they are billed.
//!
//! - [`RuleSet`]: thresholds as data, effective-dated, with their source.
//! - [`check_day`]: the checks on one day's use of a usage point, as bits, without allocating.
//! - [`Finding`]: what a rule found, with the numbers, readable in Chinese and English.
//! - [`intervals`]: the interval checks ([`crate::grid`]) for any interval length, as findings.
//! - [`DayProfile`], [`spread`]: what a missing daily read is estimated from, and how the true
//!   use replaces the estimates once the next real read is there.
//! - [`EditedValue`]: a person's decision beside the original, which is never lost.

mod daily;
mod edit;
mod estimate;
mod finding;
pub mod intervals;
mod rules;

pub use daily::{DayUse, RuleHits, check_day, findings_of_day};
pub use edit::{Edit, EditError, EditedValue};
pub use estimate::{DayProfile, on_line, spread};
pub use finding::{Finding, Language, Operand, OperandValue, RuleId, Severity};
pub use rules::{DEFAULT_RULES, RuleSet, RuleSetError};
