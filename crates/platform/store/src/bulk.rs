//! Many rows at once: multi-row `VALUES` on SQLite, arrays through `UNNEST` on PostgreSQL.

use sqlx::{AssertSqlSafe, SqlSafeStr, postgres::PgArguments, query::Query};

use crate::{Engine, Insert, Kind, StoreError, Tx, Value};

/// SQLite binds at most 32 766 parameters in one statement.
const SQLITE_PARAMETERS: usize = 32_766;
/// Longer statements gain nothing more.
const SQLITE_ROWS: usize = 400;
const POSTGRES_ROWS: usize = 10_000;

/// What to do with a row whose key exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// It is an error and the transaction is lost.
    Fail,
    /// The row that exists stays; the new one is not counted.
    Keep,
}

impl Tx {
    /// Inserts many rows; the number inserted. Table and column names come from the program's
    /// source, never from input.
    ///
    /// # Errors
    /// [`StoreError`], constraints included.
    pub async fn insert_rows<'v, const N: usize>(
        &mut self,
        table: &'static str,
        columns: &[&'static str; N],
        rows: impl IntoIterator<Item = [Value<'v>; N]>,
        on_conflict: OnConflict,
    ) -> Result<u64, StoreError> {
        let rows = rows.into_iter().map(|row| row.to_vec());
        self.insert_vecs(table, table, columns, rows, on_conflict).await
    }

    /// Inserts many records, each field into the column of its name; the number inserted.
    ///
    /// # Errors
    /// [`StoreError`], constraints included.
    pub async fn insert_all<R: Insert>(
        &mut self,
        table: &'static str,
        rows: &[R],
        on_conflict: OnConflict,
    ) -> Result<u64, StoreError> {
        let columns: Vec<&str> = R::COLUMNS.iter().map(|c| c.name).collect();
        self.insert_vecs(table, table, &columns, rows.iter().map(Insert::values), on_conflict).await
    }

    pub(crate) async fn insert_vecs<'v>(
        &mut self,
        name: &'static str,
        table: &str,
        columns: &[&str],
        rows: impl Iterator<Item = Vec<Value<'v>>>,
        on_conflict: OnConflict,
    ) -> Result<u64, StoreError> {
        let limit = match self.engine() {
            Engine::Sqlite => (SQLITE_PARAMETERS / columns.len().max(1)).min(SQLITE_ROWS),
            Engine::Postgres => POSTGRES_ROWS,
        };
        let mut inserted = 0;
        let mut chunk = Vec::with_capacity(limit);
        for row in rows {
            chunk.push(row);
            if chunk.len() == limit {
                inserted += self.insert_chunk(name, table, columns, &chunk, on_conflict).await?;
                chunk.clear();
            }
        }
        if !chunk.is_empty() {
            inserted += self.insert_chunk(name, table, columns, &chunk, on_conflict).await?;
        }
        Ok(inserted)
    }

    async fn insert_chunk(
        &mut self,
        name: &'static str,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Value<'_>>],
        on_conflict: OnConflict,
    ) -> Result<u64, StoreError> {
        let tail = match on_conflict {
            OnConflict::Fail => "",
            OnConflict::Keep => " ON CONFLICT DO NOTHING",
        };
        let head = format!("INSERT INTO {table} ({})", columns.join(", "));
        if let Some(conn) = self.conn.postgres() {
            let kinds: Vec<Kind> = rows[0].iter().map(Value::kind).collect();
            let query = unnest(&head, &kinds, tail, rows);
            return query
                .execute(conn)
                .await
                .map(|r| r.rows_affected())
                .map_err(|e| StoreError::from_sqlx(name, e));
        }
        // SQLite looks every `$n` up among all names before it; a plain `?` costs nothing.
        let row = format!("({})", vec!["?"; columns.len()].join(","));
        let sql = format!("{head} VALUES {}{tail}", vec![row; rows.len()].join(","));
        let values: Vec<Value<'_>> = rows.iter().flatten().cloned().collect();
        self.conn.run(name, AssertSqlSafe(sql).into_sql_str(), &values).await
    }
}

fn unnest<'q>(
    head: &str,
    kinds: &[Kind],
    tail: &str,
    rows: &[Vec<Value<'_>>],
) -> Query<'q, sqlx::Postgres, PgArguments> {
    let arrays: Vec<String> = kinds
        .iter()
        .enumerate()
        .map(|(index, kind)| {
            let name = match kind {
                Kind::Int => "BIGINT",
                Kind::Text => "TEXT",
                Kind::Bool => "BOOLEAN",
            };
            format!("${}::{name}[]", index + 1)
        })
        .collect();
    let sql = format!("{head} SELECT * FROM UNNEST({}){tail}", arrays.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql).into_sql_str());
    for (index, kind) in kinds.iter().enumerate() {
        let column = rows.iter().map(|row| &row[index]);
        query = match kind {
            Kind::Int => query.bind(
                column
                    .map(|v| if let Value::Int(v) = v { Some(*v) } else { None })
                    .collect::<Vec<Option<i64>>>(),
            ),
            Kind::Text => query.bind(
                column
                    .map(|v| if let Value::Text(v) = v { Some(v.as_ref()) } else { None })
                    .collect::<Vec<Option<&str>>>(),
            ),
            Kind::Bool => query.bind(
                column
                    .map(|v| if let Value::Bool(v) = v { Some(*v) } else { None })
                    .collect::<Vec<Option<bool>>>(),
            ),
        };
    }
    query
}
