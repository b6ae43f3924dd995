//! One day of cumulative four-register readings to charges and balances, from three Parquet
//! files to one. The join is inner: a meter that is not in all three files gives no row, and the
//! counts say how many there were. Registers are in 0.01 kWh, money in fen.

use std::{borrow::Cow, path::Path};

use super::meter_index::MeterIndex;
use crate::{
    LakeError,
    columns::{BATCH, ColumnFile, Encoded, IntColumn, Kind, Spec, TableWriter},
    error::guarded,
    rating::DailyRates,
};

/// The files of one run.
#[derive(Debug, Clone, Copy)]
pub struct SettleFiles<'a> {
    /// `meter_id, r1, r2, r3, r4`: the registers sharp, peak, flat, valley as read today, in
    /// 0.01 kWh, in any order.
    pub today: &'a Path,
    /// The same columns, as read yesterday.
    pub yesterday: &'a Path,
    /// `meter_id, ytd` (0.01 kWh used in the tariff year before today), `bal`, `warn` (fen).
    pub accounts: &'a Path,
    /// The file to write: `meter_id, u1..u4, kwh, fee, ytd_new, bal_new, st`, in the order of
    /// the accounts.
    pub out: &'a Path,
}

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SettledFiles {
    /// Meters in all three files: rows written.
    pub settled: u64,
    /// Meters read today that were not read yesterday.
    pub new_today: u64,
    /// Meters read yesterday that were not read today.
    pub missing_today: u64,
    /// Meters with an account but not read on both days.
    pub without_readings: u64,
    /// Meters whose registers went backwards: no charge, status bit 4.
    pub backwards: u64,
}

/// No register of a real meter passes this; below it no sum or product here can overflow.
const LARGEST: i64 = 1_000_000_000_000_000;
/// Readings in random order are first dealt out to parts of this many places, so that each part
/// of the registers is worked on while it is in the processor's cache.
const PART: usize = 16_384;
/// Rows of one row group of the result.
/// Few enough that the columns being filled stay in the cache.
const GROUP: usize = 32_768;

const SPECS: [Spec; 10] = {
    const fn wide(name: &'static str, encoded: Encoded) -> Spec {
        Spec { name: Cow::Borrowed(name), kind: Kind::Int64, encoded }
    }
    [
        Spec { name: Cow::Borrowed("meter_id"), kind: Kind::Unsigned(32), encoded: Encoded::Plain },
        wide("u1", Encoded::Plain),
        wide("u2", Encoded::Plain),
        wide("u3", Encoded::Plain),
        wide("u4", Encoded::Plain),
        wide("kwh", Encoded::Plain),
        wide("fee", Encoded::Plain),
        wide("ytd_new", Encoded::Plain),
        wide("bal_new", Encoded::Plain),
        Spec { name: Cow::Borrowed("st"), kind: Kind::Unsigned(8), encoded: Encoded::Plain },
    ]
};

/// Settles one day from file to file.
///
/// # Errors
/// An unreadable file, a missing column, a repeated meter, an impossible value; the result then
/// does not appear.
pub fn settle_files(job: SettleFiles<'_>, rates: &DailyRates) -> Result<SettledFiles, LakeError> {
    let mut counts = SettledFiles::default();
    let mut days = guarded(job.yesterday, || Days::read_yesterday(job.yesterday))?;
    guarded(job.today, || days.subtract_from_today(job.today, &mut counts))?;
    counts.missing_today = days.seen.iter().filter(|s| **s == 0).count() as u64;
    guarded(job.accounts, || days.charge_accounts(job, rates, &mut counts))?;
    Ok(counts)
}

/// The registers by place: yesterday's reading first, then the use of the day.
struct Days {
    ids: Vec<i64>,
    index: MeterIndex,
    registers: Vec<[i64; 4]>,
    /// 0: yesterday only; 1: today too; 2: charged.
    seen: Vec<u8>,
}

