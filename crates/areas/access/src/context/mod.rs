//! Who asks, when, and by which request: what every operation is given, and where it asks for the
//! right to act.

mod model;

pub use model::{Actor, Ctx, Scope};
