//! Giving and taking roles, disabling, enabling, resetting a password.

use access::{AccessError, GrantRole, Password, Right};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Id;

use super::{PATH, one};
use crate::http::{Failure, Visit, Web, console::desk, form::Sent, ui::Sign};

fn back(visit: &Visit, id: Id, text: &str) -> Response {
    visit.go(&format!("{PATH}/{id}")).flash(Sign::Ok, text).into_response()
}

fn wanted(staff: Id, sent: &Sent) -> Result<GrantRole, Failure> {
    let role = desk::id(sent.value("role"))?;
    Ok(GrantRole { staff, role, org: desk::id(sent.value("org"))? })
}

pub(super) async fn grant(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::UserManage).await?;
    let id = desk::id(&id)?;
    let wanted = wanted(id, &sent)?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = access::grant_role(&ctx, &mut tx, wanted).await;
    visit.finish(&ctx, tx, done).await?;
    Ok(back(&visit, id, visit.t().get("users.granted")))
}

pub(super) async fn revoke(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::UserManage).await?;
    let id = desk::id(&id)?;
    let wanted = wanted(id, &sent)?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = access::revoke_role(&ctx, &mut tx, wanted).await;
    visit.finish(&ctx, tx, done).await?;
    Ok(back(&visit, id, visit.t().get("users.revoked")))
}

pub(super) async fn disable(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::UserManage).await?;
    let id = desk::id(&id)?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = access::disable_staff(&ctx, &mut tx, id).await;
    visit.finish(&ctx, tx, done).await?;
    Ok(back(&visit, id, visit.t().get("users.disabled_now")))
}

pub(super) async fn enable(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::UserManage).await?;
    let id = desk::id(&id)?;
    let ctx = visit.ctx();
    let mut tx = web.works.db.begin().await?;
    let done = access::enable_staff(&ctx, &mut tx, id).await;
    visit.finish(&ctx, tx, done).await?;
    Ok(back(&visit, id, visit.t().get("users.enabled_now")))
}

pub(super) async fn reset(
    State(web): State<Web>,
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    desk::org(&visit, Right::UserManage).await?;
    let (t, id) = (visit.t(), desk::id(&id)?);
    let mut check = sent.check(t);
    let password = check.required("password", 1_000);
    if check.is_good() {
        let ctx = visit.ctx();
        let mut tx = web.works.db.begin().await?;
        match access::reset_password(&ctx, &mut tx, id, Password::new(&password)).await {
            Err(AccessError::Invalid { message, .. }) => {
                check.wrong("password", t.with("users.weak", &[("reason", &message)]));
            }
            done => {
                visit.finish(&ctx, tx, done).await?;
                return Ok(back(&visit, id, t.get("users.reset_done")));
            }
        }
    }
    let refused = check.refused().unwrap_or_default();
    one::page(&web, &visit, id, &refused, StatusCode::UNPROCESSABLE_ENTITY).await
}
