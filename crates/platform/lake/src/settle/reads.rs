//! From delivered rows to the readings that count, and from two readings to use by register.

use kernel::{Energy, Ratio, RoundingMode};
use metering::{
    consumption::{ConsumptionError, Dial, SumCheck, difference},
    reading::{Candidate, Mark, MergedReading, RegisterKind, Source, Validity},
};

use crate::{
    LakeError,
    tables::{REGISTERS, ReadingRow, StateRow, TermsRow},
};

/// The readings of one usage point on one day that count, in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reads {
    rows: Vec<ReadingRow>,
}

impl Reads {
    pub(super) fn clear(&mut self) {
        self.rows.clear();
    }

    /// Takes delivered rows, which come sorted by moment and meter.
    pub(super) fn take(&mut self, row: ReadingRow) {
        self.rows.push(row);
    }

    /// Leaves one row for each moment and meter: the winner of each register.
    pub(super) fn settle(&mut self) -> Result<(), LakeError> {
        self.merge()?;
        // What a person has thrown away is evidence, not use.
        self.rows.retain(|row| {
            Mark::from_code(row.mark).is_none_or(|mark| mark.validity != Validity::Rejected)
        });
        Ok(())
    }

    fn merge(&mut self) -> Result<(), LakeError> {
        if self.rows.len() < 2 {
            return Ok(());
        }
        self.rows.sort_unstable_by_key(ReadingRow::sort_key);
        let mut kept: Vec<ReadingRow> = Vec::with_capacity(self.rows.len());
        for same in self.rows.chunk_by(|a, b| (a.at, a.meter) == (b.at, b.meter)) {
            match same {
                [only] => kept.push(*only),
                several => kept.push(merge(several)?),
            }
        }
        // At one moment the old meter's closing read comes before the new meter's opening one:
        // an exchange never starts before it ends. Which is which, the caller knows by the meter.
        self.rows = kept;
        Ok(())
    }

    pub(super) fn rows(&self) -> &[ReadingRow] {
        &self.rows
    }
}

fn merge(rows: &[ReadingRow]) -> Result<ReadingRow, LakeError> {
    let mut merged = MergedReading::default();
    for row in rows {
        merged.take(&row.reading()?);
    }
    let mut out = rows.first().copied().unwrap_or_default();
    let winners = RegisterKind::ALL.map(|kind| merged.get(kind));
    out.scale = winners.iter().flatten().map(|w| w.scale).max().unwrap_or(out.scale);
    for (slot, winner) in out.register.iter_mut().zip(winners) {
        *slot = winner.map(|w| to_scale(w, out.scale)).transpose()?;
    }
    if let Some(lead) = merged.lead() {
        out.source = lead.source.code();
        out.mark = lead.mark.code();
        out.revision = lead.revision;
    }
    Ok(out)
}

fn to_scale(winner: Candidate, scale: u8) -> Result<i64, LakeError> {
    rescale(winner.value, winner.scale, scale)
}

fn rescale(value: i64, from: u8, to: u8) -> Result<i64, LakeError> {
    let factor = 10_i64.checked_pow(u32::from(to.saturating_sub(from)));
    factor
        .and_then(|f| value.checked_mul(f))
        .ok_or(LakeError::Quantity(kernel::QuantityError::Overflow("reading")))
}

/// What the registers say about the time since the last accepted reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moved {
    /// Energy or reactive energy by register, in millionths, after the multiplier; demand: the
    /// highest, not a difference.
    pub(super) by_register: [Option<i64>; REGISTERS],
    /// A register went back.
    pub(super) reversed: bool,
    /// A register rolled over.
    pub(super) rolled_over: bool,
    /// The total (or first) register before and after.
    pub(super) shown: Option<(i64, i64, u8)>,
    /// The last reading: the basis of the next day.
    pub(super) basis: ReadingRow,
    /// Its meter's terms.
    pub(super) dial: (u8, i64, i64),
    /// Whether any difference was taken; otherwise the reading only opens the account.
    pub(super) measured: bool,
}

