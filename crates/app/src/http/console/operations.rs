//! What waits for this person, as the home page lists it: only what their rights let them decide,
//! the most urgent first. Numbers only; each leads to the list behind it.

use access::Right;
use jiff::ToSpan;
use kernel::{Date, Id};
use store::{JobState, Tx, job_summary};
use supply::{alerts, billing, orders, readings, settlement};

use super::{desk, home::Decision};
use crate::http::{
    Failure, Visit,
    ui::{Badge, Figure, Sign},
};

/// What waits, and the figures of the last settled day above it.
pub(super) struct Waiting {
    pub decisions: Vec<Decision>,
    pub figures: Vec<Figure>,
}

/// Asks every part of the house that this person may look into.
pub(super) async fn waiting(visit: &Visit) -> Result<Waiting, Failure> {
    let org = visit.actor().org();
    let may = |right| visit.actor().may(right, org);
    let mut tx = visit.web().works.db.read().await?;
    let mut waiting = Waiting { decisions: Vec::new(), figures: Vec::new() };
    let last = settlement::last_settled(&mut tx, org).await?;
    if may(Right::SettlementRead) {
        settled(visit, last.as_ref(), &mut waiting);
    }
    if may(Right::ReadingRead) {
        findings(visit, &mut tx, org, &mut waiting).await?;
        metering_work(visit, &mut tx, org, &mut waiting).await?;
    }
    if may(Right::BillReview) {
        bills(visit, &mut tx, org, &mut waiting).await?;
    }
    if may(Right::JobRead) {
        dead_jobs(visit, &mut tx, &mut waiting).await?;
    }
    if let Some(last) = last.as_ref().filter(|_| may(Right::ReadingRead)) {
        collection(visit, &mut tx, org, last.day, &mut waiting).await?;
    }
    if let Some(last) = last.filter(|_| may(Right::SettlementRun)) {
        month(visit, &mut tx, org, last.day, &mut waiting).await?;
    }
    Ok(waiting)
}

/// The last settled day, and whether it is late: every morning the day before is settled.
fn settled(visit: &Visit, last: Option<&settlement::SettledDayRow>, waiting: &mut Waiting) {
    let t = visit.t();
    let Some(last) = last else {
        waiting.decisions.push(Decision {
            count: "–".to_owned(),
            title: t.get("desk.never_settled").to_owned(),
            text: t.get("desk.never_settled_text").to_owned(),
            href: "/console/settlement".to_owned(),
            badge: Badge::new(Sign::Info, t.get("desk.to_start")),
        });
        return;
    };
    let yesterday = desk::today(visit).yesterday().unwrap_or(last.day);
    let behind = kernel::DatePeriod::new(last.day, yesterday).ok().and_then(|p| p.days());
    if let Some(days) = behind {
        waiting.decisions.push(Decision {
            count: t.number(i64::from(days)),
            title: t.get("desk.settlement_late").to_owned(),
            text: t.with("desk.settlement_late_text", &[("day", &t.date(last.day))]),
            href: "/console/settlement".to_owned(),
            badge: Badge::new(Sign::Bad, t.get("desk.late")),
        });
    }
    let note = match behind {
        Some(_) => t.get("desk.behind"),
        None => t.get("desk.up_to_date"),
    };
    waiting.figures.extend([
        Figure::new(t.get("desk.last_settled"), t.day(last.day))
            .note(note)
            .href("/console/settlement"),
        Figure::new(t.get("desk.energy_of_day"), desk::whole_kwh(t, last.energy_ukwh))
            .unit(t.get("unit.kwh")),
        Figure::new(t.get("desk.charge_of_day"), t.money(kernel::Money::cny(last.charge_units))),
        Figure::new(
            t.get("desk.read_of_day"),
            desk::share(t, last.read_count, last.usage_point_count),
        )
        .note(&t.with(
            "desk.read_of_day_note",
            &[("read", &t.number(last.read_count)), ("all", &t.number(last.usage_point_count))],
        ))
        .href(format!("/console/collection?day={}", last.day)),
    ]);
}

