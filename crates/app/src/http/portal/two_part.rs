//! Advice to customers of a two-part tariff (S-093): what each basis of the basic charge would have
//! cost on their own last months, and what capacitors would earn, by the engine that bills.

use std::collections::BTreeMap;

use kernel::{Date, Energy, Money, Reactive};
use lake::tables::StateRow;
use supply::{
    agreements::{AgreementRow, BasicCharge},
    tariffs::TariffBook,
};
use tariff::{
    Almanac, Amount, CapacityPart, DemandBasis, Entitlement, HistoryEnergy, HistoryMonth,
    MAX_DAILY_BUCKETS, MonthFacts, Plan, RatedBill, TariffError, Weather,
    advice::power_factor_advice, rate_history,
};

use super::{
    own::next,
    shown,
    what_if::{Answer, MONTHS},
};
use crate::http::{
    i18n::Words,
    ui::{Alert, Cell, Column, Row, Sign, Table},
};

/// Capacitors are sold in steps of so many kvar; the advice is about how many, not which.
const STEP_KVAR: i64 = 5;

/// What the meter counted in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Measured {
    used: [i64; 5],
    forward_ukvarh: i64,
    reverse_ukvarh: i64,
    demand_ukw: i64,
    days: i8,
}

/// A basis with what it comes to.
struct Choice {
    basis: BasicCharge,
    bills: Vec<RatedBill>,
    total: Amount,
}

/// The advice about one usage point; nothing for a tariff without a basic charge.
pub(super) fn answers(
    t: Words,
    book: &TariffBook,
    plan: &Plan,
    agreement: &AgreementRow,
    days: &[(Date, StateRow)],
) -> Vec<Answer> {
    let months = months(days);
    if plan.demand.basic.is_none() || months.is_empty() {
        return Vec::new();
    }
    let choices = choices(book, plan, agreement, &months);
    let mine = choices.iter().find(|choice| choice.basis.word() == agreement.basic_charge);
    let Some(mine) = mine else { return Vec::new() };
    let mut answers = vec![compared(t, plan, mine, (&choices, &months))];
    answers.extend(capacitors(t, plan, mine, &months));
    answers
}

fn months(days: &[(Date, StateRow)]) -> Vec<(Date, Measured)> {
    let mut months: BTreeMap<Date, Measured> = BTreeMap::new();
    for (day, row) in days {
        let month = months.entry(day.first_of_month()).or_default();
        for (sum, used) in month.used.iter_mut().zip(row.used) {
            *sum = sum.saturating_add(used);
        }
        month.forward_ukvarh = month.forward_ukvarh.saturating_add(row.reactive_forward_ukvarh);
        month.reverse_ukvarh = month.reverse_ukvarh.saturating_add(row.reactive_reverse_ukvarh);
        month.demand_ukw = month.demand_ukw.max(row.demand_max_ukw);
        month.days += 1;
    }
    let whole: Vec<_> =
        months.into_iter().filter(|(month, sums)| sums.days == month.days_in_month()).collect();
    let skip = whole.len().saturating_sub(MONTHS);
    whole.into_iter().skip(skip).collect()
}

/// Every basis that the customer could have, with its bills; what cannot be computed is left out.
fn choices(
    book: &TariffBook,
    plan: &Plan,
    agreement: &AgreementRow,
    months: &[(Date, Measured)],
) -> Vec<Choice> {
    let by_demand = months.iter().all(|(_, sums)| sums.demand_ukw > 0);
    let possible = [
        (BasicCharge::Capacity, DemandBasis::Capacity, agreement.capacity_ukva > 0),
        (
            BasicCharge::ContractDemand,
            DemandBasis::Contract,
            by_demand && agreement.contract_demand_ukw > 0,
        ),
        (BasicCharge::ActualDemand, DemandBasis::Actual, by_demand),
    ];
    let mut choices = Vec::new();
    for (basis, asked, _) in possible.into_iter().filter(|choice| choice.2) {
        match rated(book, plan, agreement, (asked, months)) {
            Ok((bills, total)) => choices.push(Choice { basis, bills, total }),
            Err(error) => tracing::debug!(%error, "a basis cannot be compared"),
        }
    }
    choices
}

