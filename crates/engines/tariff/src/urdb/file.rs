//! The file of a rate in the US Utility Rate Database: its shape, where it comes from, and what
//! of it an hourly bill does not charge.

use kernel::DatePeriod;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::openei::export;
use super::tables::Origin;
use crate::profile::Decimal;

/// One tier as the file has it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Tier {
    pub rate: Option<Decimal>,
    pub adj: Option<Decimal>,
    pub sell: Option<Decimal>,
    pub max: Option<Decimal>,
    pub unit: Option<String>,
}

pub(super) type Structure = Vec<Vec<Tier>>;
pub(super) type Rows = Vec<Vec<Decimal>>;

/// The parts of the file that matter for a bill; the rest is ignored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    pub label: Option<String>,
    pub name: Option<String>,
    pub utility: Option<String>,
    pub sector: Option<String>,
    pub source: Option<String>,
    pub uri: Option<String>,
    pub startdate: Option<Decimal>,
    pub enddate: Option<Decimal>,
    pub energyratestructure: Option<Structure>,
    pub energyweekdayschedule: Option<Rows>,
    pub energyweekendschedule: Option<Rows>,
    pub demandratestructure: Option<Structure>,
    pub demandweekdayschedule: Option<Rows>,
    pub demandweekendschedule: Option<Rows>,
    pub demandrateunit: Option<String>,
    pub flatdemandstructure: Option<Structure>,
    pub flatdemandmonths: Option<Vec<Decimal>>,
    pub flatdemandunit: Option<String>,
    pub fixedchargefirstmeter: Option<Decimal>,
    pub fixedchargeunits: Option<String>,
    pub mincharge: Option<Decimal>,
    pub minchargeunits: Option<String>,
    pub dgrules: Option<String>,
    #[serde(alias = "lookbackRange")]
    pub lookbackrange: Option<Decimal>,
    #[serde(alias = "lookbackPercent")]
    pub lookbackpercent: Option<Decimal>,
    #[serde(alias = "lookbackMonths")]
    pub lookbackmonths: Option<Vec<Flag>>,
    pub demandwindow: Option<Decimal>,
    pub demandreactivepowercharge: Option<Decimal>,
    pub fixedmonthlycharge: Option<Decimal>,
    pub minmonthlycharge: Option<Decimal>,
    pub annualmincharge: Option<Decimal>,
    pub coincidentratestructure: Option<Structure>,
}

/// A yes or no, written as a word or as 0 and 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match <&RawValue>::deserialize(deserializer)?.get() {
            "true" | "1" => Ok(Self(true)),
            "false" | "0" => Ok(Self(false)),
            other => Err(serde::de::Error::custom(format!("expected 0 or 1, found {other}"))),
        }
    }
}

impl File {
    /// What the rate is called and where it comes from.
    pub fn origin(&self) -> Origin {
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let day = |seconds: Option<Decimal>| {
            let seconds = seconds.and_then(Decimal::integer)?;
            let instant = jiff::Timestamp::from_second(seconds).ok()?;
            Some(instant.to_zoned(jiff::tz::TimeZone::UTC).date())
        };
        let valid = match (day(self.startdate), day(self.enddate)) {
            (Some(from), Some(to)) => DatePeriod::new(from, to).ok(),
            (Some(from), None) => Some(DatePeriod::since(from)),
            _ => None,
        };
        let label = text(&self.label);
        Origin {
            id: format!("urdb/{}", if label.is_empty() { "unlabelled" } else { &label }),
            name: text(&self.name),
            region: text(&self.utility),
            class: text(&self.sector).to_ascii_lowercase(),
            decree: label,
            source: self.uri.clone().or_else(|| self.source.clone()).unwrap_or_default(),
            valid,
        }
    }

    /// One sentence for each part that is not charged.
    pub fn notes(&self) -> Vec<String> {
        let charged = |value: &Option<Decimal>| value.is_some_and(|v| !v.is_zero());
        let mut notes = Vec::new();
        let old = [
            ("fixedmonthlycharge", &self.fixedmonthlycharge, "fixedchargefirstmeter"),
            ("minmonthlycharge", &self.minmonthlycharge, "mincharge"),
            ("annualmincharge", &self.annualmincharge, "mincharge"),
        ];
        for (name, value, now) in old {
            if let Some(value) = value.filter(|v| !v.is_zero()) {
                notes.push(format!("{name} {value} is not charged: version 8 has it as {now}"));
            }
        }
        if charged(&self.demandreactivepowercharge) {
            notes.push("demandreactivepowercharge is not charged: the load has no kvar".to_owned());
        }
        if self.coincidentratestructure.is_some() {
            let note =
                "coincidentratestructure is not charged: the system's peak hours are not known";
            notes.push(note.to_owned());
        }
        if self.demandwindow.is_some_and(|w| w.integer() != Some(60)) {
            notes.push(
                "demandwindow: peaks are taken over the intervals that the load has".to_owned(),
            );
        }
        if let (Some(rules), None) = (&self.dgrules, export(self.dgrules.as_deref())) {
            notes.push(format!("dgrules {rules:?} is not known: deliveries cannot be rated"));
        }
        if charged(&self.lookbackpercent) {
            notes.push(
                "lookbackpercent: peaks of the year before the load are taken as zero".to_owned(),
            );
        }
        notes
    }
}
