//! Meters, their registers at installation and removal, and where they hang.

use std::collections::BTreeMap;

use kernel::{Date, Id, Ratio};
use serde::{Deserialize, Serialize};

use super::MeterError;

/// What a meter's registers showed at one moment: register word (`total`, `peak`, …) to the
/// reading in the meter's own resolution.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Registers(pub BTreeMap<String, i64>);

/// A meter to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMeter {
    /// 资产号
    pub asset_no: String,
    /// Make and type.
    pub model: String,
    /// 1 or 3.
    pub phases: u8,
    /// Whole digits before the register rolls over.
    pub digits: u8,
    /// Readings are integers of 10^-scale kWh.
    pub register_scale: u8,
    /// Registers per time-of-use bucket.
    pub has_tou: bool,
    /// Maximum demand and reactive energy.
    pub has_demand: bool,
    /// Length of an interval in minutes; 0: no load curve.
    pub interval_minutes: u8,
    /// When it was made.
    pub made_on: Option<Date>,
    /// When its verification ends (检定有效期).
    pub expires_on: Option<Date>,
    /// The concentrator (集中器) or terminal that collects its readings; empty: nobody does.
    pub concentrator: String,
}

impl NewMeter {
    /// Whether such a meter can be.
    ///
    /// # Errors
    /// [`MeterError::Impossible`] with what is not possible.
    pub fn check(&self) -> Result<(), MeterError> {
        let fits = matches!(self.phases, 1 | 3)
            && (3..=9).contains(&self.digits)
            && self.register_scale <= 6
            && matches!(self.interval_minutes, 0 | 15 | 30 | 60);
        if !fits {
            return Err(MeterError::Impossible(
                "a meter has 1 or 3 phases, 3 to 9 digits, at most 6 decimals, and intervals of 15, 30 or 60 minutes",
            ));
        }
        if self.asset_no.trim().is_empty() {
            return Err(MeterError::Impossible("a meter needs its asset number"));
        }
        if self.concentrator.chars().count() > 40 {
            return Err(MeterError::Impossible(
                "the name of a concentrator has up to 40 characters",
            ));
        }
        Ok(())
    }
}

/// A meter to be hung at a usage point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The meter.
    pub meter: Id,
    /// Where.
    pub usage_point: Id,
    /// CT × PT.
    pub ratio: Ratio,
    /// The first day it measures.
    pub on: Date,
    /// What its registers show when it begins.
    pub opening: Registers,
}
