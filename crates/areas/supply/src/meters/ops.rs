//! Registering, hanging, exchanging and removing meters.

use access::{Ctx, Right};
use kernel::{Date, Id};
use serde_json::json;
use store::{Fact, OnConflict, Tx};

use super::{
    MeterError, NewMeter, Placement, Registers,
    store::{
        InstallationRow, MeterRow, close_installation, installation_in_force, meter_by_asset_no,
        meter_by_id, set_meter_state,
    },
};

/// Registers a meter that came into stock.
///
/// # Errors
/// [`MeterError::AssetNoTaken`], [`MeterError::Impossible`], denied.
pub async fn register(ctx: &Ctx<'_>, tx: &mut Tx, org: Id, new: &NewMeter) -> Result<Id, MeterError> {
    ctx.require(Right::MeterWrite, org)?;
    check(new)?;
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

/// Loads many meters, each hung where it is: imports and the demo. Rows that exist stay.
///
/// # Errors
/// [`MeterError::Impossible`], denied, or the database's refusal.
pub async fn load(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    meters: &[(NewMeter, Placement)],
) -> Result<u64, MeterError> {
    ctx.require(Right::MeterWrite, org)?;
    let (mut assets, mut places) = (Vec::new(), Vec::new());
    for (new, placement) in meters {
        check(new)?;
        let asset = meter_row(tx, org, new, "installed");
        let placement = Placement { meter: asset.id, ..placement.clone() };
        places.push(installation_row(tx, ctx.actor_id(), org, &placement));
        assets.push(asset);
    }
    let loaded = tx.insert_all("meter", &assets, OnConflict::Fail).await?;
    tx.insert_all("meter_installation", &places, OnConflict::Fail).await?;
    let terms: Vec<_> =
        meters.iter().map(|(new, at)| (at.usage_point, new.asset_no.as_str())).collect();
    registry::search::load_meter_terms(tx, org, &terms).await?;
    Ok(loaded)
}

fn check(new: &NewMeter) -> Result<(), MeterError> {
    let fits = matches!(new.phases, 1 | 3)
        && (3..=9).contains(&new.digits)
        && new.register_scale <= 6
        && matches!(new.interval_minutes, 0 | 15 | 30 | 60);
    if !fits {
        return Err(MeterError::Impossible(
            "a meter has 1 or 3 phases, 3 to 9 digits, at most 6 decimals, and intervals of 15, 30 or 60 minutes",
        ));
    }
    if new.asset_no.trim().is_empty() {
        return Err(MeterError::Impossible("a meter needs its asset number"));
    }
    Ok(())
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
