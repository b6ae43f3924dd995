//! Readings and daily state as Parquet files; the settlement run over columns.
