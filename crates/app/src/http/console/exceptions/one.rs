//! One finding with its evidence: the words and numbers, the readings and the use of the days
//! around, what is billed meanwhile, and the form to decide.

use access::Right;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use kernel::{Date, Energy, Id, Instant};
use lake::tables::{DayMethod, ReadingRow, StateRow};
use metering::reading::{Mark, RegisterKind, Source};
use supply::readings::{ExceptionRow, FindingContext, finding};

use super::{PATH, Said, severity, state};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        resettled,
        sheet::{Card, Deed, Form, Sheet},
        shown,
    },
    failure::render,
    form::Refused,
    i18n::Words,
    ui::{
        Alert, Cell, Chart, ChartKind, Column, Definitions, Empty, Field, Html, Input, Row, Series,
        Sign, Table,
    },
};

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&web, &visit, desk::id(&id)?, &Refused::default(), StatusCode::OK).await
}

/// The page, with a form as it was refused.
pub(super) async fn page(
    web: &Web,
    visit: &Visit,
    id: Id,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::ReadingRead).await?;
    let t = visit.t();
    let found = finding(&web.works, org, id).await?;
    let row = &found.exception;
    let said = Said::of(row);
    let title = t.with(
        "exceptions.title",
        &[("rule", &t.of("finding", &row.rule)), ("day", &t.date(row.day))],
    );
    let page = visit.page(title).crumb(t.get("nav.exceptions"), PATH).with_charts();
    let decide = decide(visit, &page, &found, refused).map(|card| Html::of(&card));
    let undo = undo(visit, &page, row).map(|deed| Html::of(&deed));
    let facts = facts(web, visit, org, &found, &said).await?;
    let mut sheet = Sheet::new(page);
    if let Some(undo) = undo {
        sheet = sheet.act(&undo);
    }
    let sheet = sheet
        .part(&words(t, row, &said))
        .maybe(refused.alert(t))
        .part(&facts)
        .part(&Card::new("").part(&chart(t, &found.states)))
        .maybe(decide)
        .maybe(used(t, row, &found.states))
        .part(&readings(visit, &found))
        .maybe(resettled::table(t, &found.changes));
    Ok(render(status, &sheet))
}

fn words(t: Words, row: &ExceptionRow, said: &Said) -> Alert {
    let sign = match (row.state.as_str(), row.severity.as_str()) {
        ("open", "stop") => Sign::Bad,
        ("open", "warn") => Sign::Warn,
        _ => Sign::Info,
    };
    let text = match (row.state.as_str(), said.held) {
        ("cleared", _) => t.get("exceptions.cleared_text"),
        ("decided", _) => t.get("exceptions.decided_text"),
        (_, true) => t.get("exceptions.held_text"),
        (_, false) => t.get("exceptions.billed_text"),
    };
    Alert::new(sign, said.say(t)).text(text)
}

async fn facts(
    web: &Web,
    visit: &Visit,
    org: Id,
    found: &FindingContext,
    said: &Said,
) -> Result<Card, Failure> {
    let (t, row) = (visit.t(), &found.exception);
    let mut tx = web.works.db.read().await?;
    let mut names = Names::default();
    let (code, account_no, account) = names.point(&mut tx, org, row.usage_point).await?;
    let customer = match account.filter(|_| visit.may(Right::CustomerRead)) {
        Some(account) => Html::link(&account_no, &format!("/console/customers/{account}")),
        None => Html::text(&account_no),
    };
    let meter = supply::meters::meter_by_id(&mut tx, org, row.meter).await?;
    let mut list = Definitions::new()
        .html(t.get("exceptions.customer"), customer)
        .text(t.get("exceptions.usage_point"), &code)
        .text(t.get("exceptions.meter"), &meter.map_or_else(|| "–".to_owned(), |m| m.asset_no))
        .html(t.get("exceptions.severity"), Html::of(&severity(t, &row.severity)))
        .html(t.get("exceptions.state"), Html::of(&state(t, row)))
        .text(t.get("exceptions.found_at"), &desk::at(visit, row.created_at));
    for number in &said.numbers {
        list = list.text(t.of("finding_number", &number.name), &number.shown(t));
    }
    if let (Some(by), Some(at)) = (row.decided_by, row.decided_at) {
        let person = names.person(&mut tx, t, by).await?;
        list = list
            .text(t.get("exceptions.decided_by"), &person)
            .text(t.get("exceptions.decided_at"), &desk::at(visit, at));
    }
    if let Some(reason) = &row.reason {
        list = list.text(t.get("exceptions.reason"), reason);
    }
    Ok(Card::new(t.get("exceptions.facts")).part(&list))
}

