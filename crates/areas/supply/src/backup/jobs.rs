//! Making, restoring and verifying backups. The copying of files blocks and runs where it may.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::Clock;
use lake::Lake;
use sha2::{Digest, Sha256};
use store::{BackupManifest, Db, Migration};

use super::{
    BackupError, BackupSummary,
    model::{FORMAT, RECORD, file_error, lake_path, read_summary, sql_folder},
};
use crate::{blocking, settlement::Report};

/// A lake file as the copy of `lake_file` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    path: String,
    bytes: u64,
    sha256: String,
}

/// Writes a backup into a new or empty folder, while others read and write. Killed at any point,
/// it leaves a folder without `backup.json`, which is no backup.
///
/// # Errors
/// [`BackupError::Occupied`], [`BackupError::Unfinished`]; [`BackupError::Damaged`] when a file of
/// the lake is not what its row says; the disk, the lake or the database.
pub async fn backup(
    db: &Db,
    lake: &Lake,
    folder: &Path,
    report: Report<'_>,
) -> Result<BackupSummary, BackupError> {
    check_free(folder)?;
    let sql = sql_folder(folder);
    let manifest = db.export_all(&sql, |table, _| report(0, 0, table)).await?;
    let (place, listed_in) = (folder.to_owned(), manifest.clone());
    let listed = blocking(move || listed(&place, &listed_in)).await?;
    let total = i64::try_from(listed.len()).unwrap_or(i64::MAX);
    let (mut done, mut bytes) = (0, 0);
    for file in &listed {
        let (lake, folder, file) = (lake.clone(), folder.to_owned(), file.clone());
        bytes += file.bytes;
        let key = file.path.clone();
        blocking(move || {
            let from = lake.store().fetch(&file.path)?;
            copy_checked(&from, &lake_path(&folder, &file.path), &file)
        })
        .await?;
        done += 1;
        report(done, total, &key);
    }
    let summary = BackupSummary {
        format: FORMAT,
        taken_at: manifest.taken_at,
        tables: manifest.tables.len() as u64,
        rows: manifest.tables.iter().map(|table| table.row_count).sum(),
        files: listed.len() as u64,
        bytes,
        sql_sha256: hash_file(&sql.join("manifest.json"))?.1,
    };
    write_record(folder, &summary)?;
    Ok(summary)
}

/// Restores a backup into an empty database, of either engine, and a lake. The rows count last
/// and all at once.
///
/// # Errors
/// [`BackupError::Incomplete`], [`BackupError::Damaged`]; the database when it holds rows.
pub async fn restore(
    db: &Db,
    lake: &Lake,
    folder: &Path,
    report: Report<'_>,
) -> Result<BackupSummary, BackupError> {
    let summary = checked_summary(folder)?;
    // Asked first, so that a restore into a place that is in use puts no file there.
    db.check_import(&sql_folder(folder)).await?;
    let manifest = Db::read_manifest(&sql_folder(folder))?;
    let (place, listed_in) = (folder.to_owned(), manifest);
    let listed = blocking(move || listed(&place, &listed_in)).await?;
    let total = i64::try_from(listed.len()).unwrap_or(i64::MAX);
    let mut done = 0;
    for file in listed {
        let (lake, folder, key) = (lake.clone(), folder.to_owned(), file.path.clone());
        blocking(move || {
            let prepared = lake.store().prepare(&file.path)?;
            copy_checked(&lake_path(&folder, &file.path), &prepared, &file)?;
            lake.store().publish(&file.path, &prepared)?;
            Ok::<(), BackupError>(())
        })
        .await?;
        done += 1;
        report(done, total, &key);
    }
    db.import_all(&sql_folder(folder), |table, _| report(total, total, table)).await?;
    Ok(summary)
}

/// Restores a backup into `scratch`, an empty folder, writes it out again and compares every
/// table and file. What differs; nothing when the backup is good.
///
/// # Errors
/// As [`restore`].
pub async fn verify(
    folder: &Path,
    scratch: &Path,
    migrations: &[Migration],
    clock: Arc<dyn Clock>,
    report: Report<'_>,
) -> Result<Vec<String>, BackupError> {
    let url = format!("sqlite:{}", scratch.join("restored.db").display());
    let db = Db::open(&url, clock).await?;
    db.migrate(migrations).await?;
    let lake = Lake::in_folder(&scratch.join("lake"))?;
    restore(&db, &lake, folder, report).await?;
    let again = scratch.join("again");
    let second = db.export_all(&again, |table, _| report(0, 0, table)).await?;
    let first = Db::read_manifest(&sql_folder(folder))?;
    let mut differences = Vec::new();
    for table in &first.tables {
        match second.tables.iter().find(|other| other.name == table.name) {
            Some(other) if other == table => {}
            Some(other) => differences.push(format!(
                "table {}: {} rows in the backup, {} restored, or other contents",
                table.name, table.row_count, other.row_count
            )),
            None => differences.push(format!("table {} was not restored", table.name)),
        }
    }
    let (place, manifest) = (folder.to_owned(), first);
    for file in blocking(move || listed(&place, &manifest)).await? {
        let (bytes, sha256) = lake.fingerprint(&file.path)?;
        if (bytes, &sha256) != (file.bytes, &file.sha256) {
            differences.push(format!("lake file {} differs", file.path));
        }
    }
    db.close().await;
    Ok(differences)
}

