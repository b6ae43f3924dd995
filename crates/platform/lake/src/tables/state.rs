//! The daily state of a usage point: what a day came to, and all that the next day needs.

use tariff::MAX_CELLS;

use super::REGISTERS;
use crate::columns::table;

/// The day number of "never".
pub const NO_DAY: i32 = i32::MIN;

/// How the use of a day was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum DayMethod {
    /// Nothing is known yet: no reading so far, no use.
    None = 0,
    /// From readings at both ends of the day.
    Actual = 1,
    /// From the usual use of such a day; a later reading will correct it.
    Estimated = 2,
    /// The true use of a gap, shared over its days.
    Spread = 3,
    /// From intervals.
    Intervals = 4,
    /// The total from the register, the windows from intervals.
    Rebucketed = 5,
    /// A reading is there but a check stopped it: estimated until a person decides.
    Held = 6,
    /// From intervals, some of which had to be estimated.
    IntervalsCompleted = 7,
}

impl DayMethod {
    /// The method with this stored code; an unknown one counts as none.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Actual,
            2 => Self::Estimated,
            3 => Self::Spread,
            4 => Self::Intervals,
            5 => Self::Rebucketed,
            6 => Self::Held,
            7 => Self::IntervalsCompleted,
            _ => Self::None,
        }
    }

    /// Whether the day's use stands on an estimate that a later reading will replace.
    #[must_use]
    pub const fn is_estimate(self) -> bool {
        matches!(self, Self::Estimated | Self::Held)
    }
}

table! {
    /// One usage point at the end of one day. Sorted by usage point, one row each.
    StateRow {
        /// The usage point.
        usage_point: i64 = Delta,
        /// Who pays.
        account: i64 = Delta,
        /// The plan: its place in the run's tariff library.
        plan: i32 = Delta,
        /// The plan's price set of the date; the cells are counted in its order.
        set: u8 = Delta,
        /// The meter that was last read.
        meter: i64 = Delta,
        /// Its digits before the point, its decimals, its multiplier.
        digits: u8 = Delta,
        /// Decimals of `register`.
        scale: u8 = Delta,
        /// CT × PT of that meter, upper term.
        multiplier: i64 = Delta,
        /// CT × PT of that meter, lower term.
        multiplier_by: i64 = Delta,
        /// The registers as last read and accepted, in the order of the readings table.
        register: [Option<i64>; REGISTERS] = Plain,
        /// The business day that reading closed, or [`NO_DAY`].
        read_day: i32 = Delta,
        /// Use of the day by bucket (sharp, peak, flat, valley, deep), µkWh.
        used: [i64; 5] = Delta,
        /// Energy given to the network on the day, µkWh.
        export_ukwh: i64 = Delta,
        /// Reactive energy of the day, forward, µkvarh.
        reactive_forward_ukvarh: i64 = Delta,
        /// Reactive energy of the day, reverse, µkvarh.
        reactive_reverse_ukvarh: i64 = Delta,
        /// The meter's highest demand as read on the day, after the multiplier, 1e-6 kW.
        demand_max_ukw: i64 = Delta,
        /// Use of the day by cell of the plan's daily form, µkWh.
        cell: [i64; MAX_CELLS] = Delta,
        /// Use of the tariff year up to and with the day, µkWh.
        ytd_ukwh: i64 = Delta,
        /// Use of the bill period up to and with the day, µkWh.
        mtd_ukwh: i64 = Delta,
        /// The charge of the day, 1e-4 of the currency.
        charge_day: i64 = Delta,
        /// The charges of the bill period up to and with the day, 1e-4 of the currency.
        charge_mtd: i64 = Delta,
        /// Usual use of a working day and of a day of rest, µkWh.
        usual: [i64; 2] = Delta,
        /// How many days stand behind each usual use, at most [`crate::settle::HISTORY_DAYS`].
        usual_days: [i64; 2] = Delta,
        /// Days since the last accepted reading; 0 when the day ended with one.
        gap_days: u16 = Delta,
        /// The use estimated for these days, µkWh.
        gap_ukwh: i64 = Delta,
        /// Days in a row, with this one, without use.
        zero_days: u16 = Delta,
        /// The checks that hit: bits of [`metering::vee::RuleHits`].
        hits: u16 = Delta,
        /// [`DayMethod`] as its code.
        method: u8 = Delta,
    }
}

impl StateRow {
    /// The use of the day in µkWh.
    #[must_use]
    pub fn day_ukwh(&self) -> i64 {
        self.used.iter().sum()
    }
}
