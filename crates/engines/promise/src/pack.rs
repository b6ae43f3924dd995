//! Reads a rule pack from TOML and checks it: every promise names its source, its steps rise, its
//! pauses have words in both languages, and no two versions of one promise hold on the same day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Weekday;
use kernel::{Date, DatePeriod, Time};
use serde::Deserialize;

use crate::{
    Breach, Confidence, Escalation, Limit, OfficeHours, PackError, PauseReason, Rule, Unit, Words,
};

/// Steps beyond this share of the limit say nothing any more.
const PERCENT_MAX: u16 = 1_000;
/// Longer than a hundred years is a mistake of writing.
const AMOUNT_MAX: u32 = 60 * 24 * 366;

/// A rule pack, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its stable name, such as `cn` or `sgcc`.
    pub id: String,
    /// What people call it.
    pub title: Words,
    /// Its promises, in the order of the document.
    pub rules: Vec<Rule>,
    /// Office hours by name.
    pub hours: BTreeMap<String, OfficeHours>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    pack: Head,
    #[serde(default)]
    hours: Vec<Hours>,
    #[serde(default)]
    promise: Vec<Promise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    title: Words,
    region: String,
    /// What applies where a promise does not say otherwise.
    warnings: Vec<u16>,
    at_risk: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    name: String,
    weekdays: Vec<String>,
    #[serde(default)]
    on_holidays: bool,
    open: String,
    close: String,
    #[serde(default)]
    breaks: Vec<[String; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise {
    id: String,
    title: Words,
    trigger: String,
    #[serde(default)]
    when: BTreeMap<String, String>,
    beneficiary: String,
    limit: u32,
    unit: Unit,
    hours: Option<String>,
    #[serde(default)]
    pauses: Vec<PauseReason>,
    warnings: Option<Vec<u16>>,
    at_risk: Option<u16>,
    #[serde(default)]
    escalate: Vec<Escalation>,
    #[serde(default)]
    breach: Breach,
    region: Option<String>,
    valid_from: Date,
    valid_to: Option<Date>,
    source: String,
    confidence: Confidence,
}

/// Where in which document, for messages.
struct Place<'a> {
    document: &'a str,
    at: String,
}

impl Place<'_> {
    fn wrong(&self, reason: impl Into<String>) -> PackError {
        let (document, place) = (self.document.to_owned(), self.at.clone());
        PackError::Value { document, place, reason: reason.into() }
    }

    fn hold(&self, is_right: bool, reason: &str) -> Result<(), PackError> {
        if is_right { Ok(()) } else { Err(self.wrong(reason)) }
    }
}

impl Pack {
    /// Reads a document; `name` is what messages call it.
    ///
    /// # Errors
    /// [`PackError`] with the place and what to do.
    pub fn parse(name: &str, text: &str) -> Result<Self, PackError> {
        let document: Document = toml::from_str(text).map_err(|error| PackError::Syntax {
            document: name.to_owned(),
            message: error.to_string(),
        })?;
        let place = |at: String| Place { document: name, at };
        let head = &document.pack;
        let at = place("pack".to_owned());
        at.hold(is_name(&head.id), "the id is made of small letters, digits and _")?;
        words(&at, &head.title)?;
        let mut hours = BTreeMap::new();
        for one in &document.hours {
            let at = place(format!("hours {}", one.name));
            let known = hours.insert(one.name.clone(), office_hours(&at, one)?);
            at.hold(known.is_none(), "there are two of this name")?;
        }
        let mut rules: Vec<Rule> = Vec::with_capacity(document.promise.len());
        for one in document.promise {
            let at = place(format!("promise {}", one.id));
            let rule = rule(&at, head, &hours, one)?;
            let same = rules.iter().filter(|known| known.id == rule.id);
            for known in same {
                at.hold(
                    !known.valid.overlaps(&rule.valid),
                    "two versions hold on the same day; end the older with valid_to",
                )?;
            }
            rules.push(rule);
        }
        Ok(Self { id: document.pack.id, title: document.pack.title, rules, hours })
    }
}

