//! The daily form: one day's use of one usage point into numbered cells and a rounded charge.
//! No allocation and no lookup by name, so that a settlement run can call it in a tight loop.
//! Closing a month over such days lives in `close`.

use kernel::{Currency, Energy, Money, QuantityError, Rate, Ratio, RoundingMode, div_round};
use serde::{Deserialize, Serialize};

use crate::{Bucket, MAX_TIERS, Plan, Scheme, TariffError, TierBasis};

/// The most cells that a day's energy falls into.
pub const MAX_CELLS: usize = 24;
/// The most buckets of a plan with a daily form; Chinese plans have five.
pub const MAX_DAILY_BUCKETS: usize = 8;

/// What one cell counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// Energy of a bucket at its price; `tier` is 0 when the price is the same in all tiers,
    /// else the tier from 1.
    Base {
        /// Tier from 1, or 0.
        tier: u8,
        /// Place in the plan's buckets.
        column: u8,
    },
    /// Energy above a limit, at the adder of its tier (2, 3, …).
    Adder {
        /// Tier from 2.
        tier: u8,
    },
    /// All energy once more, at the rate of a surcharge.
    Surcharge {
        /// Place in the plan's surcharges.
        index: u8,
    },
    /// Free energy of a low-income household, credited.
    FreeQuota,
}

/// A cell's meaning and price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// What it counts.
    pub kind: CellKind,
    /// Price per kWh; negative for a credit.
    pub rate: Rate,
}

/// What a usage point has used before the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DayPosition {
    /// µkWh since the tariff year began.
    pub ytd_ukwh: i64,
    /// µkWh since the bill month began.
    pub mtd_ukwh: i64,
}

/// What a household is entitled to; the default is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Family-of-many extension units granted (0 or 1; some decrees grant more).
    pub family_units: u8,
    /// Whether the free low-income quota is granted.
    pub free_quota: bool,
    /// The share of the tier limits that applies: 7/12 of a year after moving in on 1 June.
    #[serde(with = "crate::text::ratio")]
    pub share: Ratio,
}

impl Default for Entitlement {
    fn default() -> Self {
        Self { family_units: 0, free_quota: false, share: Ratio::ONE }
    }
}

/// The tier limits of one usage point, resolved once from its entitlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierLimits {
    /// Upper limits in µkWh; those beyond the last tier are `i64::MAX`.
    pub limits_ukwh: [i64; MAX_TIERS],
    /// Free energy of the month in µkWh.
    pub free_ukwh: i64,
}

/// One day, rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCharge {
    /// µkWh per cell, in the order of [`DailyForm::cells`]; base cells add up to the day's use.
    pub cells_ukwh: [i64; MAX_CELLS],
    /// The charge, rounded by the plan's daily rule, in 1e-4 of the currency.
    pub charge_units: i64,
}

/// A plan's price set, laid out for speed.
#[derive(Debug, Clone)]
pub struct DailyForm {
    columns: usize,
    tiers: usize,
    matrix: bool,
    yearly: bool,
    column_of: [u8; MAX_DAILY_BUCKETS],
    surcharges: usize,
    free_cell: Option<usize>,
    kinds: Vec<Cell>,
    rates_e8: [i64; MAX_CELLS],
    /// While no cell is larger, Σ cell × rate fits 64 bits.
    small_ukwh: i64,
    limits: Vec<Energy>,
    extension: Energy,
    free: Energy,
    step: i64,
    mode: RoundingMode,
    currency: Currency,
}

