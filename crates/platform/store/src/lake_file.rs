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
    /// The business day.
    pub day: Date,
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
        /// The business day.
        pub day: Date,
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
    }
}

crate::statements! {
    /// The files of a day that count, in the order in which they are laid over each other.
    all lake_files_on(org: Id, dataset: &str, day: Date) -> LakeFile =
        "SELECT id, org, dataset, day, version, path, row_count, byte_count, sha256, created_at,
             run_id, superseded
         FROM lake_file WHERE org = $1 AND dataset = $2 AND day = $3 AND superseded = FALSE
         ORDER BY version";
    /// The files that count of the days `[from, to)`, by day and version.
    all lake_files_between(org: Id, dataset: &str, from: Date, to: Date) -> LakeFile =
        "SELECT id, org, dataset, day, version, path, row_count, byte_count, sha256, created_at,
             run_id, superseded
         FROM lake_file
         WHERE org = $1 AND dataset = $2 AND day >= $3 AND day < $4 AND superseded = FALSE
         ORDER BY day, version";
    /// The last day, on or before `day`, that has a file that counts.
    optional last_lake_day(org: Id, dataset: &str, day: Date) -> Date =
        "SELECT day FROM lake_file
         WHERE org = $1 AND dataset = $2 AND day <= $3 AND superseded = FALSE
         ORDER BY day DESC LIMIT 1";
    /// The newest file that counts, on or before `day`.
    optional latest_lake_file(org: Id, dataset: &str, day: Date) -> LakeFile =
        "SELECT id, org, dataset, day, version, path, row_count, byte_count, sha256, created_at,
             run_id, superseded
         FROM lake_file WHERE org = $1 AND dataset = $2 AND day <= $3 AND superseded = FALSE
         ORDER BY day DESC, version DESC LIMIT 1";
    /// The next free version of a day, counted from 0.
    one next_lake_version(org: Id, dataset: &str, day: Date) -> i64 =
        "SELECT COALESCE(MAX(version) + 1, 0) FROM lake_file
         WHERE org = $1 AND dataset = $2 AND day = $3";
    /// Marks the files of a day below a version as replaced; how many.
    run supersede_lake_files(org: Id, dataset: &str, day: Date, below_version: i64) =
        "UPDATE lake_file SET superseded = TRUE
         WHERE org = $1 AND dataset = $2 AND day = $3 AND version < $4 AND superseded = FALSE";
    /// Whether a path counts or counted: a file of the lake that has no row is waste.
    one is_lake_path_known(path: &str) -> bool =
        "SELECT EXISTS (SELECT 1 FROM lake_file WHERE path = $1)";
    /// Every file that counts of one organisation, or of all (organisation 0), by dataset and day.
    each lake_files_of(org: Id) -> LakeFile =
        "SELECT id, org, dataset, day, version, path, row_count, byte_count, sha256, created_at,
             run_id, superseded
         FROM lake_file WHERE ($1 = 0 OR org = $1) AND superseded = FALSE
         ORDER BY org, dataset, day, version";
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
            version: file.version,
            path: file.path.to_owned(),
            row_count: file.row_count,
            byte_count: file.byte_count,
            sha256: file.sha256.to_owned(),
            created_at: self.now(),
            run_id: file.run_id,
            superseded: false,
        };
        self.insert("lake_file", &row).await?;
        Ok(row.id)
    }
}
