//! One integration-test binary for the crate.

mod us_cases;
mod us_ssc;
mod us_support;
mod us_urdb;
