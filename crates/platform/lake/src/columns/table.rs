//! Rows as structs, files as columns: one declaration gives the struct, the columns and both
//! directions. Rows are handled in batches, so memory stays flat however long a file is.

use std::{borrow::Cow, marker::PhantomData, path::Path};

use parquet::errors::ParquetError;

use super::{
    read::{ColumnFile, IntColumn},
    write::{Encoded, GroupWriter, Kind, Spec, TableWriter},
};
use crate::LakeError;

/// Rows of a row group: the unit that a reader can skip.
const GROUP: usize = 32_768;
/// Rows decoded at a time.
const BATCH: usize = 2_048;

/// Buffers that are used again for every column.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    narrow: Vec<i32>,
    wide: Vec<i64>,
    levels: Vec<i16>,
    optional: Vec<Option<i64>>,
}

/// A row of a table; implemented by [`table!`](crate::columns::table).
pub(crate) trait Row: Copy + Default {
    /// Its columns.
    fn specs() -> Vec<Spec>;
    /// Writes rows as one row group.
    fn write(
        rows: &[Self],
        group: &mut GroupWriter<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), ParquetError>;
    /// Reads up to `limit` rows, replacing what was there.
    fn read(
        columns: &mut [IntColumn],
        limit: usize,
        scratch: &mut Scratch,
        rows: &mut Vec<Self>,
    ) -> Result<(), LakeError>;
    /// What the rows of a file are sorted by, first of all.
    fn usage_point(&self) -> i64;
}

/// A type that fills one or more columns.
pub(crate) trait Field: Copy {
    fn specs(name: &'static str, encoded: Encoded, out: &mut Vec<Spec>);
    fn write(
        values: impl Iterator<Item = Self> + Clone,
        group: &mut GroupWriter<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), ParquetError>;
    fn read(
        columns: &mut std::slice::IterMut<'_, IntColumn>,
        limit: usize,
        scratch: &mut Scratch,
        put: impl FnMut(usize, Self),
    ) -> Result<usize, LakeError>;
}

fn lost() -> LakeError {
    LakeError::Invalid("a table was read with too few columns".into())
}

macro_rules! narrow_field {
    ($type:ty, $kind:expr) => {
        impl Field for $type {
            fn specs(name: &'static str, encoded: Encoded, out: &mut Vec<Spec>) {
                out.push(Spec { name: Cow::Borrowed(name), kind: $kind, encoded });
            }

            fn write(
                values: impl Iterator<Item = Self> + Clone,
                group: &mut GroupWriter<'_>,
                scratch: &mut Scratch,
            ) -> Result<(), ParquetError> {
                scratch.narrow.clear();
                scratch.narrow.extend(values.map(i32::from));
                group.narrow(&scratch.narrow)
            }

            fn read(
                columns: &mut std::slice::IterMut<'_, IntColumn>,
                limit: usize,
                _scratch: &mut Scratch,
                mut put: impl FnMut(usize, Self),
            ) -> Result<usize, LakeError> {
                let column = columns.next().ok_or_else(lost)?;
                let mut whole = true;
                let values = column.read_narrow(limit)?;
                for (i, value) in values.iter().enumerate() {
                    match Self::try_from(*value) {
                        Ok(value) => put(i, value),
                        Err(_) => whole = false,
                    }
                }
                let rows = values.len();
                if whole { Ok(rows) } else { Err(column.out_of_range()) }
            }
        }
    };
}

narrow_field!(u8, Kind::Unsigned(8));
narrow_field!(u16, Kind::Unsigned(16));
narrow_field!(i32, Kind::Int32);

impl Field for i64 {
    fn specs(name: &'static str, encoded: Encoded, out: &mut Vec<Spec>) {
        out.push(Spec { name: Cow::Borrowed(name), kind: Kind::Int64, encoded });
    }

    fn write(
        values: impl Iterator<Item = Self> + Clone,
        group: &mut GroupWriter<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), ParquetError> {
        scratch.wide.clear();
        scratch.wide.extend(values);
        group.wide(&scratch.wide)
    }

