//! The published documents, compiled.

use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Date, Id};
use store::Tx;
use tariff::{Library, Plan};

use super::{
    TariffBookError,
    store::{TariffRow, documents},
};

/// All published tariffs of an organisation, compiled, with the rows they came from.
#[derive(Debug, Clone)]
pub struct TariffBook {
    library: Library,
    rows: Vec<TariffRow>,
    /// The document of each plan, by the library's index.
    of_plan: Vec<Id>,
}

impl TariffBook {
    /// Compiles documents. The order of tariffs among the rows is the order of plan indexes, so
    /// an index stays the same as long as documents are only added.
    ///
    /// # Errors
    /// [`TariffBookError::Document`] with the first that does not compile.
    pub fn compile(rows: Vec<TariffRow>) -> Result<Self, TariffBookError> {
        let library =
            Library::load(rows.iter().map(|row| (row.code.as_str(), row.document.as_str())))?;
        let of_plan = rows.iter().filter(|row| row.kind == "tariff").map(|row| row.id).collect();
        Ok(Self { library, rows, of_plan })
    }

    /// The compiled documents.
    #[must_use]
    pub const fn library(&self) -> &Library {
        &self.library
    }

    /// The stored documents, in the order of publication.
    #[must_use]
    pub fn rows(&self) -> &[TariffRow] {
        &self.rows
    }

    /// The document that a plan was compiled from.
    #[must_use]
    pub fn document_of(&self, plan: usize) -> Option<Id> {
        self.of_plan.get(plan).copied()
    }

    /// The plan of a tariff that is in force on a day, with its index.
    ///
    /// # Errors
    /// [`TariffBookError::Document`] when no version covers the day.
    pub fn plan_on(&self, code: &str, day: Date) -> Result<(usize, &Plan), TariffBookError> {
        let index = self.library.version_on(code, day)?;
        Ok((index, &self.library.plans()[index]))
    }
}

/// The names in a document, whatever else it says.
#[derive(serde::Deserialize)]
struct Named {
    tariff: NamedHead,
}

#[derive(serde::Deserialize)]
struct NamedHead {
    name: tariff::Label,
}

impl TariffRow {
    /// The name in both languages; none for tables and calendars.
    #[must_use]
    pub fn label(&self) -> Option<tariff::Label> {
        toml::from_str::<Named>(&self.document).ok().map(|named| named.tariff.name)
    }
}

/// Books that were compiled, the latest first. Compiling is a pure function of the rows and takes
/// a hundred times as long as reading them, so what it answered is kept with what it was asked.
static COMPILED: Mutex<Vec<Arc<TariffBook>>> = Mutex::new(Vec::new());

/// How many books are kept: one per organisation that this process works for.
const KEPT: usize = 8;

/// Reads all published documents, compiled.
///
/// # Errors
/// [`TariffBookError::Document`] when one does not compile, or the database does not answer.
pub async fn load_book(tx: &mut Tx, org: Id) -> Result<Arc<TariffBook>, TariffBookError> {
    let rows = documents(tx, org).await?;
    let known = |books: &[Arc<TariffBook>]| books.iter().find(|book| book.rows == rows).cloned();
    if let Some(book) = known(&COMPILED.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(book);
    }
    let book = Arc::new(TariffBook::compile(rows)?);
    let mut books = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    books.insert(0, book.clone());
    books.truncate(KEPT);
    Ok(book)
}
