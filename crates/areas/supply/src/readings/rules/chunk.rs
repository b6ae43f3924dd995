//! Rows of a file to rows of the lake, by business day. Intervals of 5, 10 and 20 minutes are
//! added up to those that are settled; a value for a whole day is shared over its hours. Energy
//! is kept exact to the day: each slot gets what the running sum rounds to, in Wh.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Date, Id, Instant, Zone};
use lake::{
    settle::business_day,
    tables::{IntervalRow, ReadingRow, day_number},
};
use metering::{
    codec::{curves_csv, intervals_csv, registers_csv},
    reading::{MOST_UKWH, Mark, Method, RegisterKind, RegisterReading, Source, Validity},
};

use super::index::{Index, Mismatch};
use crate::readings::model::RowProblem;

/// Problems that one chunk keeps word for word; all are counted.
const PROBLEMS: usize = 1_000;
/// A reading may be ahead of the clock by the difference of two clocks, not more.
const AHEAD_S: i64 = 3_600;
const MINUTE: i64 = 60_000_000;

/// What one day of a chunk holds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DayRows {
    /// Register readings.
    pub readings: Vec<ReadingRow>,
    /// Intervals.
    pub intervals: Vec<IntervalRow>,
}

/// Some rows of a file that count together.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Values of the file seen up to the end of this chunk.
    pub seen: i64,
    /// Of this chunk: values that count.
    pub good: i64,
    /// Of this chunk: values that do not.
    pub bad: i64,
    /// The bad ones, word for word up to a bound.
    pub problems: Vec<RowProblem>,
    /// Good rows by business day.
    pub days: BTreeMap<Date, DayRows>,
}

/// One value of an interval before slots are made of it.
#[derive(Debug, Clone, Copy)]
struct Part {
    day: Date,
    usage_point: i64,
    minutes: u8,
    /// Minutes of it that the value covers: 5 of 15.
    covers: i64,
    from: Instant,
    ukwh: i64,
    mark: Mark,
}

/// Takes rows one after the other and hands out chunks.
#[derive(Debug)]
pub struct Collector<'a> {
    index: &'a Index,
    zone: &'a Zone,
    source: Source,
    latest: Instant,
    /// Values that an earlier run of this import has done.
    skip: i64,
    chunk_rows: usize,
    seen: i64,
    chunk: Chunk,
    parts: Vec<Part>,
    rows: usize,
    last: Option<(i64, Date)>,
    /// The slots that do not exist on the day and in the form of the curve before: files are in
    /// the order of days, and asking the zone for each row would cost.
    left_out: ((Date, u8), BTreeSet<u16>),
}

impl<'a> Collector<'a> {
    /// A collector that passes over the first `skip` values.
    #[must_use]
    pub fn new(
        index: &'a Index,
        zone: &'a Zone,
        source: Source,
        now: Instant,
        (skip, chunk_rows): (i64, usize),
    ) -> Self {
        Self {
            index,
            zone,
            source,
            latest: now.plus_seconds(AHEAD_S),
            skip,
            chunk_rows,
            seen: 0,
            chunk: Chunk::default(),
            parts: Vec::new(),
            rows: 0,
            last: None,
            left_out: ((Date::MIN, 0), BTreeSet::new()),
        }
    }

    /// Takes a register reading; a chunk when one is full.
    pub fn register(&mut self, row: &registers_csv::RegisterRow<'_>) -> Option<Chunk> {
        if self.passed() {
            return None;
        }
        let day = business_day(self.zone, row.at);
        let full = self.boundary((0, day), false);
        let content = || format!("{} {} {}", row.usage_point, row.meter, row.at);
        match self.check_register(row, day) {
            Ok(reading) => {
                self.chunk.days.entry(day).or_default().readings.push(ReadingRow::of(&reading));
                self.chunk.good += 1;
                self.rows += 1;
            }
            Err(mismatch) => self.problem(row.line, mismatch, content()),
        }
        self.done();
        full
    }

