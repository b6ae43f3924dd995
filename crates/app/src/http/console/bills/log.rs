//! The log of corrections (退补记录): what was corrected about any bill, why, by how much and by whom,
//! and how accurate bills are.

use std::collections::BTreeMap;

use access::Right;
use axum::{
    extract::{Query, State},
    response::Response,
};
use kernel::{Date, Id};
use store::Tx;
use supply::{
    billing::{self, BillRow, CorrectionRow, bill_by_id, corrections},
    readings::zero_touch,
};

use super::{
    super::{
        desk::{self, Names},
        sheet::{Sheet as Parts, paragraph},
        shown,
    },
    CORRECTIONS,
};
use crate::http::{
    Failure, Visit, Web,
    i18n::Words,
    ui::{Cell, Column, Empty, Figure, Row, Table},
};

/// The latest corrections first.
pub(super) async fn list(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<desk::After>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::BillRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let part = desk::part(&asked.after)?;
    let found = corrections(&mut tx, org, part.before(), part.limit()).await?;
    let found = part.cut(found, |row| (row.id, String::new()));
    let (mut rows, mut names) = (Vec::with_capacity(found.items.len()), Names::default());
    for correction in &found.items {
        // A bill that was made again before it was issued is gone; what followed it may be, too.
        let bill = bill_by_id(&mut tx, org, correction.bill_after).await?;
        let by = names.person(&mut tx, t, correction.corrected_by).await?;
        let (code, ..) = names.point(&mut tx, org, correction.usage_point).await?;
        rows.push(row(&visit, correction, bill.as_ref(), (&by, &code)));
    }
    let columns = vec![
        Column::text(t.get("bills.number")).main(),
        Column::text(t.get("bills.corrected_at")),
        Column::text(t.get("bills.cause")),
        Column::number(t.get("bills.before")),
        Column::number(t.get("bills.after")),
        Column::number(t.get("bills.difference")),
    ];
    let empty = Empty::new(t.get("bills.log_none"), t.get("bills.log_none_text"));
    let table = Table::new(t, t.get("bills.log"), columns).rows(rows).empty(empty);
    let pager = desk::pager(t, CORRECTIONS, found.items.len(), &asked.after, found.next.as_deref());
    let page = visit.page(t.get("bills.log")).crumb(t.get("bills.title"), super::MONTH);
    Ok(Parts::new(page).part(&paragraph(t.get("bills.log_lead"))).part(&table).part(&pager).show())
}

fn row(
    visit: &Visit,
    correction: &CorrectionRow,
    bill: Option<&BillRow>,
    (by, code): (&str, &str),
) -> Row {
    let t = visit.t();
    let number = match bill {
        Some(bill) => Cell::link(&bill.bill_no, format!("/console/bills/{}", bill.id)),
        None => Cell::text(code),
    };
    let currency = shown::currency(bill.map_or("CNY", |bill| &bill.currency));
    let moved = correction.total_after_units.saturating_sub(correction.total_before_units);
    Row::new(vec![
        number.note(t.month(correction.period_from)),
        Cell::text(desk::at(visit, correction.corrected_at)).note(by.to_owned()),
        Cell::text(t.of("trade.correction_cause", &correction.cause))
            .note(correction.reason.clone()),
        Cell::text(shown::amount(t, correction.total_before_units)),
        Cell::text(shown::amount(t, correction.total_after_units)),
        Cell::text(shown::change(t, moved, currency)),
    ])
}

/// How a month's bills went: without anybody's hand (S-072, S-073), and wrong once issued (S-058,
/// S-076).
pub(super) async fn figures(
    tx: &mut Tx,
    t: Words,
    org: Id,
    (from, to): (Date, Date),
) -> Result<Vec<Figure>, Failure> {
    let touch = zero_touch(tx, org, (from, to)).await?;
    if touch.bills == 0 {
        return Ok(Vec::new());
    }
    let states = billing::totals_by_state(tx, org, from).await?;
    let by_state: BTreeMap<_, _> = states.iter().map(|row| (row.0.as_str(), row.1)).collect();
    let replaced = by_state.get("replaced").copied().unwrap_or_default();
    let untouched = |all: i64, touched: i64| desk::share(t, all - touched, all);
    let per_ten_thousand = kernel::div_round(
        i128::from(replaced) * 10_000,
        i128::from(touch.bills),
        kernel::RoundingMode::HalfUp,
    );
    Ok(vec![
        Figure::new(t.get("bills.untouched"), untouched(touch.bills, touch.bills_touched))
            .note(t.get("bills.untouched_note")),
        Figure::new(t.get("bills.unkeyed"), untouched(touch.days, touch.days_touched))
            .note(t.get("bills.unkeyed_note")),
        Figure::new(
            t.get("bills.wrong_rate"),
            t.decimal(per_ten_thousand.unwrap_or_default(), 0, 0),
        )
        .note(&t.with("bills.wrong_note", &[("n", &t.number(replaced))]))
        .href(CORRECTIONS),
    ])
}
