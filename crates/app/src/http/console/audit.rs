//! The audit trail: who did or tried what, to which object, when and why.

use access::Right;
use axum::{
    extract::{Query, State},
    response::Response,
};
use kernel::{Date, Id, Instant};
use serde::Deserialize;
use store::{AuditRow, Tx, Verdict, audit_between};

use super::{
    desk::{self, Names},
    sheet::{FilterBar, Sheet},
    shown,
};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    door::right_words,
    i18n::Words,
    ui::{Badge, Cell, Column, Empty, Field, Html, Input, Row, Sign, Table, escape},
};

const PATH: &str = "/console/audit";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(PATH, "access", Guard::Right(Right::AuditRead), show),
        Route::get("/console/audit.csv", "access", Guard::Right(Right::ExportData), export),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A login, or an actor as stored.
    who: String,
    action: String,
    object: String,
    from: String,
    to: String,
    after: String,
}

impl Asked {
    fn address(&self, path: &str) -> String {
        let filters = [
            ("who", self.who.as_str()),
            ("action", &self.action),
            ("object", &self.object),
            ("from", &self.from),
            ("to", &self.to),
        ];
        desk::address(path, &filters)
    }
}

/// The entries that an address asks for, `(before, count)` of them.
async fn entries(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    asked: &Asked,
    (before, count): (Id, i64),
) -> Result<Vec<AuditRow>, Failure> {
    let zone = &visit.web().zone;
    let first = desk::day(&asked.from).unwrap_or(Date::constant(2000, 1, 1));
    let last = desk::day(&asked.to).and_then(|day| day.tomorrow().ok());
    let moment = |day: Date| zone.instant_of(day.at(0, 0, 0, 0)).ok();
    let from = moment(first).unwrap_or(Instant::from_micros(0));
    let to = last.and_then(moment).unwrap_or(Instant::from_micros(i64::MAX));
    let who = asked.who.trim();
    let actor = match access::staff_by_login(tx, &who.to_lowercase()).await? {
        Some(staff) if !who.is_empty() => format!("user:{}", staff.id),
        _ => who.to_owned(),
    };
    let (action, object) = (asked.action.trim(), asked.object.trim());
    Ok(audit_between(tx, org, from, to, &actor, action, object, before, count).await?)
}

async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::AuditRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(&asked.after)?;
    let found = entries(&visit, &mut tx, org, &asked, (part.before(), part.limit())).await?;
    let found = part.cut(found, |row| (row.id, String::new()));
    let mut names = Names::default();
    let mut rows = Vec::with_capacity(found.items.len());
    for row in &found.items {
        rows.push(entry(&visit, &mut tx, &mut names, row).await?);
    }
    let shown = rows.len();
    let columns = vec![
        Column::text(t.get("audit.at")).main(),
        Column::text(t.get("audit.who")),
        Column::text(t.get("audit.action")),
        Column::text(t.get("audit.object")),
        Column::text(t.get("audit.purpose")),
        Column::text(t.get("audit.outcome")),
        Column::text(t.get("audit.change")),
    ];
    let none = Empty::new(t.get("audit.none"), t.get("audit.none_text"));
    let table = Table::new(t, t.get("audit.list"), columns).caption_hidden().rows(rows).empty(none);
    let page = visit.page(t.get("nav.audit"));
    let bar = Html::of(&FilterBar { page: &page, action: PATH, fields: fields(t, &asked) });
    let mut sheet = Sheet::new(page);
    if visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), &asked.address("/console/audit.csv"));
    }
    let base = asked.address(PATH);
    Ok(sheet
        .part(&bar)
        .part(&table)
        .part(&desk::pager(t, &base, shown, &asked.after, found.next.as_deref()))
        .show())
}

fn fields(t: Words, asked: &Asked) -> Vec<Field> {
    let text =
        |name, label, value: &str| Field::new(t, name, label, Input::Text).required().value(value);
    let actions =
        Right::ALL.iter().map(|right| (right.name().to_owned(), right_words(t, *right).to_owned()));
    vec![
        text("who", t.get("audit.login"), &asked.who),
        Field::new(t, "action", t.get("audit.action"), Input::Select)
            .required()
            .choices(desk::choices(t.get("audit.every_action"), actions))
            .value(&asked.action),
        text("object", t.get("audit.object"), &asked.object),
        Field::new(t, "from", t.get("desk.from"), Input::Date).required().value(&asked.from),
        Field::new(t, "to", t.get("desk.to"), Input::Date).required().value(&asked.to),
    ]
}

async fn entry(
    visit: &Visit,
    tx: &mut Tx,
    names: &mut Names,
    row: &AuditRow,
) -> Result<Row, Failure> {
    let t = visit.t();
    let who = names.actor(tx, t, &row.actor).await?;
    let action = match Right::from_name(&row.action) {
        Some(right) => right_words(t, right),
        None if row.action == "session.open" => t.get("audit.session_open"),
        None => row.action.as_str(),
    };
    let outcome = match row.outcome {
        Verdict::Allowed => Badge::new(Sign::Ok, t.get("audit.allowed")),
        Verdict::Refused => Badge::new(Sign::Bad, t.get("audit.refused")),
    };
    Ok(Row::new(vec![
        Cell::text(desk::at(visit, row.at)),
        Cell::text(who).note(&row.actor),
        Cell::text(action).note(&row.action),
        Cell::link(&row.object, desk::address(PATH, &[("object", &row.object)])),
        Cell::text(row.purpose.as_deref().unwrap_or_default()),
        Cell::part(&outcome),
        Cell::part(&json(&change(row))),
    ]))
}

/// A text without blanks that may be broken anywhere.
fn json(text: &str) -> Html {
    Html::composed(format!("<span class=\"json\">{}</span>", escape(text)))
}

/// What changed, shortened for the list; the export holds all of it.
fn change(row: &AuditRow) -> String {
    let short = |json: &Option<String>| -> String {
        let text = json.as_deref().map(plain).unwrap_or_default();
        text.chars().take(120).collect()
    };
    match (short(&row.before_json), short(&row.after_json)) {
        (before, after) if before.is_empty() => after,
        (before, after) => format!("{before} → {after}"),
    }
}

/// An object's fields without the signs of its notation: `login: li, what: created`.
fn plain(json: &str) -> String {
    use serde_json::Value;
    let word = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        Value::Array(values) => {
            let words =
                values.iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
            words.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    match serde_json::from_str(json) {
        Ok(Value::Object(fields)) => {
            let words = fields.iter().map(|(name, value)| format!("{name}: {}", word(value)));
            words.collect::<Vec<_>>().join(", ")
        }
        _ => json.to_owned(),
    }
}

/// The most rows of one export; what is beyond is reached by a narrower filter.
const EXPORT_MAX: i64 = 20_000;

async fn export(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::AuditRead).await?;
    let mut tx = web.works.db.read().await?;
    let newest = (Id::from_i64(i64::MAX), EXPORT_MAX);
    let rows = entries(&visit, &mut tx, org, &asked, newest).await?;
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| {
            vec![
                row.at.to_string(),
                row.actor,
                row.action,
                row.object,
                row.purpose.unwrap_or_default(),
                row.outcome.name().to_owned(),
                row.before_json.unwrap_or_default(),
                row.after_json.unwrap_or_default(),
                row.request,
            ]
        })
        .collect();
    let heading =
        ["at", "actor", "action", "object", "purpose", "outcome", "before", "after", "request"];
    Ok(shown::csv("audit.csv", &heading, &rows))
}
