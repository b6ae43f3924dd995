//! When a failed job is tried again: a pure function of the seed, the job and its failures.

use kernel::Id;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// After this many failures a job is dead until a person decides.
pub const ATTEMPTS_MAX: i64 = 10;
/// After this many workers have died over a job, without progress in between, it is dead.
pub(super) const TAKEOVERS_MAX: i64 = 20;
/// The first wait, seconds; every further one doubles.
const FIRST_S: i64 = 5;
/// No wait is longer than an hour.
const LONGEST_S: i64 = 3_600;

/// Seconds to wait after the given number of failures (1 for the first): 5, 10, 20 … 3 600,
/// spread by ±25 % so that jobs which failed together do not come back together. Ten failures
/// span about two hours.
#[must_use]
pub fn backoff_s(seed: u64, job: Id, failures: i64) -> i64 {
    let doublings = u32::try_from((failures - 1).clamp(0, 20)).unwrap_or(20);
    let base = (FIRST_S << doublings).min(LONGEST_S);
    let mixed = seed ^ job.get().cast_unsigned() ^ (failures.cast_unsigned() << 56);
    let spread = base / 4;
    base + ChaCha8Rng::seed_from_u64(mixed).random_range(-spread..=spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_grow_and_stay_bounded(seed: u64, job in 1_i64.., failures in 1_i64..100) {
            let wait = backoff_s(seed, Id::from_i64(job), failures);
            prop_assert!((4..=4_500).contains(&wait));
            prop_assert_eq!(wait, backoff_s(seed, Id::from_i64(job), failures));
            prop_assert!(failures > 8 || backoff_s(seed, Id::from_i64(job), failures + 2) > wait);
        }
    }
}
