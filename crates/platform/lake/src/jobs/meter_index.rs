//! From a meter's number to its place, for the join of files in any order. Numbers that lie
//! close together go into a plain table; scattered ones into an open-addressing hash table.

/// Marks an empty place.
const NONE: u32 = u32::MAX;

/// Finds the place of a meter among `ids`.
pub(super) enum MeterIndex {
    /// Rising numbers without a hole: the place is the distance from the least.
    Consecutive { least: i64, count: usize },
    /// `places[id - least]`.
    Dense { least: i64, places: Vec<u32> },
    /// Linear probing over a power of two of places, at most half of them taken.
    Hashed { ids: Vec<i64>, places: Vec<u32>, shift: u32 },
}

impl MeterIndex {
    /// The index of these ids; on a repeated id, its later place.
    pub(super) fn new(ids: &[i64]) -> Result<Self, usize> {
        let least = ids.iter().copied().min().unwrap_or(0);
        let greatest = ids.iter().copied().max().unwrap_or(0);
        if ids.windows(2).all(|w| w[0].checked_add(1) == Some(w[1])) && !ids.is_empty() {
            return Ok(Self::Consecutive { least, count: ids.len() });
        }
        let span = usize::try_from(i128::from(greatest) - i128::from(least) + 1).ok();
        match span.filter(|s| *s <= ids.len().saturating_mul(16).saturating_add(1 << 16)) {
            Some(span) => Self::dense(ids, least, span),
            None => Self::hashed(ids.to_vec()),
        }
    }

    fn dense(ids: &[i64], least: i64, span: usize) -> Result<Self, usize> {
        let mut places = vec![NONE; span];
        for (row, id) in (0_u32..).zip(ids) {
            let place = usize::try_from(id - least).ok().and_then(|i| places.get_mut(i));
            match place {
                Some(place) if *place == NONE => *place = row,
                _ => return Err(row as usize),
            }
        }
        Ok(Self::Dense { least, places })
    }

    fn hashed(ids: Vec<i64>) -> Result<Self, usize> {
        let size = ids.len().saturating_mul(2).next_power_of_two().max(2);
        let shift = 64 - size.trailing_zeros();
        let mut places = vec![NONE; size];
        for (row, id) in (0_u32..).zip(&ids) {
            let mut at = slot(*id, shift);
            while let Some(other) = places.get(at).filter(|p| **p != NONE) {
                if ids.get(*other as usize) == Some(id) {
                    return Err(row as usize);
                }
                at = (at + 1) & (size - 1);
            }
            if let Some(place) = places.get_mut(at) {
                *place = row;
            }
        }
        Ok(Self::Hashed { ids, places, shift })
    }

    /// The place of this id.
    #[inline]
    pub(super) fn place(&self, id: i64) -> Option<usize> {
        match self {
            Self::Consecutive { least, count } => {
                let offset = usize::try_from(id.checked_sub(*least)?).ok()?;
                (offset < *count).then_some(offset)
            }
            Self::Dense { least, places } => {
                let offset = usize::try_from(id.checked_sub(*least)?).ok()?;
                places.get(offset).filter(|p| **p != NONE).map(|p| *p as usize)
            }
            Self::Hashed { ids, places, shift } => {
                let mut at = slot(id, *shift);
                loop {
                    let place = *places.get(at).filter(|p| **p != NONE)?;
                    if ids.get(place as usize) == Some(&id) {
                        return Some(place as usize);
                    }
                    at = (at + 1) & (places.len() - 1);
                }
            }
        }
    }
}

/// Fibonacci hashing: the top bits of the product with 2^64 / golden ratio.
fn slot(id: i64, shift: u32) -> usize {
    let mixed = id.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift;
    usize::try_from(mixed).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_scattered_numbers_are_found() {
        let near: Vec<i64> = (0..5000).map(|i| 330_100_000 + i * 3).collect();
        let far: Vec<i64> = (0..5000_i64).map(|i| i * i * i * 1_000_003 - 7).collect();
        for ids in [near, far, vec![i64::MIN, 0, i64::MAX], vec![9, 10, 11], vec![9]] {
            let index = MeterIndex::new(&ids).unwrap_or_else(|row| panic!("row {row} repeats"));
            for (place, id) in ids.iter().enumerate() {
                assert_eq!(index.place(*id), Some(place));
            }
            assert_eq!(index.place(4), None);
            assert_eq!(index.place(i64::MAX - 1), None);
        }
        assert!(MeterIndex::new(&[]).is_ok_and(|i| i.place(0).is_none()));
    }

    #[test]
    fn a_repeated_number_is_named() {
        assert_eq!(MeterIndex::new(&[1, 2, 1]).err(), Some(2));
        assert_eq!(MeterIndex::new(&[1, i64::MAX, 7, i64::MAX]).err(), Some(3));
    }
}
