//! Drills: the program made to suffer on purpose, to show that nothing is lost.

mod kill;

pub use kill::{KillDrill, KillReport};
