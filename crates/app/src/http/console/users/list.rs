//! The list of users, and making one.

use access::{AccessError, NewStaff, Password, Right};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Id;
use store::Tx;

use super::{PATH, named, places, state};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk,
        sheet::{Card, Form, Sheet},
    },
    failure::render,
    form::{Refused, Sent},
    ui::{Cell, Column, Empty, Field, Input, Row, Sign, Table},
};

/// Users of a page.
const PAGE: usize = 50;

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    page(&web, &visit, &asked.after, &Refused::default(), StatusCode::OK).await
}

async fn page(
    web: &Web,
    visit: &Visit,
    after: &str,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::UserManage).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(51);
    let mut found = access::staff_of(&mut tx, org, after, limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|staff| staff.login.clone());
    let mut rows = Vec::with_capacity(found.len());
    for staff in &found {
        let roles = roles_of(visit, &mut tx, staff.id).await?;
        let seen = staff.signed_in_at.map(|at| desk::at(visit, at));
        rows.push(Row::new(vec![
            Cell::link(&staff.name, format!("{PATH}/{}", staff.id)).note(&staff.login),
            Cell::text(roles),
            Cell::part(&state(visit, staff.disabled, staff.locked_until)),
            Cell::text(seen.as_deref().unwrap_or_else(|| t.get("users.never"))),
        ]));
    }
    let shown = rows.len();
    let columns = vec![
        Column::text(t.get("users.name")).main(),
        Column::text(t.get("users.roles")),
        Column::text(t.get("users.state")),
        Column::text(t.get("users.signed_in_at")),
    ];
    let none = Empty::new(t.get("users.none"), t.get("users.none_text"));
    let table = Table::new(t, t.get("users.list"), columns).caption_hidden().rows(rows).empty(none);
    let places = places(visit, &mut tx, org).await?;
    let page = visit.page(t.get("nav.users"));
    let form = Form::new(&page, PATH, t.get("users.create"))
        .field(Field::new(t, "name", t.get("users.name"), Input::Text).required().kept(refused))
        .field(
            Field::new(t, "login", t.get("users.login"), Input::Text)
                .required()
                .hint(t.get("users.login_hint"))
                .kept(refused),
        )
        .field(
            Field::new(t, "password", t.get("users.password"), Input::Password)
                .required()
                .autocomplete("new-password")
                .hint(t.get("users.password_hint"))
                .kept(refused),
        )
        .field(
            Field::new(t, "org", t.get("users.org"), Input::Select)
                .required()
                .choices(places)
                .kept(refused),
        );
    let card = Card::new(t.get("users.new")).part(&form);
    let sheet = Sheet::new(page)
        .maybe(refused.alert(t))
        .part(&table)
        .part(&desk::pager(t, PATH, shown, after, next.as_deref()))
        .part(&card);
    Ok(render(status, &sheet))
}

async fn roles_of(visit: &Visit, tx: &mut Tx, staff: Id) -> Result<String, Failure> {
    let mut names = Vec::new();
    for grant in access::grants_of(tx, staff).await? {
        if let Some(role) = access::role_by_id(tx, grant.role).await? {
            let name = named(visit.t(), &role.name_zh, &role.name_en).to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Ok(names.join(" · "))
}

pub(super) async fn create(
    State(web): State<Web>,
    visit: Visit,
    sent: Sent,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::UserManage).await?;
    let t = visit.t();
    let mut check = sent.check(t);
    let name = check.required("name", 100);
    let login = check.required("login", 60);
    let password = check.required("password", 1_000);
    let org = check.parsed("org", str::parse::<Id>);
    if let (true, Some(org)) = (check.is_good(), org) {
        let new = NewStaff {
            org,
            login: &login,
            name: &name,
            password: Password::new(&password),
            must_change: true,
        };
        let ctx = visit.ctx();
        let mut tx = web.works.db.begin().await?;
        match access::create_staff(&ctx, &mut tx, new).await {
            Err(AccessError::Taken { .. }) => check.wrong("login", t.get("users.login_taken")),
            Err(AccessError::Invalid { field, message }) => {
                check.wrong(field, t.with("users.weak", &[("reason", &message)]));
            }
            done => {
                let id = visit.finish(&ctx, tx, done).await?;
                let text = t.get("users.created");
                return Ok(visit.go(&format!("{PATH}/{id}")).flash(Sign::Ok, text).into_response());
            }
        }
    }
    let refused = check.refused().unwrap_or_default();
    page(&web, &visit, "", &refused, StatusCode::UNPROCESSABLE_ENTITY).await
}