/// Use by day around the finding; what is estimated is hatched.
fn chart(t: Words, states: &[(Date, StateRow)]) -> Chart {
    let labels = states.iter().map(|(day, _)| t.day(*day)).collect();
    let values = states
        .iter()
        .map(|(_, row)| Some(desk::hundredths_kwh(Energy::from_ukwh(row.day_ukwh()))))
        .collect();
    let estimated =
        states.iter().map(|(_, row)| DayMethod::from_code(row.method).is_estimate()).collect();
    let name = t.get("exceptions.use").to_owned();
    Chart::new(t, t.get("exceptions.use_around"), ChartKind::Bar, t.get("exceptions.day"), labels)
        .unit(t.get("unit.kwh"), 2)
        .series(Series { name, values, estimated })
}

/// What the day is billed meanwhile.
fn used(t: Words, row: &ExceptionRow, states: &[(Date, StateRow)]) -> Option<Card> {
    let (_, state) = states.iter().find(|(day, _)| *day == row.day)?;
    let mut list = Definitions::new()
        .html(t.get("exceptions.method"), Html::of(&shown::day_method(t, state)))
        .text(t.get("exceptions.use"), &t.energy(Energy::from_ukwh(state.day_ukwh())))
        .text(t.get("exceptions.charge"), &t.money(kernel::Money::cny(state.charge_day)))
        .text(
            t.get("exceptions.usual"),
            &t.with(
                "exceptions.usual_text",
                &[
                    ("working", &shown::kwh_per_day(t, state.usual[0], 1)),
                    ("rest", &shown::kwh_per_day(t, state.usual[1], 1)),
                ],
            ),
        );
    for (ukwh, bucket) in state.used.iter().zip(["sharp", "peak", "flat", "valley", "deep"]) {
        if *ukwh != 0 {
            list = list.text(t.of("bucket", bucket), &t.energy(Energy::from_ukwh(*ukwh)));
        }
    }
    Some(Card::new(t.get("exceptions.billed_now")).part(&list))
}

/// The registers that any of these readings carries.
fn registers(readings: &[ReadingRow]) -> Vec<RegisterKind> {
    RegisterKind::ALL
        .into_iter()
        .filter(|kind| readings.iter().any(|row| row.register[kind.index()].is_some()))
        .collect()
}

fn value(t: Words, row: &ReadingRow, kind: RegisterKind) -> String {
    row.register[kind.index()]
        .map_or_else(String::new, |v| t.decimal(i128::from(v), u32::from(row.scale), 0))
}

fn readings(visit: &Visit, found: &FindingContext) -> Table {
    let t = visit.t();
    let near = |row: &&ReadingRow| {
        let days = visit.web().zone.date_of(Instant::from_micros(row.at)) - found.exception.day;
        days.get_days().abs() <= NEAR_DAYS
    };
    let readings: Vec<ReadingRow> = found.readings.iter().filter(near).copied().collect();
    let kinds = registers(&readings);
    let mut columns = vec![Column::text(t.get("exceptions.at")).main()];
    columns.extend(kinds.iter().map(|kind| Column::number(t.of("trade.register", kind.name()))));
    columns.extend(
        ["exceptions.source", "exceptions.quality", "exceptions.revision"]
            .map(|key| Column::text(t.get(key))),
    );
    let rows = readings.iter().map(|row| {
        let note = if closes(visit, found, row) { t.get("exceptions.this_day") } else { "" };
        let at = desk::at(visit, Instant::from_micros(row.at));
        let mut cells = vec![Cell::text(at).note(note)];
        cells.extend(kinds.iter().map(|kind| Cell::text(value(t, row, *kind))));
        let source = Source::from_code(row.source).map_or("", Source::name);
        let quality = Mark::from_code(row.mark).map_or("", |mark| mark.validity.name());
        cells.push(Cell::text(t.of("trade.reading_source", source)));
        cells.push(Cell::text(t.of("reading_quality", quality)));
        cells.push(Cell::text(row.revision.to_string()));
        Row::new(cells)
    });
    let none = Empty::new(t.get("exceptions.no_readings"), t.get("exceptions.no_readings_text"));
    Table::new(t, t.get("exceptions.readings"), columns).rows(rows).empty(none)
}

