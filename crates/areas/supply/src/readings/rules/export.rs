//! A usage point's data as files: the documented CSV columns (which import again), NEM12, Green
//! Button. No cell of text is a formula to a spreadsheet.

use std::collections::BTreeMap;

use kernel::{Date, Instant, Zone, format_decimal};
use lake::tables::{DayMethod, IntervalRow, ReadingRow, StateRow};
use metering::{
    codec::espi,
    reading::{Mark, Method, RegisterKind, Source},
};

/// A usage point as a file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPoint {
    /// Its code.
    pub code: String,
    /// Asset numbers of its meters, by id.
    pub meters: BTreeMap<i64, String>,
    /// The settled days.
    pub days: Vec<(Date, StateRow)>,
    /// The delivered readings, all deliveries.
    pub readings: Vec<ReadingRow>,
    /// The delivered intervals, all deliveries.
    pub intervals: Vec<IntervalRow>,
}

/// Text that no spreadsheet takes for a formula.
#[must_use]
pub fn safe_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = out.write_record(head);
    for row in rows {
        let _ = out.write_record(&row);
    }
    out.into_inner().unwrap_or_default()
}

fn kwh(ukwh: i64) -> String {
    format_decimal(i128::from(ukwh), 6, 0)
}

/// Daily use: one row per usage point and day.
#[must_use]
pub fn days_csv(points: &[ExportPoint]) -> Vec<u8> {
    let head = [
        "usage_point",
        "day",
        "total_kwh",
        "sharp_kwh",
        "peak_kwh",
        "flat_kwh",
        "valley_kwh",
        "deep_kwh",
        "export_kwh",
        "charge",
        "estimated",
    ];
    let rows = points.iter().flat_map(|point| {
        point.days.iter().map(|(day, row)| {
            let mut cells = vec![safe_cell(&point.code), day.to_string(), kwh(row.day_ukwh())];
            cells.extend(row.used.iter().map(|ukwh| kwh(*ukwh)));
            cells.push(kwh(row.export_ukwh));
            cells.push(format_decimal(i128::from(row.charge_day), 4, 2));
            let estimated = DayMethod::from_code(row.method).is_estimate();
            cells.push(if estimated { "yes" } else { "no" }.to_owned());
            cells
        })
    });
    table(&head, rows)
}

/// Register readings in the columns that are imported.
#[must_use]
pub fn readings_csv(points: &[ExportPoint]) -> Vec<u8> {
    let mut head = vec!["usage_point", "at", "meter"];
    head.extend(RegisterKind::ALL.map(RegisterKind::name));
    head.extend(["source", "quality", "revision"]);
    let rows = points.iter().flat_map(|point| {
        point.readings.iter().map(|row| {
            let meter = point.meters.get(&row.meter).map_or("", String::as_str);
            let at = Instant::from_micros(row.at).to_string();
            let mut cells = vec![safe_cell(&point.code), at, safe_cell(meter)];
            cells.extend(row.register.iter().map(|value| {
                value.map_or_else(String::new, |v| {
                    format_decimal(i128::from(v), u32::from(row.scale), 0)
                })
            }));
            let source = Source::from_code(row.source).map_or("", Source::name);
            let quality = Mark::from_code(row.mark).map_or_else(String::new, Mark::name);
            cells.extend([source.to_owned(), quality, row.revision.to_string()]);
            cells
        })
    });
    table(&head, rows)
}

/// Intervals in the columns that are imported: the value of each slot that counts.
#[must_use]
pub fn intervals_csv(points: &[ExportPoint], zone: &Zone) -> Vec<u8> {
    let head = ["usage_point", "from", "minutes", "value_wh", "quality"];
    let rows = points.iter().flat_map(|point| {
        counting(&point.intervals).into_iter().filter_map(|row| {
            let (from, _) = span(&row, zone)?;
            let quality = Mark::from_code(row.flag).map_or_else(String::new, Mark::name);
            let minutes = row.minutes.to_string();
            Some(vec![
                safe_cell(&point.code),
                from.to_string(),
                minutes,
                row.wh.to_string(),
                quality,
            ])
        })
    });
    table(&head, rows)
}

