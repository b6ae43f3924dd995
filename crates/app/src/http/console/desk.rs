//! What the operations pages share: for which organisation they work, ids and cursors from
//! addresses, names of what rows point at, and times as people read them.

use std::collections::BTreeMap;

use access::Right;
use kernel::{Date, Energy, Id, Instant};
use serde::Deserialize;
use store::{Enqueued, NewJob, Page as Part, Tx};

use crate::http::{
    Failure, Visit,
    i18n::Words,
    ui::{Badge, Choice, Pager, Sign},
};

/// The organisation whose data a page shows: the visitor's own, where they must hold the right.
/// A refusal is written into the audit trail.
pub(super) async fn org(visit: &Visit, right: Right) -> Result<Id, Failure> {
    let org = visit.actor().org();
    let ctx = visit.ctx();
    if let Err(refused) = ctx.require(right, org) {
        access::write_refusals(&ctx, &visit.web().works.db).await?;
        return Err(refused.into());
    }
    Ok(org)
}

/// An id of an address; what is none leads nowhere.
pub(super) fn id(text: &str) -> Result<Id, Failure> {
    text.parse().map_err(|_| Failure::not_found())
}

/// A day of an address; nothing when it is empty or none.
pub(super) fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// Where a list goes on, for pages that ask for nothing else.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct After {
    /// The cursor; empty at the start.
    pub(super) after: String,
}

/// The part of a list that an address asks for.
pub(super) fn part(after: &str) -> Result<Part, Failure> {
    Ok(Part::new(None, (!after.is_empty()).then_some(after))?)
}

/// The way through a list whose address is `base`, which may hold filters.
pub(super) fn pager(t: Words, base: &str, shown: usize, after: &str, next: Option<&str>) -> Pager {
    let joint = if base.contains('?') { '&' } else { '?' };
    Pager::new(t, shown, None)
        .first((!after.is_empty()).then(|| base.to_owned()))
        .next(next.map(|next| format!("{base}{joint}after={next}")))
}

/// An address with the filters that are set.
pub(super) fn address(path: &str, filters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (name, value) in filters.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(name);
        address.push('=');
        address.push_str(&super::shown::query_value(value));
    }
    address
}

/// A list of choices with one that means all.
pub(super) fn choices(all: &str, some: impl IntoIterator<Item = (String, String)>) -> Vec<Choice> {
    let all = Choice { value: String::new(), label: all.to_owned() };
    let some = some.into_iter().map(|(value, label)| Choice { value, label });
    std::iter::once(all).chain(some).collect()
}

/// A moment in the zone of the door.
pub(super) fn at(visit: &Visit, instant: Instant) -> String {
    visit.t().instant(instant, &visit.web().zone)
}

/// Today, in the zone of the door.
pub(super) fn today(visit: &Visit) -> Date {
    visit.web().zone.date_of(visit.web().works.db.now())
}

/// Energy rounded to the kWh, for sums that people compare.
pub(super) fn whole_kwh(t: Words, ukwh: i64) -> String {
    let whole =
        kernel::div_round(i128::from(ukwh), 1_000_000, kernel::RoundingMode::HalfUp).unwrap_or(0);
    t.decimal(whole, 0, 0)
}

/// Energy rounded to a hundredth of a kWh, for charts.
pub(super) fn hundredths_kwh(energy: Energy) -> i64 {
    kernel::div_round(i128::from(energy.ukwh()), 10_000, kernel::RoundingMode::HalfUp)
        .and_then(|value| i64::try_from(value).ok())
        .unwrap_or(i64::MAX)
}

/// A part of a whole in ten-thousandths, rounded down: a share below the target never shows as
/// the target.
pub(super) fn share_bp(part: i64, whole: i64) -> Option<i64> {
    (i128::from(part) * 10_000).checked_div(i128::from(whole)).and_then(|v| i64::try_from(v).ok())
}

/// A share in words, or a dash.
pub(super) fn share(t: Words, part: i64, whole: i64) -> String {
    share_bp(part, whole).map_or_else(|| "–".to_owned(), |bp| t.percent(bp))
}

