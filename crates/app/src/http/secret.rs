//! Hex, and signatures (HMAC-SHA-256) of what we leave in a browser's cookies.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The signature of a text under a secret, in hex.
#[must_use]
pub fn sign(secret: &str, text: &str) -> String {
    mac(secret, text).map(|mac| hex(&mac.finalize().into_bytes())).unwrap_or_default()
}

/// Whether this is the signature of the text under the secret, compared in constant time.
#[must_use]
pub fn verify(secret: &str, text: &str, signature: &str) -> bool {
    let (Some(mac), Some(bytes)) = (mac(secret, text), unhex(signature)) else { return false };
    mac.verify_slice(&bytes).is_ok()
}

fn mac(secret: &str, text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
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

    /// RFC 4231, test case 2.
    #[test]
    fn a_signature_is_hmac_sha_256_and_holds_for_its_text_and_secret_only() {
        let signature = sign("Jefe", "what do ya want for nothing?");
        assert_eq!(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert!(verify("Jefe", "what do ya want for nothing?", &signature));
        assert!(!verify("Jefe", "what do ya want for something?", &signature));
        assert!(!verify("other", "what do ya want for nothing?", &signature));
        for bad in ["", "zz", "a", "\u{e9}\u{e9}"] {
            assert!(!verify("Jefe", "", bad), "{bad}");
        }
    }

    #[test]
    fn hex_round_trips() {
        assert_eq!(unhex(&hex(&[0, 1, 254, 255])), Some(vec![0, 1, 254, 255]));
    }
}
