//! Names of many things in one piece of text. A network without names counts instead.

use std::{borrow::Cow, collections::HashMap};

/// The names of the rows of one table, by row number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// The name is the number; this is how many there are.
    Numbered(u32),
    /// The name is this number.
    Labels(Vec<u32>),
    /// Texts, one after the other, and where each ends.
    Text {
        /// All names without separators.
        text: String,
        /// The end of each name in `text`.
        ends: Vec<u32>,
    },
}

impl Default for Names {
    fn default() -> Self {
        Self::Text { text: String::new(), ends: Vec::new() }
    }
}

impl Names {
    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbered(count) => *count as usize,
            Self::Labels(labels) => labels.len(),
            Self::Text { ends, .. } => ends.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a name. What would pass four gigabytes of text becomes an empty name; importers
    /// bound their input long before.
    pub fn push(&mut self, name: &str) {
        match self {
            Self::Numbered(count) => *count += 1,
            Self::Labels(labels) => labels.push(name.parse().unwrap_or(u32::MAX)),
            Self::Text { text, ends } => {
                if u32::try_from(text.len() + name.len()).is_ok() {
                    text.push_str(name);
                }
                ends.push(crate::small(text.len()));
            }
        }
    }

    /// The name of a row; empty when there is no such row.
    #[must_use]
    pub fn get(&self, row: u32) -> Cow<'_, str> {
        match self {
            Self::Numbered(_) => Cow::Owned(row.to_string()),
            Self::Labels(labels) => {
                labels.get(row as usize).map_or(Cow::Borrowed(""), |n| Cow::Owned(n.to_string()))
            }
            Self::Text { text, ends } => {
                let row = row as usize;
                let from = row.checked_sub(1).and_then(|before| ends.get(before)).copied();
                let range = ends.get(row).map(|to| from.unwrap_or(0) as usize..*to as usize);
                Cow::Borrowed(range.and_then(|range| text.get(range)).unwrap_or(""))
            }
        }
    }

    /// Rows by name; of equal names the first.
    #[must_use]
    pub fn index(&self) -> Index<'_> {
        if let Self::Numbered(count) = self {
            return Index::Numbered(*count);
        }
        if let Self::Labels(labels) = self {
            let mut rows: Vec<(u32, u32)> = labels.iter().copied().zip(0..).collect();
            rows.sort_unstable();
            return Index::Labels(rows);
        }
        let mut index = HashMap::with_capacity(self.len());
        for row in 0..crate::small(self.len()) {
            index.entry(self.get(row)).or_insert(row);
        }
        Index::Text(index)
    }
}

impl<S: AsRef<str>> FromIterator<S> for Names {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut all = Self::default();
        for name in names {
            all.push(name.as_ref());
        }
        all
    }
}

/// Rows by name.
#[derive(Debug)]
pub enum Index<'n> {
    /// Names are the numbers of the rows.
    Numbered(u32),
    /// Names are numbers: each with its row, sorted.
    Labels(Vec<(u32, u32)>),
    /// Names as written.
    Text(HashMap<Cow<'n, str>, u32>),
}

impl Index<'_> {
    /// The row of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u32> {
        match self {
            Self::Numbered(count) => name.parse().ok().filter(|row| row < count),
            Self::Labels(rows) => {
                let label: u32 = name.parse().ok()?;
                let first = rows.partition_point(|(own, _)| *own < label);
                rows.get(first).filter(|(own, _)| *own == label).map(|(_, row)| *row)
            }
            Self::Text(index) => index.get(name).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_finds_its_rows() {
        let forms = [
            (Names::Numbered(3), ["0", "1", "2"]),
            (Names::Labels(vec![30, 10, 20]), ["30", "10", "20"]),
            (["甲", "b", ""].iter().collect(), ["甲", "b", ""]),
        ];
        for (names, texts) in forms {
            let index = names.index();
            for (row, text) in (0_u32..).zip(texts) {
                assert_eq!(names.get(row), text);
                assert_eq!(index.get(text), Some(row));
            }
            assert_eq!((names.len(), index.get("nowhere"), index.get("99")), (3, None, None));
        }
        let twice: Names = ["a", "a"].iter().collect();
        assert_eq!(twice.index().get("a"), Some(0));
    }
}
