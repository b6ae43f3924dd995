//! What every handler can reach: the works of the house, and how the door is set up.

use std::{ops::Deref, sync::Arc};

use kernel::Zone;
use supply::Works;

use super::{door::Customers, ui::NavGroup, visit::Visit};

/// How the web door is set up.
pub struct WebSetup {
    /// Database (which also says what time it is), lake, rules and randomness.
    pub works: Works,
    /// Who knows customers.
    pub customers: Arc<dyn Customers>,
    /// Whether people reach us by https, so that cookies may say `Secure`.
    pub https: bool,
    /// The largest file that the console takes, in MiB.
    pub upload_mib: u64,
    /// The zone in which pages show times.
    pub zone: Zone,
    /// The navigation of a visitor at an address: [`super::nav`], except in the gallery.
    pub nav: fn(&Visit) -> Vec<NavGroup>,
}

/// The state of the web door; cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<WebSetup>);

impl Web {
    /// The state of a door set up like this.
    #[must_use]
    pub fn new(setup: WebSetup) -> Self {
        Self(Arc::new(setup))
    }
}

impl Deref for Web {
    type Target = WebSetup;

    fn deref(&self) -> &WebSetup {
        &self.0
    }
}
