//! Parts that show values: a figure with unit and note, a list of terms, and explain-this, which
//! opens the arithmetic behind a number.

use askama::Template;

use super::{Html, Sign};
use crate::http::i18n::Words;

/// One number that matters, with its label, unit, note and change.
#[derive(Debug, Clone, Template)]
#[template(path = "components/figure.html")]
pub struct Figure {
    label: String,
    value: String,
    unit: String,
    note: Html,
    change: Option<(Sign, String)>,
    href: Option<String>,
}

impl Figure {
    /// A label and the value as the page writes it.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            unit: String::new(),
            note: Html::default(),
            change: None,
            href: None,
        }
    }

    /// The unit, written smaller after the value.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// A short note below: the interval, the source, the date.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = Html::text(note);
        self
    }

    /// How it changed, with the sign that says whether that is good.
    #[must_use]
    pub fn change(mut self, sign: Sign, text: impl Into<String>) -> Self {
        self.change = Some((sign, text.into()));
        self
    }

    /// The rows behind the number.
    #[must_use]
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

/// A list of terms and what they are.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "components/definitions.html")]
pub struct Definitions {
    rows: Vec<(String, Html)>,
}

impl Definitions {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A term and its text.
    #[must_use]
    pub fn text(self, term: impl Into<String>, text: &str) -> Self {
        self.html(term, Html::text(text))
    }

    /// A term and a part or link.
    #[must_use]
    pub fn html(mut self, term: impl Into<String>, value: Html) -> Self {
        self.rows.push((term.into(), value));
        self
    }
}

/// One step of an arithmetic.
#[derive(Debug, Clone)]
pub struct Step {
    /// What is computed, in words.
    pub label: String,
    /// The arithmetic in numbers: `2,760 kWh × 0.538`.
    pub arithmetic: String,
    /// What comes out.
    pub result: String,
    /// The rule and where it is published; empty when there is none.
    pub source: String,
}

/// A number that opens to show how it came about. Works without JavaScript.
#[derive(Debug, Clone, Template)]
#[template(path = "components/explain.html")]
pub struct Explain {
    t: Words,
    summary: String,
    steps: Vec<Step>,
    total: Option<(String, String)>,
    more: Html,
    open: bool,
}

impl Explain {
    /// What is explained.
    #[must_use]
    pub fn new(t: Words, summary: impl Into<String>) -> Self {
        Self {
            t,
            summary: summary.into(),
            steps: Vec::new(),
            total: None,
            more: Html::default(),
            open: false,
        }
    }

    /// The next step of the arithmetic.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The sum, with its label.
    #[must_use]
    pub fn total(mut self, label: impl Into<String>, result: impl Into<String>) -> Self {
        self.total = Some((label.into(), result.into()));
        self
    }

    /// Links to the readings and the tariff behind it.
    #[must_use]
    pub fn more(mut self, more: Html) -> Self {
        self.more = more;
        self
    }

    /// Shown open from the start (and in print).
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.open = true;
        self
    }

    fn has_sources(&self) -> bool {
        self.steps.iter().any(|step| !step.source.is_empty())
    }
}
