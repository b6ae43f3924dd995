//! Load curves (负荷曲线) from CSV: one row per usage point and day, one column per slot of the
//! day's clock, as collecting systems hand them over.
//!
//! | column | also | meaning |
//! |---|---|---|
//! | `usage_point` | 户号, 用电点 | the usage point's number; required |
//! | `day` | 日期, 数据日期 | the local day; required |
//! | `v1`, `v2` … | `p1` … | energy of each slot: 96 columns of a quarter-hour, 48 of a half-hour or 24 of an hour, the first from 00:00; empty where unknown; required |
//! | `minutes` | 间隔 | the length of a slot, where a file should say it; it must fit the columns |
//! | `unit` | 单位 | `kWh` (default), `Wh` or `MWh` |
//! | `quality` | 质量 | `raw` (default), `valid`, `estimated.like_day` … |
//!
//! A slot is a time of the clock. On the day on which clocks go back, the slot that comes twice
//! holds both; on the day on which they go forward, those that do not come are empty.

use std::io::Read;

use jiff::civil::Date;
use kernel::{RoundingMode, div_round};

use super::{
    CodecError, Desk, Limits, Number, Policy, Report, Unit,
    cells::Cells,
    shortened,
    table::{self, Form, RowFault, fault},
};
use crate::reading::{MOST_UKWH, Mark};

/// Chinese headers and what they stand for.
const ALIASES: [(&str, &str); 7] = [
    ("户号", "usage_point"),
    ("用电点", "usage_point"),
    ("日期", "day"),
    ("数据日期", "day"),
    ("间隔", "minutes"),
    ("单位", "unit"),
    ("质量", "quality"),
];

/// The curve of one usage point on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurveRow<'a> {
    /// The line it stands on.
    pub line: u64,
    /// The usage point as the file names it.
    pub usage_point: &'a str,
    /// The local day.
    pub day: Date,
    /// Minutes of a slot: 15, 30 or 60.
    pub minutes: u8,
    /// Energy by slot in µkWh; `None` where the file says unknown.
    pub ukwh: &'a [Option<i64>],
    /// How far to trust them.
    pub mark: Mark,
}

/// Decodes the documented columns.
///
/// # Errors
/// [`CodecError::Refused`] when a required column is missing or the columns are no curve, or for
/// the first bad row under [`Policy::RefuseWhole`]; [`CodecError::Io`].
pub fn decode<R: Read>(
    source: R,
    name: &str,
    policy: Policy,
    limits: Limits,
    sink: &mut dyn FnMut(CurveRow<'_>),
) -> Result<Report, CodecError> {
    let mut desk = Desk::new(name, policy, limits);
    let form = Form { delimiter: None, skip_lines: 0 };
    let mut slots = Vec::new();
    table::read(source, &mut desk, form, Layout::of, |desk, layout, line, cells| {
        let row = layout.row(line, cells, &mut slots)?;
        let known = row.ukwh.iter().flatten().count() as u64;
        desk.report.kept += known;
        desk.report.missing += row.ukwh.len() as u64 - known;
        sink(row);
        Ok(())
    })?;
    Ok(desk.report)
}

/// Whether a header is that of a curve: it has the first two slots.
#[must_use]
pub fn is_header<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let names: Vec<String> = cells.map(own_name).collect();
    let has = |name: &str| names.iter().any(|own| own == name);
    has("v1") && has("v2")
}

/// The documented name of a column.
fn own_name(cell: &str) -> String {
    let lower = cell.trim().to_ascii_lowercase();
    if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == lower) {
        return (*name).to_owned();
    }
    match lower.strip_prefix('p') {
        Some(number) if number.parse::<u16>().is_ok() => format!("v{number}"),
        _ => lower,
    }
}

struct Layout {
    usage_point: usize,
    day: usize,
    minutes_cell: Option<usize>,
    unit: Option<usize>,
    quality: Option<usize>,
    minutes: u8,
    /// The cell of each slot.
    slots: Vec<usize>,
}

