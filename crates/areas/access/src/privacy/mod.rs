//! Personal data: masked for everyone, in clear for those with the right and a purpose, and every
//! look in clear is in the audit trail.

mod ops;
mod rules;

pub use ops::{Clearance, Reveal, reveal};
pub use rules::{mask_address, mask_email, mask_identity, mask_name, mask_phone};