fn rule(
    at: &Place<'_>,
    head: &Head,
    hours: &BTreeMap<String, OfficeHours>,
    one: Promise,
) -> Result<Rule, PackError> {
    hold_promise(at, hours, &one)?;
    let warnings = one.warnings.unwrap_or_else(|| head.warnings.clone());
    at.hold(warnings.is_sorted_by(|a, b| a < b), "warnings rise")?;
    at.hold(warnings.iter().all(|w| (1..=100).contains(w)), "warnings are 1 to 100 per cent")?;
    let at_risk = one.at_risk.unwrap_or(head.at_risk);
    at.hold((1..=100).contains(&at_risk), "at_risk is 1 to 100 per cent")?;
    for step in &one.escalate {
        at.hold((1..=PERCENT_MAX).contains(&step.at), "escalations are 1 to 1000 per cent")?;
        at.hold(is_name(&step.to), "say which role is told")?;
    }
    let valid = match one.valid_to {
        Some(to) => DatePeriod::new(one.valid_from, to).map_err(|e| at.wrong(e.to_string()))?,
        None => DatePeriod::since(one.valid_from),
    };
    Ok(Rule {
        pack: head.id.clone(),
        id: one.id,
        title: one.title,
        trigger: one.trigger,
        when: one.when,
        beneficiary: one.beneficiary,
        limit: Limit { amount: one.limit, unit: one.unit, hours: one.hours },
        pauses: one.pauses,
        warnings,
        at_risk,
        escalations: one.escalate,
        breach: one.breach,
        region: one.region.unwrap_or_else(|| head.region.clone()),
        valid,
        source: one.source,
        confidence: one.confidence,
    })
}

fn hold_promise(
    at: &Place<'_>,
    hours: &BTreeMap<String, OfficeHours>,
    one: &Promise,
) -> Result<(), PackError> {
    at.hold(is_name(&one.id), "the id is made of small letters, digits and _")?;
    words(at, &one.title)?;
    at.hold(
        one.trigger.contains('.'),
        "the trigger is a kind of fact, such as power.outage_planned",
    )?;
    at.hold(!one.beneficiary.trim().is_empty(), "say to whom it is owed")?;
    at.hold(!one.source.trim().is_empty(), "name the source")?;
    at.hold(
        (1..=AMOUNT_MAX).contains(&one.limit),
        "the limit is at least 1 and at most a lifetime",
    )?;
    let is_in_hours = matches!(one.unit, Unit::Minutes | Unit::Hours);
    at.hold(
        one.hours.is_none() || is_in_hours,
        "only minutes and hours are counted in office hours",
    )?;
    if let Some(name) = &one.hours {
        at.hold(hours.contains_key(name), "its office hours are not defined in this pack")?;
    }
    at.hold(
        !one.unit.is_before() || one.pauses.is_empty(),
        "a lead time has no pauses: the event does not wait",
    )?;
    let mut codes = BTreeSet::new();
    for pause in &one.pauses {
        at.hold(
            is_name(&pause.code),
            "the code of a pause is made of small letters, digits and _",
        )?;
        at.hold(codes.insert(pause.code.as_str()), "two pauses have the same code")?;
        words(at, &pause.title)?;
    }
    Ok(())
}

fn office_hours(at: &Place<'_>, one: &Hours) -> Result<OfficeHours, PackError> {
    let time = |text: &str| {
        text.parse::<Time>().map_err(|_| at.wrong(format!("{text:?} is no time such as 08:30")))
    };
    let weekdays: Result<Vec<Weekday>, PackError> = one
        .weekdays
        .iter()
        .map(|name| weekday(name).ok_or_else(|| at.wrong(format!("{name:?}: write mon to sun"))))
        .collect();
    let open = time(&one.open)?;
    let close = if one.close == "24:00" { None } else { Some(time(&one.close)?) };
    let mut breaks = Vec::with_capacity(one.breaks.len());
    let mut last = open;
    for [from, to] in &one.breaks {
        let (from, to) = (time(from)?, time(to)?);
        at.hold(from >= last && to > from, "breaks follow each other within the hours")?;
        last = to;
        breaks.push((from, to));
    }
    at.hold(close.is_none_or(|close| close > last), "it closes before it opens or in a break")?;
    Ok(OfficeHours { weekdays: weekdays?, on_holidays: one.on_holidays, open, close, breaks })
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn words(at: &Place<'_>, words: &Words) -> Result<(), PackError> {
    let is_said = |text: &str| !text.trim().is_empty();
    at.hold(is_said(&words.zh) && is_said(&words.en), "a title is needed in both languages")
}

fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !text.is_empty() && text.chars().all(is_part)
}