impl Layout {
    fn of(desk: &mut Desk<'_>, cells: &Cells) -> Result<Self, RowFault> {
        let names: Vec<String> = cells.iter().map(own_name).collect();
        for (i, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if names[..i].contains(name) {
                return fault("csv.double_column", format!("the column \"{name}\" is there twice"));
            }
        }
        let find = |name: &str| names.iter().position(|own| own == name);
        let need = |name: &str| match find(name) {
            Some(index) => Ok(index),
            None => fault("csv.missing_column", format!("the column \"{name}\" is missing")),
        };
        let slots: Vec<usize> = (1..).map_while(|n| find(&format!("v{n}"))).collect();
        let minutes = match slots.len() {
            96 => 15,
            48 => 30,
            24 => 60,
            other => {
                let reason = format!("the columns v1 to v{other}: a day has 96, 48 or 24 slots");
                return fault("csv.slots", reason);
            }
        };
        let layout = Self {
            usage_point: need("usage_point")?,
            day: need("day")?,
            minutes_cell: find("minutes"),
            unit: find("unit"),
            quality: find("quality"),
            minutes,
            slots,
        };
        let places = [Some(layout.usage_point), Some(layout.day)];
        let places =
            places.into_iter().chain([layout.minutes_cell, layout.unit, layout.quality]).flatten();
        let known: Vec<usize> = places.chain(layout.slots.iter().copied()).collect();
        let unknown = names.iter().enumerate().filter(|(i, _)| !known.contains(i));
        desk.report.unknown_columns =
            unknown.map(|(_, name)| name.clone()).filter(|name| !name.is_empty()).collect();
        Ok(layout)
    }

    fn row<'a>(
        &self,
        line: u64,
        cells: &'a Cells,
        slots: &'a mut Vec<Option<i64>>,
    ) -> Result<CurveRow<'a>, RowFault> {
        let usage_point = cells.get(self.usage_point);
        if usage_point.is_empty() {
            return fault("csv.no_usage_point", "the usage point is empty");
        }
        let day = cells.get(self.day);
        let Ok(day) = day.replace('/', "-").parse::<Date>() else {
            let reason = format!("\"{}\" is no day: write 2026-06-30", shortened(day));
            return fault("time.not_a_moment", reason);
        };
        if let Some(said) =
            self.minutes_cell.map(|index| cells.get(index)).filter(|m| !m.is_empty())
            && said.parse() != Ok(self.minutes)
        {
            let reason = format!(
                "\"{}\" minutes: {} columns are slots of {} minutes",
                shortened(said),
                self.slots.len(),
                self.minutes
            );
            return fault("csv.minutes", reason);
        }
        let unit = match self.unit.map(|index| cells.get(index)).filter(|unit| !unit.is_empty()) {
            None => Unit::KWh,
            Some(name) => match Unit::from_name(name).filter(|unit| unit.kept_in() == "kWh") {
                Some(unit) => unit,
                None => {
                    let reason = format!("\"{}\": curves hold kWh, Wh or MWh", shortened(name));
                    return fault("csv.unit", reason);
                }
            },
        };
        let mark = match self.quality.map(|index| cells.get(index)).filter(|q| !q.is_empty()) {
            None => Mark::RAW,
            Some(name) => match Mark::from_name(name) {
                Some(mark) => mark,
                None => {
                    let reason = format!("\"{}\" is no quality", shortened(name));
                    return fault("csv.quality", reason);
                }
            },
        };
        slots.clear();
        for (slot, cell) in self.slots.iter().enumerate() {
            let value = energy(cells.get(*cell), unit);
            slots.push(value.map_err(|(code, why)| (code, format!("v{}: {why}", slot + 1)))?);
        }
        Ok(CurveRow { line, usage_point, day, minutes: self.minutes, ukwh: slots, mark })
    }
}

