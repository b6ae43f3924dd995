//! One bill as its customer reads it: the total, every line with its arithmetic, the days and
//! readings behind it, where the year's ladder stands, and why it is higher or lower than before.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::Date;
use registry::{UsagePoint, premises};
use supply::{
    agreements,
    billing::{self, BillRow, DisputeRow, Recomputed, Stand, disputes_of_period, lines_of_bill},
};
use tariff::{BillLine, RatedBill};

use super::{
    behind::{self, Ladder},
    dispute,
    own::Own,
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
    disputes: Vec<Alert>,
    dispute: Option<String>,
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
    /// The bill in the engine's form, from what is stored with it.
    rated: RatedBill,
    /// The bills that it is compared with.
    before: Vec<(&'static str, RatedBill)>,
    /// What it comes to when it is computed again; none where it cannot be.
    again: Option<Recomputed>,
    ladder: Option<behind::Stand>,
    point: UsagePoint,
    disputes: Vec<DisputeRow>,
}

impl Story {
    /// What it comes to by readings that arrived since, where that differs.
    fn changed(&self) -> Option<&Recomputed> {
        self.again.as_ref().filter(|again| self.bill.state == "issued" && !again.is_same())
    }
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
    let lines = bill.read_lines(&lines_of_bill(&mut tx, own.org, bill.id).await?)?;
    let rated = bill.rated(lines)?;
    let mut before = Vec::new();
    for (word, earlier) in earlier_bills(&own, &mut tx, &bill).await? {
        let rows = lines_of_bill(&mut tx, own.org, earlier.id).await?;
        before.push((word, earlier.rated(earlier.read_lines(&rows)?)?));
    }
    let book = own.book(&mut tx).await?;
    // The days are those that count now; of a bill that was corrected, those that it was made from.
    let stand = if bill.state == "replaced" { Stand::Billed } else { Stand::Now };
    let lake = &web.works.lake;
    let again = billing::recompute(&mut tx, lake, own.org, bill.id, &book, stand).await;
    let again =
        again.inspect_err(|error| tracing::debug!(%error, "a bill cannot be computed again")).ok();
    let (org, place) = (own.org, bill.usage_point);
    let agreements = agreements::agreements_of_usage_point(&mut tx, org, place).await?;
    let mut disputes = disputes_of_period(&mut tx, org, place, bill.period_from).await?;
    disputes.retain(|row| row.account == own.account);
    // Who left still reads the bills of their days.
    let point = premises::usage_point_by_id(&mut tx, org, place).await?;
    let point = point.ok_or_else(Failure::not_found)?;
    drop(tx);
    let agreement = agreements.iter().find(|row| row.valid_from < bill.period_to);
    let last = again.as_ref().and_then(|again| again.days.last());
    let begun = agreements::ladder_from(&agreements, own.account, point.opened_on);
    let ladder = last.and_then(|(day, row)| behind::stand(&book, agreement, begun, (*day, row)));
    Ok(Story { own, bill, rated, before, again, ladder, point, disputes })
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
    let mine = |row: &BillRow| row.account == own.account && row.state == "issued";
    for row in rows.into_iter().filter(mine) {
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
    BillPage {
        t,
        page,
        print: (!open).then(|| format!("{here}/print")),
        lead: if open { "" } else { t.get("portal.lines_lead") },
        alerts: alerts(t, story),
        figures: figures(t, bill),
        lines: story.rated.lines.iter().map(|line| shown_line(t, bill, line, open)).collect(),
        total: shown::money(t, &bill.currency, bill.total_units),
        whys: story
            .before
            .iter()
            .filter_map(|(word, old)| why::why(t, word, old, &story.rated))
            .collect(),
        ladder: story.ladder.as_ref().map(|stand| stand.shown(t)),
        days: days(t, story),
        readings: story.again.as_ref().and_then(|again| behind::readings(t, again)),
        disputes: story
            .disputes
            .iter()
            .map(|row| dispute::shown(t, &web.zone, bill, row))
            .collect(),
        dispute: dispute::may_open(bill, &story.disputes).then(|| format!("{here}/dispute")),
        about: about(visit, story),
        components: components(t, &story.rated),
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
    if let Some(changed) = story.changed() {
        let amount = shown::money(t, &bill.currency, changed.draft.bill.total.units());
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
    let days = shown::by_day(story.again.iter().flat_map(|again| &again.days));
    (!days.is_empty()).then(|| shown::day_chart(t, t.get("portal.bill_days"), &days))
}

fn about(visit: &Visit, story: &Story) -> Definitions {
    let t = visit.t();
    let (bill, point) = (&story.bill, &story.point);
    let account = visit.known().map(|known| known.place.clone()).unwrap_or_default();
    let mut about = Definitions::new()
        .text(t.get("portal.bill_no"), &bill.bill_no)
        .text(t.get("portal.sign_in.account"), &account)
        .text(t.get("portal.usage_point"), &point.code);
    if let Some(issued) = bill.issued_at {
        let on = visit.web().zone.date_of(issued);
        about = about.text(t.get("portal.issued_on"), &t.date(on));
    }
    for tariff in &story.rated.tariffs {
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
