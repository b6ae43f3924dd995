//! Several files of one table read as one, in the order of its rows.

use std::marker::PhantomData;

use crate::{
    Lake, LakeError,
    columns::{Row, RowReader},
};

/// Several files of one table that are sorted alike, read as one in the order of `key`; of equal
/// keys the earlier file comes first.
pub(crate) struct Merged<T: Row, K: Ord, F: Fn(&T) -> K> {
    readers: Vec<RowReader<T>>,
    key: F,
    rows: PhantomData<K>,
}

impl<T: Row, K: Ord, F: Fn(&T) -> K> Merged<T, K, F> {
    pub(crate) fn open(lake: &Lake, keys: &[String], key: F) -> Result<Self, LakeError> {
        let readers: Result<Vec<_>, _> = keys.iter().map(|k| lake.open(k)).collect();
        Ok(Self { readers: readers?, key, rows: PhantomData })
    }

    pub(crate) fn open_range(
        lake: &Lake,
        keys: &[String],
        (first, last): (i64, i64),
        key: F,
    ) -> Result<Self, LakeError> {
        let readers: Result<Vec<_>, _> =
            keys.iter().map(|k| lake.open_range(k, first, last)).collect();
        Ok(Self { readers: readers?, key, rows: PhantomData })
    }

    fn first(&mut self) -> Result<Option<usize>, LakeError> {
        if let [only] = self.readers.as_mut_slice() {
            return Ok(only.peek()?.is_some().then_some(0));
        }
        let mut best: Option<(usize, K)> = None;
        for (i, reader) in self.readers.iter_mut().enumerate() {
            if let Some(row) = reader.peek()? {
                let key = (self.key)(row);
                if best.as_ref().is_none_or(|(_, least)| key < *least) {
                    best = Some((i, key));
                }
            }
        }
        Ok(best.map(|(i, _)| i))
    }

    pub(crate) fn peek(&mut self) -> Result<Option<T>, LakeError> {
        match self.first()? {
            Some(i) => Ok(self.readers[i].peek()?.copied()),
            None => Ok(None),
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<T>, LakeError> {
        match self.first()? {
            Some(i) => self.readers[i].next(),
            None => Ok(None),
        }
    }

    /// Passes over to this usage point and hands its rows over, file by file in the order of the
    /// files; returns how many rows were passed over.
    pub(crate) fn of_usage_point(
        &mut self,
        usage_point: i64,
        mut each: impl FnMut(T),
    ) -> Result<u64, LakeError> {
        let mut passed = 0;
        for reader in &mut self.readers {
            passed += reader.of_usage_point(usage_point, &mut each)?;
        }
        Ok(passed)
    }
}
