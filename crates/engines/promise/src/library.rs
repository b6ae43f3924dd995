//! The packs that a bureau lives by, in its order: what stands later replaces promises of the same
//! id that stand earlier, as a company's own promise replaces the national minimum.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Date;

use crate::{OfficeHours, Pack, PackError, Rule};

/// Packs in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Library {
    packs: Vec<Pack>,
}

/// A promise that another pack replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overridden<'a> {
    /// The rule that counts.
    pub by: &'a Rule,
    /// The rule that does not.
    pub rule: &'a Rule,
}

impl Library {
    /// Puts packs into an order.
    ///
    /// # Errors
    /// [`PackError::Value`] when two packs have the same id, or define office hours of the same
    /// name differently.
    pub fn of(packs: Vec<Pack>) -> Result<Self, PackError> {
        let mut ids = BTreeSet::new();
        let mut hours: BTreeMap<&str, &OfficeHours> = BTreeMap::new();
        for pack in &packs {
            let wrong = |place: &str, reason: &str| PackError::Value {
                document: pack.id.clone(),
                place: place.to_owned(),
                reason: reason.to_owned(),
            };
            if !ids.insert(pack.id.as_str()) {
                return Err(wrong("pack", "two packs have this id"));
            }
            for (name, one) in &pack.hours {
                if hours.insert(name, one).is_some_and(|known| known != one) {
                    let reason = "another pack defines office hours of this name differently";
                    return Err(wrong(&format!("hours {name}"), reason));
                }
            }
        }
        Ok(Self { packs })
    }

    /// The packs.
    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The office hours of all packs.
    pub fn hours(&self) -> impl Iterator<Item = (&str, &OfficeHours)> {
        self.packs.iter().flat_map(|pack| pack.hours.iter().map(|(name, h)| (name.as_str(), h)))
    }

    /// The promises that a fact with these attributes opens on a date, by id.
    #[must_use]
    pub fn opened_by(
        &self,
        trigger: &str,
        attributes: &BTreeMap<String, String>,
        on: Date,
    ) -> Vec<&Rule> {
        let mut rules: BTreeMap<&str, &Rule> = BTreeMap::new();
        for rule in self.packs.iter().flat_map(|pack| &pack.rules) {
            if rule.is_meant(trigger, attributes, on) {
                rules.insert(&rule.id, rule);
            }
        }
        rules.into_values().collect()
    }

    /// The version of a promise that holds on a date, of the last pack that has one.
    #[must_use]
    pub fn rule(&self, id: &str, on: Date) -> Option<&Rule> {
        let mut rules = self.packs.iter().rev().flat_map(|pack| &pack.rules);
        rules.find(|rule| rule.id == id && rule.valid.contains(on))
    }

    /// The promises that a later pack replaces on a date, for people to look at.
    #[must_use]
    pub fn overridden(&self, on: Date) -> Vec<Overridden<'_>> {
        let all = self.packs.iter().flat_map(|pack| &pack.rules);
        all.filter(|rule| rule.valid.contains(on))
            .filter_map(|rule| {
                let by = self.rule(&rule.id, on)?;
                (by.pack != rule.pack).then_some(Overridden { by, rule })
            })
            .collect()
    }
}
