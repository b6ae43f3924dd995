//! A transaction on either engine, and how statements run in it.

use futures_util::TryStreamExt;
use kernel::{Id, Instant};
use sqlx::{
    AssertSqlSafe, PgConnection, Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction,
    postgres::PgArguments, query::Query, sqlite::SqliteArguments,
};

use crate::{AnyRow, Db, Engine, Insert, Kind, Record, StoreError, Value, db::Pools};

/// One transaction. All statements, facts, jobs and audit rows of an operation go into it, and
/// count together or not at all. After an error on PostgreSQL it only accepts its end; the door
/// drops it, which undoes everything.
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) db: Db,
    /// Whether a job was enqueued, so that the commit wakes the worker.
    pub(crate) enqueued: bool,
}

pub(crate) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx").field("engine", &self.engine()).finish_non_exhaustive()
    }
}

impl Conn {
    pub(crate) async fn write(pools: &Pools) -> Result<Self, StoreError> {
        let begun = match pools {
            // Taking the write lock at once means that no transaction has to be undone later
            // because another one wrote between its first read and its first write.
            Pools::Sqlite { writer, .. } => {
                writer.begin_with("BEGIN IMMEDIATE").await.map(Self::Sqlite)
            }
            Pools::Postgres(pool) => pool.begin().await.map(Self::Postgres),
        };
        begun.map_err(|e| StoreError::from_sqlx("begin", e))
    }

