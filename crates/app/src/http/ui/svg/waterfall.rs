//! The waterfall: from one total to another, by what moved it.

use std::fmt::Write as _;

use super::{at, scaled};
use crate::http::ui::{Html, escape};

const WIDTH: i64 = 64_000;
const ROW: i64 = 2_600;
/// Where the bars begin: names stand before it.
const LEFT: i64 = 16_000;
/// Room for the amount beside a bar.
const RIGHT: i64 = 11_000;

/// A total, or what moved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// What it is.
    pub label: String,
    /// Its value as people read it.
    pub text: String,
    /// Its value; for a move, by how much.
    pub value: i64,
}

/// A row from `from` to `to` on the scale of the totals.
struct Bar<'a> {
    class: &'static str,
    shown: &'a Move,
    from: i64,
    to: i64,
}

/// A drawing with one row for the first total, one for each move, and one for the last total.
#[must_use]
pub fn waterfall(label: &str, before: &Move, moves: &[Move], after: &Move) -> Html {
    let mut rows = vec![Bar { class: "fall-total", shown: before, from: 0, to: before.value }];
    let mut level = before.value;
    for step in moves {
        let next = level.saturating_add(step.value);
        let class = if step.value >= 0 { "fall-up" } else { "fall-down" };
        rows.push(Bar { class, shown: step, from: level, to: next });
        level = next;
    }
    rows.push(Bar { class: "fall-total", shown: after, from: 0, to: after.value });
    let ends = rows.iter().flat_map(|row| [row.from, row.to]);
    let (low, high) = (ends.clone().min().unwrap_or(0).min(0), ends.max().unwrap_or(0).max(0));
    let span = high.saturating_sub(low).max(1);
    let x = |value: i64| LEFT + scaled(value.saturating_sub(low), span, WIDTH - LEFT - RIGHT);
    let mut body = String::new();
    let mut top = 300;
    for (index, row) in rows.iter().enumerate() {
        draw(&mut body, row, top, x(row.from.min(row.to)), x(row.from.max(row.to)));
        if index + 1 < rows.len() {
            let level = at(x(row.to));
            let _ = write!(
                body,
                "<line class=\"fall-link\" x1=\"{level}\" x2=\"{level}\" y1=\"{}\" y2=\"{}\"/>",
                at(top),
                at(top + ROW + 1_700),
            );
        }
        top += ROW;
    }
    Html::composed(format!(
        "<svg class=\"fall\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">{body}</svg>",
        escape(label),
        at(WIDTH),
        at(top),
    ))
}

fn draw(body: &mut String, row: &Bar<'_>, top: i64, left: i64, right: i64) {
    let Bar { class, shown, .. } = row;
    let (name, text) = (escape(&shown.label), escape(&shown.text));
    let _ = write!(
        body,
        "<text class=\"fall-label\" x=\"0\" y=\"{base}\">{name}</text>\
         <rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"17\" rx=\"1.5\">\
         <title>{name}: {text}</title></rect>\
         <text class=\"fall-text\" x=\"{}\" y=\"{base}\">{text}</text>",
        at(left),
        at(top),
        at((right - left).max(100)),
        at(right + 700),
        base = at(top + 1_250),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(value: i64) -> Move {
        Move { label: "<x>".into(), text: value.to_string(), value }
    }

    #[test]
    fn moves_stand_where_the_one_before_ended() {
        let svg = waterfall("Why", &step(100), &[step(100), step(-50)], &step(150));
        let svg = svg.as_str();
        assert!(svg.contains("class=\"fall-up\" x=\"345\""), "{svg}");
        assert!(svg.contains("class=\"fall-down\" x=\"437.5\""), "{svg}");
        assert!(svg.contains("&lt;x&gt;"));
    }

    #[test]
    fn totals_of_nothing_can_be_drawn() {
        assert!(waterfall("Why", &step(0), &[], &step(0)).as_str().starts_with("<svg"));
        assert!(waterfall("Why", &step(-5), &[step(10)], &step(5)).as_str().contains("fall-up"));
    }
}