/// The intervals of one day by slot.
type Slots = BTreeMap<u16, IntervalRow>;

/// NEM12: one 300 record per day of intervals. Days of which a slot is unknown carry a null value
/// and its quality in 400 records. Times are the file's own local times, as the format has only
/// one: state the zone when you hand it on.
#[must_use]
pub fn nem12(points: &[ExportPoint], created: &str) -> Vec<u8> {
    let mut out = format!("100,NEM12,{created},LAMPLIGHT,CUSTOMER\r\n");
    for point in points {
        let mut days: BTreeMap<(u8, i32), Slots> = BTreeMap::new();
        for row in counting(&point.intervals) {
            days.entry((row.minutes, row.day)).or_default().insert(row.slot, row);
        }
        let meter = point.meters.values().next_back().map_or("", String::as_str);
        let mut minutes = 0;
        for ((length, day), slots) in days {
            if length != minutes {
                minutes = length;
                let code = point.code.replace(',', " ");
                out += &format!("200,{code},E1,E1,E1,N1,{meter},kWh,{minutes},\r\n");
            }
            out += &nem_day(day, minutes, &slots);
        }
    }
    out += "900\r\n";
    out.into_bytes()
}

fn nem_day(day: i32, minutes: u8, slots: &Slots) -> String {
    let date = day_of(day).strftime("%Y%m%d").to_string();
    let count = 1_440 / u16::from(minutes.max(1));
    let quality = |slot: u16| slots.get(&slot).map_or("N", |row| nem_quality(row.flag));
    let mut runs: Vec<(&str, u16, u16)> = Vec::new();
    let mut line = format!("300,{date}");
    for slot in 0..count {
        let wh = slots.get(&slot).map_or(0, |row| row.wh);
        line += &format!(",{}", format_decimal(i128::from(wh), 3, 3));
        match runs.last_mut() {
            Some(run) if run.0 == quality(slot) => run.2 = slot + 1,
            _ => runs.push((quality(slot), slot + 1, slot + 1)),
        }
    }
    if let [(only, ..)] = runs.as_slice() {
        return format!("{line},{only},,,{date}000000,\r\n");
    }
    line += &format!(",V,,,{date}000000,\r\n");
    for (quality, from, to) in runs {
        line += &format!("400,{from},{to},{quality},,\r\n");
    }
    line
}

/// Actual, edited or estimated.
fn nem_quality(flag: u8) -> &'static str {
    match Mark::from_code(flag) {
        Some(mark) if mark.is_estimate() => "E52",
        Some(Mark { method: Method::Manual, .. }) => "F52",
        _ => "A",
    }
}

/// Green Button: intervals where there are any, else the daily use.
///
/// # Errors
/// None in practice: it writes into memory.
pub fn green_button(
    points: &[ExportPoint],
    zone: &Zone,
    title: &str,
    now: Instant,
) -> std::io::Result<Vec<u8>> {
    let usage_points = points.iter().map(|point| {
        let intervals: Vec<espi::Reading> = counting(&point.intervals)
            .into_iter()
            .filter_map(|row| {
                let (from, _) = span(&row, zone)?;
                Some(espi::Reading {
                    from,
                    duration_s: u32::from(row.minutes) * 60,
                    value: i64::from(row.wh),
                    mark: Mark::from_code(row.flag).unwrap_or(Mark::RAW),
                })
            })
            .collect();
        let (readings, length) = if intervals.is_empty() {
            (point.days.iter().filter_map(|(day, row)| daily(*day, row, zone)).collect(), 86_400)
        } else {
            let length = intervals.first().map_or(900, |r| r.duration_s);
            (intervals, length)
        };
        espi::UsagePoint {
            id: point.code.clone(),
            title: point.code.clone(),
            series: vec![espi::Series {
                id: "1".to_owned(),
                title: "kWh".to_owned(),
                reading_type: espi::ReadingType::interval_energy(RegisterKind::Total, length),
                readings,
            }],
        }
    });
    let feed = espi::Feed {
        title: title.to_owned(),
        updated: Some(now),
        utc_offset_s: None,
        usage_points: usage_points.collect(),
    };
    let mut out = Vec::new();
    espi::write(&feed, &mut out)?;
    Ok(out)
}

