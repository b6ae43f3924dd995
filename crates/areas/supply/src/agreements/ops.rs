//! Making, changing and ending agreements.

use std::collections::BTreeMap;

use access::{Ctx, Right};
use kernel::{Date, Id};
use serde_json::json;
use store::{Fact, OnConflict, Tx};

use super::{
    AgreementError, BasicCharge, NewAgreement,
    store::{
        AgreementRow, agreement_by_id, agreement_from, agreement_spans, billed_to, end_agreement,
    },
};
use crate::{audit, settlement::mark_terms};

/// Makes a first agreement for a usage point.
///
/// # Errors
/// [`AgreementError::Overlaps`] when one reaches into its days, [`AgreementError::Terms`], denied.
pub async fn open(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    new: &NewAgreement,
) -> Result<Id, AgreementError> {
    ctx.require(Right::AgreementWrite, org)?;
    check_terms(new)?;
    if let Some((_, from)) = agreement_from(tx, org, new.usage_point, new.valid_from).await? {
        return Err(AgreementError::Overlaps(from.max(new.valid_from)));
    }
    let row = row(tx, ctx.actor_id(), org, new);
    tx.insert("agreement", &row).await?;
    mark_terms(tx, org, [(row.usage_point, row.valid_from)]).await?;
    emit(ctx, tx, org, "supply.agreement_opened", &row).await?;
    let after = json!({
        "what": "opened", "account": row.account, "usage_point": row.usage_point,
        "tariff": row.tariff_code, "from": row.valid_from,
    });
    let object = format!("agreement:{}", row.id);
    audit(ctx, tx, (org, Right::AgreementWrite), &object, (None, after)).await?;
    Ok(row.id)
}

/// Ends an agreement on the first day of its successor and makes the successor: a change of
/// tariff, capacity or demand. Days that are billed already are not reached.
///
/// # Errors
/// As [`open`], and [`AgreementError::Billed`], [`AgreementError::NotAfterStart`],
/// [`AgreementError::Changed`].
pub async fn change(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (id, version): (Id, i64),
    successor: &NewAgreement,
    reason: &str,
) -> Result<Id, AgreementError> {
    check_terms(successor)?;
    end(ctx, tx, org, (id, version), successor.valid_from, reason).await?;
    open(ctx, tx, org, successor).await
}

/// Ends an agreement: `on` is the first day it no longer covers (销户, 过户).
///
/// # Errors
/// As [`change`].
pub async fn end(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    (id, version): (Id, i64),
    on: Date,
    reason: &str,
) -> Result<(), AgreementError> {
    ctx.require(Right::AgreementWrite, org)?;
    let row = agreement_by_id(tx, org, id).await?.ok_or(AgreementError::NotFound)?;
    if on <= row.valid_from {
        return Err(AgreementError::NotAfterStart(on));
    }
    let billed =
        billed_to(tx, org, row.usage_point).await?.and_then(|day| day.parse::<Date>().ok());
    if let Some(billed) = billed.filter(|billed| on < *billed) {
        return Err(AgreementError::Billed { asked: on, billed });
    }
    if end_agreement(tx, org, id, on, reason, version).await? == 0 {
        return Err(AgreementError::Changed);
    }
    mark_terms(tx, org, [(row.usage_point, on)]).await?;
    emit(ctx, tx, org, "supply.agreement_ended", &row).await?;
    let change = (
        Some(json!({ "tariff": row.tariff_code, "from": row.valid_from })),
        json!({ "what": "ended", "on": on, "reason": reason }),
    );
    audit(ctx, tx, (org, Right::AgreementWrite), &format!("agreement:{id}"), change).await?;
    Ok(())
}

/// Loads many agreements of usage points that have none yet: imports and the demo. The unique
/// key on usage point and start makes a second load of the same rows change nothing.
///
/// # Errors
/// [`AgreementError::Terms`], denied, or the database's refusal.
pub async fn load(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    news: &[NewAgreement],
) -> Result<u64, AgreementError> {
    let (loaded, wrong) = load_each(ctx, tx, org, news).await?;
    match wrong.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(loaded),
    }
}

/// As [`load`], but an agreement that cannot be loaded is told by its place in the list, and the
/// others are loaded nevertheless.
///
/// # Errors
/// Denied, or the database's refusal.
pub async fn load_each(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    news: &[NewAgreement],
) -> Result<(u64, Vec<(usize, AgreementError)>), AgreementError> {
    ctx.require(Right::AgreementWrite, org)?;
    let mut known: BTreeMap<Id, Vec<(Date, Option<Date>)>> = BTreeMap::new();
    if !news.is_empty() {
        for (usage_point, from, to) in agreement_spans(tx, org).await? {
            known.entry(usage_point).or_default().push((from, to));
        }
    }
    let (mut rows, mut wrong) = (Vec::with_capacity(news.len()), Vec::new());
    for (place, new) in news.iter().enumerate() {
        if let Err(error) = check_terms(new) {
            wrong.push((place, error));
            continue;
        }
        let spans = known.entry(new.usage_point).or_default();
        if spans.iter().any(|(from, _)| *from == new.valid_from) {
            continue;
        }
        if spans.iter().any(|(_, to)| to.is_none_or(|to| to > new.valid_from)) {
            wrong.push((place, AgreementError::Overlaps(new.valid_from)));
            continue;
        }
        spans.push((new.valid_from, None));
        rows.push(row(tx, ctx.actor_id(), org, new));
    }
    mark_terms(tx, org, rows.iter().map(|row| (row.usage_point, row.valid_from))).await?;
    let loaded = tx.insert_all("agreement", &rows, OnConflict::Keep).await?;
    if loaded > 0 {
        let after = json!({ "what": "loaded", "count": loaded });
        let object = format!("organisation:{org}");
        audit(ctx, tx, (org, Right::AgreementWrite), &object, (None, after)).await?;
    }
    Ok((loaded, wrong))
}

fn check_terms(new: &NewAgreement) -> Result<(), AgreementError> {
    match new.basic_charge {
        BasicCharge::Capacity if new.capacity.ukva() <= 0 => {
            Err(AgreementError::Terms("a basic charge by capacity needs a contracted capacity"))
        }
        BasicCharge::ContractDemand if new.contract_demand.ukw() <= 0 => Err(
            AgreementError::Terms("a basic charge by contract demand needs the contracted demand"),
        ),
        _ if new.tariff_code.trim().is_empty() => Err(AgreementError::Terms("choose a tariff")),
        _ => Ok(()),
    }
}

fn row(tx: &Tx, actor: Id, org: Id, new: &NewAgreement) -> AgreementRow {
    AgreementRow {
        id: tx.next_id(),
        org,
        account: new.account,
        usage_point: new.usage_point,
        tariff_code: new.tariff_code.clone(),
        valid_from: new.valid_from,
        valid_to: None,
        capacity_ukva: new.capacity.ukva(),
        contract_demand_ukw: new.contract_demand.ukw(),
        basic_charge: new.basic_charge.word().to_owned(),
        family_of_five: new.family_of_five,
        low_income: new.low_income,
        created_at: tx.now(),
        created_by: actor,
        ended_reason: None,
        version: 1,
    }
}

async fn emit(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    kind: &'static str,
    row: &AgreementRow,
) -> Result<(), AgreementError> {
    let payload = json!({ "usage_point": row.usage_point, "tariff_code": row.tariff_code });
    tx.emit(Fact {
        org,
        kind,
        subject: row.id,
        payload,
        actor: ctx.actor_name(),
        request: ctx.request,
    })
    .await?;
    Ok(())
}
