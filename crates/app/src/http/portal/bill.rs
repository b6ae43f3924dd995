//! One bill as its customer reads it: the total, every line with its arithmetic, the days and
//! readings behind it, where the year's ladder stands, and why it is higher or lower than before.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::Date;
use supply::{
    agreements,
    billing::{self, BillRow, lines_of_bill},
};
use tariff::{BillLine, RatedBill};

use super::{
    behind::{self, Ladder},
    own::{Own, PointDays},
    shown, why,
};
use crate::http::{
    Failure, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Alert, Chart, Definitions, Explain, Figure, Html, Page, Sign, Step},
};

#[derive(Template)]
#[template(path = "portal/bill.html")]
pub(super) struct BillPage {
    t: Words,
    page: Page,
    print: Option<String>,
    lead: &'static str,
    alerts: Vec<Alert>,
    figures: Vec<Figure>,
    lines: Vec<Line>,
    total: String,
    whys: Vec<why::Why>,
    ladder: Option<Ladder>,
    days: Option<Chart>,
    readings: Option<Definitions>,
    about: Definitions,
    components: Option<Definitions>,
}

/// A line of the bill.
struct Line {
    amount: String,
    note: String,
    explain: Explain,
}

/// Everything a bill's page is made from.
struct Story {
    own: Own,
    bill: BillRow,
    lines: Vec<BillLine>,
    before: Vec<(&'static str, RatedBill)>,
    rated: Option<RatedBill>,
    /// What it comes to by readings that arrived since, where that differs.
    changed: Option<RatedBill>,
    ladder: Option<behind::Stand>,
    days: PointDays,
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let story = story(&web, &visit, &id).await?;
    Ok(ok(&page(&visit, &web, &story, false)))
}

/// The same with every arithmetic open, for paper and for reading without a click.
pub(super) async fn print(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let story = story(&web, &visit, &id).await?;
    Ok(ok(&page(&visit, &web, &story, true)))
}

async fn story(web: &Web, visit: &Visit, id: &str) -> Result<Story, Failure> {
    let mut tx = web.works.db.read().await?;
    let own = Own::open(visit, &mut tx).await?;
    let bill = own.bill(&mut tx, id).await?;
    let mut lines = Vec::new();
    for row in lines_of_bill(&mut tx, own.org, bill.id).await? {
        lines.push(serde_json::from_str(&row.line).map_err(|error| {
            let place = format!("line {} of bill {}: {error}", row.seq, bill.bill_no);
            Failure::new(kernel::FaultKind::Corrupt, "portal.bill_line", place)
        })?);
    }
    let book = own.book(&mut tx).await?;
    let lake = &web.works.lake;
    // What a bill is compared by is computed again; a bill that has changed meanwhile (a late
    // reading that is not settled up yet) is shown as it was issued, without a comparison.
    let (mut rated, mut changed) = (None, None);
    let mut before = Vec::new();
    if bill.state == "issued" {
        let again = billing::recompute(&mut tx, lake, own.org, bill.id, &book).await;
        match again {
            Ok(again) if again.is_same() => rated = Some(again.draft.bill),
            Ok(again) => changed = Some(again.draft.bill),
            Err(error) => tracing::debug!(%error, "a bill cannot be computed again"),
        }
    }
    if rated.is_some() {
        for (word, earlier) in earlier_bills(&own, &mut tx, &bill).await? {
            let again = billing::recompute(&mut tx, lake, own.org, earlier.id, &book).await;
            if let Ok(again) = again {
                before.extend(again.is_same().then_some((word, again.draft.bill)));
            }
        }
    }
    let agreements =
        agreements::agreements_of_usage_point(&mut tx, own.org, bill.usage_point).await?;
    let point = own.points.iter().find(|point| point.id == bill.usage_point).cloned();
    let point = point.ok_or_else(Failure::not_found)?;
    drop(tx);
    let from = bill.period_from.yesterday().unwrap_or(bill.period_from);
    let days = own.days_of(web, &point, (from, bill.period_to)).await?;
    let agreement = agreements.iter().find(|row| row.valid_from < bill.period_to);
    let ladder = days
        .days
        .last()
        .and_then(|(day, row)| behind::stand(&book, agreement, &point, (*day, row)));
    Ok(Story { own, bill, lines, before, rated, changed, ladder, days })
}

/// The bill before and that of the same month a year ago, where there are such.
async fn earlier_bills(
    own: &Own,
    tx: &mut store::Tx,
    bill: &BillRow,
) -> Result<Vec<(&'static str, BillRow)>, Failure> {
    let point = bill.usage_point;
    let rows = billing::bills_before(tx, own.org, point, bill.period_from, 14).await?;
    let year_ago = |date: Date| {
        (date.year(), date.month()) == (bill.period_from.year() - 1, bill.period_from.month())
    };
    let mut found = Vec::new();
    for row in rows.into_iter().filter(|row| row.state == "issued") {
        if row.period_to == bill.period_from {
            found.push(("before", row));
        } else if year_ago(row.period_from) {
            found.push(("year_ago", row));
        }
    }
    Ok(found)
}

fn page(visit: &Visit, web: &Web, story: &Story, open: bool) -> BillPage {
    let t = visit.t();
    let bill = &story.bill;
    let here = format!("/portal/bills/{}", bill.id);
    let month = t.month(bill.period_from);
    let title = t.with("portal.bill_of", &[("month", &month)]);
    let mut page = visit.page(title).crumb(t.get("portal.bills"), "/portal/bills").with_charts();
    if open {
        page = page.crumb(month, here.clone());
    }
    let components = story.rated.as_ref().map(|rated| components(t, rated));
    BillPage {
        t,
        page,
        print: (!open).then(|| format!("{here}/print")),
        lead: if open { "" } else { t.get("portal.lines_lead") },
        alerts: alerts(t, story),
        figures: figures(t, bill),
        lines: story.lines.iter().map(|line| shown_line(t, bill, line, open)).collect(),
        total: shown::money(t, &bill.currency, bill.total_units),
        whys: story
            .rated
            .iter()
            .flat_map(|rated| story.before.iter().map(move |(word, old)| (word, old, rated)))
            .filter_map(|(word, old, rated)| why::why(t, word, old, rated))
            .collect(),
        ladder: story.ladder.as_ref().map(|stand| stand.shown(t)),
        days: days(t, story),
        readings: behind::readings(t, &web.zone, bill, &story.days),
        about: about(visit, story),
        components: components.flatten(),
    }
}

fn alerts(t: Words, story: &Story) -> Vec<Alert> {
    let bill = &story.bill;
    let mut alerts = Vec::new();
    if bill.state == "replaced" {
        let text = t.get("portal.replaced_text");
        alerts.push(Alert::new(Sign::Warn, t.get("portal.replaced")).text(text));
    }
    if bill.replaces.is_some() {
        let text = t.get("portal.corrected_text");
        alerts.push(Alert::new(Sign::Info, t.get("portal.corrected")).text(text));
    }
    if let Some(changed) = &story.changed {
        let amount = shown::money(t, &bill.currency, changed.total.units());
        let title = t.with("portal.bill_changed", &[("amount", &amount)]);
        alerts.push(Alert::new(Sign::Info, title).text(t.get("portal.bill_changed_text")));
    } else if bill.estimated_day_count > 0 {
        let places: [(&str, &dyn std::fmt::Display); 2] =
            [("n", &bill.estimated_day_count), ("days", &bill.day_count)];
        let title = t.with("portal.bill_estimated", &places);
        let text = t.get("portal.bill_estimated_text");
        alerts.push(Alert::new(Sign::Estimated, title).text(text));
    }
    alerts
}

fn figures(t: Words, bill: &BillRow) -> Vec<Figure> {
    let due = bill.due_on.map(|day| t.with("portal.due", &[("day", &t.date(day))]));
    let period = t.with(
        "portal.period",
        &[
            ("from", &t.day(bill.period_from)),
            ("to", &t.day(bill.period_to.yesterday().unwrap_or(bill.period_to))),
        ],
    );
    vec![
        Figure::new(t.get("portal.total"), shown::money(t, &bill.currency, bill.total_units))
            .note(&due.unwrap_or_default()),
        Figure::new(t.get("portal.use"), shown::kwh(t, bill.energy_ukwh))
            .unit(t.get("unit.kwh"))
            .note(&t.with("portal.period_days", &[("period", &period), ("n", &bill.day_count)])),
    ]
}

fn shown_line(t: Words, bill: &BillRow, line: &BillLine, open: bool) -> Line {
    let amount = shown::money(t, &bill.currency, line.amount.units());
    let unit = match t.locale() {
        crate::http::i18n::Locale::ZhCn => line.quantity.unit.symbol().0,
        crate::http::i18n::Locale::En => line.quantity.unit.symbol().1,
    };
    let note = line.rate.map(|rate| {
        let quantity = t.decimal(i128::from(line.quantity.e6), 6, 0);
        format!("{quantity}\u{a0}{unit} × {}", t.rate(rate.value))
    });
    let mut explain = Explain::new(t, shown::title(t, &line.label)).step(Step {
        label: t.get("portal.how").to_owned(),
        arithmetic: shown::label(t, &line.formula).to_owned(),
        result: amount.clone(),
        source: decree(&line.source).to_owned(),
    });
    if (line.from, line.to) != (bill.period_from, bill.period_to) {
        let to = line.to.yesterday().unwrap_or(line.to);
        let period = t.with("portal.period", &[("from", &t.day(line.from)), ("to", &t.day(to))]);
        explain = explain.more(Html::text(&period));
    }
    if open {
        explain = explain.open();
    }
    Line { amount, note: note.unwrap_or_default(), explain }
}

/// The decree of a line's source: "decree [confidence] where it was read". Customers are told the
/// decree; the whole stands in the console and in their data.
fn decree(source: &str) -> &str {
    source.split_once(" [").map_or(source, |(decree, _)| decree)
}

fn days(t: Words, story: &Story) -> Option<Chart> {
    let mut days = shown::by_day(std::slice::from_ref(&story.days));
    days.retain(|day, _| *day >= story.bill.period_from);
    (!days.is_empty()).then(|| shown::day_chart(t, t.get("portal.bill_days"), &days))
}

fn about(visit: &Visit, story: &Story) -> Definitions {
    let t = visit.t();
    let (bill, point) = (&story.bill, &story.days.point);
    let account = visit.known().map(|known| known.place.clone()).unwrap_or_default();
    let mut about = Definitions::new()
        .text(t.get("portal.bill_no"), &bill.bill_no)
        .text(t.get("portal.sign_in.account"), &account)
        .text(t.get("portal.usage_point"), &point.code);
    if let Some(issued) = bill.issued_at {
        let on = visit.web().zone.date_of(issued);
        about = about.text(t.get("portal.issued_on"), &t.date(on));
    }
    for tariff in story.rated.iter().chain(&story.changed).flat_map(|rated| &rated.tariffs) {
        let name = format!("{} ({})", shown::label(t, &tariff.name), tariff.decree);
        about = about.text(t.get("portal.tariff"), &name);
    }
    if story.own.points.len() > 1 {
        about = about.text(t.get("portal.points"), &t.count(story.own.points.len()));
    }
    about
}

fn components(t: Words, rated: &RatedBill) -> Option<Definitions> {
    let rows = rated.components.iter().fold(Definitions::new(), |rows, part| {
        let amount = t.money(part.amount.money(rated.currency));
        rows.text(shown::title(t, &part.label), &amount)
    });
    (!rated.components.is_empty()).then_some(rows)
}
