//! What the one binary is made of, so that examples and tests can use it as well.

pub mod http;
