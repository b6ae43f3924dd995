//! `settle-files` and `vee-files` against slow, plain references that are written down here from
//! the definition of the two jobs and share no code with the engines. Inputs are drawn by a small
//! generator with a seed, so they are the same on every machine.

mod columns;
mod settle;
mod vee;

pub use columns::{Column, Layout, write};

/// A small generator with a seed.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number from `from` up to and without `to`.
    fn within(&mut self, from: i64, to: i64) -> i64 {
        let span = u64::try_from(to - from).unwrap();
        from + i64::try_from((self.next() >> 8) % span).unwrap()
    }

    /// True once in so many times.
    fn once_in(&mut self, times: i64) -> bool {
        self.within(0, times) == 0
    }

    fn shuffle<T>(&mut self, rows: &mut [T]) {
        for last in (1..rows.len()).rev() {
            let other = usize::try_from(self.within(0, i64::try_from(last + 1).unwrap())).unwrap();
            rows.swap(last, other);
        }
    }
}
