//! The ledger on both engines.

use kernel::{Currency, Date, Id, Instant, Money};
use store::testing::TestDb;

use super::{
    AccountCode, LedgerError, Party, Transfer, balance, post, post_once, prove,
    statement_of_account,
};

const ORG: Id = Id::from_i64(1);
const ALICE: Id = Id::from_i64(11);

fn bill(id: &str, units: i64) -> Transfer {
    Transfer::charge(
        id.to_owned(),
        ALICE,
        AccountCode::EnergyRevenue,
        Money::cny(units),
        Id::from_i64(77),
        "2026-06",
        Date::constant(2026, 7, 1),
    )
    .unwrap()
}

#[test]
fn a_transfer_books_once_and_both_sides_agree() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let db = &test.db;
        let mut tx = db.begin().await.unwrap();
        assert!(post_once(&mut tx, ORG, &bill("bill:1", 1_863_900)).await.unwrap());
        assert!(!post_once(&mut tx, ORG, &bill("bill:1", 1_863_900)).await.unwrap());
        assert!(matches!(
            post_once(&mut tx, ORG, &bill("bill:1", 1)).await,
            Err(LedgerError::IdReused(_))
        ));
        let owed = balance(&mut tx, ORG, Party::receivable(ALICE), Currency::Cny).await.unwrap();
        assert_eq!(owed.owed, Money::cny(1_863_900));
        assert!(prove(&mut tx, ORG).await.unwrap().holds());
        tx.commit().await.unwrap();
    });
}

#[test]
fn a_credit_goes_the_other_way_round() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let db = &test.db;
        let mut tx = db.begin().await.unwrap();
        post(&mut tx, ORG, &[bill("a", 500), bill("b", -200)]).await.unwrap();
        let owed = balance(&mut tx, ORG, Party::receivable(ALICE), Currency::Cny).await.unwrap();
        assert_eq!(owed.owed, Money::cny(300));
        let rows = statement_of_account(&mut tx, ORG, ALICE, Instant::from_micros(i64::MAX), 10)
            .await
            .unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.amount_units > 0));
        assert!(prove(&mut tx, ORG).await.unwrap().holds());
    });
}

#[test]
fn a_batch_with_one_known_id_is_refused_whole() {
    TestDb::each(crate::MIGRATIONS, async |test| {
        let db = &test.db;
        let mut tx = db.begin().await.unwrap();
        post(&mut tx, ORG, &[bill("a", 500)]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.begin().await.unwrap();
        assert!(post(&mut tx, ORG, &[bill("c", 1), bill("a", 500)]).await.is_err());
        drop(tx);
        let mut tx = db.begin().await.unwrap();
        let owed = balance(&mut tx, ORG, Party::receivable(ALICE), Currency::Cny).await.unwrap();
        assert_eq!(owed.owed, Money::cny(500));
    });
}
