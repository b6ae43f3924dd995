//! The parts of a customer's page: pure functions from what was gathered to figures, lists,
//! charts and tables.

use kernel::{Date, Money, Zone};
use lake::tables::DayMethod;
use registry::UsagePointView;
use supply::{agreements::AgreementRow, billing::BillRow, ledger::AccountCode};

use super::{
    super::{resettled, shown},
    moves,
    story::{Point, Story},
};
use crate::http::{
    i18n::{Locale, Words},
    ui::{
        Alert, Badge, Cell, Chart, ChartKind, Column, Definitions, Empty, Figure, Html, Row,
        Series, Sign, Tab, Table, Tabs,
    },
};

/// The person's accounts; only worth a row of tabs when there are several.
pub(super) fn tabs(t: Words, story: &Story, path: &str) -> Option<Tabs> {
    let accounts = &story.customer.accounts;
    let tab = |view: &registry::AccountView| {
        let href = format!("/console/customers/{}", view.account.id);
        let current = href == path;
        Tab { label: view.account.account_no.clone(), href, count: None, current }
    };
    let several = accounts.len() > 1;
    several.then(|| Tabs::new(t.get("customers.accounts"), accounts.iter().map(tab).collect()))
}

/// What the person at the counter must know first.
pub(super) fn notices(t: Words, story: &Story) -> Vec<Alert> {
    let mut notices = Vec::new();
    if let Some(day) = story.account.closed_on {
        let title = t.with("customers.closed_on", &[("day", &t.date(day))]);
        notices.push(Alert::new(Sign::Warn, title));
    }
    let held = story.bills.iter().filter(|bill| bill.state == "review").count();
    if held > 0 {
        let title = t.with("customers.bills_in_review", &[("n", &held)]);
        notices.push(Alert::new(Sign::Warn, title).text(t.get("customers.bills_in_review_text")));
    }
    let estimated = story.points.iter().filter_map(|point| point.days.last());
    for (day, state) in estimated.filter(|(_, s)| DayMethod::from_code(s.method).is_estimate()) {
        let places: [(&str, &dyn std::fmt::Display); 2] =
            [("day", &t.day(*day)), ("days", &state.gap_days.max(1))];
        notices.push(Alert::new(Sign::Estimated, t.with("customers.not_read", &places)));
    }
    notices
}

pub(super) fn marks(t: Words, story: &Story) -> Vec<Badge> {
    let holds = |mark: &&registry::Mark| mark.marked_to.is_none();
    let badge = |mark: &registry::Mark| {
        let sign = if mark.kind == "life_support" { Sign::Bad } else { Sign::Info };
        Badge::new(sign, t.of("trade.mark", &mark.kind))
    };
    story.customer.marks.iter().filter(holds).map(badge).collect()
}

pub(super) fn figures(t: Words, story: &Story) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(owed) = story.owed {
        let figure = Figure::new(t.get("customers.balance"), t.money(owed));
        figures.push(figure.note(t.get("customers.balance_note")).href("#bookings"));
    }
    let last: Vec<_> = story.points.iter().filter_map(|point| point.days.last()).collect();
    if let Some((day, _)) = last.first() {
        let units: i64 = last.iter().map(|(_, state)| state.charge_mtd).sum();
        let use_ukwh: i64 = last.iter().map(|(_, state)| state.mtd_ukwh).sum();
        let note = t.with("customers.through", &[("day", &t.date(*day))]);
        let charge = Figure::new(t.get("customers.month_charge"), t.money(Money::cny(units)));
        figures.push(charge.note(&note));
        let used = Figure::new(t.get("customers.month_use"), shown::kwh_figure(t, use_ukwh));
        figures.push(used.unit(t.get("unit.kwh")).note(&note));
    }
    if let Some(bill) = story.bills.first() {
        let figure =
            Figure::new(t.get("customers.last_bill"), shown::money(t, bill, bill.total_units));
        figures.push(figure.note(&t.month(bill.period_from)).href(bill_href(bill)));
    }
    figures
}

