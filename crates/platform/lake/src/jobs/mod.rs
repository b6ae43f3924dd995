//! Two whole jobs from Parquet file to Parquet file, for scripts and for comparison with other
//! programs: settle one day of a million meters, and validate and estimate intervals.

mod meter_index;
mod settle_files;

pub use settle_files::{SettleFiles, SettledFiles, settle_files};
