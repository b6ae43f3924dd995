//! Keys for programs: some rights, at one organisation and all below it, until a day.
//!
//! Invariants
//! - A key is kept as its SHA-256 only and shown once, when it is made.
//! - Nobody can make a key that may do what they may not; a key cannot make keys.
//!
//! Owns the tables `api_token`, `api_token_right`.

mod ops;
pub(crate) mod queries;
pub(crate) mod store;

pub use ops::{IssuedToken, NewToken, create_token, is_program_token, revoke_token};
pub use store::{ApiToken, rights_of_token, tokens_of};
