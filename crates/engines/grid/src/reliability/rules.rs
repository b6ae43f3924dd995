//! The numbers of the standards, as a document: values live there, their meaning lives here.

use kernel::{Date, Ratio};
use serde::Deserialize;

use super::ReliabilityError;

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Whether the company chose the time of an interruption (停电性质).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Prearranged (预安排停电).
    Prearranged,
    /// Fault (故障停电).
    Fault,
}

/// Why supply stopped.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its word in tables and files.
    pub id: String,
    /// Its name for people.
    pub name: Words,
    /// Prearranged or fault.
    pub side: Side,
    /// Caused outside the company's network: RS-2 leaves it out.
    #[serde(default)]
    pub external: bool,
    /// The system lacked power: RS-3 leaves it out.
    #[serde(default)]
    pub shortage: bool,
    /// Whether it is an interruption in the sense of the standards.
    #[serde(default = "yes")]
    pub counts: bool,
}

const fn yes() -> bool {
    true
}

/// The place of a kind in [`Rules::kinds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub(super) u16);

impl KindId {
    /// The place in [`Rules::kinds`].
    #[must_use]
    pub const fn place(self) -> usize {
        self.0 as usize
    }
}

/// The divisor of a standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    /// n − 1.
    Sample,
    /// n.
    Population,
}

/// How major-event days are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MajorEventRule {
    /// Betas above alpha.
    pub multiplier: Ratio,
    /// Calendar years of history.
    pub history_years: i16,
    /// The divisor of beta.
    pub deviation: Deviation,
}

/// The numbers of one edition of one standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    /// `ieee-1366` or `dlt-836`.
    pub id: String,
    /// The edition in words.
    pub edition: String,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Where the numbers come from.
    pub source: String,
    /// How sure the numbers are: `V`, `V2` or `K`.
    pub confidence: String,
    /// An interruption of at most this is momentary (短时停电).
    pub momentary_max_s: i64,
    /// Momentary interruptions within this of the first are one event.
    pub momentary_event_s: i64,
    /// The n of CEMI-n and CEMSMI-n.
    pub cemi_levels: Vec<u32>,
    /// The hours of CELID-s.
    pub celid_single_h: Vec<u32>,
    /// The hours of CELID-t.
    pub celid_total_h: Vec<u32>,
    /// Major-event days, where the standard knows them.
    pub major_event_day: Option<MajorEventRule>,
}

/// When a line gets a programme (线路跳闸专项治理).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TripRule {
    /// Where the numbers come from.
    pub source: String,
    /// This many trips …
    pub trips: u32,
    /// … within this many days open a programme.
    pub window_days: u32,
    /// It ends after this many days without a trip.
    pub recheck_days: u32,
}

/// A rule document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The standards and their editions.
    pub standards: Vec<Standard>,
    /// The kinds of interruption.
    pub kinds: Vec<Kind>,
    /// Lines that trip too often.
    pub trip_programme: TripRule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    standard: Vec<StandardDocument>,
    kind: Vec<Kind>,
    trip_programme: TripRule,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StandardDocument {
    id: String,
    edition: String,
    valid_from: String,
    source: String,
    confidence: String,
    momentary_max_s: i64,
    momentary_event_s: i64,
    cemi_levels: Vec<u32>,
    celid_single_h: Vec<u32>,
    celid_total_h: Vec<u32>,
    major_event_day: Option<MajorDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MajorDocument {
    multiplier: String,
    history_years: i16,
    deviation: Deviation,
}

impl Rules {
    /// Reads a document such as [`super::DEFAULT_RULES`].
    ///
    /// # Errors
    /// [`ReliabilityError::Rules`] with the line, [`ReliabilityError::RuleValue`] with the field.
    pub fn parse(text: &str) -> Result<Self, ReliabilityError> {
        let doc: Document =
            toml::from_str(text).map_err(|error| ReliabilityError::Rules(error.to_string()))?;
        let wrong = |field, reason| Err(ReliabilityError::RuleValue { field, reason });
        if doc.kind.is_empty() || doc.kind.len() > 1_000 {
            return wrong("kind", "must be between one and a thousand tables");
        }
        for (at, kind) in doc.kind.iter().enumerate() {
            if doc.kind[..at].iter().any(|other| other.id == kind.id) {
                return wrong("kind.id", "stands twice");
            }
        }
        let trips = &doc.trip_programme;
        if trips.trips == 0 || trips.window_days == 0 || trips.recheck_days == 0 {
            return wrong("trip_programme", "must count at least one trip and one day");
        }
        let standards = doc.standard.into_iter().map(standard).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { standards, kinds: doc.kind, trip_programme: doc.trip_programme })
    }

    /// The edition of a standard that holds on a day.
    ///
    /// # Errors
    /// [`ReliabilityError::Standard`].
    pub fn standard(&self, id: &str, day: Date) -> Result<&Standard, ReliabilityError> {
        let editions = self.standards.iter().filter(|s| s.id == id && s.valid_from <= day);
        editions
            .max_by_key(|standard| standard.valid_from)
            .ok_or_else(|| ReliabilityError::Standard(id.to_owned()))
    }

    /// The kind with this word.
    #[must_use]
    pub fn kind(&self, id: &str) -> Option<KindId> {
        let place = self.kinds.iter().position(|kind| kind.id == id)?;
        u16::try_from(place).ok().map(KindId)
    }
}