    fn check_register(
        &self,
        row: &registers_csv::RegisterRow<'_>,
        day: Date,
    ) -> Result<RegisterReading, Mismatch> {
        if row.at > self.latest {
            return Err(("at", "reading.in_future", format!("{} has not come yet", row.at)));
        }
        let found = self.index.find(row.usage_point, row.meter, day)?;
        let scale = u32::from(row.registers.scale());
        let dial = 10_i128.pow(u32::from(found.digits) + scale);
        let cumulative = row.registers.iter().filter(|(kind, _)| kind.is_cumulative());
        for (kind, value) in cumulative {
            if i128::from(value) >= dial || value < 0 {
                let shown = row.registers.text(kind).unwrap_or_default();
                let words =
                    format!("{shown} cannot stand on a register of {} digits", found.digits);
                return Err((kind.name(), "reading.beyond_dial", words));
            }
        }
        Ok(RegisterReading {
            usage_point: Id::from_i64(found.usage_point),
            meter: Id::from_i64(found.meter),
            at: row.at,
            registers: row.registers,
            source: row.source,
            mark: row.mark,
            revision: row.revision,
        })
    }

    /// Takes an interval; a chunk when one is full. Values that are not there, and registers that
    /// are not settled by intervals, are seen and not kept.
    pub fn interval(&mut self, row: &intervals_csv::IntervalRow<'_>) -> Option<Chunk> {
        if self.passed() {
            return None;
        }
        let length = (row.to.micros() - row.from.micros()) / MINUTE;
        // A whole day may be told in another zone: its middle is on the right date in any.
        let inside = if length > 60 { length / 2 * 60 } else { 0 };
        let day = self.zone.date_of(row.from.plus_seconds(inside));
        let mut full = None;
        if let (RegisterKind::Total, Some(value)) = (row.register, row.value) {
            match self.check_interval(row, value, day, length) {
                Ok(parts) => {
                    let usage_point = parts.first().map_or(0, |part| part.usage_point);
                    full = self.boundary((usage_point, day), true);
                    self.rows += parts.len();
                    self.parts.extend(parts);
                    self.chunk.good += 1;
                }
                Err(mismatch) => {
                    let content =
                        format!("{} {} {value}e-{}", row.usage_point, row.from, row.scale);
                    self.problem(row.line, mismatch, content);
                }
            }
        }
        self.done();
        full
    }

    fn check_interval(
        &self,
        row: &intervals_csv::IntervalRow<'_>,
        value: i64,
        day: Date,
        length: i64,
    ) -> Result<Vec<Part>, Mismatch> {
        if row.from > self.latest {
            return Err(("from", "reading.in_future", format!("{} has not come yet", row.from)));
        }
        let found = self.index.find(row.usage_point, "", day)?;
        let beyond = || ("value", "reading.impossible", "no meter measures so much".to_owned());
        let most = MOST_UKWH.saturating_mul((length / 60).clamp(1, 25));
        let ukwh = ukwh(value, row.scale).filter(|v| v.abs() <= most).ok_or_else(beyond)?;
        let part = |from, minutes, covers, ukwh, mark| Part {
            covers,
            day,
            usage_point: found.usage_point,
            minutes,
            from,
            ukwh,
            mark,
        };
        let minutes: u8 = match length {
            5 | 15 => 15,
            10 | 30 => 30,
            20 | 60 => 60,
            _ => {
                let hours = (length / 60).clamp(1, 25);
                // Shared over the hours by running sums, so that they add up to the day.
                let upto = |hour: i64| i128::from(ukwh) * i128::from(hour) / i128::from(hours);
                let share = |hour| i64::try_from(upto(hour + 1) - upto(hour)).ok();
                let shared = (0..hours).map(|hour| {
                    let mark = Mark { validity: row.mark.validity, method: Method::Derived };
                    Some(part(row.from.plus_seconds(hour * 3_600), 60, 60, share(hour)?, mark))
                });
                return shared.collect::<Option<Vec<_>>>().ok_or_else(beyond);
            }
        };
        Ok(vec![part(row.from, minutes, length, ukwh, row.mark)])
    }

