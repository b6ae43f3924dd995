//! Reads flat integer columns of a Parquet file in batches. Signed and unsigned columns of 8 to
//! 64 bits are widened to `i64`; anything else is refused with a message that names the column.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use parquet::{
    basic::{ConvertedType, LogicalType, Type},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{Int32Type, Int64Type},
    file::{
        reader::{FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
    },
    schema::types::{ColumnDescPtr, ColumnDescriptor},
};

use crate::LakeError;

/// How many rows are handled at a time: small enough that a batch of a few columns stays in the
/// processor's cache.
pub(crate) const BATCH: usize = 8192;

/// An open Parquet file.
pub(crate) struct ColumnFile {
    path: PathBuf,
    reader: SerializedFileReader<File>,
}

impl ColumnFile {
    /// Opens the file and reads its footer.
    pub(crate) fn open(path: &Path) -> Result<Self, LakeError> {
        let file = File::open(path).map_err(LakeError::io(path, "cannot open"))?;
        let reader = SerializedFileReader::new(file).map_err(LakeError::parquet(path))?;
        Ok(Self { path: path.to_owned(), reader })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows it has.
    pub(crate) fn rows(&self) -> Result<usize, LakeError> {
        usize::try_from(self.reader.metadata().file_metadata().num_rows()).map_err(|_| {
            LakeError::NotParquet { path: self.path.clone(), reason: "negative row count".into() }
        })
    }

    /// How many row groups it has.
    pub(crate) fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// The smallest and the largest value of an integer column in a row group, where the file
    /// says it.
    pub(crate) fn range(&self, group: usize, column: usize) -> Option<(i64, i64)> {
        use parquet::file::statistics::Statistics;
        match self.reader.metadata().row_group(group).column(column).statistics()? {
            Statistics::Int64(s) => Some((*s.min_opt()?, *s.max_opt()?)),
            Statistics::Int32(s) => Some((i64::from(*s.min_opt()?), i64::from(*s.max_opt()?))),
            _ => None,
        }
    }

    /// The position of a column, if it is there.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        schema.columns().iter().position(|c| c.path().string() == name)
    }

    /// What the file says about a column.
    pub(crate) fn description(&self, position: usize) -> ColumnDescPtr {
        self.reader.metadata().file_metadata().schema_descr().column(position)
    }

    /// The library's reader of one column of a row group.
    pub(crate) fn reader(&self, group: usize, position: usize) -> Result<ColumnReader, LakeError> {
        let rows = self.reader.get_row_group(group).map_err(LakeError::parquet(&self.path))?;
        rows.get_column_reader(position).map_err(LakeError::parquet(&self.path))
    }

    /// A reader of one integer column of a row group, whatever its integers mean.
    pub(crate) fn int(&self, group: usize, position: usize) -> Result<IntColumn, LakeError> {
        let rows = self.reader.get_row_group(group).map_err(LakeError::parquet(&self.path))?;
        self.column(rows.as_ref(), position)
    }

    /// The positions of these columns, each checked to hold integers.
    pub(crate) fn find<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Result<[usize; N], LakeError> {
        let mut found = [0; N];
        for (place, name) in found.iter_mut().zip(names) {
            *place = self.find_one(name)?;
        }
        Ok(found)
    }

    /// The position of one column, checked to hold integers.
    pub(crate) fn find_one(&self, name: &str) -> Result<usize, LakeError> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let position = self.position(name).ok_or_else(|| LakeError::MissingColumn {
            path: self.path.clone(),
            column: name.to_owned(),
            found: schema
                .columns()
                .iter()
                .map(|c| c.path().string())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        let column = schema.column(position);
        if is_integer(&column) {
            Ok(position)
        } else {
            Err(LakeError::ColumnType {
                path: self.path.clone(),
                column: name.to_owned(),
                expected: "whole numbers of at most 64 bits with sign or 32 bits without",
                found: describe(&column),
            })
        }
    }

    /// Readers for these columns of one row group.
    pub(crate) fn columns<const N: usize>(
        &self,
        group: usize,
        positions: [usize; N],
    ) -> Result<[IntColumn; N], LakeError> {
        let rows = self.reader.get_row_group(group).map_err(LakeError::parquet(&self.path))?;
        let columns: Result<Vec<_>, _> =
            positions.iter().map(|p| self.column(rows.as_ref(), *p)).collect();
        columns?.try_into().map_err(|_| LakeError::NotParquet {
            path: self.path.clone(),
            reason: "lost a column".into(),
        })
    }

    /// Readers for any number of columns of one row group.
    pub(crate) fn column_list(
        &self,
        group: usize,
        positions: &[usize],
    ) -> Result<Vec<IntColumn>, LakeError> {
        let rows = self.reader.get_row_group(group).map_err(LakeError::parquet(&self.path))?;
        positions.iter().map(|p| self.column(rows.as_ref(), *p)).collect()
    }

    fn column(&self, rows: &dyn RowGroupReader, position: usize) -> Result<IntColumn, LakeError> {
        let description = self.reader.metadata().file_metadata().schema_descr().column(position);
        let reader = rows.get_column_reader(position).map_err(LakeError::parquet(&self.path))?;
        let source = match reader {
            ColumnReader::Int32ColumnReader(reader) => Source::Narrow {
                reader: Box::new(reader),
                unsigned: is_unsigned(&description),
                values: Vec::new(),
            },
            ColumnReader::Int64ColumnReader(reader) => Source::Wide(Box::new(reader)),
            _ => {
                return Err(LakeError::ColumnType {
                    path: self.path.clone(),
                    column: description.name().to_owned(),
                    expected: "whole numbers",
                    found: describe(&description),
                });
            }
        };
        Ok(IntColumn {
            source,
            nullable: description.max_def_level() > 0,
            levels: Vec::new(),
            name: description.name().to_owned(),
            path: self.path.clone(),
        })
    }
}

fn is_integer(column: &ColumnDescriptor) -> bool {
    if column.max_rep_level() > 0 || column.max_def_level() > 1 {
        return false;
    }
    let plain = match column.logical_type_ref() {
        None => matches!(
            column.converted_type(),
            ConvertedType::NONE
                | ConvertedType::INT_8
                | ConvertedType::INT_16
                | ConvertedType::INT_32
                | ConvertedType::INT_64
                | ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
        ),
        Some(LogicalType::Integer(t)) => t.is_signed || t.bit_width < 64,
        Some(LogicalType::Timestamp(_)) => true,
        Some(_) => false,
    };
    plain && matches!(column.physical_type(), Type::INT32 | Type::INT64)
}

fn is_unsigned(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Integer(t)) if !t.is_signed)
        || matches!(
            column.converted_type(),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32
        )
}

