//! Parts that order things: breadcrumb, tabs, pager and timeline.

use askama::Template;

use super::{Html, Sign};
use crate::http::i18n::Words;

/// One step of the way to this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// What the step is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// One of several views of the same thing.
#[derive(Debug, Clone)]
pub struct Tab {
    /// What the view is called.
    pub label: String,
    /// Where it is.
    pub href: String,
    /// How many rows it holds, where that helps.
    pub count: Option<String>,
    /// Whether it is the one that is shown.
    pub current: bool,
}

/// Links between views of the same thing; each view has its own address.
#[derive(Debug, Clone, Template)]
#[template(path = "components/tabs.html")]
pub struct Tabs {
    label: String,
    tabs: Vec<Tab>,
}

impl Tabs {
    /// Tabs with the name of what they divide.
    #[must_use]
    pub fn new(label: impl Into<String>, tabs: Vec<Tab>) -> Self {
        Self { label: label.into(), tabs }
    }
}

/// The way through a long list, by cursors.
#[derive(Debug, Clone, Template)]
#[template(path = "components/pager.html")]
pub struct Pager {
    t: Words,
    shown: usize,
    total: Option<i64>,
    first: Option<String>,
    next: Option<String>,
}

impl Pager {
    /// A pager below `shown` rows, of `total` where the total is known.
    #[must_use]
    pub const fn new(t: Words, shown: usize, total: Option<i64>) -> Self {
        Self { t, shown, total, first: None, next: None }
    }

    /// The address of the first page, when this is not it.
    #[must_use]
    pub fn first(mut self, href: Option<String>) -> Self {
        self.first = href;
        self
    }

    /// The address of the next page, when there is one.
    #[must_use]
    pub fn next(mut self, href: Option<String>) -> Self {
        self.next = href;
        self
    }

    fn summary(&self) -> String {
        let shown = self.t.count(self.shown);
        match self.total {
            Some(total) => self
                .t
                .with("pager.shown_of", &[("shown", &shown), ("total", &self.t.number(total))]),
            None => self.t.with("pager.shown", &[("shown", &shown)]),
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Moment {
    /// When, as people read it.
    pub at: String,
    /// When, as machines read it (ISO 8601).
    pub at_machine: String,
    /// What happened.
    pub title: String,
    /// More about it.
    pub body: Html,
    /// Who did it; empty when it happened by itself.
    pub by: String,
    /// How it stands.
    pub sign: Sign,
}

/// What happened, newest first.
#[derive(Debug, Clone, Template)]
#[template(path = "components/timeline.html")]
pub struct Timeline {
    label: String,
    moments: Vec<Moment>,
}

impl Timeline {
    /// A timeline of something.
    #[must_use]
    pub fn new(label: impl Into<String>, moments: Vec<Moment>) -> Self {
        Self { label: label.into(), moments }
    }
}
