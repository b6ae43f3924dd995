//! What customers read on the portal about readings: bulletins to everybody and messages to one.
//! Tables: `bulletin`, `customer_message`. Invariants: a new reading day is announced a cycle ahead;
//! a customer is told of an event once; what was told is never changed, only withdrawn. Sending
//! by SMS or e-mail is not here.

mod error;
mod model;
mod ops;
mod queries;
mod store;
#[cfg(test)]
mod tests;

pub use error::BulletinError;
pub use model::{BulletinKind, Message, NewBulletin};
pub use ops::{publish, tell, withdraw};
pub use queries::bulletin_list;
pub use store::{
    BulletinRow, MessageRow, STATEMENTS, bulletin_by_id, bulletins_for, message_count,
    messages_of_account,
};
