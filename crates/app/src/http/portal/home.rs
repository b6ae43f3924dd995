//! The first page of a customer: what they owe, what they have used since, their last bill, and
//! one plain sentence about anything that is not as usual.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};
use kernel::{Currency, Date};
use supply::{
    billing::BillRow,
    ledger::{Party, balance},
};

use super::{
    own::{Own, next},
    shown::{self, DayUse},
};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Alert, Empty, Figure, Html, Page, Sign, svg},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/portal", "home", Guard::Portal, show)]
}

/// How far back days that no bill covers are looked for.
const UNBILLED_DAYS: i32 = 100;
/// Days that the small chart shows.
const RECENT_DAYS: usize = 30;
/// So many days without any use are worth a word.
const QUIET_DAYS: usize = 7;

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    t: Words,
    page: Page,
    quiet: Option<Empty>,
    notice: Option<Alert>,
    figures: Vec<Figure>,
    recent: Option<Html>,
    recent_note: String,
    bill: Option<LastBill>,
}

/// The last bill as a card.
struct LastBill {
    href: String,
    title: String,
    total: String,
    energy: String,
}

async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let own = Own::open(&visit, &mut tx).await?;
    let bills = own.bills(&mut tx).await?;
    let party = Party::receivable(own.account);
    let owed = balance(&mut tx, own.org, party, Currency::default()).await?.owed;
    drop(tx);
    let billed_to = bills.iter().map(|bill| bill.period_to).max();
    let points = own.days(&web, own.latest(UNBILLED_DAYS)).await?;
    let days = shown::by_day(points.iter().flat_map(|point| &point.days));
    let unbilled: BTreeMap<Date, DayUse> = days
        .iter()
        .filter(|(day, _)| billed_to.is_none_or(|to| **day >= to))
        .map(|(day, row)| (*day, *row))
        .collect();
    let quiet = (days.is_empty() && bills.is_empty())
        .then(|| Empty::new(t.get("portal.home_quiet"), t.get("portal.home_quiet_text")));
    let mut figures = vec![owing(t, owed, &bills)];
    figures.extend(since_last_bill(t, &unbilled));
    figures.extend(this_month(t, &days));
    let page = HomePage {
        t,
        page: visit.page(t.get("portal.home")),
        notice: quiet.is_none().then(|| notice(t, &days, billed_to)).flatten(),
        quiet,
        figures,
        recent: recent(t, &days),
        recent_note: own.last.map(|day| as_of(t, day)).unwrap_or_default(),
        bill: bills.first().map(|bill| last_bill(t, bill)),
    };
    Ok(ok(&page))
}

fn as_of(t: Words, day: Date) -> String {
    t.with("portal.as_of", &[("day", &t.day(day))])
}

fn owing(t: Words, owed: kernel::Money, bills: &[BillRow]) -> Figure {
    if owed.units() < 0 {
        let credit = owed.checked_neg().unwrap_or(owed);
        return Figure::new(t.get("portal.credit"), t.money(credit));
    }
    let note = match bills.first().and_then(|bill| bill.due_on).filter(|_| owed.units() > 0) {
        Some(due) => t.with("portal.due", &[("day", &t.date(due))]),
        None if owed.units() == 0 => t.get("portal.nothing_owed").to_owned(),
        None => String::new(),
    };
    Figure::new(t.get("portal.owed"), t.money(owed)).note(&note).href("/portal/bills")
}

fn since_last_bill(t: Words, unbilled: &BTreeMap<Date, DayUse>) -> Option<Figure> {
    let (from, _) = unbilled.first_key_value()?;
    let (to, _) = unbilled.last_key_value()?;
    let units = unbilled.values().map(|day| day.charge).sum();
    let (from, to) = (t.day(*from), t.day(*to));
    let note = t.with("portal.unbilled_note", &[("from", &from), ("to", &to)]);
    let value = t.money(kernel::Money::new(units, Currency::default()));
    Some(Figure::new(t.get("portal.unbilled"), value).note(&note))
}