fn rated(
    book: &TariffBook,
    plan: &Plan,
    agreement: &AgreementRow,
    (basis, months): (DemandBasis, &[(Date, Measured)]),
) -> Result<(Vec<RatedBill>, Amount), TariffError> {
    let mut history = Vec::with_capacity(months.len());
    for (month, sums) in months {
        let mut by_bucket = [0; MAX_DAILY_BUCKETS];
        for (slot, used) in by_bucket.iter_mut().zip(sums.used) {
            *slot = used;
        }
        let mut facts = MonthFacts::of_period(*month, next(month.last_of_month()))?;
        facts.basis = Some(basis);
        facts.capacity = vec![CapacityPart {
            capacity_ukva: agreement.capacity_ukva,
            days: u16::from(month.days_in_month().unsigned_abs()),
            share: kernel::Ratio::ONE,
        }];
        facts.contract_ukw =
            (agreement.contract_demand_ukw > 0).then_some(agreement.contract_demand_ukw);
        facts.actual_ukw = Some(sums.demand_ukw);
        facts.reactive_forward = Some(Reactive::from_ukvarh(sums.forward_ukvarh));
        facts.reactive_reverse = Some(Reactive::from_ukvarh(sums.reverse_ukvarh));
        history.push(HistoryMonth { energy: HistoryEnergy::Registers(by_bucket), facts });
    }
    let calendar = book.library().calendar_of(plan)?;
    let weather = Weather::default();
    let almanac = Almanac { calendar: &calendar, weather: &weather };
    let bills = rate_history(plan, &history, &Entitlement::default(), almanac)?;
    let total = Amount::sum(bills.iter().map(|bill| bill.total))?;
    Ok((bills, total))
}

/// Which basis is the cheapest, with every month of every basis as the proof.
fn compared(
    t: Words,
    plan: &Plan,
    mine: &Choice,
    (choices, months): (&[Choice], &[(Date, Measured)]),
) -> Answer {
    let money = |amount: Amount| t.money(amount.money(plan.head.currency));
    let name = |choice: &Choice| t.of("trade.basic_charge", choice.basis.word());
    let best = choices.iter().min_by_key(|choice| choice.total.units()).unwrap_or(mine);
    let n = t.count(months.len());
    let saved = mine.total.units().saturating_sub(best.total.units());
    let saved = t.money(Money::new(saved, plan.head.currency));
    let (own, other) = (name(mine), name(best));
    let (sign, title) = if best.total < mine.total {
        let places: [(&str, &dyn std::fmt::Display); 3] =
            [("basis", &other), ("amount", &saved), ("n", &n)];
        (Sign::Info, t.with("portal.basis_less", &places))
    } else {
        (Sign::Ok, t.with("portal.basis_best", &[("basis", &own), ("n", &n)]))
    };
    let others = choices.iter().filter(|choice| choice.basis != mine.basis).map(|choice| {
        let moved = choice.total.minus(mine.total).unwrap_or_default();
        let moved = t.money_change(moved.money(plan.head.currency));
        t.with("portal.basis_other", &[("basis", &name(choice)), ("difference", &moved)])
    });
    let said: Vec<String> = others.chain([t.get("portal.basis_text").to_owned()]).collect();
    let mut columns =
        vec![Column::text(t.get("portal.month")).main(), Column::number(t.get("portal.use"))];
    columns.extend(choices.iter().map(|choice| Column::number(name(choice))));
    let rows = months.iter().enumerate().map(|(place, (month, sums))| {
        let energy = shown::energy(t, sums.used.iter().sum());
        let mut cells = vec![Cell::text(t.month(*month)), Cell::text(energy)];
        let bills = choices.iter().filter_map(|choice| choice.bills.get(place));
        cells.extend(bills.map(|bill| Cell::text(money(bill.total))));
        Row::new(cells)
    });
    let all = months.iter().flat_map(|(_, sums)| sums.used).sum();
    let mut sum = vec![Cell::text(t.get("portal.sum")), Cell::text(shown::energy(t, all))];
    sum.extend(choices.iter().map(|choice| Cell::text(money(choice.total))));
    let table = Table::new(t, t.get("portal.what_if_table"), columns)
        .rows(rows)
        .rows([Row::new(sum).total()]);
    Answer { alert: Alert::new(sign, title).text(&said.join(" ")), table: Some(table) }
}