    /// Takes the curve of a day; a chunk when one is full. Its slots are the slots of the lake.
    pub fn curve(&mut self, row: &curves_csv::CurveRow<'_>) -> Option<Chunk> {
        if self.passed() {
            return None;
        }
        let full = self.boundary((0, row.day), false);
        match self.check_curve(row) {
            Ok(usage_point) => {
                if self.left_out.0 != (row.day, row.minutes) {
                    let slots = left_out(odd_day(self.zone, row.day, row.minutes).as_ref());
                    self.left_out = ((row.day, row.minutes), slots);
                }
                let rows = &mut self.chunk.days.entry(row.day).or_default().intervals;
                let before = rows.len();
                push_curve(rows, row, usage_point, (self.source, &self.left_out.1));
                self.rows += rows.len() - before;
                self.chunk.good += 1;
            }
            Err(mismatch) => {
                self.problem(row.line, mismatch, format!("{} {}", row.usage_point, row.day));
            }
        }
        self.done();
        full
    }

    fn check_curve(&self, row: &curves_csv::CurveRow<'_>) -> Result<i64, Mismatch> {
        if row.day > self.zone.date_of(self.latest) {
            return Err(("day", "reading.in_future", format!("{} has not come yet", row.day)));
        }
        Ok(self.index.find(row.usage_point, "", row.day)?.usage_point)
    }

    /// What is left at the end of the file.
    #[must_use]
    pub fn finish(mut self) -> Chunk {
        self.take()
    }

    fn passed(&mut self) -> bool {
        if self.seen < self.skip {
            self.seen += 1;
            return true;
        }
        false
    }

    const fn done(&mut self) {
        self.seen += 1;
    }

    /// A chunk ends where a day of a usage point ends, so that its intervals stay together.
    fn boundary(&mut self, place: (i64, Date), together: bool) -> Option<Chunk> {
        let same = together && self.last == Some(place);
        self.last = Some(place);
        (self.rows >= self.chunk_rows && !same).then(|| self.take())
    }

    fn problem(&mut self, line: u64, (field, code, reason): Mismatch, content: String) {
        self.chunk.bad += 1;
        if self.chunk.problems.len() < PROBLEMS {
            self.chunk.problems.push(RowProblem { line, field, code, reason, content });
        }
        // Bad rows fill a chunk too: otherwise a file of nothing else would never move on.
        self.rows += 1;
    }

    fn take(&mut self) -> Chunk {
        let mut chunk = std::mem::take(&mut self.chunk);
        chunk.seen = self.seen;
        self.rows = 0;
        slots(&mut self.parts, self.zone, self.source, &mut chunk.days);
        chunk
    }
}

/// A value with `scale` decimals of kWh in µkWh, half up where it is finer.
fn ukwh(value: i64, scale: u8) -> Option<i64> {
    match u32::from(scale) {
        up @ 0..=6 => value.checked_mul(10_i64.pow(6 - up)),
        down => {
            let by = 10_i64.checked_pow(down - 6)?;
            kernel::div_round(i128::from(value), i128::from(by), kernel::RoundingMode::HalfUp)
                .and_then(|v| i64::try_from(v).ok())
        }
    }
}

/// The known slots of a curve in Wh. They are rounded by running sums, so that the day is right to
/// 1 Wh.
fn push_curve(
    rows: &mut Vec<IntervalRow>,
    curve: &curves_csv::CurveRow<'_>,
    usage_point: i64,
    (source, left_out): (Source, &BTreeSet<u16>),
) {
    let (mut sum, mut written) = (0_i128, 0_i128);
    let day = day_number(curve.day);
    for (slot, ukwh) in (0..).zip(curve.ukwh) {
        let known_empty = left_out.contains(&slot).then_some(0);
        let Some(ukwh) = ukwh.or(known_empty) else { continue };
        sum += i128::from(ukwh);
        rows.push(IntervalRow {
            usage_point,
            day,
            slot,
            minutes: curve.minutes,
            wh: wh_step(sum, &mut written),
            flag: curve.mark.code(),
            source: source.code(),
            revision: 0,
        });
    }
}

/// The whole Wh by which a running sum in µkWh has moved on since the last step.
fn wh_step(sum: i128, written: &mut i128) -> i32 {
    let upto = kernel::div_round(sum, 1_000, kernel::RoundingMode::HalfUp).unwrap_or(*written);
    let wh = i32::try_from(upto - *written).unwrap_or(i32::MAX);
    *written = upto;
    wh
}

