//! How much the demo county uses: energy of a customer on a day, split over a day's quarter
//! hours, and what went wrong with the reading. A pure function of (seed, customer, day).

use jiff::civil::{Date, Weekday};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::county::{Class, Customer};

/// Quarter hours of a day.
pub const SLOTS: usize = 96;

/// What happened to one day's reading of one meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It arrived in the night after.
    OnTime,
    /// It arrives this many days later.
    Late(i64),
    /// It never arrives.
    Lost,
    /// It arrives, but shows less than the day before (a damaged register).
    Backwards,
    /// It arrives with a value far too high, and the right one comes this many days later.
    Jumped(i64),
}

/// Mean temperature of the day in tenths of a degree: a smooth year with seeded weather on top.
#[must_use]
pub fn temperature_tenths(seed: u64, day: Date) -> i64 {
    const MONTHS: [i64; 13] = [45, 62, 105, 165, 215, 252, 295, 288, 240, 182, 122, 66, 45];
    let month = usize::try_from(day.month()).unwrap_or(1);
    let (this, next) = (MONTHS[month - 1], MONTHS[month]);
    let smooth = this + (next - this) * i64::from(day.day() - 1) / 31;
    // Weather comes in spells of four days.
    let spell = u64::from(day.day_of_year().unsigned_abs()) / 4;
    smooth
        + draw(seed, 0, spell).random_range(-45..45)
        + draw(seed, 1, ordinal(day)).random_range(-15..15)
}

/// Active energy of a customer on a day in Wh, before the meter's ratio is taken out.
#[must_use]
pub fn day_wh(seed: u64, number: usize, customer: &Customer, day: Date) -> i64 {
    let habit = &customer.habit;
    let mut rng = draw(seed, key(number, 2), ordinal(day));
    let day_of_year = i64::from(day.day_of_year());
    let (away_from, away_days) = habit.away;
    if away_days > 0 && (away_from..away_from + away_days).contains(&day_of_year) {
        // A refrigerator that was left on, or nothing.
        return habit.base_wh / 25 * rng.random_range(0..2);
    }
    let degrees = temperature_tenths(seed, day);
    let cooling = (degrees - 260).max(0) * habit.cooling / 10;
    let heating = (80 - degrees).max(0) * habit.heating / 10;
    let rest = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let weekday = if rest { habit.rest_day } else { 1_000 };
    let noise = match customer.class {
        Class::Industrial => rng.random_range(920..1_080),
        _ => rng.random_range(650..1_350),
    };
    habit.base_wh * (1_000 + cooling + heating) / 1_000 * weekday / 1_000 * noise / 1_000
}

/// The day's energy over its quarter hours in Wh; the sum is exactly `day_wh`.
#[must_use]
pub fn slots_wh(seed: u64, number: usize, class: Class, day: Date, day_wh: i64) -> [i64; SLOTS] {
    let shape = shape(class);
    let mut rng = draw(seed, key(number, 3), ordinal(day));
    let weights: Vec<i64> =
        (0..SLOTS).map(|slot| shape[slot / 4] * rng.random_range(850..1_150)).collect();
    let total: i64 = weights.iter().sum::<i64>().max(1);
    let mut slots = [0; SLOTS];
    let (mut weight, mut given) = (0, 0);
    for (slot, out) in slots.iter_mut().enumerate() {
        weight += weights[slot];
        // Cumulative rounding: what is given up to here is the exact share up to here, floored.
        let upto = i64::try_from(i128::from(day_wh) * i128::from(weight) / i128::from(total))
            .unwrap_or(given);
        *out = upto - given;
        given = upto;
    }
    slots
}

