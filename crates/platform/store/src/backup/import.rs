//! Restoring a portable copy into an empty database of either engine: all of it or nothing.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use sqlx::{
    AssertSqlSafe, SqlSafeStr,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use super::{
    BackupManifest, FORMAT, MANIFEST, TableCopy,
    catalog::{self, Table},
    file_error,
};
use crate::{Db, Engine, Kind, OnConflict, StoreError, Tx, Value, db::Pools, hex, tx::Conn};

/// Rows in memory at a time.
const CHUNK: usize = 5_000;

impl Db {
    /// Reads the manifest of a copy.
    ///
    /// # Errors
    /// [`StoreError::File`] when the folder holds no whole copy.
    pub fn read_manifest(folder: &Path) -> Result<BackupManifest, StoreError> {
        let path = folder.join(MANIFEST);
        let fail = file_error(&path);
        let text = std::fs::read_to_string(&path).map_err(|e| fail(&e))?;
        let manifest: BackupManifest = serde_json::from_str(&text).map_err(|e| fail(&e))?;
        if manifest.format != FORMAT {
            let message =
                format!("form {} is not known; this program reads {FORMAT}", manifest.format);
            return Err(fail(&message));
        }
        Ok(manifest)
    }

    /// Whether a copy could go into this database: it has the same tables and no rows. For asking
    /// before anything else is put in place.
    ///
    /// # Errors
    /// As [`Db::import_all`], as far as that is known without reading the rows of the copy.
    pub async fn check_import(&self, folder: &Path) -> Result<(), StoreError> {
        let manifest = Self::read_manifest(folder)?;
        let mut tx = self.read().await?;
        let tables = catalog::tables(&mut tx).await?;
        check_target(&mut tx, &manifest, &tables).await
    }

    /// Restores a copy into this database, which has the same migrations and no rows, in one
    /// transaction. Every line is counted and summed on the way in; a copy that does not agree
    /// with its manifest changes nothing. `progress` is told each table when it is in.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when this database holds rows; [`StoreError::Migration`] when its
    /// tables are of another version; [`StoreError::File`] when the copy is damaged.
    pub async fn import_all(
        &self,
        folder: &Path,
        mut progress: impl FnMut(&str, u64),
    ) -> Result<BackupManifest, StoreError> {
        let manifest = Self::read_manifest(folder)?;
        let (mut tx, constraints) = begin_unordered(self).await?;
        let tables = catalog::tables(&mut tx).await?;
        check_target(&mut tx, &manifest, &tables).await?;
        for table in &tables {
            let copy = manifest.tables.iter().find(|t| t.name == table.name);
            let Some(copy) = copy else { continue };
            import_table(&mut tx, table, copy, folder).await?;
            progress(&copy.name, copy.row_count);
        }
        enforce_foreign_keys(&mut tx, &constraints).await?;
        tx.commit().await?;
        Ok(manifest)
    }
}

async fn check_target(
    tx: &mut Tx,
    manifest: &BackupManifest,
    tables: &[Table],
) -> Result<(), StoreError> {
    let here = catalog::migrations(tx).await?;
    if here != manifest.migrations {
        let differ = |a: &[String], b: &[String]| {
            a.iter().filter(|m| !b.contains(m)).cloned().collect::<Vec<_>>().join(", ")
        };
        return Err(StoreError::Migration {
            migration: "restore".to_owned(),
            message: format!(
                "the copy and this database have different tables: only in the copy [{}], only \
                 here [{}]; restore with the version of the program that made the copy",
                differ(&manifest.migrations, &here),
                differ(&here, &manifest.migrations)
            ),
        });
    }
    for table in tables {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{}\")", table.name);
        let sql = AssertSqlSafe(sql).into_sql_str();
        if tx.conn.fetch_optional("check_target", sql, &[]).await? == Some(true) {
            return Err(StoreError::Conflict(format!(
                "table {} holds rows: restore into an empty database",
                table.name
            )));
        }
    }
    Ok(())
}