    fn read(
        columns: &mut std::slice::IterMut<'_, IntColumn>,
        limit: usize,
        scratch: &mut Scratch,
        mut put: impl FnMut(usize, Self),
    ) -> Result<usize, LakeError> {
        let column = columns.next().ok_or_else(lost)?;
        let rows = column.read(limit, &mut scratch.wide)?;
        scratch.wide.iter().enumerate().for_each(|(i, value)| put(i, *value));
        Ok(rows)
    }
}

impl Field for Option<i64> {
    fn specs(name: &'static str, encoded: Encoded, out: &mut Vec<Spec>) {
        out.push(Spec { name: Cow::Borrowed(name), kind: Kind::OptionalInt64, encoded });
    }

    fn write(
        values: impl Iterator<Item = Self> + Clone,
        group: &mut GroupWriter<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), ParquetError> {
        scratch.wide.clear();
        scratch.wide.extend(values.clone().flatten());
        scratch.levels.clear();
        scratch.levels.extend(values.map(|v| i16::from(v.is_some())));
        group.optional(&scratch.wide, &scratch.levels)
    }

    fn read(
        columns: &mut std::slice::IterMut<'_, IntColumn>,
        limit: usize,
        scratch: &mut Scratch,
        mut put: impl FnMut(usize, Self),
    ) -> Result<usize, LakeError> {
        let column = columns.next().ok_or_else(lost)?;
        let rows = column.read_optional(limit, &mut scratch.wide, &mut scratch.optional)?;
        scratch.optional.iter().enumerate().for_each(|(i, value)| put(i, *value));
        Ok(rows)
    }
}

impl<F: Field + Default, const N: usize> Field for [F; N] {
    fn specs(name: &'static str, encoded: Encoded, out: &mut Vec<Spec>) {
        for i in 0..N {
            let at = out.len();
            F::specs(name, encoded, out);
            if let Some(spec) = out.get_mut(at) {
                spec.name = Cow::Owned(format!("{name}_{i}"));
            }
        }
    }

    fn write(
        values: impl Iterator<Item = Self> + Clone,
        group: &mut GroupWriter<'_>,
        scratch: &mut Scratch,
    ) -> Result<(), ParquetError> {
        for i in 0..N {
            F::write(values.clone().map(move |v| v[i]), group, scratch)?;
        }
        Ok(())
    }

    fn read(
        columns: &mut std::slice::IterMut<'_, IntColumn>,
        limit: usize,
        scratch: &mut Scratch,
        mut put: impl FnMut(usize, Self),
    ) -> Result<usize, LakeError> {
        // The elements come column by column and are put together row by row.
        let mut whole: Vec<[F; N]> = Vec::new();
        let mut rows = 0;
        for i in 0..N {
            rows = F::read(columns, limit, scratch, |row, value| {
                if whole.len() <= row {
                    whole.resize(row + 1, [F::default(); N]);
                }
                whole[row][i] = value;
            })?;
        }
        whole.into_iter().enumerate().for_each(|(row, values)| put(row, values));
        Ok(rows)
    }
}

/// Declares a table: a struct whose fields are columns, each with its layout.
macro_rules! table {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty = $encoded:ident,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $crate::columns::Row for $name {
            fn specs() -> Vec<$crate::columns::Spec> {
                let mut out = Vec::new();
                $(<$type as $crate::columns::Field>::specs(
                    stringify!($field), $crate::columns::Encoded::$encoded, &mut out,
                );)*
                out
            }

            fn write(
                rows: &[Self],
                group: &mut $crate::columns::GroupWriter<'_>,
                scratch: &mut $crate::columns::Scratch,
            ) -> Result<(), parquet::errors::ParquetError> {
                $(<$type as $crate::columns::Field>::write(
                    rows.iter().map(|row| row.$field), group, scratch,
                )?;)*
                Ok(())
            }

            fn read(
                columns: &mut [$crate::columns::IntColumn],
                limit: usize,
                scratch: &mut $crate::columns::Scratch,
                rows: &mut Vec<Self>,
            ) -> Result<(), $crate::LakeError> {
                rows.clear();
                rows.resize(limit, Self::default());
                let mut columns = columns.iter_mut();
                let counts = [$(<$type as $crate::columns::Field>::read(
                    &mut columns, limit, scratch, |i, value| rows[i].$field = value,
                )?),*];
                rows.truncate(counts.iter().copied().min().unwrap_or(0));
                Ok(())
            }

            fn usage_point(&self) -> i64 {
                self.usage_point
            }
        }
    };
}
pub(crate) use table;

/// Writes rows to a file, group by group.
pub(crate) struct RowWriter<T: Row> {
    writer: TableWriter,
    rows: Vec<T>,
    scratch: Scratch,
    written: u64,
}

