//! Imports of files: what became of each, and the rows that were not taken.

use access::Right;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use kernel::Id;
use store::{Page as Part, Tx};
use supply::{
    intake::newest,
    readings::{
        ImportErrorRow, ImportRow, import_by_id, import_errors_by_code, import_list, quarantine,
    },
};

use super::{FILES, NEW, PATH, file::standing, kinds, wrong_columns, wrong_row};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        sheet::{Card, Sheet},
        shown,
    },
    i18n::Words,
    ui::{Alert, Cell, Column, Definitions, Empty, Html, Row, Sign, Table},
};

pub(super) async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let found = import_list(&mut tx, org, &desk::part(&asked.after)?).await?;
    let mut names = Names::default();
    let mut rows = Vec::with_capacity(found.items.len());
    for row in &found.items {
        let by = names.person(&mut tx, t, row.started_by).await?;
        rows.push(Row::new(vec![
            Cell::link(&row.file_name, format!("{PATH}/{}", row.id))
                .note(t.of("import_format", &row.format)),
            Cell::text(desk::at(&visit, row.started_at)).note(by),
            Cell::text(days(t, row)),
            Cell::text(t.number(row.good_count)),
            Cell::text(t.number(row.bad_count)),
            Cell::part(&desk::run_state(t, &row.state)),
        ]));
    }
    let shown = rows.len();
    let columns = vec![
        Column::text(t.get("imports.file")).main(),
        Column::text(t.get("imports.started_at")),
        Column::text(t.get("imports.days")),
        Column::number(t.get("imports.good")),
        Column::number(t.get("imports.bad")),
        Column::text(t.get("imports.state")),
    ];
    let none = Empty::new(t.get("imports.none"), t.get("imports.none_text"));
    let table = Table::new(t, t.get("imports.list"), columns).rows(rows).empty(none);
    let mut sheet = Sheet::new(visit.page(t.get("nav.imports")));
    if !kinds(&visit).is_empty() {
        sheet = sheet.action(t.get("intake.hand_in"), NEW);
    }
    // Further pages are those of the imports of readings.
    if asked.after.is_empty() {
        sheet = sheet.maybe(handed_in(&visit, &mut tx, org, &mut names).await?);
    }
    Ok(sheet
        .part(&table)
        .part(&desk::pager(t, PATH, shown, &asked.after, found.next.as_deref()))
        .show())
}

/// The newest files of the kinds that this person may take in.
async fn handed_in(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    names: &mut Names,
) -> Result<Option<Table>, Failure> {
    let t = visit.t();
    let theirs: Vec<&str> = kinds(visit).iter().map(|kind| kind.word()).collect();
    let mut rows = Vec::new();
    for file in newest(tx, org, &Part::new(Some(20), None)?).await?.items {
        if !theirs.contains(&file.kind.as_str()) {
            continue;
        }
        let by = names.person(tx, t, file.handed_in_by).await?;
        rows.push(Row::new(vec![
            Cell::link(&file.file_name, format!("{FILES}/{}", file.id))
                .note(t.of("intake_kind", &file.kind)),
            Cell::text(desk::at(visit, file.handed_in_at)).note(by),
            Cell::text(t.number(file.row_count)),
            Cell::text(t.number(file.new_count)),
            Cell::text(t.number(file.bad_count)),
            Cell::part(&standing(t, &file.state)),
        ]));
    }
    let columns = vec![
        Column::text(t.get("imports.file")).main(),
        Column::text(t.get("intake.handed_in")),
        Column::number(t.get("intake.rows")),
        Column::number(t.get("intake.new")),
        Column::number(t.get("intake.bad")),
        Column::text(t.get("imports.state")),
    ];
    Ok((!rows.is_empty()).then(|| Table::new(t, t.get("intake.list"), columns).rows(rows)))
}

