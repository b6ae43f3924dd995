//! Register readings from CSV: one row per meter and moment, one column per register.
//!
//! | column | also | meaning |
//! |---|---|---|
//! | `usage_point` | 户号, 用电点 | the usage point's number; required |
//! | `at` | 抄表时间 | when the registers stood there, RFC 3339 or local `2026-06-30 00:00`; required |
//! | `meter` | 表号 | the meter's number |
//! | `total` `sharp` `peak` `flat` `valley` `deep` `export_total` | 总 尖 峰 平 谷 深谷 反向 | energy registers as shown, before the multiplier; kWh, or the unit in the header: `total_wh`, `total_mwh` |
//! | `reactive_forward` `reactive_reverse` | 正向无功 反向无功 | kvarh, or `…_varh` |
//! | `demand_max` | 最大需量 | kW, or `demand_max_w` |
//! | `source` | 来源 | `ami`, `handheld`, `on_demand`, `customer`, `estimated`, `exchange`, `edited`, `import` |
//! | `quality` | 质量 | `raw` (default), `valid`, `estimated.profile` … |
//! | `revision` | 版本 | whole number, 0 by default; a higher one replaces a lower one |
//!
//! At least one register column must be there. An empty register cell was not read.

use std::io::Read;

use kernel::Instant;

use super::{
    CodecError, Desk, Limits, Number, Policy, Report, Unit,
    cells::Cells,
    series::{Place, Series},
    shortened,
    table::{self, Form, RowFault, fault},
    time::Moments,
};
use crate::reading::{Mark, RegisterKind, Registers, Source, rescale};

/// The most that a register can show: twelve digits before the point.
const MOST: i64 = 1_000_000_000_000;

/// One reading of a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterRow<'a> {
    /// The line it stands on.
    pub line: u64,
    /// The usage point as the file names it.
    pub usage_point: &'a str,
    /// The meter as the file names it, or empty.
    pub meter: &'a str,
    /// When the registers stood there.
    pub at: Instant,
    /// The values.
    pub registers: Registers,
    /// Where they came from.
    pub source: Source,
    /// How far to trust them.
    pub mark: Mark,
    /// The delivering system's version.
    pub revision: i32,
}

