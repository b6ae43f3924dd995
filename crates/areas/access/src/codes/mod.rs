//! One-time codes with which customers sign in.
//!
//! Invariants
//! - A code is kept as a hash with its ticket only.
//! - It dies after five minutes, after five tries, by its use, and when the account asks for
//!   another. At most three are made in ten minutes and ten in a day.
//!
//! Owns the table `one_time_code`.

mod ops;
pub(crate) mod rules;
pub(crate) mod store;

pub use ops::{IssuedCode, request_code, sign_in_with_code};
