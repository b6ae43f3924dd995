//! The types: kinds and stages, channels and routes, messages on their way out and reports on their
//! way in.

use std::{future::Future, pin::Pin};

use kernel::{Id, Instant};
use serde_json::{Map, Value as Json};

use crate::vocabulary::words;

words! {
    /// Why power is or will be away.
    Kind {
        /// Planned work (计划停电).
        Planned = "planned",
        /// Work that could not wait for a plan (临时停电).
        Temporary = "temporary",
        /// Load shifted or shed by dispatch (调剂停电).
        Dispatch = "dispatch",
        /// A fault (故障停电).
        Fault = "fault",
        /// Arrears (费用停电).
        Arrears = "arrears",
    }

    /// When in the life of the outage it is told.
    Stage {
        /// Before it begins.
        Before = "before",
        /// While it lasts.
        During = "during",
        /// After power is back.
        After = "after",
        /// To those who heard a version that is no longer true.
        Correction = "correction",
    }

    /// By what a person is told.
    Channel {
        /// A short message.
        Sms = "sms",
        /// An e-mail.
        Email = "email",
        /// A signed request to a customer's own system.
        Webhook = "webhook",
        /// A message in the customer portal.
        Portal = "portal",
        /// A recorded call that a person makes (录音电话).
        Call = "call",
    }

    /// The language of a message.
    Language {
        /// Chinese.
        Zh = "zh",
        /// English.
        En = "en",
    }

    /// Where the message to one person stands.
    ItemState {
        /// It waits for its channel.
        Queued = "queued",
        /// A sender has it in hand.
        Sending = "sending",
        /// The provider took it.
        Sent = "sent",
        /// It reached the device or box.
        Delivered = "delivered",
        /// It was opened.
        Read = "read",
        /// The person confirmed it.
        Acknowledged = "acknowledged",
        /// Nobody could be told by any channel: a person decides.
        Exception = "exception",
        /// Not sent, as the person or the policy wishes.
        Withheld = "withheld",
        /// A newer version was told instead.
        Superseded = "superseded",
    }

    /// Where one attempt to send stands.
    SendState {
        /// In hand.
        Sending = "sending",
        /// Taken by the provider.
        Sent = "sent",
        /// Reached the device or box.
        Delivered = "delivered",
        /// Opened.
        Read = "read",
        /// Confirmed.
        Acknowledged = "acknowledged",
        /// Did not reach anybody.
        Failed = "failed",
        /// The process died while it was in hand: nobody knows.
        Uncertain = "uncertain",
    }

    /// What a provider reports about a message.
    Receipt {
        /// It reached the device or box.
        Delivered = "delivered",
        /// It was opened.
        Read = "read",
        /// The person confirmed it.
        Acknowledged = "acknowledged",
        /// It will not reach anybody.
        Failed = "failed",
    }
}

impl ItemState {
    /// How far the message has come, for reports that arrive out of order: a lower one never takes
    /// the place of a higher one.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Sent => 1,
            Self::Delivered => 2,
            Self::Read => 3,
            Self::Acknowledged => 4,
            _ => 0,
        }
    }
}

impl Receipt {
    /// The states of item and send that it leads to; none for a failure, which leads to the next
    /// channel instead.
    #[must_use]
    pub const fn states(self) -> Option<(ItemState, SendState)> {
        match self {
            Self::Delivered => Some((ItemState::Delivered, SendState::Delivered)),
            Self::Read => Some((ItemState::Read, SendState::Read)),
            Self::Acknowledged => Some((ItemState::Acknowledged, SendState::Acknowledged)),
            Self::Failed => None,
        }
    }
}

/// A way to reach a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// By what.
    pub channel: Channel,
    /// Number, address, URL or account.
    pub address: String,
}

/// Who is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The person.
    pub person: Id,
    /// Their language.
    pub language: Language,
    /// How they can be reached, in the order in which it is tried.
    pub routes: Vec<Route>,
    /// Whether they agreed to notices that need consent.
    pub has_consent: bool,
    /// What the text says to this person alone, as a JSON object; empty when nothing.
    pub own: String,
}

/// A version of a record to announce.
#[derive(Debug, Clone)]
pub struct Announce<'a> {
    /// The organisation.
    pub org: Id,
    /// What kind of outage.
    pub kind: Kind,
    /// At which stage.
    pub stage: Stage,
    /// What it is about: a word and an id.
    pub subject: (&'a str, Id),
    /// Which version of the record, from 1.
    pub record_version: i64,
    /// What the record says.
    pub variables: &'a Map<String, Json>,
    /// The promise that this keeps.
    pub promise: Option<Id>,
    /// Who is told.
    pub recipients: Vec<Recipient>,
}

/// What became of an announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    /// The notice.
    pub notice: Id,
    /// Messages that are on their way.
    pub queued: u64,
    /// People who cannot be reached: on the list of exceptions.
    pub exceptions: u64,
    /// People who do not want it or did not agree.
    pub withheld: u64,
    /// People who are told of this version at this stage already.
    pub known: u64,
}

/// A message for a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Our id of the attempt: the same message never has two, and a repeated attempt has the same.
    pub send: Id,
    /// The organisation.
    pub org: Id,
    /// The notice.
    pub notice: Id,
    /// The person.
    pub person: Id,
    /// Number, address or URL.
    pub address: String,
    /// Its language.
    pub language: Language,
    /// What it is about, in a line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// What the text is made of, for machines.
    pub variables: Json,
}

/// What a provider said when it took a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// What the provider calls it, for its reports.
    pub provider_ref: Option<String>,
    /// Whether it has reached the device or box already.
    pub is_delivered: bool,
}

/// Why a provider did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It will never take it for this address: the next channel is tried.
    #[error("refused: {0}")]
    Rejected(String),
    /// It surely did not take it, and may later.
    #[error("not answering: {0}")]
    Unavailable(String),
    /// The connection broke before the answer: nobody knows whether it was taken.
    #[error("no answer: {0}")]
    Uncertain(String),
}

/// The answers of a sender.
pub type Answers<'a> = Pin<Box<dyn Future<Output = Vec<Result<Accepted, Refusal>>> + Send + 'a>>;

/// Carries messages of one channel to the world. Senders live in the app, which may open sockets.
pub trait Sender: Send + Sync {
    /// Which channel.
    fn channel(&self) -> Channel;

    /// Whether a message may be sent again under the same id without anybody hearing it twice.
    fn is_repeatable(&self) -> bool;

    /// Hands messages over; one answer each, in order.
    fn send<'a>(&'a self, messages: &'a [Outgoing]) -> Answers<'a>;
}

/// A report from a provider.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Over which channel.
    pub channel: Channel,
    /// What the provider calls the message.
    pub provider_ref: &'a str,
    /// What it says.
    pub receipt: Receipt,
    /// When that was.
    pub at: Instant,
    /// The provider's words.
    pub detail: &'a str,
}
