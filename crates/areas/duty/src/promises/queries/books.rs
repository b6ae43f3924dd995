//! The rule packs of organisations, read once and kept while they do not change: parsing documents
//! and laying office hours over years is too much for every request.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{BusinessCalendar, Id, Zone};
use promise::{Library, Pack, Timetable, bundled};
use store::Tx;

use crate::promises::{PackRow, PromiseError, store::packs_in_force};

/// The packs of a company that has published none: what every supplier is held to.
const DEFAULT_PACKS: &[&str] = &["generic", "national"];
/// Years over which hours are laid when the calendar names none.
const YEARS: (i16, i16) = (2020, 2040);
/// Kept books; a company has one, a bureau with packs of its own another.
const KEPT_MAX: usize = 64;

/// The packs of an organisation with the time they count in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// The packs.
    pub library: Library,
    /// The time.
    pub time: Timetable,
}

/// Books by the packs that they were made of.
#[derive(Debug)]
pub struct Books {
    zone: Zone,
    calendar: BusinessCalendar,
    kept: Mutex<BTreeMap<Vec<Id>, Arc<Book>>>,
}

impl Books {
    /// Books that count in this zone by this calendar of holidays.
    #[must_use]
    pub fn new(zone: Zone, calendar: BusinessCalendar) -> Self {
        Self { zone, calendar, kept: Mutex::default() }
    }

    /// The zone.
    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The book of an organisation: its own packs, else those of the nearest above it, else what
    /// every supplier is held to.
    ///
    /// # Errors
    /// [`PromiseError::Pack`] for a stored pack that this program no longer reads.
    pub async fn of(&self, tx: &mut Tx, org: Id) -> Result<Arc<Book>, PromiseError> {
        let rows = nearest(packs_in_force(tx, org).await?);
        let key: Vec<Id> = rows.iter().map(|row| row.id).collect();
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(book) = lock().get(&key) {
            return Ok(Arc::clone(book));
        }
        let library = if rows.is_empty() {
            bundled::library(DEFAULT_PACKS)?
        } else {
            let packs = rows.iter().map(|row| Pack::parse(&row.pack, &row.document));
            Library::of(packs.collect::<Result<_, _>>()?)?
        };
        let book = Arc::new(self.book(library)?);
        let mut kept = lock();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&book));
        Ok(book)
    }

    /// A book of these packs.
    ///
    /// # Errors
    /// Office hours that do not fit the calendar.
    pub fn book(&self, library: Library) -> Result<Book, PromiseError> {
        let time = Timetable::compile(&self.zone, &self.calendar, library.hours(), YEARS)?;
        Ok(Book { library, time })
    }
}

/// The rows of the nearest organisation that has any; they come nearest first.
pub(in crate::promises) fn nearest(mut rows: Vec<PackRow>) -> Vec<PackRow> {
    let org = rows.first().map(|row| row.org);
    rows.retain(|row| Some(row.org) == org);
    rows
}
