//! Forms for contact points and identities, and their normal forms.

use serde_json::{Value as Json, json};

use super::store::ContactPoint;
use crate::{
    Channel, ContactRole, FieldError, Scheme,
    fields::Faults,
    words::{mask, normal},
};

/// A contact point as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
pub struct ContactForm {
    /// `sms`, `phone`, `email`, `wechat` or `post`.
    pub channel: String,
    /// Number or address.
    pub value: String,
    /// `payer`, `user` or `emergency`.
    pub role: String,
    /// Whether the person wants to be reached here first.
    #[serde(default)]
    pub preferred: bool,
}

/// A contact point in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    pub channel: Channel,
    pub value: String,
    pub role: ContactRole,
    pub preferred: bool,
}

impl ContactForm {
    pub(crate) fn parse(&self) -> Result<Contact, Vec<FieldError>> {
        let mut faults = Faults::default();
        let channel = faults.take("channel", self.channel.parse::<Channel>());
        let role = faults.take("role", self.role.parse::<ContactRole>());
        let value = channel.and_then(|channel| {
            faults.take(
                "value",
                match channel {
                    Channel::Sms | Channel::Phone => normal::phone(&self.value),
                    Channel::Email => normal::email(&self.value),
                    Channel::Wechat => normal::line(&self.value, 64),
                    Channel::Post => normal::line(&self.value, 200),
                },
            )
        });
        match (channel, value, role) {
            (Some(channel), Some(value), Some(role)) => {
                Ok(Contact { channel, value, role, preferred: self.preferred })
            }
            _ => Err(faults.0),
        }
    }
}

/// By what a person is known, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
pub struct IdentityForm {
    /// `phone`, `id_card`, `credit_code`, `passport`, `wechat`, `email` or `other`.
    pub scheme: String,
    /// The number or address.
    pub value: String,
}

impl IdentityForm {
    /// Scheme and normal form.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn parse(&self) -> Result<(Scheme, String), Vec<FieldError>> {
        let mut faults = Faults::default();
        let scheme = faults.take("scheme", self.scheme.parse::<Scheme>());
        let value = scheme.and_then(|scheme| {
            faults.take(
                "value",
                match scheme {
                    Scheme::Phone => normal::phone(&self.value),
                    Scheme::IdCard => normal::id_card(&self.value),
                    Scheme::CreditCode => normal::credit_code(&self.value),
                    Scheme::Passport => normal::code(&self.value),
                    Scheme::Email => normal::email(&self.value),
                    Scheme::Wechat | Scheme::Other => normal::line(&self.value, 64),
                },
            )
        });
        scheme.zip(value).ok_or(faults.0)
    }
}

/// A value as lists show it.
pub(crate) fn masked_contact(channel: Channel, value: &str) -> String {
    match channel {
        Channel::Sms | Channel::Phone => mask::phone(value),
        Channel::Email => access::mask_email(value),
        Channel::Wechat => mask::other(value),
        Channel::Post => mask::address(value),
    }
}

/// A value as lists show it; the credit code of a company is public.
pub(crate) fn masked_identity(scheme: Scheme, value: &str) -> String {
    match scheme {
        Scheme::Phone => mask::phone(value),
        Scheme::IdCard | Scheme::Passport => access::mask_identity(value),
        Scheme::CreditCode => value.to_owned(),
        Scheme::Email => access::mask_email(value),
        Scheme::Wechat | Scheme::Other => mask::other(value),
    }
}

/// A contact point for facts and the audit trail.
pub(crate) fn contact_json(row: &ContactPoint) -> Json {
    json!({
        "contact": row.id, "channel": row.channel, "role": row.role, "preferred": row.preferred,
        "value": masked_contact(row.channel, &row.value), "version": row.version,
    })
}
