//! Parts that say how something stands: badge, clock badge, alert, progress, and the empty state
//! that teaches. A state is always said by colour and by sign (shape and words).

use askama::Template;
use kernel::Instant;

use super::Html;
use crate::http::i18n::Words;

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sign {
    /// As it should be.
    Ok,
    /// Needs attention soon.
    Warn,
    /// Wrong, late or refused.
    Bad,
    /// Worth knowing.
    Info,
    /// Not measured: estimated, predicted or interpolated.
    Estimated,
    /// Neither good nor bad.
    #[default]
    Neutral,
}

impl Sign {
    /// The name of its style and of its icon.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Estimated => "estimated",
            Self::Neutral => "neutral",
        }
    }
}

/// A short state beside a thing: colour, shape and words.
#[derive(Debug, Clone, Template)]
#[template(path = "components/badge.html")]
pub struct Badge {
    sign: Sign,
    text: String,
}

impl Badge {
    /// A badge with its words.
    #[must_use]
    pub fn new(sign: Sign, text: impl Into<String>) -> Self {
        Self { sign, text: text.into() }
    }
}

/// How much time a promise has left, or by how much it was missed.
#[derive(Debug, Clone, Template)]
#[template(path = "components/clock_badge.html")]
pub struct ClockBadge {
    sign: Sign,
    due: String,
    machine: String,
    text: String,
}

impl ClockBadge {
    /// A clock that runs out at `due`; it warns in the last `warn_s` seconds.
    #[must_use]
    pub fn new(t: Words, now: Instant, due: Instant, due_text: &str, warn_s: i64) -> Self {
        let left = (due.micros() - now.micros()) / 1_000_000;
        let (sign, text) = if left < 0 {
            (Sign::Bad, t.with("clock.late", &[("time", &t.duration(-left))]))
        } else if left <= warn_s {
            (Sign::Warn, t.with("clock.left", &[("time", &t.duration(left))]))
        } else {
            (Sign::Neutral, t.with("clock.left", &[("time", &t.duration(left))]))
        };
        Self { sign, due: due_text.to_owned(), machine: due.to_string(), text }
    }
}

/// A message on the page: what happened, and what to do.
#[derive(Debug, Clone, Template)]
#[template(path = "components/alert.html")]
pub struct Alert {
    sign: Sign,
    title: String,
    body: Html,
}

impl Alert {
    /// An alert with a title only.
    #[must_use]
    pub fn new(sign: Sign, title: impl Into<String>) -> Self {
        Self { sign, title: title.into(), body: Html::default() }
    }

    /// With a sentence below the title.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.body = Html::text(text);
        self
    }

    /// With links or other parts below the title.
    #[must_use]
    pub fn body(mut self, body: Html) -> Self {
        self.body = body;
        self
    }
}

/// A list with nothing in it yet: says what belongs here and how it gets here.
#[derive(Debug, Clone, Template)]
#[template(path = "components/empty.html")]
pub struct Empty {
    title: String,
    text: String,
    action: Option<(String, String)>,
}

impl Empty {
    /// What is missing, and how it comes about.
    #[must_use]
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { title: title.into(), text: text.into(), action: None }
    }

    /// The next step, as a link.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some((label.into(), href.into()));
        self
    }
}

/// How far a long work is. While it runs, the part fetches itself again from `href` (htmx polls,
/// and `live.js` listens when `events` is set); without JavaScript a link reloads the page.
#[derive(Debug, Clone, Template)]
#[template(path = "components/progress.html")]
pub struct Progress {
    t: Words,
    id: String,
    label: String,
    done: u64,
    total: u64,
    note: String,
    sign: Sign,
    href: Option<String>,
    events: Option<String>,
}

impl Progress {
    /// A bar with the DOM id by which it replaces itself.
    #[must_use]
    pub fn new(t: Words, id: &str, label: impl Into<String>, done: u64, total: u64) -> Self {
        Self {
            t,
            id: id.to_owned(),
            label: label.into(),
            done,
            total,
            note: String::new(),
            sign: if total > 0 && done >= total { Sign::Ok } else { Sign::Info },
            href: None,
            events: None,
        }
    }

    /// A sentence below the bar: the rate, the time left, the step.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// How it stands, where that is not simply running or done.
    #[must_use]
    pub const fn sign(mut self, sign: Sign) -> Self {
        self.sign = sign;
        self
    }

    /// Fetches this part from `href` every two seconds.
    #[must_use]
    pub fn poll(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// Takes this part from a stream of server-sent events whose data is its HTML.
    #[must_use]
    pub fn events(mut self, href: impl Into<String>) -> Self {
        self.events = Some(href.into());
        self
    }

    fn percent(&self) -> u64 {
        let part = u128::from(self.done.min(self.total)) * 100;
        part.checked_div(u128::from(self.total)).and_then(|p| u64::try_from(p).ok()).unwrap_or(0)
    }

    fn counts(&self) -> String {
        let shown = |n: u64| self.t.number(i64::try_from(n).unwrap_or(i64::MAX));
        format!("{} / {}", shown(self.done), shown(self.total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::i18n::Locale;

    #[test]
    fn a_clock_badge_says_late_in_words() {
        let t = Words(Locale::En);
        let due = Instant::from_micros(1_782_800_000_000_000);
        let badge = |offset: i64| {
            ClockBadge::new(t, due.plus_seconds(offset), due, "30 Jun, 12:00", 3_600).to_string()
        };
        assert!(badge(-7_200).contains("clock-neutral"));
        assert!(badge(-600).contains("clock-warn") && badge(-600).contains("10\u{a0}min"));
        assert!(badge(60).contains("clock-bad") && badge(60).contains("late"));
    }

    #[test]
    fn progress_never_divides_by_nothing() {
        let t = Words(Locale::En);
        assert_eq!(Progress::new(t, "p", "x", 0, 0).percent(), 0);
        assert_eq!(Progress::new(t, "p", "x", 9, 4).percent(), 100);
        assert_eq!(Progress::new(t, "p", "x", u64::MAX / 2, u64::MAX).percent(), 49);
    }
}
