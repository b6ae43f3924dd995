//! What a bill needs to know besides prices: the energy of a period, and the facts of its month
//! (demand, reactive energy, capacity, days).

use kernel::{Date, DatePeriod, Rate, Ratio, Reactive};
use serde::{Deserialize, Serialize};

use crate::{
    Amount, CapacityPart, DayPosition, Entitlement, Label, MAX_DAILY_BUCKETS, TariffError,
    TransformerData,
};

/// On which basis the customer chose to pay the basic charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandBasis {
    /// Transformer capacity (按容量).
    Capacity,
    /// Contract maximum demand (按合同最大需量).
    Contract,
    /// Actual maximum demand (按实际最大需量).
    Actual,
}

/// Energy of another category than the main use: a fixed share (定比定量) or a sub-meter (套表).
/// The caller takes it off the main use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeparateUse {
    /// Stable key, such as `lighting`.
    pub key: String,
    /// Its name.
    pub label: Label,
    /// µkWh.
    pub energy_ukwh: i64,
    /// Its own price per kWh.
    pub rate: Rate,
    /// Whether it is charged the plan's surcharges too.
    pub with_surcharges: bool,
    /// Whether its charge belongs to the base of the power-factor adjustment.
    pub in_pf_base: bool,
    /// Whether the main meter measured it too, so that it counts in the power factor.
    pub behind_main_meter: bool,
}

/// A yearly ladder at the end of a supply: who leaves in March has used three twelfths of it, but
/// the days were rated by the limits of the whole year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LadderSettlement {
    /// Use of the tariff year up to and with the last day, µkWh.
    pub used_ukwh: i64,
    /// What the days were rated under.
    pub applied: Entitlement,
    /// What the customer is entitled to after all.
    pub due: Entitlement,
}

/// Energy of an earlier time that is refunded or collected (退补电量), at the price of that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustedEnergy {
    /// Stable key, such as `meter_error.2026-03-01.tier3`.
    pub key: String,
    /// Its name, which says how the energy was found.
    pub label: Label,
    /// µkWh; negative is refunded.
    pub energy_ukwh: i64,
    /// The price per kWh of that time.
    pub rate: Rate,
    /// First day of that time.
    pub from: Date,
    /// First day after.
    pub to: Date,
    /// The rule that asks for it, and the decree of the price.
    pub source: String,
}

/// The facts of a bill month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthFacts {
    /// First day of the bill.
    pub from: Date,
    /// First day after.
    pub to: Date,
    /// The part of a month that the bill covers: 1 for a whole cycle.
    pub month_share: Ratio,
    /// Days of the month, for charges by days.
    pub month_days: u16,
    /// Basis of the basic charge.
    pub basis: Option<DemandBasis>,
    /// Transformers, with the days that each counted.
    pub capacity: Vec<CapacityPart>,
    /// Contract demand in 1e-6 kW.
    pub contract_ukw: Option<i64>,
    /// Measured maximum demand in 1e-6 kW.
    pub actual_ukw: Option<i64>,
    /// Forward reactive energy.
    pub reactive_forward: Option<Reactive>,
    /// Reverse reactive energy; its absolute value counts.
    pub reactive_reverse: Option<Reactive>,
    /// The transformer whose losses are billed.
    pub transformer: Option<TransformerData>,
    /// Whether the customer is on default supply (保底) and pays its multiplier.
    pub default_supply: bool,
    /// Uses of other categories.
    pub separate: Vec<SeparateUse>,
    /// How much of the energy was estimated, µkWh.
    pub estimated_ukwh: i64,
    /// When the customer leaves within a year: what settles the yearly ladder (阶梯清算).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<LadderSettlement>,
    /// Refunds and collections of earlier energy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjusted: Vec<AdjustedEnergy>,
    /// In the last month of a year: what the bills of the year came to before this one, for a
    /// yearly minimum.
    pub paid_in_year: Option<Amount>,
}

impl MonthFacts {
    /// The facts of a period without demand or reactive energy. A period shorter than the month
    /// it starts in is that part of a month; any other is one whole month.
    ///
    /// # Errors
    /// [`TariffError::Usage`] when it ends before it starts.
    pub fn of_period(from: Date, to: Date) -> Result<Self, TariffError> {
        let wrong = |reason: String| TariffError::Usage { reason };
        let period = DatePeriod::new(from, to).map_err(|e| wrong(e.to_string()))?;
        let days = period.days().unwrap_or(0);
        let month_days = from.days_in_month().unsigned_abs();
        let inside = to <= from.last_of_month() || from.day() > 1 && to == next_month(from);
        let month_share = if inside && days < i32::from(month_days) {
            Ratio::new(i64::from(days), i64::from(month_days))?
        } else {
            Ratio::ONE
        };
        Ok(Self {
            from,
            to,
            month_share,
            month_days: u16::from(month_days),
            basis: None,
            capacity: Vec::new(),
            contract_ukw: None,
            actual_ukw: None,
            reactive_forward: None,
            reactive_reverse: None,
            transformer: None,
            default_supply: false,
            separate: Vec::new(),
            estimated_ukwh: 0,
            ladder: None,
            adjusted: Vec::new(),
            paid_in_year: None,
        })
    }

    /// Days of the bill.
    #[must_use]
    pub fn days(&self) -> i32 {
        (self.to - self.from).get_days()
    }
}

fn next_month(from: Date) -> Date {
    from.last_of_month().tomorrow().unwrap_or(Date::MAX)
}

/// The energy of a period that one plan version prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnergyUse {
    /// First day.
    pub from: Date,
    /// First day after.
    pub to: Date,
    /// µkWh by bucket (0 sharp … 4 deep); a total goes to flat.
    pub by_bucket: [i64; MAX_DAILY_BUCKETS],
    /// What was used before `from`.
    pub before: DayPosition,
}

/// A period's use and facts for the scalar form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The energy.
    pub energy: EnergyUse,
    /// Household allowances.
    pub entitlement: Entitlement,
    /// The month's facts.
    pub facts: MonthFacts,
}
