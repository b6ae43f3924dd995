//! Registering, hanging, exchanging and removing meters.

use std::collections::{BTreeMap, HashSet};

use access::{Ctx, Right};
use kernel::{Date, Id};
use serde_json::json;
use store::{Fact, OnConflict, Tx};

use super::{
    MeterError, NewMeter, Placement, Registers,
    store::{
        InstallationRow, MeterRow, close_installation, installation_in_force, known_installations,
        meter_by_asset_no, meter_by_id, set_meter_state,
    },
};
use crate::settlement::mark_terms;

/// Registers a meter that came into stock.
///
/// # Errors
/// [`MeterError::AssetNoTaken`], [`MeterError::Impossible`], denied.
pub async fn register(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    new: &NewMeter,
) -> Result<Id, MeterError> {
    ctx.require(Right::MeterWrite, org)?;
    new.check()?;
    if meter_by_asset_no(tx, org, &new.asset_no).await?.is_some() {
        return Err(MeterError::AssetNoTaken(new.asset_no.clone()));
    }
    let row = meter_row(tx, org, new, "in_stock");
    tx.insert("meter", &row).await?;
    Ok(row.id)
}

/// Hangs a meter from stock at a usage point that has none.
///
/// # Errors
/// [`MeterError::Occupied`] when either is taken, denied.
pub async fn install(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    placement: &Placement,
) -> Result<Id, MeterError> {
    ctx.require(Right::MeterWrite, org)?;
    if placement.ratio.numerator() <= 0 {
        return Err(MeterError::Impossible("a multiplier is positive"));
    }
    if installation_in_force(tx, org, placement.usage_point).await?.is_some()
        || set_meter_state(tx, org, placement.meter, "in_stock", "installed").await? == 0
    {
        return Err(MeterError::Occupied);
    }
    let row = installation_row(tx, ctx.actor_id(), org, placement);
    tx.insert("meter_installation", &row).await?;
    mark_terms(tx, org, [(row.usage_point, row.installed_on)]).await?;
    let meter = meter_by_id(tx, org, placement.meter).await?.ok_or(MeterError::NotFound)?;
    registry::search::add_meter_terms(tx, org, placement.usage_point, &meter.asset_no).await?;
    let payload = json!({ "meter": placement.meter, "usage_point": placement.usage_point });
    emit(ctx, tx, org, "supply.meter_installed", row.id, payload).await?;
    Ok(row.id)
}

/// Takes down the meter of a usage point with its closing read.
///
/// # Errors
/// [`MeterError::NoMeter`], [`MeterError::BeforeInstallation`], denied.
pub async fn remove(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    usage_point: Id,
    (on, closing, reason): (Date, &Registers, &str),
) -> Result<Id, MeterError> {
    ctx.require(Right::MeterWrite, org)?;
    let row = installation_in_force(tx, org, usage_point).await?.ok_or(MeterError::NoMeter)?;
    if on < row.installed_on {
        return Err(MeterError::BeforeInstallation { installed: row.installed_on, asked: on });
    }
    let registers = words(closing)?;
    if close_installation(tx, org, row.id, on, &registers, reason).await? == 0 {
        return Err(MeterError::NoMeter);
    }
    set_meter_state(tx, org, row.meter, "installed", "removed").await?;
    mark_terms(tx, org, [(usage_point, on)]).await?;
    let meter = meter_by_id(tx, org, row.meter).await?.ok_or(MeterError::NotFound)?;
    registry::search::remove_meter_terms(tx, org, usage_point, &meter.asset_no).await?;
    let payload = json!({ "meter": row.meter, "usage_point": usage_point, "reason": reason });
    emit(ctx, tx, org, "supply.meter_removed", row.id, payload).await?;
    Ok(row.meter)
}

/// Exchanges the meter of a usage point (换表): the old one's closing read and the new one's
/// opening read are of the same day, so that consumption is continuous.
///
/// # Errors
/// As [`remove`] and [`install`].
pub async fn exchange(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (closing, reason): (&Registers, &str),
    placement: &Placement,
) -> Result<Id, MeterError> {
    remove(ctx, tx, org, placement.usage_point, (placement.on, closing, reason)).await?;
    install(ctx, tx, org, placement).await
}

/// A meter to be loaded with where it hung, and its removal where it was removed: day, registers,
/// reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadMeter {
    /// The meter.
    pub meter: NewMeter,
    /// Where it hung; its `meter` is not looked at.
    pub placement: Placement,
    /// Its removal.
    pub removal: Option<(Date, Registers, String)>,
}

/// Loads many meters, each hung where it is: imports and the demo. Meters that exist stay, so a
/// list can be loaded again. The number of new ones.
///
/// # Errors
/// [`MeterError::Impossible`], denied, or the database's refusal.
pub async fn load(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    meters: &[(NewMeter, Placement)],
) -> Result<u64, MeterError> {
    let meters: Vec<LoadMeter> = meters
        .iter()
        .map(|(meter, placement)| LoadMeter {
            meter: meter.clone(),
            placement: placement.clone(),
            removal: None,
        })
        .collect();
    load_history(ctx, tx, org, &meters).await
}

