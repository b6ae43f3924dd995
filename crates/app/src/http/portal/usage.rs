//! What was used: thirteen months from the bills, and the last thirty days by time of use.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};
use kernel::Date;

use super::{own::Own, shown};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Chart, ChartKind, Empty, Page, Series},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/portal/usage", "usage", Guard::Portal, show)]
}

/// This month and the twelve before it.
const MONTHS: usize = 13;
/// Days of the daily chart.
const DAYS: i32 = 30;

#[derive(Template)]
#[template(path = "portal/usage.html")]
struct UsagePage {
    t: Words,
    page: Page,
    quiet: Option<Empty>,
    days: Option<Chart>,
    months: Option<Chart>,
    note: String,
}

/// A month's use.
#[derive(Debug, Default, Clone, Copy)]
struct Month {
    ukwh: i64,
    estimated: bool,
}

async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let own = Own::open(&visit, &mut tx).await?;
    let bills = own.bills(&mut tx).await?;
    drop(tx);
    let mut months: BTreeMap<Date, Month> = BTreeMap::new();
    for bill in &bills {
        let month = months.entry(bill.period_from.first_of_month()).or_default();
        month.ukwh = month.ukwh.saturating_add(bill.energy_ukwh);
        month.estimated |= bill.estimated_day_count > 0;
    }
    let points = own.days(&web, own.latest(DAYS)).await?;
    let mut note = String::new();
    if let Some(last) = own.last {
        let start = last.first_of_month();
        let open = points.iter().flat_map(|p| &p.days).filter(|(day, _)| *day == last);
        let ukwh: i64 = open.map(|(_, row)| row.mtd_ukwh).sum();
        let billed = months.contains_key(&start);
        if !billed && ukwh > 0 {
            months.insert(start, Month { ukwh, estimated: false });
            note = t.with("portal.month_open", &[("day", &t.day(last))]);
        }
    }
    let days = shown::by_day(points.iter().flat_map(|point| &point.days));
    let page = UsagePage {
        t,
        page: visit.page(t.get("portal.usage")).with_charts(),
        quiet: (days.is_empty() && months.is_empty())
            .then(|| Empty::new(t.get("portal.home_quiet"), t.get("portal.home_quiet_text"))),
        days: (!days.is_empty()).then(|| shown::day_chart(t, t.get("portal.recent"), &days)),
        months: (!months.is_empty()).then(|| month_chart(t, &months)),
        note,
    };
    Ok(ok(&page))
}

fn month_chart(t: Words, months: &BTreeMap<Date, Month>) -> Chart {
    let skip = months.len().saturating_sub(MONTHS);
    let shown: Vec<(&Date, &Month)> = months.iter().skip(skip).collect();
    let labels = shown.iter().map(|(month, _)| t.month(**month)).collect();
    let title = t.get("portal.months");
    Chart::new(t, title, ChartKind::Bar, t.get("portal.month"), labels)
        .unit(t.get("unit.kwh"), 2)
        .series(Series {
            name: t.get("portal.use").to_owned(),
            values: shown.iter().map(|(_, m)| Some(shown::hundredths(m.ukwh))).collect(),
            estimated: shown.iter().map(|(_, m)| m.estimated).collect(),
        })
}
