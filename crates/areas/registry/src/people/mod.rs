//! Who the customers are: persons and companies, by what they are known, how they are reached,
//! what they agreed to, and the merging of a person who was entered twice. Tables: `person`,
//! `person_identity`, `contact_point`, `consent`, `person_merge`, `person_merge_item`.
//!
//! Invariants: identities and telephone numbers are kept in normal form; one consent per purpose
//! is in force at a time; a merged person holds no account, and unmerging gives back exactly the
//! rows that the merge moved.

mod model;
mod ops;
pub(crate) mod store;

pub use model::{ContactForm, IdentityForm};
pub(crate) use model::{masked_contact, masked_identity};
pub use ops::merge::{MergePersons, UnmergePersons, merge_persons, unmerge_persons};
pub use ops::{
    AddContact, AddIdentity, ChangeConsent, ChangeContact, ChangeName, RemoveContact, add_contact,
    add_identity, change_contact, change_name, give_consent, remove_contact, withdraw_consent,
};
pub use store::{
    consents_of, contacts_of, identities_of, merges_of, person_by_id, persons_by_identity,
};
