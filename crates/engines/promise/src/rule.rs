//! A rule as a checked type: what a fact obliges the company to do for someone by a time. The
//! numbers are never here: they come from packs.

use std::collections::BTreeMap;

use kernel::{Date, DatePeriod};
use serde::{Deserialize, Serialize};

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// How sure it is that the number is what the source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read on a page of the authority, utility or press.
    Verified,
    /// Read in someone's transcription only.
    Secondary,
    /// From the practice of the trade; to be checked before it binds.
    Unchecked,
    /// The project's own aim; no law and no company's promise.
    Design,
}

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minutes of the rule's course.
    Minutes,
    /// Hours of the rule's course.
    Hours,
    /// Days of the civil calendar: the same time of day, that many dates later.
    Days,
    /// Whole working days; the day of the fact is day 0 and the last one counts to its end.
    WorkingDays,
    /// Minutes before the event.
    MinutesBefore,
    /// Hours before the event.
    HoursBefore,
    /// Days of the civil calendar before the event.
    DaysBefore,
}

impl Unit {
    /// Whether it counts back from an event (提前…) rather than on from a fact.
    #[must_use]
    pub const fn is_before(self) -> bool {
        matches!(self, Self::MinutesBefore | Self::HoursBefore | Self::DaysBefore)
    }
}

/// How much of it, in which course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
    /// The office hours in which minutes and hours are counted; none: around the clock.
    pub hours: Option<String>,
}

/// A reason for which the clock may stand still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseReason {
    /// Its stable code, such as `customer_absent`.
    pub code: String,
    /// What people call it.
    pub title: Words,
}

/// Who is told when a share of the limit is used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// The share in per cent; beyond 100 it is about a promise that is broken already.
    pub at: u16,
    /// The role, for example `team_lead`.
    pub to: String,
}

/// What a broken promise asks of the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Breach {
    /// A named person must answer for it before the work goes on.
    pub approver: bool,
    /// The reason must be written down.
    pub reason: bool,
}

/// One version of one promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The pack it came with.
    pub pack: String,
    /// Its stable name; a pack further up in a bureau's list replaces rules by it.
    pub id: String,
    /// What people call it.
    pub title: Words,
    /// The kind of fact that opens it, such as `power.outage_planned`.
    pub trigger: String,
    /// What the fact must say for this rule to be meant: attribute and value.
    pub when: BTreeMap<String, String>,
    /// To whom it is owed, such as `customer` or `applicant`.
    pub beneficiary: String,
    /// By when.
    pub limit: Limit,
    /// For what the clock may stand still.
    pub pauses: Vec<PauseReason>,
    /// At which shares of the limit, in per cent, a warning is given; rising.
    pub warnings: Vec<u16>,
    /// From which share on it counts as at risk.
    pub at_risk: u16,
    /// Whom to tell at which share.
    pub escalations: Vec<Escalation>,
    /// What a breach asks for.
    pub breach: Breach,
    /// Where it holds, such as `CN`.
    pub region: String,
    /// When it holds.
    pub valid: DatePeriod,
    /// The document and article.
    pub source: String,
    /// How sure that is.
    pub confidence: Confidence,
}

impl Rule {
    /// Whether it is meant by a fact with these attributes on this date.
    #[must_use]
    pub fn is_meant(&self, trigger: &str, attributes: &BTreeMap<String, String>, on: Date) -> bool {
        self.trigger == trigger
            && self.valid.contains(on)
            && self.when.iter().all(|(name, value)| attributes.get(name) == Some(value))
    }

    /// The reason for a pause with this code, if the rule allows it.
    #[must_use]
    pub fn pause(&self, code: &str) -> Option<&PauseReason> {
        self.pauses.iter().find(|reason| reason.code == code)
    }
}
