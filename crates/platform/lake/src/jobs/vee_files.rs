//! Validates and completes 30 days of quarter-hour intervals, from one Parquet file to one. The
//! rules are those of [`metering::grid`]; here are only the way in and the way out.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use metering::grid::{Grid, GridRules, flag};
use parquet::errors::ParquetError;

use crate::{
    LakeError,
    columns::{ColumnFile, Encoded, Kind, Pages, Spec, TableWriter},
    error::guarded,
};

const SLOTS: usize = 96;
const DAYS: usize = 30;
const INTERVALS: usize = DAYS * SLOTS;
/// Meters of one row group of the result.
const GROUP: usize = 64;
/// Room that is made on the word of a file's footer; more is made when rows really come.
const LIKELY_ROWS: usize = 1 << 22;
/// Rows read at a time.
const BATCH: usize = 16_384;

const SPECS: [Spec; 4] = [
    Spec {
        name: Cow::Borrowed("meter_id"),
        kind: Kind::Unsigned(32),
        encoded: Encoded::Dictionary,
    },
    Spec { name: Cow::Borrowed("t"), kind: Kind::Unsigned(16), encoded: Encoded::Delta },
    Spec { name: Cow::Borrowed("wh"), kind: Kind::Int32, encoded: Encoded::Plain },
    Spec { name: Cow::Borrowed("flag"), kind: Kind::Unsigned(8), encoded: Encoded::Snappy },
];

/// What was found in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VeeCounts {
    /// Meters in the file; each gets all its intervals in the result.
    pub meters: u64,
    /// Intervals that were not delivered.
    pub gaps: u64,
    /// Intervals that were negative.
    pub negative: u64,
    /// Intervals thrown away as spikes.
    pub spikes: u64,
    /// Intervals in a long run of equal values.
    pub stuck: u64,
    /// Intervals estimated on a line, by like days, and not at all.
    pub estimated: [u64; 3],
}

/// Validates one file of `meter_id, t (0..2879), wh` and writes `meter_id, t, wh, flag` to
/// `folder/out_<input file name>`. Rows may come in any order; sorted by meter they are handled
/// in little memory.
///
/// # Errors
/// An unreadable file, a missing column, an interval outside the 30 days or given twice; the
/// result then does not appear.
pub fn vee_file(input: &Path, folder: &Path) -> Result<(PathBuf, VeeCounts), LakeError> {
    let mut name = std::ffi::OsString::from("out_");
    name.push(input.file_name().unwrap_or_default());
    let out = folder.join(name);
    let counts = guarded(input, || {
        let file = ColumnFile::open(input)?;
        match by_meter(&file, &out)? {
            Some(counts) => Ok(counts),
            None => any_order(&file, &out),
        }
    })?;
    Ok((out, counts))
}

/// One pass over a file sorted by meter; `None` when it turns out not to be.
fn by_meter(file: &ColumnFile, out: &Path) -> Result<Option<VeeCounts>, LakeError> {
    let positions = file.find(["meter_id", "t", "wh"])?;
    let mut sheet = Sheet::create(file.path(), out)?;
    let mut row = 1;
    for group in 0..file.groups() {
        let [mut meters, mut slots, mut values] = file.columns(group, positions)?;
        loop {
            let meters = meters.read_narrow(BATCH)?;
            let slots = slots.read_narrow(BATCH)?;
            let values = values.read_narrow(BATCH)?;
            if meters.is_empty() {
                break;
            }
            let mut from = 0;
            for run in meters.chunk_by(|a, b| a == b) {
                let to = from + run.len();
                if !sheet.turn_to(run[0])? {
                    return Ok(None);
                }
                sheet.enter(row, &slots[from..to], &values[from..to])?;
                row += run.len() as u64;
                from = to;
            }
        }
    }
    sheet.finish().map(Some)
}

/// Sorts the rows in memory (12 bytes each) first.
fn any_order(file: &ColumnFile, out: &Path) -> Result<VeeCounts, LakeError> {
    let positions = file.find(["meter_id", "t", "wh"])?;
    let mut rows: Vec<(u32, i32, i32)> = Vec::with_capacity(file.rows()?.min(LIKELY_ROWS));
    for group in 0..file.groups() {
        let [mut meters, mut slots, mut values] = file.columns(group, positions)?;
        loop {
            let meters = meters.read_narrow(BATCH)?;
            let pairs = slots.read_narrow(BATCH)?.iter().zip(values.read_narrow(BATCH)?);
            if meters.is_empty() {
                break;
            }
            rows.extend(meters.iter().zip(pairs).map(|(m, (t, v))| (m.cast_unsigned(), *t, *v)));
        }
    }
    rows.sort_unstable();
    let mut sheet = Sheet::create(file.path(), out)?;
    let (mut slots, mut values) = (Vec::new(), Vec::new());
    for run in rows.chunk_by(|a, b| a.0 == b.0) {
        slots.clear();
        slots.extend(run.iter().map(|r| r.1));
        values.clear();
        values.extend(run.iter().map(|r| r.2));
        sheet.turn_to(run[0].0.cast_signed())?;
        sheet.enter(0, &slots, &values)?;
    }
    sheet.finish()
}

/// The meters of the row group being filled, and the file.
struct Sheet<'a> {
    input: &'a Path,
    writer: TableWriter,
    grid: Grid<SLOTS>,
    /// The meters of the group; the last is the one being entered.
    ids: Vec<u32>,
    values: Vec<i32>,
    flags: Vec<u8>,
    counts: VeeCounts,
    layout: Layout,
}

