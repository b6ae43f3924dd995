//! Keeps the lake in order: layers of corrections become one file of a day, the interval files of
//! a month become one file, and what was replaced is removed some time later.
//!
//! Invariants: no row of the lake says anything else afterwards; a file is replaced in the
//! transaction in which its successor begins to count; a run that is under way is never overtaken;
//! stopped anywhere and asked again, it goes on. It owns no tables; the thresholds are in
//! `rules/lake_upkeep.toml`.

mod error;
mod jobs;
mod model;
mod store;

pub use error::UpkeepError;
pub use jobs::tidy_lake;
pub use model::{Tidied, UpkeepRules};
pub use store::STATEMENTS;
