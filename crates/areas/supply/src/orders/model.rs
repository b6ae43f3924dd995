//! What is asked of work orders.

use std::collections::BTreeMap;

use kernel::{Date, Energy, Id, Ratio};
use metering::reading::RegisterKind;

use crate::meters::Registers;

/// Orders for every meter whose verification ends in a period and that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPlan {
    /// First day of the period.
    pub from: Date,
    /// First day after it.
    pub to: Date,
    /// Only meters of this make and type; empty: all.
    pub model: String,
    /// Who does it; empty: not decided.
    pub crew: String,
}

/// When and by whom an order is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The order.
    pub order: Id,
    /// As it was seen.
    pub version: i64,
    /// The day.
    pub planned_on: Date,
    /// Who does it.
    pub crew: String,
}

/// An exchange as the crew records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The order.
    pub order: Id,
    /// As it was seen.
    pub version: i64,
    /// The day.
    pub on: Date,
    /// What the old meter showed.
    pub closing: Registers,
    /// Asset number of the new meter, which is in stock.
    pub new_asset_no: String,
    /// What the new meter shows.
    pub opening: Registers,
    /// CT × PT, when it is another one.
    pub ratio: Option<Ratio>,
}

/// A fault that somebody reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFault {
    /// Where the meter hangs.
    pub usage_point: Id,
    /// A code of the catalogue.
    pub code: String,
    /// What was seen.
    pub note: String,
}

/// Energy to be added to (or, when negative, taken from) what a faulty meter registered, by
/// register: the total, and each bucket where the meter has them.
pub type Adjustment = BTreeMap<RegisterKind, Energy>;

/// How a fault ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultDecision {
    /// The order.
    pub order: Id,
    /// As it was seen.
    pub version: i64,
    /// The adjustment; none: what was registered stands.
    pub adjust: Option<Adjustment>,
    /// Why, and how it was reckoned.
    pub reason: String,
}

/// Which orders a list shows. Empty texts mean all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFilter {
    /// `rotation` or `fault`.
    pub kind: String,
    /// A state, or `waiting` for all that are not closed.
    pub state: String,
    /// An asset number or a crew from its start.
    pub words: String,
    /// First day of the term.
    pub from: Date,
    /// First day no longer.
    pub to: Date,
}

impl OrderFilter {
    /// All that wait.
    #[must_use]
    pub fn waiting() -> Self {
        Self {
            kind: String::new(),
            state: "waiting".to_owned(),
            words: String::new(),
            from: Date::constant(2000, 1, 1),
            to: Date::constant(9999, 1, 1),
        }
    }
}
