//! Office hours over years as one sorted list of stretches with running totals, so that "how much
//! was worked until then" and "when will so much have been worked" are a binary search each.

use jiff::civil::date;
use kernel::{BusinessCalendar, Date, Instant, Zone};

use crate::{ClockError, OfficeHours};

/// A stretch of worked time, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    open: i64,
    close: i64,
    /// What was worked before it opens.
    before: i64,
}

/// Worked time between the first day of one year and the last of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    stretches: Vec<Stretch>,
    from: Instant,
    to: Instant,
    through: Date,
    worked: i64,
}

impl Schedule {
    /// Lays the hours over the calendar's days from one year through another (both inclusive).
    ///
    /// # Errors
    /// A year whose holidays are not known, a year outside the calendar.
    pub fn compile(
        hours: &OfficeHours,
        calendar: &BusinessCalendar,
        zone: &Zone,
        (first, last): (i16, i16),
    ) -> Result<Self, ClockError> {
        let mut day = date(first.clamp(-9998, 9998), 1, 1);
        let through = date(last.clamp(-9998, 9998), 12, 31);
        let from = zone.instant_of(day.at(0, 0, 0, 0))?;
        let daily = hours.stretches();
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut worked = 0;
        let mut to = from;
        while day <= through {
            let whole = zone.day(day)?;
            to = whole.to().unwrap_or(to);
            if hours.is_open(calendar, day)? {
                for (begin, end) in &daily {
                    let open = zone.instant_of(day.to_datetime(*begin))?.micros();
                    let close = match end {
                        Some(end) => zone.instant_of(day.to_datetime(*end))?.micros(),
                        None => to.micros(),
                    };
                    // A stretch that falls into the gap of a spring night is empty.
                    if close > open {
                        stretches.push(Stretch { open, close, before: worked });
                        worked += close - open;
                    }
                }
            }
            day = day.tomorrow().map_err(|_| kernel::QuantityError::Overflow("date"))?;
        }
        Ok(Self { stretches, from, to, through, worked })
    }

    /// What was worked from the schedule's beginning until an instant, in microseconds.
    ///
    /// # Errors
    /// [`ClockError::BeyondCalendar`].
    pub fn worked_until(&self, at: Instant) -> Result<i64, ClockError> {
        if at < self.from || at > self.to {
            return Err(self.beyond(at));
        }
        let next = self.stretches.partition_point(|s| s.open <= at.micros());
        let Some(last) = next.checked_sub(1).map(|index| self.stretches[index]) else {
            return Ok(0);
        };
        Ok(last.before + at.micros().min(last.close) - last.open)
    }

    /// The last instant until which no more than this was worked.
    ///
    /// # Errors
    /// [`ClockError::BeyondCalendar`] when all that is scheduled is not more than this.
    pub fn latest_with(&self, worked: i64) -> Result<Instant, ClockError> {
        if worked < 0 || worked >= self.worked {
            return Err(self.beyond(self.from));
        }
        let next = self.stretches.partition_point(|s| s.before <= worked);
        let stretch = self.stretches[next.saturating_sub(1)];
        Ok(Instant::from_micros(stretch.open + worked - stretch.before))
    }

    /// Time worked between two instants, in microseconds; negative when they stand the other way.
    ///
    /// # Errors
    /// [`ClockError::BeyondCalendar`].
    pub fn worked_between(&self, from: Instant, to: Instant) -> Result<i64, ClockError> {
        Ok(self.worked_until(to)? - self.worked_until(from)?)
    }

    /// The instants at which its stretches end, after an instant: the stretch that the instant
    /// lies in does not count.
    pub(crate) fn closings_after(&self, at: Instant) -> impl Iterator<Item = Instant> + '_ {
        let next = self.stretches.partition_point(|s| s.open <= at.micros());
        self.stretches[next..].iter().map(|s| Instant::from_micros(s.close))
    }

    /// The last day that is scheduled.
    #[must_use]
    pub const fn through(&self) -> Date {
        self.through
    }

    pub(crate) const fn beyond(&self, from: Instant) -> ClockError {
        ClockError::BeyondCalendar { from, through: self.through }
    }
}
