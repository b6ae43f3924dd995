//! Would another tariff have been cheaper: the same months under both, by the engine that bills.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::State, response::Response};
use kernel::{Date, Money, Ratio};
use supply::{
    agreements::{self, AgreementRow},
    settlement::share_of_ladder,
    tariffs::TariffBook,
};
use tariff::{
    Almanac, Entitlement, HistoryEnergy, HistoryMonth, MAX_DAILY_BUCKETS, MonthFacts, Plan,
    Weather, WhatIf, what_if,
};

use super::{
    own::{Own, PointDays, next},
    shown, two_part,
};
use crate::http::{
    Failure, Guard, Route, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Alert, Cell, Column, Empty, Page, Row, Sign, Table},
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/portal/what-if", "usage", Guard::Portal, show).timeout_s(120)]
}

/// The last twelve months and the one that is running.
const DAYS: i32 = 396;
/// Whole months that are compared.
pub(super) const MONTHS: usize = 12;
/// The class of tariffs that are compared: households, whose bill is energy alone. For two-part
/// tariffs the bases of the basic charge are compared instead.
const CLASS: &str = "residential";

#[derive(Template)]
#[template(path = "portal/what_if.html")]
struct WhatIfPage {
    t: Words,
    page: Page,
    answers: Vec<Answer>,
    quiet: Option<Empty>,
}

/// What became of one comparison.
pub(super) struct Answer {
    pub(super) alert: Alert,
    pub(super) table: Option<Table>,
}

async fn show(State(web): State<Web>, visit: Visit) -> Result<Response, Failure> {
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let own = Own::open(&visit, &mut tx).await?;
    let book = own.book(&mut tx).await?;
    let mut agreements = Vec::new();
    for point in &own.points {
        let rows = agreements::agreements_of_usage_point(&mut tx, own.org, point.id).await?;
        agreements.extend(rows.into_iter().find(|row| row.valid_to.is_none()));
    }
    drop(tx);
    let mut answers = Vec::new();
    for point in own.days(&web, own.latest(DAYS)).await? {
        let agreement = agreements.iter().find(|row| row.usage_point == point.point.id);
        if let Some(agreement) = agreement {
            answers.extend(compared(t, &book, agreement, &point));
        }
    }
    let quiet = answers
        .is_empty()
        .then(|| Empty::new(t.get("portal.what_if_none"), t.get("portal.what_if_none_text")));
    Ok(ok(&WhatIfPage { t, page: visit.page(t.get("portal.what_if")), answers, quiet }))
}

/// The months of which every day is settled, newest last.
fn whole_months(days: &[(Date, lake::tables::StateRow)]) -> Vec<(Date, [i64; 5])> {
    let mut months: BTreeMap<Date, ([i64; 5], i8)> = BTreeMap::new();
    for (day, row) in days {
        let month = months.entry(day.first_of_month()).or_default();
        month.1 += 1;
        for (sum, used) in month.0.iter_mut().zip(row.used) {
            *sum = sum.saturating_add(used);
        }
    }
    let whole: Vec<_> = months
        .into_iter()
        .filter(|(month, (_, days))| *days == month.days_in_month())
        .map(|(month, (used, _))| (month, used))
        .collect();
    let skip = whole.len().saturating_sub(MONTHS);
    whole.into_iter().skip(skip).collect()
}

fn compared(
    t: Words,
    book: &TariffBook,
    agreement: &AgreementRow,
    point: &PointDays,
) -> Vec<Answer> {
    let months = whole_months(&point.days);
    let Some((last, _)) = point.days.last() else { return Vec::new() };
    let Ok((_, present)) = book.plan_on(&agreement.tariff_code, *last) else { return Vec::new() };
    if agreement.basic_charge != "none" {
        return two_part::answers(t, book, present, agreement, &point.days);
    }
    if present.head.class != CLASS || months.is_empty() {
        return Vec::new();
    }
    let others = book.library().plans().iter().filter(|plan| {
        plan.head.id != present.head.id
            && plan.head.class == CLASS
            && plan.head.region == present.head.region
            && plan.head.valid.contains(*last)
    });
    others.map(|other| answer(t, book, (present, other), agreement, (point, &months))).collect()
}

