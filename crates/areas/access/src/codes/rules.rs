//! How long codes last, how many there may be, and how they are hashed.

use kernel::Id;
use sha2::{Digest, Sha256};

use crate::sessions::rules::hex;

/// A code lives for five minutes and dies after five tries.
pub(super) const CODE_S: i64 = 5 * 60;
pub(super) const CODE_TRIES: i64 = 5;
/// At most three codes for one account in ten minutes, and ten in a day.
pub(super) const CODES_SHORT: (i64, i64) = (3, 10 * 60);
pub(crate) const CODES_LONG: (i64, i64) = (10, 24 * 3_600);

/// What of a code is kept. It is short, so its hash can be turned back by trying; that it dies
/// soon is what protects it.
pub(super) fn code_hash(ticket: Id, code: &str) -> String {
    hex(&Sha256::digest(format!("{ticket}:{code}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Randomness;

    #[test]
    fn a_code_belongs_to_its_ticket() {
        assert_ne!(code_hash(Id::from_i64(1), "000000"), code_hash(Id::from_i64(2), "000000"));
        let random = Randomness::from_number(1);
        assert!((0..100).all(|_| random.six_digits().len() == 6));
    }
}
