//! The list of documents, the newest version of each code first.

use std::collections::BTreeMap;

use access::Right;
use axum::{extract::State, response::Response};
use supply::tariffs::{TariffRow, load_book};

use super::{PATH, one::plan_of, validity};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        sheet::Sheet,
        shown,
    },
    i18n::Words,
    ui::{Badge, Cell, Column, Empty, Row, Sign, Table},
};

pub(super) async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::TariffRead).await?;
    let t = visit.t();
    let today = desk::today(&visit);
    let mut tx = web.works.db.read().await?;
    let mut by_code: BTreeMap<(String, String), Vec<TariffRow>> = BTreeMap::new();
    let book = load_book(&mut tx, org).await?;
    for row in book.rows() {
        by_code.entry((row.kind.clone(), row.code.clone())).or_default().push(row.clone());
    }
    let mut names = Names::default();
    let (mut tariffs, mut others) = (Vec::new(), Vec::new());
    for ((kind, _), mut versions) in by_code {
        versions.sort_by_key(|row| std::cmp::Reverse((row.valid_from, row.version)));
        for row in versions {
            let by = names.person(&mut tx, t, row.published_by).await?;
            let name = plan_of(&book, &row).map(|plan| shown::label(t, &plan.head.name));
            let name = name.unwrap_or(&row.title);
            let code = if name == row.code { "" } else { row.code.as_str() };
            let cells = vec![
                Cell::link(name, format!("{PATH}/{}", row.id)).note(code),
                Cell::text(&row.region),
                Cell::text(row.version.to_string()),
                Cell::text(validity(t, &row)),
                Cell::part(&standing(t, &row, today)),
                Cell::text(desk::at(&visit, row.published_at)).note(by),
            ];
            if kind == "tariff" { &mut tariffs } else { &mut others }.push(Row::new(cells));
        }
    }
    let none = Empty::new(t.get("tariffs.none"), t.get("tariffs.none_text"));
    let table = Table::new(t, t.get("tariffs.list"), columns(t)).rows(tariffs).empty(none);
    let mut sheet = Sheet::new(visit.page(t.get("nav.tariffs")));
    if visit.may(Right::TariffPublish) {
        sheet = sheet.action(t.get("tariffs.publish"), "/console/tariffs/publish");
    }
    sheet = sheet.part(&table);
    if !others.is_empty() {
        sheet = sheet.part(&Table::new(t, t.get("tariffs.others"), columns(t)).rows(others));
    }
    Ok(sheet.show())
}

fn columns(t: Words) -> Vec<Column> {
    vec![
        Column::text(t.get("tariffs.name")).main(),
        Column::text(t.get("tariffs.region")),
        Column::number(t.get("tariffs.version")),
        Column::text(t.get("tariffs.validity")),
        Column::text(t.get("tariffs.standing")),
        Column::text(t.get("tariffs.published_at")),
    ]
}

fn standing(t: Words, row: &TariffRow, today: kernel::Date) -> Badge {
    let Some(from) = row.valid_from else {
        return Badge::new(Sign::Neutral, t.of("document_kind", &row.kind));
    };
    if from > today {
        Badge::new(Sign::Info, t.get("tariffs.future"))
    } else if row.valid_to.is_some_and(|to| to <= today) {
        Badge::new(Sign::Neutral, t.get("tariffs.past"))
    } else {
        Badge::new(Sign::Ok, t.get("tariffs.in_force"))
    }
}
