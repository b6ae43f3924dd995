//! How good times were, once the truth is known.

/// A time that was said, and the truth, both in minutes from the same moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Said {
    /// What was said.
    pub said_min: f64,
    /// When power was back.
    pub true_min: f64,
}

/// How good some times were.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Score {
    /// How many.
    pub count: usize,
    /// The share of outages that were over by the time said.
    pub kept: f64,
    /// The median distance from the truth in hours.
    pub median_error_h: f64,
    /// The mean distance in hours.
    pub mean_error_h: f64,
    /// The mean difference in hours; above zero when the times said were late.
    pub bias_h: f64,
}

/// Scores times; nothing without one.
#[must_use]
pub fn score(said: &[Said]) -> Option<Score> {
    let errors: Vec<f64> = said.iter().map(|one| (one.said_min - one.true_min) / 60.0).collect();
    let mut sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let count = errors.len();
    let middle = *sizes.get(count / 2)?;
    let before = if count.is_multiple_of(2) { sizes[count / 2 - 1] } else { middle };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count as f64;
    Some(Score {
        count,
        kept: errors.iter().filter(|error| **error >= 0.0).count() as f64 / count as f64,
        median_error_h: f64::midpoint(before, middle),
        mean_error_h: mean(&sizes),
        bias_h: mean(&errors),
    })
}

/// The share of truths that lay between two times, in minutes.
#[must_use]
pub fn covered(intervals: &[(f64, f64)], truths: &[f64]) -> Option<f64> {
    let pairs = intervals.iter().zip(truths);
    let inside = pairs.filter(|((from, to), truth)| (from..=to).contains(truth)).count();
    (!truths.is_empty()).then(|| inside as f64 / truths.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_in_hours_and_kept_promises_as_a_share() {
        let said = |said_min, true_min| Said { said_min, true_min };
        let score =
            score(&[said(120.0, 60.0), said(60.0, 90.0), said(60.0, 60.0), said(0.0, 240.0)]);
        let score = score.unwrap();
        assert_eq!(score.count, 4);
        assert!((score.kept - 0.5).abs() < 1e-12);
        assert!((score.median_error_h - 0.75).abs() < 1e-12);
        assert!((score.mean_error_h - 1.375).abs() < 1e-12);
        assert!((score.bias_h + 0.875).abs() < 1e-12);
        assert!(super::score(&[]).is_none());
        let share = covered(&[(0.0, 10.0), (5.0, 6.0)], &[10.0, 7.0]).unwrap();
        assert!((share - 0.5).abs() < 1e-12);
    }
}
