//! Randomness from one seed. The program's outermost layer seeds it from the operating system and
//! logs nothing of it; tests and drills seed it with a number.

use std::sync::{Mutex, PoisonError};

use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

/// Random bytes and codes, shared by all requests of a process.
pub struct Randomness(Mutex<ChaCha20Rng>);

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Randomness(…)")
    }
}

impl Randomness {
    /// From 32 secret bytes of the operating system.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Mutex::new(ChaCha20Rng::from_seed(seed)))
    }

    /// From a number, for tests and drills only: whoever knows it knows every token.
    #[must_use]
    pub fn from_number(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// Random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// Six random digits.
    #[must_use]
    pub fn six_digits(&self) -> String {
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        format!("{:06}", rng.random_range(0..1_000_000_u32))
    }
}
