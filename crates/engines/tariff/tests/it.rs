//! Every integration test of the engine, in one binary: Chinese tariffs and US rates.

#[path = "cn/mod.rs"]
mod cn;
#[path = "us/main.rs"]
mod us;
