//! Pure rules: which usage point a row is for, rows to days of the lake, and what a decision
//! delivers.

mod chunk;
mod decided;
mod index;

pub use chunk::{Chunk, Collector, DayRows};
pub use decided::{accept, replace, restore};
pub use index::{Index, IndexRow, NamedPoint};