pub(super) fn describe(column: &ColumnDescriptor) -> String {
    match column.logical_type_ref() {
        Some(logical) => format!("{} ({logical:?})", column.physical_type()),
        None => column.physical_type().to_string(),
    }
}

enum Source {
    Narrow { reader: Box<ColumnReaderImpl<Int32Type>>, unsigned: bool, values: Vec<i32> },
    Wide(Box<ColumnReaderImpl<Int64Type>>),
}

/// One integer column of one row group.
pub(crate) struct IntColumn {
    source: Source,
    nullable: bool,
    levels: Vec<i16>,
    name: String,
    path: PathBuf,
}

impl IntColumn {
    /// Puts the next `rows` values (fewer at the end) into `out`, replacing what was there.
    /// An empty cell is refused.
    pub(crate) fn read(&mut self, rows: usize, out: &mut Vec<i64>) -> Result<usize, LakeError> {
        let (records, values) = self.fill(rows, out)?;
        if records != values {
            return Err(self.empty_cell());
        }
        Ok(records)
    }

    /// As [`IntColumn::read`], with `None` for an empty cell.
    pub(crate) fn read_optional(
        &mut self,
        rows: usize,
        dense: &mut Vec<i64>,
        out: &mut Vec<Option<i64>>,
    ) -> Result<usize, LakeError> {
        let (records, values) = self.fill(rows, dense)?;
        out.clear();
        if records == values {
            out.extend(dense.iter().copied().map(Some));
        } else {
            let mut present = dense.iter().copied();
            out.extend(self.levels.iter().map(|l| if *l > 0 { present.next() } else { None }));
        }
        Ok(records)
    }

    /// The next `rows` values (fewer at the end) of a column of at most 32 bits, without
    /// widening: the caller knows that an unsigned one stays below 2^31 or wants its bits.
    pub(crate) fn read_narrow(&mut self, rows: usize) -> Result<&[i32], LakeError> {
        if self.nullable {
            self.levels.clear();
        }
        let levels = self.nullable.then_some(&mut self.levels);
        let Source::Narrow { reader, values, .. } = &mut self.source else {
            return Err(LakeError::ColumnType {
                path: self.path.clone(),
                column: self.name.clone(),
                expected: "whole numbers of at most 32 bits",
                found: "INT64".into(),
            });
        };
        values.clear();
        let (records, present, _) = reader
            .read_records(rows, levels, None, values)
            .map_err(LakeError::parquet(&self.path))?;
        if records != present {
            return Err(self.empty_cell());
        }
        match &self.source {
            Source::Narrow { values, .. } => Ok(values),
            Source::Wide(_) => Ok(&[]),
        }
    }

    /// Records and present values read; `out` holds the present values.
    fn fill(&mut self, rows: usize, out: &mut Vec<i64>) -> Result<(usize, usize), LakeError> {
        out.clear();
        self.levels.clear();
        let levels = self.nullable.then_some(&mut self.levels);
        let counts = match &mut self.source {
            Source::Wide(reader) => reader.read_records(rows, levels, None, out),
            Source::Narrow { reader, unsigned, values } => {
                values.clear();
                let counts = reader.read_records(rows, levels, None, values);
                if *unsigned {
                    out.extend(values.iter().map(|v| i64::from(v.cast_unsigned())));
                } else {
                    out.extend(values.iter().map(|v| i64::from(*v)));
                }
                counts
            }
        };
        let (records, values, _) = counts.map_err(LakeError::parquet(&self.path))?;
        Ok((records, values))
    }

    /// The error for a value that its field cannot hold.
    pub(crate) fn out_of_range(&self) -> LakeError {
        LakeError::ColumnType {
            path: self.path.clone(),
            column: self.name.clone(),
            expected: "values in the range of its field",
            found: "others".into(),
        }
    }

    fn empty_cell(&self) -> LakeError {
        LakeError::ColumnType {
            path: self.path.clone(),
            column: self.name.clone(),
            expected: "a value in every row",
            found: "empty cells".into(),
        }
    }
}
