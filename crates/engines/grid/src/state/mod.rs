//! What is energised now: a network with switches out of their normal state. Operations say who
//! lost and who regained power; traces go up to the source and down to the customers. The past is
//! in the [`SwitchLog`]; nothing here changes the network itself.
//!
//! Energised means connected, phase by phase, to a source through closed equipment in either
//! direction: a transformer that is fed from its low-voltage side is energised too (反送电).

mod fragments;
mod log;
mod trace;

use std::{ops::Range, sync::Arc};

use kernel::{Fault, FaultKind};
use serde::Serialize;

use crate::{Extent, Network, Phases, network::NONE};
use fragments::Fragments;
pub use log::{SwitchLog, Switching};

/// Who lost and who regained power.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Change {
    /// Newly without power.
    pub lost: Extent,
    /// With power again.
    pub gained: Extent,
}

impl Change {
    /// This change and a later one as one.
    #[must_use]
    pub fn then(&self, later: &Self) -> Self {
        let lost = self.lost.minus(&later.gained).union(&later.lost.minus(&self.gained));
        let gained = self.gained.minus(&later.lost).union(&later.gained.minus(&self.lost));
        Self { lost, gained }
    }
}

/// How a customer is supplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    /// On all phases that it uses.
    Full,
    /// On some of them.
    Partial,
    /// On none.
    None,
}

/// Why a question about a state has no answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The equipment does not exist.
    #[error("there is no equipment {edge}; there are {edges}, numbered from 0")]
    NoSuchEdge {
        /// The number asked for.
        edge: u32,
        /// How many there are.
        edges: usize,
    },
}

impl Fault for StateError {
    fn kind(&self) -> FaultKind {
        FaultKind::NotFound
    }

    fn code(&self) -> &'static str {
        "grid.no_such_edge"
    }
}

/// A network in some state of its switches.
#[derive(Debug, Clone)]
pub struct State {
    net: Arc<Network>,
    parts: Fragments,
}

