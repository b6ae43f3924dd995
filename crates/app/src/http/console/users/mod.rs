//! Users: who they are, what they may do where, and whether they can sign in.

mod deeds;
mod list;
mod one;

use access::Right;
use kernel::Id;
use store::Tx;

use crate::http::{
    Failure, Guard, Route, Visit,
    i18n::{Locale, Words},
    ui::{Badge, Choice, Sign},
};

const PATH: &str = "/console/users";

pub(super) fn routes() -> Vec<Route> {
    let manage = Guard::Right(Right::UserManage);
    vec![
        Route::get(PATH, "access", manage, list::show),
        Route::post(PATH, "access", manage, list::create),
        Route::get("/console/users/{id}", "access", manage, one::show),
        Route::post("/console/users/{id}/grant", "access", manage, deeds::grant),
        Route::post("/console/users/{id}/revoke", "access", manage, deeds::revoke),
        Route::post("/console/users/{id}/disable", "access", manage, deeds::disable),
        Route::post("/console/users/{id}/enable", "access", manage, deeds::enable),
        Route::post("/console/users/{id}/password", "access", manage, deeds::reset),
    ]
}

/// A name in the visitor's language.
fn named<'a>(t: Words, zh: &'a str, en: &'a str) -> &'a str {
    match t.locale() {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

/// Whether someone can sign in.
fn state(visit: &Visit, disabled: bool, locked_until: kernel::Instant) -> Badge {
    let t = visit.t();
    if disabled {
        Badge::new(Sign::Neutral, t.get("users.disabled"))
    } else if locked_until > visit.web().works.db.now() {
        Badge::new(Sign::Warn, t.get("users.locked"))
    } else {
        Badge::new(Sign::Ok, t.get("users.active"))
    }
}

/// The organisations at which this person manages users.
async fn places(visit: &Visit, tx: &mut Tx, org: Id) -> Result<Vec<Choice>, Failure> {
    let below = access::organisations_below(tx, org).await?;
    let theirs = below.into_iter().filter(|org| visit.actor().may(Right::UserManage, org.id));
    Ok(theirs
        .map(|org| Choice {
            value: org.id.to_string(),
            label: named(visit.t(), &org.name_zh, &org.name_en).to_owned(),
        })
        .collect())
}
