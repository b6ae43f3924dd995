//! Who the customers are: persons and companies, by what they are known, how they are reached,
//! what they agreed to, and the merging of a person who was entered twice. Tables: `person`,
//! `person_identity`, `contact_point`, `consent`, `person_merge`, `person_merge_item`.
//!
//! Invariants: identities and telephone numbers are kept in normal form; one consent per purpose
//! is in force at a time; a merged person holds no account, and unmerging gives back exactly the
//! rows that the merge moved.

pub(crate) mod store;