impl State {
    /// The normal state.
    #[must_use]
    pub fn normal(net: Arc<Network>) -> Self {
        let parts = Fragments::normal(&net);
        Self { net, parts }
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Arc<Network> {
        &self.net
    }

    /// Opens equipment on all phases.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`].
    pub fn open(&mut self, edge: u32) -> Result<Change, StateError> {
        self.set(edge, Phases::NONE)
    }

    /// Closes equipment on all phases.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`].
    pub fn close(&mut self, edge: u32) -> Result<Change, StateError> {
        self.set(edge, Phases::ABC)
    }

    /// Closes equipment on exactly these phases: a fuse blown on one phase, a broken conductor.
    /// Anything between two nodes can be opened, lines too: a conductor that fell is open.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`].
    pub fn set(&mut self, edge: u32, closed: Phases) -> Result<Change, StateError> {
        self.check(edge)?;
        let net = Arc::clone(&self.net);
        let (before, touched) = self.parts.set(&net, edge, closed.live());
        let mut change = Change::default();
        if let Some(merged) = touched.first().filter(|_| !before.is_empty()) {
            // A part that joined another is told first to be as energised as that one was.
            let now = self.parts.at(*merged).live;
            let parts = before.into_iter().map(|(positions, had)| (positions, had, now));
            change = self.difference(parts);
        }
        let had = self.parts.feed_anew(&net, &touched);
        let parts = had.into_iter().flat_map(|(id, had)| {
            let now = self.parts.at(id).live;
            self.parts.positions(&net, id).into_iter().map(move |positions| (positions, had, now))
        });
        let fed = self.difference(parts);
        Ok(if change == Change::default() { fed } else { change.then(&fed) })
    }

    fn check(&self, edge: u32) -> Result<(), StateError> {
        let edges = self.net.rows().edges.from.len();
        if edge as usize >= edges {
            return Err(StateError::NoSuchEdge { edge, edges });
        }
        Ok(())
    }

    fn difference(&self, parts: impl Iterator<Item = (Range<u32>, Phases, Phases)>) -> Change {
        let (mut lost, mut gained) = (Vec::new(), Vec::new());
        for (positions, had, now) in parts {
            let slots = self.net.slots_within(positions);
            lost.push((slots.clone(), had - now));
            gained.push((slots, now - had));
        }
        Change { lost: Extent::collect(lost), gained: Extent::collect(gained) }
    }

    /// What an operation would do, without doing it.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`].
    pub fn what_if(&self, edge: u32, closed: Phases) -> Result<Change, StateError> {
        self.clone().set(edge, closed)
    }

    /// Equipment that is not as normally, with the phases on which it is closed, by number.
    #[must_use]
    pub fn switched(&self) -> Vec<(u32, Phases)> {
        let mut all: Vec<_> = self.parts.switched.iter().map(|(e, p)| (*e, *p)).collect();
        all.sort_unstable();
        all
    }

    /// The phases that equipment conducts now.
    #[must_use]
    pub fn conducts(&self, edge: u32) -> Phases {
        self.parts.conducts(&self.net, edge)
    }

    /// The energised phases of a node.
    #[must_use]
    pub fn energised(&self, node: u32) -> Phases {
        let id = self.parts.of(&self.net, self.net.position_of(node));
        self.parts.at(id).live & self.net.presence(node)
    }

    /// How a usage point is supplied.
    #[must_use]
    pub fn supply(&self, point: u32) -> Supply {
        let points = &self.net.rows().points;
        let uses = points.phases[point as usize].live();
        let live = self.energised(points.node[point as usize]);
        if live.covers(uses) {
            Supply::Full
        } else if live.meets(uses) {
            Supply::Partial
        } else {
            Supply::None
        }
    }

    /// How many customers are supplied on all their phases.
    #[must_use]
    pub fn customers_supplied(&self) -> u32 {
        let of = |id| {
            let part = self.parts.at(id);
            let counts = (0_u8..).zip(part.customers);
            let full = counts.filter(|(bits, _)| part.live.covers(Phases::from_bits(*bits)));
            full.map(|(_, count)| count).sum::<u32>()
        };
        self.parts.each().map(of).sum()
    }

    /// Everybody without power, with the phases that they lack.
    #[must_use]
    pub fn dark(&self) -> Extent {
        let dark = self.parts.each().flat_map(|id| {
            let lacks = Phases::ABC - self.parts.at(id).live;
            let positions =
                if lacks.is_empty() { Vec::new() } else { self.parts.positions(&self.net, id) };
            positions.into_iter().map(move |range| (self.net.slots_within(range), lacks))
        });
        Extent::collect(dark)
    }

    /// Who loses power when the equipment opens. Of equipment that is open, or that a loop bridges,
    /// nobody. Where customers below use fewer phases than are lost, all of them are meant.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`].
    pub fn below(&self, edge: u32) -> Result<Extent, StateError> {
        self.check(edge)?;
        let Some(positions) = self.radial_below(edge) else {
            return Ok(self.what_if(edge, Phases::NONE)?.lost);
        };
        if let Some(part) = self.parts.of_all(&self.net, &positions) {
            return Ok(Extent::of(self.net.slots_within(positions), self.parts.at(part).live));
        }
        let live = self.parts.live_within(&self.net, positions).into_iter();
        Ok(Extent::collect(live.map(|(range, phases)| (self.net.slots_within(range), phases))))
    }

    /// How many customers lose a phase that they use when the equipment opens.
    ///
    /// # Errors
    /// [`StateError::NoSuchEdge`].
    pub fn customers_below(&self, edge: u32) -> Result<u32, StateError> {
        self.check(edge)?;
        // The common case without a branch that waits for memory: a thousand of these overlap.
        let top = self.net.order.child[edge as usize];
        if self.parts.is_plain && top != NONE && !self.net.is_looped(top) {
            let slots = self.net.slots_within(top..self.net.order.at[top as usize].end);
            return Ok(slots.end - slots.start);
        }
        if let Some(positions) = self.radial_below(edge)
            && let Some(part) = self.parts.of_all(&self.net, &positions)
            && self.parts.at(part).live == Phases::ABC
        {
            let slots = self.net.slots_within(positions);
            return Ok(slots.end - slots.start);
        }
        Ok(self.below(edge)?.customers(&self.net))
    }

    /// The positions that are fed through the equipment and not otherwise; `None` where only a
    /// search can tell.
    fn radial_below(&self, edge: u32) -> Option<Range<u32>> {
        let top = self.net.order.child[edge as usize];
        let in_tree = top != NONE;
        if !in_tree || self.parts.switched.contains_key(&edge) {
            if self.conducts(edge).is_empty() {
                return Some(0..0);
            }
            let [a, b] = self.net.ends(edge).map(|end| self.parts.of(&self.net, end));
            return (a == b && !in_tree).then_some(0..0);
        }
        let positions = top..self.net.order.at[top as usize].end;
        if self.net.is_looped(top) {
            return None;
        }
        // A tie that is closed now may feed the part from its other end.
        let fed_otherwise = self.parts.switched.iter().any(|(tie, closed)| {
            !closed.is_empty()
                && self.net.order.child[*tie as usize] == NONE
                && self.net.ends(*tie).iter().any(|end| positions.contains(end))
        });
        (!fed_otherwise).then_some(positions)
    }
}

#[cfg(test)]
mod tests;
