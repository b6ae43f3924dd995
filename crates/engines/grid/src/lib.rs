//! The network of a distribution company as values: how it is imported, what is energised, what lies
//! below a device, which device probably failed, when power will be back, and how reliable the supply
//! was. Pure: no input or output, no clock, no database; a caller opens files and asks the time.

pub mod extent;
pub mod import;
pub mod infer;
pub mod links;
pub mod network;
mod phase;
pub mod reliability;
pub mod restoration;
pub mod state;
#[cfg(test)]
pub(crate) mod testing;

pub use extent::Extent;
pub use network::Network;
pub use phase::Phases;

/// A row number. Tables are bounded far below the largest (see [`network::RowsError`]), so that
/// the bound of the type is never met.
pub(crate) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
