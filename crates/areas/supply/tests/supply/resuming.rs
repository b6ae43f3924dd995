//! Killed and late: whatever happens on the way, the state is that of an undisturbed run.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use store::testing::TestDb;
use supply::readings::{self, BadRows, Form, ImportFile};

use crate::world::{ORG, World, day, january, migrations};

/// The bytes of the states of January's first days.
async fn states(world: &World) -> Vec<(i64, i64)> {
    let mut all = Vec::new();
    for point in 0..world.points.len() {
        let point = world.points[point].1;
        let (states, _) =
            readings::history(&world.works, ORG, point, (day(1, 1), day(1, 11))).await.unwrap();
        all.extend(states.iter().map(|(_, row)| (row.day_ukwh(), row.charge_mtd)));
    }
    all
}

#[test]
fn an_import_that_died_goes_on_where_it_was() {
    TestDb::each(&migrations(), async |test| {
        let world = Arc::new(World::with(test, 4).await);
        let path = world.file("a.csv", january(4, 10));
        for (round, die_after) in [1_usize, 1, 2].into_iter().enumerate() {
            let file =
                ImportFile { chunk_rows: 7, ..ImportFile::new(path.clone(), Form::Registers) };
            let seen = AtomicUsize::new(0);
            let works = world.works.clone();
            let actor = world.actor.clone();
            let died = tokio::spawn(async move {
                let report = move |_: i64, _: i64, _: &str| {
                    assert!(seen.fetch_add(1, Ordering::Relaxed) + 1 < die_after, "killed here");
                };
                readings::import_file(&works, &actor, ORG, file, &report).await
            })
            .await;
            assert!(died.is_err(), "round {round}");
        }
        let mut tx = world.works.db.read().await.unwrap();
        let page = store::Page::first();
        let row = readings::import_list(&mut tx, ORG, &page).await.unwrap().items.remove(0);
        drop(tx);
        assert_eq!(row.state, "running");
        assert!(row.row_count > 0 && row.row_count < 40, "{}", row.row_count);
        let file = ImportFile { chunk_rows: 7, ..ImportFile::new(path, Form::Registers) };
        let done = world.import_file(file).await.unwrap();
        assert_eq!((done.state.as_str(), done.rows, done.good), ("done", 40, 40));
        world.settle(day(1, 1), day(1, 10)).await;
        let sums = world.settled().await;
        assert_eq!(sums.len(), 10);
        assert!(sums.iter().all(|(_, energy, _)| *energy == 20_000_000), "{sums:?}");
    });
}

#[test]
fn late_readings_settle_their_usage_points_again_and_come_to_the_same() {
    let in_time = std::sync::Mutex::new(Vec::new());
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 3).await;
        world.import("a.csv", january(3, 10), BadRows::KeepGood).await.unwrap();
        world.settle(day(1, 1), day(1, 10)).await;
        *in_time.lock().unwrap() = states(&world).await;
    });
    let in_time = in_time.into_inner().unwrap();
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 3).await;
        let all = january(3, 10);
        let late = |line: &&str| line.starts_with("4200000001,2026-01-0");
        let early: Vec<&str> = all.lines().filter(|line| !late(line)).collect();
        world.import("early.csv", early.join("\n"), BadRows::KeepGood).await.unwrap();
        world.settle(day(1, 1), day(1, 10)).await;
        let mut rest = vec!["usage_point,at,total"];
        rest.extend(all.lines().filter(late));
        let done = world.import("late.csv", rest.join("\n"), BadRows::KeepGood).await.unwrap();
        assert_eq!((done.good, done.late_usage_points), (8, 1));
        assert_eq!(states(&world).await, in_time);
        let again = readings::settle_late(&world.works, &world.actor, ORG, "late_readings").await;
        assert_eq!(again.unwrap(), None, "nothing is left to settle again");
    });
}