fn standard(doc: StandardDocument) -> Result<Standard, ReliabilityError> {
    let wrong = |field, reason| ReliabilityError::RuleValue { field, reason };
    let valid_from = doc.valid_from.parse();
    let day = 86_400;
    if !(0..=day).contains(&doc.momentary_max_s) || !(0..=day).contains(&doc.momentary_event_s) {
        return Err(wrong("momentary_max_s and momentary_event_s", "must be within a day"));
    }
    let major_event_day = doc
        .major_event_day
        .map(|major| {
            let multiplier = Ratio::parse(&major.multiplier).ok();
            let multiplier = multiplier.filter(|m| *m > Ratio::ZERO && m.numerator() <= 1_000);
            if !(1..=50).contains(&major.history_years) {
                return Err(wrong("major_event_day.history_years", "must be 1 to 50"));
            }
            Ok(MajorEventRule {
                multiplier: multiplier
                    .ok_or_else(|| wrong("major_event_day.multiplier", "must be above zero"))?,
                history_years: major.history_years,
                deviation: major.deviation,
            })
        })
        .transpose()?;
    Ok(Standard {
        valid_from: valid_from.map_err(|_| wrong("valid_from", "must be a date 2026-01-31"))?,
        id: doc.id,
        edition: doc.edition,
        source: doc.source,
        confidence: doc.confidence,
        momentary_max_s: doc.momentary_max_s,
        momentary_event_s: doc.momentary_event_s,
        cemi_levels: doc.cemi_levels,
        celid_single_h: doc.celid_single_h,
        celid_total_h: doc.celid_total_h,
        major_event_day,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::DEFAULT_RULES;
    use jiff::civil::date;

    #[test]
    fn the_document_that_comes_with_the_program_is_valid() {
        let rules = Rules::parse(DEFAULT_RULES).unwrap();
        let ieee = rules.standard("ieee-1366", date(2026, 1, 1)).unwrap();
        assert_eq!((ieee.momentary_max_s, ieee.major_event_day.unwrap().history_years), (300, 5));
        assert!(rules.standard("ieee-1366", date(1990, 1, 1)).is_err());
        assert!(rules.standard("iso", date(2026, 1, 1)).is_err());
        assert!(!rules.kinds[rules.kind("arrears").unwrap().place()].counts);
        assert!(rules.kind("weather").is_none());
    }

    #[test]
    fn a_wrong_document_names_its_field() {
        for (good, bad, field) in [
            ("momentary_max_s = 300", "momentary_max_s = -1", "momentary_max_s"),
            ("multiplier = \"2.5\"", "multiplier = \"0\"", "multiplier"),
            ("history_years = 5", "history_years = 0", "history_years"),
            ("id = \"temporary\"", "id = \"planned\"", "kind.id"),
            ("window_days = 60", "window_days = 0", "trip_programme"),
            ("trips = 3", "trip = 3", "trip"),
        ] {
            assert!(DEFAULT_RULES.contains(good), "{good}");
            let error = Rules::parse(&DEFAULT_RULES.replace(good, bad)).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
