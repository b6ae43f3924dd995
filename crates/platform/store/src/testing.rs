//! Test databases on both engines, and the check that every statement fits both. For tests only:
//! behind the feature `testing`, and free to panic.
#![expect(clippy::expect_used, clippy::panic, reason = "this module only serves tests")]

use std::{future::Future, sync::Arc};

use kernel::{Clock, Instant, ManualClock};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor, PgConnection, SqlSafeStr, Statement as _, TypeInfo,
    postgres::{PgConnectOptions, PgTypeInfo},
};

use crate::{Db, Durability, Engine, Kind, Migration, Options, Statement, StoreError};

/// A database of its own for one test: a file that goes away with it, or a schema on a server.
#[derive(Debug)]
pub struct TestDb {
    /// The database, with the platform's tables and the migrations given.
    pub db: Db,
    /// Its clock, which stands at 2026-03-01T00:00:00Z until the test moves it.
    pub clock: Arc<ManualClock>,
    /// Its address, to open it a second time.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

/// Where a test clock stands at first: 2026-03-01T00:00:00Z.
pub const START: Instant = Instant::from_micros(1_772_323_200_000_000);

impl TestDb {
    /// Runs a test on SQLite and then on PostgreSQL, each time on an empty database with these
    /// migrations. The server is the one at `LAMPLIGHT_TEST_POSTGRES`, else the one at
    /// 127.0.0.1:5432, database `test`. Without a server the second half is skipped with a
    /// message, or fails when `LAMPLIGHT_REQUIRE_ALL` is 1.
    pub fn each<F: Future<Output = ()>>(migrations: &[Migration], test: impl Fn(Self) -> F) {
        Self::each_with(migrations, &Options::default(), test);
    }

    /// As [`TestDb::each`], with options.
    pub fn each_with<F: Future<Output = ()>>(
        migrations: &[Migration],
        options: &Options,
        test: impl Fn(Self) -> F,
    ) {
        let options = Options { durability: Durability::ProcessKill, ..options.clone() };
        Self::each_durable(migrations, &options, test);
    }

    /// As [`TestDb::each_with`], and a commit survives what the options say; for measurements.
    pub fn each_durable<F: Future<Output = ()>>(
        migrations: &[Migration],
        options: &Options,
        test: impl Fn(Self) -> F,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let db = Self::sqlite(migrations, options).await;
            let handle = db.db.clone();
            eprintln!("on SQLite");
            test(db).await;
            handle.close().await;

            let Some((db, schema)) = Self::postgres(migrations, options).await else { return };
            let handle = db.db.clone();
            eprintln!("on PostgreSQL");
            test(db).await;
            handle.close().await;
            schema.remove().await;
        });
    }

    async fn sqlite(migrations: &[Migration], options: &Options) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::open(url, migrations, options, Some(folder)).await
    }

    async fn postgres(migrations: &[Migration], options: &Options) -> Option<(Self, Schema)> {
        let Some(schema) = Schema::make().await else {
            let required = std::env::var("LAMPLIGHT_REQUIRE_ALL").is_ok_and(|v| v == "1");
            assert!(!required, "PostgreSQL is not reachable and LAMPLIGHT_REQUIRE_ALL is 1");
            eprintln!("skipped: PostgreSQL is not reachable (set LAMPLIGHT_TEST_POSTGRES)");
            return None;
        };
        let url = schema.url();
        Some((Self::open(url, migrations, options, None).await, schema))
    }

    async fn open(
        url: String,
        migrations: &[Migration],
        options: &Options,
        folder: Option<tempfile::TempDir>,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let db = Db::open_with(&url, Arc::<ManualClock>::clone(&clock), options.clone())
            .await
            .expect("the test database opens");
        db.migrate(migrations).await.expect("the migrations apply");
        Self { db, clock, url, _folder: folder }
    }

    /// A second handle on the same database, as a second process would have.
    pub async fn second_handle(&self) -> Db {
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        Db::open_with(&self.url, clock, self.db.inner.options.clone())
            .await
            .expect("the test database opens twice")
    }
}

/// A schema of its own on the test server.
struct Schema {
    base: String,
    name: String,
}

impl Schema {
    async fn make() -> Option<Self> {
        let bases = std::env::var("LAMPLIGHT_TEST_POSTGRES").map_or_else(
            |_| {
                vec![
                    "postgres://postgres@127.0.0.1:5432/test".to_owned(),
                    "postgres://root@127.0.0.1:5432/test".to_owned(),
                ]
            },
            |url| vec![url],
        );
        let clock = kernel::SystemClock;
        let name = format!("t_{}", crate::node::lessee(&clock).replace('-', "_"));
        for base in bases {
            let Ok(mut conn) = Self::connect(&base).await else { continue };
            let sql = AssertSqlSafe(format!("CREATE SCHEMA {name}")).into_sql_str();
            conn.execute(sqlx::raw_sql(sql)).await.expect("a schema for the test");
            return Some(Self { base, name });
        }
        None
    }

