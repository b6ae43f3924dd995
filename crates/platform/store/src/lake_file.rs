//! The files of the lake that count. The lake writes files and returns a manifest; an area adds
//! them here in the transaction that makes them count. A crash between the two leaves a file that
//! nobody reads, never half a day.

use kernel::{Date, Id, Instant};

use crate::{StoreError, Tx};

/// A file that the lake has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLakeFile<'a> {
    /// The organisation.
    pub org: Id,
    /// `readings`, `intervals`, `terms` or `state`.
    pub dataset: &'a str,
    /// The business day, or the first of several.
    pub day: Date,
    /// The last day that it speaks of, in the same calendar month; most often the day.
    pub last_day: Date,
    /// Which of the day's files: of two that speak of one usage point the higher version counts.
    pub version: i64,
    /// Where it lies in the lake.
    pub path: &'a str,
    /// Its rows.
    pub row_count: i64,
    /// Its size.
    pub byte_count: i64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: &'a str,
    /// The run that wrote it.
    pub run_id: Option<Id>,
}

crate::record! {
    /// A file of the lake that counts, or counted until it was superseded.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct LakeFile {
        /// Its id.
        pub id: Id,
        /// The organisation.
        pub org: Id,
        /// Which dataset.
        pub dataset: String,
        /// The business day, or the first of several.
        pub day: Date,
        /// The last day that it speaks of, in the same calendar month.
        pub last_day: Date,
        /// Which of the day's files; higher counts more.
        pub version: i64,
        /// Where it lies in the lake.
        pub path: String,
        /// Its rows.
        pub row_count: i64,
        /// Its size.
        pub byte_count: i64,
        /// Its SHA-256 in hexadecimal.
        pub sha256: String,
        /// When it began to count.
        pub created_at: Instant,
        /// The run that wrote it.
        pub run_id: Option<Id>,
        /// Whether a later file replaces it whole.
        pub superseded: bool,
        /// When it was replaced.
        pub superseded_at: Option<Instant>,
    }
}

/// The columns of a file, with what follows them in the statement.
macro_rules! lake_file {
    ($rest:literal) => {
        concat!(
            "SELECT id, org, dataset, day, last_day, version, path, row_count, byte_count, sha256,
                 created_at, run_id, superseded, superseded_at
             FROM lake_file ",
            $rest
        )
    };
}

crate::statements! {
    /// The files that count and speak of a day of `[from, to)`; `month` is the first day of the
    /// month of `from`, before which no file that reaches it can begin.
    all files_reaching(org: Id, dataset: &str, month: Date, from: Date, to: Date) -> LakeFile =
        lake_file!("WHERE org = $1 AND dataset = $2 AND day >= $3 AND day < $5 AND last_day >= $4
             AND superseded = FALSE
         ORDER BY day, version");
    /// The newest file that counts, on or before `day`.
    optional latest_lake_file(org: Id, dataset: &str, day: Date) -> LakeFile =
        lake_file!("WHERE org = $1 AND dataset = $2 AND day <= $3 AND superseded = FALSE
         ORDER BY day DESC, version DESC LIMIT 1");
    /// Marks a file as replaced; 0 when it was already.
    run supersede(id: Id, at: Instant) =
        "UPDATE lake_file SET superseded = TRUE, superseded_at = $2
         WHERE id = $1 AND superseded = FALSE";
    /// Files that were replaced before an instant, the oldest first.
    all superseded_lake_files(org: Id, before: Instant, limit: i64) -> LakeFile =
        lake_file!("WHERE org = $1 AND superseded_at IS NOT NULL AND superseded_at < $2
         ORDER BY superseded_at, id LIMIT $3");
    /// Forgets a file that was replaced, once it is removed from the lake.
    run forget_lake_file(id: Id) = "DELETE FROM lake_file WHERE id = $1 AND superseded = TRUE";
    /// Whether a path counts or counted: a file of the lake that has no row is waste.
    one is_lake_path_known(path: &str) -> bool =
        "SELECT EXISTS (SELECT 1 FROM lake_file WHERE path = $1)";
    /// Every file that counts of one organisation, or of all (organisation 0), by dataset and day.
    each lake_files_of(org: Id) -> LakeFile =
        lake_file!("WHERE ($1 = 0 OR org = $1) AND superseded = FALSE
         ORDER BY org, dataset, day, version");
}

/// The files that count and speak of the days `[from, to)`, by first day and version.
///
/// # Errors
/// When the database does not answer.
pub async fn lake_files_between(
    tx: &mut Tx,
    org: Id,
    dataset: &str,
    from: Date,
    to: Date,
) -> Result<Vec<LakeFile>, StoreError> {
    files_reaching(tx, org, dataset, from.first_of_month(), from, to).await
}

/// The files of a day that count, in the order in which they are laid over each other.
///
/// # Errors
/// When the database does not answer.
pub async fn lake_files_on(
    tx: &mut Tx,
    org: Id,
    dataset: &str,
    day: Date,
) -> Result<Vec<LakeFile>, StoreError> {
    let next = day.tomorrow().map_err(|error| StoreError::Limit(error.to_string()))?;
    let mut files = lake_files_between(tx, org, dataset, day, next).await?;
    files.sort_by_key(|file| file.version);
    Ok(files)
}

impl Tx {
    /// Makes a file of the lake count.
    ///
    /// # Errors
    /// [`StoreError::Unique`] on `lake_file_org_dataset_day_version_key` when another run wrote
    /// the same version of the day.
    pub async fn add_lake_file(&mut self, file: NewLakeFile<'_>) -> Result<Id, StoreError> {
        let row = LakeFile {
            id: self.next_id(),
            org: file.org,
            dataset: file.dataset.to_owned(),
            day: file.day,
            last_day: file.last_day,
            version: file.version,
            path: file.path.to_owned(),
            row_count: file.row_count,
            byte_count: file.byte_count,
            sha256: file.sha256.to_owned(),
            created_at: self.now(),
            run_id: file.run_id,
            superseded: false,
            superseded_at: None,
        };
        self.insert("lake_file", &row).await?;
        Ok(row.id)
    }

    /// Ends a file's counting because another holds its rows; it is forgotten some time later,
    /// when nobody can be reading it any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else replaced it meanwhile.
    pub async fn supersede_lake_file(&mut self, file: &LakeFile) -> Result<(), StoreError> {
        let now = self.now();
        if supersede(self, file.id, now).await? == 1 {
            return Ok(());
        }
        Err(StoreError::Conflict(format!("{} was replaced by somebody else", file.path)))
    }
}
