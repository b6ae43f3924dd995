//! The worklist: open findings by severity, rule and day, and how often each rule was right.

use std::collections::BTreeMap;

use access::Right;
use axum::{
    extract::{Query, State},
    response::Response,
};
use kernel::Id;
use serde::Deserialize;
use store::{Page as Part, Tx};
use supply::readings::{ExceptionRow, Worklist, open_by_rule, precision, worklist};

use super::{PATH, Said, severity, state};
use crate::http::{
    Failure, Visit, Web,
    console::{
        desk::{self, Names},
        sheet::{FilterBar, Sheet},
        shown,
    },
    i18n::Words,
    ui::{Cell, Column, Empty, Field, Html, Input, Row, Tab, Table, Tabs},
};

/// What an address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    severity: String,
    rule: String,
    from: String,
    to: String,
    after: String,
}

const SEVERITIES: [&str; 3] = ["stop", "warn", "note"];

impl Asked {
    /// Without a severity, the gravest that has anything.
    fn severity<'a>(&'a self, counts: &BTreeMap<String, i64>) -> &'a str {
        if !self.severity.is_empty() || !self.rule.is_empty() {
            return &self.severity;
        }
        SEVERITIES.into_iter().find(|s| counts.get(*s).is_some_and(|n| *n > 0)).unwrap_or("all")
    }

    fn filter(&self, severity: &str) -> Worklist {
        let all = Worklist::all();
        let end = desk::day(&self.to).and_then(|day| day.tomorrow().ok());
        Worklist {
            severity: if severity == "all" { String::new() } else { severity.to_owned() },
            rule: self.rule.clone(),
            from: desk::day(&self.from).unwrap_or(all.from),
            to: end.unwrap_or(all.to),
            ..all
        }
    }

    fn address(&self, path: &str, severity: &str) -> String {
        let filters =
            [("severity", severity), ("rule", &self.rule), ("from", &self.from), ("to", &self.to)];
        desk::address(path, &filters)
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ReadingRead).await?;
    let t = visit.t();
    let mut tx = web.works.db.read().await?;
    let by_rule = open_by_rule(&mut tx, org).await?;
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (_, severity, count) in &by_rule {
        *counts.entry(severity.clone()).or_default() += count;
    }
    let chosen = asked.severity(&counts).to_owned();
    let part = desk::part(&asked.after)?;
    let found = worklist(&mut tx, org, &asked.filter(&chosen), &part).await?;
    let rows = rows(&mut tx, t, org, &found.items).await?;
    let rules = rules(t, &by_rule, &precision(&mut tx, org).await?);
    let shown = rows.len();
    let columns = vec![
        Column::text(t.get("exceptions.day")).main(),
        Column::text(t.get("exceptions.customer")),
        Column::text(t.get("exceptions.rule")),
        Column::text(t.get("exceptions.finding")),
        Column::text(t.get("exceptions.state")),
    ];
    let list = Table::new(t, t.get("exceptions.list"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("exceptions.none"), t.get("exceptions.none_text")));
    let page = visit.page(t.get("nav.exceptions"));
    let bar = FilterBar { page: &page, action: PATH, fields: fields(t, &asked, &chosen, &by_rule) };
    let bar = Html::of(&bar);
    let base = asked.address(PATH, &chosen);
    let pager = desk::pager(t, &base, shown, &asked.after, found.next.as_deref());
    let mut sheet = Sheet::new(page);
    if visit.may(Right::ExportData) {
        let href = asked.address("/console/exceptions.csv", &chosen);
        sheet = sheet.action(t.get("desk.csv"), &href);
    }
    Ok(sheet
        .part(&tabs(t, &counts, &chosen))
        .part(&bar)
        .part(&list)
        .part(&pager)
        .part(&rules)
        .show())
}

fn tabs(t: Words, counts: &BTreeMap<String, i64>, chosen: &str) -> Tabs {
    let tab = |severity: &str, count: i64| Tab {
        label: t.of("severity", severity).to_owned(),
        href: desk::address(PATH, &[("severity", severity)]),
        count: Some(t.number(count)),
        current: chosen == severity || (severity == "all" && chosen.is_empty()),
    };
    let of = |severity: &str| counts.get(severity).copied().unwrap_or(0);
    let mut tabs: Vec<Tab> = SEVERITIES.iter().map(|s| tab(s, of(s))).collect();
    tabs.push(tab("all", counts.values().sum()));
    Tabs::new(t.get("exceptions.by_severity"), tabs)
}

