//! Reading a file of customers, row by row. Pure but for the reader it is given.

mod columns;
mod file;

pub use file::{CustomerFile, FileError, LineFault, Row};
