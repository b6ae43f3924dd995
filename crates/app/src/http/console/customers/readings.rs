//! A usage point's readings as they were delivered, beside the daily use that was settled.

use access::Right;
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use jiff::ToSpan;
use kernel::{Date, Id, Instant, Zone};
use lake::tables::{ReadingRow, StateRow};
use metering::reading::{Mark, RegisterKind, Source, Validity};
use registry::{UsagePoint, premises::usage_point_by_id};
use serde::Deserialize;
use supply::{readings::history, settlement::last_settled};

use super::super::shown;
use crate::http::{
    Failure, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Alert, Badge, Cell, Column, Empty, Field, Html, Input, Page, Row, Sign, Table},
};

pub(super) const PATH: &str = "/console/usage-points/{usage_point}/readings";
pub(super) const CSV_PATH: &str = "/console/usage-points/{usage_point}/readings.csv";

/// The longest range that one page shows, in days.
const DAYS_MAX: i32 = 100;
/// The range shown when none is asked for, in days.
const DAYS_USUAL: i32 = 31;

/// The range of days, both within.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

struct Found {
    point: UsagePoint,
    from: Date,
    last: Date,
    cut: bool,
    states: Vec<(Date, StateRow)>,
    readings: Vec<ReadingRow>,
}

async fn find(web: &Web, visit: &Visit, id: Id, asked: &Asked) -> Result<Found, Failure> {
    let org = visit.actor().org();
    let ctx = visit.ctx();
    let mut tx = web.works.db.read().await?;
    let required = ctx.require(Right::ReadingRead, org);
    let point = usage_point_by_id(&mut tx, org, id).await?;
    let settled = last_settled(&mut tx, org).await?;
    visit.finish(&ctx, tx, required).await?;
    let point = point.ok_or_else(Failure::not_found)?;
    let today = web.zone.date_of(ctx.now());
    let usual = settled.map_or(today, |row| row.day);
    let last: Date = asked.to.parse().unwrap_or(usual);
    let start = |days: i32| last.checked_sub(days.days()).unwrap_or(last);
    let from: Date = asked.from.parse().unwrap_or_else(|_| start(DAYS_USUAL - 1));
    let from = from.min(last);
    let cut = from < start(DAYS_MAX - 1);
    let from = from.max(start(DAYS_MAX - 1));
    let to = last.tomorrow().unwrap_or(last);
    let (states, readings) = history(&web.works, org, id, (from, to)).await?;
    Ok(Found { point, from, last, cut, states, readings })
}

#[derive(Template)]
#[template(path = "console/customers/readings.html")]
struct ReadingsPage {
    t: Words,
    page: Page,
    here: String,
    fields: [Field; 2],
    cut: Option<Alert>,
    csv: Option<String>,
    ask: Option<String>,
    days: Table,
    delivered: Table,
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(usage_point): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let id = usage_point.parse().map_err(|_| Failure::not_found())?;
    let found = find(&web, &visit, id, &asked).await?;
    let here = format!("/console/usage-points/{id}/readings");
    let title = t.with("customers.readings_of", &[("code", &found.point.code)]);
    let account = format!("/console/customers/{}", found.point.account);
    let date = |name, label, value: Date| {
        Field::new(t, name, label, Input::Date).value(value.to_string()).required()
    };
    let csv = format!("{here}.csv?from={}&to={}", found.from, found.last);
    let cut = || Alert::new(Sign::Info, t.with("customers.range_cut", &[("days", &DAYS_MAX)]));
    let asks = visit.may(Right::ReadingRequest);
    let ask =
        asks.then(|| format!("/console/requests?point={}", shown::query_value(&found.point.code)));
    Ok(ok(&ReadingsPage {
        t,
        ask,
        page: visit
            .page(title)
            .crumb(t.get("customers.title"), super::SEARCH)
            .crumb(t.get("customers.customer"), account),
        fields: [
            date("from", t.get("customers.from"), found.from),
            date("to", t.get("customers.to"), found.last),
        ],
        cut: found.cut.then(cut),
        csv: visit.may(Right::ExportData).then_some(csv),
        days: days(t, &found.states),
        delivered: delivered(t, &found.readings, &web.zone),
        here,
    }))
}