/// What capacitors would earn, by the last month.
fn capacitors(t: Words, plan: &Plan, mine: &Choice, months: &[(Date, Measured)]) -> Option<Answer> {
    let ((month, sums), bill) = (months.last()?, mine.bills.last()?);
    let active = Energy::from_ukwh(sums.used.iter().sum());
    let reactive =
        Reactive::from_ukvarh(sums.forward_ukvarh.saturating_add(sums.reverse_ukvarh.abs()));
    let hours = u32::from(month.days_in_month().unsigned_abs()) * 24;
    let advice =
        power_factor_advice(plan, bill, (active, reactive), (hours, STEP_KVAR)).ok().flatten()?;
    let money = |amount: Amount| t.money_change(amount.money(plan.head.currency));
    let hundredths = |of: u8| kernel::format_decimal(i128::from(of), 2, 2);
    let places: [(&str, &dyn std::fmt::Display); 2] =
        [("kvar", &t.number(advice.kvar)), ("target", &hundredths(advice.target))];
    let title = t.with("portal.capacitors", &places);
    let places: [(&str, &dyn std::fmt::Display); 4] = [
        ("month", &t.month(*month)),
        ("factor", &bill.power_factor_hundredths.map(hundredths).unwrap_or_default()),
        ("now", &money(advice.now)),
        ("then", &money(advice.then)),
    ];
    let text = t.with("portal.capacitors_text", &places);
    Some(Answer { alert: Alert::new(Sign::Info, title).text(&text), table: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::i18n::Locale;

    /// The Hubei golden month (domain 2.8), read on its days.
    #[test]
    fn the_hubei_works_stays_with_its_contract_and_buys_capacitors() {
        let text = [
            include_str!("../../../../../tariffs/tables/power-factor-215.toml"),
            include_str!("../../../../../tariffs/hubei/industrial-two-part-10kv-2026-01.toml"),
            include_str!("../../../../../rules/calendars/cn-2026.toml"),
        ];
        let row = |n: i64, document: &str| supply::tariffs::TariffRow {
            id: kernel::Id::from_i64(n),
            org: kernel::Id::from_i64(1),
            kind: String::new(),
            code: String::new(),
            version: 1,
            title: String::new(),
            region: String::new(),
            valid_from: None,
            valid_to: None,
            document: document.to_owned(),
            document_sha256: String::new(),
            published_at: kernel::Instant::from_micros(0),
            published_by: kernel::Id::from_i64(0),
        };
        let rows = text.iter().zip(1..).map(|(text, n)| row(n, text)).collect();
        let book = TariffBook::compile(rows).unwrap();
        let plan = &book.library().plans()[0];
        let agreement = AgreementRow {
            id: kernel::Id::from_i64(3),
            org: kernel::Id::from_i64(1),
            account: kernel::Id::from_i64(4),
            usage_point: kernel::Id::from_i64(5),
            tariff_code: plan.head.id.clone(),
            valid_from: Date::constant(2025, 1, 1),
            valid_to: None,
            capacity_ukva: 1_000_000_000,
            contract_demand_ukw: 500_000_000,
            basic_charge: "contract_demand".to_owned(),
            family_of_five: false,
            low_income: false,
            created_at: kernel::Instant::from_micros(0),
            created_by: kernel::Id::from_i64(0),
            ended_reason: None,
            version: 1,
        };
        let first = Date::constant(2026, 1, 1);
        let month = StateRow {
            used: [12_000, 40_000, 60_000, 48_000, 0].map(|kwh| kwh * 1_000_000),
            reactive_forward_ukvarh: 84_000_000_000,
            demand_max_ukw: 520_000_000,
            ..StateRow::default()
        };
        let days: Vec<_> = (0..31)
            .map(|n| {
                let row = if n == 30 { month } else { StateRow::default() };
                (first.checked_add(jiff::Span::new().days(n)).unwrap(), row)
            })
            .collect();
        let sums = months(&days);
        let choices = choices(&book, plan, &agreement, &sums);
        let totals: Vec<_> =
            choices.iter().map(|c| (c.basis.word(), c.total.to_string())).collect();
        assert_eq!(totals[0], ("capacity", "133379.54".to_owned()));
        assert_eq!(totals[1], ("contract_demand", "128053.04".to_owned()));
        let told = answers(Words(Locale::En), &book, plan, &agreement, &days);
        let page: Vec<String> = told.iter().map(|answer| answer.alert.to_string()).collect();
        assert!(page[0].contains("5,326.50"), "{}", page[0]);
        assert!(page[1].contains("45 kvar") && page[1].contains("0.95"), "{}", page[1]);
        assert!(page[1].contains("601.10") && page[1].contains("901.65"), "{}", page[1]);
    }
}
