//! Register readings from a user's own Parquet file. The documented columns:
//!
//! | column | type | |
//! |---|---|---|
//! | `usage_point` | text or whole number | the company's number of the usage point |
//! | `meter` | text or whole number | the meter's number; may be absent |
//! | `at` | timestamp (ms, µs, ns), or whole µs since 1970 UTC | when the registers stood there |
//! | `total`, `sharp`, `peak`, `flat`, `valley`, `deep`, `export_total`, `reactive_forward`, `reactive_reverse`, `demand_max` | decimal, or whole number with `scale`, or floating point | kWh, kvarh, kW before the multiplier; at least one |
//! | `scale` | whole number 0 to 9 | decimals of whole-number registers; absent: 0 |
//! | `revision` | whole number | a higher one replaces a lower one; absent: 0 |
//!
//! Floating-point registers are taken to four decimals; what is not a number is refused. Numbers
//! of usage points are looked up by the caller: the lake knows no SQL.

use std::path::Path;

use kernel::Instant;
use metering::reading::{MAX_SCALE, RegisterKind, Registers};

use crate::{
    LakeError,
    columns::{AnyColumn, Cell, ColumnFile},
    error::guarded,
};

/// Decimals kept of a floating-point register.
const FLOAT_SCALE: u8 = 4;
/// Rows handled at a time.
const BATCH: usize = 4_096;

/// A reading as the file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedReading {
    /// Its row in the file, from 1.
    pub row: u64,
    /// The company's number of the usage point.
    pub usage_point: String,
    /// The meter's number.
    pub meter: Option<String>,
    /// When the registers stood there.
    pub at: Instant,
    /// The registers.
    pub registers: Registers,
    /// The delivering system's version.
    pub revision: i32,
}

/// A row that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its row in the file, from 1.
    pub row: u64,
    /// The column.
    pub column: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a file of register readings and hands over each row, good or bad; returns how many rows
/// there were. The caller decides whether a bad row refuses the whole file.
///
/// # Errors
/// A file that cannot be read, a missing column, a column of another type; or what `each`
/// answers.
pub fn parquet_readings(
    path: &Path,
    each: impl FnMut(Result<ImportedReading, BadRow>) -> Result<(), LakeError>,
) -> Result<u64, LakeError> {
    guarded(path, || read(path, each))
}

fn read(
    path: &Path,
    mut each: impl FnMut(Result<ImportedReading, BadRow>) -> Result<(), LakeError>,
) -> Result<u64, LakeError> {
    let file = ColumnFile::open(path)?;
    let names: Vec<&'static str> = ["usage_point", "at", "meter", "scale", "revision"]
        .into_iter()
        .chain(RegisterKind::ALL.map(RegisterKind::name))
        .collect();
    let present: Vec<Option<usize>> = names.iter().map(|name| file.position(name)).collect();
    for (name, position) in names.iter().zip(&present).take(2) {
        if position.is_none() {
            file.find_one(name)?; // says which columns are there
        }
    }
    if present[5..].iter().all(Option::is_none) {
        file.find_one("total")?;
    }
    let mut row = 0;
    for group in 0..file.groups() {
        let mut columns: Vec<Option<AnyColumn>> = Vec::with_capacity(present.len());
        for position in &present {
            columns.push(position.map(|p| file.any(group, p)).transpose()?);
        }
        loop {
            let mut rows = 0;
            for column in columns.iter_mut().flatten() {
                rows = column.read(BATCH)?;
            }
            if rows == 0 {
                break;
            }
            for i in 0..rows {
                row += 1;
                let cells: Vec<Cell<'_>> =
                    columns.iter().map(|c| c.as_ref().map_or(Cell::Empty, |c| c.cell(i))).collect();
                each(reading(row, &cells))?;
            }
        }
    }
    Ok(row)
}

fn reading(row: u64, cells: &[Cell<'_>]) -> Result<ImportedReading, BadRow> {
    let bad =
        |column: &'static str, reason: &str| BadRow { row, column, reason: reason.to_owned() };
    let [usage_point, at, meter, scale, revision, registers @ ..] = cells else {
        return Err(bad("usage_point", "is missing"));
    };
    let at = match at {
        Cell::Whole(micros) | Cell::Decimal(micros, 0) => Instant::from_micros(*micros),
        _ => return Err(bad("at", "must be a moment")),
    };
    let scale = match scale {
        Cell::Empty => 0,
        Cell::Whole(scale) => u8::try_from(*scale)
            .ok()
            .filter(|s| *s <= MAX_SCALE)
            .ok_or_else(|| bad("scale", "must be 0 to 9"))?,
        _ => return Err(bad("scale", "must be 0 to 9")),
    };
    let revision = match revision {
        Cell::Empty => 0,
        Cell::Whole(r) => i32::try_from(*r).map_err(|_| bad("revision", "does not fit 32 bits"))?,
        _ => return Err(bad("revision", "must be a whole number")),
    };
    let mut values = Vec::new();
    for (kind, cell) in RegisterKind::ALL.into_iter().zip(registers) {
        let value = match cell {
            Cell::Empty => continue,
            Cell::Whole(value) => (*value, scale),
            Cell::Decimal(value, scale) => (*value, *scale),
            Cell::Float(value) => (
                fixed(*value).ok_or_else(|| bad(kind.name(), "is no number of a register"))?,
                FLOAT_SCALE,
            ),
            Cell::Text(_) => return Err(bad(kind.name(), "must be a number, not text")),
        };
        values.push((kind, value));
    }
    let widest = values.iter().map(|(_, (_, scale))| *scale).max();
    let widest = widest.ok_or_else(|| bad("total", "no register has a value"))?;
    let mut out = Registers::new(widest).map_err(|e| bad("scale", &e.to_string()))?;
    for (kind, (value, scale)) in values {
        let factor = 10_i64.checked_pow(u32::from(widest - scale));
        let value = factor.and_then(|f| value.checked_mul(f));
        let value = value
            .filter(|v| *v >= 0)
            .ok_or_else(|| bad(kind.name(), "is negative or too large"))?;
        out.set(kind, Some(value));
    }
    let usage_point = usage_point.text().ok_or_else(|| bad("usage_point", "is empty"))?;
    Ok(ImportedReading { row, usage_point, meter: meter.text(), at, registers: out, revision })
}

/// A floating-point reading at four decimals.
fn fixed(value: f64) -> Option<i64> {
    let scaled = (value * 10_000.0).round();
    // Up to 2^53 every whole number is exact.
    #[expect(clippy::cast_possible_truncation, reason = "checked to lie within 2^53")]
    (scaled.abs() < 9.0e15).then_some(scaled as i64)
}
