//! From a period's days to a bill: pure, so that a bill can be computed again at any time from the
//! lake's daily state and the facts stored with it.

use kernel::{Date, Reactive};
use lake::settle::MonthPoint;
use serde::{Deserialize, Serialize};
use tariff::{
    AdjustedEnergy, Amount, CapacityPart, CellGroup, DemandBasis, Entitlement, LadderSettlement,
    Library, MonthFacts, RatedBill, TariffError, close_month,
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
    /// When the account leaves within a year: the parts of a yearly ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving: Option<Leaving>,
    /// Refunds and collections of earlier energy that stand on this bill.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjusted: Vec<AdjustedEnergy>,
}

/// The parts of a yearly ladder of an account that leaves: those that its days were rated under,
/// and those that it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// What the days were rated under.
    pub applied: Entitlement,
    /// What was due by the day of leaving.
    pub due: Entitlement,
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
    let month = month_facts(facts, point)?;
    measured(&groups, &month, point)?;
    let bill = close_month(&groups, Some(posted), &month)?;
    Ok(Draft {
        bill,
        daily_charge_units: point.charge_units(),
        day_count: point.days,
        estimated_day_count: point.estimated_days,
        plan,
    })
}

/// A meter without the register that the tariff asks for measures nothing, which is not zero: by
/// zero the basic charge would be nothing, and the power factor perfect.
fn measured(
    groups: &[CellGroup<'_>],
    month: &MonthFacts,
    point: &MonthPoint,
) -> Result<(), BillingError> {
    let Some(plan) = groups.last().map(|group| group.plan) else { return Ok(()) };
    let by_demand = matches!(month.basis, Some(DemandBasis::Contract | DemandBasis::Actual));
    if plan.demand.basic.is_some() && by_demand && !point.has_demand {
        return Err(BillingError::NoDemand);
    }
    if plan.power_factor.is_some() && !point.has_reactive {
        return Err(BillingError::NoReactive);
    }
    Ok(())
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
    month.adjusted.clone_from(&facts.adjusted);
    month.ladder = facts.leaving.map(|leaving| LadderSettlement {
        used_ukwh: point.after.ytd_ukwh,
        applied: leaving.applied,
        due: leaving.due,
    });
    Ok(month)
}

#[cfg(test)]
mod tests {
    use kernel::Fault;
    use lake::settle::CellGroup as Days;
    use tariff::{MAX_CELLS, bundled};

    use super::*;

    /// A works on the Hubei two-part tariff in January 2026, with what its meter has registers for.
    fn works(
        basic_charge: &str,
        (has_demand, has_reactive): (bool, bool),
    ) -> Result<Draft, BillingError> {
        let library = bundled::library().unwrap();
        let id = "hubei/industrial-two-part-10kv";
        let plan = library.plans().iter().position(|plan| plan.head.id == id).unwrap();
        let (from, last) = (Date::constant(2026, 1, 1), Date::constant(2026, 1, 31));
        let mut cells_ukwh = [0; MAX_CELLS];
        cells_ukwh[0] = 160_000_000_000;
        let group = Days {
            plan: i32::try_from(plan).unwrap(),
            set: 0,
            first_on: from,
            last_on: last,
            days: 31,
            cells_ukwh,
            used_ukwh: [160_000_000_000, 0, 0, 0, 0],
            charge_units: 1_679_998_400,
        };
        let point = MonthPoint {
            usage_point: 1,
            account: 2,
            first_on: from,
            last_on: last,
            groups: vec![group],
            days: 31,
            estimated_days: 0,
            held_days: 0,
            estimated_ukwh: 0,
            export_ukwh: 0,
            reactive_forward_ukvarh: 84_000_000_000,
            reactive_reverse_ukvarh: 0,
            demand_max_ukw: if has_demand { 520_000_000 } else { 0 },
            has_demand,
            has_reactive,
            before: None,
            after: Box::default(),
        };
        let facts = BillFacts {
            from,
            to: Date::constant(2026, 2, 1),
            basic_charge: basic_charge.to_owned(),
            capacity: vec![CapacityPart {
                capacity_ukva: 1_000_000_000,
                days: 31,
                share: kernel::Ratio::ONE,
            }],
            contract_demand_ukw: 500_000_000,
            leaving: None,
            adjusted: Vec::new(),
        };
        draft(&library, &facts, &point)
    }

    #[test]
    fn a_meter_without_the_register_is_not_billed_as_zero() {
        let basic = |draft: Draft| {
            let line = draft.bill.lines.iter().find(|line| line.key.starts_with("basic.")).unwrap();
            line.amount.to_string()
        };
        assert_eq!(basic(works("contract_demand", (true, true)).unwrap()), "21000.00");
        assert_eq!(basic(works("actual_demand", (true, true)).unwrap()), "21840.00");
        for basis in ["contract_demand", "actual_demand"] {
            let refused = works(basis, (false, true)).unwrap_err();
            assert_eq!(refused.code(), "bill.no_demand", "{basis}");
        }
        // By capacity nobody asks for the demand; the power factor is asked for always.
        assert_eq!(basic(works("capacity", (false, true)).unwrap()), "26300.00");
        assert_eq!(works("capacity", (false, false)).unwrap_err().code(), "bill.no_reactive");
    }
}