/// A backup goes into a folder of its own: it never mixes with what is there already.
fn check_free(folder: &Path) -> Result<(), BackupError> {
    let name = folder.display().to_string();
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(file_error(folder)(error)),
    };
    if folder.join(RECORD).exists() || (entries.next().is_some() && !sql_folder(folder).exists()) {
        return Err(BackupError::Occupied(name));
    }
    if sql_folder(folder).exists() { Err(BackupError::Unfinished(name)) } else { Ok(()) }
}

fn checked_summary(folder: &Path) -> Result<BackupSummary, BackupError> {
    let summary = read_summary(folder)?;
    let manifest = sql_folder(folder).join("manifest.json");
    let (_, sha256) = hash_file(&manifest)?;
    if sha256 != summary.sql_sha256 {
        return Err(BackupError::Damaged {
            path: manifest.display().to_string(),
            reason: "it is not the one that backup.json speaks of".to_owned(),
        });
    }
    Ok(summary)
}

/// The lake files that count, from the copy of their table.
fn listed(folder: &Path, manifest: &BackupManifest) -> Result<Vec<Listed>, BackupError> {
    let path = sql_folder(folder).join("lake_file.jsonl");
    let damaged = |reason: &str| BackupError::Damaged {
        path: path.display().to_string(),
        reason: reason.to_owned(),
    };
    let table = manifest.tables.iter().find(|table| table.name == "lake_file");
    let table = table.ok_or_else(|| damaged("the table of lake files is missing"))?;
    let place = |name: &str| {
        let found = table.columns.iter().position(|column| column == name);
        found.ok_or_else(|| damaged("a column of the table of lake files is missing"))
    };
    let (key, bytes, sum, superseded) =
        (place("path")?, place("byte_count")?, place("sha256")?, place("superseded")?);
    let mut files = Vec::new();
    for line in BufReader::new(File::open(&path).map_err(file_error(&path))?).lines() {
        let line = line.map_err(file_error(&path))?;
        let row: Vec<serde_json::Value> =
            serde_json::from_str(&line).map_err(|error| damaged(&error.to_string()))?;
        if row.get(superseded).and_then(serde_json::Value::as_bool) != Some(false) {
            continue;
        }
        let text = |at: usize| row.get(at).and_then(|v| v.as_str()).map(str::to_owned);
        let size = row.get(bytes).and_then(serde_json::Value::as_u64);
        let (Some(path), Some(sha256), Some(bytes)) = (text(key), text(sum), size) else {
            return Err(damaged("a row of the table of lake files cannot be read"));
        };
        files.push(Listed { path, bytes, sha256 });
    }
    Ok(files)
}

/// Copies a file and looks at its checksum on the way.
fn copy_checked(from: &Path, to: &Path, file: &Listed) -> Result<(), BackupError> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(file_error(parent))?;
    }
    let mut source = File::open(from).map_err(file_error(from))?;
    let mut target = File::create(to).map_err(file_error(to))?;
    let (mut hash, mut buffer, mut bytes) = (Sha256::new(), vec![0_u8; 1 << 16], 0_u64);
    loop {
        let read = source.read(&mut buffer).map_err(file_error(from))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        target.write_all(&buffer[..read]).map_err(file_error(to))?;
        bytes += read as u64;
    }
    target.sync_all().map_err(file_error(to))?;
    let sha256 = hex(&hash.finalize());
    if bytes != file.bytes || sha256 != file.sha256 {
        return Err(BackupError::Damaged {
            path: from.display().to_string(),
            reason: format!(
                "it has {bytes} bytes and checksum {sha256}; its row says {} and {}",
                file.bytes, file.sha256
            ),
        });
    }
    Ok(())
}

fn hash_file(path: &Path) -> Result<(u64, String), BackupError> {
    let bytes = fs::read(path).map_err(file_error(path))?;
    Ok((bytes.len() as u64, hex(&Sha256::digest(&bytes))))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the record under another name first, so that half of it is never taken for one.
fn write_record(folder: &Path, summary: &BackupSummary) -> Result<(), BackupError> {
    let (draft, record) = (folder.join("backup.draft"), folder.join(RECORD));
    let text = serde_json::to_string_pretty(summary).unwrap_or_default();
    let mut file = File::create(&draft).map_err(file_error(&draft))?;
    file.write_all(text.as_bytes()).map_err(file_error(&draft))?;
    file.sync_all().map_err(file_error(&draft))?;
    fs::rename(&draft, &record).map_err(file_error(&record))?;
    let place: PathBuf = folder.to_owned();
    File::open(&place).and_then(|folder| folder.sync_all()).map_err(file_error(&place))
}
