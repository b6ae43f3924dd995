//! Columns of the kinds that users' files have: text, whole numbers, decimals, moments and
//! floating point, read in batches.

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, ByteArrayType, DoubleType, FloatType},
    schema::types::ColumnDescriptor,
};

use super::read::{ColumnFile, IntColumn, describe};
use crate::LakeError;

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Cell<'a> {
    Empty,
    Text(&'a str),
    Whole(i64),
    /// An integer with this many decimals.
    Decimal(i64, u8),
    Float(f64),
}

impl Cell<'_> {
    /// A number of something (usage point, meter) as text.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
            Self::Whole(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

enum Source {
    Whole { column: IntColumn, dense: Vec<i64>, values: Vec<Option<i64>>, meaning: Meaning },
    Text { reader: Box<ColumnReaderImpl<ByteArrayType>>, dense: Vec<ByteArray>, levels: Vec<i16> },
    Double { reader: Box<ColumnReaderImpl<DoubleType>>, dense: Vec<f64>, levels: Vec<i16> },
    Float { reader: Box<ColumnReaderImpl<FloatType>>, dense: Vec<f32>, levels: Vec<i16> },
}

#[derive(Clone, Copy)]
enum Meaning {
    Whole,
    Decimal(u8),
    /// A moment: multiply, then divide, to get µs.
    Moment(i64, i64),
}

/// A column of a row group of any of these kinds.
pub(crate) struct AnyColumn {
    source: Source,
    nullable: bool,
    /// For each row of the batch, its place among the present values.
    places: Vec<Option<usize>>,
    path: std::path::PathBuf,
}

impl ColumnFile {
    /// A column of any kind that [`AnyColumn`] knows.
    pub(crate) fn any(&self, group: usize, position: usize) -> Result<AnyColumn, LakeError> {
        let description = self.description(position);
        let wrong = || LakeError::ColumnType {
            path: self.path().to_owned(),
            column: description.name().to_owned(),
            expected: "text, whole numbers, decimals, moments or floating point",
            found: describe(&description),
        };
        if description.max_rep_level() > 0 || description.max_def_level() > 1 {
            return Err(wrong());
        }
        let source = match description.physical_type() {
            Type::INT32 | Type::INT64 => Source::Whole {
                meaning: meaning(&description).ok_or_else(wrong)?,
                column: self.int(group, position)?,
                dense: Vec::new(),
                values: Vec::new(),
            },
            _ => match self.reader(group, position)? {
                ColumnReader::ByteArrayColumnReader(reader) => {
                    Source::Text { reader: Box::new(reader), dense: vec![], levels: vec![] }
                }
                ColumnReader::DoubleColumnReader(reader) => {
                    Source::Double { reader: Box::new(reader), dense: vec![], levels: vec![] }
                }
                ColumnReader::FloatColumnReader(reader) => {
                    Source::Float { reader: Box::new(reader), dense: vec![], levels: vec![] }
                }
                _ => return Err(wrong()),
            },
        };
        let nullable = description.max_def_level() > 0;
        Ok(AnyColumn { source, nullable, places: Vec::new(), path: self.path().to_owned() })
    }
}

fn meaning(column: &ColumnDescriptor) -> Option<Meaning> {
    match column.logical_type_ref() {
        Some(LogicalType::Decimal(decimal)) => {
            u8::try_from(decimal.scale).ok().filter(|s| *s <= 9).map(Meaning::Decimal)
        }
        Some(LogicalType::Timestamp(moment)) => Some(match moment.unit {
            TimeUnit::MILLIS => Meaning::Moment(1_000, 1),
            TimeUnit::MICROS => Meaning::Moment(1, 1),
            TimeUnit::NANOS => Meaning::Moment(1, 1_000),
        }),
        Some(LogicalType::Integer(_)) => Some(Meaning::Whole),
        Some(_) => None,
        None => match column.converted_type() {
            ConvertedType::DECIMAL => u8::try_from(column.type_scale()).ok().map(Meaning::Decimal),
            ConvertedType::TIMESTAMP_MILLIS => Some(Meaning::Moment(1_000, 1)),
            ConvertedType::TIMESTAMP_MICROS => Some(Meaning::Moment(1, 1)),
            _ => Some(Meaning::Whole),
        },
    }
}

impl AnyColumn {
    /// Reads up to `rows` rows in place of the batch before; returns how many there were.
    pub(crate) fn read(&mut self, rows: usize) -> Result<usize, LakeError> {
        let nullable = self.nullable;
        macro_rules! batch {
            ($reader:expr, $dense:expr, $levels:expr) => {{
                $dense.clear();
                $levels.clear();
                let wanted = nullable.then_some(&mut *$levels);
                let (records, _, _) = $reader
                    .read_records(rows, wanted, None, $dense)
                    .map_err(LakeError::parquet(&self.path))?;
                self.places.clear();
                let mut next = 0;
                for i in 0..records {
                    let present = !nullable || $levels.get(i).is_some_and(|l| *l > 0);
                    self.places.push(present.then_some(next));
                    next += usize::from(present);
                }
                Ok(records)
            }};
        }
        match &mut self.source {
            Source::Whole { column, dense, values, .. } => {
                column.read_optional(rows, dense, values)
            }
            Source::Text { reader, dense, levels } => batch!(reader, dense, levels),
            Source::Double { reader, dense, levels } => batch!(reader, dense, levels),
            Source::Float { reader, dense, levels } => batch!(reader, dense, levels),
        }
    }

    /// A cell of the batch.
    pub(crate) fn cell(&self, row: usize) -> Cell<'_> {
        let place = self.places.get(row).copied().flatten();
        match &self.source {
            Source::Whole { values, meaning, .. } => {
                let Some(value) = values.get(row).copied().flatten() else { return Cell::Empty };
                match meaning {
                    Meaning::Whole => Cell::Whole(value),
                    Meaning::Decimal(scale) => Cell::Decimal(value, *scale),
                    Meaning::Moment(by, over) => {
                        Cell::Whole(value.saturating_mul(*by).div_euclid(*over))
                    }
                }
            }
            Source::Text { dense, .. } => {
                let bytes = place.and_then(|p| dense.get(p));
                let text = bytes.and_then(|b| b.as_utf8().ok());
                text.map_or(Cell::Empty, Cell::Text)
            }
            Source::Double { dense, .. } => {
                place.and_then(|p| dense.get(p)).map_or(Cell::Empty, |v| Cell::Float(*v))
            }
            Source::Float { dense, .. } => {
                place.and_then(|p| dense.get(p)).map_or(Cell::Empty, |v| Cell::Float(f64::from(*v)))
            }
        }
    }
}
