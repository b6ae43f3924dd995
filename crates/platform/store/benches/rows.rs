//! How many rows a second go in at once, and how many small transactions from eight tasks:
//! `cargo bench -p lamplight-store`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "it measures wall time and has nobody to report to"
)]

use kernel::Id;
use store::{Fact, Kind, Migration, OnConflict, Options, Value, testing::TestDb};

const MIGRATIONS: &[Migration] = &[Migration {
    area: "sample",
    file: "0001_sample",
    sql: "CREATE TABLE sample (
        id BIGINT PRIMARY KEY, number BIGINT NOT NULL, name TEXT NOT NULL, open BOOLEAN NOT NULL,
        at BIGINT NOT NULL, day TEXT, energy BIGINT, rate BIGINT);",
}];

fn main() {
    TestDb::each_durable(MIGRATIONS, &Options::default(), async |t| {
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
                Value::Null(Kind::Int),
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
