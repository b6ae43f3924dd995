//! Pauses: when a clock stood still and why. Several reasons may hold at once; the clock stands
//! while at least one does. The order in which pauses were written down changes nothing.

use kernel::Instant;
use serde::{Deserialize, Serialize};

/// One stretch for which the clock stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The code of one of the rule's reasons.
    pub reason: String,
    /// From when.
    pub from: Instant,
    /// Until when; none while it lasts.
    pub to: Option<Instant>,
}

/// A stretch in which at least one pause holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Still {
    pub from: Instant,
    pub to: Option<Instant>,
}

/// The stretches after an instant in which the clock stands, in order, joined where they touch.
pub(crate) fn joined(pauses: &[Pause], after: Instant) -> Vec<Still> {
    let mut all: Vec<Still> = pauses
        .iter()
        .map(|pause| Still { from: pause.from.max(after), to: pause.to })
        .filter(|still| still.to.is_none_or(|to| to > still.from))
        .collect();
    all.sort_by_key(|still| still.from);
    let mut joined: Vec<Still> = Vec::with_capacity(all.len());
    for still in all {
        match joined.last_mut() {
            Some(last) if last.to.is_none_or(|to| still.from <= to) => {
                last.to = match (last.to, still.to) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
            }
            _ => joined.push(still),
        }
    }
    joined
}
