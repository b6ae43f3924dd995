//! Looking at personal data in clear.

use kernel::Id;
use store::{AuditEntry, Tx, Verdict};

use crate::{AccessError, Ctx, Right};

/// The shortest purpose, characters, and the longest.
const PURPOSE_MIN: usize = 2;
const PURPOSE_MAX: usize = 200;

/// A wish to see personal data in clear.
#[derive(Debug, Clone, Copy)]
pub struct Reveal<'a> {
    /// The organisation of the object.
    pub org: Id,
    /// Whose data, for example `person:9`.
    pub object: &'a str,
    /// Which fields, for example `["phone", "address"]`.
    pub fields: &'a [&'a str],
    /// Why.
    pub purpose: &'a str,
}

/// Evidence that a look in clear was allowed and written down. It cannot be made in another way;
/// whatever shows clear data asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    object: String,
    fields: Vec<String>,
}

impl Clearance {
    /// Whether it covers a field of an object.
    #[must_use]
    pub fn covers(&self, object: &str, field: &str) -> bool {
        self.object == object && self.fields.iter().any(|f| f == field)
    }
}

/// Allows a look at personal data in clear, and writes it into the audit trail.
///
/// # Errors
/// [`AccessError::Denied`]; [`AccessError::Invalid`] without a purpose or a field.
pub async fn reveal(
    ctx: &Ctx<'_>,
    tx: &mut Tx,
    wish: Reveal<'_>,
) -> Result<Clearance, AccessError> {
    ctx.require(Right::CustomerReadPersonal, wish.org)?;
    let purpose = wish.purpose.trim();
    let length = purpose.chars().count();
    if !(PURPOSE_MIN..=PURPOSE_MAX).contains(&length) {
        let message = format!("say why you need it, in {PURPOSE_MIN} to {PURPOSE_MAX} characters");
        return Err(AccessError::invalid("purpose", message));
    }
    if wish.fields.is_empty() {
        return Err(AccessError::invalid("fields", "say which fields you need"));
    }
    let after = serde_json::json!({"fields": wish.fields});
    tx.audit(AuditEntry {
        org: wish.org,
        actor: ctx.actor_name(),
        action: Right::CustomerReadPersonal.name(),
        object: wish.object,
        purpose: Some(purpose),
        outcome: Verdict::Allowed,
        before: None,
        after: Some(&after),
        request: ctx.request,
    })
    .await?;
    let fields = wish.fields.iter().map(|f| (*f).to_owned()).collect();
    Ok(Clearance { object: wish.object.to_owned(), fields })
}
