//! URDB and SSC rates imported into a [`crate::Plan`].
