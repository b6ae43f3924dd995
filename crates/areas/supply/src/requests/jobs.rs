//! Answers with what they change in settled days, and the plan of retries on its timer.

use std::collections::BTreeMap;

use access::Actor;
use kernel::{Date, Id};
use lake::settle::business_day;
use metering::reading::Source;

use super::{Answer, RequestError, ops};
use crate::{
    Works, meters,
    readings::{DayRows, ReadingError, settle_late, single, write_days},
    settlement::{last_settled, settling_organisations},
};

/// A reading may be ahead of the clock by the difference of two clocks, not more, in seconds.
const AHEAD_S: i64 = 3_600;
/// Readings of one answer: days of a meter's memory.
const READINGS_MAX: usize = 400;

/// Takes the head-end's answer: the readings count, the request ends, and settled days that they
/// touch are settled again. An answer that comes twice counts once.
///
/// # Errors
/// [`RequestError::NotFound`], [`RequestError::Ended`], a value that is none, denied.
pub async fn answer(
    works: &Works,
    actor: &Actor,
    org: Id,
    given: &Answer,
) -> Result<(), RequestError> {
    let ctx = works.ctx(actor, "answer");
    let mut tx = works.db.begin().await?;
    let request = ops::found(&mut tx, org, given.request).await?;
    if given.readings.is_empty() {
        let words: String = given.failure.chars().take(200).collect();
        let rules = &works.rules.metering.request;
        ops::failed(&ctx, &mut tx, &request, (&words, rules)).await?;
        tx.commit().await?;
        return Ok(());
    }
    let meter = meters::meter_by_id(&mut tx, org, request.meter).await?;
    let places = meters::installations_of_meter(&mut tx, org, request.meter).await?;
    drop(tx);
    let meter = meter.ok_or(RequestError::NoMeter)?;
    if given.readings.len() > READINGS_MAX {
        return Err(ReadingError::TooMany("readings in one answer").into());
    }
    let scale = u8::try_from(meter.register_scale).unwrap_or(0);
    let latest = works.db.now().plus_seconds(AHEAD_S);
    let mut days: BTreeMap<Date, DayRows> = BTreeMap::new();
    for (at, shown) in &given.readings {
        let day = business_day(&works.rules.zone, *at);
        let hung = places.iter().any(|place| {
            place.usage_point == request.usage_point
                && place.installed_on <= day
                && place.removed_on.is_none_or(|removed| day <= removed)
        });
        if !hung || *at > latest {
            return Err(RequestError::Days("the meter did not hang there then"));
        }
        let place = (request.usage_point, request.meter, *at);
        let row = single(place, Source::OnDemand, scale, shown)?;
        days.entry(day).or_default().readings.push(row);
    }
    let first = days.keys().next().copied().unwrap_or(request.day_from);
    let files = write_days(works, org, days).await?;
    let mut tx = works.db.begin().await?;
    ops::answered(&ctx, &mut tx, &request, (first, &files)).await?;
    tx.commit().await?;
    settle_late(works, actor, org, "late_readings").await?;
    Ok(())
}

/// Looks after the requests of every organisation: what the last night missed is asked for, what is
/// overdue is repeated or ends. Idempotent and bounded.
///
/// # Errors
/// When the database refuses.
pub async fn sweep(works: &Works) -> Result<(), RequestError> {
    let mut tx = works.db.read().await?;
    let all = settling_organisations(&mut tx).await?;
    drop(tx);
    let today = works.rules.zone.date_of(works.db.now());
    for org in all {
        let mut tx = works.db.begin().await?;
        let last = last_settled(&mut tx, org).await.map_err(ReadingError::from)?;
        // What is long past is read from the meters' memory when somebody asks for it.
        let fresh = |day: &Date| today.since(*day).is_ok_and(|span| span.get_days() <= 2);
        let night = last.map(|row| row.day).filter(fresh);
        ops::pass(&mut tx, org, night, &works.rules.metering.request).await?;
        tx.commit().await?;
    }
    Ok(())
}
