//! Rights, the roles that bundle them, and who holds which role where.
//!
//! Invariants
//! - A right held at an organisation holds at every organisation below it and nowhere else.
//! - Nobody can give, or put into a role, a right that they do not hold there themselves.
//! - A right's name that this program does not know gives nothing.
//!
//! Owns the tables `role`, `role_right`, `role_grant`.

mod model;
mod ops;
pub(crate) mod store;

pub use model::{DEFAULT_ROLES, DefaultRole, Right};
pub use ops::{EditRole, GrantRole, ensure_default_roles, grant_role, revoke_role, save_role};
pub use store::{
    Grant, Role, grants_of, rights_of_role, role_by_code, role_by_id, roles, staff_with_role,
};
