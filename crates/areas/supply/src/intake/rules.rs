//! Pure parts: names of usage points, and what people are told of wrong rows.

use std::collections::HashMap;

use kernel::Id;
use registry::import::LineFault;

use crate::{
    agreements::{ListedAgreement, NewAgreement},
    meters::{ListedMeter, LoadMeter, Placement},
    sheet::CellFault,
};

/// Usage points and their accounts by code.
pub type Points = HashMap<String, (Id, Id)>;

/// Wrong rows that are named; the others are only counted.
pub const NAMED: usize = 1_000;

/// The usage point that a row names. Codes are kept in capitals and half width; a list may write
/// them otherwise.
fn point_of(points: &Points, line: u64, name: &str) -> Result<(Id, Id), CellFault> {
    let code = registry::words::normal::code(name).ok();
    code.and_then(|code| points.get(&code).copied()).ok_or_else(|| CellFault {
        line,
        field: "usage_point".to_owned(),
        reason: format!("{name:?} is no usage point here; load the customer first"),
    })
}

/// A row of a list of meters with its usage point found.
pub fn meter_of(points: &Points, line: u64, row: ListedMeter) -> Result<LoadMeter, CellFault> {
    let (usage_point, _) = point_of(points, line, &row.usage_point)?;
    let placement = Placement {
        meter: Id::from_i64(0),
        usage_point,
        ratio: row.ratio,
        on: row.on,
        opening: row.opening,
    };
    Ok(LoadMeter { meter: row.meter, placement, removal: row.removal })
}

/// A row of a list of agreements with its usage point found.
pub fn agreement_of(
    points: &Points,
    line: u64,
    row: ListedAgreement,
) -> Result<NewAgreement, CellFault> {
    let (usage_point, account) = point_of(points, line, &row.usage_point)?;
    Ok(NewAgreement {
        account,
        usage_point,
        tariff_code: row.tariff_code,
        valid_from: row.valid_from,
        capacity: row.capacity,
        contract_demand: row.contract_demand,
        basic_charge: row.basic_charge,
        family_of_five: row.family_of_five,
        low_income: row.low_income,
    })
}

/// A wrong line of a list of customers, as one fault per cell.
pub fn cells_of(fault: &LineFault) -> impl Iterator<Item = CellFault> + '_ {
    let line = fault.line;
    fault.faults.iter().map(move |cell| CellFault {
        line,
        field: cell.field.to_owned(),
        reason: cell.message.clone(),
    })
}

/// How many rows have something wrong: one may have it in several cells.
pub fn rows_wrong(faults: &[CellFault]) -> u64 {
    let mut lines: Vec<u64> = faults.iter().map(|fault| fault.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_two_wrong_cells_is_one_wrong_row() {
        let fault = |line, field: &str| CellFault {
            line,
            field: field.to_owned(),
            reason: "it is empty".to_owned(),
        };
        assert_eq!(rows_wrong(&[fault(2, "a"), fault(5, "a"), fault(2, "b")]), 2);
    }

    #[test]
    fn a_usage_point_is_found_however_its_code_is_written() {
        let points = Points::from([("AB1".to_owned(), (Id::from_i64(7), Id::from_i64(8)))]);
        assert_eq!(point_of(&points, 3, " ａｂ1 ").unwrap().0, Id::from_i64(7));
        let told = point_of(&points, 3, "AB2").unwrap_err().to_string();
        assert_eq!(
            told,
            "line 3: usage_point: \"AB2\" is no usage point here; load the customer first"
        );
    }
}
