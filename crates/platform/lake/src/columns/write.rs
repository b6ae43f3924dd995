//! Writes flat integer columns to a Parquet file that appears under its name only when whole.

use std::{
    borrow::Cow,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::Arc,
};

use parquet::{
    basic::{Compression, Encoding, LogicalType, Repetition, Type as Physical, ZstdLevel},
    data_type::{Int32Type, Int64Type},
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{ColumnPath, Type},
};

use super::pages::Pages;
use crate::LakeError;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An unsigned number of this many bits (8, 16 or 32).
    Unsigned(i8),
    /// A signed number of 32 bits.
    Int32,
    /// A signed number of 64 bits.
    Int64,
    /// A signed number of 64 bits that may be absent.
    OptionalInt64,
}

/// How a column is laid down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoded {
    /// As it is: quickest where values do not repeat.
    Plain,
    /// Differences in as few bits as a block needs: small for counters, slots and small numbers.
    Delta,
    /// As it is, then snappy: for columns that are nearly all the same.
    Snappy,
    /// Distinct values once and their numbers in runs: for columns with few different values.
    Dictionary,
    /// The same, then snappy: for patterns that repeat, such as the slots of a day.
    DictionarySnappy,
    /// The same, then zstd: for ids that rise and share most of their bytes.
    DictionaryZstd,
    /// The first bytes of all values, then the second, and so on, then zstd: for measured amounts,
    /// whose high bytes are alike and whose low bytes are not.
    SplitZstd,
}

/// One column: name, content, layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: Kind,
    pub(crate) encoded: Encoded,
}

/// A file being written. Dropped before [`TableWriter::finish`], it leaves nothing behind.
pub(crate) struct TableWriter {
    path: PathBuf,
    partial: PathBuf,
    writer: Option<SerializedFileWriter<File>>,
}

impl TableWriter {
    /// Starts a file with these columns. `statistics`: keep each row group's least and greatest
    /// value of the first column, so that readers can skip groups.
    pub(crate) fn create(path: &Path, specs: &[Spec], statistics: bool) -> Result<Self, LakeError> {
        let partial = partial_name(path);
        let file = File::create(&partial).map_err(LakeError::io(&partial, "cannot create"))?;
        let schema = schema(specs).map_err(LakeError::parquet(path))?;
        let properties = Arc::new(properties(specs, statistics));
        let writer = SerializedFileWriter::new(file, schema, properties)
            .map_err(LakeError::parquet(path))?;
        Ok(Self { path: path.to_owned(), partial, writer: Some(writer) })
    }

    /// Writes one row group; `fill` writes every column in order.
    pub(crate) fn group(
        &mut self,
        fill: impl FnOnce(&mut GroupWriter<'_>) -> Result<(), parquet::errors::ParquetError>,
    ) -> Result<(), LakeError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let write = || {
            let mut group = GroupWriter { group: writer.next_row_group()? };
            fill(&mut group)?;
            group.group.close().map(|_| ())
        };
        write().map_err(LakeError::parquet(&self.path))
    }

    /// Ends the file, forces it to the disk when `durable`, and gives it its name.
    pub(crate) fn finish(mut self, durable: bool) -> Result<(), LakeError> {
        if let Some(writer) = self.writer.take() {
            let file = writer.into_inner().map_err(LakeError::parquet(&self.path))?;
            if durable {
                file.sync_all().map_err(LakeError::io(&self.partial, "cannot sync"))?;
            }
        }
        fs::rename(&self.partial, &self.path)
            .map_err(LakeError::io(&self.path, "cannot rename the finished file"))?;
        if durable { sync_folder(&self.path) } else { Ok(()) }
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        if self.writer.is_some() {
            // Nobody is left to hear of a failure; a left-over `.partial` file is never read.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Forces the folder's entry for this file to the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<(), LakeError> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(LakeError::io(folder, "cannot sync the folder"))
}

/// The name under which a file is written until it is whole.
pub(crate) fn partial_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

/// The columns of one row group, written one after the other.
pub(crate) struct GroupWriter<'a> {
    group: SerializedRowGroupWriter<'a, File>,
}

impl GroupWriter<'_> {
    /// The next column, of at most 32 bits.
    pub(crate) fn narrow(&mut self, values: &[i32]) -> Result<(), parquet::errors::ParquetError> {
        let Some(mut column) = self.group.next_column()? else { return Ok(()) };
        column.typed::<Int32Type>().write_batch(values, None, None)?;
        column.close()
    }

