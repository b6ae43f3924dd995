//! What a settlement stands on: the files of the lake that count, and the terms of a day.

mod catalogue;
mod terms;

pub use catalogue::{files_between, further, reach};
pub(super) use terms::lake_row;
pub use terms::{Terms, day_terms, share_of_ladder, share_until, whole_terms};
