//! Reads a business calendar from TOML: the public holidays and make-up working days of a year
//! as announced, with the source.

use std::collections::BTreeMap;

use kernel::{BusinessCalendar, Date, DayKind};
use serde::Deserialize;

use crate::TariffError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    calendar: Head,
    #[serde(default)]
    holiday: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    name: String,
    year: i16,
    source: String,
    /// Whether the announcement itself was read; a reader's note, not used in rating.
    #[serde(rename = "verified")]
    _verified: bool,
    #[serde(default, rename = "notes")]
    _notes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    /// First day off.
    from: Date,
    /// Last day off, included.
    through: Date,
    /// Days worked instead.
    #[serde(default)]
    worked: Vec<Date>,
}

/// Reads a calendar document.
///
/// # Errors
/// [`TariffError::Document`] when it is not such a TOML, a holiday ends before it starts, or a
/// day lies outside the year.
pub fn from_toml(name: &str, text: &str) -> Result<BusinessCalendar, TariffError> {
    let wrong = |reason: String| TariffError::Document { tariff: name.to_owned(), reason };
    let document: Document = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    let year = document.calendar.year;
    let mut exceptions = BTreeMap::new();
    let mut put = |date: Date, kind: DayKind, label: &str| {
        if date.year() != year {
            return Err(wrong(format!("{label}: {date} is not in {year}")));
        }
        if let Some((_, other)) = exceptions.insert(date, (kind, label.to_owned())) {
            return Err(wrong(format!("{date} is given twice, in {other} and {label}")));
        }
        Ok(())
    };
    for holiday in &document.holiday {
        if holiday.through < holiday.from {
            return Err(wrong(format!("{}: it ends before it starts", holiday.name)));
        }
        let mut day = holiday.from;
        loop {
            put(day, DayKind::Holiday, &holiday.name)?;
            if day >= holiday.through {
                break;
            }
            day = day.tomorrow().map_err(|e| wrong(e.to_string()))?;
        }
        for day in &holiday.worked {
            put(*day, DayKind::Working, &format!("{}调休上班", holiday.name))?;
        }
    }
    Ok(BusinessCalendar {
        name: document.calendar.name,
        source: document.calendar.source,
        years: Some((year, year)),
        exceptions,
    })
}
