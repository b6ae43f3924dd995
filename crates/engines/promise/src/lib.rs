//! What the company owes to whom by when. Rule packs (documents with source and dates) become clocks:
//! deadlines, pauses, warnings and verdicts are pure functions of facts and a calendar. Nothing here
//! reads a clock, a database or a file; the area `duty` stores what this engine computes.
//!
//! A clock counts time in the course that its rule names: every second, the hours of an office, or
//! whole working days. **The deadline is the last instant at which what was counted is still within
//! the limit.** So a deadline whose limit is used up exactly at closing time stands at the next
//! opening (nothing is counted between the two), and one used up exactly when a pause begins stands
//! at the pause's end. A promise is kept when it is done at or before its deadline.

pub mod bundled;
mod clock;
mod error;
mod hours;
mod library;
mod pack;
mod pauses;
pub mod plain;
mod rule;
mod schedule;
mod timetable;

pub use clock::{Clock, Facts, Standing, Step, Verdict};
pub use error::{ClockError, PackError};
pub use hours::OfficeHours;
pub use library::{Library, Overridden};
pub use pack::Pack;
pub use pauses::Pause;
pub use rule::{Breach, Confidence, Escalation, Limit, PauseReason, Rule, Unit, Words};
pub use schedule::Schedule;
pub use timetable::Timetable;
