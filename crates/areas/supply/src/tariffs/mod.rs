//! Published tariff documents: the text as it was published, its hash, and the days it is in
//! force; also the power-factor tables and calendars that tariffs name. Table:
//! `tariff_document`. A published document never changes; a decree that changes prices is
//! published as a new version, from its day on. What a document *means* is the tariff engine's
//! business.

mod error;
mod ops;
mod queries;
mod store;
#[cfg(test)]
mod tests;

pub use error::TariffBookError;
pub use ops::publish;
pub use queries::{TariffBook, load_book};
pub use store::{STATEMENTS, TariffRow, document_by_id, documents};