/// The two columns that are alike in every group of so many meters.
struct Layout {
    meters: usize,
    ids: Pages,
    slots: Pages,
}

impl Layout {
    fn of(meters: usize) -> Result<Self, ParquetError> {
        let slots: Vec<i32> = (0..meters).flat_map(|_| (0_i32..).take(INTERVALS)).collect();
        let ids: Vec<i32> =
            (0_i32..).take(meters).flat_map(|m| std::iter::repeat_n(m, INTERVALS)).collect();
        let [id, slot, ..] = SPECS;
        Ok(Self { meters, ids: Pages::of(id, &ids)?, slots: Pages::of(slot, &slots)? })
    }
}

impl<'a> Sheet<'a> {
    fn create(input: &'a Path, out: &Path) -> Result<Self, LakeError> {
        let grid = Grid::weekly(GridRules::default(), DAYS)
            .map_err(|error| LakeError::Invalid(error.to_string()))?;
        Ok(Self {
            input,
            writer: TableWriter::create(out, &SPECS, false)?,
            grid,
            ids: Vec::with_capacity(GROUP),
            values: vec![0; GROUP * INTERVALS],
            flags: vec![flag::GAP; GROUP * INTERVALS],
            counts: VeeCounts::default(),
            layout: Layout::of(GROUP).map_err(LakeError::parquet(out))?,
        })
    }

    /// Makes `meter` the one being entered; `false` when it comes after a greater one.
    fn turn_to(&mut self, meter: i32) -> Result<bool, LakeError> {
        let meter = meter.cast_unsigned();
        match self.ids.last() {
            Some(last) if *last == meter => return Ok(true),
            Some(last) if *last > meter => return Ok(false),
            _ => {}
        }
        if self.ids.len() == GROUP {
            let last = self.ids.last().copied();
            self.flush()?;
            // An out-of-order meter must still be noticed across groups.
            if last.is_some_and(|last| last >= meter) {
                return Ok(false);
            }
        }
        self.ids.push(meter);
        Ok(true)
    }

    fn enter(&mut self, row: u64, slots: &[i32], values: &[i32]) -> Result<(), LakeError> {
        let at = self.ids.len().saturating_sub(1) * INTERVALS;
        let into = &mut self.values[at..at + INTERVALS];
        let flags = &mut self.flags[at..at + INTERVALS];
        for (i, (slot, value)) in slots.iter().zip(values).enumerate() {
            let slot_at = usize::try_from(*slot).unwrap_or(usize::MAX);
            match flags.get_mut(slot_at).zip(into.get_mut(slot_at)) {
                Some((flag, place)) if *flag == flag::GAP => {
                    *flag = 0;
                    *place = *value;
                }
                found => {
                    let meter = self.ids.last().copied().unwrap_or(0);
                    let what =
                        if found.is_some() { "is there twice" } else { "is outside 0..2879" };
                    let reason = format!("meter {meter}: interval {slot} {what}");
                    let path = self.input.to_owned();
                    return Err(match row {
                        0 => LakeError::Invalid(format!("{}: {reason}", path.display())),
                        row => LakeError::Row { path, row: row + i as u64, reason },
                    });
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), LakeError> {
        let rows = self.ids.len() * INTERVALS;
        let (values, flags) = (&mut self.values[..rows], &mut self.flags[..rows]);
        let meters = values.chunks_exact_mut(INTERVALS).zip(flags.chunks_exact_mut(INTERVALS));
        for (values, flags) in meters {
            self.grid.run(values, flags).map_err(|error| LakeError::Invalid(error.to_string()))?;
            count(&mut self.counts, flags);
        }
        let wide_flags: Vec<i32> = flags.iter().map(|f| i32::from(*f)).collect();
        let ids: Vec<i32> = self.ids.iter().map(|id| id.cast_signed()).collect();
        let (layout, values) = (&mut self.layout, &self.values[..rows]);
        self.writer.group(|group| {
            if layout.meters != ids.len() {
                *layout = Layout::of(ids.len())?;
            }
            group.pages(&layout.ids.with_dictionary(&ids)?)?;
            group.pages(&layout.slots)?;
            group.narrow(values)?;
            group.narrow(&wide_flags)
        })?;
        self.ids.clear();
        self.flags.fill(flag::GAP);
        Ok(())
    }

    fn finish(mut self) -> Result<VeeCounts, LakeError> {
        if !self.ids.is_empty() {
            self.flush()?;
        }
        self.writer.finish(false)?;
        Ok(self.counts)
    }
}

fn count(counts: &mut VeeCounts, flags: &[u8]) {
    counts.meters += 1;
    // Most quarter hours of most meters have no flag at all: eight are looked at together.
    let (eights, rest) = flags.as_chunks::<8>();
    let flagged = eights.iter().filter(|e| u64::from_ne_bytes(**e) != 0).flatten();
    for f in flagged.chain(rest) {
        counts.gaps += u64::from(f & flag::GAP != 0);
        counts.negative += u64::from(f & flag::NEGATIVE != 0);
        counts.spikes += u64::from(f & flag::SPIKE != 0);
        counts.stuck += u64::from(f & flag::STUCK != 0);
        counts.estimated[0] += u64::from(f & flag::LINEAR != 0);
        counts.estimated[1] += u64::from(f & flag::LIKE_DAY != 0);
        counts.estimated[2] += u64::from(f & flag::NONE != 0);
    }
}
