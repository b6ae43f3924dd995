//! From a period's days to a bill: pure, so that a bill can be computed again at any time from the
//! lake's daily state and the facts stored with it.

use kernel::{Date, Reactive};
use lake::settle::MonthPoint;
use serde::{Deserialize, Serialize};
use tariff::{
    Amount, CapacityPart, CellGroup, DemandBasis, Library, MonthFacts, RatedBill, TariffError,
    close_month,
};

use crate::{agreements::BasicCharge, billing::BillingError};

/// What a bill is computed from beside the daily state; stored with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillFacts {
    /// First day supplied within the period.
    pub from: Date,
    /// First day no longer.
    pub to: Date,
    /// What the basic charge is measured by, in the words of the agreement.
    pub basic_charge: String,
    /// Capacities with their days.
    pub capacity: Vec<CapacityPart>,
    /// Contracted maximum demand, millionths of a kW.
    pub contract_demand_ukw: i64,
}

/// A computed bill before it is stored.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The lines.
    pub bill: RatedBill,
    /// Sum of the daily charges in 1e-4 of the currency.
    pub daily_charge_units: i64,
    /// Days settled.
    pub day_count: u32,
    /// Of them on an estimate.
    pub estimated_day_count: u32,
    /// The plan in force on the last day, by the library's index.
    pub plan: usize,
}

/// Computes a bill.
///
/// # Errors
/// [`BillingError::Tariff`] when the plan needs a fact that is not there, or on overflow;
/// [`BillingError::NoPlan`] when the days name a plan that the library does not have.
pub fn draft(
    library: &Library,
    facts: &BillFacts,
    point: &MonthPoint,
) -> Result<Draft, BillingError> {
    let mut groups = Vec::with_capacity(point.groups.len());
    let mut last = None;
    for group in &point.groups {
        let index = usize::try_from(group.plan).ok();
        let plan = index.and_then(|i| library.plan(i)).ok_or(BillingError::NoPlan(group.plan))?;
        last = index;
        groups.push(CellGroup {
            plan,
            set: usize::from(group.set),
            from: group.first_on,
            to: group.last_on.tomorrow().map_err(|_| BillingError::NoPlan(group.plan))?,
            cells_ukwh: group.cells_ukwh,
        });
    }
    let plan = last.ok_or(BillingError::NoDays)?;
    let posted = Amount::from_units(point.charge_units());
    let bill = close_month(&groups, Some(posted), &month_facts(facts, point)?)?;
    Ok(Draft {
        bill,
        daily_charge_units: point.charge_units(),
        day_count: point.days,
        estimated_day_count: point.estimated_days,
        plan,
    })
}

fn month_facts(facts: &BillFacts, point: &MonthPoint) -> Result<MonthFacts, TariffError> {
    let basis = match BasicCharge::from_word(&facts.basic_charge) {
        Some(BasicCharge::Capacity) => Some(DemandBasis::Capacity),
        Some(BasicCharge::ContractDemand) => Some(DemandBasis::Contract),
        Some(BasicCharge::ActualDemand) => Some(DemandBasis::Actual),
        Some(BasicCharge::None) | None => None,
    };
    let mut month = MonthFacts::of_period(facts.from, facts.to)?;
    month.basis = basis;
    month.capacity.clone_from(&facts.capacity);
    month.contract_ukw = (facts.contract_demand_ukw > 0).then_some(facts.contract_demand_ukw);
    month.actual_ukw = Some(point.demand_max_ukw);
    month.reactive_forward = Some(Reactive::from_ukvarh(point.reactive_forward_ukvarh));
    month.reactive_reverse = Some(Reactive::from_ukvarh(point.reactive_reverse_ukvarh));
    month.estimated_ukwh = point.estimated_ukwh;
    Ok(month)
}