pub(super) fn who(t: Words, story: &Story) -> Definitions {
    let customer = &story.customer;
    let mut list = Definitions::new()
        .text(t.get("customers.name"), &customer.person.name)
        .text(t.get("customers.kind"), t.of("trade.person_kind", customer.person.kind.word()))
        .text(t.get("customers.account_no"), &story.account.account_no)
        .text(t.get("customers.opened_on"), &t.date(story.account.opened_on));
    for contact in &customer.contacts {
        let use_for = t.of("trade.contact_role", contact.role.word());
        let term = format!("{} · {use_for}", t.of("trade.channel", contact.channel.word()));
        list = list.text(term, &contact.value);
    }
    for identity in &customer.identities {
        list = list.text(t.of("trade.identity", identity.scheme.word()), &identity.value);
    }
    list
}

pub(super) fn places(t: Words, story: &Story) -> Vec<(String, Definitions)> {
    let views = story.customer.accounts.iter().flat_map(|account| &account.usage_points);
    views
        .map(|view| {
            let title = t.with("customers.point", &[("code", &view.usage_point.code)]);
            (title, place(t, view))
        })
        .collect()
}

fn place(t: Words, view: &UsagePointView) -> Definitions {
    let point = &view.usage_point;
    let mut list = Definitions::new()
        .text(t.get("customers.address"), &view.address)
        .text(t.get("customers.class"), t.of("trade.usage_class", point.class.word()))
        .text(t.get("customers.voltage"), &point.voltage);
    if !view.aliases.is_empty() {
        list = list.text(t.get("customers.alias"), &view.aliases.join(" · "));
    }
    match &view.supply {
        Some(path) => list
            .text(t.get("customers.area"), &format!("{} {}", path.area.code, path.area.name))
            .text(t.get("customers.feeder"), &path.feeder.name)
            .text(t.get("customers.substation"), &path.substation.name),
        None => list.text(t.get("customers.area"), t.get("customers.no_area")),
    }
}

/// Two charts: use by month over 13 months, and by day over the last 60.
pub(super) fn charts(t: Words, story: &Story) -> Vec<Chart> {
    let mut charts = Vec::new();
    for point in story.points.iter().filter(|point| !point.days.is_empty()) {
        charts.push(by_month(t, story, point));
        charts.push(by_day(t, point));
    }
    charts
}

fn by_month(t: Words, story: &Story, point: &Point) -> Chart {
    let mut months: Vec<(Date, i64, bool)> = story
        .bills
        .iter()
        .filter(|bill| bill.usage_point == point.id)
        .map(|bill| (bill.period_from, bill.energy_ukwh, bill.estimated_day_count > 0))
        .collect();
    // What no bill covers yet, as the days have it.
    let billed: Vec<Date> = months.iter().map(|(month, ..)| *month).collect();
    for (day, state) in &point.days {
        let month = day.first_of_month();
        if billed.contains(&month) {
            continue;
        }
        let estimated = DayMethod::from_code(state.method).is_estimate();
        match months.iter_mut().find(|(known, ..)| *known == month) {
            Some((_, use_ukwh, some)) => {
                *use_ukwh = state.mtd_ukwh;
                *some |= estimated;
            }
            None => months.push((month, state.mtd_ukwh, estimated)),
        }
    }
    months.sort_unstable_by_key(|(month, ..)| *month);
    let months = &months[months.len().saturating_sub(13)..];
    let labels = months.iter().map(|(month, ..)| t.month(*month)).collect();
    let title = t.with("customers.chart_months", &[("code", &point.code)]);
    Chart::new(t, title, ChartKind::Bar, t.get("customers.month"), labels)
        .unit(t.get("unit.kwh"), 2)
        .series(Series {
            name: t.get("customers.use").to_owned(),
            values: months.iter().map(|(_, use_ukwh, _)| Some(hundredths(*use_ukwh))).collect(),
            estimated: months.iter().map(|(.., estimated)| *estimated).collect(),
        })
}

