//! One bill: what it charges and for what, how each line came about, and the days behind it.

use access::Right;
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use kernel::Zone;
use supply::billing::{CorrectionRow, rules::ReviewReason};
use tariff::{Amount, BillLine, LineKind};

use super::{
    super::shown,
    days, disputes,
    lines::{self, LineView},
    sheet::{self, Sheet},
};
use crate::http::{
    Failure, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Alert, Badge, Cell, Chart, Column, Definitions, Figure, Html, Page, Row, Sign, Table},
};

#[derive(Template)]
#[template(path = "console/bills/show.html")]
struct BillPage {
    t: Words,
    page: Page,
    state: Badge,
    notices: Vec<Alert>,
    figures: Vec<Figure>,
    head: Definitions,
    lines: Vec<LineView>,
    total: String,
    check: String,
    components: Option<Table>,
    chart: Option<Chart>,
    days_note: Option<Alert>,
    days: Table,
    versions: Option<Table>,
    corrections: Option<Table>,
    disputes: Option<Table>,
    links: Links,
}

/// Where one can go from a bill, and what may be done.
struct Links {
    here: String,
    version: i64,
    approve: bool,
    hold: bool,
    correct: bool,
    dispute: bool,
    export: bool,
}

impl Links {
    fn again(&self) -> String {
        format!("{}/recompute", self.here)
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let (sheet, again) = sheet::with_again(&visit, &name).await?;
    let bill = &sheet.bill;
    let moved = again.as_ref().is_some_and(|again| !again.is_same()) && bill.state != "replaced";
    let days = match again {
        Some(again) => again.days,
        None => sheet::days(&web.works, bill).await?,
    };
    let t = visit.t();
    let review = visit.may(Right::BillReview);
    let links = Links {
        here: format!("/console/bills/{}", bill.id),
        version: bill.version,
        approve: review && bill.state == "review",
        hold: review && bill.state == "ready",
        correct: visit.may(Right::BillCorrect) && moved,
        dispute: bill.state == "issued" && sheet.open_dispute().is_none(),
        export: visit.may(Right::ExportData),
    };
    let chart = days::chart(t, &days);
    let mut page = framed(&visit, &sheet, t.with("bills.bill", &[("no", &bill.bill_no)]));
    page.charts = chart.is_some();
    Ok(ok(&BillPage {
        t,
        page,
        state: shown::bill_state(t, &bill.state),
        notices: notices(t, &sheet, moved),
        figures: figures(t, &sheet),
        head: head(t, &sheet, &web.zone),
        lines: lines::views(t, &sheet),
        total: shown::money(t, bill, bill.total_units),
        check: check(t, &sheet),
        components: components(t, &sheet),
        chart,
        days_note: days::note(t, &sheet, &days),
        days: days::table(t, &sheet, &days),
        versions: versions(t, &sheet),
        corrections: corrections(t, &sheet, &web.zone),
        disputes: disputes::table(t, &sheet, &web.zone, review),
        links,
    }))
}

/// The frame of a page about a bill, with the way to it.
pub(super) fn framed(visit: &Visit, sheet: &Sheet, title: String) -> Page {
    let t = visit.t();
    let month = sheet.bill.period_from;
    visit
        .page(title)
        .crumb(t.get("bills.title"), format!("{}?month={}", super::MONTH, month.strftime("%Y-%m")))
        .crumb(&sheet.account.account_no, format!("/console/customers/{}", sheet.account.id))
}

/// A reason for review in words.
pub(super) fn reason(t: Words, reason: &ReviewReason) -> String {
    match reason {
        ReviewReason::Estimated { days, tolerated } => {
            t.with("bills.reason_estimated", &[("days", days), ("tolerated", tolerated)])
        }
        ReviewReason::OpenExceptions { count } => {
            t.with("bills.reason_exceptions", &[("n", count)])
        }
        ReviewReason::High { daily_ukwh, usual_ukwh } => t.with(
            "bills.reason_high",
            &[
                ("daily", &shown::kwh_per_day(t, *daily_ukwh, 1)),
                ("usual", &shown::kwh_per_day(t, *usual_ukwh, 1)),
            ],
        ),
        ReviewReason::Low { daily_ukwh, usual_ukwh } => t.with(
            "bills.reason_low",
            &[
                ("daily", &shown::kwh_per_day(t, *daily_ukwh, 1)),
                ("usual", &shown::kwh_per_day(t, *usual_ukwh, 1)),
            ],
        ),
        ReviewReason::Negative => t.get("bills.reason_negative").to_owned(),
        ReviewReason::Large => t.get("bills.reason_large").to_owned(),
    }
}

/// The stored reasons, in words.
pub(super) fn reasons(t: Words, stored: &str) -> Vec<String> {
    let reasons: Vec<ReviewReason> = serde_json::from_str(stored).unwrap_or_default();
    reasons.iter().map(|known| reason(t, known)).collect()
}

fn notices(t: Words, sheet: &Sheet, moved: bool) -> Vec<Alert> {
    let bill = &sheet.bill;
    let mut notices = Vec::new();
    match bill.state.as_str() {
        "review" => {
            let said = reasons(t, &bill.review_reasons).join(" ");
            notices.push(Alert::new(Sign::Warn, t.get("bills.in_review")).text(&said));
        }
        "replaced" => notices.push(Alert::new(Sign::Info, t.get("bills.is_replaced"))),
        _ => {}
    }
    if let Some(old) = bill.replaces {
        let link = Html::link(t.get("bills.the_old"), &format!("/console/bills/{old}"));
        notices.push(Alert::new(Sign::Info, t.get("bills.is_correction")).body(link));
    }
    if bill.estimated_day_count > 0 {
        let places: [(&str, &dyn std::fmt::Display); 2] =
            [("n", &bill.estimated_day_count), ("days", &bill.day_count)];
        let alert = Alert::new(Sign::Estimated, t.with("bills.has_estimates", &places));
        notices.push(alert.text(t.get("bills.has_estimates_text")));
    }
    if moved {
        let alert = Alert::new(Sign::Warn, t.get("bills.moved"));
        notices.push(alert.text(t.get("bills.moved_text")));
    }
    notices
}

fn figures(t: Words, sheet: &Sheet) -> Vec<Figure> {
    let bill = &sheet.bill;
    let per_day = shown::kwh_per_day(t, bill.energy_ukwh, bill.day_count);
    let price = average_price(t, bill.total_units, bill.energy_ukwh);
    let total = Figure::new(t.get("bills.total"), shown::money(t, bill, bill.total_units));
    let total = match bill.due_on {
        Some(day) => total.note(&t.with("bills.due", &[("day", &t.date(day))])),
        None => total,
    };
    let days = t.with("bills.of_days", &[("n", &bill.day_count)]);
    let mut figures = vec![
        total,
        Figure::new(t.get("bills.energy"), shown::kwh_figure(t, bill.energy_ukwh))
            .unit(t.get("unit.kwh"))
            .note(&days)
            .href("#days"),
        Figure::new(t.get("bills.per_day"), per_day).unit(t.get("unit.kwh")),
    ];
    if let Some(price) = price {
        let figure = Figure::new(t.get("bills.average_price"), price);
        figures.push(figure.unit(t.get("bills.per_kwh")));
    }
    figures
}

/// What a kWh came to on average, to a hundredth of a fen, for reading.
pub(super) fn average_price(t: Words, total_units: i64, energy_ukwh: i64) -> Option<String> {
    let price = kernel::div_round(
        i128::from(total_units) * 1_000_000,
        i128::from(energy_ukwh),
        kernel::RoundingMode::HalfUp,
    );
    price.map(|e4| t.decimal(e4, 4, 4))
}

fn head(t: Words, sheet: &Sheet, zone: &Zone) -> Definitions {
    let bill = &sheet.bill;
    let last = bill.period_to.yesterday().unwrap_or(bill.period_to);
    let account = format!("/console/customers/{}", sheet.account.id);
    let point = format!(
        "/console/usage-points/{}/readings?from={}&to={last}",
        sheet.point.id, bill.period_from
    );
    let mut head = Definitions::new()
        .text(
            t.get("bills.period"),
            &t.with("bills.range", &[("from", &t.date(bill.period_from)), ("to", &t.date(last))]),
        )
        .html(t.get("bills.account"), Html::link(&sheet.account.account_no, &account))
        .html(t.get("bills.usage_point"), Html::link(&sheet.point.code, &point));
    if let Some(row) = &sheet.tariff {
        let link = Html::link(&shown::tariff_name(t, row), &format!("/console/tariffs/{}", row.id));
        let version = t.with("bills.tariff_version", &[("n", &row.version)]);
        head = head.html(t.get("bills.tariff"), link.and(&Html::text(&version)));
    }
    if let Some(line) = sheet.lines().first() {
        let (source, confidence) = lines::source_of(&line.source);
        head = head.text(t.get("bills.decree"), &source);
        if let Some(word) = confidence {
            head = head.text(t.get("bills.checked"), t.of("trade.confidence", word));
        }
    }
    if let Some(at) = bill.issued_at {
        let by = sheet.person(bill.issued_by);
        head = head.text(t.get("bills.issued"), &format!("{} {by}", t.instant(at, zone)));
    }
    head.text(t.get("bills.computed"), &t.instant(bill.created_at, zone))
        .text(t.get("bills.state_version"), &bill.state_version.to_string())
}

/// The sum of the energy lines with their rounding is the sum of the days, said in numbers.
fn check(t: Words, sheet: &Sheet) -> String {
    let daily = [
        LineKind::Energy,
        LineKind::TierAdder,
        LineKind::Surcharge,
        LineKind::FreeQuota,
        LineKind::Rounding,
    ];
    let lines = sheet.lines().iter().filter(|line| daily.contains(&line.kind));
    let sum = Amount::sum(lines.map(|line| line.amount)).map(Amount::units).ok();
    let days = sheet.bill.daily_charge_units;
    let places: [(&str, &dyn std::fmt::Display); 2] =
        [("lines", &shown::amount(t, sum.unwrap_or_default())), ("days", &shown::amount(t, days))];
    if sum == Some(days) {
        t.with("bills.agrees", &places)
    } else {
        t.with("bills.differs", &places)
    }
}

fn components(t: Words, sheet: &Sheet) -> Option<Table> {
    let rated = &sheet.rated;
    if rated.components.is_empty() {
        return None;
    }
    let columns =
        vec![Column::text(t.get("bills.component")).main(), Column::number(t.get("bills.amount"))];
    let rows = rated.components.iter().map(|part| {
        let label = Cell::text(shown::label(t, &part.label));
        let label = match part.key.as_str() {
            "residual" => label.note(t.get("bills.residual_text")),
            _ => label,
        };
        Row::new(vec![label, Cell::text(shown::amount(t, part.amount.units()))])
    });
    Some(Table::new(t, t.get("bills.components"), columns).rows(rows))
}

fn versions(t: Words, sheet: &Sheet) -> Option<Table> {
    if sheet.versions.len() < 2 {
        return None;
    }
    let columns = vec![
        Column::text(t.get("bills.number")).main(),
        Column::text(t.get("bills.state")),
        Column::number(t.get("bills.energy")),
        Column::number(t.get("bills.total")),
    ];
    let rows = sheet.versions.iter().map(|bill| {
        let label = if bill.id == sheet.bill.id {
            Cell::text(&bill.bill_no).note(t.get("bills.this_one"))
        } else {
            Cell::link(&bill.bill_no, format!("/console/bills/{}", bill.id))
        };
        Row::new(vec![
            label,
            Cell::part(&shown::bill_state(t, &bill.state)),
            Cell::text(shown::kwh(t, bill.energy_ukwh)),
            Cell::text(shown::amount(t, bill.total_units)),
        ])
    });
    Some(Table::new(t, t.get("bills.versions"), columns).rows(rows))
}

fn corrections(t: Words, sheet: &Sheet, zone: &Zone) -> Option<Table> {
    if sheet.corrections.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(t.get("bills.corrected_at")).main(),
        Column::text(t.get("bills.cause")),
        Column::number(t.get("bills.before")),
        Column::number(t.get("bills.after")),
        Column::number(t.get("bills.difference")),
    ];
    let currency = shown::currency(&sheet.bill.currency);
    let rows = sheet.corrections.iter().map(|row| {
        let moved = row.total_after_units.saturating_sub(row.total_before_units);
        let by = sheet.person(Some(row.corrected_by)).to_owned();
        let before = Cell::text(shown::amount(t, row.total_before_units));
        Row::new(vec![
            Cell::text(t.instant(row.corrected_at, zone)).note(by),
            Cell::text(t.of("trade.correction_cause", &row.cause)).note(row.reason.clone()),
            before.note(lines_before(t, row)),
            Cell::text(shown::amount(t, row.total_after_units)),
            Cell::text(shown::change(t, moved, currency)),
        ])
    });
    Some(Table::new(t, t.get("bills.corrections"), columns).rows(rows))
}

