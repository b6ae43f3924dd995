//! A backup restores to the same tables and files, on either database; half of one is none.

use std::sync::Arc;

use kernel::ManualClock;
use lake::Lake;
use store::{Db, testing::TestDb};
use supply::{backup, readings::BadRows};

use crate::world::{ORG, World, day, january, migrations};

#[test]
fn a_backup_is_verified_by_restoring_it() {
    TestDb::each(&migrations(), async |test| {
        let world = World::with(test, 2).await;
        world.import("a.csv", january(2, 5), BadRows::RefuseWhole).await.unwrap();
        world.settle(day(1, 1), day(1, 5)).await;
        let folder = world.folder.path().join("backup");
        let quiet = |_: i64, _: i64, _: &str| {};
        let (db, lake) = (&world.works.db, &world.works.lake);
        let done = backup::backup(db, lake, &folder, &quiet).await.unwrap();
        assert!(done.files >= 11 && done.rows > 20, "{done:?}");
        let scratch = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(store::testing::START));
        let differences =
            backup::verify(&folder, scratch.path(), &migrations(), clock.clone(), &quiet).await;
        assert_eq!(differences.unwrap(), Vec::<String>::new());
        let taken = backup::backup(db, lake, &folder, &quiet).await.unwrap_err();
        assert_eq!(kernel::Fault::code(&taken), "backup.occupied");

        // Stopped before its end.
        let half = world.folder.path().join("half");
        std::fs::create_dir_all(half.join("sql")).unwrap();
        let begun = backup::backup(db, lake, &half, &quiet).await.unwrap_err();
        assert_eq!(kernel::Fault::code(&begun), "backup.unfinished");
        let other = world.folder.path().join("other");
        std::fs::create_dir_all(&other).unwrap();
        std::fs::write(other.join("letters.txt"), "dear").unwrap();
        let mixed = backup::backup(db, lake, &other, &quiet).await.unwrap_err();
        assert_eq!(kernel::Fault::code(&mixed), "backup.occupied");
        let empty = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", empty.path().join("x.db").display());
        let target = Db::open(&url, clock).await.unwrap();
        target.migrate(&migrations()).await.unwrap();
        let place = Lake::in_folder(&empty.path().join("lake")).unwrap();
        let refused = backup::restore(&target, &place, &half, &quiet).await.unwrap_err();
        assert_eq!(kernel::Fault::code(&refused), "backup.incomplete");

        // A damaged file restores nothing.
        let file = std::fs::read_dir(folder.join("lake/state/7")).unwrap().next().unwrap().unwrap();
        let file = std::fs::read_dir(file.path()).unwrap().next().unwrap().unwrap().path();
        let mut bytes = std::fs::read(&file).unwrap();
        bytes.truncate(bytes.len() / 2);
        std::fs::write(&file, bytes).unwrap();
        let damaged = backup::restore(&target, &place, &folder, &quiet).await.unwrap_err();
        assert_eq!(kernel::Fault::code(&damaged), "backup.damaged");
        let mut tx = target.read().await.unwrap();
        let days = supply::settlement::last_settled(&mut tx, ORG).await.unwrap();
        assert!(days.is_none());
    });
}

/// What was saved on either database restores into either: the same days, bills and files, and
/// the next day is settled from what was restored.
#[test]
fn a_backup_of_either_database_restores_into_either() {
    let shelf = tempfile::tempdir().unwrap();
    let quiet = |_: i64, _: i64, _: &str| {};
    let digests = std::sync::Mutex::new(Vec::new());
    TestDb::each(&migrations(), async |test| {
        let folder = shelf.path().join(format!("{:?}", test.db.engine()));
        let world = World::with(test, 3).await;
        world.import("a.csv", january(3, 6), BadRows::KeepGood).await.unwrap();
        world.settle(day(1, 1), day(1, 5)).await;
        backup::backup(&world.works.db, &world.works.lake, &folder, &quiet).await.unwrap();
        let mut tx = world.works.db.read().await.unwrap();
        let digest = supply::digest::digest(&mut tx, ORG).await.unwrap();
        assert_eq!(digest.days, 5);
        digests.lock().unwrap().push(digest);
    });
    let digests = digests.into_inner().unwrap();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]), "{digests:?}");
    for saved in std::fs::read_dir(shelf.path()).unwrap() {
        let saved = saved.unwrap().path();
        TestDb::each(&migrations(), async |test| {
            let world = World::empty(test);
            let (db, lake) = (&world.works.db, &world.works.lake);
            backup::restore(db, lake, &saved, &quiet).await.unwrap();
            let mut tx = db.read().await.unwrap();
            assert_eq!(supply::digest::digest(&mut tx, ORG).await.unwrap(), digests[0]);
            drop(tx);
            let found =
                supply::verify::verify_days(&world.works, ORG, (day(1, 1), day(1, 6)), &quiet);
            assert!(found.await.unwrap().iter().all(|day| day.differences.is_empty()));
            assert_eq!(world.settle(day(1, 1), day(1, 6)).await, 1);
            assert_eq!(world.settled().await[5].1, 15_000_000);
            // A place in use takes no second restore, and no file of one.
            let before = lake.store().list("").unwrap();
            let used = backup::restore(db, lake, &saved, &quiet).await.unwrap_err();
            assert_eq!(kernel::Fault::code(&used), "store.conflict");
            assert_eq!(lake.store().list("").unwrap(), before);
        });
    }
}