/// As [`load`], with meters that were removed since: a usage point may have several, one after
/// the other.
///
/// # Errors
/// As [`load`]; [`MeterError::Occupied`] when a usage point would have two meters at a time.
pub async fn load_history(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    meters: &[LoadMeter],
) -> Result<u64, MeterError> {
    let (loaded, wrong) = load_each(ctx, tx, org, meters).await?;
    match wrong.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(loaded),
    }
}

/// As [`load_history`], but a meter that cannot be loaded is told by its place in the list, and
/// the others are loaded nevertheless.
///
/// # Errors
/// Denied, or the database's refusal.
pub async fn load_each(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    meters: &[LoadMeter],
) -> Result<(u64, Vec<(usize, MeterError)>), MeterError> {
    ctx.require(Right::MeterWrite, org)?;
    let mut wrong = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    let mut hung: BTreeMap<Id, Vec<Hung>> = BTreeMap::new();
    if !meters.is_empty() {
        known_installations(tx, org, |(asset_no, usage_point, from, to)| {
            known.insert(asset_no);
            hung.entry(usage_point).or_default().push((from, to));
            Ok::<(), MeterError>(())
        })
        .await?;
    }
    let (mut assets, mut places, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    for (place, load) in meters.iter().enumerate() {
        if let Err(error) = load.meter.check() {
            wrong.push((place, error));
            continue;
        }
        if !known.insert(load.meter.asset_no.clone()) {
            continue;
        }
        let to = load.removal.as_ref().map(|removal| removal.0);
        let at = hung.entry(load.placement.usage_point).or_default();
        let span = (load.placement.on, to);
        if at.iter().any(|other| overlap(*other, span)) {
            wrong.push((place, MeterError::Occupied));
            continue;
        }
        at.push(span);
        let state = if to.is_some() { "removed" } else { "installed" };
        let asset = meter_row(tx, org, &load.meter, state);
        let placement = Placement { meter: asset.id, ..load.placement.clone() };
        let mut place = installation_row(tx, ctx.actor_id(), org, &placement);
        if let Some((on, closing, reason)) = &load.removal {
            place.removed_on = Some(*on);
            place.closing_registers = Some(words(closing)?);
            place.removal_reason = Some(reason.clone());
        } else {
            terms.push((placement.usage_point, load.meter.asset_no.as_str()));
        }
        places.push(place);
        assets.push(asset);
    }
    let loaded = tx.insert_all("meter", &assets, OnConflict::Fail).await?;
    tx.insert_all("meter_installation", &places, OnConflict::Fail).await?;
    let days = |row: &InstallationRow| [Some(row.installed_on), row.removed_on];
    let changes = places.iter().flat_map(|row| days(row).map(|day| (row.usage_point, day)));
    let changes = changes.filter_map(|(usage_point, day)| Some((usage_point, day?)));
    mark_terms(tx, org, changes).await?;
    registry::search::load_meter_terms(tx, org, &terms).await?;
    Ok((loaded, wrong))
}

/// From the first day to the day of removal, when another may be hung.
type Hung = (Date, Option<Date>);

fn overlap((from, to): Hung, (other_from, other_to): Hung) -> bool {
    to.is_none_or(|to| other_from < to) && other_to.is_none_or(|to| from < to)
}

fn meter_row(tx: &Tx, org: Id, new: &NewMeter, state: &str) -> MeterRow {
    MeterRow {
        id: tx.next_id(),
        org,
        asset_no: new.asset_no.clone(),
        model: new.model.clone(),
        phases: new.phases.into(),
        digits: new.digits.into(),
        register_scale: new.register_scale.into(),
        has_tou: new.has_tou,
        has_demand: new.has_demand,
        interval_minutes: new.interval_minutes.into(),
        made_on: new.made_on,
        expires_on: new.expires_on,
        state: state.to_owned(),
        created_at: tx.now(),
        version: 1,
        concentrator: new.concentrator.trim().to_owned(),
    }
}

fn installation_row(tx: &Tx, actor: Id, org: Id, placement: &Placement) -> InstallationRow {
    InstallationRow {
        id: tx.next_id(),
        org,
        meter: placement.meter,
        usage_point: placement.usage_point,
        ratio_numerator: placement.ratio.numerator(),
        ratio_denominator: placement.ratio.denominator(),
        installed_on: placement.on,
        removed_on: None,
        opening_registers: words(&placement.opening).unwrap_or_else(|_| "{}".to_owned()),
        closing_registers: None,
        removal_reason: None,
        created_at: tx.now(),
        created_by: actor,
        version: 1,
    }
}

fn words(registers: &Registers) -> Result<String, MeterError> {
    serde_json::to_string(registers)
        .map_err(|_| MeterError::Impossible("these register readings cannot be written down"))
}

async fn emit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    kind: &'static str,
    subject: Id,
    payload: serde_json::Value,
) -> Result<(), MeterError> {
    let (actor, request) = (ctx.actor_name(), ctx.request);
    tx.emit(Fact { org, kind, subject, payload, actor, request }).await?;
    Ok(())
}
