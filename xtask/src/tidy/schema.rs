//! Tables and columns as the migrations write them. Enough of SQL's grammar to find definitions,
//! no more; the rules about them live in `sql`.

use super::{Finding, Tree, lexer::line_of};

/// A column of a table, as a migration writes it.
pub struct Column {
    /// Its table.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Its type as written.
    pub kind: String,
    path: String,
    line: usize,
}

impl Column {
    /// A finding about this column.
    pub fn finding(&self, rule: &'static str, message: String) -> Finding {
        let name = format!("{}.{}", self.table, self.name);
        Finding::new(rule, &self.path, self.line, message).about(&name)
    }
}

/// The files in `migrations` folders.
pub fn migration_files(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.with_ending("sql").filter(|(path, _)| path.contains("/migrations/"))
}

/// Every column that a migration makes or adds.
pub fn columns(tree: &Tree) -> Vec<Column> {
    const CONSTRAINTS: &[&str] =
        &["PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "CONSTRAINT", "EXCLUDE"];
    let mut found = Vec::new();
    for (path, text) in migration_files(tree) {
        let sql = without_comments(text);
        let added = added_columns(&sql);
        let made = tables(&sql).into_iter().flat_map(|(table, _, definitions)| {
            definitions.into_iter().map(move |(at, text)| (table.clone(), at, text))
        });
        for (table, at, definition) in made.chain(added) {
            let mut words = definition.split(|c: char| c.is_whitespace() || c == '(');
            let name = words.next().unwrap_or_default().to_owned();
            let kind = words.next().unwrap_or_default().trim_end_matches(',').to_owned();
            if !CONSTRAINTS.contains(&name.as_str()) {
                let (path, line) = (path.to_owned(), line_of(&sql, at));
                found.push(Column { table, name, kind, path, line });
            }
        }
    }
    found
}

/// Comments blanked, so that offsets and lines stay.
pub fn without_comments(sql: &str) -> String {
    let lines = sql.split('\n').map(|line| match line.find("--") {
        Some(at) => format!("{}{}", &line[..at], " ".repeat(line.len() - at)),
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A part of a statement and its offset in the file.
pub type Part = (usize, String);

/// Each `CREATE TABLE`: its name, its offset, and its definitions.
pub fn tables(sql: &str) -> Vec<(String, usize, Vec<Part>)> {
    let mut found = Vec::new();
    for (start, create) in sql.match_indices("CREATE TABLE ") {
        let rest = &sql[start + create.len()..];
        let Some(open) = rest.find('(') else { continue };
        let name = rest[..open].trim().trim_start_matches("IF NOT EXISTS ").to_owned();
        let body = start + create.len() + open + 1;
        found.push((name, start, split_definitions(sql, body)));
    }
    found
}

/// The parts between commas of a parenthesis whose inside starts at `from`.
fn split_definitions(sql: &str, from: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let (mut depth, mut start, mut quoted) = (0_usize, from, false);
    let mut push = |start: usize, end: usize| {
        let part = &sql[start..end];
        let lead = part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            parts.push((start + lead, part.trim().to_owned()));
        }
    };
    for (offset, byte) in sql.bytes().enumerate().skip(from) {
        match byte {
            b'\'' => quoted = !quoted,
            _ if quoted => {}
            b'(' => depth += 1,
            b')' if depth == 0 => {
                push(start, offset);
                break;
            }
            b')' => depth -= 1,
            b',' if depth == 0 => {
                push(start, offset);
                start = offset + 1;
            }
            _ => {}
        }
    }
    parts
}

/// Each `ALTER TABLE t ADD COLUMN …` as (table, offset, definition).
fn added_columns(sql: &str) -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    for (start, alter) in sql.match_indices("ALTER TABLE ") {
        let rest = &sql[start + alter.len()..];
        let statement = &rest[..rest.find(';').unwrap_or(rest.len())];
        if let Some((table, definition)) = statement.split_once(" ADD COLUMN ") {
            found.push((table.trim().to_owned(), start, definition.trim().to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_split_at_their_own_commas() {
        let sql = "CREATE TABLE IF NOT EXISTS t (a TEXT CHECK (a IN ('x,', 'y)')), b BIGINT, CHECK (b > 0))";
        let (name, _, parts) = tables(sql).remove(0);
        let texts: Vec<_> = parts.into_iter().map(|(_, text)| text).collect();
        assert_eq!(name, "t");
        assert_eq!(texts, ["a TEXT CHECK (a IN ('x,', 'y)'))", "b BIGINT", "CHECK (b > 0)"]);
    }

    #[test]
    fn comments_are_blanked_in_place() {
        assert_eq!(without_comments("a -- b\nc"), "a     \nc");
    }

    #[test]
    fn added_columns_are_found_and_constraints_are_not_columns() {
        let sql = "CREATE TABLE t (a BIGINT, PRIMARY KEY (a));\nALTER TABLE t ADD COLUMN b TEXT;";
        let tree = Tree::fixture(&[("a/migrations/0001_a.sql", sql)]);
        let found: Vec<_> = columns(&tree).into_iter().map(|c| (c.name, c.kind, c.line)).collect();
        let expected = [("a", "BIGINT", 1), ("b", "TEXT", 2)];
        assert_eq!(found, expected.map(|(n, k, l)| (n.to_owned(), k.to_owned(), l)));
    }
}
