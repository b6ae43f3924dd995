//! Two whole jobs from Parquet file to Parquet file, for scripts and for comparison with other
//! programs: settle one day of a million meters, and validate and estimate intervals.

mod meter_index;
mod settle_files;
mod vee_files;

pub use settle_files::{SettleFiles, SettledFiles, settle_files};
pub use vee_files::{VeeCounts, vee_file};
