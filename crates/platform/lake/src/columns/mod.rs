//! Parquet as columns of integers, in and out: the only place that talks to the Parquet library.
//! It goes below the library's record and Arrow layers on purpose: no nested data, no floating
//! point, one buffer per column that is used again.

mod any;
mod pages;
mod read;
mod table;
mod write;

pub(crate) use any::{AnyColumn, Cell};
pub(crate) use pages::Pages;
pub(crate) use read::{BATCH, ColumnFile, IntColumn};
pub(crate) use table::{Field, Row, RowReader, RowWriter, Scratch, table};
pub(crate) use write::{Encoded, GroupWriter, Kind, Spec, TableWriter, partial_name, sync_folder};