/// Decodes the documented columns; local times are in `zone`, rows without a source are of
/// `default_source`.
///
/// # Errors
/// [`CodecError::Refused`] when a required column is missing or a unit is wrong, or for the first
/// bad row under [`Policy::RefuseWhole`]; [`CodecError::Io`].
pub fn decode<R: Read>(
    source: R,
    name: &str,
    zone: &str,
    default_source: Source,
    policy: Policy,
    limits: Limits,
    sink: &mut dyn FnMut(RegisterRow<'_>),
) -> Result<Report, CodecError> {
    let mut desk = Desk::new(name, policy, limits);
    let moments = Moments::new(zone, None).map_err(|e| desk.refuse(0, "time.zone", e))?;
    let mut series = Series::new(limits.series);
    let form = Form { delimiter: None, skip_lines: 0 };
    table::read(source, &mut desk, form, Layout::of, |desk, layout, line, cells| {
        let Some(row) = layout.row(line, cells, &moments, default_source, &mut series)? else {
            desk.report.duplicates += 1;
            return Ok(());
        };
        let (row, place) = row;
        desk.report.kept += 1;
        desk.report.out_of_order += u64::from(place == Place::OutOfOrder);
        sink(row);
        if place == Place::Conflict {
            let reason = format!("another reading of {} at {}", shortened(row.usage_point), row.at);
            return fault("csv.conflict", reason);
        }
        Ok(())
    })?;
    Ok(desk.report)
}

struct Layout {
    usage_point: usize,
    meter: Option<usize>,
    at: usize,
    registers: Vec<(usize, RegisterKind, Unit)>,
    source: Option<usize>,
    mark: Option<usize>,
    revision: Option<usize>,
}

/// Chinese headers and what they stand for.
const ALIASES: [(&str, &str); 18] = [
    ("户号", "usage_point"),
    ("用电点", "usage_point"),
    ("抄表时间", "at"),
    ("表号", "meter"),
    ("总", "total"),
    ("尖", "sharp"),
    ("峰", "peak"),
    ("平", "flat"),
    ("谷", "valley"),
    ("深谷", "deep"),
    ("反向", "export_total"),
    ("正向无功", "reactive_forward"),
    ("反向无功", "reactive_reverse"),
    ("最大需量", "demand_max"),
    ("来源", "source"),
    ("质量", "quality"),
    ("版本", "revision"),
    ("电表", "meter"),
];

impl Layout {
    fn of(desk: &mut Desk<'_>, cells: &Cells) -> Result<Self, RowFault> {
        let mut found: [Option<usize>; 6] = [None; 6];
        let mut registers = Vec::new();
        for (index, cell) in cells.iter().enumerate() {
            let lower = cell.to_ascii_lowercase();
            let alias = ALIASES.iter().find(|(alias, _)| *alias == lower);
            let name = alias.map_or(lower.as_str(), |(_, name)| *name);
            let places = ["usage_point", "meter", "at", "source", "quality", "revision"];
            if let Some(place) = places.iter().position(|n| *n == name) {
                if let Some(slot) = found.get_mut(place)
                    && slot.replace(index).is_some()
                {
                    return fault(
                        "csv.double_column",
                        format!("the column \"{name}\" is there twice"),
                    );
                }
            } else if let Some((kind, unit)) = register_column(name)? {
                if registers.iter().any(|(_, other, _)| *other == kind) {
                    return fault(
                        "csv.double_column",
                        format!("the register {kind} is there twice"),
                    );
                }
                registers.push((index, kind, unit));
            } else {
                desk.report.unknown_columns.push(cell.to_owned());
            }
        }
        let need = |place: Option<usize>, name: &str| match place {
            Some(index) => Ok(index),
            None => fault("csv.missing_column", format!("the column \"{name}\" is missing")),
        };
        let [usage_point, meter, at, source, mark, revision] = found;
        if registers.is_empty() {
            return fault("csv.missing_column", "no register column is there: total, peak, flat …");
        }
        let (usage_point, at) = (need(usage_point, "usage_point")?, need(at, "at")?);
        Ok(Self { usage_point, meter, at, registers, source, mark, revision })
    }

    /// The row and its place in its series; `None` when it only repeats the row before.
    fn row<'c>(
        &self,
        line: u64,
        cells: &'c Cells,
        moments: &Moments,
        default_source: Source,
        series: &mut Series,
    ) -> Result<Option<(RegisterRow<'c>, Place)>, RowFault> {
        let usage_point = cells.get(self.usage_point);
        if usage_point.is_empty() {
            return fault("csv.no_usage_point", "the usage point is empty");
        }
        let at = moments.instant(moments.parse(cells.get(self.at))?, || None)?;
        let text = |index: Option<usize>| index.map_or("", |index| cells.get(index));
        let source = match text(self.source) {
            "" => Some(default_source),
            name => Source::from_name(name),
        };
        let Some(source) = source else {
            let name = shortened(text(self.source));
            return fault("csv.source", format!("the source \"{name}\" is not known"));
        };
        let mark = match text(self.mark) {
            "" => Some(Mark::RAW),
            name => Mark::from_name(name),
        };
        let Some(mark) = mark else {
            let name = shortened(text(self.mark));
            return fault("csv.quality", format!("the quality \"{name}\" is not known"));
        };
        let revision = match text(self.revision) {
            "" => Some(0),
            number => number.parse::<i32>().ok(),
        };
        let Some(revision) = revision else {
            let name = shortened(text(self.revision));
            return fault("csv.revision", format!("the revision \"{name}\" is no whole number"));
        };
        let registers = self.registers(cells)?;
        let meter = text(self.meter);
        // Another source or revision is a delivery of its own, not a repetition.
        let followed = source == default_source && revision == 0;
        let place = if followed {
            series.take(if meter.is_empty() { usage_point } else { meter }, 0, at, &registers)
        } else {
            Place::New
        };
        if place == Place::Duplicate {
            return Ok(None);
        }
        let row = RegisterRow { line, usage_point, meter, at, registers, source, mark, revision };
        Ok(Some((row, place)))
    }

    fn registers(&self, cells: &Cells) -> Result<Registers, RowFault> {
        let mut read = [None; RegisterKind::COUNT];
        let mut scale = 0;
        for (index, kind, unit) in &self.registers {
            let text = cells.get(*index);
            if text.is_empty() {
                continue;
            }
            let number = Number::parse(text, b'.').and_then(|n| n.kept(*unit, None));
            let (value, own) = match number {
                Ok(number) => number,
                Err(error) => {
                    let reason = format!("{kind}: \"{}\" {error}", shortened(text));
                    return fault(error.code(), reason);
                }
            };
            let most = MOST.saturating_mul(10_i64.pow(u32::from(own)));
            if value < 0 || value >= most {
                let reason =
                    format!("{kind}: \"{}\" is no value that a register shows", shortened(text));
                return fault("number.impossible", reason);
            }
            scale = scale.max(own);
            if let Some(slot) = read.get_mut(kind.index()) {
                *slot = Some((value, own));
            }
        }
        let unfit =
            |error: crate::reading::RegisterError| ("number.out_of_range", error.to_string());
        let mut registers = Registers::new(scale).map_err(unfit)?;
        for (kind, value) in RegisterKind::ALL.into_iter().zip(read) {
            if let Some((value, own)) = value {
                registers.set(kind, Some(rescale(value, own, scale).map_err(unfit)?));
            }
        }
        if registers.is_empty() {
            return fault("csv.no_value", "no register was read in this row");
        }
        Ok(registers)
    }
}

