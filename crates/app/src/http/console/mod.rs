//! The console: what staff see. One module per area; this one holds the navigation.

mod audit;
mod bills;
mod collection;
pub mod confirm;
mod coverage;
mod customers;
mod desk;
mod exceptions;
pub mod home;
mod imports;
mod jobs;
mod metering;
mod operations;
mod orders;
mod password;
mod resettled;
mod settlement;
mod sheet;
mod shown;
mod sign_in;
mod tariffs;
mod unread;
mod users;

use access::Right;

use super::{
    Route, Visit,
    door::Side,
    ui::{NavGroup, NavItem},
};

/// Every route of the console.
pub(super) fn routes() -> Vec<Route> {
    [
        sign_in::routes(),
        password::routes(),
        home::routes(),
        customers::routes(),
        bills::routes(),
        exceptions::routes(),
        settlement::routes(),
        tariffs::routes(),
        collection::routes(),
        unread::routes(),
        coverage::routes(),
        orders::routes(),
        metering::routes(),
        imports::routes(),
        jobs::routes(),
        audit::routes(),
        users::routes(),
    ]
    .concat()
}

/// An entry of the navigation: heading key, label key, address, icon, and the right that its page
/// asks for (`None`: any staff).
type Entry = (&'static str, &'static str, &'static str, &'static str, Option<Right>);

/// The navigation of the console, in order; entries with the same heading stand together.
pub(super) const NAV: &[Entry] = &[
    ("", "console.home", "/console", "home", None),
    ("nav.work", "customers.title", customers::SEARCH, "people", Some(Right::CustomerRead)),
    ("nav.work", "bills.title", bills::MONTH, "bill", Some(Right::BillRead)),
    ("nav.work", "nav.exceptions", "/console/exceptions", "check-list", Some(Right::ReadingRead)),
    (
        "nav.reading_work",
        "nav.collection",
        "/console/collection",
        "meter",
        Some(Right::ReadingRead),
    ),
    ("nav.reading_work", "nav.alerts", metering::ALERTS, "warn", Some(Right::ReadingRead)),
    ("nav.reading_work", "nav.requests", metering::REQUESTS, "clock", Some(Right::ReadingRead)),
    ("nav.reading_work", "nav.orders", orders::PATH, "meter", Some(Right::MeterRead)),
    ("nav.reading_work", "nav.handhelds", metering::HANDHELDS, "gear", Some(Right::MeterWrite)),
    ("nav.reading_work", "nav.bulletins", metering::BULLETINS, "info", Some(Right::ReadingRead)),
    ("nav.reading_work", "nav.imports", "/console/imports", "download", Some(Right::ReadingRead)),
    (
        "nav.billing_work",
        "nav.settlement",
        "/console/settlement",
        "run",
        Some(Right::SettlementRead),
    ),
    ("nav.billing_work", "nav.months", "/console/months", "bill", Some(Right::SettlementRead)),
    ("nav.billing_work", "nav.tariffs", "/console/tariffs", "tariff", Some(Right::TariffRead)),
    ("nav.system", "nav.jobs", "/console/jobs", "gear", Some(Right::JobRead)),
    ("nav.system", "nav.audit", "/console/audit", "audit", Some(Right::AuditRead)),
    ("nav.system", "nav.users", "/console/users", "person", Some(Right::UserManage)),
];

/// The page that finds customers by the words in the search box; `None` while there is none.
pub(super) const SEARCH: Option<&str> = Some(customers::SEARCH);

/// The navigation for this visitor: only what they may open.
#[must_use]
pub fn nav(visit: &Visit) -> Vec<NavGroup> {
    if visit.known().is_none_or(|known| known.side != Side::Staff) {
        return Vec::new();
    }
    let t = visit.t();
    let mut groups: Vec<(&str, NavGroup)> = Vec::new();
    for (heading, label, href, icon, right) in NAV {
        if right.is_some_and(|right| !visit.may(right)) {
            continue;
        }
        let current = visit.path() == *href
            || (*href != "/console"
                && visit.path().strip_prefix(href).is_some_and(|rest| rest.starts_with('/')));
        let item = NavItem {
            label: t.get(label).to_owned(),
            href: (*href).to_owned(),
            icon,
            count: None,
            current,
        };
        match groups.last_mut() {
            Some((last, group)) if last == heading => group.items.push(item),
            _ => {
                let label = if heading.is_empty() { "" } else { t.get(heading) };
                groups.push((heading, NavGroup { label: label.to_owned(), items: vec![item] }));
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
