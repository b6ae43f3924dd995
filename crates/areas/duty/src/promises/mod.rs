//! Promises: opened by a fact, warned about, escalated, kept with evidence or broken.
//!
//! Tables: `promise_pack`, `promise_rule`, `promise`, `promise_pause`, `promise_step`. Invariants: a
//! promise stays under the rule that held when it was opened, unless a person moves it; deadline,
//! steps and verdict are computed by the engine from what is stored, so that computing them again
//! loses nothing; a step once taken is not taken again and a verdict once given never changes; a
//! promise is done only with evidence; a breach whose rule asks for it names who answers and why.

mod error;
pub mod jobs;
mod model;
mod ops;
pub mod queries;
mod store;
#[cfg(test)]
mod tests;

pub use error::PromiseError;
pub use model::{ApplyTo, Evidence, OpenPromises, PauseClock, State, StepKind, Touched};
pub use ops::{
    Published, answer_breach, keep, open, pause, publish_pack, resume, touched_by, withdraw,
};
pub use queries::{Book, Books};
pub use store::{PackRow, PauseRow, PromiseRow, STATEMENTS, StepRow};