impl Plan {
    /// The daily form of one price set (see [`Plan::set_on`]).
    ///
    /// # Errors
    /// [`TariffError::NoDailyForm`] when buckets climb ladders of their own or there are too
    /// many cells.
    pub fn daily(&self, set: usize) -> Result<DailyForm, TariffError> {
        let refuse = |reason| TariffError::NoDailyForm { tariff: self.head.id.clone(), reason };
        let scheme = &self.sets.get(set).ok_or_else(|| refuse("no such price set"))?.scheme;
        let (limits, tiers, matrix) = match scheme {
            Scheme::Adders { limits, adders, .. } => (limits, adders.len() + 1, false),
            Scheme::Matrix { limits, rates } => (limits, rates.len(), true),
            Scheme::PerBucket { .. } => {
                return Err(refuse("its buckets climb ladders of their own"));
            }
        };
        let kinds = cell_list(self, scheme)?;
        let mut rates_e8 = [0; MAX_CELLS];
        if kinds.len() > MAX_CELLS || self.buckets.len() > MAX_DAILY_BUCKETS {
            return Err(refuse("more than 24 cells or 8 buckets"));
        }
        for (slot, cell) in rates_e8.iter_mut().zip(&kinds) {
            *slot = cell.rate.e8();
        }
        let months = if self.tier_basis == TierBasis::Year { 12 } else { 1 };
        let extension = self.allowances.family_extension.unwrap_or(Energy::ZERO);
        let column_of = std::array::from_fn(|b| {
            let bucket = Bucket(u8::try_from(b).unwrap_or(0));
            u8::try_from(self.column_of(bucket)).unwrap_or(0)
        });
        Ok(DailyForm {
            columns: self.buckets.len(),
            tiers,
            matrix,
            yearly: self.tier_basis == TierBasis::Year,
            column_of,
            surcharges: self.surcharges.len(),
            free_cell: kinds.iter().position(|c| c.kind == CellKind::FreeQuota),
            kinds,
            rates_e8,
            small_ukwh: i64::MAX
                / rates_e8.iter().fold(1_i64, |s, r| s.saturating_add(r.saturating_abs())),
            limits: limits.clone(),
            extension: extension.times(Ratio::new(months, 1)?, RoundingMode::HalfUp)?,
            free: self.allowances.free_quota.unwrap_or(Energy::ZERO),
            step: self.rounding.daily.step,
            mode: self.rounding.daily.mode,
            currency: self.head.currency,
        })
    }
}

fn cell_list(plan: &Plan, scheme: &Scheme) -> Result<Vec<Cell>, TariffError> {
    let small = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    let mut cells = Vec::new();
    match scheme {
        Scheme::Adders { rates, adders, .. } => {
            for (column, rate) in rates.iter().enumerate() {
                let kind = CellKind::Base { tier: 0, column: small(column) };
                cells.push(Cell { kind, rate: *rate });
            }
            for (above, rate) in adders.iter().enumerate() {
                cells.push(Cell { kind: CellKind::Adder { tier: small(above + 2) }, rate: *rate });
            }
        }
        Scheme::Matrix { rates, .. } => {
            for (tier, row) in rates.iter().enumerate() {
                for (column, rate) in row.iter().enumerate() {
                    let kind = CellKind::Base { tier: small(tier + 1), column: small(column) };
                    cells.push(Cell { kind, rate: *rate });
                }
            }
        }
        Scheme::PerBucket { .. } => {}
    }
    for (index, surcharge) in plan.surcharges.iter().enumerate() {
        let kind = CellKind::Surcharge { index: small(index) };
        cells.push(Cell { kind, rate: surcharge.rate });
    }
    if plan.allowances.free_quota.is_some() {
        let credit = plan.allowances.free_quota_rate.e8().checked_neg();
        let rate = Rate::from_e8(credit.ok_or(QuantityError::Overflow("price"))?);
        cells.push(Cell { kind: CellKind::FreeQuota, rate });
    }
    Ok(cells)
}

