//! One row turned into interval values, with everything that can be wrong in it.

use kernel::Instant;

use super::{
    IntervalRow,
    layout::{Layout, Point, Span, UnitFrom, Value},
};
use crate::{
    codec::{
        Desk, Number, Unit,
        cells::Cells,
        profile::Length,
        series::{Place, Series},
        shortened,
        table::{RowFault, fault},
        time::{Moment, Moments},
    },
    reading::{INTERVAL_SECONDS, Mark, RegisterKind},
};

/// The most that one value can be, in kilo units: a terawatt-hour, more than any meter.
const MOST: i64 = 1_000_000_000;

/// What stays the same, or is remembered, from row to row.
pub(super) struct Rows<'a> {
    pub(super) moments: &'a Moments,
    pub(super) decimal: u8,
    pub(super) series: Series,
}

impl Rows<'_> {
    /// Hands the values of a row on. One bad cell of a matrix leaves the others good.
    pub(super) fn take(
        &mut self,
        layout: &Layout<'_>,
        desk: &mut Desk<'_>,
        line: u64,
        cells: &Cells,
        sink: &mut dyn FnMut(IntervalRow<'_>),
    ) -> Result<(), RowFault> {
        let moment = self.moments.parse(cells.get(layout.time))?;
        let length = layout.length(cells)?;
        let mark = layout.mark(cells)?;
        let (mut wrong, mut further) = (None, 0);
        for value in &layout.values {
            let row = self.value(layout, cells, value, moment, length);
            let (mut row, place) = match row {
                Ok(row) => row,
                Err(fault) if wrong.is_none() => {
                    wrong = Some(fault);
                    continue;
                }
                Err(_) => {
                    further += 1;
                    continue;
                }
            };
            row.line = line;
            row.mark = if row.value.is_some() { mark } else { Mark::MISSING };
            match place {
                Place::Duplicate => {
                    desk.report.duplicates += 1;
                    continue;
                }
                Place::Conflict => {
                    let (point, register) = (shortened(row.usage_point), row.register);
                    let reason = format!("another value for {point} {register} at {}", row.from);
                    wrong.get_or_insert(("csv.conflict", reason));
                }
                Place::OutOfOrder => desk.report.out_of_order += 1,
                Place::New => {}
            }
            desk.report.kept += 1;
            desk.report.missing += u64::from(row.value.is_none());
            sink(row);
        }
        match wrong {
            None => Ok(()),
            Some(fault) if further == 0 => Err(fault),
            Some((code, reason)) => {
                Err((code, format!("{reason} (and {further} more cells of this line)")))
            }
        }
    }

    /// One value of a row, without its line and mark, and its place in its series.
    fn value<'c>(
        &mut self,
        layout: &'c Layout<'_>,
        cells: &'c Cells,
        value: &'c Value,
        moment: Moment,
        length: Length,
    ) -> Result<(IntervalRow<'c>, Place), RowFault> {
        let usage_point = match &layout.point {
            Point::Column(index) => cells.get(*index),
            Point::Fixed(name) => name,
            Point::Header => &value.point,
        };
        if usage_point.is_empty() {
            return fault("csv.no_usage_point", "the usage point is empty");
        }
        let register = layout.register(cells, value)?;
        let code = u8::try_from(register.index()).unwrap_or(u8::MAX);
        let at = self.moments.instant(moment, || self.series.last(usage_point, code))?;
        let Some((from, to)) = layout.ends(at, length, self.moments) else {
            return fault("time.out_of_range", "the interval reaches outside the calendar");
        };
        let read = layout.value(cells, value, register, self.decimal)?;
        let place = self.series.take(usage_point, code, from, &read);
        let row = IntervalRow {
            line: 0,
            usage_point,
            register,
            from,
            to,
            value: read.map(|(value, _)| value),
            scale: read.map_or(0, |(_, scale)| scale),
            mark: Mark::RAW,
        };
        Ok((row, place))
    }
}

impl Layout<'_> {
    fn register(&self, cells: &Cells, value: &Value) -> Result<RegisterKind, RowFault> {
        match self.register.map(|index| cells.get(index)) {
            None | Some("") => Ok(value.register),
            Some(name) => match name.parse::<RegisterKind>() {
                Ok(kind) if kind.is_cumulative() => Ok(kind),
                _ => fault("csv.register", format!("\"{}\" is no register", shortened(name))),
            },
        }
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