fn by_day(t: Words, point: &Point) -> Chart {
    let labels = point.days.iter().map(|(day, _)| t.day(*day)).collect();
    let title = t.with("customers.chart_days", &[("code", &point.code)]);
    let estimated =
        |state: &lake::tables::StateRow| DayMethod::from_code(state.method).is_estimate();
    Chart::new(t, title, ChartKind::Bar, t.get("customers.day"), labels)
        .unit(t.get("unit.kwh"), 2)
        .series(Series {
            name: t.get("customers.use").to_owned(),
            values: point.days.iter().map(|(_, s)| Some(hundredths(s.day_ukwh()))).collect(),
            estimated: point.days.iter().map(|(_, state)| estimated(state)).collect(),
        })
}

/// A chart's value: hundredths of a kWh, which is finer than a drawing.
fn hundredths(ukwh: i64) -> i64 {
    let rounded = kernel::div_round(i128::from(ukwh), 10_000, kernel::RoundingMode::HalfUp);
    rounded.and_then(|value| i64::try_from(value).ok()).unwrap_or_default()
}

pub(super) fn bill_href(bill: &BillRow) -> String {
    format!("/console/bills/{}", bill.id)
}

pub(super) fn bills(t: Words, story: &Story) -> Table {
    let columns = vec![
        Column::text(t.get("bills.period")).main(),
        Column::text(t.get("bills.state")),
        Column::number(t.get("bills.energy")),
        Column::number(t.get("bills.per_day")),
        Column::number(t.get("bills.estimated_days")),
        Column::number(t.get("bills.total")),
        Column::text(t.get("bills.why_title")),
    ];
    let empty = Empty::new(t.get("customers.no_bills"), t.get("customers.no_bills_text"));
    let rows = story.bills.iter().map(|bill| {
        let estimated = match bill.estimated_day_count {
            0 => String::new(),
            days => t.number(days),
        };
        Row::new(vec![
            Cell::link(t.month(bill.period_from), bill_href(bill)).note(bill.bill_no.clone()),
            Cell::part(&shown::bill_state(t, &bill.state)),
            Cell::text(shown::kwh_figure(t, bill.energy_ukwh)),
            Cell::text(shown::kwh_per_day(t, bill.energy_ukwh, bill.day_count)),
            Cell::text(estimated),
            Cell::text(shown::amount(t, bill.total_units)),
            Cell::link(t.get("bills.compare_short"), format!("{}/compare", bill_href(bill))),
        ])
    });
    Table::new(t, t.get("customers.bills"), columns).rows(rows).empty(empty)
}

/// The agreements, with what may be done about each: end one that runs, make the final bill of one
/// that ended and is not billed to its last day.
pub(super) fn agreements(t: Words, story: &Story, (end, close): (bool, bool)) -> Table {
    let columns = vec![
        Column::text(t.get("customers.tariff")).main(),
        Column::text(t.get("customers.valid")),
        Column::text(t.get("customers.terms")),
        Column::text(t.get("customers.deed")),
    ];
    let rows = story.agreements.iter().map(|agreement| {
        let tariff = match story.tariffs.get(&agreement.tariff_code) {
            Some(row) => {
                Cell::link(shown::tariff_name(t, row), format!("/console/tariffs/{}", row.id))
            }
            None => Cell::text(&agreement.tariff_code),
        };
        let mut terms = Vec::new();
        if agreement.capacity_ukva > 0 {
            terms.push(t.capacity(kernel::Demand::from_ukva(agreement.capacity_ukva)));
        }
        if agreement.basic_charge != "none" {
            terms.push(t.of("trade.basic_charge", &agreement.basic_charge).to_owned());
        }
        for (holds, word) in
            [(agreement.family_of_five, "family_of_five"), (agreement.low_income, "low_income")]
        {
            if holds {
                terms.push(t.of("trade.mark", word).to_owned());
            }
        }
        Row::new(vec![
            tariff.note(agreement.tariff_code.clone()),
            Cell::text(range(t, agreement.valid_from, agreement.valid_to))
                .note(agreement.ended_reason.clone().unwrap_or_default()),
            Cell::text(terms.join(" · ")),
            deed_on(t, story, agreement, (end, close)),
        ])
    });
    let empty = Empty::new(t.get("customers.no_agreements"), t.get("customers.no_agreements_text"));
    Table::new(t, t.get("customers.agreements"), columns).rows(rows).empty(empty)
}

