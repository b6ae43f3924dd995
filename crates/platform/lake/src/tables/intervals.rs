//! Interval values as delivered: one row per usage point, day and slot.

use crate::columns::table;

table! {
    /// A delivered interval. Sorted by usage point, day, slot, then the rest.
    IntervalRow {
        /// The usage point.
        usage_point: i64 = DictionaryZstd,
        /// The business day, as days since 1970-01-01; in an archive of several days the first.
        day: i32 = Dictionary,
        /// Which interval of the day, from 0; in an archive it counts on over the days.
        slot: u16 = DictionarySnappy,
        /// Minutes of an interval: 15, 30 or 60.
        minutes: u8 = Dictionary,
        /// Use of the interval in Wh, before the multiplier.
        wh: i32 = SplitZstd,
        /// [`metering::reading::Mark::code`].
        flag: u8 = Dictionary,
        /// [`metering::reading::Source::code`].
        source: u8 = Dictionary,
        /// The delivering system's version of this value.
        revision: i32 = Dictionary,
    }
}

impl IntervalRow {
    /// How many intervals a day has.
    #[must_use]
    pub const fn per_day(&self) -> u16 {
        match self.minutes {
            15 => 96,
            30 => 48,
            60 => 24,
            0 => 1_440,
            other => 1_440 / other as u16,
        }
    }

    /// The same interval with its own day and its slot within that day.
    #[must_use]
    pub fn in_day(self) -> Self {
        let per_day = self.per_day();
        if self.slot < per_day {
            return self;
        }
        let days = i32::from(self.slot / per_day);
        Self { day: self.day + days, slot: self.slot % per_day, ..self }
    }

    /// The same interval counted from an earlier day on; `None` when the slot does not fit.
    pub(crate) fn counted_from(self, first: i32) -> Option<Self> {
        let own = self.in_day();
        let slots = (own.day - first).checked_mul(i32::from(own.per_day()))?;
        let slot = u16::try_from(slots.checked_add(i32::from(own.slot))?).ok()?;
        Some(Self { day: first, slot, ..own })
    }

    /// What makes two rows the same interval.
    pub(crate) const fn place(&self) -> (i64, i32, u16) {
        (self.usage_point, self.day, self.slot)
    }

    /// The order of an intervals file: of two rows in one place the later counts.
    pub(crate) fn sort_key(&self) -> impl Ord + use<> {
        (self.place(), (self.revision, self.source, self.wh, self.flag, self.minutes))
    }
}