/// How a piece of long work stands.
pub(super) fn run_state(t: Words, state: &str) -> Badge {
    let sign = match state {
        "done" => Sign::Ok,
        "failed" | "dead" | "refused" => Sign::Bad,
        "stopped" | "cancelled" => Sign::Warn,
        "running" | "queued" => Sign::Info,
        _ => Sign::Neutral,
    };
    Badge::new(sign, t.of("work_state", state))
}

/// Asks for a job and says which one it is.
pub(super) async fn enqueue(
    visit: &Visit,
    org: Id,
    name: &str,
    dedup: &str,
    payload: &impl serde::Serialize,
) -> Result<Id, Failure> {
    let payload = serde_json::to_value(payload)
        .map_err(|error| Failure::new(kernel::FaultKind::Bug, "http.payload", error.to_string()))?;
    let mut tx = visit.web().works.db.begin().await?;
    let job = NewJob { org, name, payload: &payload, dedup: Some(dedup), run_at: None };
    let asked: Enqueued = tx.enqueue(job).await?;
    tx.commit().await?;
    Ok(asked.id())
}

/// The usage point of a code, or where the meter with this asset number hangs.
pub(super) async fn point_of(tx: &mut Tx, org: Id, text: &str) -> Result<Option<Id>, Failure> {
    if let Some(point) = registry::premises::usage_point_by_code(tx, org, text).await? {
        return Ok(Some(point.id));
    }
    let Some(meter) = supply::meters::meter_by_asset_no(tx, org, text).await? else {
        return Ok(None);
    };
    let places = supply::meters::installations_of_meter(tx, org, meter.id).await?;
    Ok(places.into_iter().find(|place| place.removed_on.is_none()).map(|place| place.usage_point))
}

/// Names of usage points and people, each asked for once.
#[derive(Default)]
pub(super) struct Names {
    points: BTreeMap<Id, (String, String, Option<Id>)>,
    people: BTreeMap<Id, String>,
    areas: BTreeMap<Id, String>,
}

impl Names {
    /// A usage point's code, its 户号 and its account.
    pub async fn point(
        &mut self,
        tx: &mut Tx,
        org: Id,
        id: Id,
    ) -> Result<(String, String, Option<Id>), Failure> {
        if let Some(known) = self.points.get(&id) {
            return Ok(known.clone());
        }
        let point = registry::premises::usage_point_by_id(tx, org, id).await?;
        let account = match &point {
            Some(point) => registry::premises::account_by_id(tx, org, point.account).await?,
            None => None,
        };
        let named = (
            point.map_or_else(|| id.to_string(), |point| point.code),
            account.as_ref().map_or_else(String::new, |account| account.account_no.clone()),
            account.map(|account| account.id),
        );
        self.points.insert(id, named.clone());
        Ok(named)
    }

    /// A member of staff; programs have the id 0 and a name of their own.
    pub async fn person(&mut self, tx: &mut Tx, t: Words, id: Id) -> Result<String, Failure> {
        if id.get() == 0 {
            return Ok(t.get("desk.program").to_owned());
        }
        if let Some(known) = self.people.get(&id) {
            return Ok(known.clone());
        }
        let name = access::staff_by_id(tx, id).await?.map_or_else(|| id.to_string(), |s| s.name);
        self.people.insert(id, name.clone());
        Ok(name)
    }

    /// The actor of a fact or an audit row: `user:123` is a person, the rest are programs.
    pub async fn actor(&mut self, tx: &mut Tx, t: Words, actor: &str) -> Result<String, Failure> {
        match actor.strip_prefix("user:").and_then(|id| id.parse::<Id>().ok()) {
            Some(id) => self.person(tx, t, id).await,
            None if actor == "visitor" => Ok(t.get("audit.visitor").to_owned()),
            None => Ok(actor.strip_prefix("job:").map_or(actor, |job| t.of("job", job)).to_owned()),
        }
    }

    /// A 台区 by name.
    pub async fn area(
        &mut self,
        tx: &mut Tx,
        t: Words,
        org: Id,
        id: Id,
    ) -> Result<String, Failure> {
        if id.get() == 0 {
            return Ok(t.get("desk.no_area").to_owned());
        }
        if let Some(known) = self.areas.get(&id) {
            return Ok(known.clone());
        }
        let area = registry::network::area_by_id(tx, org, id).await?;
        let name = area.map_or_else(|| id.to_string(), |area| area.name);
        self.areas.insert(id, name.clone());
        Ok(name)
    }
}
