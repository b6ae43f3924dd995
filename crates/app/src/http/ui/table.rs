//! The table: caption, sortable headings, sticky head, an empty state that teaches. On a phone its
//! rows become cards, each value beside the name of its column.

use askama::Template;

use super::{Empty, Html, Part};
use crate::http::i18n::Words;

/// How a table is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The key of the column.
    pub key: String,
    /// Largest or latest first.
    pub descending: bool,
}

impl Sort {
    /// Reads `key` or `-key`, as it stands in an address.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_prefix('-') {
            Some(key) => Self { key: key.to_owned(), descending: true },
            None => Self { key: text.to_owned(), descending: false },
        }
    }
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    label: String,
    number: bool,
    sort_key: Option<&'static str>,
    main: bool,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), number: false, sort_key: None, main: false }
    }

    /// A column of numbers: right-aligned, figures of equal width.
    #[must_use]
    pub fn number(label: impl Into<String>) -> Self {
        Self { number: true, ..Self::text(label) }
    }

    /// Sortable by this key.
    #[must_use]
    pub const fn sort(mut self, key: &'static str) -> Self {
        self.sort_key = Some(key);
        self
    }

    /// The column that names the row: its cells are row headings, and the title of the card.
    #[must_use]
    pub const fn main(mut self) -> Self {
        self.main = true;
        self
    }
}

/// One cell.
#[derive(Debug, Clone)]
pub struct Cell {
    html: Html,
    note: String,
}

impl Cell {
    /// Text or a number as the page writes it.
    #[must_use]
    pub fn text(text: impl AsRef<str>) -> Self {
        Self { html: Html::text(text.as_ref()), note: String::new() }
    }

    /// A link.
    #[must_use]
    pub fn link(text: impl AsRef<str>, href: impl AsRef<str>) -> Self {
        Self { html: Html::link(text.as_ref(), href.as_ref()), note: String::new() }
    }

    /// A badge or another part.
    #[must_use]
    pub fn part(part: &impl Part) -> Self {
        Self { html: Html::of(part), note: String::new() }
    }

    /// A second line in small type.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    cells: Vec<Cell>,
    total: bool,
}

impl Row {
    /// A row with a cell per column.
    #[must_use]
    pub const fn new(cells: Vec<Cell>) -> Self {
        Self { cells, total: false }
    }

    /// The row of totals, set apart.
    #[must_use]
    pub const fn total(mut self) -> Self {
        self.total = true;
        self
    }
}

/// A table.
#[derive(Debug, Clone, Template)]
#[template(path = "components/table.html")]
pub struct Table {
    t: Words,
    caption: String,
    caption_hidden: bool,
    columns: Vec<Column>,
    rows: Vec<Row>,
    empty: Option<Empty>,
    sort: Option<Sort>,
    base: String,
    plain: bool,
}

impl Table {
    /// A table with the words that say what it lists.
    #[must_use]
    pub fn new(t: Words, caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            t,
            caption: caption.into(),
            caption_hidden: false,
            columns,
            rows: Vec::new(),
            empty: None,
            sort: None,
            base: String::new(),
            plain: false,
        }
    }

    /// Hides the caption from the eye where a heading above already says the same.
    #[must_use]
    pub const fn caption_hidden(mut self) -> Self {
        self.caption_hidden = true;
        self
    }

    /// The rows in order.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// What is shown when there are no rows.
    #[must_use]
    pub fn empty(mut self, empty: Empty) -> Self {
        self.empty = Some(empty);
        self
    }

    /// The present order, and the address with all filters but without `sort` and cursor
    /// (`/customers?class=home`), from which the headings make their links.
    #[must_use]
    pub fn sorted(mut self, sort: Sort, base: impl Into<String>) -> Self {
        self.sort = Some(sort);
        self.base = base.into();
        self
    }

    /// Keeps its form on a narrow screen, and scrolls sideways where it is too wide: for long
    /// tables of numbers, which cards would tear apart.
    #[must_use]
    pub const fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    fn order(&self, column: &Column) -> &'static str {
        match &self.sort {
            Some(sort) if Some(sort.key.as_str()) == column.sort_key => {
                if sort.descending {
                    "descending"
                } else {
                    "ascending"
                }
            }
            _ => "none",
        }
    }

    fn sort_href(&self, column: &Column) -> String {
        let key = column.sort_key.unwrap_or_default();
        let joint = if self.base.contains('?') { '&' } else { '?' };
        let minus = if self.order(column) == "ascending" { "-" } else { "" };
        format!("{}{joint}sort={minus}{key}", self.base)
    }

    fn column(&self, index: &usize) -> &Column {
        self.columns.get(*index).unwrap_or(&NO_COLUMN)
    }
}

static NO_COLUMN: Column =
    Column { label: String::new(), number: false, sort_key: None, main: false };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::i18n::Locale;

    #[test]
    fn a_heading_turns_the_order_round() {
        let columns = vec![Column::text("A").sort("a").main(), Column::number("B").sort("b")];
        let table = Table::new(Words(Locale::En), "Things", columns)
            .sorted(Sort::parse("a"), "/things?x=1")
            .rows([Row::new(vec![Cell::text("<1>"), Cell::text("2").note("kWh")])])
            .to_string();
        assert!(table.contains("aria-sort=\"ascending\""), "{table}");
        assert!(table.contains("sort=-a") && table.contains("sort=b"), "{table}");
        assert!(table.contains("<th scope=\"row\"") && table.contains("data-label=\"B\""));
        assert!(table.contains("&lt;1&gt;"));
        assert!(Sort::parse("-b").descending);
    }

    #[test]
    fn an_empty_table_teaches() {
        let table = Table::new(Words(Locale::En), "Things", vec![Column::text("A")])
            .empty(Empty::new("No things yet", "Import some.").action("Import", "/import"))
            .to_string();
        assert!(table.contains("No things yet") && table.contains("href=\"/import\""));
    }
}
