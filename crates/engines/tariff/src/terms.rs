//! The terms of a plan beside its energy prices: allowances, price components, surcharges, fixed
//! and minimum charges, rounding rules, delivery to the grid. Demand, power factor and losses have
//! files of their own.

use kernel::{Energy, Rate, Ratio, Rounding};
use serde::{Deserialize, Serialize};

use crate::{Label, profile::Price};

/// Allowances of households that the tariff grants on application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowances {
    /// Added to every tier limit for a household of many (一户多人口), per month; on a yearly
    /// ladder twelve times that.
    pub family_extension: Option<Energy>,
    /// Free energy of a low-income household (低保/五保) per month.
    pub free_quota: Option<Energy>,
    /// The price at which the free quota is credited.
    pub free_quota_rate: Rate,
}

/// A component of the printed price (purchase, loss, T&D, system operation, funds).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// Stable key: `purchase`, `loss`, `transmission`, `system`, `funds`.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// Price per kWh at the flat bucket.
    pub rate: Rate,
    /// Factor per bucket (in the order of [`PlanParts::buckets`]) when it floats with the time
    /// of use; empty when it does not.
    pub factors: Vec<Ratio>,
    /// Whether it is left out of the base of the power-factor adjustment when funds are.
    pub fund: bool,
    /// Default supply (保底) multiplies this component, such as 3/2 on purchase; `None`: not.
    pub default_supply_factor: Option<Ratio>,
}

/// A charge on every kWh on top of the energy price, with a line of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surcharge {
    /// Stable key.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// Price per kWh.
    pub rate: Rate,
    /// Whether the power-factor adjustment counts it.
    pub in_pf_base: bool,
}

/// What a fixed charge is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixedPer {
    /// Once a bill month.
    Month,
    /// Once a day.
    Day,
}

/// A charge that does not depend on use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedCharge {
    /// Stable key.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// Amount per month or day.
    pub rate: Rate,
    /// Month or day.
    pub per: FixedPer,
    /// Whether a part of a month pays its share by days (monthly charges only).
    pub prorated: bool,
}

/// What a minimum charge is measured over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MinimumPer {
    /// Each bill month.
    Month,
    /// Each year, settled in the last month.
    Year,
}

/// The least that is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minimum {
    /// The amount.
    pub rate: Rate,
    /// Month or year.
    pub per: MinimumPer,
}

/// Which rule rounds what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundingTerms {
    /// Each line of a bill.
    pub line: Rounding,
    /// The charge of a day.
    pub daily: Rounding,
    /// When set, the energy of the whole bill is rounded from its exact sum by this rule, and a
    /// visible line carries the difference to the sum of the rounded lines.
    pub energy_total: Option<Rounding>,
}

/// What is paid for energy that a customer delivers (US constructs).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportRule {
    /// Net energy metering: surplus kWh roll over to the next month.
    NetMetering,
    /// Net energy metering: surplus rolls over as money.
    NetMeteringCredits,
    /// Net billing: each step's surplus is bought at the sell rate.
    NetBilling,
    /// Net billing with credits carried to the next month.
    NetBillingCarryOver,
    /// Everything generated is sold, everything used is bought.
    BuyAllSellAll,
}

/// The terms of delivering energy to the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportTerms {
    /// Which construct.
    pub rule: ExportRule,
    /// Price of surplus kWh at the true-up.
    pub true_up_rate: Price,
    /// The last month (1 to 12) of the true-up year.
    pub true_up_month: u8,
    /// Net metering: the true-up is kept as a credit on later bills instead of paid out.
    pub credit_rolls_over: bool,
    /// Net billing with carry-over: credits left at the true-up lapse instead of being paid out.
    pub credit_expires: bool,
    /// Net billing with carry-over: a month's credit pays that month's own charge first.
    pub credit_in_same_month: bool,
}
