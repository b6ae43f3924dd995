//! What every handler can reach: the clock, the doorkeeper, the key of tokens, and how the door is
//! set up.

use std::{ops::Deref, sync::Arc};

use kernel::{Clock, Zone};

use super::{door::Doorkeeper, secret::Key, ui::NavGroup, visit::Visit};

/// How the web door is set up.
pub struct WebSetup {
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// Who knows people and their sessions.
    pub door: Arc<dyn Doorkeeper>,
    /// What tokens are signed with; the same on every node.
    pub key: Key,
    /// Whether people reach us by https, so that cookies may say `Secure`.
    pub https: bool,
    /// The zone in which pages show times.
    pub zone: Zone,
    /// The navigation of a visitor at an address.
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