fn days(t: Words, states: &[(Date, StateRow)]) -> Table {
    let used: Vec<usize> =
        (0..5).filter(|bucket| states.iter().any(|(_, state)| state.used[*bucket] != 0)).collect();
    let mut columns =
        vec![Column::text(t.get("customers.day")).main(), Column::text(t.get("customers.method"))];
    columns.extend(used.iter().map(|bucket| Column::number(t.of("bucket", BUCKETS[*bucket]))));
    columns.extend([
        Column::number(t.get("customers.use")),
        Column::number(t.get("customers.charge")),
        Column::number(t.get("customers.charge_mtd")),
    ]);
    let rows = states.iter().map(|(day, state)| {
        let mut cells = vec![Cell::text(t.date(*day)), Cell::part(&shown::day_method(t, state))];
        cells.extend(
            used.iter().map(|bucket| Cell::text(shown::kwh_figure(t, state.used[*bucket]))),
        );
        cells.extend([
            Cell::text(shown::kwh_figure(t, state.day_ukwh())),
            Cell::text(shown::amount(t, state.charge_day)),
            Cell::text(shown::amount(t, state.charge_mtd)),
        ]);
        Row::new(cells)
    });
    let empty = Empty::new(t.get("customers.no_days"), t.get("customers.no_days_text"));
    Table::new(t, t.get("customers.settled_days"), columns).rows(rows).empty(empty).plain()
}

/// The words of the five buckets, in their order.
const BUCKETS: [&str; 5] = ["sharp", "peak", "flat", "valley", "deep"];

/// The words of the registers, in their order.
const REGISTERS: [&str; RegisterKind::COUNT] = [
    "total",
    "sharp",
    "peak",
    "flat",
    "valley",
    "deep",
    "export_total",
    "reactive_forward",
    "reactive_reverse",
    "demand_max",
];

fn source(t: Words, row: &ReadingRow) -> &'static str {
    match Source::from_code(row.source) {
        Some(Source::Estimated) => t.get("trade.reading_source.estimated"),
        Some(Source::Customer) => t.get("trade.reading_source.customer"),
        Some(Source::Handheld) => t.get("trade.reading_source.handheld"),
        Some(Source::Ami) => t.get("trade.reading_source.ami"),
        Some(Source::OnDemand) => t.get("trade.reading_source.on_demand"),
        Some(Source::Exchange) => t.get("trade.reading_source.exchange"),
        Some(Source::Edited) => t.get("trade.reading_source.edited"),
        Some(Source::Import) | None => t.get("trade.reading_source.import"),
    }
}

fn delivered(t: Words, readings: &[ReadingRow], zone: &Zone) -> Table {
    let used: Vec<usize> = (0..RegisterKind::COUNT)
        .filter(|kind| readings.iter().any(|row| row.register[*kind].is_some()))
        .collect();
    let mut columns = vec![
        Column::text(t.get("customers.read_at")).main(),
        Column::text(t.get("customers.source")),
    ];
    columns
        .extend(used.iter().map(|kind| Column::number(t.of("trade.register", REGISTERS[*kind]))));
    let rows = readings.iter().map(|row| {
        let plain = Html::text(source(t, row));
        let validity = Mark::from_code(row.mark).map(|mark| mark.validity);
        let doubtful = matches!(validity, Some(Validity::Questionable | Validity::Rejected));
        let badge = Html::of(&Badge::new(Sign::Warn, t.get("customers.doubtful")));
        let source = if doubtful { plain.and(&badge) } else { plain };
        let mut cells = vec![
            Cell::text(t.instant(Instant::from_micros(row.at), zone)),
            Cell::part(&source).note(t.with("customers.revision", &[("n", &row.revision)])),
        ];
        let scale = u32::from(row.scale);
        let shown = |kind: &usize| {
            let value = row.register[*kind];
            value.map(|v| t.decimal(i128::from(v), scale, scale)).unwrap_or_default()
        };
        cells.extend(used.iter().map(|kind| Cell::text(shown(kind))));
        Row::new(cells)
    });
    let empty = Empty::new(t.get("customers.no_readings"), t.get("customers.no_readings_text"));
    Table::new(t, t.get("customers.delivered"), columns).rows(rows).empty(empty).plain()
}

pub(super) async fn export(
    State(web): State<Web>,
    visit: Visit,
    Path(usage_point): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let id = usage_point.parse().map_err(|_| Failure::not_found())?;
    let found = find(&web, &visit, id, &asked).await?;
    let mut heading = vec![t.get("customers.read_at"), t.get("customers.source")];
    heading.extend(REGISTERS.iter().map(|word| t.of("trade.register", word)));
    let rows: Vec<Vec<String>> = found
        .readings
        .iter()
        .map(|row| {
            let at = web.zone.datetime_of(Instant::from_micros(row.at));
            let scale = u32::from(row.scale);
            let shown = |value: &Option<i64>| {
                value.map(|v| kernel::format_decimal(i128::from(v), scale, scale))
            };
            let registers = row.register.iter().map(|value| shown(value).unwrap_or_default());
            [at.to_string(), source(t, row).to_owned()].into_iter().chain(registers).collect()
        })
        .collect();
    Ok(shown::csv(&format!("readings-{}.csv", found.point.code), &heading, &rows))
}
