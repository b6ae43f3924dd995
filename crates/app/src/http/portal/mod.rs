//! The portal: what customers see, on a phone first. One module per page; this one holds the
//! navigation. Every page begins with [`own::Own`], so that nobody sees another's account.

mod behind;
mod bill;
mod bills;
mod data;
mod dispute;
mod home;
mod notices;
mod offline;
mod own;
mod shown;
mod sign_in;
#[cfg(test)]
mod tests;
mod two_part;
mod usage;
mod what_if;
mod why;

use super::{
    Route, Visit,
    door::Side,
    ui::{NavGroup, NavItem},
};

/// Every route of the portal.
pub(super) fn routes() -> Vec<Route> {
    [
        sign_in::routes(),
        home::routes(),
        usage::routes(),
        bills::routes(),
        data::routes(),
        notices::routes(),
        what_if::routes(),
        offline::routes(),
    ]
    .concat()
}

/// The tabs at the bottom, at most four: label key, address, icon.
pub(super) const NAV: &[(&str, &str, &str)] = &[
    ("portal.home", "/portal", "home"),
    ("portal.usage", "/portal/usage", "chart"),
    ("portal.bills", "/portal/bills", "bill"),
    ("portal.data", "/portal/data", "download"),
];

/// The navigation for this visitor.
#[must_use]
pub fn nav(visit: &Visit) -> Vec<NavGroup> {
    if visit.known().is_none_or(|known| known.side != Side::Customer) {
        return Vec::new();
    }
    let items = NAV.iter().map(|(label, href, icon)| NavItem {
        label: visit.t().get(label).to_owned(),
        href: (*href).to_owned(),
        icon,
        count: None,
        current: visit.path() == *href
            || (*href != "/portal" && visit.path().starts_with(&format!("{href}/"))),
    });
    vec![NavGroup { label: String::new(), items: items.collect() }]
}
