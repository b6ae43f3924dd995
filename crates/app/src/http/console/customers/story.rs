//! The whole story of one account: who, where it hangs, what was agreed, the meter, the balance,
//! the use, the bills, and what was found and settled again.

use std::collections::HashMap;

use access::{Ctx, Right};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use jiff::ToSpan;
use kernel::{Date, Id, Money};
use lake::tables::StateRow;
use registry::CustomerPage;
use store::Tx;
use supply::{
    agreements::{AgreementRow, agreements_of_account},
    billing::{BillRow, bills_of_account},
    ledger::{Party, TransferRow, balance, statement_of_account},
    meters::{InstallationRow, MeterRow, installations_of_usage_point, meter_by_id},
    readings::{ExceptionRow, exceptions_of_usage_point, history},
    settlement::{ResettlementRow, last_settled, resettlements_of},
    tariffs::{TariffRow, documents},
};

use super::{parts, search};
use crate::http::{
    Failure, Visit, Web,
    failure::ok,
    i18n::Words,
    ui::{Alert, Badge, Chart, Definitions, Figure, Page, Table, Tabs},
};

/// How many bills, findings and changes are shown.
const SHOWN: i64 = 24;
/// How many bookings.
const BOOKINGS: i64 = 12;
/// The days of the daily chart.
const CHART_DAYS: i32 = 60;

/// What is known of an account.
pub(super) struct Story {
    pub account: registry::Account,
    pub customer: CustomerPage,
    pub agreements: Vec<AgreementRow>,
    pub tariffs: HashMap<String, TariffRow>,
    pub points: Vec<Point>,
    /// Newest first.
    pub bills: Vec<BillRow>,
    pub owed: Option<Money>,
    pub bookings: Vec<TransferRow>,
    pub settled_to: Option<Date>,
}

/// What is known of one of its usage points.
pub(super) struct Point {
    pub id: Id,
    pub code: String,
    pub meters: Vec<(InstallationRow, Option<MeterRow>)>,
    pub findings: Vec<ExceptionRow>,
    pub changes: Vec<ResettlementRow>,
    /// The last settled days, oldest first.
    pub days: Vec<(Date, StateRow)>,
}

async fn gather(ctx: &Ctx<'_>, tx: &mut Tx, named: &str) -> Result<Story, Failure> {
    let org = ctx.actor.org();
    ctx.require(Right::CustomerRead, org)?;
    let may = |right| ctx.actor.may(right, org);
    let account = search::account(ctx, tx, named).await?;
    let customer = registry::account_page(ctx, tx, org, account.id).await?;
    let settled_to = last_settled(tx, org).await?.map(|day| day.day);
    let far = Date::constant(9999, 1, 1);
    let mut bills = Vec::new();
    if may(Right::BillRead) {
        bills = bills_of_account(tx, org, account.id, far, SHOWN).await?;
    }
    let (mut owed, mut bookings) = (None, Vec::new());
    if may(Right::LedgerRead) {
        let now = ctx.now().plus_seconds(1);
        let party = Party::receivable(account.id);
        owed = Some(balance(tx, org, party, kernel::Currency::Cny).await?.owed);
        bookings = statement_of_account(tx, org, account.id, now, BOOKINGS).await?;
    }
    let mut points = Vec::new();
    let from = settled_to.map_or(far, |day| day.checked_sub(400.days()).unwrap_or(day));
    for view in customer.accounts.iter().flat_map(|account| &account.usage_points) {
        let id = view.usage_point.id;
        let mut meters = Vec::new();
        if may(Right::MeterRead) {
            for installed in installations_of_usage_point(tx, org, id).await? {
                let meter = meter_by_id(tx, org, installed.meter).await?;
                meters.push((installed, meter));
            }
        }
        let (mut findings, mut changes) = (Vec::new(), Vec::new());
        if may(Right::ReadingRead) {
            findings = exceptions_of_usage_point(tx, org, id, from, SHOWN).await?;
            changes = resettlements_of(tx, org, id, from, far).await?;
        }
        let code = view.usage_point.code.clone();
        points.push(Point { id, code, meters, findings, changes, days: Vec::new() });
    }
    Ok(Story {
        agreements: agreements_of_account(tx, org, account.id).await?,
        tariffs: documents(tx, org)
            .await?
            .into_iter()
            .filter(|row| row.kind == "tariff")
            .map(|row| (row.code.clone(), row))
            .collect(),
        account,
        customer,
        points,
        bills,
        owed,
        bookings,
        settled_to,
    })
}

