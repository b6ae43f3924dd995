//! Writing a portable copy, from one snapshot, row by row.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use futures_util::TryStreamExt;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::{
    BackupManifest, FORMAT, MANIFEST, TableCopy,
    catalog::{self, Table},
    file_error,
};
use crate::{AnyRow, Db, Engine, Kind, StoreError, Stored, Tx, hex, tx::Conn};

impl Db {
    /// Writes all tables into an empty or new folder, from one snapshot, while others read and
    /// write. `progress` is told each table and its rows when it is done.
    ///
    /// # Errors
    /// [`StoreError::File`] when the folder holds a copy already or cannot be written.
    pub async fn export_all(
        &self,
        folder: &Path,
        mut progress: impl FnMut(&str, u64),
    ) -> Result<BackupManifest, StoreError> {
        std::fs::create_dir_all(folder).map_err(|e| file_error(folder)(&e))?;
        let manifest_path = folder.join(MANIFEST);
        if manifest_path.exists() {
            return Err(file_error(&manifest_path)(
                &"the folder holds a copy already; name another one",
            ));
        }
        let mut tx = self.read().await?;
        // On SQLite the snapshot is taken by the first read.
        let migrations = catalog::migrations(&mut tx).await?;
        let taken_at = tx.now().micros();
        let mut tables = Vec::new();
        for table in catalog::tables(&mut tx).await? {
            let copy = export_table(&mut tx, &table, folder).await?;
            progress(&copy.name, copy.row_count);
            tables.push(copy);
        }
        let manifest = BackupManifest { format: FORMAT, taken_at, migrations, tables };
        let fail = file_error(&manifest_path);
        let text = serde_json::to_string_pretty(&manifest).map_err(|e| fail(&e))?;
        // Under another name first, so that a half-written manifest is never taken for one.
        let draft = folder.join("manifest.draft");
        let mut file = File::create(&draft).map_err(|e| fail(&e))?;
        file.write_all(text.as_bytes()).map_err(|e| fail(&e))?;
        file.sync_all().map_err(|e| fail(&e))?;
        std::fs::rename(&draft, &manifest_path).map_err(|e| fail(&e))?;
        let folder_handle = File::open(folder).map_err(|e| fail(&e))?;
        folder_handle.sync_all().map_err(|e| fail(&e))?;
        Ok(manifest)
    }
}

async fn export_table(tx: &mut Tx, table: &Table, folder: &Path) -> Result<TableCopy, StoreError> {
    let path = folder.join(format!("{}.jsonl", table.name));
    let fail = file_error(&path);
    let mut file = BufWriter::new(File::create(&path).map_err(|e| fail(&e))?);
    let mut sum = Sha256::new();
    let mut row_count = 0;
    let sql = select(table, tx.engine());
    let mut line = Vec::new();
    visit(tx, sql, |row| {
        line.clear();
        let values = read(&row, table)
            .map_err(|m| StoreError::Decode { statement: "export_table", message: m })?;
        serde_json::to_writer(&mut line, &values).map_err(|e| fail(&e))?;
        line.push(b'\n');
        sum.update(&line);
        row_count += 1;
        file.write_all(&line).map_err(|e| fail(&e))
    })
    .await?;
    let file = file.into_inner().map_err(|e| fail(&e))?;
    file.sync_all().map_err(|e| fail(&e))?;
    Ok(TableCopy {
        name: table.name.clone(),
        columns: table.columns.iter().map(|(name, _)| name.clone()).collect(),
        row_count,
        sha256: hex(&sum.finalize()),
    })
}

/// Rows in the order of their key, the same on both engines, so that equal tables give equal files.
fn select(table: &Table, engine: Engine) -> String {
    let names: Vec<String> = table.columns.iter().map(|(c, _)| format!("\"{c}\"")).collect();
    let key = if table.key.is_empty() { &table.columns } else { &table.key };
    let order: Vec<String> = key
        .iter()
        .map(|(column, kind)| match (kind, engine) {
            (Kind::Text, Engine::Postgres) => format!("\"{column}\" COLLATE \"C\""),
            _ => format!("\"{column}\""),
        })
        .collect();
    format!("SELECT {} FROM \"{}\" ORDER BY {}", names.join(", "), table.name, order.join(", "))
}

fn read(row: &AnyRow<'_>, table: &Table) -> Result<Vec<Json>, String> {
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(position, (name, kind))| {
            let stored = row.stored(position, *kind).map_err(|e| format!("{name}: {e}"))?;
            Ok(match stored {
                Stored::Int(v) => Json::from(v),
                Stored::Text(v) => Json::from(v),
                Stored::Bool(v) => Json::from(v),
                Stored::Null => Json::Null,
            })
        })
        .collect()
}

async fn visit(
    tx: &mut Tx,
    sql: String,
    mut visit: impl FnMut(AnyRow<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let fail = |e| StoreError::from_sqlx("export_table", e);
    // Names come from the engine's own catalogue.
    let sql = AssertSqlSafe(sql).into_sql_str();
    match &mut tx.conn {
        Conn::Sqlite(tx) => {
            let mut rows = sqlx::query(sql).fetch(&mut **tx);
            while let Some(row) = rows.try_next().await.map_err(fail)? {
                visit(AnyRow::Sqlite(&row))?;
            }
        }
        Conn::Postgres(tx) => {
            let mut rows = sqlx::query(sql).fetch(&mut **tx);
            while let Some(row) = rows.try_next().await.map_err(fail)? {
                visit(AnyRow::Postgres(&row))?;
            }
        }
    }
    Ok(())
}
