//! Where the files of the lake lie. Files are immutable: written once under a key, read many
//! times, never changed. Work happens on local files; a store brings them to and from its place.

mod folder;
#[cfg(feature = "s3")]
mod s3;

use std::path::{Path, PathBuf};

pub use folder::Folder;
#[cfg(feature = "s3")]
pub use s3::{S3, S3Config};

use crate::LakeError;

/// A place for files under keys such as `state/7/2026-06-01/000001.parquet`.
pub trait ObjectStore: Send + Sync {
    /// A path at which the object can be read; brought here first when it lies elsewhere.
    ///
    /// # Errors
    /// [`LakeError::NotFound`], or the store's failure.
    fn fetch(&self, key: &str) -> Result<PathBuf, LakeError>;

    /// A path on this machine at which the object may be prepared.
    ///
    /// # Errors
    /// When the folder cannot be made.
    fn prepare(&self, key: &str) -> Result<PathBuf, LakeError>;

    /// Makes what was prepared the object of this key, durably. Publishing the same bytes again
    /// changes nothing.
    ///
    /// # Errors
    /// The store's failure; the object is then not there, or as it was.
    fn publish(&self, key: &str, prepared: &Path) -> Result<(), LakeError>;

    /// Whether what is prepared must be forced to the disk of this machine before it is published.
    fn is_durable(&self) -> bool {
        true
    }

    /// Removes an object; one that is not there is no error.
    ///
    /// # Errors
    /// The store's failure.
    fn remove(&self, key: &str) -> Result<(), LakeError>;

    /// All keys that begin so, in order.
    ///
    /// # Errors
    /// The store's failure.
    fn list(&self, prefix: &str) -> Result<Vec<String>, LakeError>;
}

/// Refuses keys that could leave the store's root.
pub(crate) fn check_key(key: &str) -> Result<(), LakeError> {
    let plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    if key.split('/').all(plain) {
        return Ok(());
    }
    Err(LakeError::Invalid(format!(
        "{key:?} is no key of the lake: use letters, digits, - _ . and / between parts"
    )))
}
