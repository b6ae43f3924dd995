//! The 24 hours of a tariff day: as a strip and as a ring. Each window carries its colour, its
//! word and, in its title, its hours and price in words.

use std::fmt::Write as _;

use super::at;
use crate::http::ui::{Html, escape};

/// The price level of a window, from the dearest to the cheapest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// 尖
    Sharp,
    /// 峰
    Peak,
    /// 平
    Flat,
    /// 谷
    Valley,
    /// 深谷
    Deep,
}

impl Bucket {
    /// The name of its style, and its code in the catalogue (`bucket.peak`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sharp => "sharp",
            Self::Peak => "peak",
            Self::Flat => "flat",
            Self::Valley => "valley",
            Self::Deep => "deep",
        }
    }
}

/// A window of the day, `[from, to)` in minutes since midnight, not wrapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayWindow {
    /// The first minute inside.
    pub from_min: u16,
    /// The first minute after it, at most 1440.
    pub to_min: u16,
    /// Its price level.
    pub bucket: Bucket,
    /// The word written into it where there is room: 峰, peak.
    pub word: String,
    /// What it is, in words: "08:00–11:00 peak, 0.9012 per kWh".
    pub title: String,
}

impl DayWindow {
    fn minutes(&self) -> i64 {
        i64::from(self.to_min) - i64::from(self.from_min)
    }
}

/// A strip from 0 to 24 o'clock.
#[must_use]
pub fn day_strip(label: &str, windows: &[DayWindow]) -> Html {
    let x = |minutes: i64| at(minutes * 100 / 3);
    let mut body = String::new();
    for window in windows {
        let _ = write!(
            body,
            "<g class=\"bucket-{}\"><title>{}</title>\
             <rect x=\"{}\" y=\"2\" width=\"{}\" height=\"26\"/>",
            window.bucket.name(),
            escape(&window.title),
            x(i64::from(window.from_min)),
            x(window.minutes()),
        );
        // A word is written where it fits: its letters are eight units wide, Chinese ones twice that.
        let wide: i64 = window.word.chars().map(|c| if c.is_ascii() { 8 } else { 16 }).sum();
        if window.minutes() / 3 >= wide + 2 {
            let middle = i64::from(window.from_min) + window.minutes() / 2;
            let _ =
                write!(body, "<text x=\"{}\" y=\"20\">{}</text>", x(middle), escape(&window.word));
        }
        body.push_str("</g>");
    }
    for hour in (0..=24_i64).step_by(3) {
        let anchor = match hour {
            0 => "start",
            24 => "end",
            _ => "middle",
        };
        let _ = write!(
            body,
            "<text class=\"hour\" text-anchor=\"{anchor}\" x=\"{}\" y=\"43\">{hour:02}</text>",
            x(hour * 60)
        );
    }
    wrap("day-strip", label, "0 0 480 46", &body)
}

/// A ring with midnight at the top, clockwise.
#[must_use]
pub fn day_ring(label: &str, windows: &[DayWindow]) -> Html {
    let mut body = String::new();
    for window in windows {
        let path = if window.minutes() >= 1_440 {
            let half = |from, to| arc(from, to, 95.0, 62.0);
            format!("{}{}", half(0, 720), half(720, 1_440))
        } else {
            arc(window.from_min, window.to_min, 95.0, 62.0)
        };
        let _ = write!(
            body,
            "<g class=\"bucket-{}\"><title>{}</title><path d=\"{path}\"/>",
            window.bucket.name(),
            escape(&window.title)
        );
        if window.minutes() >= 60 && window.word.chars().count() <= 2 {
            let (x, y) = polar(u16::midpoint(window.from_min, window.to_min), 78.5);
            let word = escape(&window.word);
            let _ = write!(body, "<text x=\"{x:.2}\" y=\"{:.2}\">{word}</text>", y + 4.5);
        }
        body.push_str("</g>");
    }
    for (hour, minutes) in [("00", 0), ("06", 360), ("12", 720), ("18", 1_080)] {
        let (x, y) = polar(minutes, 48.0);
        let _ = write!(
            body,
            "<text class=\"hour\" text-anchor=\"middle\" x=\"{x:.2}\" y=\"{:.2}\">{hour}</text>",
            y + 4.0
        );
    }
    wrap("day-ring", label, "0 0 200 200", &body)
}

fn wrap(class: &str, label: &str, view: &str, body: &str) -> Html {
    Html::composed(format!(
        "<svg class=\"{class}\" role=\"img\" aria-label=\"{}\" viewBox=\"{view}\">{body}</svg>",
        escape(label)
    ))
}

/// A point on a circle around (100, 100): midnight at the top, clockwise. Drawing may use floating
/// point; nothing is computed from it.
fn polar(minutes: u16, radius: f64) -> (f64, f64) {
    let (sin, cos) = (f64::from(minutes) / 1_440.0 * std::f64::consts::TAU).sin_cos();
    (100.0 + radius * sin, 100.0 - radius * cos)
}

fn arc(from: u16, to: u16, outer: f64, inner: f64) -> String {
    let large = u8::from(to - from > 720);
    let ((ax, ay), (bx, by)) = (polar(from, outer), polar(to, outer));
    let ((cx, cy), (dx, dy)) = (polar(to, inner), polar(from, inner));
    format!(
        "M{ax:.2} {ay:.2}A{outer} {outer} 0 {large} 1 {bx:.2} {by:.2}\
         L{cx:.2} {cy:.2}A{inner} {inner} 0 {large} 0 {dx:.2} {dy:.2}Z"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from_min: u16, to_min: u16, bucket: Bucket) -> DayWindow {
        DayWindow { from_min, to_min, bucket, word: "P".into(), title: "<t>".into() }
    }

    #[test]
    fn a_strip_has_a_box_per_window_where_it_belongs() {
        let day = [window(0, 480, Bucket::Valley), window(480, 1_440, Bucket::Peak)];
        let svg = day_strip("A day", &day);
        assert!(svg.as_str().contains("x=\"160\" y=\"2\" width=\"320\""), "{svg}");
        assert!(svg.as_str().contains("bucket-valley") && svg.as_str().contains("&lt;t&gt;"));
        assert_eq!(svg.as_str().matches("class=\"hour\"").count(), 9);
    }

    #[test]
    fn a_quarter_of_the_ring_goes_from_the_top_to_the_right() {
        let svg = day_ring("A day", &[window(0, 360, Bucket::Deep)]);
        assert!(svg.as_str().contains("M100.00 5.00A95 95 0 0 1 195.00 100.00"), "{svg}");
    }

    #[test]
    fn a_whole_day_of_one_price_is_a_whole_ring() {
        let svg = day_ring("A day", &[window(0, 1_440, Bucket::Flat)]);
        assert_eq!(svg.as_str().matches('Z').count(), 2);
    }
}
