//! What the meters of the county say each night: cumulative registers that a customer's use moves
//! on, the load curves of large customers, exchanges, and readings that are late, lost or wrong.

use std::collections::BTreeMap;

use jiff::ToSpan;
use kernel::{Date, Instant, Zone};
use lake::tables::{IntervalRow, ReadingRow, day_number};
use metering::reading::{Mark, RegisterKind, Source};
use tariff::DaySlots;

use super::{
    county::{County, Customer},
    usage::{self, Delivery},
};

/// Decimals of the registers: 0.01 kWh.
pub const SCALE: u8 = 2;
/// Wh in one step of a register.
const WH_PER_STEP: i64 = 10;

/// The stored ids of a customer's usage point and meters.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    /// The usage point.
    pub usage_point: i64,
    /// The meter that hangs there at first.
    pub meter: i64,
    /// The meter from stock that replaces it, if one does.
    pub spare: i64,
}

/// A meter exchange of the day: which customer, and what the old meter showed last.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The customer's number.
    pub number: usize,
    /// The old meter's registers.
    pub closing: BTreeMap<String, i64>,
}

/// Everything one night brings.
#[derive(Debug, Default)]
pub struct Night {
    /// Readings that arrive in the night, of this day.
    pub readings: Vec<ReadingRow>,
    /// Readings of this day that arrive so many days later.
    pub late: Vec<(i64, ReadingRow)>,
    /// Load curves.
    pub intervals: Vec<IntervalRow>,
    /// Exchanges.
    pub exchanges: Vec<Exchange>,
}

/// Where a meter stands.
#[derive(Debug, Clone, Default)]
struct Standing {
    /// Wh by bucket on the meter's side of the transformers.
    wh: [i64; 5],
    varh: i64,
    /// Highest quarter-hourly load of the month in 0.01 kW.
    peak: i64,
    exchanged: bool,
}

/// All meters of the county, day after day.
#[derive(Debug)]
pub struct Fleet<'a> {
    seed: u64,
    county: &'a County,
    zone: Zone,
    first: Date,
    days: i32,
    standing: Vec<Standing>,
}

impl<'a> Fleet<'a> {
    /// The meters as they stood before `first`.
    #[must_use]
    pub fn new(seed: u64, county: &'a County, zone: Zone, first: Date, days: i32) -> Self {
        let opening = |customer: &Customer| {
            let mut standing = Standing::default();
            // Whatever was measured before is spread like an ordinary day's use.
            for (wh, share) in standing.wh.iter_mut().zip(shares(customer)) {
                *wh = customer.meter.opening_wh * share / 100;
            }
            standing
        };
        let standing = county.customers.iter().map(opening).collect();
        Self { seed, county, zone, first, days, standing }
    }

    /// What every meter showed at the end of `day`, before its first day: the opening reads.
    #[must_use]
    pub fn opening(&self, day: Date, placed: &[Placed]) -> Vec<ReadingRow> {
        let at = self.midnight_after(day);
        (0..self.county.customers.len())
            .map(|number| self.row(number, placed[number].usage_point, placed[number].meter, at))
            .collect()
    }

    /// The registers of a customer's meter now, by name.
    #[must_use]
    pub fn registers(&self, number: usize) -> BTreeMap<String, i64> {
        let values = self.values(number);
        let named = RegisterKind::ALL.into_iter().zip(values);
        named.filter_map(|(kind, value)| Some((kind.name().to_owned(), value?))).collect()
    }

    /// Moves every meter on by one day. `windows` gives the quarter-hours' buckets by tariff.
    pub fn day(
        &mut self,
        day: Date,
        placed: &[Placed],
        windows: &BTreeMap<String, DaySlots>,
    ) -> Night {
        let mut night = Night::default();
        if day.day() == 1 {
            self.standing.iter_mut().for_each(|standing| standing.peak = 0);
        }
        for (number, placed) in placed.iter().enumerate() {
            self.one(number, day, *placed, windows, &mut night);
        }
        night
    }

    fn one(
        &mut self,
        number: usize,
        day: Date,
        placed: Placed,
        windows: &BTreeMap<String, DaySlots>,
        night: &mut Night,
    ) {
        let county = self.county;
        let customer = &county.customers[number];
        if usage::exchange_day(self.seed, number, self.first, self.days) == Some(day) {
            self.exchange(number, day, placed, night);
        }
        let day_wh = usage::day_wh(self.seed, number, customer, day) / customer.meter.ratio;
        self.use_up(number, day, placed, day_wh, windows, night);
        let meter = if self.standing[number].exchanged { placed.spare } else { placed.meter };
        let row = self.row(number, placed.usage_point, meter, self.midnight_after(day));
        deliver(usage::delivery(self.seed, number, day), row, night);
    }