impl DailyForm {
    /// The cells in order.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.kinds
    }

    /// The currency of the charge.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The tier limits of a usage point with this entitlement.
    ///
    /// # Errors
    /// [`TariffError::Quantity`] when a limit does not fit, [`TariffError::Usage`] for a negative
    /// share.
    pub fn limits(&self, entitlement: &Entitlement) -> Result<TierLimits, TariffError> {
        if entitlement.share < Ratio::ZERO {
            let reason = format!("the share of the tier limits is negative: {}", entitlement.share);
            return Err(TariffError::Usage { reason });
        }
        let units = Ratio::new(i64::from(entitlement.family_units), 1)?;
        let extension = self.extension.times(units, RoundingMode::HalfUp)?;
        let mut limits_ukwh = [i64::MAX; MAX_TIERS];
        for (slot, limit) in limits_ukwh.iter_mut().zip(&self.limits) {
            let whole = limit.checked_add(extension)?;
            *slot = whole.times(entitlement.share, RoundingMode::HalfUp)?.ukwh();
        }
        let free_ukwh = if entitlement.free_quota { self.free.ukwh() } else { 0 };
        Ok(TierLimits { limits_ukwh, free_ukwh })
    }

    /// Rates one day. `use_ukwh[b]` is the use of bucket `b` (0 sharp … 4 deep); missing ones
    /// are zero.
    ///
    /// # Errors
    /// [`TariffError::Usage`] for negative use or more buckets than the form has,
    /// [`TariffError::Quantity`] on overflow.
    #[inline]
    pub fn day_charge(
        &self,
        limits: &TierLimits,
        before: DayPosition,
        use_ukwh: &[i64],
    ) -> Result<DayCharge, TariffError> {
        let mut day = DayCharge { cells_ukwh: [0; MAX_CELLS], charge_units: 0 };
        self.split_into(&mut day.cells_ukwh, limits, before, use_ukwh)?;
        day.charge_units = self.charge(&day.cells_ukwh)?;
        Ok(day)
    }

    /// The energy of each cell. Base cells add up to the use exactly.
    ///
    /// # Errors
    /// As [`DailyForm::day_charge`].
    pub fn split(
        &self,
        limits: &TierLimits,
        before: DayPosition,
        use_ukwh: &[i64],
    ) -> Result<[i64; MAX_CELLS], TariffError> {
        let mut cells = [0; MAX_CELLS];
        self.split_into(&mut cells, limits, before, use_ukwh)?;
        Ok(cells)
    }

    /// [`DailyForm::split`] in place: a settlement run calls it a million times a second.
    #[inline]
    fn split_into(
        &self,
        cells: &mut [i64; MAX_CELLS],
        limits: &TierLimits,
        before: DayPosition,
        use_ukwh: &[i64],
    ) -> Result<(), TariffError> {
        const OVER: QuantityError = QuantityError::Overflow("energy");
        if use_ukwh.len() > MAX_DAILY_BUCKETS || use_ukwh.iter().any(|u| *u < 0) {
            return Err(bad_use(use_ukwh));
        }
        let mut by_column = [0_i64; MAX_DAILY_BUCKETS];
        let mut total = 0_i64;
        for (column, energy) in self.column_of.iter().zip(use_ukwh) {
            // No column can exceed the total, which is checked.
            total = total.checked_add(*energy).ok_or(OVER)?;
            by_column[usize::from(*column)] += *energy;
        }
        let start = if self.yearly { before.ytd_ukwh } else { before.mtd_ukwh };
        let end = start.checked_add(total).ok_or(OVER)?;
        let mut next = self.columns;
        if self.matrix {
            next = self.tiers * self.columns;
            self.fill_matrix(cells, limits, start, end, &by_column);
        } else {
            cells[..self.columns].copy_from_slice(&by_column[..self.columns]);
            for tier in 1..self.tiers {
                cells[next] = in_tier(limits, tier, start, end);
                next += 1;
            }
        }
        for _ in 0..self.surcharges {
            cells[next] = total;
            next += 1;
        }
        if let Some(cell) = self.free_cell {
            let month_end = before.mtd_ukwh.checked_add(total).ok_or(OVER)?;
            let free = limits.free_ukwh;
            cells[cell] = month_end.min(free) - before.mtd_ukwh.min(free);
        }
        Ok(())
    }

    /// Σ cell × rate, rounded by the plan's daily rule, in 1e-4 of the currency.
    ///
    /// # Errors
    /// [`TariffError::Quantity`] on overflow.
    #[inline]
    pub fn charge(&self, cells_ukwh: &[i64; MAX_CELLS]) -> Result<i64, TariffError> {
        let exact = self.exact_e14(cells_ukwh)?;
        // A day's charge nearly always fits 64 bits (up to 92 233 yuan), where dividing is fast.
        if self.mode == RoundingMode::HalfUp
            && self.step == 100
            && let Ok(small) = i64::try_from(exact)
        {
            const FEN_E14: i64 = 1_000_000_000_000;
            let (whole, rest) = (small / FEN_E14, small % FEN_E14);
            let up = i64::from(rest >= FEN_E14 / 2) - i64::from(-rest >= FEN_E14 / 2);
            return Ok((whole + up) * 100);
        }
        let step_e14 = i128::from(self.step) * kernel::ExactMoney::PER_UNIT;
        div_round(exact, step_e14, self.mode)
            .and_then(|steps| steps.checked_mul(i128::from(self.step)))
            .and_then(|units| i64::try_from(units).ok())
            .ok_or_else(|| QuantityError::Overflow("daily charge").into())
    }

    /// Σ cell × rate in 1e-14 of the currency, unrounded.
    ///
    /// # Errors
    /// [`TariffError::Quantity`] on overflow.
    #[inline]
    pub fn exact_e14(&self, cells_ukwh: &[i64; MAX_CELLS]) -> Result<i128, TariffError> {
        let cells = &cells_ukwh[..self.kinds.len()];
        let pairs = cells.iter().zip(&self.rates_e8);
        if cells.iter().all(|energy| (0..=self.small_ukwh).contains(energy)) {
            return Ok(i128::from(pairs.map(|(energy, rate)| energy * rate).sum::<i64>()));
        }
        pairs
            .map(|(energy, rate)| i128::from(*energy) * i128::from(*rate))
            .try_fold(0_i128, i128::checked_add)
            .ok_or_else(|| QuantityError::Overflow("daily charge").into())
    }

    /// A charge in 1e-4 units as money.
    #[must_use]
    pub const fn money(&self, units: i64) -> Money {
        Money::new(units, self.currency)
    }

    /// Splits a matrix: each tier takes its part of what the tiers below left, over the buckets
    /// in proportion. Cuts are rounded cumulatively, so no cell is negative and rows and
    /// columns both add up exactly.
    fn fill_matrix(
        &self,
        cells: &mut [i64; MAX_CELLS],
        limits: &TierLimits,
        start: i64,
        end: i64,
        by_column: &[i64; MAX_DAILY_BUCKETS],
    ) {
        let mut left = *by_column;
        let mut left_total = end - start;
        for tier in 0..self.tiers {
            let energy = in_tier(limits, tier, start, end);
            let (mut seen, mut placed) = (0_i64, 0_i64);
            let row = &mut cells[tier * self.columns..][..self.columns];
            for (cell, left) in row.iter_mut().zip(&mut left) {
                seen += *left;
                let cut = share(energy, seen, left_total);
                *cell = cut - placed;
                placed = cut;
                *left -= *cell;
            }
            left_total -= energy;
        }
    }
}