fn deed_on(t: Words, story: &Story, agreement: &AgreementRow, (end, close): (bool, bool)) -> Cell {
    let deed = |word, pattern| Cell::link(t.get(word), moves::address(pattern, agreement.id));
    let Some(to) = agreement.valid_to else {
        return if end { deed("customers.hand_over", moves::HAND_OVER) } else { Cell::text("") };
    };
    let goes_on = story
        .agreements
        .iter()
        .any(|next| (next.usage_point, next.valid_from) == (agreement.usage_point, to));
    let billed = story.bills.iter().any(|bill| {
        bill.usage_point == agreement.usage_point && bill.period_from < to && bill.period_to >= to
    });
    if close && !goes_on && !billed {
        deed("customers.final_bill", moves::FINAL_BILL)
    } else {
        Cell::text("")
    }
}

fn range(t: Words, from: Date, to: Option<Date>) -> String {
    match to {
        Some(to) => {
            let last = to.yesterday().unwrap_or(to);
            t.with("customers.range", &[("from", &t.date(from)), ("to", &t.date(last))])
        }
        None => t.with("customers.since", &[("from", &t.date(from))]),
    }
}

pub(super) fn meters(t: Words, story: &Story) -> Table {
    let columns = vec![
        Column::text(t.get("customers.meter")).main(),
        Column::text(t.get("customers.hung")),
        Column::text(t.get("customers.multiplier")),
        Column::text(t.get("customers.opening")),
        Column::text(t.get("customers.closing")),
        Column::text(t.get("customers.expires_on")),
    ];
    let rows = story.points.iter().flat_map(|point| &point.meters).map(|(installed, meter)| {
        let scale = meter.as_ref().map_or(0, |meter| meter.register_scale);
        let name = meter.as_ref().map_or_else(
            || Cell::text(installed.meter.to_string()),
            |meter| Cell::text(&meter.asset_no).note(meter.model.clone()),
        );
        let closing = installed.closing_registers.as_deref().unwrap_or_default();
        let expires = meter.as_ref().and_then(|meter| meter.expires_on);
        Row::new(vec![
            name,
            Cell::text(range(t, installed.installed_on, installed.removed_on))
                .note(installed.removal_reason.clone().unwrap_or_default()),
            Cell::text(multiplier(t, installed.ratio_numerator, installed.ratio_denominator)),
            Cell::text(registers(t, &installed.opening_registers, scale)),
            Cell::text(registers(t, closing, scale)),
            Cell::text(expires.map(|day| t.date(day)).unwrap_or_default()),
        ])
    });
    let empty = Empty::new(t.get("customers.no_meters"), t.get("customers.no_meters_text"));
    Table::new(t, t.get("customers.meters"), columns).rows(rows).empty(empty)
}

fn multiplier(t: Words, numerator: i64, denominator: i64) -> String {
    match denominator {
        1 => format!("× {}", t.number(numerator)),
        _ => format!("× {} / {}", t.number(numerator), t.number(denominator)),
    }
}

/// Stored registers as `total 12.34 · peak 5.67`.
fn registers(t: Words, json: &str, scale: i64) -> String {
    let Ok(registers) = serde_json::from_str::<supply::meters::Registers>(json) else {
        return String::new();
    };
    let scale = u32::try_from(scale).unwrap_or_default();
    let shown = |(name, value): (&String, &i64)| {
        format!("{} {}", t.of("trade.register", name), t.decimal(i128::from(*value), scale, scale))
    };
    registers.0.iter().map(shown).collect::<Vec<_>>().join(" · ")
}

