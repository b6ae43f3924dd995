//! `lamplight backup` and `lamplight restore`: tables and lake together.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use kernel::SystemClock;
use lake::Lake;
use store::{Db, Durability, Options};
use supply::backup::{self, BackupSummary};

use super::Failure;
use crate::house::{House, HouseArgs, migrations};

/// `lamplight backup`
#[derive(Debug, Args)]
pub struct BackupArgs {
    #[command(flatten)]
    house: HouseArgs,
    /// A new or empty folder; with --verify, the backup to look at.
    folder: PathBuf,
    /// Restores the backup into a temporary place and compares everything; makes one first when
    /// the folder holds none.
    #[arg(long)]
    verify: bool,
}

/// `lamplight restore`
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup.
    folder: PathBuf,
    /// The data folder to restore into: new or empty.
    #[arg(long)]
    to: PathBuf,
    /// The database, when it is not to be a file in the data folder: postgres://…, empty.
    #[arg(long)]
    database: Option<String>,
}

fn report(done: i64, total: i64, word: &str) {
    if total == 0 {
        eprintln!("table {word}");
    } else if done == total || done % 200 == 0 {
        eprintln!("{done} of {total} lake files");
    }
}

fn tell(what: &str, folder: &Path, summary: &BackupSummary) {
    let BackupSummary { tables, rows, files, bytes, .. } = summary;
    println!(
        "{what} {}: {rows} rows in {tables} tables, {files} lake files with {bytes} bytes",
        folder.display()
    );
}

/// Makes a backup, or verifies one.
pub async fn run(args: &BackupArgs) -> Result<(), Failure> {
    let present = backup::read_summary(&args.folder).ok();
    if present.is_none() || !args.verify {
        let house = House::open(&args.house, Arc::new(SystemClock), Durability::PowerCut).await?;
        let (db, lake) = (&house.works.db, &house.works.lake);
        let summary = backup::backup(db, lake, &args.folder, &report).await?;
        tell("backed up to", &args.folder, &summary);
    }
    if !args.verify {
        return Ok(());
    }
    let scratch = Scratch::beside(&args.folder)?;
    let clock = Arc::new(SystemClock);
    let found = backup::verify(&args.folder, &scratch.0, &migrations(), clock, &report).await?;
    if found.is_empty() {
        println!("{}: restored and compared; nothing differs", args.folder.display());
        return Ok(());
    }
    for difference in found.iter().take(50) {
        println!("{difference}");
    }
    Err(Failure::invalid(format!("{} differences: this backup is not good", found.len())))
}

/// Restores a backup into a second place.
pub async fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    backup::read_summary(&args.folder)?;
    std::fs::create_dir_all(&args.to).map_err(|error| Failure::file(&args.to, &error))?;
    let url = args
        .database
        .clone()
        .unwrap_or_else(|| format!("sqlite:{}", args.to.join("lamplight.db").display()));
    let options = Options { durability: Durability::PowerCut, ..Options::default() };
    let db = Db::open_with(&url, Arc::new(SystemClock), options).await?;
    db.migrate(&migrations()).await?;
    let lake = Lake::in_folder(&args.to.join("lake"))?;
    let summary = backup::restore(&db, &lake, &args.folder, &report).await?;
    db.close().await;
    tell("restored to", &args.to, &summary);
    Ok(())
}

/// A folder beside the backup that goes away again, so that verifying needs no second disk.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(folder: &Path) -> Result<Self, Failure> {
        let name =
            folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let path = folder.with_file_name(format!("{name}.verify-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is named for what it is and harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
