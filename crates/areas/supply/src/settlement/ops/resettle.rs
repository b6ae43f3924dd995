//! Late and corrected readings: the usage points they touch are settled again from the first
//! touched day, and what changed is written down.

use std::{collections::BTreeMap, sync::Arc};

use access::{Ctx, Right};
use kernel::{Date, Id};
use lake::{
    Lake, LakeError,
    settle::{DayFiles, Outcome, Reaching, Rules, resettle},
};
use metering::vee::{RuleId, RuleSet};
use serde_json::json;
use store::{Fact, Tx};
use tariff::Weather;

use super::{
    day::{next_version, weather, working_calendar},
    findings,
};
use crate::{
    count_file,
    readings::clear_exception,
    settlement::{
        SettlementError,
        queries::{files_between, reach},
        store::{last_settled, open_findings_since},
    },
    tariffs::TariffBook,
};

/// What a correction stands on.
#[derive(Debug)]
pub struct CorrectionInputs {
    org: Id,
    touched: BTreeMap<i64, Date>,
    through: Date,
    version: i64,
    book: Arc<TariffBook>,
    from: Date,
    catalogue: BTreeMap<Date, DayFiles>,
    weather: Weather,
}

/// What changed when days were settled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrected {
    /// Days of usage points that came out differently.
    pub changed_days: u64,
    /// By how much the charges changed, 1e-4 of the currency.
    pub charge_change_units: i64,
}

/// Reads what settling the touched usage points again stands on. `touched` names the first
/// touched day of each, `from` the first day whose files are looked up, where a first try did not
/// reach far enough. `None` when no touched day is settled yet.
///
/// # Errors
/// When the database does not answer.
pub async fn correction_inputs(
    tx: &mut Tx,
    org: Id,
    mut touched: BTreeMap<i64, Date>,
    from: Option<Date>,
    book: Arc<TariffBook>,
) -> Result<Option<CorrectionInputs>, SettlementError> {
    let Some(last) = last_settled(tx, org).await? else { return Ok(None) };
    touched.retain(|_, day| *day <= last.day);
    let Some(first) = touched.values().min().copied() else { return Ok(None) };
    let from = from.unwrap_or_else(|| reach(first));
    let calendar = working_calendar(&book);
    Ok(Some(CorrectionInputs {
        org,
        touched,
        through: last.day,
        version: next_version(tx, org).await?,
        from,
        catalogue: files_between(tx, org, (from, last.day), &calendar).await?,
        weather: weather(tx, org, (from, last.day)).await?,
        book,
    }))
}

impl CorrectionInputs {
    /// The first day that is settled again.
    #[must_use]
    pub fn first(&self) -> Date {
        self.touched.values().min().copied().unwrap_or(self.through)
    }

    /// The last day that is settled again: the last settled one.
    #[must_use]
    pub const fn through(&self) -> Date {
        self.through
    }

    /// Runs the lake's arithmetic; see [`super::DayInputs::compute`].
    ///
    /// # Errors
    /// As [`super::DayInputs::compute`].
    pub fn compute(&self, lake: &Lake, vee: &RuleSet) -> Result<Outcome, LakeError> {
        let rules = Rules { library: self.book.library(), weather: &self.weather, vee };
        let catalogue = Reaching { from: self.from, days: &self.catalogue };
        let (org, version) = (self.org.get(), self.version);
        resettle(lake, org, &self.touched, self.through, version, &catalogue, rules)
    }
}

/// Makes a correction count.
///
/// # Errors
/// [`SettlementError::OutOfOrder`] when a day was settled meanwhile: the correction does not reach
/// it and must be computed again; denied.
pub async fn commit_correction(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    run: Id,
    inputs: &CorrectionInputs,
    outcome: &Outcome,
    vee: &RuleSet,
) -> Result<Corrected, SettlementError> {
    let org = inputs.org;
    ctx.require(Right::SettlementRun, org)?;
    tx.lock("settlement", org).await?;
    if let Some(last) = last_settled(tx, org).await?.filter(|last| last.day > inputs.through) {
        return Err(SettlementError::OutOfOrder { day: inputs.through, missing: last.day });
    }
    for file in &outcome.files {
        count_file(tx, org, Some(run), file).await?;
    }
    clear_untrue(tx, inputs, outcome).await?;
    findings::record(tx, org, &outcome.exceptions, vee).await?;
    findings::record_changes(tx, org, run, &outcome.changes).await?;
    let mut charge_change_units = 0;
    for change in &outcome.changes {
        charge_change_units += change.charge_after - change.charge_before;
    }
    let corrected = Corrected { changed_days: outcome.changes.len() as u64, charge_change_units };
    let payload = json!({
        "changed_days": corrected.changed_days,
        "charge_change_units": charge_change_units,
    });
    let (actor, request) = (ctx.actor_name(), ctx.request);
    let fact = Fact { org, kind: "supply.days_resettled", subject: run, payload, actor, request };
    tx.emit(fact).await?;
    Ok(corrected)
}

/// Open findings of the touched usage points that the new computation no longer has are cleared.
async fn clear_untrue(
    tx: &mut Tx,
    inputs: &CorrectionInputs,
    outcome: &Outcome,
) -> Result<(), SettlementError> {
    let found = |usage_point: i64, day: Date, rule: &str| {
        outcome.exceptions.iter().any(|exception| {
            exception.usage_point == usage_point
                && exception.day == day
                && RuleId::from_id(rule).is_some_and(|rule| exception.hits.has(rule))
        })
    };
    for (usage_point, from) in &inputs.touched {
        let id = Id::from_i64(*usage_point);
        for (day, rule) in open_findings_since(tx, inputs.org, id, *from).await? {
            if !found(*usage_point, day, &rule) {
                clear_exception(tx, inputs.org, id, day, &rule).await?;
            }
        }
    }
    Ok(())
}
