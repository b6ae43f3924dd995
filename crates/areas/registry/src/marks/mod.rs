//! What others must know about a person, an account or a usage point: important, vulnerable,
//! entitled to an allowance. Table: `mark`. A mark holds from a day to before a day; one mark of
//! a kind per subject is open at a time.

mod ops;
pub(crate) mod store;

pub use ops::{AddMark, EndMark, add_mark, end_mark};
pub use store::{Mark, marks_of_kind, marks_on};
