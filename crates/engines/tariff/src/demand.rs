//! Charges for power: the Chinese basic charge by capacity, contract or actual demand, and the
//! US time-of-use and flat demand charges.

use kernel::{Rate, Ratio};
use serde::{Deserialize, Serialize};

use crate::{Windows, profile::Price};

/// Everything a plan charges for power. Empty by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DemandTerms {
    /// Basic charge of a two-part price (基本电费).
    pub basic: Option<BasicCharge>,
    /// Windows of the time-of-use demand periods, where they differ from the energy's.
    pub windows: Option<Windows>,
    /// Demand charge per time-of-use period.
    pub periods: Vec<DemandPeriod>,
    /// Whether only the period of the month's one highest peak is charged, for that peak.
    pub single_peak: bool,
    /// Demand charge on the month's peak, by month.
    pub flat: Option<FlatDemand>,
    /// Billing demand that looks back on earlier months.
    pub lookback: Option<Lookback>,
}

/// The basic charge: the customer chooses one of three bases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicCharge {
    /// Per kVA and month.
    pub capacity_rate: Rate,
    /// Per kW and month.
    pub demand_rate: Rate,
    /// Demand up to contract × this is charged as the contract (105 %).
    pub free_excess: Ratio,
    /// Demand above it counts this many times (2).
    pub excess_factor: Ratio,
    /// The contract is at least this part of the capacity (40 %).
    pub floor: Ratio,
    /// Whether the floor holds for actual demand too.
    pub floor_on_actual: bool,
    /// A lower demand price for high utilisation, where a decree grants it.
    pub high_use: Option<HighUse>,
    /// Days that a month counts as; `None`: its own number of days.
    pub days_in_month: Option<u16>,
}

/// A lower demand price for customers who use their capacity much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HighUse {
    /// From this many µkWh per kVA and month on.
    pub from_ukwh_per_kva: i64,
    /// The demand price is multiplied by this (90 %).
    pub factor: Ratio,
}

/// One step of a demand ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandStep {
    /// The upper end in 1e-6 kW; `None`: no end.
    pub limit_ukw: Option<i64>,
    /// Price per kW and month; a [`Price`] because US files carry more than eight decimals.
    pub rate: Price,
}

/// A demand period of the day: the month's peak within it climbs these steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandPeriod {
    /// Steps, the last without limit.
    pub steps: Vec<DemandStep>,
}

/// A charge on the month's peak whenever it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlatDemand {
    /// Which ladder each month uses, January first; an index into `ladders`.
    pub ladder_of_month: [u8; 12],
    /// The ladders.
    pub ladders: Vec<Vec<DemandStep>>,
}

/// Billing demand that is at least a share of the highest demand of earlier months (ratchet).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookback {
    /// How many earlier months are looked at; 0: none.
    pub months: u8,
    /// The share of an earlier month's peak that counts, by that month, January first.
    pub share_of_month: [Ratio; 12],
    /// Share of this month's own peak that counts, by month.
    pub own_share_of_month: [Ratio; 12],
    /// Billing demand is never below this, in 1e-6 kW.
    pub minimum_ukw: i64,
    /// Which demand periods it applies to; empty: all.
    pub periods: Vec<u8>,
}