/// What an import does after its last row counts is done by whoever asks for the file again.
#[test]
fn an_import_that_died_before_settling_again_settles_when_it_is_asked_again() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        let all = january(2, 6);
        let late = |line: &&str| line.starts_with("4200000001,2026-01-0");
        let early: Vec<&str> = all.lines().filter(|line| !late(line)).collect();
        world.import("early.csv", early.join("\n"), BadRows::KeepGood).await.unwrap();
        world.settle(day(1, 1), day(1, 6)).await;
        let mut rest = vec!["usage_point,at,total"];
        rest.extend(all.lines().filter(late));
        let rest = rest.join("\n");
        // The states cannot be read: the rows count, and the settlement after them stops.
        let (state, away) =
            (world.folder.path().join("lake/state"), world.folder.path().join("away"));
        std::fs::rename(&state, &away).unwrap();
        assert!(world.import("late.csv", &rest, BadRows::KeepGood).await.is_err());
        if state.exists() {
            std::fs::remove_dir_all(&state).unwrap();
        }
        std::fs::rename(&away, &state).unwrap();
        assert_ne!(world.energy(1, day(1, 3)).await, 5_000_000, "estimated so far");
        let again = world.import("late.csv", &rest, BadRows::KeepGood).await.unwrap();
        assert!(again.known);
        assert_eq!(world.energy(1, day(1, 3)).await, 5_000_000);
    });
}

/// Two clerks load the same file at the same moment, under either policy: one of them does, the
/// other is told so, and each reading counts once.
#[test]
fn two_imports_of_one_file_at_the_same_time_count_once() {
    for bad_rows in [BadRows::KeepGood, BadRows::RefuseWhole] {
        TestDb::each(&migrations(), async |test| {
            let second = test.second_handle().await;
            let world = World::with(test, 3).await;
            let other = supply::Works { db: second.clone(), ..world.works.clone() };
            let path = world.file("a.csv", january(3, 10));
            let file = || ImportFile {
                chunk_rows: 4,
                bad_rows,
                ..ImportFile::new(path.clone(), Form::Registers)
            };
            let quiet = |_: i64, _: i64, _: &str| {};
            let (one, two) = tokio::join!(
                readings::import_file(&world.works, &world.actor, ORG, file(), &quiet),
                readings::import_file(&other, &world.actor, ORG, file(), &quiet),
            );
            for end in [&one, &two] {
                let busy = end.as_ref().err().map(kernel::Fault::code);
                assert!(end.is_ok() || busy == Some("reading.import_busy"), "{end:?}");
            }
            assert!(one.is_ok() || two.is_ok(), "nobody brought it to its end: {one:?} {two:?}");
            let done = world.import_file(file()).await.unwrap();
            assert_eq!((done.state.as_str(), done.rows, done.good), ("done", 30, 30));
            let mut tx = world.works.db.read().await.unwrap();
            let imports = readings::import_list(&mut tx, ORG, &store::Page::first()).await.unwrap();
            assert_eq!(imports.items.len(), 1);
            drop(tx);
            world.settle(day(1, 1), day(1, 10)).await;
            let sums = world.settled().await;
            assert!(sums.iter().all(|(_, energy, _)| *energy == 15_000_000), "{sums:?}");
            second.close().await;
        });
    }
}

/// Nobody asked for the import again that died between its last row and settling its late
/// readings. The month is closed on them all the same.
#[test]
fn a_close_settles_what_a_dead_import_left() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        let all = january(2, 31);
        let late = |line: &&str| line.starts_with("4200000001,2026-01-1");
        let early: Vec<&str> = all.lines().filter(|line| !late(line)).collect();
        world.import("early.csv", early.join("\n"), BadRows::KeepGood).await.unwrap();
        world.settle(day(1, 1), day(1, 31)).await;
        let mut rest = vec!["usage_point,at,total"];
        rest.extend(all.lines().filter(late));
        let path = world.file("late.csv", rest.join("\n"));
        let (works, actor) = (world.works.clone(), world.actor.clone());
        let died = tokio::spawn(async move {
            let file = ImportFile::new(path, Form::Registers);
            let at_the_end = |done: i64, all: i64, _: &str| assert!(done < all, "killed here");
            readings::import_file(&works, &actor, ORG, file, &at_the_end).await
        })
        .await;
        assert!(died.is_err());
        let month = kernel::DatePeriod::new(day(1, 1), day(2, 1)).unwrap();
        let (works, actor) = (&world.works, &world.actor);
        supply::billing::close_month(works, actor, ORG, month, &|_, _, _| {}).await.unwrap();
        let left = readings::settle_late(works, actor, ORG, "late_readings").await.unwrap();
        assert_eq!(left, None, "nothing is left to be settled after the close");
    });
}
