//! Any order and any number of deliveries of the same readings, before or after their days were
//! settled, gives the same bytes of state.

use crate::world::{World, total};
use kernel::Date;
use lamplight_lake::tables::{ReadingRow, TermsRow};
use metering::reading::RegisterKind;
use proptest::prelude::*;

const DAYS: i8 = 6;
const POINTS: i64 = 3;

fn june(day: i8) -> Date {
    Date::constant(2026, 6, day)
}

/// A reading of a day: usage point, use since the day before (negative: the register went back),
/// whether it is a second version, and when it arrives (0: in time, else how late).
#[derive(Debug, Clone)]
struct Delivery {
    point: i64,
    day: i8,
    reading: ReadingRow,
}

fn deliveries() -> impl Strategy<Value = Vec<Delivery>> {
    let cell = (proptest::option::weighted(0.8, -50_i64..4_000), 0_i32..3);
    let count = usize::try_from(POINTS).unwrap() * usize::try_from(DAYS).unwrap();
    proptest::collection::vec((cell, any::<bool>()), count).prop_map(|cells| {
        let mut out = Vec::new();
        let mut registers = [100_000_i64; 3];
        for (i, ((used, revision), twice)) in cells.into_iter().enumerate() {
            let place = i % 3;
            let (point, day) =
                (i64::try_from(place).unwrap() + 1, i8::try_from(i / 3).unwrap() + 1);
            let Some(used) = used else { continue };
            registers[place] += used;
            let mut reading = total(point, 100 + point, june(day), registers[place]);
            out.push(Delivery { point, day, reading });
            if twice {
                reading.revision = revision;
                reading.register[RegisterKind::Total.index()] = Some(registers[place] + 7);
                out.push(Delivery { point, day, reading });
            }
        }
        out
    })
}

fn world() -> World {
    let mut world = World::new();
    let plan = world.plan("shanghai/residential-tou");
    let days: Vec<Date> = (1..=DAYS).map(june).collect();
    let terms = |point| TermsRow::household(point, point, plan, 100 + point);
    world.terms(&days, (1..=POINTS).map(terms).collect());
    world
}

fn all_in_time(deliveries: &[Delivery]) -> Vec<Vec<u8>> {
    let mut world = world();
    for day in 1..=DAYS {
        let rows = deliveries.iter().filter(|d| d.day == day).map(|d| d.reading).collect();
        world.deliver(june(day), rows);
        world.settle(june(day));
    }
    (1..=DAYS).map(|day| world.state_bytes(june(day))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(6) })]
    #[test]
    fn the_order_of_deliveries_does_not_matter(
        (once, shuffled, late) in deliveries().prop_flat_map(|once| {
            let count = once.len();
            let repeats = proptest::collection::vec(0..count.max(1), 0..6);
            (Just(once), repeats).prop_flat_map(|(once, repeats)| {
                let again = repeats.into_iter().filter_map(|i| once.get(i).cloned());
                let mut every: Vec<Delivery> = once.clone();
                every.extend(again);
                let count = every.len();
                let late = proptest::collection::vec(any::<bool>(), count);
                (Just(once), Just(every).prop_shuffle(), late)
            })
        })
    ) {
        let expected = all_in_time(&once);
        let mut world = world();
        let in_time = shuffled.iter().zip(&late).filter(|(_, late)| !**late).map(|(d, _)| d);
        for delivery in in_time {
            world.deliver(june(delivery.day), vec![delivery.reading]);
        }
        for day in 1..=DAYS {
            world.settle(june(day));
        }
        for (delivery, _) in shuffled.iter().zip(&late).filter(|(_, late)| **late) {
            prop_assert_eq!(delivery.reading.usage_point, delivery.point);
            world.late(june(delivery.day), vec![delivery.reading]);
        }
        for (day, expected) in (1..=DAYS).zip(&expected) {
            prop_assert_eq!(&world.state_bytes(june(day)), expected, "day {}", day);
            prop_assert_eq!(world.verify(june(day)), 0);
        }
    }
}
