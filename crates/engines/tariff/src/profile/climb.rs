//! Climbing a month's ladder with energy in the order of use, and the passes over a year of
//! intervals that make it quick: whole days are added up hour by hour of the day.

use super::form::MonthForm;
use super::ladder::{Ladder, NO_LIMIT};
use super::{ExactAmount, HourlyForm, Price, ProfileError};

impl HourlyForm {
    /// Interval-power sums per segment and column of a month that delivers nothing. Days that
    /// stay on one segment are added up hour by hour of the day; only a day that crosses a limit
    /// is climbed interval by interval.
    pub(super) fn climb(
        &self,
        month: usize,
        ticks: &[i64],
        steps: usize,
        ladder: &Ladder,
    ) -> Vec<i64> {
        let form = &self.months[month];
        let mut on = vec![0_i64; ladder.upper_ukwh.len() * ladder.columns];
        let mut climb = Climb::new(ladder, steps);
        let mut tally = ByHour::default();
        for (kind, day) in form.day_kinds().zip(ticks.chunks_exact(24 * steps)) {
            let before = tally[kind];
            let total = add_by_hour(&mut tally[kind], day, steps);
            if climb.stays_below(total) {
                climb.used += total;
                continue;
            }
            tally[kind] = before;
            climb.book(form, &mut tally, &mut on);
            for (&column, hour) in form.energy_hours[kind].iter().zip(day.chunks(steps)) {
                for &value in hour {
                    climb.take(usize::from(column), value, &mut on);
                }
            }
        }
        climb.book(form, &mut tally, &mut on);
        on
    }
}

/// A number for each hour of the day, on weekdays and on weekends.
pub(super) type ByHour = [[i64; 24]; 2];

/// The highest power of a month in each hour of the day, by kind of day; never below zero.
pub(super) fn highest_by_hour(month: &MonthForm, ticks: &[i64], steps: usize) -> ByHour {
    let mut highest = ByHour::default();
    for (kind, day) in month.day_kinds().zip(ticks.chunks_exact(24 * steps)) {
        let own = &mut highest[kind];
        if let Ok(day) = <&[i64; 24]>::try_from(day) {
            for (high, &value) in own.iter_mut().zip(day) {
                *high = value.max(*high);
            }
        } else {
            for (high, hour) in own.iter_mut().zip(day.chunks_exact(steps)) {
                *high = hour.iter().fold(*high, |high, &v| high.max(v));
            }
        }
    }
    highest
}

/// Adds a day to a tally; gives the day's sum. The sums cannot wrap: a year of minutes at the
/// largest power fits 63 bits.
fn add_by_hour(tally: &mut [i64; 24], day: &[i64], steps: usize) -> i64 {
    let mut total = 0_i64;
    if let Ok(day) = <&[i64; 24]>::try_from(day) {
        for (sum, &value) in tally.iter_mut().zip(day) {
            *sum = sum.wrapping_add(value);
            total = total.wrapping_add(value);
        }
    } else {
        for (sum, hour) in tally.iter_mut().zip(day.chunks_exact(steps)) {
            let own = hour.iter().fold(0, |sum: i64, &v| sum.wrapping_add(v));
            *sum = sum.wrapping_add(own);
            total = total.wrapping_add(own);
        }
    }
    total
}

/// The intervals of an hour as a divisor.
pub(super) fn parts(steps_per_hour: usize) -> i64 {
    i64::try_from(steps_per_hour).unwrap_or(i64::MAX) // at most 60, checked at the door
}

/// A position on a ladder, moved by energy in interval-power units.
pub(super) struct Climb<'l> {
    ladder: &'l Ladder,
    parts: i64,
    used: i64,
    segment: usize,
    upper: i64,
}

impl<'l> Climb<'l> {
    pub fn new(ladder: &'l Ladder, steps_per_hour: usize) -> Self {
        let mut climb =
            Self { ladder, parts: parts(steps_per_hour), used: 0, segment: 0, upper: 0 };
        climb.upper = climb.upper_of(0);
        climb
    }

    fn upper_of(&self, segment: usize) -> i64 {
        self.ladder.upper_ukwh.get(segment).map_or(NO_LIMIT, |u| u.saturating_mul(self.parts))
    }

    /// Whether so much more ends on the same segment.
    pub fn stays_below(&self, ticks: i64) -> bool {
        self.used + ticks <= self.upper
    }

    /// Books a tally of days on the present segment, and empties it.
    fn book(&self, month: &MonthForm, tally: &mut ByHour, on: &mut [i64]) {
        let first = self.segment * self.ladder.columns;
        for (columns, sums) in month.energy_hours.iter().zip(tally) {
            for (&column, sum) in columns.iter().zip(sums) {
                on[first + usize::from(column)] += std::mem::take(sum);
            }
        }
    }

    /// Uses energy of a period and books it on the segments that it passes.
    pub fn take(&mut self, column: usize, ticks: i64, on: &mut [i64]) {
        let mut left = ticks;
        while !self.stays_below(left) {
            let here = self.upper - self.used;
            on[self.segment * self.ladder.columns + column] += here;
            self.used = self.upper;
            left -= here;
            self.segment += 1;
            self.upper = self.upper_of(self.segment);
        }
        on[self.segment * self.ladder.columns + column] += left;
        self.used += left;
    }

    /// As [`Climb::take`], and what it costs at the prices of the steps it passes.
    pub fn take_priced(
        &mut self,
        column: usize,
        ticks: i64,
        on: &mut [i64],
        price_of: impl Fn(usize) -> Price,
    ) -> Result<ExactAmount, ProfileError> {
        let mut left = ticks;
        let mut cost = ExactAmount::ZERO;
        while !self.stays_below(left) {
            let here = self.upper - self.used;
            let price = price_of(self.ladder.step(self.segment, column));
            cost = cost.plus(price.of(here, self.parts)?)?;
            self.take(column, here, on);
            left -= here;
            self.segment += 1;
            self.upper = self.upper_of(self.segment);
        }
        let price = price_of(self.ladder.step(self.segment, column));
        self.take(column, left, on);
        cost.plus(price.of(left, self.parts)?)
    }

    /// Books energy where the climb stands, without moving it: energy that has a price of its
    /// own does not count toward the limits.
    pub fn stay(&self, column: usize, ticks: i64, on: &mut [i64]) {
        on[self.segment * self.ladder.columns + column] += ticks;
    }
}
