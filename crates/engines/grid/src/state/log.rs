//! What was switched when, and the state of the network at any past moment.

use std::sync::Arc;

use kernel::Instant;
use serde::Serialize;

use super::{Change, State, StateError};
use crate::{Network, Phases};

/// How many operations lie between two remembered states: reading the past replays at most these.
/// Few in tests, so that short logs meet them.
const STRIDE: usize = if cfg!(test) { 4 } else { 512 };

/// An operation of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Switching {
    /// When it happened, by the clock of the field.
    pub at: Instant,
    /// The equipment.
    pub edge: u32,
    /// The phases on which it is closed afterwards.
    pub closed: Phases,
}

/// Operations in the order of their instants. What arrives late is put where it belongs.
#[derive(Debug, Clone, Default)]
pub struct SwitchLog {
    entries: Vec<Switching>,
    /// After each full stride: equipment out of its normal state.
    remembered: Vec<Vec<(u32, Phases)>>,
}

impl SwitchLog {
    /// The operations, in order.
    #[must_use]
    pub fn entries(&self) -> &[Switching] {
        &self.entries
    }

    /// Notes an operation. Of operations with the same instant, the one noted later counts later.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`]; nothing is noted then.
    pub fn note(&mut self, net: &Arc<Network>, switching: Switching) -> Result<(), StateError> {
        let edges = net.rows().edges.from.len();
        if switching.edge as usize >= edges {
            return Err(StateError::NoSuchEdge { edge: switching.edge, edges });
        }
        let place = self.entries.partition_point(|entry| entry.at <= switching.at);
        self.entries.insert(place, switching);
        self.remembered.truncate(place / STRIDE);
        Ok(())
    }

    /// The state right after everything up to an instant, that instant included.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`] when the log was noted for another network.
    pub fn as_of(&mut self, net: &Arc<Network>, at: Instant) -> Result<State, StateError> {
        let count = self.entries.partition_point(|entry| entry.at <= at);
        self.remember(net, count / STRIDE);
        let mut state = State::normal(Arc::clone(net));
        let strides = count / STRIDE;
        if let Some(known) = strides.checked_sub(1).and_then(|last| self.remembered.get(last)) {
            for (edge, closed) in known {
                state.set(*edge, *closed)?;
            }
        }
        for entry in &self.entries[strides * STRIDE..count] {
            state.set(entry.edge, entry.closed)?;
        }
        Ok(state)
    }

    /// Who lost and who regained power between two instants, the first excluded.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`] when the log was noted for another network.
    pub fn between(
        &mut self,
        net: &Arc<Network>,
        after: Instant,
        until: Instant,
    ) -> Result<Change, StateError> {
        let (then, now) = (self.as_of(net, after)?.dark(), self.as_of(net, until)?.dark());
        Ok(Change { lost: now.minus(&then), gained: then.minus(&now) })
    }

    /// Fills in remembered switch positions. They follow from the entries alone, so no state of
    /// the network is needed for them.
    fn remember(&mut self, net: &Network, strides: usize) {
        while self.remembered.len() < strides {
            let done = self.remembered.len();
            let mut known: std::collections::BTreeMap<u32, Phases> =
                self.remembered.last().into_iter().flatten().copied().collect();
            for entry in &self.entries[done * STRIDE..(done + 1) * STRIDE] {
                let normal = net.rows().edges.closed[entry.edge as usize];
                let normal = if normal { Phases::ABC } else { Phases::NONE };
                if entry.closed.live() == normal {
                    known.remove(&entry.edge);
                } else {
                    known.insert(entry.edge, entry.closed.live());
                }
            }
            self.remembered.push(known.into_iter().collect());
        }
    }
}