/// `part × of / total`, rounded half up; zero of nothing.
fn share(part: i64, of: i64, total: i64) -> i64 {
    if part == total {
        return of; // also the common case of a day within one tier
    }
    if part == 0 || total == 0 {
        return 0;
    }
    let product = i128::from(part) * i128::from(of);
    let rounded = div_round(product, i128::from(total), RoundingMode::HalfUp);
    rounded.and_then(|v| i64::try_from(v).ok()).unwrap_or(of)
}

/// The energy between `start` and `end` that lies in a tier (0 is the first).
#[inline]
fn in_tier(limits: &TierLimits, tier: usize, start: i64, end: i64) -> i64 {
    let lower = if tier == 0 { i64::MIN } else { limits.limits_ukwh[tier - 1] };
    let upper = limits.limits_ukwh[tier];
    (end.clamp(lower, upper)) - (start.clamp(lower, upper))
}

#[cold]
fn bad_use(use_ukwh: &[i64]) -> TariffError {
    let reason = match use_ukwh.iter().find(|u| **u < 0) {
        Some(u) => format!("a bucket has negative use ({} kWh)", Energy::from_ukwh(*u)),
        None => format!("{} buckets are given, at most {MAX_DAILY_BUCKETS} fit", use_ukwh.len()),
    };
    TariffError::Usage { reason }
}
