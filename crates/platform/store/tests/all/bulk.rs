//! Many rows at once, and (ignored by default) how many per second.

use kernel::Id;
use store::{Fact, Insert, OnConflict, Value, testing::TestDb};

use crate::statements::{MIGRATIONS, Sample, count_samples, row, sample};

#[test]
fn many_rows_go_in_whole_and_conflicts_keep_the_old() {
    TestDb::each(MIGRATIONS, async |t| {
        let rows: Vec<Sample> = (1..=12_345).map(|id| row(id, id, "x")).collect();
        let mut tx = t.db.begin().await.unwrap();
        assert_eq!(tx.insert_all("sample", &rows, OnConflict::Fail).await.unwrap(), 12_345);
        let more: Vec<Sample> = (12_340..=12_350).map(|id| row(id, id, "new")).collect();
        assert_eq!(tx.insert_all("sample", &more, OnConflict::Keep).await.unwrap(), 5);
        assert_eq!(count_samples(&mut tx).await.unwrap(), 12_350);
        assert_eq!(sample(&mut tx, Id::from_i64(777)).await.unwrap(), Some(row(777, 777, "x")));
        let empty: [Sample; 0] = [];
        assert_eq!(tx.insert_all("sample", &empty, OnConflict::Fail).await.unwrap(), 0);
        assert!(tx.insert_all("sample", &more, OnConflict::Fail).await.is_err());
        assert_eq!(rows[0].values()[0], Value::Int(1));
    });
}

/// `cargo test --release -p lamplight-store -- --ignored --nocapture rows_per_second`
#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "it measures wall time")]
fn rows_per_second() {
    TestDb::each(MIGRATIONS, async |t| {
        let count = 300_000;
        let columns = ["id", "number", "name", "open", "at", "day", "energy", "rate"];
        let rows = (1..=count).map(|id| {
            [
                Value::Int(id),
                Value::Int(id),
                Value::Text("13800138000".into()),
                Value::Bool(true),
                Value::Int(id),
                Value::Text("2026-02-28".into()),
                Value::Null(store::Kind::Int),
                Value::Int(7),
            ]
        });
        let start = std::time::Instant::now();
        let mut tx = t.db.begin().await.unwrap();
        tx.insert_rows("sample", &columns, rows, OnConflict::Fail).await.unwrap();
        tx.commit().await.unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!("{:?}: {count} rows of 8 columns in {seconds:.2} s", t.db.engine());

        let start = std::time::Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        let each = 250;
        for _ in 0..8 {
            let db = t.db.clone();
            tasks.spawn(async move {
                for _ in 0..each {
                    let mut tx = db.begin().await.unwrap();
                    tx.emit(Fact {
                        org: Id::from_i64(1),
                        kind: "bench.done",
                        subject: Id::from_i64(1),
                        payload: serde_json::json!({"a": 1}),
                        actor: "user:1",
                        request: "r",
                    })
                    .await
                    .unwrap();
                    tx.commit().await.unwrap();
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{:?}: {} small transactions in {seconds:.2} s", t.db.engine(), 8 * each);
    });
}