/// The lines of a bill that was made again before it was issued: they are kept only here.
fn lines_before(t: Words, row: &CorrectionRow) -> String {
    let lines: Vec<BillLine> = serde_json::from_str(&row.lines_before).unwrap_or_default();
    let said = lines.iter().map(|line| {
        format!("{} {}", shown::label(t, &line.label), shown::amount(t, line.amount.units()))
    });
    said.collect::<Vec<_>>().join(" · ")
}

pub(super) async fn export_lines(
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let t = visit.t();
    let sheet = sheet::of_visit(&visit, &name).await?;
    let heading = [
        t.get("bills.item"),
        t.get("bills.quantity"),
        t.get("bills.unit"),
        t.get("bills.rate"),
        t.get("bills.amount"),
        t.get("bills.formula"),
        t.get("bills.rule_id"),
        t.get("bills.decree"),
    ];
    let row = |line: &BillLine| {
        vec![
            shown::label(t, &line.label).to_owned(),
            kernel::format_decimal(i128::from(line.quantity.e6), 6, 0),
            lines::unit(t, line.quantity.unit).to_owned(),
            line.rate.map(|rate| rate.value.to_string()).unwrap_or_default(),
            shown::csv_amount(line.amount.units()),
            shown::label(t, &line.formula).to_owned(),
            line.rule.clone(),
            line.source.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = sheet.lines().iter().map(row).collect();
    Ok(shown::csv(&format!("bill-{}-lines.csv", sheet.bill.bill_no), &heading, &rows))
}

pub(super) async fn export_days(
    State(web): State<Web>,
    visit: Visit,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let sheet = sheet::of_visit(&visit, &name).await?;
    let days = sheet::days(&web.works, &sheet.bill).await?;
    let (heading, rows) = days::csv(visit.t(), &days);
    Ok(shown::csv(&format!("bill-{}-days.csv", sheet.bill.bill_no), &heading, &rows))
}