/// How many days before and after the finding its readings are listed.
const NEAR_DAYS: i32 = 5;

fn undo<'a>(
    visit: &Visit,
    page: &'a crate::http::ui::Page,
    row: &ExceptionRow,
) -> Option<Deed<'a>> {
    let may = visit.may(Right::ExceptionDecide) && row.state == "decided";
    let action = format!("{PATH}/{}/reopen", row.id);
    may.then(|| {
        Deed::new(page, &action, visit.t().get("exceptions.undo"))
            .hidden("version", row.version.to_string())
    })
}

/// The form to decide, for who may and while the finding is open.
fn decide(
    visit: &Visit,
    page: &crate::http::ui::Page,
    found: &FindingContext,
    refused: &Refused,
) -> Option<Card> {
    let (t, row) = (visit.t(), &found.exception);
    if row.state != "open" || !visit.may(Right::ExceptionDecide) {
        return None;
    }
    let edits = visit.may(Right::ReadingEdit);
    let words = ["accept", "estimate", "replace", "field_check"];
    let words = words.into_iter().filter(|word| edits || *word != "replace");
    let words = words.map(|word| (word.to_owned(), t.of("finding_choice", word).to_owned()));
    // Nothing is chosen beforehand: a decision is the person's own.
    let choices = desk::choices(t.get("exceptions.choose"), words);
    let mut form = Form::new(page, &format!("{PATH}/{}", row.id), t.get("exceptions.decide"))
        .hidden("version", row.version.to_string())
        .field(
            Field::new(t, "decision", t.get("exceptions.decision"), Input::Select)
                .required()
                .choices(choices)
                .kept(refused),
        );
    if edits {
        for kind in replaceable(&found.readings) {
            let label = t.with(
                "exceptions.replace_by",
                &[("register", &t.of("trade.register", kind.name())), ("unit", &kind.unit())],
            );
            let hint = t.with("exceptions.delivered", &[("value", &delivered(visit, found, kind))]);
            form =
                form.field(Field::new(t, kind.name(), label, Input::Text).hint(hint).kept(refused));
        }
    }
    let form = form.field(
        Field::new(t, "reason", t.get("exceptions.reason"), Input::Area)
            .required()
            .hint(t.get("exceptions.reason_hint"))
            .kept(refused),
    );
    Some(Card::new(t.get("exceptions.decide_title")).part(&form))
}

/// The registers that a decision can set; the total where nothing was ever read.
pub(super) fn replaceable(readings: &[ReadingRow]) -> Vec<RegisterKind> {
    let kinds = registers(readings);
    if kinds.is_empty() { vec![RegisterKind::Total] } else { kinds }
}

/// Whether a reading belongs to the day of the finding: one at midnight closes the day before.
fn closes(visit: &Visit, found: &FindingContext, row: &ReadingRow) -> bool {
    visit.web().zone.date_of(Instant::from_micros(row.at - 1)) == found.exception.day
}

/// What was delivered for the day of a finding, the latest of it.
fn delivered(visit: &Visit, found: &FindingContext, kind: RegisterKind) -> String {
    let of_day = found.readings.iter().filter(|row| closes(visit, found, row));
    let last = of_day.max_by_key(|row| (row.at, row.revision));
    match last.map(|row| value(visit.t(), row, kind)) {
        Some(text) if !text.is_empty() => text,
        _ => "–".to_owned(),
    }
}
