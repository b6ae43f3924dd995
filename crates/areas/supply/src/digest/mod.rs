//! One hash over everything that settlement and billing have made, by what people call things and
//! never by ids or times: two installations that came to the same results have the same digest.
//! For drills and for the proof that a killed run ends like an undisturbed one. Owns no tables.

mod queries;
mod store;

pub use queries::{Digest, digest};
pub use store::STATEMENTS;
