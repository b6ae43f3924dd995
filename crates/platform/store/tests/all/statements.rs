//! Every statement of the platform fits both engines, and so do the rows that are inserted.

use kernel::{Date, Energy, Id, Instant, Rate};
use store::{
    Column, Insert, OnConstraint, StoreError,
    testing::{TestDb, check_insert, check_statements, find_problems},
};

store::record! {
    /// One column of every type.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Sample {
        /// Key.
        pub id: Id,
        /// Integer.
        pub number: i64,
        /// Text.
        pub name: String,
        /// Truth value.
        pub open: bool,
        /// Instant.
        pub at: Instant,
        /// Date.
        pub day: Option<Date>,
        /// Energy.
        pub energy: Option<Energy>,
        /// Rate.
        pub rate: Option<Rate>,
        /// Text or nothing.
        pub note: Option<String>,
        /// Truth or nothing.
        pub sure: Option<bool>,
    }
}

/// A table with one column of every type.
pub const MIGRATIONS: &[store::Migration] = &[store::Migration {
    area: "sample",
    file: "0001_sample",
    sql: "CREATE TABLE sample (
        id BIGINT PRIMARY KEY, number BIGINT NOT NULL, name TEXT NOT NULL, open BOOLEAN NOT NULL,
        at BIGINT NOT NULL, day TEXT, energy BIGINT, rate BIGINT, note TEXT, sure BOOLEAN,
        parent BIGINT REFERENCES sample (id),
        CONSTRAINT sample_number_positive CHECK (number >= 0),
        UNIQUE (number, name));",
}];

store::statements! {
    /// By key.
    optional sample(id: Id) -> Sample =
        "SELECT id, number, name, open, at, day, energy, rate, note, sure FROM sample WHERE id = $1";
    /// How many.
    one count_samples() -> i64 = "SELECT COUNT(*) FROM sample";
    /// The sum of all numbers.
    one sum_of_numbers() -> Option<i64> = "SELECT CAST(SUM(number) AS BIGINT) FROM sample";
    /// A tuple.
    all names_open(open: bool) -> (Id, String) =
        "SELECT id, name FROM sample WHERE open = $1 ORDER BY id";
    /// With nothing as a parameter.
    run set_note(id: Id, note: Option<&str>, sure: Option<bool>, energy: Option<Energy>) =
        "UPDATE sample SET note = $2, sure = $3, energy = $4 WHERE id = $1";
    /// A reference to a row.
    run set_parent(id: Id, parent: Id) = "UPDATE sample SET parent = $2 WHERE id = $1";
    /// All, one by one.
    each every_sample() -> Sample =
        "SELECT id, number, name, open, at, day, energy, rate, note, sure FROM sample ORDER BY id";
}

/// A row.
pub fn row(id: i64, number: i64, name: &str) -> Sample {
    Sample {
        id: Id::from_i64(id),
        number,
        name: name.to_owned(),
        open: id % 2 == 0,
        at: Instant::from_micros(-5),
        day: Some(Date::constant(2026, 2, 28)),
        energy: None,
        rate: Some(Rate::from_e8(58_886_875)),
        note: None,
        sure: Some(false),
    }
}

#[test]
fn every_statement_of_the_platform_fits_both_engines() {
    TestDb::each(MIGRATIONS, async |t| {
        check_statements(&t.db, store::STATEMENTS).await;
        check_statements(&t.db, &[STATEMENTS]).await;
        check_insert::<Sample>(&t.db, "sample").await;
    });
}

mod broken {
    use kernel::Id;
    store::statements! {
        /// A column that does not exist.
        optional missing(id: Id) -> i64 = "SELECT size FROM sample WHERE id = $1";
    }
    pub mod kinds {
        store::statements! {
            /// A text read as a number.
            optional kind(id: kernel::Id) -> i64 = "SELECT name FROM sample WHERE id = $1";
        }
    }
    pub mod params {
        store::statements! {
            /// One parameter too many.
            run params(id: kernel::Id, more: i64) = "DELETE FROM sample WHERE id = $1";
        }
    }
    pub mod extra {
        store::statements! {
            /// A column that nobody reads.
            one extra() -> i64 = "SELECT COUNT(*), COUNT(*) FROM sample";
        }
    }
}

