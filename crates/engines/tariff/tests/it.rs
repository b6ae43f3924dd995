//! Every integration test of the engine, in one binary: Chinese tariffs and US rates.

#[path = "cn/mod.rs"]
mod cn;
#[path = "us/main.rs"]
mod us;

/// What the US tests share, under the name they call it by.
mod support {
    pub use crate::us::support::{billing_cases, gunzip, largest_difference, loads};
}
