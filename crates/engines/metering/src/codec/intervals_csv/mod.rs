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

mod layout;
mod rows;

use std::io::Read;

use kernel::Instant;

use super::{
    CodecError, Desk, Limits, Policy, Report,
    cells::Cells,
    profile::Profile,
    series::Series,
    table::{self, Form, RowFault},
    time::Moments,
};
use crate::reading::{Mark, RegisterKind};
use layout::Layout;
use rows::Rows;

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
    let mut rows = Rows { moments, decimal, series: Series::new(desk.limits().series) };
    table::read(source, desk, form, header, |desk, layout, line, cells| {
        rows.take(layout, desk, line, cells, sink)
    })
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
