//! What the web door asks of whoever knows people and their sessions. `access` answers it; the
//! gallery and the tests answer it with a handful of invented people.

use std::{collections::BTreeSet, future::Future, pin::Pin};

use kernel::Id;

use super::Failure;

/// An answer that may take a while.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// On which side of the counter someone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Staff, in the console.
    Staff,
    /// A customer, in the portal.
    Customer,
}

/// Someone with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Staff or customer.
    pub side: Side,
    /// The user, or the customer's account.
    pub id: Id,
    /// Their organisation: all they see belongs to it or to those below it.
    pub org: Id,
    /// Their name, as pages show it.
    pub name: String,
    /// Their organisation's name, or the account number.
    pub place: String,
    /// The rights that their roles give them.
    pub rights: BTreeSet<String>,
}

/// A session that was just opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What the cookie holds.
    pub token: String,
    /// How long it is good for, in seconds.
    pub lasts_s: i64,
}

/// A one-time code that was asked for; whether one was really sent is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// What the form of the code sends back.
    pub ticket: String,
    /// How long the code is good for, in seconds.
    pub lasts_s: i64,
}

/// Who knows people and their sessions.
pub trait Doorkeeper: Send + Sync + 'static {
    /// Whose session this is; `None` when it is unknown, over or revoked.
    fn recognise<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Known>>;

    /// Opens a session for staff; `None` when name and password do not match.
    fn sign_in<'a>(
        &'a self,
        name: &'a str,
        password: &'a str,
        from: &'a str,
    ) -> Answer<'a, Option<Opened>>;

    /// Sends a one-time code to the customer of this account, if the phone is the one on file.
    fn send_code<'a>(
        &'a self,
        account: &'a str,
        phone: &'a str,
        from: &'a str,
    ) -> Answer<'a, Ticket>;

    /// Opens a session for a customer; `None` when the code is wrong or too old.
    fn open_with_code<'a>(&'a self, ticket: &'a str, code: &'a str) -> Answer<'a, Option<Opened>>;

    /// Ends a session.
    fn sign_out<'a>(&'a self, token: &'a str) -> Answer<'a, ()>;

    /// Whether everything that requests need is answering.
    fn ready(&self) -> Answer<'_, ()>;
}
