//! The way from a node up to its source, as the switches stand now.

use super::{State, fragments::SOURCE};
use crate::{Network, Phases, network::NONE};

impl State {
    /// The equipment between a node and the source that feeds it on a phase, nearest first; `None`
    /// when nothing does. Where the network is meshed it is one of several ways.
    #[must_use]
    pub fn path_to_source(&self, node: u32, phase: Phases) -> Option<Vec<u32>> {
        let mut path = Vec::new();
        let fed = self.climb(node, phase, |edge| {
            path.push(edge);
            false
        });
        fed.then_some(path)
    }

    /// Visits the equipment between a node and the source that feeds it on a phase, nearest first,
    /// until a visit answers true. Answers whether anything feeds the node.
    pub(crate) fn climb(
        &self,
        node: u32,
        phase: Phases,
        mut visit: impl FnMut(u32) -> bool,
    ) -> bool {
        let Some((number, phase)) = phase.each().next() else { return false };
        if !self.energised(node).meets(phase) {
            return false;
        }
        let mut at = self.net.position_of(node);
        // A feeding link is noted when a phase first arrives, so the way never meets itself.
        loop {
            let id = self.parts.of(&self.net, at);
            let (target, link) = match self.parts.at(id).feed[number] {
                NONE => return false,
                SOURCE => (self.source_of(id, phase).unwrap_or(at), None),
                edge => {
                    let (beyond, _) = self.parts.across(&self.net, id, edge);
                    let [a, b] = self.net.ends(edge);
                    (if beyond == a { b } else { a }, Some((edge, beyond)))
                }
            };
            if walk(&self.net, at, target, &mut visit) {
                return true;
            }
            match link {
                None => return true,
                Some((edge, _)) if visit(edge) => return true,
                Some((_, beyond)) => at = beyond,
            }
        }
    }

    fn source_of(&self, id: u32, phase: Phases) -> Option<u32> {
        let mut own = self.net.sources.iter().filter(|(_, phases)| phases.covers(phase));
        own.find(|(at, _)| self.parts.of(&self.net, *at) == id).map(|(at, _)| *at)
    }
}

/// Visits the equipment between two positions of one tree: up from both to where they meet.
/// Answers whether a visit wanted no more.
fn walk(net: &Network, from: u32, to: u32, visit: &mut impl FnMut(u32) -> bool) -> bool {
    let (mut a, mut b, mut down) = (from, to, Vec::new());
    // What lies above has the smaller position, so the larger of the two is never the meeting.
    while a != b {
        if a > b {
            let at = net.order.at[a as usize];
            if visit(at.up_edge) {
                return true;
            }
            a = at.parent;
        } else {
            let at = net.order.at[b as usize];
            down.push(at.up_edge);
            b = at.parent;
        }
    }
    down.into_iter().rev().any(visit)
}
