//! The lake as its users see it: tables written and read as files of an object store.

use std::{fs::File, io::Read, path::PathBuf, sync::Arc};

use kernel::Date;
use sha2::{Digest, Sha256};

use crate::{
    LakeError,
    columns::{Encoded, Row, RowReader, RowWriter, Spec},
    merged::Merged,
    objects::{Folder, ObjectStore},
    tables::{IntervalRow, ReadingRow, StateRow, TermsChange, TermsRow, day_number},
};

/// The kinds of file that the lake keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dataset {
    /// [`ReadingRow`].
    Readings,
    /// [`IntervalRow`].
    Intervals,
    /// [`TermsRow`].
    Terms,
    /// [`StateRow`].
    State,
}

impl Dataset {
    /// Its name in keys and in SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Readings => "readings",
            Self::Intervals => "intervals",
            Self::Terms => "terms",
            Self::State => "state",
        }
    }

    /// The key of a file: dataset, organisation, day, version.
    #[must_use]
    pub fn key(self, org: i64, day: Date, version: i64) -> String {
        format!("{}/{org}/{day}/{version:012}.parquet", self.name())
    }
}

/// What was written: to be committed in SQL by whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Which table.
    pub dataset: Dataset,
    /// The business day, or the first of several.
    pub day: Date,
    /// The last day that it speaks of: most often the day.
    pub last_day: Date,
    /// Which of the day's files.
    pub version: i64,
    /// Where it lies in the lake.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// The lake of one installation.
#[derive(Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lake")
    }
}