/// How many minutes of real time each slot of a local day has, where the day is not of 24 hours:
/// none in the hour that is left out in spring, twice as many in the one that comes twice.
fn odd_day(zone: &Zone, day: Date, minutes: u8) -> Option<BTreeMap<u16, i64>> {
    let period = zone.day(day).ok()?;
    let (from, to) = (period.from(), period.to()?);
    let length = (to.micros() - from.micros()) / MINUTE;
    if length == 1_440 || minutes == 0 {
        return None;
    }
    let step = i64::from(minutes);
    let mut real: BTreeMap<u16, i64> = (0..1_440 / u16::from(minutes)).map(|s| (s, 0)).collect();
    for at in 0..length / step {
        let slot = slot_of(zone, from.plus_seconds(at * step * 60), minutes);
        *real.entry(slot).or_default() += step;
    }
    Some(real)
}

/// The slots of a day of 23 hours that do not exist.
fn left_out(real: Option<&BTreeMap<u16, i64>>) -> BTreeSet<u16> {
    let empty = real.into_iter().flatten().filter(|(_, minutes)| **minutes == 0);
    empty.map(|(slot, _)| *slot).collect()
}

/// The slot of its local day that an instant falls into.
fn slot_of(zone: &Zone, at: Instant, minutes: u8) -> u16 {
    let at = zone.datetime_of(at);
    let minute = u16::from(at.hour().unsigned_abs()) * 60 + u16::from(at.minute().unsigned_abs());
    minute / u16::from(minutes)
}

/// Parts to slots of the local day; the same parts in any order give the same rows. Parts in one
/// slot are added: short intervals, and the hour that comes twice in autumn. The hour that is left
/// out in spring has slots without energy: they are known, and nothing is to be estimated there.
/// Of two values for one moment the greater counts, as in the lake.
fn slots(parts: &mut Vec<Part>, zone: &Zone, source: Source, days: &mut BTreeMap<Date, DayRows>) {
    parts.sort_unstable_by_key(|p| (p.day, p.usage_point, p.minutes, p.from, -i128::from(p.ukwh)));
    parts.dedup_by_key(|p| (p.day, p.usage_point, p.minutes, p.from));
    for same in parts
        .chunk_by(|a, b| (a.day, a.usage_point, a.minutes) == (b.day, b.usage_point, b.minutes))
    {
        let first = same[0];
        let mut by_slot: BTreeMap<u16, (i64, i64, BTreeSet<Mark>)> = BTreeMap::new();
        for part in same {
            let entry = by_slot.entry(slot_of(zone, part.from, part.minutes)).or_default();
            entry.0 = entry.0.saturating_add(part.ukwh);
            entry.1 += part.covers;
            entry.2.insert(part.mark);
        }
        let real = odd_day(zone, first.day, first.minutes);
        for slot in left_out(real.as_ref()) {
            let derived = Mark { validity: Validity::Valid, method: Method::Derived };
            by_slot.entry(slot).or_insert((0, 0, BTreeSet::from([derived])));
        }
        let whole = |slot: u16| {
            let real = real.as_ref().and_then(|real| real.get(&slot).copied());
            real.unwrap_or(i64::from(first.minutes))
        };
        let (mut sum, mut written) = (0_i128, 0_i128);
        let rows = &mut days.entry(first.day).or_default().intervals;
        for (slot, (ukwh, covers, marks)) in by_slot {
            // A slot of which a part is unknown is unknown.
            if covers < whole(slot) {
                continue;
            }
            sum += i128::from(ukwh);
            rows.push(IntervalRow {
                usage_point: first.usage_point,
                day: day_number(first.day),
                slot,
                minutes: first.minutes,
                wh: wh_step(sum, &mut written),
                flag: worst(&marks).code(),
                source: source.code(),
                revision: 0,
            });
        }
    }
    parts.clear();
}

