//! The registry: the spine of the house. Who the customers are (person, identities, contact
//! points, consent, and merging of persons entered twice), what they hold (account, service
//! location, usage point), what feeds them (station, feeder, 台区), what others must know about
//! them (marks), and finding any of them from one box. No HTTP, no meters, no money: those areas
//! refer to the ids made here.

mod customer;
mod error;
mod fields;
pub mod import;
pub mod marks;
pub mod network;
mod page;
pub mod people;
pub mod premises;
pub mod search;
mod trace;
mod vocabulary;
pub mod words;

pub use customer::{Customer, CustomerForm, Place};
pub use error::RegistryError;
pub use fields::{FieldError, date, voltage};
pub use marks::store::Mark;
pub use network::{Feeder, Substation, TransformerArea};
pub use page::{
    AccountView, ContactView, CustomerPage, IdentityView, PERSONAL_FIELDS, PersonView,
    PersonalData, SupplyPath, UsagePointView, account_page, customer_page, personal_data,
};
pub use people::store::{Consent, ContactPoint, Identity, Person, PersonMerge};
pub use premises::{Account, ServiceLocation, UsagePoint};
pub use vocabulary::{
    Channel, ContactRole, PersonKind, Scheme, SubjectKind, TermKind, UnknownWord, UsageClass,
    marks as mark_kinds,
};

/// The tables of this area, applied after those of `store` and `access`.
pub const MIGRATIONS: &[store::Migration] = store::migrations!("registry": "0001_registry");

/// Every statement of this area, for the test that prepares each on both engines.
pub const STATEMENTS: &[&[store::Statement]] = &[
    marks::store::STATEMENTS,
    network::store::STATEMENTS,
    people::store::STATEMENTS,
    premises::store::STATEMENTS,
    search::store::STATEMENTS,
];
