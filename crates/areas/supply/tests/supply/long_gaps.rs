//! A reading after a silence longer than a settlement looks back at first: the true use is shared
//! over all the days that it was used on, and what was known before the silence is not lost.

use jiff::ToSpan;
use store::testing::TestDb;
use supply::{
    readings::{self, BadRows},
    verify::verify_days,
};

use crate::world::{ORG, World, account_no, day, january, migrations};

#[test]
fn a_reading_after_a_long_silence_is_shared_over_all_of_it() {
    TestDb::each(&migrations(), async |test| {
        let clock = test.clock.clone();
        clock.advance_seconds(300 * 86_400);
        let world = World::with(test, 2).await;
        world.import("known.csv", january(2, 2), BadRows::RefuseWhole).await.unwrap();
        // Home 0 is read again 105 days later, in time; home 1 as well, and late.
        let end = day(1, 2).checked_add(105.days()).unwrap();
        let reading = |home: usize| {
            let at = end.tomorrow().unwrap();
            format!("usage_point,at,total\n{},{at} 00:00,1325.0\n", account_no(home))
        };
        world.import("in_time.csv", reading(0), BadRows::RefuseWhole).await.unwrap();
        let after = end.checked_add(2.days()).unwrap();
        world.settle(day(1, 1), after).await;
        world.import("late.csv", reading(1), BadRows::RefuseWhole).await.unwrap();

        for home in 0..2 {
            let (point, gap) = (world.points[home].1, (day(1, 3), end.tomorrow().unwrap()));
            let (states, _) = readings::history(&world.works, ORG, point, gap).await.unwrap();
            assert_eq!(states.len(), 105);
            assert!(states.iter().all(|(_, row)| row.day_ukwh() > 0), "home {home}");
            let used: i64 = states.iter().map(|(_, row)| row.day_ukwh()).sum();
            assert_eq!(used, 315_000_000, "home {home}: 1325 less the 1010 of 2 January");
        }
        let days = verify_days(&world.works, ORG, (day(1, 1), day(12, 31)), &|_, _, _| {});
        for day in days.await.unwrap() {
            assert!(day.differences.is_empty(), "{}: {:?}", day.day, day.differences);
        }
    });
}
