//! Language, theme and density, kept in cookies for a year.

use super::{Guard, Route, Visit, cookies, form::Sent, i18n::Locale, ui::Theme, visit::Go};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/preferences", "preferences", Guard::Public, set)]
}

async fn set(visit: Visit, sent: Sent) -> Go {
    let mut go = visit.go(sent.value("return"));
    if let Some(locale) = Locale::from_tag(sent.value("language")) {
        go = go.cookie(cookies::LANGUAGE, locale.tag(), Some(cookies::YEAR_S));
    }
    if let Some(theme) = Theme::from_name(sent.value("theme")) {
        go = go.cookie(cookies::THEME, theme.name(), Some(cookies::YEAR_S));
    }
    match sent.value("density") {
        value @ ("compact" | "comfortable") => {
            go.cookie(cookies::DENSITY, value, Some(cookies::YEAR_S))
        }
        _ => go,
    }
}
