//! A backup restores to the same tables and files, on either database; half of one is none.

use std::sync::Arc;

use kernel::ManualClock;
use lake::Lake;
use store::{Db, testing::TestDb};
use supply::{backup, readings::BadRows};

use crate::world::{World, day, january, migrations};

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
        let days = supply::settlement::last_settled(&mut tx, crate::world::ORG).await.unwrap();
        assert!(days.is_none());
    });
}
