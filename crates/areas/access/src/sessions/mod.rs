//! Signing staff in by name and password, and the sessions of staff and customers.
//!
//! Invariants
//! - A token is 32 random bytes and kept as its SHA-256 only.
//! - A session ends when it is idle for too long, at its absolute end, by signing out, by signing
//!   out everywhere, and when the person is disabled or their password changes.
//! - Whoever must choose a new password holds no right until they have.
//! - An unknown name, a wrong password, a disabled and a locked login get the same answer after
//!   the same work.
//!
//! Owns the table `session`.

mod model;
pub(crate) mod ops;
mod queries;
pub(crate) mod rules;
pub(crate) mod store;

pub use model::{NewSession, SessionInfo, SignedIn};
pub use ops::{SignIn, end_expired, sign_in, sign_out, sign_out_everywhere};
pub use queries::{recognise, sessions_of_staff};
pub use rules::{csrf_secret, is_csrf_secret};
