//! The demo bureau: an invented county, a year of readings with everything that goes wrong with
//! readings, loaded through the same operations as a bureau's own data.
//!
//! - `names`, `county`, `usage`: what there is and how much it uses, drawn from a seed.
//! - `readings`: what the meters say each night, and when it arrives.
//! - `load`: into the database and the lake, day by day, settled and billed on the way.
//! - `work`: orders, an error, a handheld and a bulletin on the day after.
//!
//! Everything is resumable: a demo that was stopped goes on where it was when it is started again.

mod county;
mod load;
mod names;
mod readings;
mod usage;
mod work;

pub use county::County;
pub use load::{Demo, DemoError, PASSWORD, SIGN_INS};
