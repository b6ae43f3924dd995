//! Lists of 台区 and of the usage points of one.

use access::{Ctx, Right};
use kernel::{Date, Id};
use store::{Page, Paged, Tx};

use super::store as sql;
pub use super::store::AreaSummary;
use crate::{PersonKind, RegistryError, UsageClass, words::mask};

/// A usage point in the list of its 台区, masked.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AreaUsagePoint {
    /// The usage point.
    pub id: Id,
    /// Its code.
    pub code: String,
    /// The account.
    pub account: Id,
    /// 户号
    pub account_no: String,
    /// The person.
    pub person: Id,
    /// Person or company.
    pub person_kind: PersonKind,
    /// The name, masked.
    pub name: String,
    /// The address, masked.
    pub address: String,
    /// What it uses electricity for.
    pub class: UsageClass,
    /// Since when it is closed.
    pub closed_on: Option<Date>,
}

/// The 台区 of an organisation by code, with line, station and the number of usage points in
/// service.
///
/// # Errors
/// Denied; the database.
pub async fn transformer_areas(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    page: &Page,
) -> Result<Paged<AreaSummary>, RegistryError> {
    ctx.require(Right::CustomerRead, org)?;
    let rows = sql::area_page(tx, org, page.after_text(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, row.code.clone())))
}

/// The usage points of a 台区 by code, masked.
///
/// # Errors
/// Denied; the database.
pub async fn usage_points_of_area(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    org: Id,
    area: Id,
    page: &Page,
) -> Result<Paged<AreaUsagePoint>, RegistryError> {
    ctx.require(Right::CustomerRead, org)?;
    let rows = sql::area_usage_points(tx, org, area, page.after_text(), page.limit()).await?;
    let paged = page.cut(rows, |row| (row.id, row.code.clone()));
    let items = paged.items.into_iter().map(|row| AreaUsagePoint {
        id: row.id,
        code: row.code,
        account: row.account,
        account_no: row.account_no,
        person: row.person,
        person_kind: row.person_kind,
        name: mask::name(row.person_kind, &row.name),
        address: mask::address(&row.address),
        class: row.class,
        closed_on: row.closed_on,
    });
    Ok(Paged { items: items.collect(), next: paged.next })
}
