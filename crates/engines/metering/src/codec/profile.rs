//! Import profiles: what the columns of someone else's CSV mean. A profile is a TOML document:
//!
//! ```toml
//! name = "a retailer's half-hourly export"
//! zone = "+10:00"               # IANA name, or an offset that never changes
//! delimiter = ","               # default: the one the header has most of
//! decimal = "."                 # or ","
//! skip_lines = 0                # lines before the header
//! length = "30min"              # of each value: "day", or minutes: 5, 10, 15, 20, 30, 60
//! missing = ["", "NA"]          # what stands for an unknown value
//!
//! [time]
//! column = "StartDate"          # a header name, or "#1" for the first column
//! format = "%d/%m/%y %H:%M"     # default: 2026-06-30 00:15, 2026-06-30 or RFC 3339
//! marks = "start"               # or "end" of the interval
//!
//! [point]
//! column = "NMI"                # or fixed = "customer-12", or header = "T" for a matrix whose
//!                               # columns are usage points: T1, T2 …
//!
//! [[values]]
//! column = "ProfileReadValue"   # or "*": every column that nothing else names (a matrix)
//! unit = "kWh"
//! register = "total"            # default; export_total, reactive_forward …
//! decimals = 3                  # round to so many; default: exact, at most nine
//!
//! [quality]                     # optional
//! column = "QualityFlag"
//! names = { A = "valid", S = "estimated.unknown" }
//! otherwise = "questionable"    # for other texts; without it they are refused
//! ```

use std::collections::BTreeMap;

use kernel::{Fault, FaultKind};
use serde::Deserialize;

use super::{Unit, time::Moments};
use crate::reading::{INTERVAL_SECONDS, Mark, RegisterKind};

/// Profiles of published data sets, by name: to import them, and as examples to start from.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("tianchi-daily-matrix", include_str!("../../profiles/tianchi-daily-matrix.toml")),
    ("low-carbon-london-daily", include_str!("../../profiles/low-carbon-london-daily.toml")),
    ("sgsc-retailer-interval", include_str!("../../profiles/sgsc-retailer-interval.toml")),
    ("ausgrid-solar-home", include_str!("../../profiles/ausgrid-solar-home.toml")),
];

/// A profile that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// The text is no profile.
    #[error("the import profile cannot be read: {0}")]
    Syntax(String),
    /// A setting makes no sense.
    #[error("import profile \"{name}\": {reason}")]
    Setting {
        /// The profile.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

impl Fault for ProfileError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "metering.profile_syntax",
            Self::Setting { .. } => "metering.profile_setting",
        }
    }
}

/// A checked import profile.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(super) moments: Moments,
    pub(super) document: Document,
    pub(super) length: Length,
    pub(super) delimiter: Option<u8>,
    pub(super) decimal: u8,
    pub(super) qualities: BTreeMap<String, Mark>,
    pub(super) otherwise: Option<Mark>,
}

