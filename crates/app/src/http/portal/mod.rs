//! The portal: what customers see, on a phone first. One module per area.

mod sign_in;

use super::Route;

/// Every route of the portal.
pub(super) fn routes() -> Vec<Route> {
    sign_in::routes()
}
