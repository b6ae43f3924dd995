//! What a settlement stands on: the files of the lake that count, and the terms of a day.

mod catalogue;
mod terms;

pub use catalogue::{REACH_DAYS, files_between};
pub use terms::{Terms, day_terms, share_of_ladder, whole_terms};