    async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
        url.parse::<PgConnectOptions>()?.connect().await
    }

    fn url(&self) -> String {
        let mark = if self.base.contains('?') { '&' } else { '?' };
        format!("{}{mark}options[search_path]={}", self.base, self.name)
    }

    async fn remove(self) {
        let Ok(mut conn) = Self::connect(&self.base).await else { return };
        let sql = AssertSqlSafe(format!("DROP SCHEMA {} CASCADE", self.name)).into_sql_str();
        if let Err(error) = conn.execute(sqlx::raw_sql(sql)).await {
            eprintln!("the schema {} stays behind: {error}", self.name);
        }
    }
}

/// Prepares every statement on this database and checks the number and kinds of its parameters
/// and the names and kinds of its columns. All problems are reported at once.
///
/// # Panics
/// When any statement does not fit.
pub async fn check_statements(db: &Db, lists: &[&[Statement]]) {
    let problems = find_problems(db, lists).await;
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What [`check_statements`] would report, one text for each statement that does not fit.
pub async fn find_problems(db: &Db, lists: &[&[Statement]]) -> Vec<String> {
    let mut problems = Vec::new();
    for list in lists {
        for statement in *list {
            if let Err(problem) = check(db, statement).await {
                problems.push(format!("{:?} {}: {problem}", db.engine(), statement.name));
            }
        }
    }
    problems
}

async fn check(db: &Db, statement: &Statement) -> Result<(), String> {
    let mut tx = db.begin().await.map_err(|e: StoreError| e.to_string())?;
    let sql = AssertSqlSafe(statement.sql).into_sql_str();
    let (params, columns) = match db.engine() {
        Engine::Sqlite => {
            let conn = tx.conn.sqlite().ok_or("not SQLite")?;
            let prepared = conn.prepare(sql).await.map_err(|e| e.to_string())?;
            (count(prepared.parameters()), columns(prepared.columns()))
        }
        Engine::Postgres => {
            let types: Vec<PgTypeInfo> = statement.params.iter().map(|k| pg_type(*k)).collect();
            let conn = tx.conn.postgres().ok_or("not PostgreSQL")?;
            let prepared = conn.prepare_with(sql, &types).await.map_err(|e| e.to_string())?;
            (count(prepared.parameters()), columns(prepared.columns()))
        }
    };
    // PostgreSQL accepts parameters that the text never mentions; SQLite counts those it does.
    let mentioned = (1..).take_while(|n| statement.sql.contains(&format!("${n}"))).count();
    if params != Some(statement.params.len()) || mentioned != statement.params.len() {
        return Err(format!("it has {mentioned} parameters, not {}", statement.params.len()));
    }
    for (position, spec) in statement.columns.iter().enumerate() {
        let found = if spec.name.is_empty() {
            columns.get(position)
        } else {
            columns.iter().find(|(name, _)| name == spec.name)
        };
        let Some((name, type_name)) = found else {
            return Err(format!("it returns no column {position} {}", spec.name));
        };
        let fits = match type_name.as_str() {
            "INT8" | "INTEGER" | "BIGINT" => spec.kind == Kind::Int,
            "TEXT" => spec.kind == Kind::Text,
            "BOOL" | "BOOLEAN" => spec.kind == Kind::Bool,
            // SQLite knows no type for an expression.
            "NULL" => true,
            _ => false,
        };
        if !fits {
            return Err(format!("column {name} is {type_name}, read as {:?}", spec.kind));
        }
    }
    if !statement.columns.is_empty() && columns.len() != statement.columns.len() {
        return Err(format!(
            "it returns {} columns and {} are read",
            columns.len(),
            statement.columns.len()
        ));
    }
    Ok(())
}

fn pg_type(kind: Kind) -> PgTypeInfo {
    use sqlx::Type;
    match kind {
        Kind::Int => <i64 as Type<sqlx::Postgres>>::type_info(),
        Kind::Text => <str as Type<sqlx::Postgres>>::type_info(),
        Kind::Bool => <bool as Type<sqlx::Postgres>>::type_info(),
    }
}

fn count<T>(params: Option<sqlx::Either<&[T], usize>>) -> Option<usize> {
    params.map(|p| match p {
        sqlx::Either::Left(types) => types.len(),
        sqlx::Either::Right(count) => count,
    })
}

fn columns<C: sqlx::Column>(columns: &[C]) -> Vec<(String, String)> {
    columns.iter().map(|c| (c.name().to_owned(), c.type_info().name().to_uppercase())).collect()
}

/// Checks that a record's columns are exactly columns of a table that it is inserted into.
///
/// # Panics
/// When the table lacks one.
pub async fn check_insert<R: crate::Insert>(db: &Db, table: &'static str) {
    let names: Vec<&str> = R::COLUMNS.iter().map(|c| c.name).collect();
    let sql: &'static str =
        Box::leak(format!("SELECT {} FROM {table} LIMIT 0", names.join(", ")).into_boxed_str());
    let statement = Statement { name: table, sql, params: &[], columns: R::COLUMNS };
    if let Err(problem) = check(db, &statement).await {
        panic!("{table}: {problem}");
    }
}
