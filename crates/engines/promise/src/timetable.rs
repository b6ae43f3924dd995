//! Everything that clocks ask about time: the zone, the working days and the office hours of all
//! packs, laid over the years whose holidays are known.

use std::collections::BTreeMap;

use kernel::{BusinessCalendar, Zone};

use crate::{ClockError, OfficeHours, Schedule};

/// Time as the organisation counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    pub(crate) zone: Zone,
    pub(crate) working_days: Schedule,
    hours: BTreeMap<String, Schedule>,
}

impl Timetable {
    /// Lays the hours over the years of the calendar; a calendar without years, which knows no
    /// public holidays, over those asked for.
    ///
    /// # Errors
    /// A year outside the calendar.
    pub fn compile<'a>(
        zone: &Zone,
        calendar: &BusinessCalendar,
        hours: impl IntoIterator<Item = (&'a str, &'a OfficeHours)>,
        years: (i16, i16),
    ) -> Result<Self, ClockError> {
        let years = calendar.years.unwrap_or(years);
        let lay = |hours: &OfficeHours| Schedule::compile(hours, calendar, zone, years);
        let mut schedules = BTreeMap::new();
        for (name, hours) in hours {
            schedules.insert(name.to_owned(), lay(hours)?);
        }
        let working_days = lay(&OfficeHours::working_days())?;
        Ok(Self { zone: zone.clone(), working_days, hours: schedules })
    }

    /// The zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The schedule of some office hours.
    ///
    /// # Errors
    /// [`ClockError::NoHours`].
    pub fn schedule(&self, name: &str) -> Result<&Schedule, ClockError> {
        self.hours.get(name).ok_or_else(|| ClockError::NoHours(name.to_owned()))
    }

    /// The schedule of working days, each worked from its first instant to its last.
    #[must_use]
    pub const fn working_days(&self) -> &Schedule {
        &self.working_days
    }
}
