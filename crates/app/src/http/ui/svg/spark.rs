//! The sparkline: how a value went, in the size of a word.

use std::fmt::Write as _;

use super::{at, scaled};
use crate::http::ui::{Html, escape};

const WIDTH: i64 = 12_000;
const HEIGHT: i64 = 2_800;
const MARGIN: i64 = 300;

/// A line through the values, with gaps where there are none and a dot on the last one.
/// `label` says in words what it shows: "Daily use in June, 3 to 12 kWh".
#[must_use]
pub fn spark(label: &str, values: &[Option<i64>]) -> Html {
    let known = values.iter().copied().flatten();
    let (low, high) = (known.clone().min().unwrap_or(0), known.max().unwrap_or(0));
    let steps = i64::try_from(values.len().saturating_sub(1)).unwrap_or(i64::MAX).max(1);
    let point = |index: usize, value: i64| {
        let x = MARGIN + scaled(i64::try_from(index).unwrap_or(0), steps, WIDTH - 2 * MARGIN);
        let share = if high == low {
            (HEIGHT - 2 * MARGIN) / 2
        } else {
            scaled(value.saturating_sub(low), high.saturating_sub(low), HEIGHT - 2 * MARGIN)
        };
        (x, HEIGHT - MARGIN - share)
    };
    let mut path = String::new();
    let mut drawing = false;
    let mut last = None;
    for (index, value) in values.iter().enumerate() {
        let Some(value) = value else {
            drawing = false;
            continue;
        };
        let (x, y) = point(index, *value);
        let letter = if drawing { 'L' } else { 'M' };
        let _ = write!(path, "{letter}{} {}", at(x), at(y));
        drawing = true;
        last = Some((x, y));
    }
    let dot = last.map_or_else(String::new, |(x, y)| {
        format!("<circle class=\"spark-dot\" cx=\"{}\" cy=\"{}\" r=\"2\"/>", at(x), at(y))
    });
    Html::composed(format!(
        "<svg class=\"spark\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">\
         <path class=\"spark-line\" d=\"{path}\"/>{dot}</svg>",
        escape(label),
        at(WIDTH),
        at(HEIGHT),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_breaks_the_line() {
        let svg = spark("x", &[Some(1), Some(2), None, Some(2), Some(1)]);
        assert_eq!(svg.as_str().matches('M').count(), 2, "{svg}");
        assert!(svg.as_str().contains("<circle"));
    }

    #[test]
    fn nothing_and_one_value_and_extremes_can_be_drawn() {
        assert!(!spark("<none>", &[]).as_str().contains("circle"));
        assert!(spark("<none>", &[None]).as_str().contains("aria-label=\"&lt;none&gt;\""));
        assert!(spark("one", &[Some(7)]).as_str().contains("M3 14"));
        let wild = spark("wild", &[Some(i64::MIN), Some(i64::MAX)]);
        assert!(!wild.as_str().contains("NaN"), "{wild}");
    }
}
