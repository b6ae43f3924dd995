//! Chinese tariffs and bills against independent answers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers outside the test functions"
)]

mod decrees;
mod goldens;
mod power_factor;
mod properties;
mod published;
mod reckoning;
pub mod support;
mod taipower;
mod usage_files;
mod windows;
