//! Readings and daily state as Parquet files; the settlement run over columns.
//!
//! The lake keeps what machines measure, in immutable files sorted by usage point. It knows no
//! SQL: it returns manifests, and a file counts only once its caller has committed its row.
//!
//! - [`tables`]: what a row of each table holds.
//! - [`objects`]: where files lie: a folder, or any S3-compatible store.
//! - [`Lake`]: writes and reads the tables as files of an object store.
//! - [`settle`]: one day of every usage point, corrections, month sums, recomputation.
//! - [`import`]: readings from users' own Parquet files.
//! - [`jobs`]: whole jobs from file to file, for scripts.

mod columns;
mod error;
pub mod import;
pub mod jobs;
mod lake;
mod merged;
pub mod objects;
pub mod query;
mod rating;
pub mod settle;
pub mod tables;

pub use error::LakeError;
pub use lake::{Append, Dataset, Lake, Manifest};
pub use rating::DailyRates;
