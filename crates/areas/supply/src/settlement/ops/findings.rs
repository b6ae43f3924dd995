//! What a settlement found, written down for people: findings, reading success per 台区, changes.

use std::collections::BTreeMap;

use kernel::{Date, Id};
use lake::settle::{Collection, DayChange, DayException};
use metering::vee::{Language, RuleId, RuleSet, Severity};
use serde_json::json;
use store::{OnConflict, Tx};

use crate::{
    readings::{CollectionRow, ExceptionRow, clear_collection},
    settlement::{
        SettlementError,
        store::{ResettlementRow, resettled},
    },
};

/// Writes findings; one that is known already stays as it is. How many were new.
///
/// # Errors
/// When the database refuses.
pub(super) async fn record(
    tx: &mut Tx,
    org: Id,
    exceptions: &[DayException],
    vee: &RuleSet,
) -> Result<i64, SettlementError> {
    let mut rows = Vec::new();
    for exception in exceptions {
        for finding in exception.findings(vee) {
            let words = json!({
                "zh": finding.explain(Language::Zh),
                "en": finding.explain(Language::En),
                "numbers": finding.operands,
                "held": exception.held,
            });
            rows.push(ExceptionRow {
                id: tx.next_id(),
                org,
                usage_point: Id::from_i64(exception.usage_point),
                account: Id::from_i64(exception.account),
                meter: Id::from_i64(exception.meter),
                day: exception.day,
                rule: finding.rule.id().to_owned(),
                severity: severity_word(finding.rule).to_owned(),
                finding: words.to_string(),
                state: "open".to_owned(),
                decision: None,
                reason: None,
                decided_by: None,
                decided_at: None,
                created_at: tx.now(),
                version: 1,
            });
        }
    }
    let new = tx.insert_all("reading_exception", &rows, OnConflict::Keep).await?;
    i64::try_from(new).map_err(|_| SettlementError::TooMany("findings"))
}

/// How much a rule's finding holds up. A gap is a note: it is estimated at once and corrected by
/// the next reading; it is listed, not queued.
const fn severity_word(rule: RuleId) -> &'static str {
    match (rule, rule.severity()) {
        (RuleId::Gap, _) | (_, Severity::Note) => "note",
        (_, Severity::Warn) => "warn",
        (_, Severity::Stop) => "stop",
    }
}

/// Writes a day's reading success, replacing what was there.
///
/// # Errors
/// When the database refuses.
pub(super) async fn record_collection(
    tx: &mut Tx,
    org: Id,
    day: Date,
    areas: &BTreeMap<i64, Collection>,
) -> Result<(), SettlementError> {
    clear_collection(tx, org, day).await?;
    let rows: Vec<_> = areas
        .iter()
        .map(|(area, count)| CollectionRow {
            org,
            day,
            transformer_area: Id::from_i64(*area),
            expected_count: count.expected,
            received_count: count.received,
            dedicated_expected_count: count.dedicated_expected,
            dedicated_received_count: count.dedicated_received,
        })
        .collect();
    tx.insert_all("collection_day", &rows, OnConflict::Fail).await?;
    Ok(())
}

/// Writes what a run changed in days that were settled before.
///
/// # Errors
/// When the database refuses.
pub(super) async fn record_changes(
    tx: &mut Tx,
    org: Id,
    run: Id,
    changes: &[DayChange],
) -> Result<(), SettlementError> {
    let rows: Vec<_> = changes
        .iter()
        .map(|change| ResettlementRow {
            id: tx.next_id(),
            org,
            run,
            usage_point: Id::from_i64(change.usage_point),
            day: change.day,
            energy_before_ukwh: change.energy_before_ukwh,
            energy_after_ukwh: change.energy_after_ukwh,
            charge_before_units: change.charge_before,
            charge_after_units: change.charge_after,
            demand_before_ukw: change.beside_before.demand_max_ukw,
            demand_after_ukw: change.beside_after.demand_max_ukw,
            reactive_forward_before_ukvarh: change.beside_before.reactive_forward_ukvarh,
            reactive_forward_after_ukvarh: change.beside_after.reactive_forward_ukvarh,
            reactive_reverse_before_ukvarh: change.beside_before.reactive_reverse_ukvarh,
            reactive_reverse_after_ukvarh: change.beside_after.reactive_reverse_ukvarh,
        })
        .collect();
    tx.insert_all("resettlement", &rows, OnConflict::Fail).await?;
    let mut days: BTreeMap<Date, (i64, i64)> = BTreeMap::new();
    for row in &rows {
        let sums = days.entry(row.day).or_default();
        sums.0 += row.energy_after_ukwh - row.energy_before_ukwh;
        sums.1 += row.charge_after_units - row.charge_before_units;
    }
    let version = super::day::next_version(tx, org).await?;
    for (day, (energy, charge)) in days {
        resettled(tx, org, day, version, run, energy, charge, tx.now()).await?;
    }
    Ok(())
}