fn answer(
    t: Words,
    book: &TariffBook,
    (present, other): (&Plan, &Plan),
    agreement: &AgreementRow,
    (point, months): (&PointDays, &[(Date, [i64; 5])]),
) -> Answer {
    let name = shown::label(t, &other.head.name);
    let sighted = months.iter().any(|(_, used)| used.iter().filter(|u| **u != 0).count() > 1);
    if other.buckets.len() > 1 && !sighted {
        let title = t.with("portal.what_if_blind", &[("name", &name)]);
        let text = t.get("portal.what_if_blind_text");
        return Answer { alert: Alert::new(Sign::Info, title).text(text), table: None };
    }
    match computed(book, (present, other), agreement, (point, months)) {
        Ok(result) => told(t, (present, other), months, &result),
        Err(error) => {
            tracing::debug!(%error, "a what-if cannot be computed");
            let title = t.with("portal.what_if_failed", &[("name", &name)]);
            Answer { alert: Alert::new(Sign::Info, title), table: None }
        }
    }
}

fn computed(
    book: &TariffBook,
    (present, other): (&Plan, &Plan),
    agreement: &AgreementRow,
    (point, months): (&PointDays, &[(Date, [i64; 5])]),
) -> Result<WhatIf, tariff::TariffError> {
    let mut history = Vec::with_capacity(months.len());
    for (month, used) in months {
        let mut by_bucket = [0; MAX_DAILY_BUCKETS];
        for (slot, ukwh) in by_bucket.iter_mut().zip(used) {
            *slot = *ukwh;
        }
        history.push(HistoryMonth {
            energy: HistoryEnergy::Registers(by_bucket),
            facts: MonthFacts::of_period(*month, next(month.last_of_month()))?,
        });
    }
    let last = months.last().map_or(point.point.opened_on, |(month, _)| *month);
    let (share, by) = share_of_ladder(point.point.opened_on, last);
    let entitlement = Entitlement {
        family_units: u8::from(agreement.family_of_five),
        free_quota: agreement.low_income,
        share: Ratio::new(share, by)?,
    };
    let calendar = book.library().calendar_of(present)?;
    let weather = Weather::default();
    let almanac = Almanac { calendar: &calendar, weather: &weather };
    what_if(present, other, &history, &entitlement, almanac)
}

fn told(
    t: Words,
    (present, other): (&Plan, &Plan),
    months: &[(Date, [i64; 5])],
    result: &WhatIf,
) -> Answer {
    let currency = present.head.currency;
    let money = |amount: tariff::Amount| t.money(amount.money(currency));
    let (old, new) = (shown::label(t, &present.head.name), shown::label(t, &other.head.name));
    let units = result.difference.units();
    let size = t.money(Money::new(units.checked_abs().unwrap_or(i64::MAX), currency));
    let n = t.count(months.len());
    let places: [(&str, &dyn std::fmt::Display); 3] =
        [("name", &new), ("amount", &size), ("n", &n)];
    let title = match units {
        ..0 => t.with("portal.what_if_less", &places),
        0 => t.with("portal.what_if_same", &[("name", &new), ("n", &n)]),
        _ => t.with("portal.what_if_more", &places),
    };
    let sign = if units < 0 { Sign::Info } else { Sign::Ok };
    let columns = vec![
        Column::text(t.get("portal.month")).main(),
        Column::number(t.get("portal.use")),
        Column::number(old),
        Column::number(new),
        Column::number(t.get("portal.difference")),
    ];
    let row = |name: String, ukwh: i64, a: tariff::Amount, b: tariff::Amount| {
        let change = b.minus(a).unwrap_or_default();
        Row::new(vec![
            Cell::text(name),
            Cell::text(shown::energy(t, ukwh)),
            Cell::text(money(a)),
            Cell::text(money(b)),
            Cell::text(t.money_change(change.money(currency))),
        ])
    };
    let rows = months.iter().zip(&result.months).map(|((month, used), both)| {
        row(t.month(*month), used.iter().sum(), both.a.total, both.b.total)
    });
    let all = months.iter().flat_map(|(_, used)| used).sum();
    let sum = row(t.get("portal.sum").to_owned(), all, result.total_a, result.total_b).total();
    let table = Table::new(t, t.get("portal.what_if_table"), columns).rows(rows).rows([sum]);
    let alert = Alert::new(sign, title).text(t.get("portal.what_if_text"));
    Answer { alert, table: Some(table) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan as _;
    use lake::tables::StateRow;

    #[test]
    fn only_months_of_which_every_day_is_settled_are_compared() {
        let first = Date::constant(2026, 6, 1);
        let row = StateRow { used: [0, 1_000_000, 0, 2_000_000, 0], ..StateRow::default() };
        let days: Vec<_> = (0..71).map(|n| (first.checked_add(n.days()).unwrap(), row)).collect();
        let months = whole_months(&days);
        assert_eq!(months.len(), 2, "August has ten days only");
        assert_eq!(months[1], (Date::constant(2026, 7, 1), [0, 31_000_000, 0, 62_000_000, 0]));
        assert!(whole_months(&days[1..20]).is_empty());
    }
}
