//! Who may do what, where: users, roles, the organisation tree, sign-in, keys for programs,
//! privacy. Every operation of every area is given a [`Ctx`] and asks it for the right to act.
//!
//! No HTTP lives here: the door takes a token from a cookie or a header, asks [`recognise`] who is
//! behind it, makes a [`Ctx`], and writes the refusals down afterwards ([`write_refusals`]).

mod audit;
mod codes;
mod context;
mod error;
mod organisations;
mod privacy;
mod random;
mod roles;
mod sessions;
mod tokens;
mod users;

pub use audit::{Audited, write_refusals};
pub use codes::{IssuedCode, request_code, sign_in_with_code};
pub use context::{Actor, Ctx, Scope};
pub use error::{AccessError, Denied};
pub use organisations::{
    NewOrganisation, Organisation, create_organisation, move_organisation, organisation_by_code,
    organisation_by_id, organisations_above, organisations_below, rename_organisation,
    root_organisation,
};
pub use privacy::{
    Clearance, Reveal, mask_address, mask_email, mask_identity, mask_name, mask_phone, reveal,
};
pub use random::Randomness;
pub use roles::{
    DEFAULT_ROLES, DefaultRole, EditRole, Grant, GrantRole, Right, Role, ensure_default_roles,
    grant_role, grants_of, revoke_role, rights_of_role, role_by_code, role_by_id, roles, save_role,
    staff_with_role,
};
pub use sessions::{
    NewSession, SessionInfo, SignIn, SignedIn, csrf_secret, end_expired, is_csrf_secret, recognise,
    sessions_of_staff, sign_in, sign_out, sign_out_everywhere,
};
pub use tokens::{
    ApiToken, IssuedToken, NewToken, create_token, is_program_token, revoke_token, rights_of_token,
    tokens_of,
};
pub use users::{
    LOCKED_S, NewStaff, Password, Staff, StaffSummary, TRIES_MAX, change_password, create_staff,
    disable_staff, enable_staff, reset_password, staff_by_id, staff_by_login, staff_of,
};

/// The tables of this area.
pub const MIGRATIONS: &[store::Migration] =
    store::migrations!("access": "0001_access", "0002_reading_request");

/// Every statement of this area, for the test that prepares them all.
pub const STATEMENTS: &[&[store::Statement]] = &[
    codes::store::STATEMENTS,
    organisations::store::STATEMENTS,
    roles::store::STATEMENTS,
    sessions::store::STATEMENTS,
    tokens::store::STATEMENTS,
    users::store::STATEMENTS,
];
