//! Transactions: all or nothing, snapshots, one writer, locks, ids, migrations.

use std::sync::Arc;

use kernel::{Fault, FaultKind, Id, ManualClock};
use store::{
    Db, IdempotencyKey, Migration, Repeat, StoreError,
    testing::{START, TestDb},
};

use crate::statements::{MIGRATIONS, count_samples, row, sum_of_numbers};

store::statements! {
    /// Adds to a number.
    run add(id: Id, more: i64) = "UPDATE sample SET number = $2 WHERE id = $1";
    /// Reads a number.
    one number(id: Id) -> i64 = "SELECT number FROM sample WHERE id = $1";
}

#[test]
fn a_dropped_transaction_leaves_nothing() {
    TestDb::each(MIGRATIONS, async |t| {
        let mut tx = t.db.begin().await.unwrap();
        tx.insert("sample", &row(1, 1, "a")).await.unwrap();
        drop(tx);
        let mut tx = t.db.begin().await.unwrap();
        assert_eq!(count_samples(&mut tx).await.unwrap(), 0);
        assert_eq!(sum_of_numbers(&mut tx).await.unwrap(), None);
    });
}

#[test]
fn a_reader_sees_one_snapshot_and_cannot_write() {
    TestDb::each(MIGRATIONS, async |t| {
        let mut reader = t.db.read().await.unwrap();
        assert_eq!(count_samples(&mut reader).await.unwrap(), 0);
        let mut tx = t.db.begin().await.unwrap();
        tx.insert("sample", &row(1, 1, "a")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count_samples(&mut reader).await.unwrap(), 0);
        let found = reader.insert("sample", &row(2, 2, "b")).await.unwrap_err();
        assert_eq!(found.kind(), FaultKind::Bug, "{found}");
        drop(reader);
        let mut reader = t.db.read().await.unwrap();
        assert_eq!(count_samples(&mut reader).await.unwrap(), 1);
    });
}

/// Fifty tasks on two handles each read a number and write it back one higher.
#[test]
fn no_update_is_lost_between_writers_that_lock() {
    TestDb::each(MIGRATIONS, async |t| {
        let mut tx = t.db.begin().await.unwrap();
        tx.insert("sample", &row(1, 0, "a")).await.unwrap();
        tx.commit().await.unwrap();
        let other = t.second_handle().await;
        let mut tasks = tokio::task::JoinSet::new();
        for turn in 0..50 {
            let db = if turn % 2 == 0 { t.db.clone() } else { other.clone() };
            tasks.spawn(async move {
                let id = Id::from_i64(1);
                let mut tx = db.begin().await.unwrap();
                tx.lock("sample", id).await.unwrap();
                let now = number(&mut tx, id).await.unwrap();
                add(&mut tx, id, now + 1).await.unwrap();
                tx.commit().await.unwrap();
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        let mut tx = t.db.read().await.unwrap();
        assert_eq!(number(&mut tx, Id::from_i64(1)).await.unwrap(), 50);
        drop(tx);
        other.close().await;
    });
}

#[test]
fn ids_of_two_handles_never_meet() {
    TestDb::each(&[], async |t| {
        let other = t.second_handle().await;
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2_000 {
            assert!(seen.insert(t.db.next_id()) && seen.insert(other.next_id()));
        }
        t.clock.advance_seconds(3_600);
        other.renew_node().await.unwrap();
        other.close().await;
    });
}

#[test]
fn migrations_run_once_however_many_start_at_once() {
    TestDb::each(&[], async |t| {
        let mut handles = vec![t.db.clone()];
        for _ in 0..3 {
            handles.push(t.second_handle().await);
        }
        let mut tasks = tokio::task::JoinSet::new();
        for db in handles.clone() {
            tasks.spawn(async move { db.migrate(MIGRATIONS).await.unwrap() });
        }
        let mut applied = 0;
        while let Some(done) = tasks.join_next().await {
            applied += done.unwrap();
        }
        assert_eq!(applied, 1);
        for db in &handles[1..] {
            db.close().await;
        }
    });
}

#[test]
fn a_changed_or_missing_migration_is_refused() {
    TestDb::each(MIGRATIONS, async |t| {
        let changed =
            [Migration { sql: "CREATE TABLE other (id BIGINT PRIMARY KEY)", ..MIGRATIONS[0] }];
        let found = t.db.migrate(&changed).await.unwrap_err();
        assert!(found.to_string().contains("changed after it was applied"), "{found}");
        let skipped =
            [Migration { area: "gap", file: "0002_b", sql: "CREATE TABLE b (id BIGINT)" }];
        assert!(t.db.migrate(&skipped).await.is_err());

        // The second step fails: the first must not stay.
        let half = [
            Migration { area: "half", file: "0001_a", sql: "CREATE TABLE half (id BIGINT)" },
            Migration { area: "half", file: "0002_b", sql: "CREATE TABLE half (id BIGINT)" },
        ];
        let found = t.db.migrate(&half).await.unwrap_err();
        assert!(found.to_string().contains("half/0002_b"), "{found}");
        assert_eq!(t.db.migrate(&half[..1]).await.unwrap(), 1);

        // A program that knows fewer steps than the database has is too old for it.
        let two = [half[0], Migration { sql: "CREATE TABLE half2 (id BIGINT)", ..half[1] }];
        assert_eq!(t.db.migrate(&two).await.unwrap(), 1);
        let found = t.db.migrate(&half[..1]).await.unwrap_err();
        assert!(found.to_string().contains("newer version"), "{found}");
    });
}

#[test]
fn a_repeated_request_is_done_once_and_answered_twice() {
    TestDb::each(&[], async |t| {
        let key = IdempotencyKey { actor: "user:1", route: "POST /api/v1/bills", key: "k-1" };
        let mut tx = t.db.begin().await.unwrap();
        assert_eq!(tx.claim_key(key, b"body").await.unwrap(), Repeat::New);
        tx.keep_answer(key, 201, "{\"id\":\"7\"}").await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = t.db.begin().await.unwrap();
        let again = tx.claim_key(key, b"body").await.unwrap();
        assert_eq!(again, Repeat::Answered { status: 201, body: "{\"id\":\"7\"}".to_owned() });
        let found = tx.claim_key(key, b"another body").await.unwrap_err();
        assert_eq!(found.kind(), FaultKind::Conflict);
        let stranger = IdempotencyKey { actor: "user:2", ..key };
        assert_eq!(tx.claim_key(stranger, b"x").await.unwrap(), Repeat::New);
        drop(tx);

        t.clock.advance_seconds(24 * 3_600);
        let mut tx = t.db.begin().await.unwrap();
        assert_eq!(tx.claim_key(key, b"another body").await.unwrap(), Repeat::New);
    });
}

#[tokio::test]
async fn addresses_of_no_known_form_are_refused_without_their_password() {
    for url in ["mysql://lamp:secret@host/db", "sqlite:", "data.db", ""] {
        let found = Db::open(url, Arc::new(ManualClock::new(START))).await.unwrap_err();
        assert!(matches!(found, StoreError::Address(_)), "{found}");
        assert!(!found.to_string().contains("secret"));
    }
    let away = "postgres://nobody:secret@127.0.0.1:1/none";
    let found = Db::open(away, Arc::new(ManualClock::new(START))).await.unwrap_err();
    assert!(!found.to_string().contains("secret"));
    assert_eq!(found.kind(), FaultKind::Unavailable);
}
