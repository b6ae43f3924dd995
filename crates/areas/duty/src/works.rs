//! What the jobs and doors of this area work with: the database, and the rules that are documents.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use access::{Actor, Ctx, Randomness};
use kernel::{Fault, FaultKind, Id, Zone};
use store::{Db, Tx};

use crate::{
    notices::{
        NoticeError,
        rules::{Policy, Templates},
    },
    promises::Books,
};

/// The calendar of public holidays that promises count by.
const CALENDAR: &str = "cn";
/// Kept versions of templates.
const KEPT_MAX: usize = 256;

/// Rules of the area that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorksError {
    /// The time zone.
    #[error("there is no time zone {0:?}; write a name such as Asia/Shanghai")]
    Zone(String),
    /// The calendar of public holidays.
    #[error("there is no calendar {CALENDAR:?} among the documents of the program")]
    Calendar,
    /// Templates or policy.
    #[error(transparent)]
    Notices(#[from] NoticeError),
}

impl Fault for WorksError {
    fn kind(&self) -> FaultKind {
        FaultKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Zone(_) => "duty.zone",
            Self::Calendar => "duty.calendar",
            Self::Notices(error) => error.code(),
        }
    }
}

/// Templates, pacing, and the zone that texts tell times in.
#[derive(Debug)]
pub struct NoticeRules {
    /// The templates that new notices are written by.
    pub templates: Arc<Templates>,
    /// How they are paced.
    pub policy: Policy,
    /// The zone.
    pub zone: Zone,
    stored: Mutex<BTreeMap<Id, Arc<Templates>>>,
}

impl NoticeRules {
    /// The rules that come with the program.
    ///
    /// # Errors
    /// A document that cannot be used; a test holds that there is none.
    pub fn bundled(zone: Zone) -> Result<Self, NoticeError> {
        let templates = Arc::new(Templates::bundled(&zone)?);
        Ok(Self { templates, policy: Policy::bundled()?, zone, stored: Mutex::default() })
    }

    /// The template that a notice was made from, whatever holds now.
    ///
    /// # Errors
    /// [`NoticeError::Corrupt`] when it cannot be read back.
    pub async fn stored(&self, tx: &mut Tx, template: Id) -> Result<Arc<Templates>, NoticeError> {
        let lock = || self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&template) {
            return Ok(Arc::clone(known));
        }
        let corrupt = |reason: String| NoticeError::Corrupt { notice: template, reason };
        let row = crate::notices::template_by_id(tx, template).await?;
        let row = row.ok_or_else(|| corrupt("its template is gone".to_owned()))?;
        let templates = Templates::stored(&row.body, &self.zone);
        let templates = Arc::new(templates.map_err(|error| corrupt(error.to_string()))?);
        let mut kept = lock();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(template, Arc::clone(&templates));
        Ok(templates)
    }
}

/// What a job is given.
#[derive(Debug, Clone)]
pub struct Works {
    /// The database.
    pub db: Db,
    /// Randomness, which operations are given.
    pub random: Arc<Randomness>,
    /// Rule packs of promises.
    pub books: Arc<Books>,
    /// Rules of notices.
    pub notices: Arc<NoticeRules>,
}

impl Works {
    /// Works with the rules that come with the program, in this zone.
    ///
    /// # Errors
    /// [`WorksError::Zone`] for a zone that is not known; the documents themselves are tested.
    pub fn bundled(db: &Db, random: Arc<Randomness>, zone: &str) -> Result<Self, WorksError> {
        let zone = Zone::get(zone).ok_or_else(|| WorksError::Zone(zone.to_owned()))?;
        let library = tariff::bundled::library().map_err(|_| WorksError::Calendar)?;
        let calendar = library.calendar(CALENDAR).ok_or(WorksError::Calendar)?.clone();
        let books = Arc::new(Books::new(zone.clone(), calendar));
        let notices = Arc::new(NoticeRules::bundled(zone)?);
        Ok(Self { db: db.clone(), random, books, notices })
    }

    /// The context of an operation.
    #[must_use]
    pub fn ctx<'a>(&'a self, actor: &'a Actor, request: &'a str) -> Ctx<'a> {
        Ctx::new(self.db.clock().as_ref(), &self.random, actor, request)
    }
}