#[test]
fn the_check_finds_statements_that_do_not_fit() {
    TestDb::each(MIGRATIONS, async |t| {
        let broken = [
            broken::STATEMENTS,
            broken::kinds::STATEMENTS,
            broken::params::STATEMENTS,
            broken::extra::STATEMENTS,
        ];
        for list in broken {
            let found = find_problems(&t.db, &[list]).await;
            assert_eq!(found.len(), 1, "{} was accepted", list[0].name);
        }
    });
}

#[test]
fn what_is_written_is_read_back() {
    TestDb::each(MIGRATIONS, async |t| {
        let mut tx = t.db.begin().await.unwrap();
        let first = row(1, 10, "王小明 'quoted' \\ \u{1F4A1}");
        tx.insert("sample", &first).await.unwrap();
        assert_eq!(sample(&mut tx, first.id).await.unwrap().as_ref(), Some(&first));
        let changed = set_note(&mut tx, first.id, Some("n"), None, Some(Energy::from_ukwh(-7)));
        assert_eq!(changed.await.unwrap(), 1);
        let back = sample(&mut tx, first.id).await.unwrap().unwrap();
        assert_eq!((back.note.as_deref(), back.sure), (Some("n"), None));
        assert_eq!(back.energy, Some(Energy::from_ukwh(-7)));
        assert_eq!(sum_of_numbers(&mut tx).await.unwrap(), Some(10));
        assert_eq!(count_samples(&mut tx).await.unwrap(), 1);
        assert_eq!(names_open(&mut tx, true).await.unwrap(), vec![]);
        tx.commit().await.unwrap();
        let mut tx = t.db.read().await.unwrap();
        let mut seen = 0;
        every_sample(&mut tx, |_| {
            seen += 1;
            Ok::<(), StoreError>(())
        })
        .await
        .unwrap();
        assert_eq!(seen, 1);
        assert_eq!(first.values().len(), 10);
        assert!(i64::from_stored(store::Stored::Null).is_err());
    });
}

#[derive(Debug, thiserror::Error)]
enum AreaError {
    #[error("taken")]
    Taken,
    #[error("negative")]
    Negative,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[test]
fn constraints_have_the_same_names_on_both_engines() {
    TestDb::each(MIGRATIONS, async |t| {
        let mut tx = t.db.begin().await.unwrap();
        tx.insert("sample", &row(1, 1, "a")).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = t.db.begin().await.unwrap();
        let found = tx.insert("sample", &row(2, 1, "a")).await;
        let found = found.on_constraint("sample_number_name_key", || AreaError::Taken).unwrap_err();
        assert!(matches!(found, AreaError::Taken), "{found:?}");
        drop(tx);

        let mut tx = t.db.begin().await.unwrap();
        let found = tx.insert("sample", &row(1, 2, "b")).await.unwrap_err();
        assert!(
            matches!(&found, StoreError::Unique { constraint, .. } if constraint == "sample_pkey"),
            "{found:?}"
        );
        drop(tx);

        let mut tx = t.db.begin().await.unwrap();
        let found = tx.insert("sample", &row(3, -1, "c")).await;
        let found =
            found.on_constraint("sample_number_positive", || AreaError::Negative).unwrap_err();
        assert!(matches!(found, AreaError::Negative), "{found:?}");
        drop(tx);

        let mut tx = t.db.begin().await.unwrap();
        let found = set_parent(&mut tx, Id::from_i64(1), Id::from_i64(99)).await.unwrap_err();
        assert!(matches!(found, StoreError::ForeignKey { .. }), "{found:?}");
    });
}