    fn use_up(
        &mut self,
        number: usize,
        day: Date,
        placed: Placed,
        day_wh: i64,
        windows: &BTreeMap<String, DaySlots>,
        night: &mut Night,
    ) {
        let customer = &self.county.customers[number];
        let standing = &mut self.standing[number];
        standing.varh += day_wh * customer.habit.reactive / 1_000;
        if !customer.meter.tou {
            standing.wh[2] += day_wh;
            return;
        }
        let slots = usage::slots_wh(self.seed, number, customer.class, day, day_wh);
        let Some(buckets) = windows.get(customer.tariff_code) else { return };
        for (wh, bucket) in slots.iter().zip(buckets) {
            standing.wh[bucket.index()] += wh;
            // Four quarter-hours in an hour, 10 W in 0.01 kW.
            standing.peak = standing.peak.max(wh * 4 / WH_PER_STEP);
        }
        if customer.meter.intervals {
            night.intervals.extend((0..).zip(slots).map(|(slot, wh)| IntervalRow {
                usage_point: placed.usage_point,
                day: day_number(day),
                slot,
                minutes: 15,
                wh: i32::try_from(wh).unwrap_or(i32::MAX),
                flag: Mark::RAW.code(),
                source: Source::Ami.code(),
                revision: 0,
            }));
        }
    }

    /// The old meter is read for the last time and the new one begins at nothing, at 10:00.
    fn exchange(&mut self, number: usize, day: Date, placed: Placed, night: &mut Night) {
        let at = self.zone.instant_of(day.at(10, 0, 0, 0)).unwrap_or(Instant::from_micros(0));
        let by_hand = |row: ReadingRow| ReadingRow { source: Source::Exchange.code(), ..row };
        night.exchanges.push(Exchange { number, closing: self.registers(number) });
        night.readings.push(by_hand(self.row(number, placed.usage_point, placed.meter, at)));
        self.standing[number] = Standing { exchanged: true, ..Standing::default() };
        night.readings.push(by_hand(self.row(number, placed.usage_point, placed.spare, at)));
    }

    fn row(&self, number: usize, usage_point: i64, meter: i64, at: Instant) -> ReadingRow {
        ReadingRow {
            usage_point,
            at: at.micros(),
            meter,
            scale: SCALE,
            register: self.values(number),
            source: Source::Ami.code(),
            mark: Mark::RAW.code(),
            revision: 0,
        }
    }

    fn values(&self, number: usize) -> [Option<i64>; RegisterKind::COUNT] {
        let meter = &self.county.customers[number].meter;
        let standing = &self.standing[number];
        let mut values = [None; RegisterKind::COUNT];
        let mut set = |kind: RegisterKind, value: i64| values[kind.index()] = Some(value);
        let steps = standing.wh.map(|wh| wh / WH_PER_STEP);
        if meter.tou {
            for (kind, value) in RegisterKind::TIME_OF_USE.into_iter().zip(steps) {
                set(kind, value);
            }
            // The total is the sum of what the windows show, so that the sum check holds.
            set(RegisterKind::Total, steps.iter().sum());
        } else {
            set(RegisterKind::Total, steps[2]);
        }
        if meter.demand {
            set(RegisterKind::ReactiveForward, standing.varh / WH_PER_STEP);
            set(RegisterKind::DemandMax, standing.peak);
        }
        values
    }

    fn midnight_after(&self, day: Date) -> Instant {
        let next = day.checked_add(1.day()).unwrap_or(day);
        self.zone.instant_of(next.at(0, 0, 0, 0)).unwrap_or(Instant::from_micros(0))
    }
}

fn deliver(delivery: Delivery, row: ReadingRow, night: &mut Night) {
    match delivery {
        Delivery::OnTime => night.readings.push(row),
        Delivery::Late(days) => night.late.push((days, row)),
        Delivery::Lost => {}
        Delivery::Backwards => night.readings.push(shifted(row, |value| value * 9 / 10)),
        Delivery::Jumped(days) => {
            night.readings.push(shifted(row, |value| value + 900_000));
            night.late.push((days, ReadingRow { revision: 1, ..row }));
        }
    }
}

fn shifted(mut row: ReadingRow, by: impl Fn(i64) -> i64) -> ReadingRow {
    for kind in std::iter::once(RegisterKind::Total).chain(RegisterKind::TIME_OF_USE) {
        let register = &mut row.register[kind.index()];
        *register = register.map(&by);
    }
    row
}

/// How the use before the first day is spread over the buckets, in hundredths.
fn shares(customer: &Customer) -> [i64; 5] {
    match (customer.meter.tou, customer.tariff_code) {
        (false, _) => [0, 0, 100, 0, 0],
        (true, "zhejiang/residential-tou") => [0, 60, 0, 40, 0],
        (true, _) => [15, 40, 20, 25, 0],
    }
}
