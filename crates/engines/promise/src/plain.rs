//! Calendars as plain values, as scripts write them in JSON: the command line and the reference
//! cases use them. Packs and the calendars of `rules/` are the form that the program itself uses.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use kernel::{BusinessCalendar, Date, DayKind, Time};
use serde::Deserialize;

use crate::OfficeHours;

/// Office hours with the holidays of their place.
#[derive(Debug, Clone, Deserialize)]
pub struct PlainCalendar {
    /// Days of the week, 0 is Sunday.
    pub weekdays: Vec<u8>,
    /// When it opens, such as `08:30`.
    pub open: Time,
    /// When it closes.
    pub close: Time,
    /// One break.
    #[serde(rename = "break")]
    pub pause: Option<(Time, Time)>,
    /// Dates on which it is closed.
    pub holidays: Vec<Date>,
}

impl PlainCalendar {
    /// As the engine's types.
    #[must_use]
    pub fn hours(&self) -> (OfficeHours, BusinessCalendar) {
        let weekday = |day: &u8| match day {
            0 => Some(Weekday::Sunday),
            day => i8::try_from(*day).ok().and_then(|d| Weekday::from_monday_one_offset(d).ok()),
        };
        let hours = OfficeHours {
            weekdays: self.weekdays.iter().filter_map(weekday).collect(),
            on_holidays: false,
            open: self.open,
            close: Some(self.close),
            breaks: self.pause.into_iter().collect(),
        };
        (hours, calendar(&self.holidays, &[]))
    }
}

/// A calendar of these holidays and make-up working days, without bounds of years.
#[must_use]
pub fn calendar(holidays: &[Date], make_up: &[Date]) -> BusinessCalendar {
    let off = holidays.iter().map(|day| (*day, (DayKind::Holiday, String::new())));
    let worked = make_up.iter().map(|day| (*day, (DayKind::Working, String::new())));
    BusinessCalendar {
        name: "plain".to_owned(),
        source: "given by the caller".to_owned(),
        years: None,
        exceptions: off.chain(worked).collect::<BTreeMap<_, _>>(),
    }
}
