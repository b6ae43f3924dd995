//! Pure parts: templates, pacing, and how a person is reached.

mod policy;
mod routes;
mod templates;

pub use policy::Policy;
pub use routes::{Preference, Wish, pack_routes, unpack_routes};
pub use templates::{BUNDLED, Rendered, Template, Templates};
