//! Interval values from CSV: energy per span of time, one usage point per row or per column.
//!
//! Our own columns (all others come in through a [`Profile`]):
//!
//! | column | meaning |
//! |---|---|
//! | `usage_point` | the usage point's number; required |
//! | `from` | start of the interval, RFC 3339 or local `2026-06-30 00:15`; required |
//! | `minutes` | its length: 5, 10, 15, 20, 30, 60, or 1440 for a local day; required |
//! | `value` | the energy, in the unit of the header: `value_kwh`, `value_wh`, `value_mwh`, `value_kvarh`, or of the column `unit`; required, empty where unknown |
//! | `unit` | the unit of `value` |
//! | `register` | `total` (default), `export_total`, `reactive_forward`, `reactive_reverse` |
//! | `quality` | `raw` (default), `valid`, `estimated`, `estimated.like_day`, `questionable` … |

use std::io::Read;

use kernel::Instant;

use super::{
    CodecError, Desk, Limits, Number, Policy, Report, Unit,
    cells::Cells,
    profile::{Length, PointFrom, Profile},
    series::{Place, Series},
    shortened,
    table::{self, Form, RowFault, fault},
    time::Moments,
};
use crate::reading::{INTERVAL_SECONDS, Mark, RegisterKind};

/// The most that one value can be, in kilo units: a terawatt-hour, more than any meter.
const MOST: i64 = 1_000_000_000;

/// One interval value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalRow<'a> {
    /// The line it stands on.
    pub line: u64,
    /// The usage point as the file names it.
    pub usage_point: &'a str,
    /// What was measured.
    pub register: RegisterKind,
    /// The start of the interval.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
    /// The value in kWh or kvarh with `scale` decimals; `None` where the file says unknown.
    pub value: Option<i64>,
    /// The decimals of the value.
    pub scale: u8,
    /// How far to trust it.
    pub mark: Mark,
}

