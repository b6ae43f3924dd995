//! The bar chart: values over labels, estimated ones hatched, gaps shown as gaps.

use std::fmt::Write as _;

use super::{at, scaled};
use crate::http::ui::{Html, escape};

const WIDTH: i64 = 64_000;
const HEIGHT: i64 = 20_000;
const FOOT: i64 = 2_200;
const HEAD: i64 = 1_800;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// Its value as people read it.
    pub text: String,
    /// Its value; `None` is a gap.
    pub value: Option<i64>,
    /// Not measured: drawn hatched.
    pub estimated: bool,
}

/// Bars from a common base line; values below zero hang from it. `label` says what they show.
#[must_use]
pub fn bars(label: &str, bars: &[Bar]) -> Html {
    let values = bars.iter().filter_map(|bar| bar.value);
    let high = values.clone().max().unwrap_or(0).max(0);
    let low = values.min().unwrap_or(0).min(0);
    let span = high.saturating_sub(low).max(1);
    let room = HEIGHT - HEAD - FOOT;
    let base = HEAD + scaled(high, span, room);
    let count = i64::try_from(bars.len()).unwrap_or(i64::MAX).max(1);
    let step = WIDTH / count;
    let width = (step * 7 / 10).clamp(60, 6_000);
    let mut body = String::new();
    for (index, bar) in bars.iter().enumerate() {
        let left = i64::try_from(index).unwrap_or(0) * step + (step - width) / 2;
        draw(&mut body, bar, left, width, base, span);
    }
    labels(&mut body, bars, step);
    let top = bars.iter().filter(|bar| bar.value == Some(high)).map(|bar| bar.text.as_str()).next();
    let _ = write!(
        body,
        "<line class=\"bars-base\" x1=\"0\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>\
         <text class=\"bars-top\" x=\"0\" y=\"11\">{}</text>",
        at(WIDTH),
        escape(top.unwrap_or_default()),
        y = at(base),
    );
    Html::composed(format!(
        "<svg class=\"bars\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">{HATCH}{body}\
         </svg>",
        escape(label),
        at(WIDTH),
        at(HEIGHT),
    ))
}

/// Stripes for what is estimated; the identifier may stand twice on a page, as both are the same.
const HATCH: &str = "<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" \
    patternTransform=\"rotate(45)\" patternUnits=\"userSpaceOnUse\">\
    <rect class=\"hatch-ground\" width=\"5\" height=\"5\"/>\
    <rect class=\"hatch-stripe\" width=\"2\" height=\"5\"/></pattern></defs>";

fn draw(body: &mut String, bar: &Bar, left: i64, width: i64, base: i64, span: i64) {
    let title = escape(&format!("{}: {}", bar.label, bar.text));
    let Some(value) = bar.value else {
        let _ = write!(
            body,
            "<rect class=\"bar-gap\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"4\">\
             <title>{title}</title></rect>",
            at(left),
            at(base - 400),
            at(width)
        );
        return;
    };
    let height = scaled(value, span, HEIGHT - HEAD - FOOT);
    let (top, tall) = if height < 0 { (base, -height) } else { (base - height, height) };
    let class = if bar.estimated { "bar-estimated" } else { "bar" };
    let _ = write!(
        body,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"1.5\">\
         <title>{title}</title></rect>",
        at(left),
        at(top),
        at(width),
        at(tall.max(if value == 0 { 0 } else { 60 })),
    );
}

/// About eight labels at most, evenly spread, so that they never run into each other.
fn labels(body: &mut String, bars: &[Bar], step: i64) {
    let every = bars.len().div_ceil(8).max(1);
    for (index, bar) in bars.iter().enumerate().step_by(every) {
        let middle = i64::try_from(index).unwrap_or(0) * step + step / 2;
        let _ = write!(
            body,
            "<text class=\"bars-label\" x=\"{}\" y=\"{}\">{}</text>",
            at(middle.clamp(3_200, WIDTH - 3_200)),
            at(HEIGHT - 500),
            escape(&bar.label)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(value: Option<i64>, estimated: bool) -> Bar {
        Bar { label: "1 Jun".into(), text: "x".into(), value, estimated }
    }

    #[test]
    fn the_highest_bar_fills_the_room_and_others_follow() {
        let svg = bars("Use", &[bar(Some(100), false), bar(Some(50), true), bar(None, false)]);
        let svg = svg.as_str();
        assert!(svg.contains("height=\"160\"") && svg.contains("height=\"80\""), "{svg}");
        assert!(svg.contains("bar-estimated") && svg.contains("bar-gap"));
    }

    #[test]
    fn values_below_zero_hang_from_the_base_line() {
        let svg = bars("Change", &[bar(Some(-100), false), bar(Some(100), false)]);
        assert_eq!(svg.as_str().matches("height=\"80\"").count(), 2, "{svg}");
        assert!(svg.as_str().contains("y=\"98\" width"), "{svg}");
    }

    #[test]
    fn a_year_of_days_gets_few_labels() {
        let days: Vec<Bar> = (0..366).map(|v| bar(Some(v), false)).collect();
        let svg = bars("Use", &days);
        assert!(svg.as_str().matches("bars-label").count() <= 8);
        assert!(bars("none", &[]).as_str().starts_with("<svg"));
    }
}
