//! A process that is killed while it commits leaves whole transactions only.
//!
//! The test starts its own binary again as the victim, kills it with SIGKILL at an arbitrary
//! moment, and reads what it left.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use kernel::{Id, SystemClock};
use store::{Db, testing::TestDb};

use crate::statements::{MIGRATIONS, row};

const URL: &str = "LAMPLIGHT_VICTIM_URL";
const PER_TRANSACTION: i64 = 20;

store::statements! {
    /// How many rows each transaction left.
    all rows_by_transaction() -> (String, i64) =
        "SELECT name, COUNT(*) FROM sample GROUP BY name ORDER BY name";
    /// The highest key.
    one highest() -> i64 = "SELECT COALESCE(MAX(id), 0) FROM sample";
}

/// Not a test of its own: the victim.
#[test]
fn victim() {
    let Ok(url) = std::env::var(URL) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = Db::open(&url, Arc::new(SystemClock)).await.unwrap();
        loop {
            let mut tx = db.begin().await.unwrap();
            let base = highest(&mut tx).await.unwrap();
            for step in 1..=PER_TRANSACTION {
                let id = base + step;
                tx.insert("sample", &row(id, id, &format!("{base:09}"))).await.unwrap();
            }
            tx.commit().await.unwrap();
            // Said after the commit: it must be found again.
            println!("committed {}", base + PER_TRANSACTION);
        }
    });
}

#[test]
fn a_killed_process_leaves_whole_transactions_and_loses_none() {
    TestDb::each(MIGRATIONS, async |t| {
        for round in 0_u32..5 {
            let mut victim = Command::new(std::env::current_exe().unwrap())
                .args(["killed::victim", "--exact", "--nocapture", "--test-threads=1"])
                .env(URL, &t.url)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let mut said = 0;
            let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
            let mut left = 3 + round * 2;
            for line in lines {
                let line = line.unwrap();
                if let Some((_, id)) = line.split_once("committed ") {
                    said = id.trim().parse::<i64>().unwrap();
                    left -= 1;
                    if left == 0 {
                        break;
                    }
                }
            }
            victim.kill().unwrap();
            victim.wait().unwrap();
            assert!(said > 0, "the victim committed nothing");

            let mut tx = t.db.read().await.unwrap();
            assert!(highest(&mut tx).await.unwrap() >= said, "a committed row is gone");
            for (name, count) in rows_by_transaction(&mut tx).await.unwrap() {
                assert_eq!(count, PER_TRANSACTION, "transaction {name} is not whole");
            }
        }
        assert!(t.db.next_id() > Id::from_i64(0));
    });
}