/// The energy that a cell says in µkWh, half up where it is finer; none where it is empty.
fn energy(cell: &str, unit: Unit) -> Result<Option<i64>, RowFault> {
    if cell.is_empty() {
        return Ok(None);
    }
    let kept = Number::parse(cell, b'.').and_then(|number| number.kept(unit, None));
    let (value, scale) =
        kept.map_err(|error| (error.code(), format!("\"{}\" {error}", shortened(cell))))?;
    let scaled = i128::from(value) * 1_000_000;
    let ukwh = div_round(scaled, 10_i128.pow(u32::from(scale)), RoundingMode::HalfUp);
    match ukwh.and_then(|v| i64::try_from(v).ok()).filter(|v| v.abs() <= MOST_UKWH) {
        Some(ukwh) => Ok(Some(ukwh)),
        None => {
            let reason = format!("\"{}\": no meter measures so much", shortened(cell));
            fault("reading.impossible", reason)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<(Vec<String>, Report), CodecError> {
        let mut rows = Vec::new();
        let policy = Policy::KeepGood;
        let report = decode(text.as_bytes(), "x.csv", policy, Limits::default(), &mut |row| {
            let known: Vec<_> = row.ukwh.iter().flatten().collect();
            rows.push(format!(
                "{} {} {} {:?} {}",
                row.usage_point,
                row.day,
                row.minutes,
                known,
                row.mark.name()
            ));
        })?;
        Ok((rows, report))
    }

    fn header(slots: usize) -> String {
        let columns: Vec<_> = (1..=slots).map(|n| format!("v{n}")).collect();
        format!("usage_point,day,unit,quality,{}\n", columns.join(","))
    }

    fn row(start: &str, first: &str, slots: usize) -> String {
        format!("{start},{first}{}\n", ",".repeat(slots - 1))
    }

    #[test]
    fn a_row_is_a_day_and_bad_ones_are_told() {
        let mut text = header(24);
        text += &row("7,2026-06-30,,", "0.25", 24);
        text += &row("7,2026/07/01,Wh,valid", "250", 24);
        text += &row("7,2026-07-02,kW,", "1", 24);
        text += &row("7,yesterday,,", "1", 24);
        text += &row(",2026-07-02,,", "1", 24);
        text += &row("7,2026-07-02,,", "1e9", 24);
        text += &row("7,2026-07-02,,", "eins", 24);
        let (rows, report) = read(&text).unwrap();
        assert_eq!(
            rows,
            ["7 2026-06-30 60 [250000] raw.measured", "7 2026-07-01 60 [250000] valid.measured"]
        );
        let codes: Vec<_> = report.problems.iter().map(|p| (p.line, p.code)).collect();
        assert_eq!(
            codes,
            [
                (4, "csv.unit"),
                (5, "time.not_a_moment"),
                (6, "csv.no_usage_point"),
                (7, "reading.impossible"),
                (8, "number.not_a_number"),
            ]
        );
        assert_eq!((report.kept, report.missing), (2, 46));
    }

    #[test]
    fn columns_that_are_no_day_refuse_the_file() {
        let refused = |text: &str| match read(text) {
            Err(CodecError::Refused(problem)) => problem.code,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&header(95)), "csv.slots");
        assert_eq!(refused("usage_point,v1\n"), "csv.slots");
        assert_eq!(refused(&header(96).replace("day", "dai")), "csv.missing_column");
        assert_eq!(refused(&header(24).replace("v24", "v23")), "csv.double_column");
        let chinese = header(48).replace("usage_point,day", "户号,数据日期").replace(",v", ",P");
        let (rows, _) = read(&(chinese + &row("7,2026-06-30,,", "1", 48))).unwrap();
        assert_eq!(rows, ["7 2026-06-30 30 [1000000] raw.measured"]);
    }

    proptest! {
        #[test]
        fn any_bytes_end_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut text = header(24).into_bytes();
            text.extend(bytes);
            let limits = Limits::default();
            let _ = decode(text.as_slice(), "x", Policy::KeepGood, limits, &mut |_| {});
        }
    }
}
