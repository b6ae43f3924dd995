//! A column chunk that is encoded once and then copied into many row groups: for columns that
//! are the same in each, such as the slots of a full grid of intervals.

use std::sync::Arc;

use bytes::Bytes;
use parquet::{
    column::writer::ColumnCloseResult,
    data_type::Int32Type,
    errors::ParquetError,
    file::{metadata::ColumnChunkMetaData, writer::SerializedFileWriter},
};

use super::write::{Spec, properties, schema};

/// An encoded column of at most 32 bits.
pub(crate) struct Pages {
    bytes: Bytes,
    metadata: ColumnChunkMetaData,
    rows: u64,
}

impl Pages {
    /// Encodes a column.
    pub(crate) fn of(spec: Spec, values: &[i32]) -> Result<Self, ParquetError> {
        let specs = [spec];
        let properties = Arc::new(properties(&specs, false));
        let mut writer = SerializedFileWriter::new(Vec::new(), schema(&specs)?, properties)?;
        let mut group = writer.next_row_group()?;
        if let Some(mut column) = group.next_column()? {
            column.typed::<Int32Type>().write_batch(values, None, None)?;
            column.close()?;
        }
        let metadata = group.close()?.column(0).clone();
        Ok(Self { bytes: Bytes::from(writer.into_inner()?), metadata, rows: values.len() as u64 })
    }

    /// The same pages with other values in the dictionary, each in the place of the old one.
    /// Only for a column encoded by dictionary, uncompressed, with as many distinct values.
    pub(crate) fn with_dictionary(&self, values: &[i32]) -> Result<Self, ParquetError> {
        let end = usize::try_from(self.metadata.data_page_offset())?;
        let mut bytes = self.bytes.to_vec();
        // A dictionary page without compression ends with its values, right before the data.
        let place = end
            .checked_sub(values.len() * 4)
            .and_then(|from| bytes.get_mut(from..end))
            .filter(|_| self.metadata.dictionary_page_offset().is_some());
        let place = place
            .ok_or_else(|| ParquetError::General("the column has no such dictionary".into()))?;
        for (slot, value) in place.chunks_exact_mut(4).zip(values) {
            slot.copy_from_slice(&value.to_le_bytes());
        }
        Ok(Self { bytes: Bytes::from(bytes), metadata: self.metadata.clone(), rows: self.rows })
    }

    /// The encoded bytes and what a row group must know of them.
    pub(super) fn parts(&self) -> (&Bytes, ColumnCloseResult) {
        let close = ColumnCloseResult {
            bytes_written: self.metadata.compressed_size().unsigned_abs(),
            rows_written: self.rows,
            metadata: self.metadata.clone(),
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        (&self.bytes, close)
    }
}