async fn import_table(
    tx: &mut Tx,
    table: &Table,
    copy: &TableCopy,
    folder: &Path,
) -> Result<(), StoreError> {
    let path = folder.join(format!("{}.jsonl", table.name));
    let fail = file_error(&path);
    let kinds = copy
        .columns
        .iter()
        .map(|name| table.columns.iter().find(|(n, _)| n == name).map(|(_, kind)| *kind))
        .collect::<Option<Vec<Kind>>>()
        .filter(|kinds| kinds.len() == table.columns.len())
        .ok_or_else(|| fail(&"its columns are not those of the table"))?;
    let names: Vec<String> = copy.columns.iter().map(|c| format!("\"{c}\"")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let target = format!("\"{}\"", table.name);

    let mut file = BufReader::new(File::open(&path).map_err(|e| fail(&e))?);
    let (mut sum, mut count) = (Sha256::new(), 0_u64);
    let (mut line, mut chunk) = (String::new(), Vec::with_capacity(CHUNK));
    while file.read_line(&mut line).map_err(|e| fail(&e))? > 0 {
        sum.update(line.as_bytes());
        count += 1;
        let row = parse(&line, &kinds).map_err(|m| fail(&format!("line {count}: {m}")))?;
        chunk.push(row);
        line.clear();
        if chunk.len() == CHUNK {
            tx.insert_vecs("import", &target, &names, chunk.drain(..), OnConflict::Fail).await?;
        }
    }
    tx.insert_vecs("import", &target, &names, chunk.drain(..), OnConflict::Fail).await?;
    let sum = hex(&sum.finalize());
    if count != copy.row_count || sum != copy.sha256 {
        return Err(fail(&format!(
            "it has {count} rows and checksum {sum}; the manifest says {} and {}",
            copy.row_count, copy.sha256
        )));
    }
    Ok(())
}

fn parse(line: &str, kinds: &[Kind]) -> Result<Vec<Value<'static>>, String> {
    let values: Vec<Json> = serde_json::from_str(line).map_err(|e| e.to_string())?;
    if values.len() != kinds.len() {
        return Err(format!("{} values, {} columns", values.len(), kinds.len()));
    }
    let pairs = values.into_iter().zip(kinds);
    pairs
        .map(|(value, kind)| match (value, kind) {
            (Json::Null, kind) => Ok(Value::Null(*kind)),
            (Json::Bool(v), Kind::Bool) => Ok(Value::Bool(v)),
            (Json::String(v), Kind::Text) => Ok(Value::Text(v.into())),
            (Json::Number(v), Kind::Int) => {
                v.as_i64().map(Value::Int).ok_or_else(|| format!("{v} does not fit 63 bits"))
            }
            (other, kind) => Err(format!("{other} is not {kind:?}")),
        })
        .collect()
}

/// A transaction in which rows come in any order, and the foreign keys to set back at its end.
async fn begin_unordered(db: &Db) -> Result<(Tx, Vec<(String, String)>), StoreError> {
    let mut tx = db.begin().await?;
    let Pools::Sqlite { path, .. } = &db.inner.pools else {
        let constraints = defer_foreign_keys(&mut tx).await?;
        return Ok((tx, constraints));
    };
    drop(tx);
    // A connection of its own without foreign keys, which are checked once at the end: deferred
    // ones would search the whole child table at every row of the parent.
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(false)
        .busy_timeout(crate::db::WRITER_WAIT);
    let fail = |e| StoreError::from_sqlx("import", e);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(connect).await;
    let begun = pool.map_err(fail)?.begin_with("BEGIN IMMEDIATE").await.map_err(fail)?;
    Ok((Tx { conn: Conn::Sqlite(begun), db: db.clone(), enqueued: false }, Vec::new()))
}

async fn defer_foreign_keys(tx: &mut Tx) -> Result<Vec<(String, String)>, StoreError> {
    let sql = "SELECT t.relname::TEXT, c.conname::TEXT FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'f' AND NOT c.condeferrable
          AND c.connamespace = current_schema()::regnamespace";
    let constraints: Vec<(String, String)> = tx.fetch_all("foreign_keys", sql, &[]).await?;
    for (table, constraint) in &constraints {
        let sql = format!(
            "ALTER TABLE \"{table}\" ALTER CONSTRAINT \"{constraint}\" DEFERRABLE INITIALLY DEFERRED"
        );
        tx.conn.script(AssertSqlSafe(sql).into_sql_str()).await?;
    }
    Ok(constraints)
}

async fn enforce_foreign_keys(
    tx: &mut Tx,
    constraints: &[(String, String)],
) -> Result<(), StoreError> {
    if tx.engine() == Engine::Sqlite {
        let broken = "SELECT \"table\" || ' refers to ' || parent FROM pragma_foreign_key_check";
        let broken: Vec<String> = tx.fetch_all("import", broken, &[]).await?;
        return broken.into_iter().next().map_or(Ok(()), |constraint| {
            Err(StoreError::ForeignKey { constraint, statement: "import" })
        });
    }
    tx.conn.script("SET CONSTRAINTS ALL IMMEDIATE".into_sql_str()).await?;
    for (table, constraint) in constraints {
        let sql =
            format!("ALTER TABLE \"{table}\" ALTER CONSTRAINT \"{constraint}\" NOT DEFERRABLE");
        tx.conn.script(AssertSqlSafe(sql).into_sql_str()).await?;
    }
    Ok(())
}
