//! Puts the entries of a feed together by their links.

use std::collections::HashMap;

use super::{
    Feed, Reading, ReadingType, Series, UsagePoint,
    read::{Content, Entry, TypeDraft},
};
use crate::{
    codec::{CodecError, Desk, Report, Unit},
    reading::RegisterKind,
};

/// A series with the link of its meter reading and the place of its usage point.
struct Placed {
    own: String,
    point: usize,
    series: Series,
}

/// The readings of one interval block, each with its line.
type Block = (Entry, Vec<(u64, Reading)>);

/// The feed that the entries make; what belongs to nothing is reported.
pub(super) fn join(
    mut desk: Desk<'_>,
    mut feed: Feed,
    entries: Vec<Entry>,
) -> Result<(Feed, Report), CodecError> {
    let mut types: HashMap<String, (u64, TypeDraft)> = HashMap::new();
    let (mut points, mut readings, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    for mut entry in entries {
        match std::mem::take(&mut entry.content) {
            Content::UsagePoint => points.push(entry),
            Content::MeterReading => readings.push(entry),
            Content::Block(values) => blocks.push((entry, values)),
            Content::Type(draft) => {
                types.insert(entry.own.clone(), (entry.line, draft));
            }
            Content::Other => {}
        }
    }
    let mut placed = place_series(&mut desk, &types, &points, &readings)?;
    place_blocks(&mut desk, &mut placed, blocks)?;
    let point = |entry: &Entry| UsagePoint {
        id: last_part(&entry.own),
        title: entry.title.clone(),
        series: Vec::new(),
    };
    feed.usage_points = points.iter().map(point).collect();
    for Placed { point, mut series, .. } in placed {
        series.readings.sort_by_key(|reading| (reading.from, reading.value, reading.mark));
        let before = series.readings.len();
        series.readings.dedup();
        desk.report.duplicates += u64::try_from(before - series.readings.len()).unwrap_or(0);
        desk.report.kept += u64::try_from(series.readings.len()).unwrap_or(0);
        if let Some(point) = feed.usage_points.get_mut(point) {
            point.series.push(series);
        }
    }
    desk.report.encoding = "UTF-8";
    Ok((feed, desk.report))
}

/// Each meter reading with its type, at its usage point.
fn place_series(
    desk: &mut Desk<'_>,
    types: &HashMap<String, (u64, TypeDraft)>,
    points: &[Entry],
    readings: &[Entry],
) -> Result<Vec<Placed>, CodecError> {
    let mut placed = Vec::new();
    for entry in readings {
        let related = entry.related.iter().find_map(|href| types.get(href));
        // A feed with one type for all need not relate it.
        let found = related.or_else(|| types.values().next().filter(|_| types.len() == 1));
        let Some((line, draft)) = found else {
            let reason = "the meter reading is related to no reading type";
            desk.bad(entry.line, "espi.no_type", reason)?;
            continue;
        };
        let reading_type = match reading_type(draft) {
            Ok(reading_type) => reading_type,
            Err(reason) => {
                desk.bad(*line, "espi.type", reason)?;
                continue;
            }
        };
        let point = points.iter().position(|point| belongs(entry, &point.own));
        let Some(point) = point.or((points.len() == 1).then_some(0)) else {
            let reason = "the meter reading belongs to no usage point of the feed";
            desk.bad(entry.line, "espi.no_usage_point", reason)?;
            continue;
        };
        let (id, title) = (last_part(&entry.own), entry.title.clone());
        let series = Series { id, title, reading_type, readings: Vec::new() };
        placed.push(Placed { own: entry.own.clone(), point, series });
    }
    Ok(placed)
}

/// Each block's readings, in the series that it belongs to.
fn place_blocks(
    desk: &mut Desk<'_>,
    placed: &mut [Placed],
    blocks: Vec<Block>,
) -> Result<(), CodecError> {
    for (entry, values) in blocks {
        let place = placed.iter().position(|placed| belongs(&entry, &placed.own));
        let place = place.or((placed.len() == 1).then_some(0));
        let Some(Placed { series, .. }) = place.and_then(|place| placed.get_mut(place)) else {
            let reason = "the interval block belongs to no usable meter reading of the feed";
            desk.bad(entry.line, "espi.no_meter_reading", reason)?;
            continue;
        };
        for (line, reading) in values {
            if series.reading_type.kept(reading.value).is_none() {
                desk.bad(line, "espi.number", "the value times its power of ten does not fit")?;
                continue;
            }
            series.readings.push(reading);
        }
    }
    Ok(())
}

/// Whether an entry lies below the resource with this link.
fn belongs(entry: &Entry, parent: &str) -> bool {
    let below = |href: &str| {
        href.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/') && !parent.is_empty())
    };
    below(&entry.up) || below(&entry.own)
}

fn last_part(href: &str) -> String {
    href.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Units by their ESPI number; flow 1 is to the customer, 19 from the customer.
fn reading_type(draft: &TypeDraft) -> Result<ReadingType, String> {
    let unit = match draft.unit {
        Some(72) => Unit::Wh,
        Some(73) => Unit::Varh,
        Some(38) => Unit::W,
        Some(71) => Unit::Vah,
        Some(other) => {
            return Err(format!("readings in ESPI unit {other} are not energy or power"));
        }
        None => return Err("the reading type names no unit (uom)".to_owned()),
    };
    let register = match (unit, draft.flow.unwrap_or(1)) {
        (Unit::Wh, 1) => Some(RegisterKind::Total),
        (Unit::Wh, 19) => Some(RegisterKind::ExportTotal),
        (Unit::Varh, 1) => Some(RegisterKind::ReactiveForward),
        (Unit::Varh, 19) => Some(RegisterKind::ReactiveReverse),
        _ => None,
    };
    Ok(ReadingType {
        register,
        unit,
        power_of_ten: draft.power_of_ten,
        interval_s: draft.interval_s,
        accumulation: draft.accumulation.unwrap_or(4),
    })
}