/// What happened to the day's reading.
#[must_use]
pub fn delivery(seed: u64, number: usize, day: Date) -> Delivery {
    // A meter that falls silent stays silent for its spell of days.
    let spell = ordinal(day) / 9;
    let mut silence = draw(seed, key(number, 4), spell);
    if silence.random_ratio(1, 600) {
        return if silence.random_ratio(1, 2) { Delivery::Lost } else { Delivery::Late(10) };
    }
    let mut rng = draw(seed, key(number, 5), ordinal(day));
    match rng.random_range(0..100_000_u32) {
        0..300 => Delivery::Late(rng.random_range(1..4)),
        300..420 => Delivery::Lost,
        420..423 => Delivery::Backwards,
        423..428 => Delivery::Jumped(rng.random_range(1..3)),
        _ => Delivery::OnTime,
    }
}

/// The day on which the customer's meter is exchanged, for about one in eighty.
#[must_use]
pub fn exchange_day(seed: u64, number: usize, first: Date, days: i32) -> Option<Date> {
    let mut rng = draw(seed, key(number, 6), 0);
    if !rng.random_ratio(1, 80) {
        return None;
    }
    first.checked_add(jiff::Span::new().days(rng.random_range(20..days.max(21)))).ok()
}

const fn shape(class: Class) -> [i64; 24] {
    match class {
        Class::Residential => {
            [4, 3, 3, 3, 3, 4, 6, 8, 7, 6, 6, 8, 9, 7, 6, 6, 7, 10, 14, 16, 16, 14, 10, 6]
        }
        Class::Commercial => {
            [2, 2, 2, 2, 2, 2, 3, 5, 9, 12, 13, 13, 12, 12, 12, 12, 12, 12, 13, 13, 12, 8, 4, 3]
        }
        Class::Industrial => {
            [8, 8, 8, 8, 8, 8, 9, 11, 14, 14, 14, 12, 11, 13, 14, 14, 14, 13, 11, 10, 10, 9, 9, 8]
        }
        Class::Agricultural => {
            [6, 6, 6, 6, 8, 10, 12, 12, 10, 9, 8, 7, 6, 6, 7, 8, 10, 12, 11, 9, 7, 6, 6, 6]
        }
        Class::Other => {
            [3, 3, 3, 3, 3, 3, 4, 7, 12, 14, 14, 12, 9, 12, 14, 14, 12, 8, 6, 5, 5, 4, 3, 3]
        }
    }
}

fn key(number: usize, what: u64) -> u64 {
    (u64::try_from(number).unwrap_or(0) + 1) * 16 + what
}

fn ordinal(day: Date) -> u64 {
    u64::from(day.year().unsigned_abs()) * 366 + u64::from(day.day_of_year().unsigned_abs())
}

/// A small generator of its own for each (seed, what, when), so that any one value can be drawn
/// without drawing those before it. The mixing constants are those of SplitMix64.
fn draw(seed: u64, what: u64, when: u64) -> SmallRng {
    let mixed = seed
        .wrapping_add(what.wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_add(when.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    SmallRng::seed_from_u64(mixed)
}

#[cfg(test)]
mod tests {
    use super::super::county::County;
    use super::*;
    use jiff::civil::date;

    #[test]
    fn slots_add_up_to_the_day() {
        let county = County::generate(3, 240);
        for (number, customer) in county.customers.iter().enumerate() {
            let day = date(2026, 7, 14);
            let total = day_wh(3, number, customer, day);
            let slots = slots_wh(3, number, customer.class, day, total);
            assert_eq!(slots.iter().sum::<i64>(), total);
            assert!(slots.iter().all(|wh| *wh >= 0));
        }
    }

    #[test]
    fn homes_use_more_on_summer_days_than_on_mild_ones() {
        let county = County::generate(3, 1_200);
        let homes =
            || county.customers.iter().enumerate().filter(|(_, c)| c.class == Class::Residential);
        let use_on = |day| -> i64 { homes().map(|(n, c)| day_wh(3, n, c, day)).sum() };
        assert!(use_on(date(2026, 7, 22)) > use_on(date(2026, 4, 22)) * 11 / 10);
    }

    #[test]
    fn almost_every_reading_arrives_on_time() {
        let on_time =
            (0..20_000).filter(|n| delivery(1, *n, date(2026, 5, 5)) == Delivery::OnTime).count();
        assert!((19_700..19_990).contains(&on_time), "{on_time} of 20 000");
    }
}