/// Follows the registers from the last accepted reading through today's, across an exchange.
/// `None` when no reading of a known meter is there.
pub(super) fn follow(
    prev: &StateRow,
    terms: &TermsRow,
    reads: &Reads,
    days: i64,
) -> Result<Option<Moved>, LakeError> {
    let mut at = Basis::of(prev);
    let mut moved = None;
    for row in in_order(reads.rows(), &at) {
        let known =
            row.meter == terms.meter || at.as_ref().is_some_and(|b| b.row.meter == row.meter);
        if !known {
            continue;
        }
        let moved = moved.get_or_insert(Moved {
            by_register: [None; REGISTERS],
            reversed: false,
            rolled_over: false,
            shown: None,
            basis: *row,
            dial: (terms.digits, terms.multiplier, terms.multiplier_by),
            measured: false,
        });
        match &at {
            Some(basis) if basis.row.meter == row.meter => basis.step(row, terms, days, moved)?,
            _ => {}
        }
        // Demand is read as it stands; the highest of the day counts.
        if let Some(demand) = row.register[RegisterKind::DemandMax.index()] {
            let (by, over) = at
                .as_ref()
                .filter(|b| b.row.meter == row.meter)
                .map_or((terms.multiplier, terms.multiplier_by), |b| {
                    (b.multiplier, b.multiplier_by)
                });
            let demand = millionths(demand, row.scale, by, over)?;
            let slot = &mut moved.by_register[RegisterKind::DemandMax.index()];
            *slot = (*slot).max(Some(demand));
        }
        let next = match at.take() {
            Some(basis) if basis.row.meter == row.meter => basis.moved_to(row),
            _ => Basis::new(row, terms),
        };
        moved.basis = next.row;
        moved.dial = (next.digits, next.multiplier, next.multiplier_by);
        at = Some(next);
    }
    Ok(moved)
}

/// The rows by time; at one moment the meter that was in place comes first.
fn in_order<'r>(
    rows: &'r [ReadingRow],
    basis: &Option<Basis>,
) -> impl Iterator<Item = &'r ReadingRow> + use<'r> {
    let old = basis.as_ref().map(|b| b.row.meter);
    let mut order: Vec<&ReadingRow> = Vec::new();
    if rows.len() > 1 {
        order.extend(rows);
        order.sort_by_key(|row| (row.at, Some(row.meter) != old));
    }
    let single = if rows.len() == 1 { rows.first() } else { None };
    single.into_iter().chain(order)
}

/// The last accepted reading and the terms of its meter.
struct Basis {
    row: ReadingRow,
    digits: u8,
    multiplier: i64,
    multiplier_by: i64,
}

impl Basis {
    fn of(prev: &StateRow) -> Option<Self> {
        prev.register.iter().any(Option::is_some).then(|| Self {
            row: ReadingRow {
                usage_point: prev.usage_point,
                meter: prev.meter,
                scale: prev.scale,
                register: prev.register,
                ..ReadingRow::default()
            },
            digits: prev.digits,
            multiplier: prev.multiplier,
            multiplier_by: prev.multiplier_by,
        })
    }

    fn new(row: &ReadingRow, terms: &TermsRow) -> Self {
        Self {
            row: *row,
            digits: terms.digits,
            multiplier: terms.multiplier,
            multiplier_by: terms.multiplier_by,
        }
    }

    /// The later reading as basis; a register that was not read keeps its earlier value.
    fn moved_to(self, row: &ReadingRow) -> Self {
        let mut next = *row;
        if next.scale == self.row.scale {
            for (slot, old) in next.register.iter_mut().zip(self.row.register) {
                *slot = slot.or(old);
            }
        }
        Self { row: next, ..self }
    }

    /// Adds what the registers moved from this reading to `row`.
    fn step(
        &self,
        row: &ReadingRow,
        terms: &TermsRow,
        days: i64,
        moved: &mut Moved,
    ) -> Result<(), LakeError> {
        let scale = self.row.scale.max(row.scale);
        let dial = Dial::new(self.digits, scale).map_err(|error| self.wrong(&error))?;
        let plausible = plausible(terms, dial, scale, self.multiplier, self.multiplier_by, days);
        let kinds = RegisterKind::ALL.into_iter().zip(self.row.register.iter().zip(row.register));
        for (kind, (before, after)) in kinds {
            let (Some(before), Some(after)) = (before, after) else { continue };
            if !kind.is_cumulative() {
                continue;
            }
            let before = rescale(*before, self.row.scale, scale)?;
            let after = rescale(after, row.scale, scale)?;
            if moved.shown.is_none() {
                moved.shown = Some((before, after, scale));
            }
            match difference(before, after, dial, plausible) {
                Ok(step) => {
                    moved.rolled_over |= step.rolled_over;
                    let more = millionths(step.value, scale, self.multiplier, self.multiplier_by)?;
                    let slot = &mut moved.by_register[kind.index()];
                    let sum = slot.unwrap_or(0).checked_add(more);
                    *slot = Some(sum.ok_or(kernel::QuantityError::Overflow("energy"))?);
                    moved.measured = true;
                }
                Err(ConsumptionError::Reversed { .. } | ConsumptionError::BeyondDial { .. }) => {
                    moved.reversed = true;
                    moved.shown = Some((before, after, scale));
                }
                Err(error) => return Err(self.wrong(&error)),
            }
        }
        Ok(())
    }