impl<T: Row> RowWriter<T> {
    /// Starts a file that appears under `path` when it is finished.
    pub(crate) fn create(path: &Path, specs: &[Spec]) -> Result<Self, LakeError> {
        let writer = TableWriter::create(path, specs, true)?;
        Ok(Self {
            writer,
            rows: Vec::with_capacity(GROUP),
            scratch: Scratch::default(),
            written: 0,
        })
    }

    /// Appends a row. Rows must come in the table's order.
    pub(crate) fn push(&mut self, row: T) -> Result<(), LakeError> {
        self.rows.push(row);
        if self.rows.len() == GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), LakeError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let (rows, scratch) = (&self.rows, &mut self.scratch);
        self.writer.group(|group| T::write(rows, group, scratch))?;
        self.written += self.rows.len() as u64;
        self.rows.clear();
        Ok(())
    }

    /// Ends the file, forces it to the disk when `durable`, and returns how many rows it has.
    pub(crate) fn finish(mut self, durable: bool) -> Result<u64, LakeError> {
        self.flush()?;
        self.writer.finish(durable)?;
        Ok(self.written)
    }
}

/// Reads the rows of one file in order, skipping row groups outside a range of usage points.
pub(crate) struct RowReader<T: Row> {
    file: ColumnFile,
    positions: Vec<usize>,
    groups: std::vec::IntoIter<usize>,
    columns: Vec<IntColumn>,
    batch: Vec<T>,
    at: usize,
    scratch: Scratch,
    range: PhantomData<T>,
}

impl<T: Row> RowReader<T> {
    /// Opens a file and checks its columns.
    pub(crate) fn open(path: &Path) -> Result<Self, LakeError> {
        Self::open_range(path, i64::MIN, i64::MAX)
    }

    /// As [`RowReader::open`], for usage points from `first` to `last` only; rows beside the
    /// range may still come, from groups that hold some of it.
    pub(crate) fn open_range(path: &Path, first: i64, last: i64) -> Result<Self, LakeError> {
        let file = ColumnFile::open(path)?;
        let specs = T::specs();
        let positions: Result<Vec<usize>, _> =
            specs.iter().map(|spec| file.find_one(&spec.name)).collect();
        let positions = positions?;
        let key = positions.first().copied().unwrap_or(0);
        let wanted = |group: &usize| {
            file.range(*group, key).is_none_or(|(least, most)| most >= first && least <= last)
        };
        let groups: Vec<usize> = (0..file.groups()).filter(wanted).collect();
        Ok(Self {
            file,
            positions,
            groups: groups.into_iter(),
            columns: Vec::new(),
            batch: Vec::new(),
            at: 0,
            scratch: Scratch::default(),
            range: PhantomData,
        })
    }

    /// The next row without taking it.
    pub(crate) fn peek(&mut self) -> Result<Option<&T>, LakeError> {
        while self.at >= self.batch.len() {
            if self.columns.is_empty() {
                let Some(group) = self.groups.next() else { return Ok(None) };
                self.columns = self.file.column_list(group, &self.positions)?;
            }
            T::read(&mut self.columns, BATCH, &mut self.scratch, &mut self.batch)?;
            self.at = 0;
            if self.batch.is_empty() {
                self.columns.clear();
            }
        }
        Ok(self.batch.get(self.at))
    }

    /// Hands over the rows of this usage point and passes over those before it; returns how many
    /// were passed over.
    pub(crate) fn of_usage_point(
        &mut self,
        usage_point: i64,
        mut each: impl FnMut(T),
    ) -> Result<u64, LakeError> {
        let mut passed = 0;
        while self.peek()?.is_some() {
            let rest = self.batch.get(self.at..).unwrap_or(&[]);
            let before = rest.iter().take_while(|row| row.usage_point() < usage_point).count();
            let own = rest[before..].iter().take_while(|row| row.usage_point() == usage_point);
            let mut taken = 0;
            for row in own {
                each(*row);
                taken += 1;
            }
            passed += before as u64;
            self.at += before + taken;
            if self.at < self.batch.len() {
                break;
            }
        }
        Ok(passed)
    }

    /// The next row.
    pub(crate) fn next(&mut self) -> Result<Option<T>, LakeError> {
        let row = self.peek()?.copied();
        self.at += 1;
        Ok(row)
    }
}
