//! Pure rules: which usage point a row is for, rows to days of the lake, what a decision
//! delivers, and data as files.

mod chunk;
mod decided;
mod export;
mod index;
mod single;

pub use chunk::{Chunk, Collector, DayRows};
pub use decided::{accept, replace, restore};
pub use export::{
    ExportPoint, days_csv, green_button, intervals_csv, nem12, readings_csv, safe_cell,
};
pub use index::{Index, IndexRow, NamedPoint};
pub use single::{ShownRegisters, single};