/// Findings: each rule that stops bills by itself, what only warns together.
async fn findings(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    waiting: &mut Waiting,
) -> Result<(), Failure> {
    let t = visit.t();
    let mut warned = 0;
    for (rule, severity, count) in readings::open_by_rule(tx, org).await? {
        match severity.as_str() {
            "stop" => waiting.decisions.push(Decision {
                count: t.number(count),
                title: t.of("finding", &rule).to_owned(),
                text: t.get("desk.stops_bills").to_owned(),
                href: desk::address(
                    "/console/exceptions",
                    &[("severity", "stop"), ("rule", &rule)],
                ),
                badge: Badge::new(Sign::Bad, t.of("severity", "stop")),
            }),
            "warn" => warned += count,
            _ => {}
        }
    }
    if warned > 0 {
        waiting.decisions.push(Decision {
            count: t.number(warned),
            title: t.get("desk.warnings").to_owned(),
            text: t.get("desk.warnings_text").to_owned(),
            href: "/console/exceptions?severity=warn".to_owned(),
            badge: Badge::new(Sign::Warn, t.of("severity", "warn")),
        });
    }
    Ok(())
}

/// Alerts about readings that somebody should answer, and work on meters that is past its term.
async fn metering_work(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    waiting: &mut Waiting,
) -> Result<(), Failure> {
    let t = visit.t();
    let now = visit.web().works.db.now();
    let (_, late, escalated) = alerts::waiting_alerts(tx, org, now).await?.unwrap_or_default();
    let unanswered = late.max(escalated);
    if unanswered > 0 {
        waiting.decisions.push(Decision {
            count: t.number(unanswered),
            title: t.get("alerts.late").to_owned(),
            text: t.get("alerts.late_text").to_owned(),
            href: super::metering::ALERTS.to_owned(),
            badge: Badge::new(Sign::Bad, t.get("desk.late")),
        });
    }
    if visit.actor().may(Right::MeterWrite, org) {
        let orders = orders::waiting_orders(tx, org, desk::today(visit)).await?;
        let late: i64 = orders.iter().map(|(_, _, late)| late).sum();
        if late > 0 {
            waiting.decisions.push(Decision {
                count: t.number(late),
                title: t.get("orders.late").to_owned(),
                text: t.get("orders.late_text").to_owned(),
                href: super::orders::PATH.to_owned(),
                badge: Badge::new(Sign::Warn, t.get("desk.late")),
            });
        }
    }
    Ok(())
}

/// How many recent months are asked for bills that wait.
const MONTHS: i64 = 12;

async fn bills(visit: &Visit, tx: &mut Tx, org: Id, waiting: &mut Waiting) -> Result<(), Failure> {
    let t = visit.t();
    let (mut review, mut ready) = (0, 0);
    for run in billing::bill_runs(tx, org, MONTHS).await? {
        for (state, count, ..) in billing::totals_by_state(tx, org, run.period_from).await? {
            match state.as_str() {
                "review" => review += count,
                "ready" => ready += count,
                _ => {}
            }
        }
    }
    let disputes = billing::open_dispute_count(tx, org).await?;
    if disputes > 0 {
        waiting.decisions.push(Decision {
            count: t.number(disputes),
            title: t.get("desk.disputes").to_owned(),
            text: t.get("desk.disputes_text").to_owned(),
            href: super::bills::DISPUTES.to_owned(),
            badge: Badge::new(Sign::Warn, t.get("desk.to_decide")),
        });
    }
    if review > 0 {
        waiting.decisions.push(Decision {
            count: t.number(review),
            title: t.get("desk.bills_in_review").to_owned(),
            text: t.get("desk.bills_in_review_text").to_owned(),
            href: super::settlement::REVIEW.to_owned(),
            badge: Badge::new(Sign::Warn, t.get("desk.to_decide")),
        });
    }
    if ready > 0 {
        waiting.decisions.push(Decision {
            count: t.number(ready),
            title: t.get("desk.bills_ready").to_owned(),
            text: t.get("desk.bills_ready_text").to_owned(),
            href: "/console/months".to_owned(),
            badge: Badge::new(Sign::Info, t.get("desk.to_start")),
        });
    }
    Ok(())
}

