//! The parts that every page is made of. Each part is a struct with a template in
//! `templates/components/`; written into a page with `{{ part }}` it is already safe HTML.
//! Parts hold no rules of the trade and fetch nothing: a page gives them words and values.

mod chart;
mod figure;
mod form;
mod list;
mod page;
mod state;
pub mod svg;
mod table;

pub use chart::{Chart, ChartKind, Series};
pub use figure::{Definitions, Explain, Figure, Step};
pub use form::{Choice, Field, Input};
pub use list::{Crumb, Moment, Pager, Tab, Tabs, Timeline};
pub use page::{Flash, NavGroup, NavItem, Page, Preferences, Theme, Who};
pub use state::{Alert, Badge, ClockBadge, Empty, Progress, Sign};
pub use table::{Cell, Column, Row, Sort, Table};

use std::fmt;

/// HTML that is already safe: written by one of our templates, or escaped text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Html(String);

impl Html {
    /// Text of any origin, escaped.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(escape(text))
    }

    /// What one of our parts renders to.
    #[must_use]
    pub fn of(part: &impl Part) -> Self {
        Self(part.to_string())
    }

    /// Markup that our own code composed; whatever came from outside must be escaped already.
    pub(crate) fn composed(markup: String) -> Self {
        Self(markup)
    }

    /// A link with escaped text.
    #[must_use]
    pub fn link(text: &str, href: &str) -> Self {
        Self(format!("<a href=\"{}\">{}</a>", escape(href), escape(text)))
    }

    /// This and then that, with a space between.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.push(' ');
        self.0.push_str(&other.0);
        self
    }

    /// The markup.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::FastWritable for Html {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        dest.write_str(&self.0)?;
        Ok(())
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Anything of this module that renders to safe HTML.
pub trait Part: fmt::Display {}
impl Part for Html {}

/// Marks structs with an HTML template as safe to write into other templates.
macro_rules! parts {
    ($($name:ty),+ $(,)?) => {$(
        impl Part for $name {}
        impl askama::filters::HtmlSafe for $name {}
    )+};
}
parts!(
    Alert,
    Badge,
    Chart,
    ClockBadge,
    Definitions,
    Empty,
    Explain,
    Field,
    Figure,
    Pager,
    Progress,
    Table,
    Tabs,
    Timeline
);

/// Escapes text for element content and quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_escaped_once() {
        assert_eq!(Html::text("<b a='\"'>&").as_str(), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
        assert_eq!(Html::link("<", "\"").as_str(), "<a href=\"&quot;\">&lt;</a>");
        let badge = Badge::new(Sign::Warn, "<i>");
        assert!(badge.to_string().contains("&#60;i&#62;"), "{badge}");
        assert!(Html::of(&badge).and(&Html::text("x")).as_str().ends_with(" x"));
    }
}