impl Days {
    fn read_yesterday(path: &Path) -> Result<Self, LakeError> {
        let file = ColumnFile::open(path)?;
        // The footer's word is good for so much room; more is made when rows really come.
        let rows = file.rows()?.min(1 << 22);
        let mut ids = Vec::with_capacity(rows);
        let mut registers = Vec::with_capacity(rows);
        for_each_batch(&file, ["meter_id", "r1", "r2", "r3", "r4"], |first, columns| {
            let [id, r1, r2, r3, r4] = columns;
            check_registers(path, first, [r1, r2, r3, r4])?;
            ids.extend_from_slice(id);
            let quads = r1.iter().zip(r2.iter()).zip(r3.iter().zip(r4.iter()));
            registers.extend(quads.map(|((a, b), (c, d))| [*a, *b, *c, *d]));
            Ok(())
        })?;
        let index = MeterIndex::new(&ids).map_err(|row| repeated(path, row, &ids))?;
        let seen = vec![0; ids.len()];
        Ok(Self { ids, index, registers, seen })
    }

    fn subtract_from_today(
        &mut self,
        path: &Path,
        counts: &mut SettledFiles,
    ) -> Result<(), LakeError> {
        let file = ColumnFile::open(path)?;
        let mut parts: Vec<Vec<Arrival>> = Vec::new();
        parts.resize_with(self.seen.len() / PART + 1, || Vec::with_capacity(PART));
        for_each_batch(&file, ["meter_id", "r1", "r2", "r3", "r4"], |first, columns| {
            let [id, r1, r2, r3, r4] = columns;
            check_registers(path, first, [r1, r2, r3, r4])?;
            let quads = r1.iter().zip(r2.iter()).zip(r3.iter().zip(r4.iter()));
            for (id, ((a, b), (c, d))) in id.iter().zip(quads) {
                match self.index.place(*id) {
                    Some(place) => {
                        if let Some(part) = parts.get_mut(place / PART) {
                            part.push(Arrival { place, registers: [*a, *b, *c, *d] });
                        }
                    }
                    None => counts.new_today += 1,
                }
            }
            Ok(())
        })?;
        for arrival in parts.into_iter().flatten() {
            let place = arrival.place;
            let slots = (self.seen.get_mut(place), self.registers.get_mut(place));
            if let (Some(seen), Some(used)) = slots {
                if *seen != 0 {
                    return Err(repeated_id(path, self.ids.get(place).copied().unwrap_or(0)));
                }
                *seen = 1;
                for (used, today) in used.iter_mut().zip(arrival.registers) {
                    *used = today - *used;
                }
            }
        }
        Ok(())
    }

    fn charge_accounts(
        &mut self,
        job: SettleFiles<'_>,
        rates: &DailyRates,
        counts: &mut SettledFiles,
    ) -> Result<(), LakeError> {
        let path = job.accounts;
        let file = ColumnFile::open(path)?;
        let mut out = Output::create(job.out)?;
        for_each_batch(&file, ["meter_id", "ytd", "bal", "warn"], |first, columns| {
            let [id, ytd, bal, warn] = columns;
            check_registers(path, first, [ytd, bal, warn])?;
            let money = ytd.iter().zip(bal.iter().zip(warn.iter()));
            for (id, (ytd, (bal, warn))) in id.iter().zip(money) {
                let place = self.index.place(*id);
                let found = place.and_then(|p| self.seen.get_mut(p).zip(self.registers.get(p)));
                match found {
                    Some((seen @ 1, used)) => {
                        *seen = 2;
                        out.push(*id, *used, [*ytd, *bal, *warn], rates, counts)?;
                    }
                    Some((2, _)) => return Err(repeated_id(path, *id)),
                    _ => counts.without_readings += 1,
                }
            }
            if out.rows() >= GROUP { out.flush() } else { Ok(()) }
        })?;
        out.finish()
    }
}

/// One of today's readings on its way to its place.
struct Arrival {
    place: usize,
    registers: [i64; 4],
}

/// The columns of the row group being filled, and the file.
struct Output {
    writer: TableWriter,
    id: Vec<i32>,
    wide: [Vec<i64>; 8],
    status: Vec<i32>,
}

