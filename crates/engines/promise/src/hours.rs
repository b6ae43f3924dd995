//! When an office works: on which days, from when to when, with which breaks. Data of a pack.

use jiff::civil::Weekday;
use kernel::{BusinessCalendar, CalendarError, Date, DayKind, Time};

/// The hours of an office or a hotline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeHours {
    /// The days of the week on which it is open.
    pub weekdays: Vec<Weekday>,
    /// Whether it is open on public holidays too.
    pub on_holidays: bool,
    /// When it opens.
    pub open: Time,
    /// When it closes; none: at the end of the day.
    pub close: Option<Time>,
    /// Breaks within, in order.
    pub breaks: Vec<(Time, Time)>,
}

impl OfficeHours {
    /// All of every working day.
    #[must_use]
    pub fn working_days() -> Self {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        Self {
            weekdays: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
            on_holidays: false,
            open: Time::midnight(),
            close: None,
            breaks: Vec::new(),
        }
    }

    /// Whether it is open on a date: a make-up working day is open whatever the day of the week,
    /// a holiday is closed unless it says otherwise.
    ///
    /// # Errors
    /// A year whose holidays are not known.
    pub fn is_open(&self, calendar: &BusinessCalendar, date: Date) -> Result<bool, CalendarError> {
        let kind = calendar.kind(date)?;
        let by_week = self.weekdays.contains(&date.weekday());
        Ok(match calendar.exceptions.get(&date) {
            Some(_) if kind == DayKind::Working => true,
            Some(_) if kind == DayKind::Holiday => self.on_holidays && by_week,
            _ => by_week,
        })
    }

    /// The stretches of an open day; the last one's end is none when it is the end of the day.
    /// Empty stretches are left out.
    #[must_use]
    pub fn stretches(&self) -> Vec<(Time, Option<Time>)> {
        let mut from = self.open;
        let mut stretches = Vec::with_capacity(self.breaks.len() + 1);
        for (begin, end) in &self.breaks {
            if *begin > from {
                stretches.push((from, Some(*begin)));
            }
            from = from.max(*end);
        }
        if self.close.is_none_or(|close| close > from) {
            stretches.push((from, self.close));
        }
        stretches
    }
}
