//! US rates: held to the numbers of the reference engine, and the readers to bad input.

#[cfg(test)]
mod cases;
#[cfg(test)]
mod goldens;
#[cfg(test)]
mod parsers;
#[cfg(test)]
mod ssc;
#[cfg(test)]
pub mod support;
#[cfg(test)]
mod urdb;
