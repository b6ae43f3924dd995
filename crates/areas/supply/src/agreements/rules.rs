//! A list of agreements as CSV: its columns and what they mean.

use std::io::Read;

use kernel::{Date, Demand, Power};

use super::BasicCharge;
use crate::sheet::{ColumnName, Parsed, Row, Sheet, SheetError};

const COLUMNS: [ColumnName; 8] = [
    ("usage_point", "用电点编号"),
    ("tariff", "电价代码"),
    ("valid_from", "生效日期"),
    ("basic_charge", "基本电费方式"),
    ("capacity_kva", "容量"),
    ("contract_demand_kw", "合同需量"),
    ("family_of_five", "一户多人口"),
    ("low_income", "低保"),
];
const NEEDED: [&str; 3] = ["usage_point", "tariff", "valid_from"];

/// An agreement of a list; who pays is the account of the usage point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAgreement {
    /// Code of the usage point, or its 户号.
    pub usage_point: String,
    /// Code of the tariff.
    pub tariff_code: String,
    /// First day.
    pub valid_from: Date,
    /// What the basic charge is measured by.
    pub basic_charge: BasicCharge,
    /// Contracted capacity.
    pub capacity: Demand,
    /// Contracted maximum demand.
    pub contract_demand: Power,
    /// 一户多人口
    pub family_of_five: bool,
    /// 低保/五保
    pub low_income: bool,
}

/// Reads a list of agreements: good rows with their lines, and what is wrong with the others.
///
/// # Errors
/// [`SheetError`].
pub fn read_agreements(source: impl Read) -> Result<Parsed<ListedAgreement>, SheetError> {
    Ok(Sheet::read(source, &COLUMNS, &NEEDED)?.parse(agreement))
}

fn agreement(row: &mut Row<'_>) -> Option<ListedAgreement> {
    let (usage_point, tariff_code) = (row.needed("usage_point"), row.needed("tariff"));
    let valid_from = row.needed("valid_from").and_then(|_| row.optional("valid_from", "date"));
    let basic_charge = match row.text("basic_charge") {
        "" | "无" => Some(BasicCharge::None),
        "按容量" => Some(BasicCharge::Capacity),
        "按合同最大需量" => Some(BasicCharge::ContractDemand),
        "按实际最大需量" => Some(BasicCharge::ActualDemand),
        word => BasicCharge::from_word(word),
    };
    if basic_charge.is_none() {
        row.wrong("basic_charge", "write none, capacity, contract_demand or actual_demand");
    }
    let capacity = row.decimal("capacity_kva", 6).unwrap_or(0);
    let contract_demand = row.decimal("contract_demand_kw", 6).unwrap_or(0);
    let (family_of_five, low_income) = (row.flag("family_of_five"), row.flag("low_income"));
    if basic_charge == Some(BasicCharge::Capacity) && capacity == 0 {
        row.wrong("capacity_kva", "a basic charge by capacity needs a contracted capacity");
    }
    if basic_charge == Some(BasicCharge::ContractDemand) && contract_demand == 0 {
        row.wrong("contract_demand_kw", "a basic charge by contract demand needs the demand");
    }
    Some(ListedAgreement {
        usage_point: usage_point?,
        tariff_code: tariff_code?,
        valid_from: valid_from?,
        basic_charge: basic_charge?,
        capacity: Demand::from_ukva(capacity),
        contract_demand: Power::from_ukw(contract_demand),
        family_of_five,
        low_income,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_agreements_reads() {
        let text = "usage_point,tariff,valid_from,basic_charge,capacity_kva,low_income\n\
            A,home,2026-01-01,,,是\nB,works,2026-01-01,capacity,315,\nC,works,2026-01-01,capacity,,\n,x,y,z,-1,?\n";
        let (good, faults) = read_agreements(text.as_bytes()).unwrap();
        assert_eq!(good.len(), 2);
        assert!(good[0].1.low_income);
        assert_eq!(good[1].1.capacity.ukva(), 315_000_000);
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "capacity_kva",
                "usage_point",
                "valid_from",
                "basic_charge",
                "capacity_kva",
                "low_income"
            ]
        );
    }
}
