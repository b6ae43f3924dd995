//! Small tables about a network that exists: devices to trace, operations of switches, reports of
//! customers and meters, usage points that are off. Names are those of the network.

use super::{
    ImportError, Limits, Problems,
    bureau::File,
    table::{self, Column, RowFault, optional, required},
};
use crate::{
    Network, Phases,
    infer::{Report, ReportKind},
    network::Index,
};

/// A table that was read, and what was left out of it.
#[derive(Debug, Clone)]
pub struct List<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Rows that could not be used.
    pub problems: Problems,
}

fn list<T>(
    file: File<'_>,
    columns: &[Column],
    mut row: impl FnMut(&table::Row<'_>) -> Result<T, RowFault>,
) -> Result<List<T>, ImportError> {
    let limits = Limits::default();
    let mut problems = Problems::new(limits);
    let mut rows = Vec::new();
    table::read(file.0, file.1, limits, columns, &mut problems, |cells| {
        rows.push(row(cells)?);
        Ok(())
    })?;
    Ok(List { rows, problems })
}

fn known(index: &Index<'_>, what: &str, name: &str) -> Result<u32, RowFault> {
    let unknown = || ("grid.unknown_name", format!("the network has no {what} \"{name}\""));
    index.get(name).ok_or_else(unknown)
}

const EDGE: Column = required(&["edge", "设备"]);
const POINT: Column = required(&["usage_point", "用电点"]);

/// Devices: column `edge`; others are passed over.
///
/// # Errors
/// [`ImportError`] when the table as a whole cannot be read.
pub fn devices(net: &Network, file: File<'_>) -> Result<List<u32>, ImportError> {
    let index = net.rows().edges.names.index();
    list(file, &[EDGE], |row| known(&index, "equipment", row.need(0, "edge")?))
}

/// Operations in order: columns `edge` and `closed` (0, 1, or the phases that are closed).
///
/// # Errors
/// [`ImportError`] when the table as a whole cannot be read.
pub fn operations(net: &Network, file: File<'_>) -> Result<List<(u32, Phases)>, ImportError> {
    let index = net.rows().edges.names.index();
    list(file, &[EDGE, required(&["closed", "合"])], |row| {
        let edge = known(&index, "equipment", row.need(0, "edge")?)?;
        let closed = match row.need(1, "closed")? {
            "0" => Phases::NONE,
            "1" => Phases::ABC,
            text => Phases::parse(text).ok_or_else(|| {
                ("grid.position", format!("\"{text}\" is neither 0 nor 1 nor a set of phases"))
            })?,
        };
        Ok((edge, closed))
    })
}

/// Reports: columns `usage_point` and `kind` (`call`, `last_gasp`, `ping_dark`, `ping_lit`).
///
/// # Errors
/// [`ImportError`] when the table as a whole cannot be read.
pub fn reports(net: &Network, file: File<'_>) -> Result<List<Report>, ImportError> {
    let index = net.rows().points.names.index();
    list(file, &[POINT, optional(&["kind", "来源"])], |row| {
        let point = known(&index, "usage point", row.need(0, "usage point")?)?;
        let kind = match row.get(1) {
            "" => ReportKind::Call,
            text => ReportKind::parse(text).ok_or_else(|| {
                let known = "call, last_gasp, ping_dark, ping_lit";
                ("grid.unknown_word", format!("\"{text}\" is no kind of report; known are {known}"))
            })?,
        };
        Ok(Report { point, kind })
    })
}

/// Usage points: column `usage_point`; others are passed over.
///
/// # Errors
/// [`ImportError`] when the table as a whole cannot be read.
pub fn usage_points(net: &Network, file: File<'_>) -> Result<List<u32>, ImportError> {
    let index = net.rows().points.names.index();
    list(file, &[POINT], |row| known(&index, "usage point", row.need(0, "usage point")?))
}