/// The register and unit of a header such as `total`, `total_wh`, `demand_max_kw`; `None` when it
/// names no register; a fault when the unit is of another kind.
fn register_column(name: &str) -> Result<Option<(RegisterKind, Unit)>, RowFault> {
    let exact = RegisterKind::ALL.into_iter().find(|kind| kind.name() == name);
    let (kind, unit) = match exact {
        Some(kind) => (kind, kind.unit()),
        None => {
            let Some((base, unit)) = name.rsplit_once('_') else { return Ok(None) };
            match RegisterKind::ALL.into_iter().find(|kind| kind.name() == base) {
                Some(kind) => (kind, unit),
                None => return Ok(None),
            }
        }
    };
    match Unit::from_name(unit) {
        Some(unit) if unit.kept_in() == kind.unit() => Ok(Some((kind, unit))),
        _ => fault("csv.unit", format!("{name}: {kind} is measured in {}", kind.unit())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8], policy: Policy) -> Result<(Vec<String>, Report), CodecError> {
        let mut rows = Vec::new();
        let limits = Limits::default();
        let zone = "Asia/Shanghai";
        let report = decode(bytes, "r.csv", zone, Source::Ami, policy, limits, &mut |row| {
            let values: Vec<String> = row
                .registers
                .iter()
                .map(|(k, _)| format!("{k}={}", row.registers.text(k).unwrap()))
                .collect();
            rows.push(format!(
                "{} {} {} {} {} r{}",
                row.usage_point,
                row.meter,
                row.at,
                values.join(" "),
                row.source.name(),
                row.revision
            ));
        })?;
        Ok((rows, report))
    }

    #[test]
    fn a_gbk_file_from_an_office_reads() {
        let text = "户号,表号,抄表时间,总,峰,谷\r\n330100,M1,2026-06-30 00:00,15410.2,100,0.25\r\n";
        let (bytes, _, _) = encoding_rs::GBK.encode(text);
        let (rows, report) = rows(&bytes, Policy::RefuseWhole).unwrap();
        assert_eq!(
            rows,
            ["330100 M1 2026-06-29T16:00:00Z total=15410.2 peak=100 valley=0.25 ami r0"]
        );
        assert_eq!(report.encoding, "gb18030");
    }

    #[test]
    fn units_come_from_the_header() {
        let text = b"usage_point;at;total_mwh;demand_max_kw\n1;2026-06-30;1.5;30.25\n";
        let (read, _) = rows(text, Policy::RefuseWhole).unwrap();
        assert_eq!(read, ["1  2026-06-29T16:00:00Z total=1500 demand_max=30.25 ami r0"]);
        let error = rows(b"usage_point,at,total_kw\n", Policy::KeepGood).unwrap_err();
        assert_eq!(error.to_string(), "r.csv:1: total_kw: total is measured in kWh");
    }

    #[test]
    fn bad_rows_name_their_reason() {
        let text = b"usage_point,at,total,source,revision\n\
            1,2026-06-30,10,,\n1,2026-06-30,10,,\n1,2026-06-30,11,,\n1,2026-06-30,12,edited,1\n\
            1,2026-06-29,9,,\n1,2026-07-01,-5,,\n1,2026-07-01,1000000000000,,\n1,2026-07-01,,,\n\
            1,2026-07-01,5,ufo,\n1,2026-07-01,5,,x\n\"1,2026-07-01,5,,\n2,2026-07-01,5,,\n";
        let (rows, report) = rows(text, Policy::KeepGood).unwrap();
        assert_eq!(rows.len(), 5);
        assert_eq!((report.duplicates, report.out_of_order), (1, 1));
        let codes: Vec<_> = report.problems.iter().map(|p| (p.line, p.code)).collect();
        assert_eq!(
            codes,
            [
                (4, "csv.conflict"),
                (7, "number.impossible"),
                (8, "number.impossible"),
                (9, "csv.no_value"),
                (10, "csv.source"),
                (11, "csv.revision"),
                (12, "csv.open_quote"),
            ]
        );
    }

    #[test]
    fn headers_that_make_no_sense_refuse_the_file() {
        for (header, words) in [
            ("usage_point,total\n", "\"at\" is missing"),
            ("at,total\n", "\"usage_point\" is missing"),
            ("usage_point,at\n", "no register column"),
            ("usage_point,at,total,total_wh\n", "twice"),
            ("usage_point,at,at,total\n", "twice"),
        ] {
            let error = rows(header.as_bytes(), Policy::KeepGood).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
