//! The organisation tree: company, bureaus, stations. A right given at one holds for all below it.
//!
//! Invariants
//! - `organisation_path` holds every pair of an organisation and one above it, itself included.
//! - There is one root; no organisation is above itself.
//!
//! Owns the tables `organisation`, `organisation_path`.

mod ops;
pub(crate) mod store;

pub use ops::{NewOrganisation, create_organisation, move_organisation, rename_organisation};
pub use store::{
    Organisation, organisation_by_code, organisation_by_id, organisations_above,
    organisations_below, root_organisation,
};