    /// The next column, encoded before.
    pub(crate) fn pages(&mut self, pages: &Pages) -> Result<(), parquet::errors::ParquetError> {
        let (bytes, close) = pages.parts();
        self.group.append_column(bytes, close)
    }

    /// The next column, of 64 bits.
    pub(crate) fn wide(&mut self, values: &[i64]) -> Result<(), parquet::errors::ParquetError> {
        let Some(mut column) = self.group.next_column()? else { return Ok(()) };
        column.typed::<Int64Type>().write_batch(values, None, None)?;
        column.close()
    }

    /// The next column, of 64 bits, with empty cells: `values` holds the present ones only,
    /// `levels` a 1 for each present and a 0 for each empty cell.
    pub(crate) fn optional(
        &mut self,
        values: &[i64],
        levels: &[i16],
    ) -> Result<(), parquet::errors::ParquetError> {
        let Some(mut column) = self.group.next_column()? else { return Ok(()) };
        column.typed::<Int64Type>().write_batch(values, Some(levels), None)?;
        column.close()
    }
}

pub(super) fn schema(specs: &[Spec]) -> Result<Arc<Type>, parquet::errors::ParquetError> {
    let mut fields = Vec::with_capacity(specs.len());
    for spec in specs {
        let (physical, logical) = match spec.kind {
            Kind::Unsigned(bits) => (Physical::INT32, Some(LogicalType::integer(bits, false))),
            Kind::Int32 => (Physical::INT32, None),
            Kind::Int64 | Kind::OptionalInt64 => (Physical::INT64, None),
        };
        let repetition = if spec.kind == Kind::OptionalInt64 {
            Repetition::OPTIONAL
        } else {
            Repetition::REQUIRED
        };
        let field = Type::primitive_type_builder(&spec.name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()?;
        fields.push(Arc::new(field));
    }
    Ok(Arc::new(Type::group_type_builder("rows").with_fields(fields).build()?))
}

/// The quickest level: what the encoding has laid apart needs no search.
fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::default())
}

pub(super) fn properties(specs: &[Spec], statistics: bool) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_created_by("lamplight".to_owned())
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_dictionary_enabled(false);
    if let Some(first) = specs.first().filter(|_| statistics) {
        let path = ColumnPath::from(first.name.as_ref());
        builder = builder.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
    }
    for spec in specs {
        let path = ColumnPath::from(spec.name.as_ref());
        builder = match spec.encoded {
            Encoded::Plain => builder.set_column_encoding(path, Encoding::PLAIN),
            Encoded::Snappy => builder
                .set_column_encoding(path.clone(), Encoding::PLAIN)
                .set_column_compression(path, Compression::SNAPPY),
            Encoded::Delta => builder.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            Encoded::Dictionary => builder.set_column_dictionary_enabled(path, true),
            Encoded::DictionarySnappy => builder
                .set_column_dictionary_enabled(path.clone(), true)
                .set_column_compression(path, Compression::SNAPPY),
            Encoded::DictionaryZstd => builder
                .set_column_dictionary_enabled(path.clone(), true)
                .set_column_compression(path, zstd()),
            Encoded::SplitZstd => builder
                .set_column_encoding(path.clone(), Encoding::BYTE_STREAM_SPLIT)
                .set_column_compression(path, zstd()),
        };
    }
    builder.build()
}
