//! Readings that are asked for: of a meter at once (召测), what a night missed by the plan of retries,
//! days from a meter's memory (补抄), and what is read with a handheld. Table: `reading_request`.
//! The head-end fetches those that are for it and posts the answers; the protocol is in the handbook.
//! Invariants: a usage point has one open request of a purpose and day; a person's request is answered
//! or expires with a plain word; a retry ends answered or with somebody who goes there. Answers are
//! readings of the lake with source `on_demand`; what was read before stays.

mod error;
mod jobs;
mod model;
mod ops;
mod queries;
mod store;

pub use error::RequestError;
pub use jobs::{answer, sweep};
pub use model::{Answer, Ask, Purpose};
pub(crate) use ops::complete;
pub use ops::{ask, take};
pub use queries::request_list;
pub use store::{
    HandedRow, RequestRow, STATEMENTS, field_route, request_by_id, request_counts,
    requests_of_point,
};