fn fields(t: Words, asked: &Asked, chosen: &str, by_rule: &[(String, String, i64)]) -> Vec<Field> {
    let mut rules: Vec<String> = by_rule.iter().map(|(rule, ..)| rule.clone()).collect();
    if !asked.rule.is_empty() {
        rules.push(asked.rule.clone());
    }
    rules.sort();
    rules.dedup();
    let rules = rules.into_iter().map(|rule| {
        let label = t.of("finding", &rule).to_owned();
        (rule, label)
    });
    let severities = SEVERITIES.map(|s| (s.to_owned(), t.of("severity", s).to_owned()));
    let chosen = if chosen == "all" { "" } else { chosen };
    vec![
        Field::new(t, "severity", t.get("exceptions.severity"), Input::Select)
            .required()
            .choices(all_of(desk::choices(t.of("severity", "all"), severities)))
            .value(if chosen.is_empty() { "all" } else { chosen }),
        Field::new(t, "rule", t.get("exceptions.rule"), Input::Select)
            .required()
            .choices(desk::choices(t.get("exceptions.every_rule"), rules))
            .value(&asked.rule),
        Field::new(t, "from", t.get("desk.from"), Input::Date).required().value(&asked.from),
        Field::new(t, "to", t.get("desk.to"), Input::Date).required().value(&asked.to),
    ]
}

/// The empty choice of severities is spelled out: an address without one means the gravest.
fn all_of(mut choices: Vec<crate::http::ui::Choice>) -> Vec<crate::http::ui::Choice> {
    if let Some(first) = choices.first_mut() {
        "all".clone_into(&mut first.value);
    }
    choices
}

async fn rows(tx: &mut Tx, t: Words, org: Id, found: &[ExceptionRow]) -> Result<Vec<Row>, Failure> {
    let mut names = Names::default();
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let (code, account_no, account) = names.point(tx, org, row.usage_point).await?;
        let customer = match account {
            Some(account) => Cell::link(account_no, format!("/console/customers/{account}")),
            None => Cell::text(account_no),
        };
        rows.push(Row::new(vec![
            Cell::link(t.date(row.day), format!("{PATH}/{}", row.id)),
            customer.note(code),
            Cell::part(
                &Html::text(t.of("finding", &row.rule)).and(&Html::of(&severity(t, &row.severity))),
            ),
            Cell::text(Said::of(row).say(t)),
            Cell::part(&state(t, row)),
        ]));
    }
    Ok(rows)
}

/// Open findings and precision by rule.
fn rules(
    t: Words,
    open: &[(String, String, i64)],
    precise: &[supply::readings::RulePrecision],
) -> Table {
    let mut all: BTreeMap<&str, (i64, i64, i64)> = BTreeMap::new();
    for (rule, _, count) in open {
        all.entry(rule).or_default().0 += count;
    }
    for rule in precise {
        let entry = all.entry(&rule.rule).or_default();
        (entry.1, entry.2) = (rule.decided, rule.confirmed);
    }
    let rows = all.into_iter().map(|(rule, (open, decided, confirmed))| {
        let href = desk::address(PATH, &[("severity", "all"), ("rule", rule)]);
        Row::new(vec![
            Cell::text(t.of("finding", rule)),
            Cell::link(t.number(open), href),
            Cell::text(t.number(decided)),
            Cell::text(t.number(confirmed)),
            Cell::text(desk::share(t, confirmed, decided)),
        ])
    });
    let columns = vec![
        Column::text(t.get("exceptions.rule")).main(),
        Column::number(t.get("exceptions.open")),
        Column::number(t.get("exceptions.decided")),
        Column::number(t.get("exceptions.confirmed")),
        Column::number(t.get("exceptions.precision")),
    ];
    let nothing = Empty::new(t.get("exceptions.no_rules"), t.get("exceptions.no_rules_text"));
    Table::new(t, t.get("exceptions.by_rule"), columns).rows(rows).empty(nothing)
}

/// The most rows of one export; what is beyond is reached by a narrower filter.
const EXPORT_MAX: usize = 50_000;

pub(super) async fn export(
    State(web): State<Web>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let org = desk::org(&visit, Right::ExportData).await?;
    desk::org(&visit, Right::ReadingRead).await?;
    let mut tx = web.works.db.read().await?;
    let filter = asked.filter(&asked.severity);
    let (mut names, mut rows, mut cursor) = (Names::default(), Vec::new(), None::<String>);
    loop {
        let part = Part::new(Some(store::PAGE_MAX), cursor.as_deref())?;
        let found = worklist(&mut tx, org, &filter, &part).await?;
        for row in &found.items {
            let (code, account_no, _) = names.point(&mut tx, org, row.usage_point).await?;
            rows.push(vec![
                row.day.to_string(),
                account_no,
                code,
                row.rule.clone(),
                row.severity.clone(),
                Said::of(row).say(visit.t()).to_owned(),
                row.decision.clone().unwrap_or_default(),
            ]);
        }
        cursor = found.next;
        if cursor.is_none() || rows.len() >= EXPORT_MAX {
            break;
        }
    }
    let heading = ["day", "account", "usage_point", "rule", "severity", "finding", "decision"];
    Ok(shown::csv("exceptions.csv", &heading, &rows))
}
