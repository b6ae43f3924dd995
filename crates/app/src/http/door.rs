//! Who stands at the door: staff by their session, programs by their key, customers by theirs.
//! `access` knows sessions; whoever knows customers answers [`Customers`].

use std::{future::Future, pin::Pin};

use access::Actor;
use kernel::Id;

use super::{
    Failure, Web,
    i18n::{Locale, Words},
};

/// An answer that may take a while.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// On which side of the counter someone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Staff in the console, and programs with a key.
    Staff,
    /// A customer, in the portal.
    Customer,
}

/// Someone recognised by their token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Staff or customer.
    pub side: Side,
    /// What operations are given, with the rights and where they hold.
    pub actor: Actor,
    /// Their name, as pages show it.
    pub name: String,
    /// Their organisation's name, or the account number.
    pub place: String,
    /// Whether a new password must be chosen before anything else.
    pub must_change: bool,
}

/// An account whose customer asks to come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCustomer {
    /// The organisation that serves it.
    pub org: Id,
    /// The account.
    pub account: Id,
    /// The phone on file, to which the code goes.
    pub phone: String,
}

/// What became of a one-time code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It is on its way to the phone.
    Sent,
    /// It is shown on the page: the demo has no phones.
    Shown,
}

/// Who knows customers, and how codes reach them.
pub trait Customers: Send + Sync + 'static {
    /// The account with this number, if the phone is on file there.
    fn find<'a>(&'a self, account: &'a str, phone: &'a str) -> Answer<'a, Option<FoundCustomer>>;

    /// The name and the account number that pages show.
    fn names(&self, org: Id, account: Id) -> Answer<'_, (String, String)>;

    /// Brings a one-time code to a phone.
    fn deliver<'a>(&'a self, phone: &'a str, code: &'a str) -> Answer<'a, Delivery>;
}

/// Who is behind a token; `None` when it is unknown, over or revoked.
pub(super) async fn recognise(
    web: &Web,
    token: &str,
    locale: Locale,
) -> Result<Option<Known>, Failure> {
    let Some(found) = access::recognise(&web.works.db, token).await? else { return Ok(None) };
    let actor = found.actor;
    if let Some(account) = actor.account() {
        let (name, place) = web.customers.names(actor.org(), account).await?;
        let side = Side::Customer;
        return Ok(Some(Known { side, actor, name, place, must_change: false }));
    }
    let mut tx = web.works.db.read().await?;
    let org = access::organisation_by_id(&mut tx, actor.org()).await?;
    let place = org.map(|org| match locale {
        Locale::ZhCn => org.name_zh,
        Locale::En => org.name_en,
    });
    Ok(Some(Known {
        side: Side::Staff,
        actor,
        name: if found.name.is_empty() { found.login } else { found.name },
        place: place.unwrap_or_default(),
        must_change: found.must_change,
    }))
}

/// The words for a right: on pages that explain why someone may not come in.
#[must_use]
pub fn right_words(t: Words, right: access::Right) -> &'static str {
    match t.locale() {
        Locale::ZhCn => right.words_zh(),
        Locale::En => right.words_en(),
    }
}
