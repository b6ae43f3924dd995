//! Reading texts of a document with the place named when one is wrong, and the document's hash.

use kernel::{Energy, QuantityError, Rate, Ratio};
use sha2::{Digest, Sha256};

use crate::{TariffError, text::parse_ratio};

/// Names a place in a document for the messages.
pub(crate) struct At<'a> {
    /// The tariff's id.
    pub tariff: &'a str,
}

impl At<'_> {
    /// A complaint about a place.
    pub fn wrong(&self, place: impl Into<String>, reason: impl Into<String>) -> TariffError {
        TariffError::Value {
            tariff: self.tariff.to_owned(),
            place: place.into(),
            reason: reason.into(),
        }
    }

    /// Reads a quantity or says where it is wrong.
    pub fn read<T>(
        &self,
        place: &str,
        text: &str,
        parse: impl Fn(&str) -> Result<T, QuantityError>,
    ) -> Result<T, TariffError> {
        parse(text).map_err(|e| self.wrong(place, format!("{text:?}: {e}")))
    }

    pub fn rate(&self, place: &str, text: &str) -> Result<Rate, TariffError> {
        self.read(place, text, Rate::parse)
    }

    pub fn energy(&self, place: &str, text: &str) -> Result<Energy, TariffError> {
        self.read(place, text, Energy::parse)
    }

    pub fn ratio(&self, place: &str, text: &str) -> Result<Ratio, TariffError> {
        self.read(place, text, parse_ratio)
    }
}

/// SHA-256 of a text, lower-case hexadecimal.
#[must_use]
pub fn hash_text(text: &str) -> String {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}"); // a String takes every write
    }
    hex
}