async fn dead_jobs(visit: &Visit, tx: &mut Tx, waiting: &mut Waiting) -> Result<(), Failure> {
    let t = visit.t();
    let rows = job_summary(tx).await?;
    let dead: i64 = rows.iter().filter(|r| r.state == JobState::Dead).map(|r| r.count).sum();
    if dead > 0 {
        waiting.decisions.push(Decision {
            count: t.number(dead),
            title: t.get("desk.dead_jobs").to_owned(),
            text: t.get("desk.dead_jobs_text").to_owned(),
            href: "/console/jobs?state=dead".to_owned(),
            badge: Badge::new(Sign::Bad, t.get("desk.failed")),
        });
    }
    Ok(())
}

/// Reading success of the last settled day, when it is below the target, with the worst 台区.
async fn collection(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    day: Date,
    waiting: &mut Waiting,
) -> Result<(), Failure> {
    let t = visit.t();
    let next = day.tomorrow().unwrap_or(day);
    let Some((_, expected, received, ..)) =
        readings::collection_by_day(tx, org, day, next).await?.into_iter().next()
    else {
        return Ok(());
    };
    let target_bp = visit.web().works.rules.targets.daily_success_bp;
    let Some(rate) = desk::share_bp(received, expected).filter(|bp| *bp < target_bp) else {
        return Ok(());
    };
    let worst = readings::collection_on(tx, org, day, 1).await?.into_iter().next();
    let mut names = desk::Names::default();
    let worst = match worst {
        Some(worst) => names.area(tx, t, org, worst.transformer_area).await?,
        None => String::new(),
    };
    waiting.decisions.push(Decision {
        count: t.number(expected - received),
        title: t.with(
            "desk.reading_below",
            &[("rate", &t.percent(rate)), ("target", &t.percent(target_bp))],
        ),
        text: t.with("desk.reading_below_text", &[("day", &t.day(day)), ("area", &worst)]),
        href: format!("/console/collection?day={day}"),
        badge: Badge::new(Sign::Warn, t.get("desk.below_target")),
    });
    Ok(())
}

/// The month before the one of the last settled day, when it is not closed.
async fn month(
    visit: &Visit,
    tx: &mut Tx,
    org: Id,
    last: Date,
    waiting: &mut Waiting,
) -> Result<(), Failure> {
    let t = visit.t();
    let Some(first) = month_to_close(last) else { return Ok(()) };
    let first_day = settlement::settled_day(tx, org, first).await?;
    let run = billing::bill_run_of(tx, org, first).await?;
    if first_day.is_some() && run.is_none_or(|run| run.state != "done") {
        waiting.decisions.push(Decision {
            count: t.number(1),
            title: t.with("desk.month_to_close", &[("month", &t.month(first))]),
            text: t.get("desk.month_to_close_text").to_owned(),
            href: "/console/months".to_owned(),
            badge: Badge::new(Sign::Info, t.get("desk.to_start")),
        });
    }
    Ok(())
}

/// The first day of the last month whose days are all settled when `last` is.
pub(super) fn month_to_close(last: Date) -> Option<Date> {
    let next = last.tomorrow().ok()?;
    next.first_of_month().checked_sub(1.month()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_to_close_is_the_last_that_is_over() {
        let day = |m, d| Date::constant(2026, m, d);
        assert_eq!(month_to_close(day(8, 10)), Some(day(7, 1)));
        assert_eq!(month_to_close(day(7, 31)), Some(day(7, 1)));
        assert_eq!(month_to_close(day(7, 30)), Some(day(6, 1)));
    }
}