fn this_month(t: Words, days: &BTreeMap<Date, DayUse>) -> Option<Figure> {
    let (last, _) = days.last_key_value()?;
    let month: Vec<&DayUse> = days.range(last.first_of_month()..).map(|(_, day)| day).collect();
    let ukwh = month.iter().map(|day| day.ukwh()).sum();
    let estimated = month.iter().filter(|day| day.estimated).count();
    let (count, estimated) = (t.count(month.len()), t.count(estimated));
    let note = if estimated == "0" {
        t.with("portal.days", &[("n", &count)])
    } else {
        t.with("portal.days_estimated", &[("n", &count), ("estimated", &estimated)])
    };
    let label = t.with("portal.month_use", &[("month", &t.month(*last))]);
    let figure = Figure::new(label, shown::kwh(t, ukwh)).unit(t.get("unit.kwh")).note(&note);
    Some(figure.href("/portal/usage"))
}

fn last_bill(t: Words, bill: &BillRow) -> LastBill {
    LastBill {
        href: format!("/portal/bills/{}", bill.id),
        title: t.with("portal.bill_of", &[("month", &t.month(bill.period_from))]),
        total: shown::money(t, &bill.currency, bill.total_units),
        energy: shown::energy(t, bill.energy_ukwh),
    }
}

fn recent(t: Words, days: &BTreeMap<Date, DayUse>) -> Option<Html> {
    let skip = days.len().saturating_sub(RECENT_DAYS);
    let last: Vec<(&Date, &DayUse)> = days.iter().skip(skip).collect();
    let bars: Vec<svg::Bar> = last
        .iter()
        .map(|(day, row)| svg::Bar {
            label: t.day(**day),
            text: shown::energy(t, row.ukwh()),
            value: Some(row.ukwh()),
            estimated: row.estimated,
        })
        .collect();
    (bars.len() > 1).then(|| svg::bars(t.get("portal.recent"), &bars))
}

/// One sentence about what is not as usual since the last bill; good news where nothing is.
fn notice(t: Words, days: &BTreeMap<Date, DayUse>, billed_to: Option<Date>) -> Option<Alert> {
    let (last, _) = days.last_key_value()?;
    let from = billed_to.unwrap_or_else(|| last.first_of_month());
    let since: Vec<&DayUse> = days.range(from..next(*last)).map(|(_, day)| day).collect();
    let estimated = since.iter().filter(|day| day.estimated).count();
    if estimated > 0 {
        let title = t.with("portal.notice_estimated", &[("n", &t.count(estimated))]);
        let text = t.get("portal.notice_estimated_text");
        return Some(Alert::new(Sign::Estimated, title).text(text));
    }
    let still = days.values().rev().take_while(|day| day.ukwh() == 0).count();
    if still >= QUIET_DAYS {
        let title = t.with("portal.notice_still", &[("n", &t.count(still))]);
        return Some(Alert::new(Sign::Info, title).text(t.get("portal.notice_still_text")));
    }
    (!since.is_empty()).then(|| Alert::new(Sign::Ok, t.get("portal.notice_usual")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::i18n::Locale;
    use jiff::ToSpan as _;

    fn days(count: i32, day: DayUse) -> BTreeMap<Date, DayUse> {
        let first = Date::constant(2026, 8, 1);
        (0..count).map(|n| (first.checked_add(n.days()).unwrap(), day)).collect()
    }

    #[test]
    fn the_sentence_tells_what_is_not_as_usual() {
        let t = Words(Locale::En);
        let used = DayUse { used: [0, 0, 7_000_000, 0, 0], ..DayUse::default() };
        let usual = notice(t, &days(9, used), None).unwrap().to_string();
        assert!(usual.contains("alert-ok"), "{usual}");
        let still = notice(t, &days(9, DayUse::default()), None).unwrap().to_string();
        assert!(still.contains("9 days"), "{still}");
        let estimated = days(9, DayUse { estimated: true, ..used });
        let said = notice(t, &estimated, Some(Date::constant(2026, 8, 8))).unwrap().to_string();
        assert!(said.contains("alert-estimated") && said.contains('2'), "{said}");
        assert!(notice(t, &BTreeMap::new(), None).is_none());
    }
}
