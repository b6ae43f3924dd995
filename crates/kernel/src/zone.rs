//! Time zones, and the days that a zone cuts time into: 23, 24 or 25 hours long where there is
//! daylight saving.

use std::fmt;

use jiff::{civil::Date, tz::TimeZone};

use crate::{Instant, InstantPeriod, Period, QuantityError};

/// An IANA time zone from the database that is compiled in, so that every machine agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone with this IANA name, such as `Asia/Shanghai`.
    #[must_use]
    pub fn get(name: &str) -> Option<Self> {
        TimeZone::get(name).ok().map(Self)
    }

    /// Coordinated universal time.
    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The business date of an instant.
    #[must_use]
    pub fn date_of(&self, instant: Instant) -> Date {
        self.0.to_datetime(instant.timestamp()).date()
    }

    /// The civil date and time of an instant.
    #[must_use]
    pub fn datetime_of(&self, instant: Instant) -> jiff::civil::DateTime {
        self.0.to_datetime(instant.timestamp())
    }

    /// The instant of a civil date and time: in a spring gap the time after it, in an autumn
    /// fold the first of the two.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] at the edge of the calendar.
    pub fn instant_of(&self, at: jiff::civil::DateTime) -> Result<Instant, QuantityError> {
        self.0.to_timestamp(at).map(Instant::from).map_err(|_| QuantityError::Overflow("date"))
    }

    /// From this date's first instant to the next date's.
    ///
    /// # Errors
    /// [`QuantityError::Overflow`] at the edge of the calendar.
    pub fn day(&self, date: Date) -> Result<InstantPeriod, QuantityError> {
        let next = date.tomorrow().map_err(|_| QuantityError::Overflow("date"))?;
        let from = self.instant_of(date.at(0, 0, 0, 0))?;
        let to = self.instant_of(next.at(0, 0, 0, 0))?;
        Period::new(from, to).map_err(|_| QuantityError::Overflow("date"))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn hours(zone: &str, day: Date) -> i64 {
        let day = Zone::get(zone).unwrap().day(day).unwrap();
        (day.to().unwrap().micros() - day.from().micros()) / 3_600_000_000
    }

    #[test]
    fn days_have_23_24_or_25_hours() {
        assert_eq!(hours("Asia/Shanghai", date(2026, 3, 29)), 24);
        assert_eq!(hours("Europe/London", date(2026, 3, 29)), 23);
        assert_eq!(hours("Europe/London", date(2026, 10, 25)), 25);
        // Shanghai kept daylight saving from 1986 to 1991.
        assert_eq!(hours("Asia/Shanghai", date(1988, 4, 17)), 23);
        assert!(Zone::get("Nowhere/Land").is_none());
    }

    #[test]
    fn an_instant_belongs_to_the_local_date() {
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let late: jiff::Timestamp = "2026-06-30T16:00:00Z".parse().unwrap();
        assert_eq!(zone.date_of(late.into()), date(2026, 7, 1));
    }
}
