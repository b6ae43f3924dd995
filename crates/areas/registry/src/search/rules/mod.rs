//! What a usage point is found by, and what a question asks for. Pure.

pub(super) mod question;
pub mod terms;
