//! Members of staff who can sign in.
//!
//! Invariants
//! - A login is lower-case and unique; a password is kept as an argon2id hash only.
//! - After five failures a login is locked for fifteen minutes, whatever is tried.
//! - Disabling, a new password and a reset by an administrator end every session of the person.
//!
//! Owns the table `staff`.

mod model;
mod ops;
pub(crate) mod rules;
pub(crate) mod store;

pub use model::{NewStaff, Password};
pub use ops::{change_password, create_staff, disable_staff, enable_staff, reset_password};
pub use rules::{LOCKED_S, TRIES_MAX};
pub use store::{Staff, StaffSummary, staff_by_id, staff_by_login, staff_of};
