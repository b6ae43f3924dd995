//! Half-open periods `[from, to)`, over dates or instants, with an optional open end.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Instant;

/// `[from, to)`; `to = None` means that no end is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period<T> {
    from: T,
    to: Option<T>,
}

/// A period of whole business days.
pub type DatePeriod = Period<Date>;
/// A period between two instants.
pub type InstantPeriod = Period<Instant>;

/// A period that ends before or when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the period ends on {to}, not after its start {from}")]
pub struct PeriodError<T: fmt::Debug + fmt::Display> {
    /// The first moment inside.
    pub from: T,
    /// The first moment after it.
    pub to: T,
}

impl<T: Copy + Ord + fmt::Debug + fmt::Display> Period<T> {
    /// `[from, to)`.
    ///
    /// # Errors
    /// When `to` is not after `from`.
    pub fn new(from: T, to: T) -> Result<Self, PeriodError<T>> {
        if to > from { Ok(Self { from, to: Some(to) }) } else { Err(PeriodError { from, to }) }
    }

    /// `[from, …)`.
    pub const fn since(from: T) -> Self {
        Self { from, to: None }
    }

    /// The first moment inside.
    pub const fn from(&self) -> T {
        self.from
    }

    /// The first moment after it, if it has an end.
    pub const fn to(&self) -> Option<T> {
        self.to
    }

    /// Whether the moment lies inside.
    pub fn contains(&self, moment: T) -> bool {
        moment >= self.from && self.to.is_none_or(|to| moment < to)
    }

    /// The part that both share.
    pub fn intersect(&self, other: &Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        to.is_none_or(|to| to > from).then_some(Self { from, to })
    }

    /// Whether they share a moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.intersect(other).is_some()
    }
}

impl DatePeriod {
    /// How many days it has; `None` when it has no end.
    #[must_use]
    pub fn days(&self) -> Option<i32> {
        let to = self.to?;
        (to - self.from).get_days().into()
    }

    /// The calendar month that a date lies in.
    ///
    /// # Errors
    /// At the edge of the calendar (year 9999).
    pub fn month_of(date: Date) -> Result<Self, jiff::Error> {
        let from = date.first_of_month();
        Ok(Self { from, to: Some(date.last_of_month().tomorrow()?) })
    }

    /// Its days in order; a period without end yields nothing.
    pub fn iter_days(&self) -> impl Iterator<Item = Date> + use<> {
        let to = self.to;
        let mut next = Some(self.from);
        std::iter::from_fn(move || {
            let day = next.filter(|d| to.is_some_and(|to| *d < to))?;
            next = day.tomorrow().ok();
            Some(day)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_end_is_outside() {
        let june = DatePeriod::month_of(date(2026, 6, 17)).unwrap();
        assert_eq!((june.from(), june.to()), (date(2026, 6, 1), Some(date(2026, 7, 1))));
        assert!(june.contains(date(2026, 6, 30)) && !june.contains(date(2026, 7, 1)));
        assert_eq!(june.days(), Some(30));
        assert_eq!(june.iter_days().count(), 30);
        assert!(Period::new(3, 3).is_err() && Period::new(4, 3).is_err());
    }

    #[test]
    fn intersections() {
        let (a, b) = (Period::new(1, 5).unwrap(), Period::since(3));
        assert_eq!(a.intersect(&b), Period::new(3, 5).ok());
        assert_eq!(a.intersect(&Period::since(5)), None);
        assert_eq!(b.intersect(&Period::since(9)), Some(Period::since(9)));
        assert!(!a.overlaps(&Period::new(5, 6).unwrap()));
        assert_eq!(Period::since(date(2026, 1, 1)).days(), None);
    }
}