impl Lake {
    /// The lake in this store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// The lake in a folder of this machine.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn in_folder(root: &std::path::Path) -> Result<Self, LakeError> {
        Ok(Self::new(Arc::new(Folder::open(root)?)))
    }

    /// The store below.
    #[must_use]
    pub fn store(&self) -> &dyn ObjectStore {
        self.store.as_ref()
    }

    /// Writes a day's readings in the order of the table. The same rows in any order and number
    /// give the same bytes.
    ///
    /// # Errors
    /// A failure of the disk or the store.
    pub fn write_readings(
        &self,
        org: i64,
        day: Date,
        version: i64,
        mut rows: Vec<ReadingRow>,
    ) -> Result<Manifest, LakeError> {
        rows.sort_unstable_by_key(ReadingRow::sort_key);
        rows.dedup();
        self.write_sorted(Dataset::Readings, org, day, version, rows)
    }

    /// Writes a day's intervals in the order of the table, as [`Lake::write_readings`].
    ///
    /// # Errors
    /// A failure of the disk or the store.
    pub fn write_intervals(
        &self,
        org: i64,
        day: Date,
        version: i64,
        mut rows: Vec<IntervalRow>,
    ) -> Result<Manifest, LakeError> {
        rows.sort_unstable_by_key(IntervalRow::sort_key);
        rows.dedup();
        self.write_sorted(Dataset::Intervals, org, day, version, rows)
    }

    /// Starts a file of a day's readings; rows must come in the table's order.
    ///
    /// # Errors
    /// A failure of the disk.
    pub fn append_readings(
        &self,
        org: i64,
        day: Date,
        version: i64,
    ) -> Result<Append<'_, ReadingRow>, LakeError> {
        let file = self.create(Dataset::Readings, org, day, version)?;
        Ok(append(file, ReadingRow::sort_key))
    }

    /// Starts a file of a day's intervals; rows must come in the table's order.
    ///
    /// # Errors
    /// A failure of the disk.
    pub fn append_intervals(
        &self,
        org: i64,
        day: Date,
        version: i64,
    ) -> Result<Append<'_, IntervalRow>, LakeError> {
        let file = self.create(Dataset::Intervals, org, day, version)?;
        Ok(append(file, IntervalRow::sort_key))
    }

    /// Writes the intervals of a month's files as one file that begins with the month's `first` day
    /// and counts its slots through, so that the many small files of the days can go. Of equal rows
    /// one is kept. Memory holds a few thousand rows of each file.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a row before `first` or more than 65 536 intervals after it; a
    /// failure of the disk or the store.
    pub fn pack_intervals(
        &self,
        org: i64,
        first: Date,
        version: i64,
        files: &[String],
    ) -> Result<Manifest, LakeError> {
        let start = day_number(first);
        let mut rows = Merged::open(self, files, |row: &IntervalRow| row.in_day().sort_key())?;
        let mut specs = IntervalRow::specs();
        for spec in specs.iter_mut().filter(|spec| spec.name == "slot") {
            spec.encoded = Encoded::Delta;
        }
        let mut file = self.create_as(Dataset::Intervals, org, first, version, &specs)?;
        let mut last = None;
        while let Some(row) = rows.next()? {
            let row = row.counted_from(start).ok_or_else(|| {
                let why = "a packed file holds at most 65 536 intervals from its first day";
                LakeError::Invalid(why.into())
            })?;
            if last != Some(row) {
                file.push(row)?;
                last = Some(row);
            }
        }
        Ok(Manifest { last_day: first.last_of_month(), ..file.finish()? })
    }

    /// Writes the terms that hold from a day on.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a usage point that is there twice; a failure of the disk or
    /// the store.
    pub fn write_terms(
        &self,
        org: i64,
        day: Date,
        version: i64,
        mut rows: Vec<TermsRow>,
    ) -> Result<Manifest, LakeError> {
        rows.sort_unstable_by_key(|row| row.usage_point);
        if let Some(pair) = rows.windows(2).find(|p| p[0].usage_point == p[1].usage_point) {
            let usage_point = pair[0].usage_point;
            return Err(LakeError::Invalid(format!("usage point {usage_point} has two terms")));
        }
        self.write_sorted(Dataset::Terms, org, day, version, rows)
    }

    /// Writes the terms that hold from a day on as those in the file `before` with a change.
    /// `None` when nothing is different: then the file before goes on to count. Memory holds the
    /// change only.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a plan that is not known or rows that are not in order;
    /// a failure of the disk or the store.
    pub fn change_terms(
        &self,
        org: i64,
        day: Date,
        version: i64,
        before: &str,
        change: &TermsChange,
    ) -> Result<Option<Manifest>, LakeError> {
        if change.usage_points.is_empty() && !self.carries_other(before, change)? {
            return Ok(None);
        }
        let mut file = append(self.create(Dataset::Terms, org, day, version)?, |row: &TermsRow| {
            row.usage_point
        });
        let mut old = self.open::<TermsRow>(before)?;
        let mut new = change.rows.iter().copied().peekable();
        while let Some(row) = old.next()? {
            if change.usage_points.contains(&row.usage_point) {
                continue;
            }
            while let Some(new) = new.next_if(|new| new.usage_point < row.usage_point) {
                file.push(new)?;
            }
            file.push(change.carry(row)?)?;
        }
        for row in new {
            file.push(row)?;
        }
        file.finish().map(Some)
    }

    /// Whether a change without usage points makes any row of the file another.
    fn carries_other(&self, before: &str, change: &TermsChange) -> Result<bool, LakeError> {
        let mut old = self.open::<TermsRow>(before)?;
        while let Some(row) = old.next()? {
            if change.carry(row)? != row {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes a day's states: for an import of states from elsewhere, and for restoring.
    ///
    /// # Errors
    /// As [`Lake::write_terms`].
    pub fn write_state(
        &self,
        org: i64,
        day: Date,
        version: i64,
        mut rows: Vec<StateRow>,
    ) -> Result<Manifest, LakeError> {
        rows.sort_unstable_by_key(|row| row.usage_point);
        if let Some(pair) = rows.windows(2).find(|p| p[0].usage_point == p[1].usage_point) {
            let usage_point = pair[0].usage_point;
            return Err(LakeError::Invalid(format!("usage point {usage_point} has two states")));
        }
        self.write_sorted(Dataset::State, org, day, version, rows)
    }

    pub(crate) fn write_sorted<T: Row>(
        &self,
        dataset: Dataset,
        org: i64,
        day: Date,
        version: i64,
        rows: Vec<T>,
    ) -> Result<Manifest, LakeError> {
        let mut file = self.create(dataset, org, day, version)?;
        for row in rows {
            file.push(row)?;
        }
        file.finish()
    }

    pub(crate) fn create<T: Row>(
        &self,
        dataset: Dataset,
        org: i64,
        day: Date,
        version: i64,
    ) -> Result<NewFile<'_, T>, LakeError> {
        self.create_as(dataset, org, day, version, &T::specs())
    }

    fn create_as<T: Row>(
        &self,
        dataset: Dataset,
        org: i64,
        day: Date,
        version: i64,
        specs: &[Spec],
    ) -> Result<NewFile<'_, T>, LakeError> {
        let key = dataset.key(org, day, version);
        let path = self.store.prepare(&key)?;
        let writer = RowWriter::create(&path, specs)?;
        Ok(NewFile { lake: self, dataset, day, version, key, path, writer })
    }

    pub(crate) fn open<T: Row>(&self, key: &str) -> Result<RowReader<T>, LakeError> {
        RowReader::open(&self.store.fetch(key)?)
    }

    pub(crate) fn open_range<T: Row>(
        &self,
        key: &str,
        first: i64,
        last: i64,
    ) -> Result<RowReader<T>, LakeError> {
        RowReader::open_range(&self.store.fetch(key)?, first, last)
    }

    /// Size and SHA-256 of a stored object, for backups and their verification.
    ///
    /// # Errors
    /// [`LakeError::NotFound`], or a failure to read.
    pub fn fingerprint(&self, key: &str) -> Result<(u64, String), LakeError> {
        fingerprint(&self.store.fetch(key)?)
    }
}

