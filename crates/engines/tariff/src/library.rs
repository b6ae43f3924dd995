//! All tariffs, tables and calendars of a bureau, and which version of a tariff is valid when.
//! The caller reads the files; this takes their text.

use std::collections::BTreeMap;

use kernel::{BusinessCalendar, Date, DatePeriod};
use serde::Deserialize;

use crate::{Plan, PowerFactorTable, TariffError, calendar, power_factor};

/// Loaded documents. Add tables before the tariffs that name them, or use [`Library::load`].
#[derive(Debug, Clone, Default)]
pub struct Library {
    plans: Vec<Plan>,
    by_id: BTreeMap<String, Vec<usize>>,
    tables: BTreeMap<String, PowerFactorTable>,
    calendars: BTreeMap<String, BusinessCalendar>,
}

/// Which kind of document a TOML file is.
#[derive(Deserialize)]
struct Kind {
    tariff: Option<toml::Table>,
    power_factor_table: Option<toml::Table>,
    calendar: Option<toml::Table>,
}

impl Library {
    /// Loads many documents `(name, text)` of any kind, in any order.
    ///
    /// # Errors
    /// The first [`TariffError`].
    pub fn load<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, TariffError> {
        let mut library = Self::default();
        let mut tariffs = Vec::new();
        for (name, text) in documents {
            let unreadable = |e: toml::de::Error| TariffError::Document {
                tariff: name.to_owned(),
                reason: e.to_string(),
            };
            let kind: Kind = toml::from_str(text).map_err(unreadable)?;
            if kind.tariff.is_some() {
                tariffs.push((name, text));
            } else if kind.power_factor_table.is_some() {
                for table in power_factor::tables_from_toml(name, text)? {
                    library.tables.insert(table.name.clone(), table);
                }
            } else if kind.calendar.is_some() {
                library.add_calendar(calendar::from_toml(name, text)?)?;
            } else {
                let reason = "it has none of [tariff], [power_factor_table], [calendar]";
                let (tariff, reason) = (name.to_owned(), reason.to_owned());
                return Err(TariffError::Document { tariff, reason });
            }
        }
        for (name, text) in tariffs {
            library.add_plan(Plan::from_toml(name, text, &library.tables)?)?;
        }
        Ok(library)
    }

    /// Adds a plan; its index stays the same for the life of the library.
    ///
    /// # Errors
    /// [`TariffError::VersionOverlap`] when another version claims the same days.
    pub fn add_plan(&mut self, plan: Plan) -> Result<usize, TariffError> {
        let versions = self.by_id.entry(plan.head.id.clone()).or_default();
        for index in versions.iter() {
            let other = &self.plans[*index].head;
            if let Some(shared) = other.valid.intersect(&plan.head.valid) {
                return Err(TariffError::VersionOverlap {
                    tariff: plan.head.id.clone(),
                    first: other.decree.clone(),
                    second: plan.head.decree.clone(),
                    date: shared.from(),
                });
            }
        }
        versions.push(self.plans.len());
        self.plans.push(plan);
        Ok(self.plans.len() - 1)
    }

    /// Adds a calendar, or more years of one that is loaded already.
    ///
    /// # Errors
    /// [`TariffError::Document`] when the years leave a gap.
    pub fn add_calendar(&mut self, more: BusinessCalendar) -> Result<(), TariffError> {
        let Some(known) = self.calendars.get_mut(&more.name) else {
            self.calendars.insert(more.name.clone(), more);
            return Ok(());
        };
        let joined = match (known.years, more.years) {
            (Some((a, b)), Some((c, d))) if c <= b + 1 && a <= d + 1 => Some((a.min(c), b.max(d))),
            _ => {
                let reason = "its years do not join the years that are loaded";
                let (tariff, reason) = (more.name, reason.to_owned());
                return Err(TariffError::Document { tariff, reason });
            }
        };
        known.years = joined;
        if !known.source.contains(&more.source) {
            known.source = format!("{}; {}", known.source, more.source);
        }
        known.exceptions.extend(more.exceptions);
        Ok(())
    }

    /// Every plan, by index.
    #[must_use]
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// The plan with an index.
    #[must_use]
    pub fn plan(&self, index: usize) -> Option<&Plan> {
        self.plans.get(index)
    }

    /// The ids of all tariffs, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// The power-factor tables by `name/standard`.
    #[must_use]
    pub const fn tables(&self) -> &BTreeMap<String, PowerFactorTable> {
        &self.tables
    }

    /// The calendar that a plan's windows ask; Monday to Friday when it names none.
    ///
    /// # Errors
    /// [`TariffError::Value`] when the named calendar is not loaded.
    pub fn calendar_of(&self, plan: &Plan) -> Result<BusinessCalendar, TariffError> {
        let Some(name) = &plan.head.calendar else { return Ok(BusinessCalendar::weekdays_only()) };
        self.calendars.get(name).cloned().ok_or_else(|| TariffError::Value {
            tariff: plan.head.id.clone(),
            place: "tariff.calendar".to_owned(),
            reason: format!("the calendar {name} is not loaded"),
        })
    }

    /// A calendar by name.
    #[must_use]
    pub fn calendar(&self, name: &str) -> Option<&BusinessCalendar> {
        self.calendars.get(name)
    }

    /// The index of the version of a tariff that is valid on a date.
    ///
    /// # Errors
    /// [`TariffError::NoVersion`].
    pub fn version_on(&self, id: &str, date: Date) -> Result<usize, TariffError> {
        let versions = self.by_id.get(id).map_or(&[][..], Vec::as_slice);
        let found = versions.iter().find(|i| self.plans[**i].head.valid.contains(date));
        let none = || TariffError::NoVersion { tariff: id.to_owned(), date };
        found.copied().ok_or_else(none)
    }

    /// The versions of a tariff that a period meets, each with its part, in order of time.
    ///
    /// # Errors
    /// [`TariffError::NoVersion`] for the first day that none covers.
    pub fn versions_in(
        &self,
        id: &str,
        from: Date,
        to: Date,
    ) -> Result<Vec<(DatePeriod, usize)>, TariffError> {
        let mut parts = Vec::new();
        let mut next = from;
        while next < to {
            let index = self.version_on(id, next)?;
            let end = self.plans[index].head.valid.to().map_or(to, |end| end.min(to));
            if let Ok(part) = DatePeriod::new(next, end) {
                parts.push((part, index));
            }
            next = end;
        }
        Ok(parts)
    }
}
