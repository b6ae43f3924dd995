//! What late readings and decisions changed about settled days, before and after: a part of several
//! pages.

use kernel::{Power, Reactive};
use supply::settlement::ResettlementRow;

use super::shown;
use crate::http::{
    i18n::Words,
    ui::{Cell, Column, Row, Table},
};

/// What was changed about these days by late readings and decisions: before and after.
pub(super) fn table(t: Words, changes: &[ResettlementRow]) -> Option<Table> {
    if changes.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(t.get("exceptions.day")).main(),
        Column::text(t.get("exceptions.run")),
        Column::number(t.get("exceptions.energy_before")),
        Column::number(t.get("exceptions.energy_after")),
        Column::number(t.get("exceptions.charge_before")),
        Column::number(t.get("exceptions.charge_after")),
        Column::number(t.get("exceptions.change")),
    ];
    let rows = changes.iter().map(|change| {
        Row::new(vec![
            Cell::text(t.date(change.day)),
            Cell::link(t.get("exceptions.show_run"), format!("/console/settlement/{}", change.run)),
            Cell::text(shown::kwh_figure(t, change.energy_before_ukwh)),
            Cell::text(shown::kwh_figure(t, change.energy_after_ukwh)),
            Cell::text(shown::amount(t, change.charge_before_units)),
            Cell::text(shown::amount(t, change.charge_after_units)),
            Cell::text(shown::change(
                t,
                change.charge_after_units - change.charge_before_units,
                kernel::Currency::Cny,
            ))
            .note(beside(t, change)),
        ])
    });
    Some(Table::new(t, t.get("exceptions.effect"), columns).rows(rows))
}

/// What changed beside use and charge, in words; nothing where it is the same. The month's bill is
/// made of it too, by its basic charge and its power factor.
pub(super) fn beside(t: Words, row: &ResettlementRow) -> String {
    let kw = |ukw: i64| Power::from_ukw(ukw).to_string();
    let kvarh = |ukvarh: i64| Reactive::from_ukvarh(ukvarh).to_string();
    let mut said = Vec::new();
    let mut say = |key, (before, after): (i64, i64), words: &dyn Fn(i64) -> String| {
        if before != after {
            said.push(t.with(key, &[("before", &words(before)), ("after", &words(after))]));
        }
    };
    say("exceptions.demand_moved", (row.demand_before_ukw, row.demand_after_ukw), &kw);
    let forward = (row.reactive_forward_before_ukvarh, row.reactive_forward_after_ukvarh);
    say("exceptions.reactive_moved", forward, &kvarh);
    let reverse = (row.reactive_reverse_before_ukvarh, row.reactive_reverse_after_ukvarh);
    say("exceptions.reverse_moved", reverse, &kvarh);
    said.join(" ")
}
