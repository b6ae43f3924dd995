//! Which of several deliveries of the same reading counts.
//!
//! The same reading can arrive many times: from the nightly run, from a file, from a person who
//! corrected it. Which one counts never depends on when it arrived: the greatest
//! (revision, source rank, value, …) wins, register by register. Taking a maximum is commutative,
//! associative and idempotent, so any order and any number of deliveries give the same result.

use std::cmp::Ordering;

use kernel::{Id, Instant};

use super::{Mark, RegisterKind, Registers, Source};

/// One delivered reading of a meter: some registers at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterReading {
    /// The usage point it is for.
    pub usage_point: Id,
    /// The meter that was read. Two meters may be read at the same moment: at an exchange.
    pub meter: Id,
    /// When the registers stood there.
    pub at: Instant,
    /// The values.
    pub registers: Registers,
    /// Where they came from.
    pub source: Source,
    /// How far to trust them.
    pub mark: Mark,
    /// The delivering system's version of this reading; a higher one replaces a lower one.
    pub revision: i32,
}

impl RegisterReading {
    /// What makes two deliveries the same reading.
    #[must_use]
    pub const fn key(&self) -> (Id, Instant, Id) {
        (self.usage_point, self.at, self.meter)
    }
}

/// One register value that competes with others for the same usage point, meter, register and
/// moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The delivering system's version.
    pub revision: i32,
    /// Where it came from; the higher rank wins.
    pub source: Source,
    /// The value at its scale.
    pub value: i64,
    /// The decimals of the value.
    pub scale: u8,
    /// How far to trust it.
    pub mark: Mark,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.revision
            .cmp(&other.revision)
            .then_with(|| self.source.cmp(&other.source))
            .then_with(|| compare_scaled((self.value, self.scale), (other.value, other.scale)))
            .then_with(|| self.scale.cmp(&other.scale))
            .then_with(|| self.mark.cmp(&other.mark))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares two decimals that may have different numbers of decimals.
fn compare_scaled(left: (i64, u8), right: (i64, u8)) -> Ordering {
    let at_common = |(value, scale): (i64, u8), common: u8| {
        i128::from(value) * 10_i128.pow(u32::from(common - scale))
    };
    let common = left.1.max(right.1).min(18);
    at_common((left.0, left.1.min(18)), common).cmp(&at_common((right.0, right.1.min(18)), common))
}

/// The candidate that counts; none only when there is none.
#[must_use]
pub fn winner(candidates: &[Candidate]) -> Option<Candidate> {
    candidates.iter().copied().max()
}

/// What all deliveries of one reading come to: the winner of each register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergedReading {
    values: [Option<Candidate>; RegisterKind::COUNT],
}

impl MergedReading {
    /// The value that counts for a register.
    #[must_use]
    pub const fn get(&self, kind: RegisterKind) -> Option<Candidate> {
        self.values[kind.index()]
    }

    /// Takes one more delivery into account; taking the same one twice changes nothing.
    pub fn take(&mut self, delivery: &RegisterReading) {
        for (kind, value) in delivery.registers.iter() {
            let candidate = Candidate {
                revision: delivery.revision,
                source: delivery.source,
                value,
                scale: delivery.registers.scale(),
                mark: delivery.mark,
            };
            let slot = &mut self.values[kind.index()];
            *slot = (*slot).max(Some(candidate));
        }
    }

    /// The strongest of the winning values, whose source and mark speak for the whole row.
    #[must_use]
    pub fn lead(&self) -> Option<Candidate> {
        self.values.iter().flatten().copied().max()
    }
}

/// Merges all deliveries of one key ([`RegisterReading::key`]).
#[must_use]
pub fn merge(deliveries: &[RegisterReading]) -> MergedReading {
    let mut merged = MergedReading::default();
    for delivery in deliveries {
        merged.take(delivery);
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Method, Validity};
    use proptest::prelude::*;

    fn delivery(revision: i32, source: Source, scale: u8, total: i64) -> RegisterReading {
        let mut registers = Registers::new(scale).unwrap();
        registers.set(RegisterKind::Total, Some(total));
        RegisterReading {
            usage_point: Id::from_i64(1),
            meter: Id::from_i64(2),
            at: Instant::from_micros(0),
            registers,
            source,
            mark: Mark::RAW,
            revision,
        }
    }

    #[test]
    fn a_correction_beats_the_nightly_run_and_a_revision_beats_both() {
        let nightly = delivery(0, Source::Ami, 1, 99_999);
        let edited = delivery(0, Source::Edited, 1, 15_000);
        let revised = delivery(1, Source::Estimated, 1, 14_000);
        let total = |all: &[RegisterReading]| merge(all).get(RegisterKind::Total).unwrap().value;
        assert_eq!(total(&[nightly, edited]), 15_000);
        assert_eq!(total(&[revised, nightly, edited]), 14_000);
    }

    #[test]
    fn scales_do_not_decide_by_their_digits() {
        // 100.0 is more than 99.99 although the stored integer is smaller.
        let coarse = delivery(0, Source::Ami, 1, 1_000);
        let fine = delivery(0, Source::Ami, 2, 9_999);
        assert_eq!(merge(&[fine, coarse]).get(RegisterKind::Total).unwrap().scale, 1);
    }

    fn any_delivery() -> impl Strategy<Value = RegisterReading> {
        let values = proptest::array::uniform10(proptest::option::of(any::<i64>()));
        (0_i32..3, 0_u8..8, 0_u8..=9, values, any::<bool>()).prop_map(
            |(revision, source, scale, values, valid)| {
                let mut one = delivery(revision, Source::from_code(source).unwrap(), scale, 0);
                for kind in RegisterKind::ALL {
                    one.registers.set(kind, values[kind.index()]);
                }
                let validity = if valid { Validity::Valid } else { Validity::Raw };
                one.mark = Mark { validity, method: Method::Measured };
                one
            },
        )
    }

    proptest! {
        #[test]
        fn any_order_and_any_number_of_deliveries_give_the_same(
            (once, again) in proptest::collection::vec(any_delivery(), 1..8).prop_flat_map(|all| {
                let repeats = proptest::collection::vec(proptest::sample::select(all.clone()), 0..8);
                (Just(all.clone()), repeats.prop_flat_map(move |more| {
                    let mut every = all.clone();
                    every.extend(more);
                    Just(every).prop_shuffle()
                }))
            })
        ) {
            prop_assert_eq!(merge(&once), merge(&again));
        }
    }
}