fn daily(day: Date, row: &StateRow, zone: &Zone) -> Option<espi::Reading> {
    let span = zone.day(day).ok()?;
    let seconds = (span.to()?.micros() - span.from().micros()) / 1_000_000;
    let method = DayMethod::from_code(row.method);
    let mark = if method.is_estimate() { Mark::estimated(Method::LikeDay) } else { Mark::VALID };
    Some(espi::Reading {
        from: span.from(),
        duration_s: u32::try_from(seconds).ok()?,
        value: row.day_ukwh() / 1_000,
        mark,
    })
}

/// Of several deliveries for one slot the one that counts, by day and slot.
fn counting(rows: &[IntervalRow]) -> Vec<IntervalRow> {
    let mut best: BTreeMap<(i32, u16, u8), IntervalRow> = BTreeMap::new();
    for row in rows {
        let rank = |row: &IntervalRow| (row.revision, row.source, row.wh);
        let entry = best.entry((row.day, row.slot, row.minutes)).or_insert(*row);
        if rank(row) > rank(entry) {
            *entry = *row;
        }
    }
    best.into_values().collect()
}

fn span(row: &IntervalRow, zone: &Zone) -> Option<(Instant, Instant)> {
    let minute = i64::from(row.slot) * i64::from(row.minutes);
    let from = zone.day(day_of(row.day)).ok()?.from().plus_seconds(minute * 60);
    Some((from, from.plus_seconds(i64::from(row.minutes) * 60)))
}

fn day_of(number: i32) -> Date {
    use jiff::ToSpan as _;
    let first = Date::constant(1970, 1, 1);
    first.checked_add(number.days()).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use metering::codec::{Limits, Policy, nem as nem_codec};

    fn point() -> ExportPoint {
        let row = |slot, wh| IntervalRow {
            usage_point: 1,
            day: 20_454,
            slot,
            minutes: 30,
            wh,
            flag: Mark::VALID.code(),
            ..IntervalRow::default()
        };
        let mut intervals: Vec<_> = (0..48).map(|slot| row(slot, i32::from(slot))).collect();
        intervals.push(IntervalRow { wh: 999, revision: 1, ..row(3, 0) });
        ExportPoint {
            code: "=cmd|1".into(),
            meters: BTreeMap::new(),
            days: Vec::new(),
            readings: Vec::new(),
            intervals,
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let file = nem12(&[point()], "202601010000");
        let mut sums = Vec::new();
        let options = nem_codec::Options {
            policy: Policy::RefuseWhole,
            limits: Limits::default(),
            header_required: true,
        };
        nem_codec::decode(file.as_slice(), "x", options, &mut |item| {
            if let nem_codec::Item::Day(channel, day) = item {
                sums.push((channel.nmi.clone(), day.block(channel).unwrap().sum()));
            }
        })
        .unwrap();
        assert_eq!(sums, [("=cmd|1".to_owned(), (0..48).sum::<i128>() - 3 + 999)]);
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let xml = green_button(&[point()], &zone, "x", Instant::from_micros(0)).unwrap();
        let (feed, _) =
            espi::read(xml.as_slice(), "x", Policy::RefuseWhole, Limits::default()).unwrap();
        assert_eq!(feed.usage_points[0].series[0].readings.len(), 48);
    }

    #[test]
    fn no_cell_is_a_formula() {
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let text = String::from_utf8(intervals_csv(&[point()], &zone)).unwrap();
        assert!(text.lines().nth(1).unwrap().starts_with("'=cmd|1,"), "{text}");
    }
}