    fn wrong(&self, error: &ConsumptionError) -> LakeError {
        LakeError::Invalid(format!("usage point {}: {error}", self.row.usage_point))
    }
}

/// The most that can have been used in so many days, at the dial's scale: by the capacity where
/// it is known, else a tenth of what the dial shows.
fn plausible(
    terms: &TermsRow,
    dial: Dial,
    scale: u8,
    multiplier: i64,
    multiplier_by: i64,
    days: i64,
) -> i64 {
    let tenth = dial.modulus() / 10;
    if terms.capacity_ukva <= 0 || multiplier <= 0 {
        return tenth;
    }
    let most_ukwh = i128::from(terms.capacity_ukva) * 24 * i128::from(days.max(1));
    let at_meter = most_ukwh * i128::from(multiplier_by.max(1)) / i128::from(multiplier);
    let unit = 10_i128.pow(6_u32.saturating_sub(u32::from(scale)));
    i64::try_from(at_meter / unit).unwrap_or(tenth).min(tenth)
}

/// A value at a scale, times the multiplier, in millionths of the unit.
fn millionths(value: i64, scale: u8, by: i64, over: i64) -> Result<i64, LakeError> {
    const OVER: LakeError = LakeError::Quantity(kernel::QuantityError::Overflow("energy"));
    let unit = 6_u32.checked_sub(u32::from(scale)).and_then(|e| 10_i64.checked_pow(e));
    if let (Some(unit), 1) = (unit, over) {
        return value.checked_mul(unit).and_then(|v| v.checked_mul(by)).ok_or(OVER);
    }
    let energy = metering::reading::energy_of(value, scale)
        .map_err(|error| LakeError::Invalid(error.to_string()))?;
    Ok(energy.times(Ratio::new(by, over)?, RoundingMode::HalfUp)?.ukwh())
}

impl Moved {
    pub(super) fn register(&self, kind: RegisterKind) -> Option<i64> {
        self.by_register[kind.index()]
    }

    /// Use by bucket. Where total and windows were both read the total leads: flat is what the
    /// other windows leave of it (平 = 总 − 尖 − 峰 − 谷 − 深谷), so that buckets add up to it.
    pub(super) fn buckets(&self) -> Option<[i64; 5]> {
        let total = self.register(RegisterKind::Total);
        let windows = RegisterKind::TIME_OF_USE.map(|kind| self.register(kind));
        if windows.iter().all(Option::is_none) {
            return total.map(|total| [0, 0, total, 0, 0]);
        }
        let mut used = windows.map(|w| w.unwrap_or(0));
        if let Some(total) = total {
            let others = [used[0], used[1], used[3], used[4]];
            let rest = others.iter().fold(0_i64, |sum, u| sum.saturating_add(*u));
            used[2] = if total >= rest { total - rest } else { used[2] };
        }
        Some(used)
    }

    /// Windows against total. Each register cuts its last digit at both ends.
    pub(super) fn sums(&self, share: Ratio) -> Result<Option<SumCheck>, LakeError> {
        let Some(total) = self.register(RegisterKind::Total) else { return Ok(None) };
        let windows = RegisterKind::TIME_OF_USE.map(|kind| self.register(kind));
        let parts = windows.iter().flatten().count();
        if parts == 0 {
            return Ok(None);
        }
        let digits = i64::try_from(2 * parts).unwrap_or(10);
        let (_, by, over) = self.dial;
        let last_digits = millionths(digits, self.basis.scale, by, over)?;
        let expected = Energy::from_ukwh(total);
        let tolerance =
            expected.times(share, RoundingMode::Up)?.checked_add(Energy::from_ukwh(last_digits))?;
        let found = Energy::from_ukwh(
            windows.iter().flatten().fold(0_i64, |sum, u| sum.saturating_add(*u)),
        );
        Ok(Some(SumCheck { expected, found, tolerance }))
    }

    /// Whether a person has confirmed or entered the reading: then no check stops it.
    pub(super) fn decided(&self) -> bool {
        let mark = Mark::from_code(self.basis.mark).map(|mark| mark.validity);
        matches!(mark, Some(Validity::Confirmed | Validity::Edited))
            || self.basis.source == Source::Edited.code()
    }
}