impl Output {
    fn create(path: &Path) -> Result<Self, LakeError> {
        let capacity = GROUP + BATCH;
        Ok(Self {
            writer: TableWriter::create(path, &SPECS, false)?,
            id: Vec::with_capacity(capacity),
            wide: std::array::from_fn(|_| Vec::with_capacity(capacity)),
            status: Vec::with_capacity(capacity),
        })
    }

    fn rows(&self) -> usize {
        self.id.len()
    }

    #[inline]
    fn push(
        &mut self,
        id: i64,
        used: [i64; 4],
        [ytd, bal, warn]: [i64; 3],
        rates: &DailyRates,
        counts: &mut SettledFiles,
    ) -> Result<(), LakeError> {
        let id = u32::try_from(id).map_err(|_| {
            LakeError::Invalid(format!("meter {id} does not fit 32 bits without sign"))
        })?;
        let forward = used.iter().all(|u| *u >= 0);
        let (kwh, fee) = if forward {
            let [sharp, peak, flat, valley] = used;
            let kwh = sharp + peak + flat + valley;
            (kwh, rates.charge(ytd, [sharp, peak, flat, valley, 0], kwh)?)
        } else {
            counts.backwards += 1;
            (0, 0)
        };
        let left = bal - fee;
        let status = i32::from(!forward) * 4 + if left < 0 { 2 } else { i32::from(left < warn) };
        self.id.push(id.cast_signed());
        let row = [used[0], used[1], used[2], used[3], kwh, fee, ytd + kwh, left];
        for (column, value) in self.wide.iter_mut().zip(row) {
            column.push(value);
        }
        self.status.push(status);
        counts.settled += 1;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), LakeError> {
        if self.id.is_empty() {
            return Ok(());
        }
        let (id, wide, status) = (&self.id, &self.wide, &self.status);
        self.writer.group(|group| {
            group.narrow(id)?;
            for column in wide {
                group.wide(column)?;
            }
            group.narrow(status)
        })?;
        self.id.clear();
        self.wide.iter_mut().for_each(Vec::clear);
        self.status.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), LakeError> {
        self.flush()?;
        self.writer.finish(false)
    }
}

/// Hands the named columns over in batches; `each` gets the number of the batch's first row,
/// counted from 1, and the columns.
fn for_each_batch<const N: usize>(
    file: &ColumnFile,
    names: [&'static str; N],
    mut each: impl FnMut(u64, &mut [Vec<i64>; N]) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    let positions = file.find(names)?;
    let mut values: [Vec<i64>; N] = std::array::from_fn(|_| Vec::with_capacity(BATCH));
    let mut first = 1;
    for group in 0..file.groups() {
        let mut columns: [IntColumn; N] = file.columns(group, positions)?;
        loop {
            let mut rows = 0;
            for (column, values) in columns.iter_mut().zip(&mut values) {
                rows = column.read(BATCH, values)?;
            }
            if rows == 0 {
                break;
            }
            each(first, &mut values)?;
            first += rows as u64;
        }
    }
    Ok(())
}

fn check_registers<const N: usize>(
    path: &Path,
    first: u64,
    columns: [&Vec<i64>; N],
) -> Result<(), LakeError> {
    for column in columns {
        // Folding without a way out lets the compiler use vector instructions.
        let sane = column.iter().fold(true, |sane, v| sane & (*v <= LARGEST) & (*v >= -LARGEST));
        if !sane {
            let at = column.iter().position(|v| v.unsigned_abs() > LARGEST.unsigned_abs());
            let at = at.unwrap_or(0);
            return Err(LakeError::Row {
                path: path.to_owned(),
                row: first + at as u64,
                reason: format!("{} is no possible reading or balance", column[at]),
            });
        }
    }
    Ok(())
}

fn repeated(path: &Path, row: usize, ids: &[i64]) -> LakeError {
    repeated_id(path, ids.get(row).copied().unwrap_or(0))
}

fn repeated_id(path: &Path, id: i64) -> LakeError {
    LakeError::Invalid(format!(
        "{}: meter {id} is there twice; keep one row per meter",
        path.display()
    ))
}
