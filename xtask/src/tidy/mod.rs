//! The house rules as a program. Each rule is a pure function from the [`Tree`] (all text files
//! and manifests) and the [`House`] (`house.toml`: arrows, limits, words, exceptions) to findings.
//! A rule that needs an exception gets it in `house.toml` with a reason, never in code.

mod arrows;
mod attributes;
mod house;
mod keep_out;
mod lexer;
mod schema;
mod shape;
mod sql;
mod texts;
mod tree;
mod words;

use std::{fmt, path::Path};

pub use house::House;
pub use tree::Tree;

/// One house rule.
pub struct Rule {
    /// Short stable name, used in findings and in `house.toml`.
    pub id: &'static str,
    /// Why the house has it, in one line.
    pub why: &'static str,
    /// Finds the places that break it.
    check: fn(&Tree, &House) -> Vec<Finding>,
}

/// All rules, in the order in which they are held.
pub const RULES: &[Rule] = &[
    arrows::ARROWS,
    arrows::FOREIGN,
    arrows::MANIFESTS,
    keep_out::KEEP_OUT,
    shape::ROOMS,
    shape::HEADERS,
    shape::DEAD_FILES,
    shape::FILE_LENGTH,
    shape::FUNCTION_LENGTH,
    shape::AREA_FILES,
    shape::TEST_BINARIES,
    attributes::ATTRIBUTES,
    words::WORDS,
    words::SKIPS,
    sql::MIGRATIONS,
    sql::STATEMENTS,
    sql::TYPES,
    sql::ORGANISATION,
    sql::NAMES,
    sql::DIALECT,
    texts::LOCALES,
    texts::READMES,
    texts::GLOSSARY,
    texts::LINKS,
];

/// One place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// The file, from the root of the checkout.
    pub path: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What an exception in `house.toml` must name: the path, or `path::name` of a thing in it.
    pub subject: String,
    /// How large the thing is, for rules with a limit that an exception may raise.
    pub size: Option<usize>,
    /// What is wrong and what to do.
    pub message: String,
}

impl Finding {
    fn new(rule: &'static str, path: &str, line: usize, message: impl Into<String>) -> Self {
        let (path, message) = (path.to_owned(), message.into());
        Self { rule, subject: path.clone(), path, line, size: None, message }
    }

    fn about(mut self, name: &str) -> Self {
        self.subject = format!("{}::{name}", self.path);
        self
    }

    fn sized(mut self, size: usize) -> Self {
        self.size = Some(size);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}", self.path, self.line, self.rule, self.message)
    }
}

/// Why the rules could not be held at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the checkout cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// Which file or folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// `cargo metadata` did not answer.
    #[error("cargo metadata failed: {0}")]
    Metadata(String),
    /// `house.toml` is not what it should be.
    #[error("xtask/house.toml: {0}")]
    House(#[from] toml::de::Error),
}

/// Holds every rule against the checkout at `root`.
///
/// # Errors
/// When the checkout, its manifests or `house.toml` cannot be read.
pub fn check(root: &Path) -> Result<Vec<Finding>, Error> {
    let tree = Tree::read(root)?;
    let house = House::parse(tree.text("xtask/house.toml").unwrap_or_default())?;
    Ok(findings(&tree, &house))
}

/// What breaks the rules after the exceptions of the house, ordered by place.
fn findings(tree: &Tree, house: &House) -> Vec<Finding> {
    let found = RULES.iter().flat_map(|rule| (rule.check)(tree, house)).collect();
    let mut left = house.without_exceptions(found);
    left.sort_by(|a, b| (&a.path, a.line, a.rule).cmp(&(&b.path, b.line, b.rule)));
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The house itself is tidy: this is how `cargo test` holds the rules.
    #[test]
    fn the_house_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let findings = check(&root).unwrap();
        let list: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(list.is_empty(), "{} findings:\n{}", list.len(), list.join("\n"));
    }

    #[test]
    fn every_rule_has_its_own_name_and_a_reason() {
        let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        assert!(RULES.iter().all(|rule| rule.why.len() > 20));
    }
}
