//! Settling day after day, and settling again what late readings touch. Each day counts on its
//! own, so a run that was stopped goes on where it was.

use std::collections::BTreeMap;

use access::Actor;
use jiff::ToSpan;
use kernel::{Date, DatePeriod, Id};

use super::{
    Corrected, SettlementError, begin_run, commit, commit_correction, correction_inputs, end_run,
    inputs, progress,
    queries::{further, reach},
    store::last_settled,
};
use crate::{Works, blocking, tariffs::load_book};

/// Hears how far a run is: done, total, and a word.
pub type Report<'a> = &'a (dyn Fn(i64, i64, &str) + Send + Sync);

/// Settles every day after the last settled one up to `through`, or from `first` when none is.
/// The number of days settled.
///
/// # Errors
/// What stops a day; the days before it count. [`SettlementError::Settled`] of a day that another
/// process settled meanwhile is not an error: it is skipped.
pub async fn settle_through(
    works: &Works,
    actor: &Actor,
    org: Id,
    (first, through): (Date, Date),
    report: Report<'_>,
) -> Result<i64, SettlementError> {
    let ctx = works.ctx(actor, "settle");
    let mut tx = works.db.begin().await?;
    // An import that commits at this moment either is seen by the first day or knows of this run.
    tx.lock("settlement", org).await?;
    let next = last_settled(&mut tx, org).await?.map_or(first, |last| tomorrow(last.day));
    let Ok(days) = DatePeriod::new(next, tomorrow(through)) else { return Ok(0) };
    let run = begin_run(&ctx, &mut tx, org, "daily", days).await?;
    tx.commit().await?;
    let total = i64::from(days.days().unwrap_or(0));
    let mut done = 0;
    for day in days.iter_days() {
        match settle_one(works, actor, org, run, day, done).await {
            Ok(()) | Err(SettlementError::Settled(_)) => {}
            Err(error) => {
                let mut tx = works.db.begin().await?;
                end_run(&mut tx, org, run, Some(&format!("{day}: {error}"))).await?;
                tx.commit().await?;
                return Err(error);
            }
        }
        done += 1;
        report(done, total, &day.to_string());
    }
    let mut tx = works.db.begin().await?;
    end_run(&mut tx, org, run, None).await?;
    tx.commit().await?;
    Ok(done)
}

async fn settle_one(
    works: &Works,
    actor: &Actor,
    org: Id,
    run: Id,
    day: Date,
    done: i64,
) -> Result<(), SettlementError> {
    let ctx = works.ctx(actor, "settle");
    let mut from = reach(day);
    let (stand, result) = loop {
        let mut tx = works.db.begin().await?;
        let book = load_book(&mut tx, org).await?;
        let mut stand = inputs(&mut tx, org, (day, run), from, book).await?;
        tx.commit().await?;
        let (lake, rules) = (works.lake.clone(), works.rules.clone());
        let (stand, result) = blocking(move || {
            let result = stand.compute(&lake, &rules.vee);
            (stand, result)
        })
        .await;
        match further(&result) {
            Some(day) => from = day,
            None => break (stand, result),
        }
    };
    let mut tx = works.db.begin().await?;
    commit(&ctx, &mut tx, run, &stand, &result?, &works.rules.vee).await?;
    progress(&mut tx, org, run, done + 1, &day.to_string()).await?;
    tx.commit().await?;
    Ok(())
}

/// Settles usage points again from the first day that late or corrected readings touch.
///
/// # Errors
/// What stops the computation. When a day was settled meanwhile it is computed again.
pub async fn settle_again(
    works: &Works,
    actor: &Actor,
    org: Id,
    kind: &'static str,
    touched: BTreeMap<i64, Date>,
) -> Result<Option<Corrected>, SettlementError> {
    let ctx = works.ctx(actor, "settle again");
    let (mut from, mut run) = (None, None);
    loop {
        let mut tx = works.db.begin().await?;
        let book = load_book(&mut tx, org).await?;
        let inputs = correction_inputs(&mut tx, org, touched.clone(), from, book).await?;
        let Some(stand) = inputs else { return Ok(None) };
        let days = DatePeriod::new(stand.first(), tomorrow(stand.through()))
            .unwrap_or(DatePeriod::since(stand.first()));
        let at = match run.take() {
            Some(run) => run,
            None => begin_run(&ctx, &mut tx, org, kind, days).await?,
        };
        tx.commit().await?;
        let (lake, rules) = (works.lake.clone(), works.rules.clone());
        let (stand, outcome) = blocking(move || {
            let outcome = stand.compute(&lake, &rules.vee);
            (stand, outcome)
        })
        .await;
        if let Some(day) = further(&outcome) {
            (from, run) = (Some(day), Some(at));
            continue;
        }
        let mut tx = works.db.begin().await?;
        let corrected = match outcome {
            Ok(outcome) => {
                commit_correction(&ctx, &mut tx, at, &stand, &outcome, &works.rules.vee).await
            }
            Err(error) => Err(error.into()),
        };
        match corrected {
            Ok(corrected) => {
                end_run(&mut tx, org, at, None).await?;
                tx.commit().await?;
                return Ok(Some(corrected));
            }
            Err(error) => {
                drop(tx);
                let mut tx = works.db.begin().await?;
                end_run(&mut tx, org, at, Some(&error.to_string())).await?;
                tx.commit().await?;
                if !matches!(error, SettlementError::OutOfOrder { .. }) {
                    return Err(error);
                }
            }
        }
    }
}

fn tomorrow(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(day)
}