/// Decodes the documented columns; local times are in `zone`.
///
/// # Errors
/// [`CodecError::Refused`] when a required column is missing or a unit is wrong, or for the first
/// bad row under [`Policy::RefuseWhole`]; [`CodecError::Io`].
pub fn decode<R: Read>(
    source: R,
    name: &str,
    zone: &str,
    policy: Policy,
    limits: Limits,
    sink: &mut dyn FnMut(IntervalRow<'_>),
) -> Result<Report, CodecError> {
    let mut desk = Desk::new(name, policy, limits);
    let moments = Moments::new(zone, None).map_err(|e| desk.refuse(0, "time.zone", e))?;
    let form = Form { delimiter: None, skip_lines: 0 };
    let header = |desk: &mut Desk<'_>, cells: &Cells| Layout::own(desk, cells);
    run(source, &mut desk, form, header, &moments, b'.', sink)?;
    Ok(desk.report)
}

/// Decodes the columns that a profile describes.
///
/// # Errors
/// As [`decode`].
pub fn decode_with<R: Read>(
    source: R,
    name: &str,
    profile: &Profile,
    policy: Policy,
    limits: Limits,
    sink: &mut dyn FnMut(IntervalRow<'_>),
) -> Result<Report, CodecError> {
    let mut desk = Desk::new(name, policy, limits);
    let form = Form { delimiter: profile.delimiter, skip_lines: profile.document.skip_lines };
    let header = |desk: &mut Desk<'_>, cells: &Cells| Layout::mapped(desk, cells, profile);
    run(source, &mut desk, form, header, &profile.moments, profile.decimal, sink)?;
    Ok(desk.report)
}

fn run<'a, R: Read>(
    source: R,
    desk: &mut Desk<'_>,
    form: Form,
    header: impl FnOnce(&mut Desk<'_>, &Cells) -> Result<Layout<'a>, RowFault>,
    moments: &Moments,
    decimal: u8,
    sink: &mut dyn FnMut(IntervalRow<'_>),
) -> Result<(), CodecError> {
    let mut series = Series::new(desk.limits().series);
    table::read(source, desk, form, header, |desk, layout, line, cells| {
        layout.row(desk, line, cells, moments, decimal, &mut series, sink)
    })
}

/// Which cell of a row means what.
struct Layout<'a> {
    point: Point,
    time: usize,
    marks_end: bool,
    span: Span,
    values: Vec<Value>,
    register: Option<usize>,
    quality: Option<(usize, Option<&'a Profile>)>,
    missing: &'a [String],
}

enum Point {
    Column(usize),
    Fixed(String),
    Header,
}

enum Span {
    Fixed(Length),
    Minutes(usize),
}

struct Value {
    cell: usize,
    /// The usage point of a matrix column.
    point: String,
    register: RegisterKind,
    unit: UnitFrom,
    decimals: Option<u8>,
}

enum UnitFrom {
    Known(Unit),
    Column(usize),
}

impl<'a> Layout<'a> {
    /// The documented columns.
    fn own(desk: &mut Desk<'_>, cells: &Cells) -> Result<Self, RowFault> {
        let names: Vec<String> = cells.iter().map(str::to_ascii_lowercase).collect();
        let find = |name: &str| names.iter().position(|n| n == name);
        let need = |name: &str| match find(name) {
            Some(index) => Ok(index),
            None => fault("csv.missing_column", format!("the column \"{name}\" is missing")),
        };
        let (point, time, minutes) = (need("usage_point")?, need("from")?, need("minutes")?);
        let value = names.iter().position(|n| n == "value" || n.starts_with("value_"));
        let Some(cell) = value else {
            return fault("csv.missing_column", "the column \"value_kwh\" is missing");
        };
        let unit = match (names.get(cell).and_then(|n| n.strip_prefix("value_")), find("unit")) {
            (Some(suffix), _) => match Unit::from_name(suffix) {
                Some(unit) if matches!(unit.kept_in(), "kWh" | "kvarh") => UnitFrom::Known(unit),
                _ => {
                    let reason =
                        format!("value_{suffix}: intervals hold energy: kwh, wh, mwh, kvarh");
                    return fault("csv.unit", reason);
                }
            },
            (None, Some(column)) => UnitFrom::Column(column),
            (None, None) => {
                return fault("csv.unit", "the unit is not said: name the column value_kwh");
            }
        };
        let known = ["usage_point", "from", "minutes", "unit", "register", "quality"];
        let unknown = names
            .iter()
            .enumerate()
            .filter(|(i, name)| *i != cell && !known.contains(&name.as_str()) && !name.is_empty());
        desk.report.unknown_columns = unknown.map(|(_, name)| name.clone()).collect();
        let value = Value {
            cell,
            point: String::new(),
            register: RegisterKind::Total,
            unit,
            decimals: None,
        };
        Ok(Self {
            point: Point::Column(point),
            time,
            marks_end: false,
            span: Span::Minutes(minutes),
            values: vec![value],
            register: find("register"),
            quality: find("quality").map(|index| (index, None)),
            missing: &[],
        })
    }

    /// The columns of a profile.
    fn mapped(desk: &mut Desk<'_>, cells: &Cells, profile: &'a Profile) -> Result<Self, RowFault> {
        let document = &profile.document;
        let find = |name: &str| {
            let numbered = name.strip_prefix('#').and_then(|n| n.parse::<usize>().ok());
            let index = match numbered {
                Some(number) => number.checked_sub(1).filter(|index| *index < cells.len()),
                None => cells.iter().position(|cell| cell == name),
            };
            match index {
                Some(index) => Ok(index),
                None => fault(
                    "csv.missing_column",
                    format!("the column \"{name}\" of profile \"{}\" is missing", profile.name()),
                ),
            }
        };
        let time = find(&document.time.column)?;
        let point = match &document.point {
            PointFrom::Column(name) => Point::Column(find(name)?),
            PointFrom::Fixed(name) => Point::Fixed(name.clone()),
            PointFrom::Header(_) => Point::Header,
        };
        let quality = profile.quality_column().map(find).transpose()?;
        let mut used = vec![time];
        used.extend(quality);
        if let Point::Column(index) = point {
            used.push(index);
        }
        for name in &document.ignore {
            used.push(find(name)?);
        }
        for column in document.values.iter().filter(|column| column.column != "*") {
            used.push(find(&column.column)?);
        }
        let mut values = Vec::new();
        for column in &document.values {
            let indexes: Vec<usize> = if column.column == "*" {
                (0..cells.len()).filter(|index| !used.contains(index)).collect()
            } else {
                vec![find(&column.column)?]
            };
            values.extend(indexes.into_iter().map(|cell| Value {
                cell,
                point: match &document.point {
                    PointFrom::Header(prefix) => format!("{prefix}{}", cells.get(cell)),
                    _ => String::new(),
                },
                register: column.register.unwrap_or(RegisterKind::Total),
                unit: UnitFrom::Known(column.unit),
                decimals: column.decimals,
            }));
        }
        let named = |index: usize| used.contains(&index) || values.iter().any(|v| v.cell == index);
        let unknown = (0..cells.len()).filter(|index| !named(*index)).map(|i| cells.get(i));
        desk.report.unknown_columns = unknown.map(str::to_owned).collect();
        Ok(Self {
            point,
            time,
            marks_end: profile.marks_end(),
            span: Span::Fixed(profile.length),
            values,
            register: None,
            quality: quality.map(|index| (index, Some(profile))),
            missing: &document.missing,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one decode, borrowed apart")]
    fn row(
        &mut self,
        desk: &mut Desk<'_>,
        line: u64,
        cells: &Cells,
        moments: &Moments,
        decimal: u8,
        series: &mut Series,
        sink: &mut dyn FnMut(IntervalRow<'_>),
    ) -> Result<(), RowFault> {
        let moment = moments.parse(cells.get(self.time))?;
        let length = self.length(cells)?;
        let mark = self.mark(cells)?;
        let mut wrong: Option<RowFault> = None;
        for value in &self.values {
            let point = match &self.point {
                Point::Column(index) => cells.get(*index),
                Point::Fixed(name) => name,
                Point::Header => &value.point,
            };
            let register = match self.register.map(|index| cells.get(index)) {
                None | Some("") => value.register,
                Some(name) => match name.parse::<RegisterKind>() {
                    Ok(kind) if kind.is_cumulative() => kind,
                    _ => {
                        return fault(
                            "csv.register",
                            format!("\"{}\" is no register", shortened(name)),
                        );
                    }
                },
            };
            let code = u8::try_from(register.index()).unwrap_or(u8::MAX);
            if point.is_empty() {
                return fault("csv.no_usage_point", "the usage point is empty");
            }
            let at = moments.instant(moment, || series.last(point, code))?;
            let Some((from, to)) = self.ends(at, length, moments) else {
                return fault("time.out_of_range", "the interval reaches outside the calendar");
            };
            let read = match self.value(cells, value, register, decimal) {
                Ok(read) => read,
                // One bad cell of a matrix leaves the others good.
                Err(fault) => {
                    wrong.get_or_insert(fault);
                    continue;
                }
            };
            match series.take(point, code, from, &read) {
                Place::Duplicate => {
                    desk.report.duplicates += 1;
                    continue;
                }
                Place::Conflict => {
                    let reason =
                        format!("another value for {} {register} at {from}", shortened(point));
                    wrong.get_or_insert(("csv.conflict", reason));
                }
                Place::OutOfOrder => desk.report.out_of_order += 1,
                Place::New => {}
            }
            desk.report.kept += 1;
            desk.report.missing += u64::from(read.is_none());
            sink(IntervalRow {
                line,
                usage_point: point,
                register,
                from,
                to,
                value: read.map(|(value, _)| value),
                scale: read.map_or(0, |(_, scale)| scale),
                mark: if read.is_some() { mark } else { Mark::MISSING },
            });
        }
        wrong.map_or(Ok(()), Err)
    }

    fn length(&self, cells: &Cells) -> Result<Length, RowFault> {
        let index = match &self.span {
            Span::Fixed(length) => return Ok(*length),
            Span::Minutes(index) => *index,
        };
        let seconds = cells.get(index).parse::<u32>().ok().and_then(|m| m.checked_mul(60));
        match seconds.filter(|seconds| INTERVAL_SECONDS.contains(seconds)) {
            Some(86_400) => Ok(Length::Day),
            Some(seconds) => Ok(Length::Seconds(seconds)),
            None => {
                let text = shortened(cells.get(index));
                fault(
                    "csv.minutes",
                    format!("\"{text}\" minutes: use 5, 10, 15, 20, 30, 60 or 1440"),
                )
            }
        }
    }

    fn ends(&self, at: Instant, length: Length, moments: &Moments) -> Option<(Instant, Instant)> {
        match (length, self.marks_end) {
            (Length::Seconds(s), false) => Some((at, at.plus_seconds(i64::from(s)))),
            (Length::Seconds(s), true) => Some((at.plus_seconds(-i64::from(s)), at)),
            (Length::Day, false) => Some((at, moments.next_day(at)?)),
            (Length::Day, true) => Some((moments.previous_day(at)?, at)),
        }
    }

    fn mark(&self, cells: &Cells) -> Result<Mark, RowFault> {
        let Some((index, profile)) = self.quality else { return Ok(Mark::RAW) };
        let text = cells.get(index);
        let mark = match profile {
            Some(profile) => profile.qualities.get(text).copied().or(profile.otherwise),
            None if text.is_empty() => Some(Mark::RAW),
            None => Mark::from_name(text),
        };
        match mark {
            Some(mark) => Ok(mark),
            None => {
                fault("csv.quality", format!("the quality \"{}\" is not known", shortened(text)))
            }
        }
    }

    fn value(
        &self,
        cells: &Cells,
        value: &Value,
        register: RegisterKind,
        decimal: u8,
    ) -> Result<Option<(i64, u8)>, RowFault> {
        let text = cells.get(value.cell);
        if text.is_empty() || self.missing.iter().any(|missing| missing == text) {
            return Ok(None);
        }
        let unit = match value.unit {
            UnitFrom::Known(unit) => unit,
            UnitFrom::Column(index) => match Unit::from_name(cells.get(index)) {
                Some(unit) => unit,
                None => {
                    let text = shortened(cells.get(index));
                    return fault(
                        "csv.unit",
                        format!("\"{text}\" is no unit: kWh, Wh, MWh or kvarh"),
                    );
                }
            },
        };
        if unit.kept_in() != register.unit() {
            let reason =
                format!("{register} is measured in {}, not {}", register.unit(), unit.kept_in());
            return fault("csv.unit", reason);
        }
        let number = Number::parse(text, decimal).and_then(|n| n.kept(unit, value.decimals));
        match number {
            Ok((number, scale)) => {
                let most = MOST.saturating_mul(10_i64.pow(u32::from(scale)));
                if number > most || number < -most {
                    let reason =
                        format!("\"{}\" is more than any meter can deliver", shortened(text));
                    return fault("number.impossible", reason);
                }
                Ok(Some((number, scale)))
            }
            Err(error) => fault(error.code(), format!("\"{}\" {error}", shortened(text))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, policy: Policy) -> Result<(Vec<String>, Report), CodecError> {
        let mut rows = Vec::new();
        let zone = "Asia/Shanghai";
        let report =
            decode(text.as_bytes(), "x.csv", zone, policy, Limits::default(), &mut |row| {
                let value = row.value.map_or("-".to_owned(), |v| format!("{v}e-{}", row.scale));
                let minutes = (row.to.micros() - row.from.micros()) / 60_000_000;
                rows.push(format!(
                    "{} {} {} {minutes} {value} {}",
                    row.usage_point,
                    row.register,
                    row.from,
                    row.mark.name()
                ));
            })?;
        Ok((rows, report))
    }

    const HEADER: &str = "usage_point,from,minutes,value_kwh,register,quality,remark\n";

    #[test]
    fn good_rows_are_kept_and_bad_ones_named() {
        let text = format!(
            "{HEADER}1,2026-06-30 00:00,15,0.25,,valid,\n\
             1,2026-06-30 00:00,15,0.25,,valid,twice\n\
             1,2026-06-30 00:15,15,,,,\n\
             1,2026-06-30 00:30,15,NaN,,,\n\
             1,2026-06-30 00:30,7,1,,,\n\
             1,2026-06-30 00:30,15,1e400,,,\n\
             1,2026-06-30 00:30,15,99999999999,,,\n\
             1,2026-06-30 00:30,15,=1+1,,,\n\
             1,2026-06-30 00:30,15,1,demand_max,,\n\
             1,2026-06-30 00:30,15,1\n\
             ,2026-06-30 00:30,15,1,,,\n\
             2,2026-06-30,1440,7.5,export_total,estimated.like_day,\n"
        );
        let (rows, report) = rows(&text, Policy::KeepGood).unwrap();
        assert_eq!(
            rows,
            [
                "1 total 2026-06-29T16:00:00Z 15 25e-2 valid.measured",
                "1 total 2026-06-29T16:15:00Z 15 - missing.unknown",
                "2 export_total 2026-06-29T16:00:00Z 1440 75e-1 estimated.like_day",
            ]
        );
        assert_eq!((report.rows, report.kept, report.duplicates, report.missing), (12, 3, 1, 1));
        assert_eq!(report.unknown_columns, ["remark"]);
        let codes: Vec<_> = report.problems.iter().map(|p| (p.line, p.code)).collect();
        assert_eq!(
            codes,
            [
                (5, "number.not_a_number"),
                (6, "csv.minutes"),
                (7, "number.out_of_range"),
                (8, "number.impossible"),
                (9, "csv.formula"),
                (10, "csv.register"),
                (11, "csv.cell_count"),
                (12, "csv.no_usage_point"),
            ]
        );
        assert_eq!(
            report.problems[0].to_string(),
            "x.csv:5: \"NaN\" is not a number: write digits with a decimal point, for example 12.34"
        );
    }

    #[test]
    fn the_whole_is_refused_if_so_chosen() {
        let text = format!("{HEADER}1,2026-06-30 00:00,15,0.25,,,\n1,x,15,1,,,\n");
        let error = rows(&text, Policy::RefuseWhole).unwrap_err();
        assert!(error.to_string().starts_with("x.csv:3: \"x\" is no moment"), "{error}");
    }

    #[test]
    fn wrong_columns_and_units_refuse_the_file() {
        for (header, words) in [
            ("usage_point,from,minutes,value_kw\n", "energy"),
            ("usage_point,from,minutes,value\n", "unit"),
            ("usage_point,from,value_kwh\n", "minutes"),
            ("", "empty"),
            ("\u{0}\n", "NUL"),
        ] {
            let error = rows(header, Policy::KeepGood).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn contradictions_and_steps_back_are_reported() {
        let text = format!(
            "{HEADER}1,2026-06-30 00:15,15,1,,,\n1,2026-06-30 00:15,15,2,,,\n1,2026-06-30 00:00,15,3,,,\n"
        );
        let (rows, report) = rows(&text, Policy::KeepGood).unwrap();
        assert_eq!(rows.len(), 3, "both values go on: a rule decides, not the order");
        assert_eq!((report.problem_count, report.out_of_order), (1, 1));
    }
}
