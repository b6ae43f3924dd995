//! The way from a node up to its source, as the switches stand now.

use super::{State, fragments::SOURCE};
use crate::{Network, Phases, network::NONE};

impl State {
    /// The equipment between a node and the source that feeds it on a phase, nearest first; `None`
    /// when nothing does. Where the network is meshed it is one of several ways.
    #[must_use]
    pub fn path_to_source(&self, node: u32, phase: Phases) -> Option<Vec<u32>> {
        let (number, phase) = phase.each().next()?;
        if !self.energised(node).meets(phase) {
            return None;
        }
        let mut path = Vec::new();
        let mut at = self.net.position_of(node);
        // A feeding link is noted when a phase first arrives, so the way never meets itself.
        loop {
            let id = self.parts.of(&self.net, at);
            let part = self.parts.at(id);
            match part.feed[number] {
                NONE => return None,
                SOURCE => {
                    let target = self.source_of(id, phase)?;
                    walk(&self.net, at, target, &mut path);
                    return Some(path);
                }
                edge => {
                    let (beyond, _) = self.parts.across(&self.net, id, edge);
                    let [a, b] = self.net.ends(edge);
                    walk(&self.net, at, if beyond == a { b } else { a }, &mut path);
                    path.push(edge);
                    at = beyond;
                }
            }
        }
    }

    fn source_of(&self, id: u32, phase: Phases) -> Option<u32> {
        let mut own = self.net.sources.iter().filter(|(_, phases)| phases.covers(phase));
        own.find(|(at, _)| self.parts.of(&self.net, *at) == id).map(|(at, _)| *at)
    }
}

/// The equipment between two positions of one tree: up from both to where they meet.
fn walk(net: &Network, from: u32, to: u32, path: &mut Vec<u32>) {
    let (mut a, mut b, mut down) = (from, to, Vec::new());
    // What lies above has the smaller position, so the larger of the two is never the meeting.
    while a != b {
        if a > b {
            path.push(net.order.at[a as usize].up_edge);
            a = net.order.at[a as usize].parent;
        } else {
            down.push(net.order.at[b as usize].up_edge);
            b = net.order.at[b as usize].parent;
        }
    }
    path.extend(down.into_iter().rev());
}
