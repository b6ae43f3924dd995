//! What the upkeep of the lake is told and what it tells.

use serde::{Deserialize, Serialize};

/// When files are laid together and removed, from `rules/lake_upkeep.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpkeepRules {
    /// Where the numbers come from.
    pub source: String,
    /// A day's state is written as one file when it has so many layers.
    pub state_layers: i64,
    /// Days younger than this are left alone.
    pub state_rest_days: i32,
    /// Days after the end of a month before its intervals are packed.
    pub pack_rest_days: i32,
    /// Months with more rows stay in the files of their days.
    pub pack_up_to_rows: i64,
    /// Days that a replaced file stays.
    pub keep_replaced_days: i32,
    /// Days that a file stays which no row names.
    pub keep_unnamed_days: i32,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tidied {
    /// Days whose layers became one file.
    pub days_compacted: i64,
    /// Months whose intervals became one file.
    pub months_packed: i64,
    /// Intervals in the packed files.
    pub packed_rows: i64,
    /// Bytes of their files before.
    pub packed_bytes_before: i64,
    /// Bytes of the packed files.
    pub packed_bytes: i64,
    /// Files that were removed.
    pub files_removed: i64,
}
