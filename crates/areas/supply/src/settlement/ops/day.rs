//! Settling a day: what it stands on is read in one transaction, the lake computes, and what it
//! made counts with a second transaction. In between a crash loses nothing: files without a row
//! are not part of the lake.

use std::{collections::BTreeMap, sync::Arc};

use access::{Ctx, Right};
use jiff::ToSpan;
use kernel::{BusinessCalendar, Date, Id};
use lake::{
    Lake, LakeError, Manifest,
    settle::{DayFiles, Outcome, Reaching, Rules, settle_day},
};
use metering::vee::RuleSet;
use serde_json::json;
use store::{Fact, Tx, latest_lake_file};
use tariff::Weather;

use super::findings;
use crate::{
    count_file,
    settlement::{
        SettlementError,
        queries::{Terms, day_terms, files_between},
        store::{SettledDayRow, drop_due, highest_version, last_settled, weather_between},
    },
    tariffs::TariffBook,
};

/// Everything that the arithmetic of one day stands on.
#[derive(Debug)]
pub struct DayInputs {
    pub(super) org: Id,
    pub(super) day: Date,
    /// The version that the day's files get; the one above it is kept for corrections.
    version: i64,
    pub(super) book: Arc<TariffBook>,
    terms: Terms,
    terms_known: Option<String>,
    from: Date,
    catalogue: BTreeMap<Date, DayFiles>,
    weather: Weather,
}

/// What the lake made of a day, before it counts.
#[derive(Debug)]
pub struct DayResult {
    terms: Option<Manifest>,
    outcome: Outcome,
}

/// Reads what the next day stands on, for a run, with the files of the days from `from` on; the
/// transaction writes what it took and is to be committed.
///
/// # Errors
/// [`SettlementError::Settled`] or [`SettlementError::OutOfOrder`] when it is not the day after
/// the last settled one; a tariff that is not in force.
pub async fn inputs(
    tx: &mut Tx,
    org: Id,
    (day, run): (Date, Id),
    from: Date,
    book: Arc<TariffBook>,
) -> Result<DayInputs, SettlementError> {
    let last = last_settled(tx, org).await?;
    if let Some(last) = &last {
        if day <= last.day {
            return Err(SettlementError::Settled(day));
        }
        let missing = last.day.checked_add(1.day()).unwrap_or(day);
        if missing < day {
            return Err(SettlementError::OutOfOrder { day, missing });
        }
    }
    let calendar = working_calendar(&book);
    let version = next_version(tx, org).await?;
    Ok(DayInputs {
        org,
        day,
        version,
        terms: day_terms(tx, org, &book, (day, run), last.as_ref()).await?,
        terms_known: latest_lake_file(tx, org, "terms", day).await?.map(|file| file.sha256),
        from,
        catalogue: files_between(tx, org, (from, day), &calendar).await?,
        weather: weather(tx, org, (from, day)).await?,
        book,
    })
}

/// A version above every one so far: of two files that speak of one usage point the higher counts.
/// A fresh id keeps two processes apart; the highest stored version keeps the order when the clock
/// went back. The version above it stays free for the corrections of the same day.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn next_version(tx: &mut Tx, org: Id) -> Result<i64, SettlementError> {
    let fresh = tx.next_id().get();
    let _above = tx.next_id();
    Ok(fresh.max(highest_version(tx, org).await? + 2))
}

impl DayInputs {
    /// Runs the lake's arithmetic. Reads and writes files, takes long for many usage points, and
    /// touches no database: call it where blocking is allowed.
    ///
    /// # Errors
    /// What the lake says; [`lake::LakeError::OutOfReach`] when a gap began before the days that
    /// were looked up: then read the inputs again, from further back.
    pub fn compute(&mut self, lake: &Lake, vee: &RuleSet) -> Result<DayResult, LakeError> {
        let (org, day, version) = (self.org.get(), self.day, self.version);
        let written = match std::mem::replace(&mut self.terms, Terms::Whole(Vec::new())) {
            Terms::Whole(rows) => Some(lake.write_terms(org, day, version, rows)?),
            Terms::Changed { before, change } => {
                lake.change_terms(org, day, version, &before, &change)?
            }
        };
        let written = written.filter(|file| self.terms_known.as_ref() != Some(&file.sha256));
        if let Some(written) = &written {
            self.catalogue.entry(day).or_default().terms = Some(written.path.clone());
        }
        let rules = Rules { library: self.book.library(), weather: &self.weather, vee };
        let catalogue = Reaching { from: self.from, days: &self.catalogue };
        let outcome = settle_day(lake, org, day, version, &catalogue, rules)?;
        Ok(DayResult { terms: written, outcome })
    }
}

/// Makes a day count: its files, findings, reading success, and what it changed in earlier days.
///
/// # Errors
/// [`SettlementError::Settled`] when somebody else was faster; nothing counts then.
pub async fn commit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    run: Id,
    inputs: &DayInputs,
    result: &DayResult,
    vee: &RuleSet,
) -> Result<SettledDayRow, SettlementError> {
    let (org, day) = (inputs.org, inputs.day);
    ctx.require(Right::SettlementRun, org)?;
    tx.lock("settlement", org).await?;
    if last_settled(tx, org).await?.is_some_and(|last| last.day >= day) {
        return Err(SettlementError::Settled(day));
    }
    for file in result.terms.iter().chain(&result.outcome.files) {
        count_file(tx, org, Some(run), file).await?;
    }
    let exceptions = &result.outcome.exceptions;
    let found = findings::record(tx, org, exceptions, vee).await?;
    findings::record_collection(tx, org, day, &result.outcome.collection).await?;
    findings::record_changes(tx, org, run, &result.outcome.changes).await?;
    let totals = &result.outcome.totals;
    let count = |n: u64| i64::try_from(n).map_err(|_| SettlementError::TooMany("usage points"));
    let row = SettledDayRow {
        org,
        day,
        state_version: inputs.version,
        run,
        usage_point_count: count(totals.usage_points)?,
        read_count: count(totals.read)?,
        estimated_count: count(totals.estimated + totals.held)?,
        exception_count: found,
        energy_ukwh: totals.energy_ukwh(),
        charge_units: totals.charge_units,
        settled_at: tx.now(),
    };
    tx.insert("settled_day", &row).await?;
    drop_due(tx, org, run).await?;
    let payload = json!({ "day": day, "charge_units": totals.charge_units });
    let (actor, request) = (ctx.actor_name(), ctx.request);
    let fact = Fact { org, kind: "supply.day_settled", subject: run, payload, actor, request };
    tx.emit(fact).await?;
    Ok(row)
}

/// The calendar that tells days of work from days of rest; Monday to Friday when no `cn`
/// calendar is published.
pub(crate) fn working_calendar(book: &TariffBook) -> BusinessCalendar {
    book.library().calendar("cn").cloned().unwrap_or_else(BusinessCalendar::weekdays_only)
}

/// The measured temperatures of a range of days, both ends within.
pub(crate) async fn weather(
    tx: &mut Tx,
    org: Id,
    (from, to): (Date, Date),
) -> Result<Weather, SettlementError> {
    let mut weather = Weather::default();
    let end = to.checked_add(1.day()).unwrap_or(to);
    for (station, day, max_dc) in weather_between(tx, org, from, end).await? {
        weather.set(&station, day, max_dc);
    }
    Ok(weather)
}
