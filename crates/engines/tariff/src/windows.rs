//! Which time-of-use period each quarter-hour of a date belongs to: base windows by month and
//! kind of day that cover the 24 hours exactly once, and overrides by date, holiday or measured
//! temperature on top. Prices live elsewhere.

use std::collections::BTreeMap;

use jiff::civil::Weekday;
use kernel::{BusinessCalendar, Date, DayKind};

use crate::{Bucket, SeasonDays, TariffError};

/// Slots of a day: 15 minutes each.
pub const SLOTS_PER_DAY: usize = 96;
/// Minutes of a slot.
pub const SLOT_MINUTES: u16 = 15;
/// The bucket of each slot of one day, from 00:00 local time.
pub type DaySlots = [Bucket; SLOTS_PER_DAY];

/// Half-open range of slots `[from, to)` within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotRange {
    /// First slot inside.
    pub from: u8,
    /// First slot after; at most 96.
    pub to: u8,
}

impl SlotRange {
    /// Reads `09:00-11:00`, wrapping past midnight into two ranges (`22:00-06:00`).
    ///
    /// # Errors
    /// A sentence about what is wrong with the text.
    pub fn parse(text: &str) -> Result<Vec<Self>, String> {
        let wrong = || format!("{text:?} is no window: write hh:mm-hh:mm on quarter-hours");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let slot = |t: &str| -> Option<u8> {
            let (h, m) = t.trim().split_once(':')?;
            let (h, m) = (h.parse::<u16>().ok()?, m.parse::<u16>().ok()?);
            if h > 24 || m >= 60 {
                return None;
            }
            let minutes = h * 60 + m;
            (minutes <= 1440 && minutes.is_multiple_of(SLOT_MINUTES))
                .then(|| u8::try_from(minutes / SLOT_MINUTES).ok())
                .flatten()
        };
        let (from, to) = (slot(from).ok_or_else(wrong)?, slot(to).ok_or_else(wrong)?);
        if from < to {
            return Ok(vec![Self { from, to }]);
        }
        if from == to {
            return Err(format!("{text:?} is empty; the whole day is 00:00-24:00"));
        }
        let late = Self { from, to: 96 };
        let early = Self { from: 0, to };
        Ok([late, early].into_iter().filter(|r| r.from < r.to).collect())
    }
}

/// The kinds of day in the order of the base table.
pub const DAY_KINDS: [DayKind; 3] = [DayKind::Working, DayKind::Weekend, DayKind::Holiday];

/// When an override holds. All given conditions must hold together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Condition {
    /// Months, January first; `None`: any.
    pub months: Option<[bool; 12]>,
    /// Days of the year, where a season does not begin with a month; `None`: any.
    pub season: Option<SeasonDays>,
    /// Kinds of day; empty: any.
    pub day_kinds: Vec<DayKind>,
    /// Days of the weekly rest by name (a tariff that tells Saturday from Sunday); empty: any.
    /// Such a day counts only when the calendar says that it is a weekend.
    pub rest_days: Vec<Weekday>,
    /// Listed dates; empty: any.
    pub dates: Vec<Date>,
    /// Public holidays whose calendar name contains one of these; empty: any.
    pub holidays: Vec<String>,
    /// Measured temperature.
    pub temperature: Option<HotRule>,
}

/// A rule on the highest temperature of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotRule {
    /// The station that the decree names.
    pub station: String,
    /// At least this many tenths of a degree Celsius.
    pub at_least_dc: i32,
    /// How many days in a row, this one included.
    pub consecutive_days: u8,
}

/// Windows that replace the base when their condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowOverride {
    /// What it is called.
    pub name: String,
    /// When it holds.
    pub condition: Condition,
    /// What it changes.
    pub windows: Vec<(SlotRange, Bucket)>,
}

/// Highest temperatures by station and day, in tenths of a degree Celsius.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Weather(BTreeMap<String, BTreeMap<Date, i32>>);

impl Weather {
    /// Records a day's highest temperature.
    pub fn set(&mut self, station: &str, date: Date, max_dc: i32) {
        self.0.entry(station.to_owned()).or_default().insert(date, max_dc);
    }

    /// A day's highest temperature.
    #[must_use]
    pub fn max_dc(&self, station: &str, date: Date) -> Option<i32> {
        self.0.get(station)?.get(&date).copied()
    }
}

/// The compiled windows of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    days: Vec<DaySlots>,
    /// `base[month][kind]` is an index into `days`.
    base: [[u8; 3]; 12],
    overrides: Vec<WindowOverride>,
}

impl Windows {
    /// Every quarter-hour of every day in one bucket.
    #[must_use]
    pub fn always(bucket: Bucket) -> Self {
        Self { days: vec![[bucket; SLOTS_PER_DAY]], base: [[0; 3]; 12], overrides: Vec::new() }
    }