/// The last settled days of each usage point, from the lake.
async fn add_days(visit: &Visit, web: &Web, story: &mut Story) -> Result<(), Failure> {
    let org = visit.actor().org();
    let (Some(last), true) = (story.settled_to, visit.actor().may(Right::ReadingRead, org)) else {
        return Ok(());
    };
    let from = last.checked_sub(CHART_DAYS.days()).unwrap_or(last);
    let to = last.tomorrow().unwrap_or(last);
    for point in &mut story.points {
        (point.days, _) = history(&web.works, org, point.id, (from, to)).await?;
    }
    Ok(())
}

#[derive(Template)]
#[template(path = "console/customers/story.html")]
struct StoryPage {
    t: Words,
    page: Page,
    tabs: Option<Tabs>,
    notices: Vec<Alert>,
    badges: Vec<Badge>,
    figures: Vec<Figure>,
    who: Definitions,
    places: Vec<(String, Definitions)>,
    reveal: Option<String>,
    charts: Vec<Chart>,
    readings: Vec<(String, String)>,
    bills: Option<Table>,
    agreements: Table,
    meters: Option<Table>,
    findings: Option<Table>,
    changes: Option<Table>,
    bookings: Option<Table>,
}

pub(super) async fn show(
    State(web): State<Web>,
    visit: Visit,
    Path(named): Path<String>,
) -> Result<Response, Failure> {
    let ctx = visit.ctx();
    let mut tx = web.works.db.read().await?;
    let done = gather(&ctx, &mut tx, &named).await;
    let mut story = visit.finish(&ctx, tx, done).await?;
    add_days(&visit, &web, &mut story).await?;
    let t = visit.t();
    let title = format!("{} · {}", story.customer.person.name, story.account.account_no);
    let may = |right| visit.may(right);
    let reads = may(Right::ReadingRead);
    let here = format!("/console/customers/{}", story.account.id);
    let charts = if reads { parts::charts(t, &story) } else { Vec::new() };
    let mut page = visit.page(title).crumb(t.get("customers.title"), super::SEARCH);
    page.charts = !charts.is_empty();
    let readings = |point: &Point| {
        let label = t.with("customers.readings_of", &[("code", &point.code)]);
        (label, format!("/console/usage-points/{}/readings", point.id))
    };
    Ok(ok(&StoryPage {
        t,
        page,
        tabs: parts::tabs(t, &story, visit.path()),
        notices: parts::notices(t, &story),
        badges: parts::marks(t, &story),
        figures: parts::figures(t, &story),
        who: parts::who(t, &story),
        places: parts::places(t, &story),
        reveal: may(Right::CustomerReadPersonal).then(|| format!("{here}/reveal")),
        charts,
        readings: if reads { story.points.iter().map(readings).collect() } else { Vec::new() },
        bills: may(Right::BillRead).then(|| parts::bills(t, &story)),
        agreements: parts::agreements(
            t,
            &story,
            (may(Right::AgreementWrite), may(Right::SettlementRun)),
        ),
        meters: may(Right::MeterRead).then(|| parts::meters(t, &story)),
        findings: reads.then(|| parts::findings(t, &story)),
        changes: reads.then(|| parts::changes(t, &story)),
        bookings: may(Right::LedgerRead).then(|| parts::bookings(t, &story, &web.zone)),
    }))
}
