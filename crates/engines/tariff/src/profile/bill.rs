//! What rating a year of intervals gives: twelve months of charges, and the cells (period × step)
//! that they are made of.

use kernel::{RoundingMode, div_round};

use super::{ExactAmount, Price, ProfileError};

/// Energy of one month on one step of one period, and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnergyCell {
    /// The period, counted as [`super::HourlyForm::period_keys`].
    pub period: usize,
    /// The step of that period's ladder, from 0.
    pub step: usize,
    /// Energy in 1e-6 kWh; rounded half away from zero where intervals are shorter than an hour.
    pub energy_ukwh: i64,
    /// Price per kWh, before escalation.
    pub price: Price,
    /// The charge, after escalation; from the unrounded energy.
    pub amount: ExactAmount,
}

/// Demand of one month on one step of a demand ladder, and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemandCell {
    /// The demand period; `None` for the month's peak whenever it was.
    pub period: Option<usize>,
    /// The step of the ladder, from 0.
    pub step: usize,
    /// The part of the demand on this step in 1e-6 kW.
    pub demand_ukw: i64,
    /// Price per kW, before escalation.
    pub price: Price,
    /// The charge, after escalation.
    pub amount: ExactAmount,
}

/// The charges of one month. `total` = energy + both demands + fixed + minimum − `true_up`;
/// `credit` and `sold` say what the energy charge already contains.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MonthBill {
    /// Energy charge, credits already applied.
    pub energy: ExactAmount,
    /// Demand charge by time-of-use period.
    pub tou_demand: ExactAmount,
    /// Demand charge on the month's peak.
    pub flat_demand: ExactAmount,
    /// Fixed charge.
    pub fixed: ExactAmount,
    /// What tops the bill up to the monthly and yearly minimum.
    pub minimum: ExactAmount,
    /// What is paid; negative is paid out.
    pub total: ExactAmount,
    /// Credits that reduced the energy charge (net metering in dollars, net billing).
    pub credit: ExactAmount,
    /// Credits paid out at the true-up.
    pub true_up: ExactAmount,
    /// What all generation was sold for (buy all, sell all).
    pub sold: ExactAmount,
    /// The month's highest draw in 1e-6 kW.
    pub peak_ukw: i64,
    /// The demand that is billed, in 1e-6 kW: the peak, or what a ratchet makes of it.
    pub billing_demand_ukw: i64,
    /// Demand charged, by period and step, without free and empty steps.
    pub demand: Vec<DemandCell>,
    /// Energy drawn, by period and step, without empty cells.
    pub cells: Vec<EnergyCell>,
    /// Energy delivered, by period and step, without empty cells; amounts are credits.
    pub delivered: Vec<EnergyCell>,
}

impl MonthBill {
    /// Energy drawn in 1e-6 kWh.
    #[must_use]
    pub fn energy_ukwh(&self) -> i64 {
        self.cells.iter().fold(0, |sum: i64, cell| sum.saturating_add(cell.energy_ukwh))
    }
}

/// The charges of a year, January first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct YearBill {
    /// The months.
    pub months: [MonthBill; 12],
    /// What each interval added to the bill, where intervals are settled one by one (net
    /// billing); negative is a credit. Month-end charges are not in it. Empty otherwise.
    pub intervals: Vec<ExactAmount>,
}

impl YearBill {
    /// What is paid in the year.
    ///
    /// # Errors
    /// [`ProfileError::TooLarge`].
    pub fn total(&self) -> Result<ExactAmount, ProfileError> {
        ExactAmount::sum(self.months.iter().map(|m| m.total))
    }

    /// The months of one charge, January first.
    #[must_use]
    pub fn column(&self, charge: impl Fn(&MonthBill) -> ExactAmount) -> [ExactAmount; 12] {
        std::array::from_fn(|m| charge(&self.months[m]))
    }
}

/// Interval-power sums to energy: `ticks` (1e-6 kW × intervals) over the intervals of an hour.
pub(super) fn energy_ukwh(ticks: i64, steps_per_hour: i64) -> Result<i64, ProfileError> {
    if steps_per_hour == 1 {
        return Ok(ticks);
    }
    div_round(i128::from(ticks), i128::from(steps_per_hour), RoundingMode::HalfUp)
        .and_then(|v| i64::try_from(v).ok())
        .ok_or(ProfileError::TooLarge { what: "energy" })
}
