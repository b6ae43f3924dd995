//! Readings and daily state as Parquet files; the settlement run over columns.
//!
//! The lake keeps what machines measure, in immutable files sorted by usage point. It knows no
//! SQL: it returns manifests, and a file counts only once its caller has committed its row.

mod columns;
mod error;
pub mod jobs;
mod rating;

pub use error::LakeError;
pub use rating::DailyRates;
