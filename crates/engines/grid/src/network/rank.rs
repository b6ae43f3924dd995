//! How many of each code lie in a range of a long row of codes, in constant time: sums at the
//! start of every block, and a look at the rest of two blocks.

use std::ops::Range;

/// Codes per block. A query looks at fewer than two blocks of bytes.
const BLOCK: usize = 256;

/// Codes below `K`, countable in any range.
#[derive(Debug, Clone)]
pub(crate) struct Rank<const K: usize> {
    codes: Vec<u8>,
    sums: Vec<[u32; K]>,
}

impl<const K: usize> Rank<K> {
    /// Every code must be below `K`.
    pub(crate) fn new(codes: Vec<u8>) -> Self {
        let mut sums = Vec::with_capacity(codes.len() / BLOCK + 1);
        let mut sum = [0; K];
        for block in codes.chunks(BLOCK) {
            sums.push(sum);
            for code in block {
                sum[usize::from(*code)] += 1;
            }
        }
        sums.push(sum);
        Self { codes, sums }
    }

    pub(crate) fn code(&self, at: u32) -> u8 {
        self.codes[at as usize]
    }

    /// How many of each code lie in the range.
    pub(crate) fn count(&self, range: Range<u32>) -> [u32; K] {
        if range.len() <= 2 * BLOCK {
            let mut counts = [0; K];
            for code in &self.codes[range.start as usize..range.end as usize] {
                counts[usize::from(*code)] += 1;
            }
            return counts;
        }
        let (low, mut high) = (self.before(range.start), self.before(range.end));
        for (high, low) in high.iter_mut().zip(low) {
            *high -= low;
        }
        high
    }

    fn before(&self, at: u32) -> [u32; K] {
        let block = at as usize / BLOCK;
        let mut counts = self.sums[block];
        for code in &self.codes[block * BLOCK..at as usize] {
            counts[usize::from(*code)] += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_are_those_of_counting(
            codes in proptest::collection::vec(0_u8..5, 0..2_000),
            ends in (any::<u16>(), any::<u16>()),
        ) {
            let most = codes.len() + 1;
            let (a, b) = (usize::from(ends.0) % most, usize::from(ends.1) % most);
            let (a, b) = (a.min(b), a.max(b));
            let rank = Rank::<5>::new(codes.clone());
            let counted = rank.count(crate::small(a)..crate::small(b));
            for (code, count) in (0_u8..).zip(counted) {
                let plain = codes[a..b].iter().filter(|c| **c == code).count();
                prop_assert_eq!(count as usize, plain);
            }
        }
    }
}
