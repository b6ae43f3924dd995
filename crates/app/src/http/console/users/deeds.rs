//! Giving and taking roles, disabling, enabling, resetting a password.

use access::{AccessError, Ctx, GrantRole, Password, Right};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::Id;
use store::Tx;

use super::{PATH, one};
use crate::http::{Failure, Visit, Web, console::desk, form::Sent, ui::Sign};

fn back(visit: &Visit, id: Id, text: &str) -> Response {
    visit.go(&format!("{PATH}/{id}")).flash(Sign::Ok, text).into_response()
}

/// A deed about one member of staff: what asks for the right, opens, does and says it.
async fn about<D>(visit: &Visit, id: &str, said: &'static str, deed: D) -> Result<Response, Failure>
where
    D: AsyncFnOnce(&Ctx<'_>, &mut Tx, Id) -> Result<(), AccessError>,
{
    desk::org(visit, Right::UserManage).await?;
    let id = desk::id(id)?;
    let ctx = visit.ctx();
    let mut tx = visit.web().works.db.begin().await?;
    let done = deed(&ctx, &mut tx, id).await;
    visit.finish(&ctx, tx, done).await?;
    Ok(back(visit, id, visit.t().get(said)))
}

fn wanted(staff: Id, (role, org): (Id, Id)) -> GrantRole {
    GrantRole { staff, role, org }
}

/// The role and the organisation that a form names.
fn place(sent: &Sent) -> Result<(Id, Id), Failure> {
    Ok((desk::id(sent.value("role"))?, desk::id(sent.value("org"))?))
}

pub(super) async fn grant(
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let place = place(&sent)?;
    about(&visit, &id, "users.granted", async move |ctx, tx, id| {
        access::grant_role(ctx, tx, wanted(id, place)).await
    })
    .await
}

pub(super) async fn revoke(
    visit: Visit,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let place = place(&sent)?;
    about(&visit, &id, "users.revoked", async move |ctx, tx, id| {
        access::revoke_role(ctx, tx, wanted(id, place)).await
    })
    .await
}

pub(super) async fn disable(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let deed = async |ctx: &Ctx<'_>, tx: &mut Tx, id| access::disable_staff(ctx, tx, id).await;
    about(&visit, &id, "users.disabled_now", deed).await
}

pub(super) async fn enable(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let deed = async |ctx: &Ctx<'_>, tx: &mut Tx, id| access::enable_staff(ctx, tx, id).await;
    about(&visit, &id, "users.enabled_now", deed).await
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