    /// From a full table `by_month[month][kind]`, kinds in the order of [`DAY_KINDS`]; already
    /// complete by its type.
    #[must_use]
    pub fn from_days(by_month: &[[DaySlots; 3]; 12], overrides: Vec<WindowOverride>) -> Self {
        let mut days: Vec<DaySlots> = Vec::new();
        let mut base = [[0; 3]; 12];
        for (row, indices) in by_month.iter().zip(&mut base) {
            for (slots, index) in row.iter().zip(indices) {
                let at = days.iter().position(|d| d == slots).unwrap_or_else(|| {
                    days.push(*slots);
                    days.len() - 1
                });
                *index = u8::try_from(at).unwrap_or(0); // at most 36 distinct days
            }
        }
        Self { days, base, overrides }
    }

    /// From US schedules: the period of each hour, by month, for weekdays and weekends.
    /// Public holidays count as weekends.
    #[must_use]
    pub fn from_hours(weekday: &[[u8; 24]; 12], weekend: &[[u8; 24]; 12]) -> Self {
        let spread =
            |hours: &[u8; 24]| -> DaySlots { std::array::from_fn(|slot| Bucket(hours[slot / 4])) };
        let table = std::array::from_fn(|m| {
            let (work, rest) = (spread(&weekday[m]), spread(&weekend[m]));
            [work, rest, rest]
        });
        Self::from_days(&table, Vec::new())
    }

    /// Every bucket that some window uses.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> + '_ {
        let base = self.days.iter().flatten().copied();
        let extra = self.overrides.iter().flat_map(|o| o.windows.iter().map(|(_, b)| *b));
        let mut seen: Vec<Bucket> = base.chain(extra).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.into_iter()
    }

    /// The base windows of a month (1 to 12) and kind of day, without overrides.
    #[must_use]
    pub fn base(&self, month: u8, kind: DayKind) -> &DaySlots {
        let kind = DAY_KINDS.iter().position(|k| *k == kind).unwrap_or(0);
        let month = usize::from(month.clamp(1, 12) - 1);
        &self.days[usize::from(self.base[month][kind])]
    }

    /// The overrides in order; a later one wins.
    #[must_use]
    pub fn overrides(&self) -> &[WindowOverride] {
        &self.overrides
    }

    /// The bucket of each quarter-hour of a date, overrides applied.
    ///
    /// # Errors
    /// [`TariffError::Calendar`] for a year without announcement,
    /// [`TariffError::TemperatureMissing`] for a hot-day rule without a measurement.
    pub fn on(
        &self,
        date: Date,
        calendar: &BusinessCalendar,
        weather: &Weather,
    ) -> Result<DaySlots, TariffError> {
        let kind = calendar.kind(date)?;
        let month = date.month().unsigned_abs();
        let mut slots = *self.base(month, kind);
        for rule in &self.overrides {
            if rule.condition.holds(date, kind, calendar, weather)? {
                for (range, bucket) in &rule.windows {
                    slots[usize::from(range.from)..usize::from(range.to)].fill(*bucket);
                }
            }
        }
        Ok(slots)
    }
}

impl Condition {
    fn holds(
        &self,
        date: Date,
        kind: DayKind,
        calendar: &BusinessCalendar,
        weather: &Weather,
    ) -> Result<bool, TariffError> {
        let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
        let named = || {
            calendar.exceptions.get(&date).is_some_and(|(kind, name)| {
                *kind == DayKind::Holiday && self.holidays.iter().any(|h| name.contains(h.as_str()))
            })
        };
        let plain = self.months.is_none_or(|m| m[month])
            && self
                .season
                .as_ref()
                .is_none_or(|s| s.contains(date.month().unsigned_abs(), date.day().unsigned_abs()))
            && (self.day_kinds.is_empty() && self.rest_days.is_empty()
                || self.day_kinds.contains(&kind)
                || kind == DayKind::Weekend && self.rest_days.contains(&date.weekday()))
            && (self.dates.is_empty() || self.dates.contains(&date))
            && (self.holidays.is_empty() || named());
        match &self.temperature {
            Some(hot) if plain => hot.holds(date, weather),
            _ => Ok(plain),
        }
    }
}

impl HotRule {
    /// Whether this day and the days before it that the rule counts were hot enough. It looks
    /// back only, so a day's windows never change after the day.
    fn holds(&self, date: Date, weather: &Weather) -> Result<bool, TariffError> {
        let mut day = date;
        for _ in 0..self.consecutive_days {
            let measured = weather.max_dc(&self.station, day);
            let max_dc = measured.ok_or_else(|| TariffError::TemperatureMissing {
                station: self.station.clone(),
                date: day,
            })?;
            if max_dc < self.at_least_dc {
                return Ok(false);
            }
            day = day.yesterday().map_err(|_| kernel::CalendarError::OutOfRange(date))?;
        }
        Ok(true)
    }
}