/// A file of sorted rows that is written row by row, for deliveries too large for memory.
pub struct Append<'a, T> {
    push: Push<'a, T>,
}

/// Takes a row, or ends the file.
type Push<'a, T> = Box<dyn FnMut(Option<T>) -> Result<Option<Manifest>, LakeError> + 'a>;

impl<T> Append<'_, T> {
    /// Appends a row.
    ///
    /// # Errors
    /// [`LakeError::Invalid`] for a row that is not after the one before; a failure of the disk.
    pub fn push(&mut self, row: T) -> Result<(), LakeError> {
        (self.push)(Some(row)).map(|_| ())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// A failure of the disk or the store.
    pub fn finish(mut self) -> Result<Manifest, LakeError> {
        (self.push)(None)?.ok_or_else(|| LakeError::Invalid("the file was ended twice".into()))
    }
}

fn append<'a, T: Row + 'a, K: Ord + 'a>(
    file: NewFile<'a, T>,
    key: impl Fn(&T) -> K + 'a,
) -> Append<'a, T> {
    let mut file = Some(file);
    let mut last: Option<K> = None;
    Append {
        push: Box::new(move |row| match row {
            Some(row) => {
                let next = key(&row);
                if last.as_ref().is_some_and(|last| *last >= next) {
                    let usage_point = row.usage_point();
                    let why = format!("usage point {usage_point}: its row is not in order");
                    return Err(LakeError::Invalid(why));
                }
                last = Some(next);
                match &mut file {
                    Some(file) => file.push(row).map(|()| None),
                    None => Err(LakeError::Invalid("the file has ended".into())),
                }
            }
            None => file.take().map(NewFile::finish).transpose(),
        }),
    }
}

/// A file of the lake while it is written.
pub(crate) struct NewFile<'a, T: Row> {
    lake: &'a Lake,
    dataset: Dataset,
    day: Date,
    version: i64,
    key: String,
    path: PathBuf,
    writer: RowWriter<T>,
}

impl<T: Row> NewFile<'_, T> {
    pub(crate) fn push(&mut self, row: T) -> Result<(), LakeError> {
        self.writer.push(row)
    }

    pub(crate) fn finish(self) -> Result<Manifest, LakeError> {
        let rows = self.writer.finish(self.lake.store.is_durable())?;
        let (bytes, sha256) = fingerprint(&self.path)?;
        self.lake.store.publish(&self.key, &self.path)?;
        Ok(Manifest {
            dataset: self.dataset,
            day: self.day,
            last_day: self.day,
            version: self.version,
            path: self.key,
            rows,
            bytes,
            sha256,
        })
    }
}

fn fingerprint(path: &std::path::Path) -> Result<(u64, String), LakeError> {
    use std::fmt::Write as _;
    let failed = || LakeError::io(path, "cannot read");
    let mut file = File::open(path).map_err(failed())?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer).map_err(failed())?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok((bytes, text))
}
