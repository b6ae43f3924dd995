//! What a customer is told about reading: messages about their own use and meter, and bulletins to
//! everybody, such as a new reading day.

use askama::Template;
use axum::{extract::State, response::Response};
use supply::bulletins::{bulletins_for, messages_of_account};

use super::own::Own;
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    failure::ok,
    i18n::{Locale, Words},
    ui::{Cell, Column, Empty, Page, Row, Table},
};

/// The page.
pub(super) const PATH: &str = "/portal/notices";

/// What one page holds, newest first.
const SHOWN: i64 = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(PATH, "supply", Guard::Portal, show)]
}

#[derive(Template)]
#[template(path = "portal/notices.html")]
struct NoticesPage {
    t: Words,
    page: Page,
    messages: Table,
    bulletins: Table,
}

async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let t = visit.t();
    let zh = t.locale() == Locale::ZhCn;
    let mut tx = web.works.db.read().await?;
    let own = Own::open(&visit, &mut tx).await?;
    let told = messages_of_account(&mut tx, own.org, own.account, SHOWN).await?;
    let rows = told.iter().map(|row| {
        Row::new(vec![
            Cell::text(t.instant(row.told_at, &web.zone)),
            Cell::text(if zh { &row.words_zh } else { &row.words_en }),
        ])
    });
    let columns = vec![
        Column::text(t.get("portal.notice_at")).main(),
        Column::text(t.get("portal.notice_words")),
    ];
    let none = Empty::new(t.get("portal.no_messages"), t.get("portal.no_messages_text"));
    let messages = Table::new(t, t.get("portal.messages"), columns).rows(rows).empty(none);
    let told = bulletins_for(&mut tx, own.org, own.account, SHOWN).await?;
    let rows = told.iter().map(|row| {
        let (title, body) =
            if zh { (&row.title_zh, &row.body_zh) } else { (&row.title_en, &row.body_en) };
        let from = t.with("portal.notice_from", &[("day", &t.date(row.effective_on))]);
        Row::new(vec![Cell::text(title).note(from), Cell::text(body)])
    });
    let columns = vec![
        Column::text(t.get("portal.bulletin")).main(),
        Column::text(t.get("portal.notice_words")),
    ];
    let none = Empty::new(t.get("portal.no_bulletins"), t.get("portal.no_bulletins_text"));
    let bulletins = Table::new(t, t.get("portal.bulletins"), columns).rows(rows).empty(none);
    let page = visit.page(t.get("portal.notices"));
    Ok(ok(&NoticesPage { t, page, messages, bulletins }))
}
