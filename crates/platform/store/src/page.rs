//! Pages of long lists: a bounded number of rows after a cursor. The cursor is the key of the last
//! row seen, so that a page costs the same wherever it lies and no row is shown twice or skipped.

use kernel::Id;

use crate::StoreError;

/// The most rows on one page.
pub const PAGE_MAX: i64 = 200;
/// The rows on a page when nobody says how many.
const PAGE_DEFAULT: i64 = 50;

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    limit: i64,
    text: String,
    id: Id,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The cursor of the next part; none when this is the last.
    pub next: Option<String>,
}

impl Page {
    /// The part after `cursor` (or the first), with at most `limit` rows.
    ///
    /// # Errors
    /// [`StoreError::Limit`] for a limit outside 1 to 200, [`StoreError::Invalid`] for a cursor
    /// that no list has given out.
    pub fn new(limit: Option<i64>, cursor: Option<&str>) -> Result<Self, StoreError> {
        let limit = limit.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(StoreError::Limit(format!(
                "a page has 1 to {PAGE_MAX} rows, not {limit}; follow the cursor for more"
            )));
        }
        let Some(cursor) = cursor else {
            return Ok(Self { limit, text: String::new(), id: Id::from_i64(0) });
        };
        let (id, text) = cursor.split_once('~').unwrap_or((cursor, ""));
        let id = id.parse().map_err(|_| {
            StoreError::Invalid(format!("{cursor:?} is no cursor of this list: start without one"))
        })?;
        Ok(Self { limit, text: text.to_owned(), id })
    }

    /// The first part, with the usual number of rows.
    #[must_use]
    pub const fn first() -> Self {
        Self { limit: PAGE_DEFAULT, text: String::new(), id: Id::from_i64(0) }
    }

    /// What to put after `LIMIT`: one more than the page holds, which shows whether more follows.
    #[must_use]
    pub const fn limit(&self) -> i64 {
        self.limit + 1
    }

    /// Rows of a rising list have an id above this one.
    #[must_use]
    pub const fn after(&self) -> Id {
        self.id
    }

    /// Rows of a falling list (newest first) have an id below this one.
    #[must_use]
    pub const fn before(&self) -> Id {
        if self.id.get() == 0 { Id::from_i64(i64::MAX) } else { self.id }
    }

    /// The text that the list is sorted by, of the last row seen; empty at the start. Use with
    /// [`Page::after`]: `WHERE (name, id) > ($1, $2) ORDER BY name, id`.
    #[must_use]
    pub fn after_text(&self) -> &str {
        &self.text
    }

    /// Cuts the rows fetched to the page. `key` gives a row's id and the text it is sorted by
    /// (empty when the list is sorted by id alone).
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> (Id, String)) -> Paged<T> {
        let keep = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > keep;
        rows.truncate(keep);
        let next = rows.last().filter(|_| more).map(|row| match key(row) {
            (id, text) if text.is_empty() => id.to_string(),
            (id, text) => format!("{id}~{text}"),
        });
        Paged { items: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let all: Vec<i64> = (1..=120).collect();
        let mut page = Page::new(Some(50), None).unwrap();
        let mut seen = Vec::new();
        loop {
            let limit = usize::try_from(page.limit()).unwrap();
            let rows: Vec<i64> =
                all.iter().copied().filter(|v| *v > page.after().get()).take(limit).collect();
            let part = page.cut(rows, |v| (Id::from_i64(*v), "王~x".to_owned()));
            seen.extend(part.items);
            let Some(next) = part.next else { break };
            page = Page::new(Some(50), Some(&next)).unwrap();
            assert_eq!(page.after_text(), "王~x");
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn limits_and_foreign_cursors_are_refused() {
        assert!(Page::new(Some(0), None).is_err() && Page::new(Some(201), None).is_err());
        assert!(Page::new(None, Some("drop table")).is_err());
        assert_eq!(Page::first().before().get(), i64::MAX);
    }
}
