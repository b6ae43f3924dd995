//! `xtask/house.toml`: the rules' data. Rooms and arrows, limits, words, and the exceptions, each
//! with its reason. No rule logic lives here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Error, Finding};

/// The data of the rules.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct House {
    /// Room → the rooms directly below it, which it may use; arrows are transitive.
    pub rooms: BTreeMap<String, Vec<String>>,
    /// Crates of others that only some rooms may use directly.
    pub foreign: BTreeMap<String, Vec<String>>,
    /// Limits in lines.
    pub limits: Limits,
    /// File names that a module inside an area may use.
    pub area_files: Vec<String>,
    /// Words that must not stand in the tree.
    pub word: Vec<Word>,
    /// Code that must not stand in some rooms.
    pub keep_out: Vec<KeepOut>,
    /// Places that may break a rule, and why.
    pub exception: Vec<Exception>,
}

/// Limits in lines.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// A Rust file.
    pub file: usize,
    /// A function outside tests, from `fn` to its closing brace.
    pub function: usize,
}

/// Code that must not stand in some rooms.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepOut {
    /// The rooms.
    pub rooms: Vec<String>,
    /// Fragments of code, comments and strings aside.
    pub code: Vec<String>,
    /// What to do instead.
    pub instead: String,
    /// Files, by the end of their path, where it may stand.
    #[serde(default)]
    pub except: Vec<String>,
}

/// A word that must not stand in the tree.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The text, matched with its case, and not inside a longer word.
    pub text: String,
    /// What to write or do instead.
    pub instead: String,
    /// Paths (by prefix) where it may stand.
    #[serde(default)]
    pub except: Vec<String>,
}

/// A place that may break a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The rule's id.
    pub rule: String,
    /// `path::name` for a function, table, column, dependency or fragment; a path means
    /// everything in that file, and one that ends in `/` everything in that folder.
    pub at: String,
    /// For rules with a limit: the higher limit of this place.
    pub limit: Option<usize>,
    /// Why.
    pub reason: String,
}

/// An exception's limit may stand this far above the present size; further, it must come down.
const RATCHET_SLACK: usize = 20;

impl House {
    /// Reads `house.toml`.
    ///
    /// # Errors
    /// When it is no such document.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(toml::from_str(text)?)
    }

    /// Everything that `room` may use, following the arrows down; `None` for an unknown room.
    pub fn below(&self, room: &str) -> Option<BTreeSet<&str>> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&String> = self.rooms.get(room)?.iter().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next.as_str()) {
                open.extend(self.rooms.get(next).into_iter().flatten());
            }
        }
        Some(reached)
    }

    /// The findings that no exception covers, plus one for each exception that covers nothing or
    /// whose limit can come down.
    pub fn without_exceptions(&self, found: Vec<Finding>) -> Vec<Finding> {
        let mut left = Vec::new();
        let mut used = vec![None; self.exception.len()];
        for finding in found {
            let covering = self.exception.iter().position(|exception| exception.covers(&finding));
            match covering {
                Some(index) => used[index] = Some(finding.size),
                None => left.push(finding),
            }
        }
        for (exception, used) in self.exception.iter().zip(used) {
            let message = match (used, exception.limit) {
                (None, _) => {
                    format!("nothing at {} breaks {}: remove it", exception.at, exception.rule)
                }
                (Some(Some(size)), Some(limit)) if size + RATCHET_SLACK < limit => {
                    format!("{} has {size} lines now: lower its limit of {limit}", exception.at)
                }
                _ if exception.reason.len() < 15 => format!("{} needs a reason", exception.at),
                _ => continue,
            };
            left.push(Finding::new("exceptions", "xtask/house.toml", 0, message));
        }
        left
    }
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        let within = match (finding.size, self.limit) {
            (Some(size), Some(limit)) => size <= limit,
            _ => true,
        };
        let here = match self.at.ends_with('/') {
            true => finding.subject.starts_with(&self.at),
            false => finding.subject == self.at || finding.path == self.at,
        };
        self.rule == finding.rule && here && within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(text: &str) -> House {
        House::parse(text).unwrap()
    }

    #[test]
    fn arrows_are_transitive() {
        let house = house("[rooms]\nkernel = []\nstore = ['kernel']\naccess = ['store']");
        let below: Vec<_> = house.below("access").unwrap().into_iter().collect();
        assert_eq!(below, ["kernel", "store"]);
        assert!(house.below("cellar").is_none());
    }

    #[test]
    fn exceptions_cover_up_to_their_limit_and_only_ratchet_down() {
        let house = house(
            "[[exception]]\nrule = 'file-length'\nat = 'a.rs'\nlimit = 700\nreason = 'one table of law'",
        );
        let at = |size| Finding::new("file-length", "a.rs", 0, "too long").sized(size);
        assert_eq!(house.without_exceptions(vec![at(690)]), []);
        assert_eq!(house.without_exceptions(vec![at(701)])[0].path, "a.rs");
        assert!(house.without_exceptions(vec![at(650)])[0].message.contains("lower its limit"));
        assert!(house.without_exceptions(vec![])[0].message.contains("remove it"));
    }

    #[test]
    fn an_exception_may_cover_a_folder() {
        let house =
            house("[[exception]]\nrule = 'words'\nat = 'a/b/'\nreason = 'texts of others, quoted'");
        let at = |path| vec![Finding::new("words", path, 1, "no")];
        assert_eq!(house.without_exceptions(at("a/b/c.rs")), []);
        assert_eq!(house.without_exceptions(at("a/bc.rs")).len(), 2);
    }
}
