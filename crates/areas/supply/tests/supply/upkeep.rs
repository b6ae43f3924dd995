//! The upkeep of the lake changes how its rows lie and never what they say.

use kernel::{Date, DatePeriod};
use lake::query;
use store::testing::TestDb;
use supply::{
    readings::{self, BadRows, Form, ImportFile},
    settlement,
    upkeep::{Tidied, tidy_lake},
    verify::verify_days,
};

use crate::world::{ORG, World, account_no, day, migrations};

const HOMES: usize = 3;

/// Half-hours of a day; `more` Wh in each of home 0.
fn half_hours(on: Date, more: i32) -> String {
    let mut text = String::from("usage_point,from,minutes,value_kwh\n");
    for home in 0..HOMES {
        for slot in 0..48 {
            let wh = 200 + 10 * slot + if home == 0 { more } else { 0 };
            let (hour, minute) = (slot / 2, slot % 2 * 30);
            let no = account_no(home);
            text += &format!("{no},{on} {hour:02}:{minute:02},30,0.{wh:03}\n");
        }
    }
    text
}

async fn deliver(world: &World, on: Date, more: i32) {
    let path = world.file(&format!("{on}-{more}.csv"), half_hours(on, more));
    let file =
        ImportFile { bad_rows: BadRows::RefuseWhole, ..ImportFile::new(path, Form::Intervals) };
    let done = world.import_file(file).await.unwrap();
    assert_eq!((done.state.as_str(), done.bad), ("done", 0), "{:?}", done.refusal);
}

async fn tidy(world: &World, today: Date) -> Tidied {
    tidy_lake(&world.works, &world.actor, ORG, today).await.unwrap()
}

/// The states of every home on every day, and what was read.
async fn states(world: &World) -> String {
    let mut all = String::new();
    for (_, point) in &world.points {
        let period = (day(1, 1), day(2, 4));
        let found = readings::history(&world.works, ORG, *point, period).await.unwrap();
        all += &format!("{found:?}\n");
    }
    all
}

/// Every settled day computed again from what is stored.
async fn proven(world: &World) {
    let days = verify_days(&world.works, ORG, (day(1, 1), day(2, 4)), &|_, _, _| {}).await.unwrap();
    assert_eq!(days.len(), 34);
    assert!(days.iter().all(|day| day.differences.is_empty()), "{days:?}");
}

/// What was delivered for home 0 in January.
async fn delivered(world: &World) -> Vec<(i32, u16, i32)> {
    let mut tx = world.works.db.read().await.unwrap();
    let mut days = std::collections::BTreeMap::new();
    let month = DatePeriod::month_of(day(1, 1)).unwrap();
    for on in month.iter_days() {
        let files = store::lake_files_on(&mut tx, ORG, "intervals", on).await.unwrap();
        let intervals = files.into_iter().map(|file| file.path).collect();
        days.insert(on, lake::settle::DayFiles { intervals, ..Default::default() });
    }
    let point = world.points[0].1.get();
    let rows = query::intervals(&world.works.lake, point, month, &days).unwrap();
    rows.into_iter().map(|row| (row.day, row.slot, row.wh)).collect()
}

#[test]
fn upkeep_changes_how_rows_lie_and_never_what_they_say() {
    TestDb::each(&migrations(), async |test| {
        let clock = test.clock.clone();
        clock.advance_seconds(300 * 86_400);
        let world = World::in_zone(test, HOMES, "Asia/Shanghai", 30).await;
        let days = DatePeriod::new(day(1, 1), day(2, 4)).unwrap();
        for on in days.iter_days() {
            deliver(&world, on, 0).await;
        }
        world.settle(day(1, 1), day(2, 3)).await;
        for more in 1..=4 {
            deliver(&world, day(1, 20), more).await;
        }
        let (before, rows) = (states(&world).await, delivered(&world).await);
        assert_eq!(rows.len(), 48 * (31 + 4));

        // A settlement that is under way is never overtaken.
        let ctx = world.works.ctx(&world.actor, "test");
        let mut tx = world.works.db.begin().await.unwrap();
        let run = settlement::begin_run(&ctx, &mut tx, ORG, "daily", days).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(tidy(&world, day(2, 25)).await, Tidied::default());
        let mut tx = world.works.db.begin().await.unwrap();
        settlement::end_run(&mut tx, ORG, run, None).await.unwrap();
        tx.commit().await.unwrap();

        let done = tidy(&world, day(2, 25)).await;
        assert_eq!((done.days_compacted, done.months_packed), (15, 1), "from the 20th on");
        assert_eq!(done.packed_rows, 48 * 3 * 31 + 48 * 4, "of equal deliveries one");
        assert!(done.packed_bytes * 4 < done.packed_bytes_before, "{done:?}");
        assert!(states(&world).await == before, "the states are others");
        assert_eq!(delivered(&world).await.len(), rows.len());
        assert!(delivered(&world).await == rows, "what was delivered is something else");
        proven(&world).await;
        assert_eq!(tidy(&world, day(2, 25)).await, Tidied::default(), "nothing is left to do");

        // What comes late lies over the packed file and is packed with it.
        deliver(&world, day(1, 25), 50).await;
        proven(&world).await;
        let (late, rows) = (states(&world).await, delivered(&world).await);
        assert_eq!(tidy(&world, day(2, 25)).await.months_packed, 1);
        assert!(states(&world).await == late && delivered(&world).await == rows);

        // Replaced files go when nobody can be reading them, and what no row names goes too.
        let stray = world.works.lake.write_intervals(ORG.get(), day(1, 9), 5, Vec::new()).unwrap();
        clock.advance_seconds(36 * 86_400);
        let gone = tidy(&world, day(2, 25)).await;
        assert!(gone.files_removed > 31, "{gone:?}");
        assert!(world.works.lake.fingerprint(&stray.path).is_err());
        proven(&world).await;
    });
}
