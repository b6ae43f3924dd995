//! Random tokens and signatures (HMAC-SHA-256) for forms and cookies.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers ({0}): nothing secret can be made")]
pub struct NoRandomness(getrandom::Error);

impl kernel::Fault for NoRandomness {
    fn kind(&self) -> kernel::FaultKind {
        kernel::FaultKind::Unavailable
    }

    fn code(&self) -> &'static str {
        "http.no_randomness"
    }
}

/// A random token of 128 bits in hex.
///
/// # Errors
/// [`NoRandomness`].
pub fn token() -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(hex(&bytes))
}

/// The key that signatures are made with.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// A key from secret bytes of any length; all nodes of an installation use the same.
    ///
    /// # Errors
    /// When the bytes cannot be used as a key; HMAC takes any length, so this does not happen.
    pub fn new(secret: &[u8]) -> Result<Self, hmac::digest::InvalidLength> {
        Hmac::new_from_slice(secret).map(Self)
    }

    /// The signature of a text for a purpose, in hex; another purpose gives another signature.
    #[must_use]
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        hex(&self.mac(purpose, text).finalize().into_bytes())
    }

    /// Whether this is the signature, compared in constant time.
    #[must_use]
    pub fn verify(&self, purpose: &str, text: &str, signature: &str) -> bool {
        unhex(signature).is_some_and(|bytes| self.mac(purpose, text).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac
    }
}

/// Bytes as hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Hex digits as bytes.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|i| text.get(i..i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_text_and_purpose_only() {
        let key = Key::new(b"secret").unwrap();
        let signature = key.sign("form", "abc");
        assert!(key.verify("form", "abc", &signature));
        assert!(!key.verify("form", "abd", &signature));
        assert!(!key.verify("flash", "abc", &signature));
        assert!(!Key::new(b"other").unwrap().verify("form", "abc", &signature));
        for bad in ["", "zz", "a", "\u{e9}\u{e9}"] {
            assert!(!key.verify("form", "abc", bad), "{bad}");
        }
    }

    #[test]
    fn hex_round_trips() {
        assert_eq!(unhex(&hex(&[0, 1, 254, 255])), Some(vec![0, 1, 254, 255]));
        assert_ne!(token().unwrap(), token().unwrap());
        assert_eq!(token().unwrap().len(), 32);
    }
}