/// How long each value lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// A local day: 23, 24 or 25 hours.
    Day,
    /// Seconds.
    Seconds(u32),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) name: String,
    zone: String,
    delimiter: Option<String>,
    decimal: Option<String>,
    #[serde(default)]
    pub(super) skip_lines: u64,
    length: String,
    #[serde(default)]
    pub(super) missing: Vec<String>,
    pub(super) time: TimeColumn,
    pub(super) point: PointFrom,
    pub(super) values: Vec<ValueColumn>,
    quality: Option<QualityColumn>,
    #[serde(default)]
    pub(super) ignore: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimeColumn {
    pub(super) column: String,
    format: Option<String>,
    marks: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PointFrom {
    /// A column names it.
    Column(String),
    /// The whole file is about one.
    Fixed(String),
    /// Each value column is one, named by this prefix and the column's header.
    Header(String),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueColumn {
    pub(super) column: String,
    pub(super) unit: Unit,
    pub(super) register: Option<RegisterKind>,
    pub(super) decimals: Option<u8>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct QualityColumn {
    column: String,
    names: BTreeMap<String, String>,
    otherwise: Option<String>,
}

impl Profile {
    /// Reads and checks a profile.
    ///
    /// # Errors
    /// [`ProfileError`], naming the line or the setting.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let document: Document =
            toml::from_str(text).map_err(|error| ProfileError::Syntax(error.to_string()))?;
        let name = document.name.clone();
        let wrong = |reason: String| ProfileError::Setting { name: name.clone(), reason };
        let moments = Moments::new(&document.zone, document.time.format.as_deref());
        let one = |setting: &Option<String>, what: &str| match setting.as_deref().map(str::as_bytes)
        {
            None => Ok(None),
            Some([byte]) if byte.is_ascii() => Ok(Some(*byte)),
            Some(_) => Err(wrong(format!("{what} must be one character"))),
        };
        if !matches!(document.time.marks.as_deref(), None | Some("start" | "end")) {
            return Err(wrong("time.marks must be \"start\" or \"end\"".to_owned()));
        }
        for value in &document.values {
            let register = value.register.unwrap_or(RegisterKind::Total);
            if register.unit() != value.unit.kept_in() {
                let (needs, has) = (register.unit(), value.unit.kept_in());
                let column = &value.column;
                return Err(wrong(format!(
                    "{column}: {register} is measured in {needs}, not {has}"
                )));
            }
        }
        if document.values.is_empty() {
            return Err(wrong("no [[values]] column is named".to_owned()));
        }
        let mark_of = |mark: &String| {
            Mark::from_name(mark).ok_or_else(|| wrong(format!("\"{mark}\" is no quality")))
        };
        let otherwise = document.quality.as_ref().and_then(|quality| quality.otherwise.as_ref());
        let otherwise = otherwise.map(mark_of).transpose()?;
        let mut qualities = BTreeMap::new();
        for (text, mark) in document.quality.iter().flat_map(|quality| &quality.names) {
            qualities.insert(text.clone(), mark_of(mark)?);
        }
        Ok(Self {
            moments: moments.map_err(wrong)?,
            length: length(&document.length).map_err(wrong)?,
            delimiter: one(&document.delimiter, "delimiter")?,
            decimal: one(&document.decimal, "decimal")?.unwrap_or(b'.'),
            qualities,
            otherwise,
            document,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.document.name
    }

    pub(super) fn marks_end(&self) -> bool {
        self.document.time.marks.as_deref() == Some("end")
    }

    pub(super) fn quality_column(&self) -> Option<&str> {
        self.document.quality.as_ref().map(|quality| quality.column.as_str())
    }
}

fn length(text: &str) -> Result<Length, String> {
    if text == "day" {
        return Ok(Length::Day);
    }
    let minutes = text.strip_suffix("min").and_then(|m| m.trim().parse::<u32>().ok());
    let seconds = minutes.and_then(|m| m.checked_mul(60));
    match seconds.filter(|s| INTERVAL_SECONDS.contains(s)) {
        Some(86_400) | None => Err(format!(
            "length \"{text}\" must be \"day\" or 5min, 10min, 15min, 20min, 30min, 60min"
        )),
        Some(seconds) => Ok(Length::Seconds(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "x"
zone = "Asia/Shanghai"
length = "15min"
[time]
column = "at"
[point]
column = "meter"
[[values]]
column = "use"
unit = "kWh"
"#;

    #[test]
    fn a_wrong_setting_is_named() {
        assert!(Profile::parse(GOOD).is_ok());
        for (from, to, word) in [
            ("Asia/Shanghai", "Mars/Base", "time zone"),
            ("15min", "7min", "length"),
            ("\"kWh\"", "\"kW\"", "kWh"),
            ("\"kWh\"", "\"horse\"", "horse"),
            ("column = \"use\"", "colum = \"use\"", "colum"),
            ("length", "decimal = \"::\"\nlength", "one character"),
        ] {
            let error = Profile::parse(&GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