    pub(crate) async fn read(pools: &Pools) -> Result<Self, StoreError> {
        let begun = match pools {
            Pools::Sqlite { readers, .. } => readers.begin().await.map(Self::Sqlite),
            Pools::Postgres(pool) => pool
                .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .await
                .map(Self::Postgres),
        };
        begun.map_err(|e| StoreError::from_sqlx("begin", e))
    }

    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let done = match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        };
        done.map_err(|e| StoreError::from_sqlx("commit", e))
    }

    /// Runs several statements without parameters, as migrations do.
    pub(crate) async fn script(&mut self, sql: SqlStr) -> Result<(), StoreError> {
        let done = match self {
            Self::Sqlite(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(drop),
            Self::Postgres(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(drop),
        };
        done.map_err(|e| StoreError::from_sqlx("script", e))
    }

    pub(crate) async fn run(
        &mut self,
        name: &'static str,
        sql: SqlStr,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let done = match self {
            Self::Sqlite(tx) => {
                bind_sqlite(sql, values).execute(&mut **tx).await.map(|r| r.rows_affected())
            }
            Self::Postgres(tx) => {
                bind_postgres(sql, values).execute(&mut **tx).await.map(|r| r.rows_affected())
            }
        };
        done.map_err(|e| StoreError::from_sqlx(name, e))
    }

    pub(crate) async fn fetch_optional<R: Record>(
        &mut self,
        name: &'static str,
        sql: SqlStr,
        values: &[Value<'_>],
    ) -> Result<Option<R>, StoreError> {
        let fail = |e| StoreError::from_sqlx(name, e);
        let read = match self {
            Self::Sqlite(tx) => bind_sqlite(sql, values)
                .fetch_optional(&mut **tx)
                .await
                .map_err(fail)?
                .map(|row| R::read(&AnyRow::Sqlite(&row))),
            Self::Postgres(tx) => bind_postgres(sql, values)
                .fetch_optional(&mut **tx)
                .await
                .map_err(fail)?
                .map(|row| R::read(&AnyRow::Postgres(&row))),
        };
        read.transpose().map_err(|message| StoreError::Decode { statement: name, message })
    }

    pub(crate) async fn fetch_each<R: Record, E: From<StoreError>>(
        &mut self,
        name: &'static str,
        sql: SqlStr,
        values: &[Value<'_>],
        mut visit: impl FnMut(R) -> Result<(), E>,
    ) -> Result<u64, E> {
        let fail = |e| E::from(StoreError::from_sqlx(name, e));
        let unread = |message| E::from(StoreError::Decode { statement: name, message });
        let mut count = 0;
        match self {
            Self::Sqlite(tx) => {
                let mut rows = bind_sqlite(sql, values).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await.map_err(fail)? {
                    visit(R::read(&AnyRow::Sqlite(&row)).map_err(unread)?)?;
                    count += 1;
                }
            }
            Self::Postgres(tx) => {
                let mut rows = bind_postgres(sql, values).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await.map_err(fail)? {
                    visit(R::read(&AnyRow::Postgres(&row)).map_err(unread)?)?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }
}

impl Tx {
    pub(crate) async fn write(db: &Db) -> Result<Self, StoreError> {
        let conn = Conn::write(&db.inner.pools).await?;
        Ok(Self { conn, db: db.clone(), enqueued: false })
    }

    pub(crate) async fn read(db: &Db) -> Result<Self, StoreError> {
        let conn = Conn::read(&db.inner.pools).await?;
        Ok(Self { conn, db: db.clone(), enqueued: false })
    }

    /// Makes everything in it count.
    ///
    /// # Errors
    /// When the database does not answer; whether it counted is then unknown, which is why
    /// operations are idempotent.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.conn.commit().await?;
        if self.enqueued {
            self.db.inner.wake.notify_one();
        }
        Ok(())
    }

    /// Which engine it runs on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.db.engine()
    }

    /// The present instant, from the injected clock.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.db.now()
    }

    /// A new id.
    #[must_use]
    pub fn next_id(&self) -> Id {
        self.db.next_id()
    }

    /// Waits until no other transaction holds this lock, and holds it to the end of this one. Two
    /// operations that read a thing and then write what follows from it (a balance, a next
    /// number) lock it first. On SQLite there is one writer anyway and nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Busy`] for a deadlock.
    pub async fn lock(&mut self, space: &str, key: Id) -> Result<(), StoreError> {
        if self.engine() == Engine::Postgres {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, $2))";
            let values = [Value::Text(space.into()), Value::Int(key.get())];
            self.conn.run("lock", sql.into_sql_str(), &values).await?;
        }
        Ok(())
    }

    /// Runs a statement; the number of rows it changed. Used by [`statements!`](crate::statements).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run(
        &mut self,
        name: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        self.conn.run(name, sql.into_sql_str(), values).await
    }

    /// At most one row. Used by [`statements!`](crate::statements).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fetch_optional<R: Record>(
        &mut self,
        name: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<R>, StoreError> {
        self.conn.fetch_optional(name, sql.into_sql_str(), values).await
    }

    /// Exactly one row. Used by [`statements!`](crate::statements).
    ///
    /// # Errors
    /// [`StoreError::NoRow`] and others.
    pub async fn fetch_one<R: Record>(
        &mut self,
        name: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<R, StoreError> {
        self.fetch_optional(name, sql, values).await?.ok_or(StoreError::NoRow { statement: name })
    }

    /// All rows. Used by [`statements!`](crate::statements).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn fetch_all<R: Record>(
        &mut self,
        name: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<R>, StoreError> {
        let mut rows = Vec::new();
        self.fetch_each(name, sql, values, |row| {
            rows.push(row);
            Ok::<(), StoreError>(())
        })
        .await?;
        Ok(rows)
    }

    /// Visits every row without holding them all; the number of rows. Used by
    /// [`statements!`](crate::statements).
    ///
    /// # Errors
    /// [`StoreError`], or the first error of `visit`.
    pub async fn fetch_each<R: Record, E: From<StoreError>>(
        &mut self,
        name: &'static str,
        sql: &'static str,
        values: &[Value<'_>],
        visit: impl FnMut(R) -> Result<(), E>,
    ) -> Result<u64, E> {
        self.conn.fetch_each(name, sql.into_sql_str(), values, visit).await
    }

    /// Inserts one row, each field into the column of its name.
    ///
    /// # Errors
    /// [`StoreError`], constraints included.
    pub async fn insert<R: Insert>(
        &mut self,
        table: &'static str,
        row: &R,
    ) -> Result<(), StoreError> {
        let columns: Vec<&str> = R::COLUMNS.iter().map(|c| c.name).collect();
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
        let sql =
            format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        // The text holds only names from the program's own source.
        self.conn.run(table, AssertSqlSafe(sql).into_sql_str(), &row.values()).await?;
        Ok(())
    }
}

pub(crate) fn bind_sqlite<'q>(
    sql: SqlStr,
    values: &[Value<'_>],
) -> Query<'q, Sqlite, SqliteArguments> {
    let mut query = sqlx::query(sql);
    for value in values {
        query = match value {
            Value::Int(v) => query.bind(*v),
            Value::Text(v) => query.bind(v.as_ref().to_owned()),
            Value::Bool(v) => query.bind(*v),
            Value::Null(_) => query.bind(None::<i64>),
        };
    }
    query
}

pub(crate) fn bind_postgres<'q>(
    sql: SqlStr,
    values: &[Value<'_>],
) -> Query<'q, Postgres, PgArguments> {
    let mut query = sqlx::query(sql);
    for value in values {
        query = match value {
            Value::Int(v) => query.bind(*v),
            Value::Text(v) => query.bind(v.as_ref()),
            Value::Bool(v) => query.bind(*v),
            Value::Null(Kind::Int) => query.bind(None::<i64>),
            Value::Null(Kind::Text) => query.bind(None::<&str>),
            Value::Null(Kind::Bool) => query.bind(None::<bool>),
        };
    }
    query
}

impl Conn {
    /// The SQLite connection inside, for what only it can do.
    #[cfg(feature = "testing")]
    pub(crate) fn sqlite(&mut self) -> Option<&mut sqlx::SqliteConnection> {
        match self {
            Self::Sqlite(tx) => Some(&mut **tx),
            Self::Postgres(_) => None,
        }
    }

    /// The PostgreSQL connection inside, for what only it can do.
    pub(crate) fn postgres(&mut self) -> Option<&mut PgConnection> {
        match self {
            Self::Postgres(tx) => Some(&mut **tx),
            Self::Sqlite(_) => None,
        }
    }
}
