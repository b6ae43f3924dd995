//! One version of a tariff: what it is, its windows and prices, its text, and what differs from
//! the version before.

use access::Right;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use supply::tariffs::{TariffBook, TariffRow, document_by_id, documents, load_book};
use tariff::Plan;

use super::{PATH, confidence, prices, validity, windows};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        sheet::{Card, Sheet, SourceText},
        shown,
    },
    i18n::Words,
    ui::{Definitions, Html},
};

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::TariffRead).await?;
    let (t, id) = (visit.t(), desk::id(&id)?);
    let mut tx = web.works.db.read().await?;
    let row = document_by_id(&mut tx, org, id).await?.ok_or_else(Failure::not_found)?;
    let before = before(documents(&mut tx, org).await?, &row);
    let book = load_book(&mut tx, org).await?;
    let by = Names::default().person(&mut tx, t, row.published_by).await?;
    drop(tx);
    let facts = facts(&visit, &row, &by);
    let name = plan_of(&book, &row).map(|plan| shown::label(t, &plan.head.name));
    let name = name.unwrap_or(&row.title);
    let title = format!("{name} · {}", t.with("tariffs.nth", &[("n", &row.version)]));
    let mut sheet = Sheet::new(visit.page(title).crumb(t.get("nav.tariffs"), PATH))
        .action(t.get("tariffs.download"), &format!("{PATH}/{id}/document.toml"));
    match plan_of(&book, &row) {
        Some(plan) => {
            let facts = facts
                .text(t.get("tariffs.decree"), &plan.head.decree)
                .text(t.get("tariffs.source"), &plan.head.source)
                .html(t.get("tariffs.confidence"), Html::of(&confidence(t, plan.head.confidence)))
                .text(t.get("tariffs.class"), t.of("tariff_class", &plan.head.class));
            sheet = sheet.part(&Card::new("").part(&facts)).part(&windows::card(t, plan));
            for table in prices::tables(t, plan) {
                sheet = sheet.part(&table);
            }
            sheet = sheet
                .maybe(prices::components(t, plan))
                .part(&Card::new(t.get("tariffs.terms")).part(&prices::terms(t, plan)));
        }
        None => sheet = sheet.part(&Card::new("").part(&facts)),
    }
    Ok(sheet.part(&texts(t, &row, before.as_ref())).show())
}

/// The plan that a document was compiled into.
pub(super) fn plan_of<'a>(book: &'a TariffBook, row: &TariffRow) -> Option<&'a Plan> {
    let plans = book.library().plans();
    (0..plans.len()).find(|i| book.document_of(*i) == Some(row.id)).and_then(|i| plans.get(i))
}

/// The version that this one follows.
fn before(all: Vec<TariffRow>, row: &TariffRow) -> Option<TariffRow> {
    all.into_iter()
        .filter(|other| other.kind == row.kind && other.code == row.code)
        .filter(|other| other.version < row.version)
        .max_by_key(|other| other.version)
}

fn facts(visit: &Visit, row: &TariffRow, by: &str) -> Definitions {
    let t = visit.t();
    Definitions::new()
        .text(t.get("tariffs.code"), &row.code)
        .text(t.get("tariffs.region"), &row.region)
        .text(t.get("tariffs.validity"), &validity(t, row))
        .text(t.get("tariffs.published_at"), &desk::at(visit, row.published_at))
        .text(t.get("tariffs.published_by"), by)
        .html(
            t.get("tariffs.hash"),
            Html::of(&Html::text(row.document_sha256.get(..16).unwrap_or_default())),
        )
}

/// The text, and what changed in it since the version before.
fn texts(t: Words, row: &TariffRow, before: Option<&TariffRow>) -> Card {
    let lines = row.document.lines().map(|line| ("same", line.to_owned())).collect();
    let mut card = Card::new(t.get("tariffs.text"));
    if let Some(before) = before {
        let label = t.with("tariffs.diff", &[("n", &before.version)]);
        card = card.part(&SourceText { label, lines: diff(&before.document, &row.document) });
    }
    card.part(&SourceText { label: t.get("tariffs.whole").to_owned(), lines })
}

/// The lines that are in one text only, in their order, with one line around them: the longest
/// common subsequence of lines.
fn diff(old: &str, new: &str) -> Vec<(&'static str, String)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            common[i * width + j] = if a == b {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut all) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        let same = i < old.len() && j < new.len() && old[i] == new[j];
        if same {
            all.push(("same", format!("  {}", new[j])));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len()
            && (j >= new.len() || common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            all.push(("old", format!("- {}", old[i])));
            i += 1;
        } else {
            all.push(("new", format!("+ {}", new[j])));
            j += 1;
        }
    }
    let near = |at: usize| {
        let around = at.saturating_sub(1)..(at + 2).min(all.len());
        all.get(around).is_some_and(|lines| lines.iter().any(|(sign, _)| *sign != "same"))
    };
    let keep: Vec<bool> = (0..all.len()).map(near).collect();
    all.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(line, _)| line).collect()
}

pub(super) async fn document(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::TariffRead).await?;
    let mut tx = web.works.db.read().await?;
    let row = document_by_id(&mut tx, org, desk::id(&id)?).await?;
    let row = row.ok_or_else(Failure::not_found)?;
    let mut response = row.document.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/toml; charset=utf-8"));
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{}.toml\"", row.id));
    if let Ok(name) = name {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_difference_shows_what_went_and_what_came() {
        let lines = super::diff("a\nb\nc\nd\ne", "a\nb\nx\nd\ne");
        let shown: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        assert_eq!(shown, ["  b", "- c", "+ x", "  d"]);
        assert!(super::diff("a\nb", "a\nb").is_empty());
    }
}
