//! Losses billed with the use: transformer loss by formula or as a fixed monthly energy, and
//! line loss as a share.

use kernel::{Energy, Ratio};
use serde::{Deserialize, Serialize};

/// What the formula needs to know of a transformer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformerData {
    /// Rated capacity S in 1e-6 kVA.
    pub capacity_ukva: i64,
    /// No-load loss P0 in 1e-6 kW.
    pub no_load_ukw: i64,
    /// Load loss Pk in 1e-6 kW.
    pub load_ukw: i64,
    /// No-load current I0 as a share (1 % = 1/100).
    pub no_load_current: Ratio,
    /// Short-circuit voltage Uk as a share.
    pub short_circuit_voltage: Ratio,
}

/// How losses are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LossRule {
    /// P0·T + K·Pk·T·(W²+Q²)/(S·T)² active, I0·S·T + K·Uk·S·T·β² reactive.
    Formula {
        /// Load-curve factor K (one shift ≈ 3, two ≈ 1.5, three ≈ 1.05).
        shape: Ratio,
        /// Hours of a full month (720), or `None`: the real hours of the period.
        month_hours: Option<u32>,
        /// Losses are rounded to this many µkWh (100 000 = 0.1 kWh).
        step_ukwh: i64,
        /// Over which buckets it goes.
        spread: LossSpread,
    },
    /// A fixed energy a month from a provincial table, pro-rata by days.
    Fixed {
        /// Active loss of a full month.
        month: Energy,
        /// Rounded to this many µkWh.
        step_ukwh: i64,
        /// Over which buckets it goes.
        spread: LossSpread,
    },
    /// A share of the metered energy (line loss by agreement).
    Share {
        /// Of the energy.
        share: Ratio,
        /// Rounded to this many µkWh.
        step_ukwh: i64,
        /// Over which buckets it goes.
        spread: LossSpread,
    },
}

/// Over which buckets billed losses go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LossSpread {
    /// In proportion to the metered energy.
    Proportional,
    /// All into flat.
    Flat,
}
