//! Numbers as small steps: what a tree asks of a feature is whether it lies above one of them.

/// The most steps of a feature; step 0 is "unknown".
pub(super) const STEPS: usize = 64;

/// The limits between the steps of one feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Steps(Vec<f32>);

impl Steps {
    /// Limits that part the known values into about equal numbers.
    pub(super) fn of(values: impl Iterator<Item = f32>) -> Self {
        let mut values: Vec<f32> = values.filter(|value| value.is_finite()).collect();
        values.sort_by(f32::total_cmp);
        let most = STEPS - 2;
        let mut limits: Vec<f32> = (1..=most)
            .filter_map(|nth| values.get(nth * values.len() / (most + 1)).copied())
            .collect();
        limits.dedup_by(|a, b| a.total_cmp(b).is_eq());
        // A limit at the smallest value parts nothing.
        limits.retain(|limit| values.first().is_some_and(|least| limit > least));
        Self(limits)
    }

    /// The step of a value.
    pub(super) fn step(&self, value: f32) -> u8 {
        if value.is_finite() {
            let at = self.0.partition_point(|limit| *limit <= value);
            u8::try_from(at + 1).unwrap_or(u8::MAX)
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_rise_with_values_and_the_unknown_stands_apart() {
        let steps = Steps::of((0..1_000_u16).map(f32::from));
        assert_eq!((steps.step(f32::NAN), steps.step(-5.0), steps.step(0.0)), (0, 1, 1));
        assert!(steps.step(500.0) > steps.step(400.0));
        assert!(usize::from(steps.step(1e9)) < STEPS);
        let two = Steps::of([1.0, 1.0, 1.0, 2.0].into_iter());
        assert_eq!((two.step(1.0), two.step(2.0)), (1, 2));
        assert_eq!(Steps::of(std::iter::empty()).step(3.0), 1);
    }
}
