//! The types: commands and states.

use std::collections::BTreeMap;

use kernel::{Id, Instant};
use promise::{Facts, Pause, Verdict};
use serde::{Deserialize, Serialize};

use super::{PauseRow, PromiseError, PromiseRow};
use crate::vocabulary::words;

words! {
    /// Where a promise stands.
    State {
        /// Its clock runs.
        Open = "open",
        /// Its clock stands still.
        Paused = "paused",
        /// Done in time.
        Kept = "kept",
        /// Not done in time; it may still be done late.
        Broken = "broken",
        /// No longer owed.
        Withdrawn = "withdrawn",
    }

    /// What followed from a clock.
    StepKind {
        /// A share of the limit was used up.
        Warning = "warning",
        /// A role was told.
        Escalation = "escalation",
        /// The verdict fell.
        Verdict = "verdict",
        /// A person moved it under another version of its rule.
        RuleChanged = "rule_changed",
        /// Somebody answered for the breach.
        BreachAnswered = "breach_answered",
    }
}

impl State {
    /// The state after a verdict.
    #[must_use]
    pub const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Kept => Self::Kept,
            Verdict::Broken => Self::Broken,
            Verdict::Withdrawn => Self::Withdrawn,
        }
    }

    /// The verdict that was given, if one was.
    #[must_use]
    pub const fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Kept => Some(Verdict::Kept),
            Self::Broken => Some(Verdict::Broken),
            Self::Withdrawn => Some(Verdict::Withdrawn),
            Self::Open | Self::Paused => None,
        }
    }
}

/// A fact that may oblige the company.
#[derive(Debug, Clone)]
pub struct OpenPromises<'a> {
    /// The unit that will owe it.
    pub org: Id,
    /// The kind of fact, such as `power.outage_planned`.
    pub trigger: &'a str,
    /// What the fact says, for rules that ask.
    pub attributes: BTreeMap<String, String>,
    /// What it is about: a word and an id.
    pub subject: (&'a str, Id),
    /// To whom it is owed, where that is one person.
    pub person: Option<Id>,
    /// When the fact happened.
    pub opened_at: Instant,
    /// The event that lead times count back from.
    pub target_at: Option<Instant>,
    /// Tells a second occasion (a new date of the same outage) from a repeated request.
    pub occasion: &'a str,
}

/// Why a clock is to stand still.
#[derive(Debug, Clone, Copy)]
pub struct PauseClock<'a> {
    /// The code of one of the rule's reasons.
    pub reason: &'a str,
    /// What happened, in words.
    pub note: &'a str,
    /// Since when; not in the future.
    pub since: Instant,
}

/// What proves that a promise was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is: `notice`, `arrival`, `recording`, `document`, …
    pub kind: String,
    /// Where it is found: an id or number.
    pub reference: String,
    /// What a person adds.
    #[serde(default)]
    pub note: String,
}

impl Evidence {
    /// As stored.
    ///
    /// # Errors
    /// [`PromiseError::NoEvidence`] when it names nothing.
    pub(super) fn text(&self) -> Result<String, PromiseError> {
        if self.kind.trim().is_empty() || self.reference.trim().is_empty() {
            return Err(PromiseError::NoEvidence);
        }
        serde_json::to_string(self).map_err(|_| PromiseError::NoEvidence)
    }
}

/// To which promises a new version of a pack applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyTo {
    /// Those opened from now on.
    NewOnly,
    /// Also those that are open; verdicts given stay.
    OpenToo,
}

/// An open promise whose deadline a new version of its pack would move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The promise.
    pub promise: Id,
    /// The rule's stable name.
    pub rule_id: String,
    /// The deadline now.
    pub due_at: Option<Instant>,
    /// The deadline under the new version; none also when it cannot be told.
    pub new_due_at: Option<Instant>,
}

impl PromiseRow {
    /// What the engine needs to know of it.
    #[must_use]
    pub fn facts(&self, pauses: &[PauseRow]) -> Facts {
        let pause = |row: &PauseRow| Pause {
            reason: row.reason.clone(),
            from: row.paused_at,
            to: row.resumed_at,
        };
        Facts {
            opened_at: self.opened_at,
            target_at: self.target_at,
            pauses: pauses.iter().map(pause).collect(),
            done_at: self.done_at,
            withdrawn_at: self.withdrawn_at,
            given: self.state.verdict().zip(self.verdict_at),
        }
    }

    /// Whether somebody still has to answer for its breach.
    #[must_use]
    pub const fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Broken)
            && (self.needs_approver || self.needs_reason)
            && self.breach_answered_at.is_none()
    }
}
