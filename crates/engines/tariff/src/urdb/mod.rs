//! US rates into plans: the JSON of the US Utility Rate Database, and the `ur_*` inputs of SAM
//! and PySAM. Both become the one [`crate::Plan`]; [`crate::profile`] rates it.
//!
//! Nothing is guessed: a file that says what cannot be billed is refused with its place and a
//! reason, and what is left out comes back as notes.

mod cases;
mod error;
mod file;
mod openei;
mod sam;
mod tables;

pub use cases::{CASE_LOADS, monthly_json, rate_case, rate_urdb};
pub use error::UrdbError;
pub use openei::{UrdbRate, read_rate};
pub use sam::{SamInputs, SamRate, read_sam_inputs};
