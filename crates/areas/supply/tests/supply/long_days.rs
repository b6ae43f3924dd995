//! Days of 23 and of 25 hours, where clocks are put forward and back: every hour that there was is
//! billed, and no other.

use jiff::ToSpan;
use store::testing::TestDb;
use supply::readings::{BadRows, Form, ImportFile};

use crate::world::{World, account_no, day, migrations};

/// Hours of real time from a local midnight on, 1.0 kWh each.
fn hours(world: &World, from: kernel::Date, days: i32) -> String {
    let zone = &world.works.rules.zone;
    let end = zone.day(from.checked_add(days.days()).unwrap()).unwrap().from();
    let mut text = String::from("usage_point,from,minutes,value_kwh\n");
    let mut at = zone.day(from).unwrap().from();
    while at < end {
        text += &format!("{},{at},60,1.0\n", account_no(0));
        at = at.plus_seconds(3_600);
    }
    text
}

#[test]
fn every_hour_of_a_short_and_of_a_long_day_is_billed_once() {
    TestDb::each(&migrations(), async |test| {
        test.clock.advance_seconds(300 * 86_400);
        let world = World::in_zone(test, 1, "Europe/London", 60).await;
        for (from, name) in [(day(3, 26), "spring.csv"), (day(10, 22), "autumn.csv")] {
            let path = world.file(name, hours(&world, from, 6));
            let file = ImportFile {
                bad_rows: BadRows::RefuseWhole,
                ..ImportFile::new(path, Form::Intervals)
            };
            let done = world.import_file(file).await.unwrap();
            assert_eq!((done.state.as_str(), done.bad), ("done", 0), "{:?}", done.refusal);
        }
        world.settle(day(3, 26), day(3, 31)).await;
        for (on, hours) in [(day(3, 28), 24), (day(3, 29), 23), (day(3, 30), 24)] {
            assert_eq!(world.energy(0, on).await, hours * 1_000_000, "{on}");
        }
        world.settle(day(4, 1), day(10, 27)).await;
        for (on, hours) in [(day(10, 24), 24), (day(10, 25), 25), (day(10, 26), 24)] {
            assert_eq!(world.energy(0, on).await, hours * 1_000_000, "{on}");
        }
    });
}
