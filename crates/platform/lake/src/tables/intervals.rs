//! Interval values as delivered: one row per usage point, day and slot.

use crate::columns::table;

table! {
    /// A delivered interval. Sorted by usage point, day, slot, then the rest.
    IntervalRow {
        /// The usage point.
        usage_point: i64 = Dictionary,
        /// The business day, as days since 1970-01-01.
        day: i32 = Dictionary,
        /// Which interval of the day, from 0.
        slot: u16 = DictionarySnappy,
        /// Minutes of an interval: 15, 30 or 60.
        minutes: u8 = Dictionary,
        /// Use of the interval in Wh, before the multiplier.
        wh: i32 = Delta,
        /// [`metering::reading::Mark::code`].
        flag: u8 = Dictionary,
        /// [`metering::reading::Source::code`].
        source: u8 = Dictionary,
        /// The delivering system's version of this value.
        revision: i32 = Dictionary,
    }
}

impl IntervalRow {
    /// What makes two rows the same interval.
    pub(crate) const fn place(&self) -> (i64, i32, u16) {
        (self.usage_point, self.day, self.slot)
    }

    /// The order of an intervals file: of two rows in one place the later counts.
    pub(crate) fn sort_key(&self) -> impl Ord + use<> {
        (self.place(), (self.revision, self.source, self.wh, self.flag, self.minutes))
    }
}