pub(super) fn findings(t: Words, story: &Story) -> Table {
    let columns = vec![
        Column::text(t.get("customers.day")).main(),
        Column::text(t.get("customers.finding")),
        Column::text(t.get("customers.finding_state")),
    ];
    let rows = story.points.iter().flat_map(|point| &point.findings).map(|row| {
        let sign = match row.severity.as_str() {
            "stop" => Sign::Bad,
            "warn" => Sign::Warn,
            _ => Sign::Info,
        };
        let rule = row.rule.strip_prefix("vee.").unwrap_or(&row.rule);
        let badge = Html::of(&Badge::new(sign, t.of("trade.vee_rule", rule)));
        let said = Html::text(&said(t, &row.finding));
        let decision = row.decision.as_deref().map(|word| t.of("trade.decision", word));
        Row::new(vec![
            Cell::link(t.date(row.day), format!("/console/exceptions/{}", row.id)),
            Cell::part(&badge.and(&said)),
            Cell::text(t.of("trade.exception_state", &row.state))
                .note(decision.unwrap_or_default().to_owned()),
        ])
    });
    let empty = Empty::new(t.get("customers.no_findings"), t.get("customers.no_findings_text"));
    Table::new(t, t.get("customers.findings"), columns).rows(rows).empty(empty)
}

/// What a finding says in the visitor's language; the engine wrote both.
fn said(t: Words, finding: &str) -> String {
    let key = match t.locale() {
        Locale::ZhCn => "zh",
        Locale::En => "en",
    };
    let value: serde_json::Value = serde_json::from_str(finding).unwrap_or_default();
    value.get(key).and_then(|text| text.as_str()).unwrap_or_default().to_owned()
}

pub(super) fn changes(t: Words, story: &Story) -> Table {
    let columns = vec![
        Column::text(t.get("customers.day")).main(),
        Column::number(t.get("customers.use_before")),
        Column::number(t.get("customers.use_after")),
        Column::number(t.get("customers.charge_before")),
        Column::number(t.get("customers.charge_after")),
        Column::number(t.get("customers.difference")),
    ];
    let rows = story.points.iter().flat_map(|point| &point.changes).take(60).map(|row| {
        let moved = row.charge_after_units - row.charge_before_units;
        Row::new(vec![
            Cell::text(t.date(row.day)),
            Cell::text(shown::kwh_figure(t, row.energy_before_ukwh)),
            Cell::text(shown::kwh_figure(t, row.energy_after_ukwh)),
            Cell::text(shown::amount(t, row.charge_before_units)),
            Cell::text(shown::amount(t, row.charge_after_units)),
            Cell::text(shown::change(t, moved, kernel::Currency::Cny))
                .note(resettled::beside(t, row)),
        ])
    });
    let empty = Empty::new(t.get("customers.no_changes"), t.get("customers.no_changes_text"));
    Table::new(t, t.get("customers.changes"), columns).rows(rows).empty(empty)
}

pub(super) fn bookings(t: Words, story: &Story, zone: &Zone) -> Table {
    let columns = vec![
        Column::text(t.get("customers.booked_on")).main(),
        Column::text(t.get("customers.memo")),
        Column::text(t.get("customers.counter_account")),
        Column::number(t.get("customers.booked_amount")),
    ];
    let rows = story.bookings.iter().map(|row| {
        let charged = row.debit_code == AccountCode::Receivable.word()
            && row.debit_owner == story.account.id.get();
        let other = if charged { &row.credit_code } else { &row.debit_code };
        let units = if charged { row.amount_units } else { -row.amount_units };
        let memo = if story.bills.iter().any(|bill| bill.id == row.subject) {
            Cell::link(&row.memo, format!("/console/bills/{}", row.subject))
        } else {
            Cell::text(&row.memo)
        };
        Row::new(vec![
            Cell::text(t.date(row.booked_on)).note(t.instant(row.booked_at, zone)),
            memo,
            Cell::text(t.of("trade.ledger_account", other)),
            Cell::text(shown::change(t, units, shown::currency(&row.currency))),
        ])
    });
    let empty = Empty::new(t.get("customers.no_bookings"), t.get("customers.no_bookings_text"));
    Table::new(t, t.get("customers.bookings"), columns).rows(rows).empty(empty)
}
