//! The rows of notices as they are stored.

use kernel::{Id, Instant};

use crate::notices::{Channel, ItemState, Kind, Language, Receipt, SendState, Stage};

store::record! {
    /// A template as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TemplateRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Kind and stage.
        pub template: String,
        /// JSON.
        pub body: String,
        /// Of the body.
        pub body_sha256: String,
    }

    /// A notice as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NoticeRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What kind of outage.
        pub kind: Kind,
        /// At which stage.
        pub stage: Stage,
        /// What it is about: a word…
        pub subject_kind: String,
        /// … and an id.
        pub subject: Id,
        /// Which version of that.
        pub record_version: i64,
        /// The template.
        pub template: Id,
        /// JSON: what the record said.
        pub variables: String,
        /// Whether nothing holds it back.
        pub is_safety: bool,
        /// The promise that it keeps.
        pub promise: Option<Id>,
        /// When it was made.
        pub created_at: Instant,
        /// By whom.
        pub created_by: String,
    }

    /// A message to one person as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ItemRow {
        /// The notice.
        pub notice: Id,
        /// The person.
        pub person: Id,
        /// The organisation.
        pub org: Id,
        /// In which language.
        pub language: Language,
        /// Channel and address, a line each.
        pub routes: String,
        /// Which of them is the present one, from 0.
        pub route: i64,
        /// The present channel; empty when there is none.
        pub channel: String,
        /// JSON: what the text says to this person alone.
        pub own: String,
        /// Where it stands.
        pub state: ItemState,
        /// Why it is an exception or withheld.
        pub reason: Option<String>,
        /// Attempts on the present route.
        pub tries: i64,
        /// The send under way or done last.
        pub send: Option<Id>,
        /// When it was told.
        pub told_at: Option<Instant>,
    }

    /// How far a channel has come with a notice.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct BatchRow {
        /// The notice.
        pub notice: Id,
        /// The channel.
        pub channel: Channel,
        /// The organisation.
        pub org: Id,
        /// Whether nothing holds it back.
        pub is_safety: bool,
        /// Not before this.
        pub not_before: Instant,
        /// The last person that was taken in hand.
        pub after_person: Id,
    }

    /// An item that waits on its own.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct WaitRow {
        /// The notice.
        pub notice: Id,
        /// The person.
        pub person: Id,
        /// For which channel.
        pub channel: Channel,
        /// The organisation.
        pub org: Id,
        /// Until when.
        pub due_at: Instant,
    }

    /// One attempt as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SendRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// The notice.
        pub notice: Id,
        /// The person.
        pub person: Id,
        /// By what.
        pub channel: Channel,
        /// Where to.
        pub address: String,
        /// Where it stands.
        pub state: SendState,
        /// What the provider calls it.
        pub provider_ref: Option<String>,
        /// What the provider said.
        pub detail: Option<String>,
        /// When it was taken in hand.
        pub claimed_at: Instant,
        /// When the provider took it.
        pub sent_at: Option<Instant>,
    }

    /// A report as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ReceiptRow {
        /// Over which channel.
        pub channel: Channel,
        /// What the provider calls the message.
        pub provider_ref: String,
        /// What it says.
        pub status: Receipt,
        /// The organisation; 0 while the message is not known.
        pub org: Id,
        /// The attempt; none while it is not known.
        pub send: Option<Id>,
        /// The provider's words.
        pub detail: String,
        /// When it happened.
        pub reported_at: Instant,
        /// When it came.
        pub received_at: Instant,
    }

    /// A call to make as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CallRow {
        /// The attempt that it is.
        pub send: Id,
        /// The organisation.
        pub org: Id,
        /// The notice.
        pub notice: Id,
        /// The person.
        pub person: Id,
        /// The number.
        pub phone: String,
        /// `open`, `done` or `failed`.
        pub state: String,
        /// Calls without an answer.
        pub attempts: i64,
        /// Where the recording is found.
        pub recording: Option<String>,
        /// Who confirmed.
        pub answered_by: Option<String>,
        /// What was said besides.
        pub note: String,
        /// Since when it waits.
        pub created_at: Instant,
        /// When it ended.
        pub done_at: Option<Instant>,
        /// Who called.
        pub done_by: Option<String>,
    }

    /// What was told through another door, as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ToldRow {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// What it was about: a word…
        pub subject_kind: String,
        /// … and an id.
        pub subject: Id,
        /// Which version of that.
        pub record_version: i64,
        /// Who heard it.
        pub person: Id,
        /// Through which door: `agent`, `ivr`, `portal`, `api`.
        pub door: String,
        /// When.
        pub told_at: Instant,
        /// By whom.
        pub told_by: String,
    }

    /// The version of a record that is true now.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RecordRow {
        /// The organisation.
        pub org: Id,
        /// What it is: a word…
        pub subject_kind: String,
        /// … and an id.
        pub subject: Id,
        /// What kind of outage.
        pub kind: Kind,
        /// The version.
        pub record_version: i64,
        /// JSON: what it says.
        pub variables: String,
        /// Since when.
        pub changed_at: Instant,
        /// Whether those who heard another must be told.
        pub is_due: bool,
        /// When they were.
        pub corrected_at: Option<Instant>,
    }

    /// Who heard what of a record.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct HeardRow {
        /// The person.
        pub person: Id,
        /// Which version.
        pub record_version: i64,
        /// The channel, or the door.
        pub door: String,
        /// The stage; empty for what was told through another door.
        pub stage: String,
        /// Where the message stands; `told` for another door.
        pub state: String,
        /// When.
        pub told_at: Option<Instant>,
    }

    /// The last version that a person heard, with the routes by which they did.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LastHeard {
        /// The person.
        pub person: Id,
        /// The version.
        pub record_version: i64,
        /// Their language; empty when it was another door.
        pub language: String,
        /// Their routes; empty when it was another door.
        pub routes: String,
        /// JSON.
        pub own: String,
    }

    /// How a person wants to be told, as stored.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PreferenceRow {
        /// The person.
        pub person: Id,
        /// The organisation.
        pub org: Id,
        /// Channels in order, a comma between.
        pub channels: String,
        /// A time of day.
        pub quiet_from: Option<String>,
        /// A time of day.
        pub quiet_to: Option<String>,
        /// Kinds, a comma between.
        pub unwanted: String,
        /// Rises with every change.
        pub version: i64,
    }

    /// How many messages of a notice stand where.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CountRow {
        /// The channel.
        pub channel: String,
        /// Where they stand.
        pub state: ItemState,
        /// How many.
        pub count: i64,
    }
}
