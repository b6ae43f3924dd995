//! What SQL says about each usage point on a day: a snapshot that is written when it changes.

use std::collections::BTreeSet;

use crate::{LakeError, columns::table};

/// What a usage point's daily use is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// Registers: their differences, windows as the meter keeps them.
    Registers,
    /// Intervals, put into the plan's windows of the date.
    Intervals,
    /// The total from the register, shared over the plan's windows as the intervals say: for
    /// meters whose own table is not the decreed one yet.
    Rebucketed,
}

impl Measured {
    /// The stored code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Registers => 0,
            Self::Intervals => 1,
            Self::Rebucketed => 2,
        }
    }

    /// The kind with this stored code; an unknown one counts as registers.
    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Intervals,
            2 => Self::Rebucketed,
            _ => Self::Registers,
        }
    }
}

table! {
    /// The terms of one usage point. Sorted by usage point, one row each.
    TermsRow {
        /// The usage point.
        usage_point: i64 = Delta,
        /// Who pays.
        account: i64 = Delta,
        /// The agreement.
        agreement: i64 = Delta,
        /// The plan: its place in the run's tariff library.
        plan: i32 = Delta,
        /// The meter in place at the end of the day.
        meter: i64 = Delta,
        /// Digits of its registers before the point.
        digits: u8 = Delta,
        /// Decimals of its registers.
        scale: u8 = Delta,
        /// CT × PT, upper term.
        multiplier: i64 = Delta,
        /// CT × PT, lower term.
        multiplier_by: i64 = Delta,
        /// [`Measured::code`].
        measured: u8 = Delta,
        /// 1 while the usage point is supplied, 0 otherwise.
        supplied: u8 = Delta,
        /// Units of the household extension (一户多人口) granted.
        family_units: u8 = Delta,
        /// 1 when the free low-income quota is granted.
        free_quota: u8 = Delta,
        /// The share of the tier limits that applies, upper term (1/1: all).
        share: i64 = Delta,
        /// Its lower term.
        share_by: i64 = Delta,
        /// Month (1 to 12) in which the tariff year begins.
        year_from_month: u8 = Delta,
        /// Day of that month.
        year_from_day: u8 = Delta,
        /// Day of the month on which a bill period begins, 1 to 28.
        period_from_day: u8 = Delta,
        /// Use of the tariff year before the first settled day, µkWh.
        ytd_start_ukwh: i64 = Delta,
        /// Contracted capacity in 1e-6 kVA; 0 when unknown: then nothing is impossible.
        capacity_ukva: i64 = Delta,
        /// The 台区 it hangs in, 0 when none: reading success is counted there.
        transformer_area: i64 = Delta,
        /// 1 when it has a transformer of its own (专变).
        dedicated: u8 = Delta,
    }
}

/// What becomes different in the terms from one day to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TermsChange {
    /// Usage points whose terms are those in `rows`, or end where `rows` has none.
    pub usage_points: BTreeSet<i64>,
    /// Their terms, by usage point.
    pub rows: Vec<TermsRow>,
    /// By plan: the version of the same tariff that is in force, if any is.
    pub plans: Vec<Option<i32>>,
}

impl TermsChange {
    /// The row as it stands from now on, for a usage point that is not in the change.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a tariff that is no longer in force.
    pub(crate) fn carry(&self, mut row: TermsRow) -> Result<TermsRow, LakeError> {
        let plan = usize::try_from(row.plan).ok().and_then(|plan| *self.plans.get(plan)?);
        let ended = || {
            let usage_point = row.usage_point;
            LakeError::Invalid(format!("usage point {usage_point}: its tariff has no version here"))
        };
        row.plan = plan.ok_or_else(ended)?;
        Ok(row)
    }
}

impl TermsRow {
    /// The terms of a plain household: multiplier 1, six digits and two decimals, calendar year
    /// and month, no allowance.
    #[must_use]
    pub fn household(usage_point: i64, account: i64, plan: i32, meter: i64) -> Self {
        Self {
            usage_point,
            account,
            plan,
            meter,
            digits: 6,
            scale: 2,
            multiplier: 1,
            multiplier_by: 1,
            supplied: 1,
            share: 1,
            share_by: 1,
            year_from_month: 1,
            year_from_day: 1,
            period_from_day: 1,
            ..Self::default()
        }
    }
}
