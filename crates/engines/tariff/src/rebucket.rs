//! Interval energy into the buckets of a plan, day by day. Registers of a meter follow the
//! windows that it was programmed with; after a decree change only intervals can tell the
//! buckets of the new windows.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::civil::DateTime;
use kernel::{BusinessCalendar, Date, QuantityError};

use crate::{
    Bucket, DaySlots, MAX_BUCKETS, TariffError, Weather, Windows,
    windows::{SLOT_MINUTES, SLOTS_PER_DAY},
};

/// Energy of a stretch of local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalUse {
    /// When it starts, in the plan's zone.
    pub start: DateTime,
    /// How long it is, in minutes.
    pub minutes: u16,
    /// µkWh.
    pub energy_ukwh: i64,
}

/// A day's µkWh by bucket.
pub type DayBuckets = [i64; MAX_BUCKETS];

impl Windows {
    /// Sorts intervals into buckets by date. An interval that crosses a window's edge is split
    /// in proportion to time, to the last µkWh.
    ///
    /// # Errors
    /// As [`Windows::on`]; [`TariffError::Usage`] for an interval that is empty, longer than a
    /// day or crosses midnight other than by ending on it; [`TariffError::Quantity`].
    pub fn rebucket(
        &self,
        intervals: &[IntervalUse],
        calendar: &BusinessCalendar,
        weather: &Weather,
    ) -> Result<BTreeMap<Date, DayBuckets>, TariffError> {
        let mut days: BTreeMap<Date, (DaySlots, DayBuckets)> = BTreeMap::new();
        for interval in intervals {
            let date = interval.start.date();
            let (slots, totals) = match days.entry(date) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    new.insert((self.on(date, calendar, weather)?, [0; MAX_BUCKETS]))
                }
            };
            place(interval, slots, totals)?;
        }
        Ok(days.into_iter().map(|(date, (_, totals))| (date, totals)).collect())
    }
}

/// Spreads one interval over the minutes of its day.
fn place(
    interval: &IntervalUse,
    slots: &DaySlots,
    totals: &mut DayBuckets,
) -> Result<(), TariffError> {
    let time = interval.start.time();
    let from = i64::from(time.hour()) * 60 + i64::from(time.minute());
    let length = i64::from(interval.minutes);
    if length == 0 || from + length > 1440 {
        let reason = format!(
            "the interval of {} min at {} is empty or runs past midnight",
            interval.minutes, interval.start
        );
        return Err(TariffError::Usage { reason });
    }
    let (mut at, mut placed) = (from, 0_i64);
    while at < from + length {
        let (slot, bucket) = slot_at(slots, at);
        let end = (slot + 1) * i64::from(SLOT_MINUTES);
        let end = end.min(from + length);
        // Cumulative cuts, so that the parts add up.
        let cut = i128::from(interval.energy_ukwh) * i128::from(end - from) / i128::from(length);
        let cut = i64::try_from(cut).map_err(|_| QuantityError::Overflow("energy"))?;
        let total = &mut totals[bucket.index().min(MAX_BUCKETS - 1)];
        *total = total.checked_add(cut - placed).ok_or(QuantityError::Overflow("energy"))?;
        placed = cut;
        at = end;
    }
    Ok(())
}

fn slot_at(slots: &DaySlots, minute: i64) -> (i64, Bucket) {
    let slot = minute / i64::from(SLOT_MINUTES);
    let index = usize::try_from(slot).unwrap_or(0).min(SLOTS_PER_DAY - 1);
    (slot, slots[index])
}
