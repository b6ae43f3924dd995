//! Business calendars: weekends, public holidays and make-up working days (调休), as data with a
//! source. Windows of a tariff and clocks of a promise both ask them.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::{Fault, FaultKind};

/// What kind of day a date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// An ordinary working day, or a weekend day that is worked instead of another (调休上班).
    Working,
    /// A day of the weekly rest.
    Weekend,
    /// A public holiday.
    Holiday,
}

/// Why a calendar gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The calendar has no data for this year: guessing would give a wrong deadline.
    #[error("calendar {calendar} has no holidays for {year}: load that year's announcement first")]
    YearMissing {
        /// The calendar's name.
        calendar: String,
        /// The year asked for.
        year: i16,
    },
    /// The date lies at the edge of what can be computed.
    #[error("date {0} is outside the calendar")]
    OutOfRange(Date),
}

impl Fault for CalendarError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::YearMissing { .. } => "calendar.year_missing",
            Self::OutOfRange(_) => "calendar.out_of_range",
        }
    }
}

/// A named calendar. `exceptions` holds only the days that differ from the weekly pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessCalendar {
    /// Its name, such as `cn`.
    pub name: String,
    /// Where the exceptions were announced.
    pub source: String,
    /// The first and last year (inclusive) whose announcements are loaded; `None`: a pattern
    /// without public holidays, valid in every year.
    pub years: Option<(i16, i16)>,
    /// Holidays and make-up working days, with the name people call them by.
    pub exceptions: BTreeMap<Date, (DayKind, String)>,
}

impl BusinessCalendar {
    /// Monday to Friday, no public holidays: for tariffs that know none.
    #[must_use]
    pub fn weekdays_only() -> Self {
        Self {
            name: "weekdays".to_owned(),
            source: "Monday to Friday".to_owned(),
            years: None,
            exceptions: BTreeMap::new(),
        }
    }

    /// What kind of day this is.
    ///
    /// # Errors
    /// [`CalendarError::YearMissing`] for a year whose announcement is not loaded.
    pub fn kind(&self, date: Date) -> Result<DayKind, CalendarError> {
        if self.years.is_some_and(|(first, last)| !(first..=last).contains(&date.year())) {
            return Err(CalendarError::YearMissing {
                calendar: self.name.clone(),
                year: date.year(),
            });
        }
        Ok(match self.exceptions.get(&date) {
            Some((kind, _)) => *kind,
            None if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) => {
                DayKind::Weekend
            }
            None => DayKind::Working,
        })
    }

    /// Whether people work on this date.
    ///
    /// # Errors
    /// As [`BusinessCalendar::kind`].
    pub fn is_working(&self, date: Date) -> Result<bool, CalendarError> {
        Ok(self.kind(date)? == DayKind::Working)
    }

    /// The date `days` working days after `date`; the start itself does not count.
    ///
    /// # Errors
    /// As [`BusinessCalendar::kind`], and [`CalendarError::OutOfRange`].
    pub fn plus_working_days(&self, date: Date, days: u32) -> Result<Date, CalendarError> {
        let mut left = days;
        let mut day = date;
        while left > 0 {
            day = day.tomorrow().map_err(|_| CalendarError::OutOfRange(date))?;
            if self.is_working(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// National Day 2025 (国办发明电〔2024〕12号): 1 to 8 October off, 28 September and
    /// 11 October worked.
    fn cn_2025() -> BusinessCalendar {
        let mut exceptions = BTreeMap::new();
        for day in 1..=8 {
            exceptions.insert(date(2025, 10, day), (DayKind::Holiday, "国庆节、中秋节".to_owned()));
        }
        for day in [date(2025, 9, 28), date(2025, 10, 11)] {
            exceptions.insert(day, (DayKind::Working, "调休上班".to_owned()));
        }
        BusinessCalendar {
            name: "cn".to_owned(),
            source: "国办发明电〔2024〕12号".to_owned(),
            years: Some((2025, 2025)),
            exceptions,
        }
    }

    #[test]
    fn make_up_days_are_worked_and_holidays_are_not() {
        let cn = cn_2025();
        assert_eq!(cn.kind(date(2025, 9, 28)), Ok(DayKind::Working));
        assert_eq!(cn.kind(date(2025, 10, 8)), Ok(DayKind::Holiday));
        assert_eq!(cn.kind(date(2025, 10, 12)), Ok(DayKind::Weekend));
        // Five working days after Friday 26 September: 28, 29, 30, then 9 and 10 October.
        assert_eq!(cn.plus_working_days(date(2025, 9, 26), 5), Ok(date(2025, 10, 10)));
        assert_eq!(cn.plus_working_days(date(2025, 9, 26), 0), Ok(date(2025, 9, 26)));
    }

    #[test]
    fn a_year_without_data_is_refused_not_guessed() {
        assert!(matches!(
            cn_2025().kind(date(2026, 1, 1)),
            Err(CalendarError::YearMissing { year: 2026, .. })
        ));
        assert!(BusinessCalendar::weekdays_only().kind(date(2026, 1, 1)).is_ok());
    }
}
