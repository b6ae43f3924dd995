//! One user: what they may do where, and what can be changed about them.

use access::{Right, Staff};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use kernel::Id;
use store::Tx;

use super::{PATH, named, places, state};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        sheet::{Card, Deed, Form, Sheet, paragraph},
    },
    failure::render,
    form::Refused,
    ui::{Cell, Column, Definitions, Empty, Field, Html, Input, Page, Row, Table},
};

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    page(&web, &visit, desk::id(&id)?, &Refused::default(), StatusCode::OK).await
}

/// The user, when this person manages them.
pub(super) async fn managed(visit: &Visit, tx: &mut Tx, id: Id) -> Result<Staff, Failure> {
    let staff = access::staff_by_id(tx, id).await?;
    let staff = staff.filter(|staff| visit.actor().may(Right::UserManage, staff.org));
    staff.ok_or_else(Failure::not_found)
}

pub(super) async fn page(
    web: &Web,
    visit: &Visit,
    id: Id,
    refused: &Refused,
    status: StatusCode,
) -> Result<Response, Failure> {
    let org = desk::org(visit, Right::UserManage).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let staff = managed(visit, &mut tx, id).await?;
    let home = access::organisation_by_id(&mut tx, staff.org).await?;
    let home = home.map_or_else(String::new, |o| named(t, &o.name_zh, &o.name_en).to_owned());
    let page = visit.page(&staff.name).crumb(t.get("nav.users"), PATH);
    let grants = grants(visit, &page, &mut tx, id).await?;
    let places = places(visit, &mut tx, org).await?;
    let roles = access::roles(&mut tx)
        .await?
        .into_iter()
        .map(|role| (role.id.to_string(), named(t, &role.name_zh, &role.name_en).to_owned()));
    let roles = desk::choices(t.get("exceptions.choose"), roles);
    let seen = staff.signed_in_at.map(|at| desk::at(visit, at));
    let facts = Definitions::new()
        .text(t.get("users.login"), &staff.login)
        .text(t.get("users.org"), &home)
        .html(t.get("users.state"), Html::of(&state(visit, staff.disabled, staff.locked_until)))
        .text(t.get("users.signed_in_at"), seen.as_deref().unwrap_or_else(|| t.get("users.never")))
        .html(
            t.get("nav.audit"),
            Html::link(
                t.get("nav.audit"),
                &desk::address("/console/audit", &[("who", &staff.login)]),
            ),
        );
    let grant = Form::new(&page, &format!("{PATH}/{id}/grant"), t.get("users.grant"))
        .field(Field::new(t, "role", t.get("users.role"), Input::Select).required().choices(roles))
        .field(
            Field::new(t, "org", t.get("users.where"), Input::Select).required().choices(places),
        );
    let reset = Form::new(&page, &format!("{PATH}/{id}/password"), t.get("users.reset")).field(
        Field::new(t, "password", t.get("users.password"), Input::Password)
            .required()
            .autocomplete("new-password")
            .hint(t.get("users.password_hint"))
            .kept(refused),
    );
    let forms = [
        Card::new(t.get("users.grant")).part(&paragraph(t.get("users.grant_text"))).part(&grant),
        Card::new(t.get("users.reset")).part(&paragraph(t.get("users.reset_text"))).part(&reset),
    ];
    let forms = crate::http::console::sheet::Group::columns(forms.iter().map(Html::of).collect());
    let switch = switch(visit, &page, &staff).map(|deed| Html::of(&deed));
    let mut sheet = Sheet::new(page);
    if let Some(switch) = switch {
        sheet = sheet.act(&switch);
    }
    let sheet =
        sheet.maybe(refused.alert(t)).part(&Card::new("").part(&facts)).part(&grants).part(&forms);
    Ok(render(status, &sheet))
}

/// Disable or enable; nobody does it to themselves.
fn switch<'a>(visit: &Visit, page: &'a Page, staff: &Staff) -> Option<Deed<'a>> {
    let t = visit.t();
    if visit.actor().staff_id() == Some(staff.id) {
        return None;
    }
    let (what, label) = if staff.disabled {
        ("enable", t.get("users.enable"))
    } else {
        ("disable", t.get("users.disable"))
    };
    Some(Deed::new(page, &format!("{PATH}/{}/{what}", staff.id), label))
}

async fn grants(visit: &Visit, page: &Page, tx: &mut Tx, id: Id) -> Result<Table, Failure> {
    let t = visit.t();
    let mut names = Names::default();
    let mut rows = Vec::new();
    for grant in access::grants_of(tx, id).await? {
        let role = access::role_by_id(tx, grant.role).await?;
        let role = role.map_or_else(String::new, |r| named(t, &r.name_zh, &r.name_en).to_owned());
        let place = access::organisation_by_id(tx, grant.org).await?;
        let place = place.map_or_else(String::new, |o| named(t, &o.name_zh, &o.name_en).to_owned());
        let by = names.actor(tx, t, &grant.granted_by).await?;
        let revoke = Deed::new(page, &format!("{PATH}/{id}/revoke"), t.get("users.revoke"))
            .hidden("role", grant.role.to_string())
            .hidden("org", grant.org.to_string());
        rows.push(Row::new(vec![
            Cell::text(role),
            Cell::text(place),
            Cell::text(desk::at(visit, grant.granted_at)),
            Cell::text(by),
            Cell::part(&revoke),
        ]));
    }
    let columns = vec![
        Column::text(t.get("users.role")).main(),
        Column::text(t.get("users.where")),
        Column::text(t.get("users.since")),
        Column::text(t.get("users.by")),
        Column::text(""),
    ];
    let none = Empty::new(t.get("users.no_roles"), t.get("users.no_roles_text"));
    Ok(Table::new(t, t.get("users.roles"), columns).rows(rows).empty(none))
}
