//! One box that finds a usage point by whatever the person knows: 户号, code, meter number,
//! telephone (whole, its start, or its last digits), name, 拼音, initials, address, or the name
//! that people give to the place. Tables: `search_term`, and the names in `place`.
//!
//! Invariants: a usage point has exactly the terms that [`terms`] makes from its present data
//! (plus those that `supply` writes for its meters); a question reads a bounded number of rows,
//! however many customers there are; results are masked.

mod ops;
mod queries;
mod rules;
pub(crate) mod store;

pub use ops::{add_meter_terms, load_meter_terms, remove_meter_terms};
pub(crate) use ops::{complete_person, insert_terms, refresh_person};
pub use queries::{Found, Hit, MatchedBy, SEARCH_MAX, search};
pub use rules::terms;
