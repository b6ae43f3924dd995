//! The few front-end libraries, fetched from npm at build time, checked by hash, embedded; and
//! [`Shelf`], the list of everything a browser may ask for, each file under an address that holds
//! its own hash, so that it can be cached for ever.
//!
//! No HTTP lives here: the door turns an [`Asset`] into a response.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Name, content type, sha256 and bytes of each library, written by `build.rs`.
type Embedded = (&'static str, &'static str, &'static str, &'static [u8]);
const LIBRARIES: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/list.rs"));

/// What a browser is told about a file whose address changes with its content.
pub const CACHE_FOR_EVER: &str = "public, max-age=31536000, immutable";

/// One embedded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    sha256: String,
    path: String,
}

impl Asset {
    /// An embedded file; its content type follows from the ending of its name.
    #[must_use]
    pub fn new(name: &'static str, bytes: &'static [u8]) -> Self {
        let mut sha256 = String::with_capacity(64);
        for byte in Sha256::digest(bytes) {
            let _ = write!(sha256, "{byte:02x}");
        }
        Self::with_hash(name, content_type(name), bytes, sha256)
    }

    fn with_hash(
        name: &'static str,
        content_type: &'static str,
        bytes: &'static [u8],
        sha256: String,
    ) -> Self {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let path = format!("/assets/{stem}.{}.{ending}", sha256.get(..16).unwrap_or_default());
        Self { name, content_type, bytes, sha256, path }
    }

    /// The name that pages ask for it by, such as `app.css`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its address, with the first 16 hex digits of its sha256: `/assets/app.0123456789abcdef.css`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its MIME type, with the character set for text.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// Its content.
    #[must_use]
    pub const fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The sha256 of its content, in hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its strong entity tag, quotes included.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.sha256.get(..32).unwrap_or_default())
    }
}

/// The MIME type of a file by its ending; unknown endings are plain bytes.
#[must_use]
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("png") => "image/png",
        Some("ico") => "image/vnd.microsoft.icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Everything a browser may ask for: the libraries and the program's own files.
#[derive(Debug, Clone)]
pub struct Shelf(Vec<Asset>);

impl Shelf {
    /// The embedded libraries and, after them, the given files.
    #[must_use]
    pub fn with(own: impl IntoIterator<Item = Asset>) -> Self {
        let libraries = LIBRARIES.iter().map(|(name, content_type, sha256, bytes)| {
            Asset::with_hash(name, content_type, bytes, (*sha256).to_owned())
        });
        Self(libraries.chain(own).collect())
    }

    /// The file that pages call by this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Asset> {
        self.0.iter().find(|asset| asset.name == name)
    }

    /// The file at this address.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Asset> {
        self.0.iter().find(|asset| asset.path == path)
    }

    /// All files.
    pub fn iter(&self) -> impl Iterator<Item = &Asset> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_what_the_pins_say() {
        let shelf = Shelf::with([]);
        for name in ["htmx.js", "echarts.js", "echarts-license.txt", "htmx-license.txt"] {
            let asset = shelf.named(name).unwrap();
            assert_eq!(Asset::new(asset.name, asset.bytes), *asset, "{name}");
            assert_eq!(shelf.at(asset.path()), Some(asset));
        }
    }

    #[test]
    fn an_address_changes_with_the_content() {
        let (one, two) = (Asset::new("app.css", b"a{}"), Asset::new("app.css", b"b{}"));
        assert!(one.path().starts_with("/assets/app.") && one.path().ends_with(".css"));
        assert_ne!(one.path(), two.path());
        assert_ne!(one.etag(), two.etag());
        assert_eq!(one.content_type(), "text/css; charset=utf-8");
        assert!(Shelf::with([one]).at(two.path()).is_none());
    }

    #[test]
    fn the_lock_names_no_host() {
        let lock = include_str!("../npm/package-lock.json");
        assert!(!lock.contains("http") && !lock.contains("resolved"));
    }
}
