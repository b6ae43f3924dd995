//! Exact shares: a total cut into whole parts that add up to it again.

use kernel::Instant;

use crate::reading::IntervalBlock;

/// Cuts a total into parts in proportion to the weights, by largest remainder: the parts are whole
/// and their sum is the total, always. A negative weight counts as none; without any weight the
/// parts are equal. Equal remainders are served in order, so the result never depends on chance.
#[must_use]
pub fn share_out(total: i64, weights: &[i64]) -> Vec<i64> {
    if weights.is_empty() {
        return Vec::new();
    }
    let clean: Vec<u128> = weights.iter().map(|w| u128::from(w.max(&0).unsigned_abs())).collect();
    let sum: u128 = clean.iter().sum();
    let equal = vec![1_u128; clean.len()];
    let (clean, sum) = if sum == 0 {
        (&equal, u128::try_from(equal.len()).unwrap_or(u128::MAX))
    } else {
        (&clean, sum)
    };
    let whole = u128::from(total.unsigned_abs());
    let mut parts: Vec<u128> = clean.iter().map(|w| whole * w / sum).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(whole * clean[*i] % sum), *i));
    let left = whole - parts.iter().sum::<u128>();
    // There are fewer units left than parts, because each part lost less than one.
    for i in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        parts[i] += 1;
    }
    let signed = |part: u128| {
        let part = i128::try_from(part).unwrap_or(i128::MAX);
        i64::try_from(if total < 0 { -part } else { part }).unwrap_or(total)
    };
    parts.into_iter().map(signed).collect()
}

/// The energy of a block of intervals by time-of-use window, at the block's scale: for the days
/// on which the meter's own table was not yet the decreed one (story T-11). `bucket_of` names the
/// window of an interval's start; a number of 5 or more puts it in none.
pub fn rebucket(block: &IntervalBlock, mut bucket_of: impl FnMut(Instant) -> usize) -> [i128; 5] {
    let mut buckets = [0_i128; 5];
    for (at, value, _) in block.iter() {
        if let (Some(slot), Some(value)) = (buckets.get_mut(bucket_of(at)), value) {
            *slot += i128::from(value);
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Mark;
    use proptest::prelude::*;

    #[test]
    fn the_largest_remainders_get_the_rest() {
        assert_eq!(share_out(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(share_out(100, &[5, 3, 2]), [50, 30, 20]);
        assert_eq!(share_out(-7, &[1, 2]), [-2, -5]);
        assert_eq!(share_out(5, &[0, 0]), [3, 2]);
        assert_eq!(share_out(5, &[-4, 2]), [0, 5]);
        assert!(share_out(5, &[]).is_empty());
    }

    /// Story T-11: the windows changed on 1 June, the meter's table on 4 June; the three days
    /// between are put into the new windows by their intervals.
    #[test]
    fn three_days_go_into_the_new_windows() {
        let hour_of = |at: Instant| at.micros() / 3_600_000_000 % 24;
        let values = (0..72).map(|hour| Some(100 + hour % 24)).collect();
        let start = Instant::from_micros(0);
        let block = IntervalBlock::new(start, 3_600, 3, values, vec![Mark::VALID; 72]).unwrap();
        let old = rebucket(&block, |at| if (8..22).contains(&hour_of(at)) { 1 } else { 3 });
        let new = rebucket(&block, |at| if (16..24).contains(&hour_of(at)) { 1 } else { 3 });
        assert_eq!(old.iter().sum::<i128>(), block.sum());
        assert_eq!(new.iter().sum::<i128>(), block.sum());
        assert_eq!(new[1], 3 * (116..124).sum::<i128>());
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nobody_is_a_unit_off(
            total in any::<i64>(), weights in proptest::collection::vec(0_i64..1_000_000, 1..40)
        ) {
            let parts = share_out(total, &weights);
            prop_assert_eq!(parts.iter().map(|p| i128::from(*p)).sum::<i128>(), i128::from(total));
            let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                if sum > 0 {
                    let exact = i128::from(total) * i128::from(*weight);
                    prop_assert!((i128::from(*part) * sum - exact).abs() < sum);
                }
            }
        }
    }
}
