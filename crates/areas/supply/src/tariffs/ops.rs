//! Publishing.

use access::{Ctx, Right};
use kernel::Id;
use serde_json::json;
use store::{Fact, Tx};

use super::{
    TariffBookError,
    queries::TariffBook,
    store::{TariffRow, documents},
};
use crate::audit;

/// Publishes a document: a tariff, a power-factor table or a calendar, in TOML. It is compiled
/// together with everything published before, so a hole in its windows, or two versions that
/// claim the same days, is refused here and not at the first bill.
///
/// # Errors
/// [`TariffBookError::Document`] with the place and the reason, [`TariffBookError::Published`]
/// for the same text again, denied.
pub async fn publish(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    name: &str,
    text: &str,
) -> Result<Id, TariffBookError> {
    ctx.require(Right::TariffPublish, org)?;
    let mut rows = documents(tx, org).await?;
    let sha256 = tariff::hash_text(text);
    if let Some(same) = rows.iter().find(|row| row.document_sha256 == sha256) {
        let (code, version) = (same.code.clone(), same.version);
        return Err(TariffBookError::Published { code, version });
    }
    let mut row = TariffRow {
        id: tx.next_id(),
        org,
        kind: String::new(),
        code: name.to_owned(),
        version: 1,
        title: name.to_owned(),
        region: String::new(),
        valid_from: None,
        valid_to: None,
        document: text.to_owned(),
        document_sha256: sha256,
        published_at: tx.now(),
        published_by: ctx.actor_id(),
    };
    let plans_before = TariffBook::compile(rows.clone())?.library().plans().len();
    rows.push(row.clone());
    let book = TariffBook::compile(rows)?;
    describe(&mut row, &book, plans_before);
    let versions =
        book.rows().iter().filter(|other| other.kind == row.kind && other.code == row.code);
    row.version = versions.map(|other| other.version).max().unwrap_or(0) + 1;
    tx.insert("tariff_document", &row).await?;
    let payload =
        json!({ "code": row.code, "version": row.version, "sha256": row.document_sha256 });
    let mut after = payload.clone();
    after["what"] = json!("published");
    let object = format!("tariff:{}", row.id);
    audit(ctx, tx, (org, Right::TariffPublish), &object, (None, after)).await?;
    tx.emit(Fact {
        org,
        kind: "supply.tariff_published",
        subject: row.id,
        payload,
        actor: ctx.actor_name(),
        request: ctx.request,
    })
    .await?;
    Ok(row.id)
}

/// Takes from the compiled document what lists show of it.
fn describe(row: &mut TariffRow, book: &TariffBook, plans_before: usize) {
    let Some(plan) = book.library().plans().get(plans_before) else {
        row.kind =
            if row.document.contains("[calendar]") { "calendar" } else { "power_factor_table" }
                .to_owned();
        return;
    };
    row.kind = "tariff".to_owned();
    row.code = plan.head.id.clone();
    row.title = plan.head.name.zh.clone();
    row.region = plan.head.region.clone();
    row.valid_from = Some(plan.head.valid.from());
    row.valid_to = plan.head.valid.to();
}
