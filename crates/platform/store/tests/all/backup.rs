//! A copy made on one engine restores into either, and a damaged copy changes nothing.
#![expect(clippy::unwrap_used, reason = "a helper outside the test functions")]

use kernel::{Date, Fault, Id};
use store::{
    Db, LakeFile, NewLakeFile, OnConflict, StoreError,
    testing::{START, TestDb},
};

use crate::statements::{MIGRATIONS, Sample, count_samples, row, sample, set_parent};

async fn fill(db: &Db) {
    let rows: Vec<Sample> = (1..=6_000).map(|id| row(id, id, "王小明,\"x\"\n")).collect();
    let mut tx = db.begin().await.unwrap();
    tx.insert_all("sample", &rows, OnConflict::Fail).await.unwrap();
    // A row that refers to a later one: it goes in before what it refers to.
    set_parent(&mut tx, Id::from_i64(1), Id::from_i64(6_000)).await.unwrap();
    tx.add_lake_file(NewLakeFile {
        org: Id::from_i64(1),
        dataset: "state",
        day: Date::constant(2026, 2, 28),
        last_day: Date::constant(2026, 2, 28),
        version: 0,
        path: "state/1/2026-02-28/0.parquet",
        row_count: 12_000,
        byte_count: 345_678,
        sha256: "00",
        run_id: None,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[test]
fn a_copy_restores_into_either_engine_and_copies_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let sums = std::sync::Mutex::new(Vec::new());
    TestDb::each(MIGRATIONS, async |t| {
        fill(&t.db).await;
        let to = folder.path().join(format!("{:?}", t.db.engine()));
        let mut told = 0;
        let manifest = t.db.export_all(&to, |_, rows| told += rows).await.unwrap();
        assert!(told >= 6_001);
        let again = t.db.export_all(&to, |_, _| ()).await.unwrap_err();
        assert_eq!(again.code(), "store.file");
        let found = manifest.tables.iter().find(|c| c.name == "sample").unwrap();
        assert_eq!(found.row_count, 6_000);
        sums.lock().unwrap().push(found.sha256.clone());
    });
    let sums = sums.into_inner().unwrap();
    assert!(sums.windows(2).all(|w| w[0] == w[1]), "the engines copy equal tables differently");

    for source in std::fs::read_dir(folder.path()).unwrap() {
        let source = source.unwrap().path();
        TestDb::each(MIGRATIONS, async |t| {
            let manifest = t.db.import_all(&source, |_, _| ()).await.unwrap();
            let mut tx = t.db.begin().await.unwrap();
            assert_eq!(count_samples(&mut tx).await.unwrap(), 6_000);
            let expected = Some(row(77, 77, "王小明,\"x\"\n"));
            assert_eq!(sample(&mut tx, Id::from_i64(77)).await.unwrap(), expected);
            let files: Vec<LakeFile> = store::lake_files_on(
                &mut tx,
                Id::from_i64(1),
                "state",
                Date::constant(2026, 2, 28),
            )
            .await
            .unwrap();
            assert_eq!((files.len(), files[0].created_at), (1, START));
            // The foreign key holds again.
            let found = set_parent(&mut tx, Id::from_i64(2), Id::from_i64(999_999)).await;
            assert!(matches!(found, Err(StoreError::ForeignKey { .. })), "{found:?}");
            drop(tx);
            let back = tempfile::tempdir().unwrap();
            let copied = t.db.export_all(back.path(), |_, _| ()).await.unwrap();
            assert_eq!(copied.tables, manifest.tables);
            let found = t.db.import_all(&source, |_, _| ()).await.unwrap_err();
            assert_eq!(found.code(), "store.conflict");
        });
    }
}

#[test]
fn a_damaged_or_unfinished_copy_changes_nothing() {
    TestDb::each(MIGRATIONS, async |t| {
        fill(&t.db).await;
        let folder = tempfile::tempdir().unwrap();
        t.db.export_all(folder.path(), |_, _| ()).await.unwrap();
        let path = folder.path().join("sample.jsonl");
        let whole = std::fs::read_to_string(&path).unwrap();
        let damages = [
            whole.replacen("58886875", "58886876", 1),
            whole[..whole.len() / 2].to_owned(),
            whole.replacen("true", "\"true\"", 1),
            format!("{whole}[]\n"),
        ];
        for damaged in damages {
            std::fs::write(&path, damaged).unwrap();
            let other = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", other.path().join("o.db").display());
            let db = Db::open(&url, t.clock.clone()).await.unwrap();
            db.migrate(MIGRATIONS).await.unwrap();
            let found = db.import_all(folder.path(), |_, _| ()).await.unwrap_err();
            assert!(found.to_string().contains("sample.jsonl"), "{found}");
            let mut tx = db.read().await.unwrap();
            assert_eq!(count_samples(&mut tx).await.unwrap(), 0);
        }
        std::fs::remove_file(folder.path().join("manifest.json")).unwrap();
        assert!(Db::read_manifest(folder.path()).is_err());
    });
}

#[test]
fn the_quick_copy_of_a_file_is_whole() {
    TestDb::each(MIGRATIONS, async |t| {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("copy.db");
        fill(&t.db).await;
        let Some(_) = t.db.file() else {
            assert_eq!(t.db.copy_file(&to).await.unwrap_err().code(), "store.invalid");
            return;
        };
        t.db.copy_file(&to).await.unwrap();
        let copy = Db::open(&format!("sqlite:{}", to.display()), t.clock.clone()).await.unwrap();
        let mut tx = copy.read().await.unwrap();
        assert_eq!(count_samples(&mut tx).await.unwrap(), 6_000);
        assert!(t.db.copy_file(&to).await.is_err());
    });
}
