//! Many rows at once.

use kernel::Id;
use store::{Insert, OnConflict, Value, testing::TestDb};

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
