//! Notices: what was told, to whom, in which version, by which channel, with what proof.
//!
//! Tables: `notice_template`, `notice`, `notice_item`, `notice_batch`, `notice_wait`, `notice_send`,
//! `notice_receipt`, `notice_call`, `notice_told`, `notice_record`, `notice_preference`. Invariants:
//! a person hears one version of a record at one stage once; a text can be written again to the
//! letter from template, variables and person; a message is never sent twice by chance: an attempt
//! whose end nobody knows is put before a person; who cannot be reached is on the list of
//! exceptions; safety is never held back by wishes, quiet hours or limits; who heard a version that
//! is no longer true is told the true one; a channel that does not answer holds up no other.
//!
//! A channel is a [`Sender`]. Senders live in the app, in `channels`: they open sockets, which an
//! area may not. Portal and recorded calls need none and are here.

mod error;
pub mod jobs;
mod model;
mod ops;
pub mod queries;
pub mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use error::NoticeError;
pub use jobs::PortalBox;
pub use model::{
    Accepted, Announce, Announced, Answers, Channel, ItemState, Kind, Language, Outgoing, Receipt,
    Recipient, Refusal, Report, Route, SendState, Sender, Stage,
};
pub use ops::{
    CallProof, Changed, Told, acknowledge, announce, complete_call, everybody_told, miss_call,
    note_told, record_changed, reroute, resolve, set_preference, take_reply, take_report,
};
pub(crate) use store::template_by_id;
pub use store::{
    CallRow, CountRow, HeardRow, ItemRow, NoticeRow, PreferenceRow, RecordRow, STATEMENTS, SendRow,
    ToldRow,
};
