//! Lists of alerts, and how often each rule was right.

use kernel::Id;
use store::{Page, Paged, Tx};

use super::{
    AlertError,
    store::{AlertRow, alerts, closed_by_code},
};

/// A page of alerts, the most urgent first: in a state (`waiting`, or one of the stored; empty: all), of
/// a kind (empty: all), of an owner (0: all).
///
/// # Errors
/// When the database does not answer.
pub async fn alert_list(
    tx: &mut Tx,
    org: Id,
    (state, kind, owner): (&str, &str, Id),
    page: &Page,
) -> Result<Paged<AlertRow>, AlertError> {
    let due: i64 = page.after_text().parse().unwrap_or(0);
    let rows = alerts(tx, org, state, kind, owner, due, page.after(), page.limit()).await?;
    Ok(page.cut(rows, |row| (row.id, row.due_at.micros().to_string())))
}

/// How often alerts of a code were right (S-060).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertPrecision {
    /// The rule, or the code of the catalogue.
    pub code: String,
    /// Closed with an outcome.
    pub total: i64,
    /// Of these, right.
    pub confirmed: i64,
}

/// Precision by rule: confirmed of all that were closed with an outcome.
///
/// # Errors
/// When the database does not answer.
pub async fn alert_precision(tx: &mut Tx, org: Id) -> Result<Vec<AlertPrecision>, AlertError> {
    let mut rules: Vec<AlertPrecision> = Vec::new();
    for (code, outcome, count) in closed_by_code(tx, org).await? {
        if rules.last().is_none_or(|last| last.code != code) {
            rules.push(AlertPrecision { code, total: 0, confirmed: 0 });
        }
        if let Some(last) = rules.last_mut() {
            last.total += count;
            last.confirmed += if outcome == "confirmed" { count } else { 0 };
        }
    }
    Ok(rules)
}
