//! The rules of bills as pure functions: which lines a period's days become, and which bills a
//! person looks at first.

mod doubt;
mod draft;
mod review;

pub use doubt::{MeterDoubtRules, MeterRefund, MeterTest, corrected_days, meter_refund};
pub use draft::{BillFacts, Draft, Leaving, draft};
pub use review::{ReviewReason, ReviewRules, Reviewed, review};