fn days(t: Words, row: &ImportRow) -> String {
    match (row.first_on, row.last_on) {
        (Some(first), Some(last)) if first == last => t.date(first),
        (Some(first), Some(last)) => {
            t.with("tariffs.from_to", &[("from", &t.date(first)), ("to", &t.date(last))])
        }
        _ => "–".to_owned(),
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let (t, id) = (visit.t(), desk::id(&id)?);
    let mut tx = web.works.db.read().await?;
    let row = import_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
    let codes = import_errors_by_code(&mut tx, org, id).await?;
    let found = quarantine(&mut tx, org, id, &desk::part(&asked.after)?).await?;
    let facts = facts(&visit, &mut tx, &row).await?;
    let mut sheet = Sheet::new(visit.page(&row.file_name).crumb(t.get("nav.imports"), PATH));
    if row.bad_count > 0 && visit.may(Right::ExportData) {
        sheet = sheet.action(t.get("desk.csv"), &format!("{PATH}/{id}/quarantine.csv"));
    }
    let refusal =
        row.refusal.as_deref().map(|why| Alert::new(Sign::Bad, t.get("imports.refusal")).text(why));
    sheet = sheet.maybe(refusal).part(&facts);
    if !codes.is_empty() {
        sheet = sheet.part(&by_code(t, &codes));
    }
    let base = format!("{PATH}/{id}");
    let pager = desk::pager(t, &base, found.items.len(), &asked.after, found.next.as_deref());
    Ok(sheet.part(&bad_rows(t, &found.items)).part(&pager).show())
}

async fn facts(visit: &Visit, tx: &mut Tx, row: &ImportRow) -> Result<Card, Failure> {
    let t = visit.t();
    let by = Names::default().person(tx, t, row.started_by).await?;
    let list = Definitions::new()
        .html(t.get("imports.state"), Html::of(&desk::run_state(t, &row.state)))
        .text(t.get("imports.format"), t.of("import_format", &row.format))
        .text(t.get("imports.policy"), t.of("import_policy", &row.policy))
        .text(t.get("imports.started_at"), &desk::at(visit, row.started_at))
        .text(t.get("imports.by"), &by)
        .text(t.get("imports.days"), &days(t, row))
        .text(t.get("imports.rows"), &t.number(row.row_count))
        .text(t.get("imports.good"), &t.number(row.good_count))
        .text(t.get("imports.bad"), &t.number(row.bad_count));
    Ok(Card::new("").part(&list))
}

fn by_code(t: Words, codes: &[(String, i64)]) -> Table {
    let columns =
        vec![Column::text(t.get("imports.code")).main(), Column::number(t.get("imports.count"))];
    let rows = codes.iter().map(|(code, count)| {
        Row::new(vec![Cell::text(t.of("fault", code)), Cell::text(t.number(*count))])
    });
    Table::new(t, t.get("imports.by_code"), columns).rows(rows)
}

fn bad_rows(t: Words, found: &[ImportErrorRow]) -> Table {
    let rows = found.iter().map(|row| {
        let reason = Cell::text(&row.reason).note(&row.code);
        wrong_row(t, (row.line, &row.field), reason, &row.content)
    });
    let none = Empty::new(t.get("imports.clean"), t.get("imports.clean_text"));
    Table::new(t, t.get("imports.quarantine"), wrong_columns(t)).rows(rows).empty(none)
}

pub(super) async fn csv(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::ReadingRead).await?;
    let id: Id = desk::id(&id)?;
    let mut tx = web.works.db.read().await?;
    import_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
    let (mut rows, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let part = Part::new(Some(store::PAGE_MAX), cursor.as_deref())?;
        let found = quarantine(&mut tx, org, id, &part).await?;
        rows.extend(
            found.items.into_iter().map(|row| {
                vec![row.line.to_string(), row.field, row.code, row.reason, row.content]
            }),
        );
        cursor = found.next;
        if cursor.is_none() {
            break;
        }
    }
    let heading = ["line", "column", "code", "reason", "content"];
    Ok(shown::csv("quarantine.csv", &heading, &rows))
}