/// The mark of a slot that was added up: the one that can be trusted least.
fn worst(marks: &BTreeSet<Mark>) -> Mark {
    let doubt = |mark: &Mark| match mark.validity {
        Validity::Valid | Validity::Confirmed => 0,
        Validity::Raw => 1,
        Validity::Edited => 2,
        Validity::Estimated => 3,
        Validity::Questionable => 4,
        Validity::Rejected | Validity::Missing => 5,
    };
    marks.iter().copied().max_by_key(doubt).unwrap_or(Mark::RAW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readings::rules::{IndexRow, NamedPoint};

    fn index() -> Index {
        let mut index = Index::default();
        index.add_point(NamedPoint {
            usage_point: Id::from_i64(1),
            code: "A".into(),
            account_no: "A".into(),
        });
        index.add_place(IndexRow {
            usage_point: Id::from_i64(1),
            meter: Id::from_i64(9),
            asset_no: "M".into(),
            installed_on: Date::constant(2020, 1, 1),
            removed_on: None,
            digits: 6,
            register_scale: 1,
        });
        index
    }

    /// Intervals of so many minutes from the start of a local day, with 3 decimals of kWh.
    fn rows(zone: &str, day: Date, minutes: i64, values: &[i64]) -> Vec<IntervalRow> {
        let (index, zone) = (index(), Zone::get(zone).unwrap());
        let now = Instant::from_micros(2_000_000_000_000_000);
        let mut collector = Collector::new(&index, &zone, Source::Ami, now, (0, 1_000));
        let start = zone.day(day).unwrap().from();
        for (n, value) in values.iter().enumerate() {
            let from = start.plus_seconds(i64::try_from(n).unwrap() * minutes * 60);
            let full = collector.interval(&intervals_csv::IntervalRow {
                line: 2,
                usage_point: "A",
                register: RegisterKind::Total,
                from,
                to: from.plus_seconds(minutes * 60),
                value: Some(*value),
                scale: 4,
                mark: Mark::VALID,
            });
            assert!(full.is_none());
        }
        let chunk = collector.finish();
        assert_eq!(chunk.bad, 0, "{:?}", chunk.problems);
        chunk.days.into_values().flat_map(|day| day.intervals).collect()
    }

    #[test]
    fn a_days_value_is_shared_over_its_hours_and_adds_up() {
        let day = Date::constant(2026, 6, 1);
        let rows = rows("Asia/Shanghai", day, 1_440, &[100_003]);
        assert_eq!((rows.len(), rows[0].minutes), (24, 60));
        assert_eq!(rows.iter().map(|row| i64::from(row.wh)).sum::<i64>(), 10_000);
        assert_eq!(Mark::from_code(rows[0].flag).unwrap().method, Method::Derived);
    }

    #[test]
    fn short_intervals_are_added_and_a_slot_with_a_hole_is_open() {
        let day = Date::constant(2026, 6, 1);
        // 0.05 Wh each: half a Wh after ten of them.
        let rows = rows("Asia/Shanghai", day, 5, &[10, 10, 10, 10]);
        assert_eq!(
            rows.iter().map(|row| (row.slot, row.minutes, row.wh)).collect::<Vec<_>>(),
            [(0, 15, 3)]
        );
    }

    #[test]
    fn the_hour_that_comes_twice_is_added_to_its_slots() {
        let day = Date::constant(2026, 10, 25);
        let rows = rows("Europe/London", day, 60, &[10_000; 25]);
        assert_eq!(rows.len(), 24);
        assert_eq!(rows[1].wh, 2_000);
        assert_eq!(rows.iter().map(|row| i64::from(row.wh)).sum::<i64>(), 25_000);
    }

    #[test]
    fn of_the_hour_that_comes_twice_one_half_is_not_the_whole() {
        let day = Date::constant(2026, 10, 25);
        // The second of the two hours was not sent: its slot is unknown, not half of it.
        let rows = rows("Europe/London", day, 60, &[10_000, 10_000]);
        assert_eq!(rows.iter().map(|row| (row.slot, row.wh)).collect::<Vec<_>>(), [(0, 1_000)]);
    }

    #[test]
    fn the_hour_that_is_left_out_is_known_to_be_empty() {
        let day = Date::constant(2026, 3, 29);
        let rows = rows("Europe/London", day, 30, &[10_000; 46]);
        assert_eq!(rows.len(), 48, "nothing is left to estimate");
        assert_eq!((rows[2].slot, rows[2].wh, rows[3].wh), (2, 0, 0));
        assert_eq!(rows.iter().map(|row| i64::from(row.wh)).sum::<i64>(), 46_000);
    }
}
