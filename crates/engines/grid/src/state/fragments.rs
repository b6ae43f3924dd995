//! The network cut into *fragments*: parts of the normal tree within which all nodes are fed alike.
//!
//! A fragment begins at a cut (a root, or a position whose way up does not conduct everything that
//! is present there) and reaches down to the next cuts. Fragments are joined by *links*: equipment
//! that conducts some phase between two of them. Switching cuts and joins fragments; nothing is
//! renumbered, so an operation costs what the switched surroundings cost, and a tree fed from
//! another end is the same fragment with another feeding link.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    ops::Range,
};

use crate::{Network, Phases, network::NONE, small};

/// The feeding link of a fragment that holds its own source.
pub(super) const SOURCE: u32 = NONE - 1;

/// A part of the normal tree that is fed as one.
#[derive(Debug, Clone)]
pub(super) struct Fragment {
    /// The position where it begins.
    pub(super) top: u32,
    /// The fragment around it in the normal tree, or [`NONE`] at a root.
    outer: u32,
    /// Equipment that conducts between it and other fragments.
    links: Vec<u32>,
    /// The phases that are energised.
    pub(super) live: Phases,
    /// What feeds each phase: a link, [`SOURCE`], or [`NONE`].
    pub(super) feed: [u32; 3],
    /// Customers by the bits of their phases.
    pub(super) customers: [u32; 8],
    /// The round of the search that saw it last.
    seen: u64,
}

/// The fragments of a network in some state of its switches.
#[derive(Debug, Clone, Default)]
pub(super) struct Fragments {
    /// Fragment by the position where it begins.
    cuts: BTreeMap<u32, u32>,
    all: Vec<Fragment>,
    free: Vec<u32>,
    /// Equipment that is not as normally, and the phases on which it is closed.
    pub(super) switched: HashMap<u32, Phases>,
    /// Whether nothing is switched, nothing is cut, and every tree is fed on all phases.
    pub(super) is_plain: bool,
    round: u64,
}

/// What was energised before, part by part: positions and phases.
pub(super) type Before = Vec<(Range<u32>, Phases)>;

impl Fragments {
    /// The normal state.
    pub(super) fn normal(net: &Network) -> Self {
        let mut state = Self::default();
        let mut tops: Vec<u32> = net.order.roots.iter().chain(&net.breaks).copied().collect();
        tops.sort_unstable();
        // The fragments that are still open at the position, outermost first.
        let mut around: Vec<u32> = Vec::new();
        for top in tops {
            while around.last().is_some_and(|f| net.order.at[state.at(*f).top as usize].end <= top)
            {
                around.pop();
            }
            let made = state.make(top, around.last().copied().unwrap_or(NONE));
            around.push(made);
        }
        for id in 0..small(state.all.len()) {
            let customers = state.count(net, id);
            state.all[id as usize].customers = customers;
        }
        let ups = net.breaks.iter().map(|top| net.order.at[*top as usize].up_edge);
        let chords = net.chord_ends.iter().map(|(_, edge)| *edge);
        let mut links: Vec<u32> = ups.chain(chords).collect();
        links.sort_unstable();
        links.dedup();
        for edge in links {
            state.link(net, edge);
        }
        let every: Vec<u32> = (0..small(state.all.len())).collect();
        state.feed_anew(net, &every);
        state.note_plain(net);
        state
    }

    fn note_plain(&mut self, net: &Network) {
        let as_built = self.switched.is_empty() && net.breaks.is_empty();
        self.is_plain = as_built && self.each().all(|id| self.at(id).live == Phases::ABC);
    }

    pub(super) fn at(&self, id: u32) -> &Fragment {
        &self.all[id as usize]
    }

    fn at_mut(&mut self, id: u32) -> &mut Fragment {
        &mut self.all[id as usize]
    }

    /// All fragments.
    pub(super) fn each(&self) -> impl Iterator<Item = u32> + '_ {
        self.cuts.values().copied()
    }

    /// The phases that equipment conducts.
    pub(super) fn conducts(&self, net: &Network, edge: u32) -> Phases {
        let edges = &net.rows().edges;
        let phases = edges.phases[edge as usize].live();
        match self.switched.get(&edge) {
            Some(closed) => phases & *closed,
            None if edges.closed[edge as usize] => phases,
            None => Phases::NONE,
        }
    }

    /// The fragment of a position.
    pub(super) fn of(&self, net: &Network, position: u32) -> u32 {
        let before = self.cuts.range(..=position).next_back();
        self.holding(net, before.map_or(0, |(_, id)| *id), position)
    }

    /// The fragment that holds all of these positions, if one does and no cut lies at any of them.
    pub(super) fn of_all(&self, net: &Network, positions: &Range<u32>) -> Option<u32> {
        let (cut, id) = self.cuts.range(..positions.end).next_back()?;
        (*cut < positions.start).then(|| self.holding(net, *id, positions.start))
    }

    /// The nearest cut before a position may end before it; then one around it holds the position.
    fn holding(&self, net: &Network, mut id: u32, position: u32) -> u32 {
        while net.order.at[self.at(id).top as usize].end <= position {
            id = self.at(id).outer;
        }
        id
    }

    /// The positions of a fragment without those of fragments inside it.
    pub(super) fn positions(&self, net: &Network, id: u32) -> Vec<Range<u32>> {
        let top = self.at(id).top;
        let end = net.order.at[top as usize].end;
        let (mut ranges, mut at) = (Vec::new(), top);
        let mut inside = top + 1;
        while inside < end {
            let Some((cut, _)) = self.cuts.range(inside..end).next() else { break };
            if at < *cut {
                ranges.push(at..*cut);
            }
            at = net.order.at[*cut as usize].end;
            inside = at;
        }
        if at < end {
            ranges.push(at..end);
        }
        ranges
    }

    /// What is energised within a subtree: positions and phases, in order. What is cut out of it and
    /// dark is left out.
    pub(super) fn live_within(&self, net: &Network, positions: Range<u32>) -> Before {
        let (mut live, mut at) = (Vec::new(), positions.start);
        let mut around = vec![(self.of(net, at), positions.end)];
        let inside = self.cuts.range(at + 1..positions.end.max(at + 1));
        let inside = inside.map(|(cut, id)| (*cut, *id)).chain([(positions.end, NONE)]);
        for (cut, id) in inside {
            while let Some((part, end)) = around.last().copied() {
                let until = end.min(cut);
                let phases = self.at(part).live;
                if at < until && !phases.is_empty() {
                    live.push((at..until, phases));
                }
                at = until;
                if end > cut {
                    break;
                }
                around.pop();
            }
            if id != NONE {
                around.push((id, net.order.at[cut as usize].end));
            }
        }
        live
    }

    /// Closes equipment on exactly these phases. Answers what was energised before in every part
    /// that may have changed, and the fragments that it may have changed.
    pub(super) fn set(&mut self, net: &Network, edge: u32, closed: Phases) -> (Before, Vec<u32>) {
        let before = self.conducts(net, edge);
        let normal =
            if net.rows().edges.closed[edge as usize] { Phases::ABC } else { Phases::NONE };
        let touched = net.ends(edge).map(|end| self.of(net, end));
        if closed == normal {
            self.switched.remove(&edge);
        } else {
            self.switched.insert(edge, closed);
        }
        let after = self.conducts(net, edge);
        if before == after {
            return (Vec::new(), Vec::new());
        }
        let child = net.order.child[edge as usize];
        if child == NONE {
            self.relink(net, edge, before, after);
            return (Vec::new(), touched.to_vec());
        }
        let was_cut = self.cuts.contains_key(&child);
        let is_cut = !after.covers(net.need(child));
        match (was_cut, is_cut) {
            (false, true) => {
                let below = self.split(net, child);
                if !after.is_empty() {
                    self.link(net, edge);
                }
                let above = self.at(below).outer;
                (Vec::new(), vec![above, below])
            }
            (true, false) => self.merge(net, child),
            _ => {
                self.relink(net, edge, before, after);
                (Vec::new(), touched.to_vec())
            }
        }
    }

    fn relink(&mut self, net: &Network, edge: u32, before: Phases, after: Phases) {
        if before.is_empty() {
            self.link(net, edge);
        } else if after.is_empty() {
            self.unlink(net, edge);
        }
    }

    fn make(&mut self, top: u32, outer: u32) -> u32 {
        let made = Fragment {
            top,
            outer,
            links: Vec::new(),
            live: Phases::NONE,
            feed: [NONE; 3],
            customers: [0; 8],
            seen: 0,
        };
        let id = match self.free.pop() {
            Some(id) => {
                self.all[id as usize] = made;
                id
            }
            None => {
                self.all.push(made);
                small(self.all.len() - 1)
            }
        };
        self.cuts.insert(top, id);
        id
    }

    fn count(&self, net: &Network, id: u32) -> [u32; 8] {
        let mut sum = [0; 8];
        for range in self.positions(net, id) {
            let part = net.by_phases(net.slots_within(range));
            for (sum, part) in sum.iter_mut().zip(part) {
                *sum += part;
            }
        }
        sum
    }

    /// Joins the fragments at both ends, if they differ and the equipment conducts.
    fn link(&mut self, net: &Network, edge: u32) {
        let [a, b] = net.ends(edge).map(|end| self.of(net, end));
        if a != b && !self.conducts(net, edge).is_empty() {
            self.at_mut(a).links.push(edge);
            self.at_mut(b).links.push(edge);
        }
    }

    fn unlink(&mut self, net: &Network, edge: u32) {
        for end in net.ends(edge) {
            let id = self.of(net, end);
            self.at_mut(id).links.retain(|link| *link != edge);
        }
    }

    /// Cuts the tree above a position. The part below stays as energised as it was, until it is
    /// fed anew.
    fn split(&mut self, net: &Network, top: u32) -> u32 {
        let above = self.of(net, top);
        let below = self.make(top, above);
        let end = net.order.at[top as usize].end;
        let inside: Vec<u32> = self.cuts.range(top + 1..end).map(|(_, id)| *id).collect();
        for id in inside {
            if self.at(id).outer == above {
                self.at_mut(id).outer = below;
            }
        }
        let customers = self.count(net, below);
        for (whole, part) in self.at_mut(above).customers.iter_mut().zip(customers) {
            *whole -= part;
        }
        let links = std::mem::take(&mut self.at_mut(above).links);
        let (moved, kept) = links
            .into_iter()
            .partition(|edge| net.ends(*edge).iter().any(|end| self.of(net, *end) == below));
        let (live, feed) = (self.at(above).live, self.at(above).feed);
        self.at_mut(above).links = kept;
        let made = self.at_mut(below);
        (made.links, made.live, made.feed, made.customers) = (moved, live, feed, customers);
        // Loops that the cut laid open: they were inside one fragment and join two now.
        let chords: Vec<(u32, u32)> = net.chords_within(top..end).collect();
        for (at, edge) in chords {
            let [a, b] = net.ends(edge);
            let other = if a == at { b } else { a };
            let leaves = !(top..end).contains(&other);
            if leaves && self.of(net, at) == below && self.of(net, other) == above {
                self.link(net, edge);
            }
        }
        below
    }

    /// Undoes a cut: the fragment below becomes part of the one around it.
    fn merge(&mut self, net: &Network, top: u32) -> (Before, Vec<u32>) {
        let below = self.of(net, top);
        let above = self.at(below).outer;
        let live = self.at(below).live;
        let before = self.positions(net, below).into_iter().map(|range| (range, live)).collect();
        let end = net.order.at[top as usize].end;
        self.cuts.remove(&top);
        let inside: Vec<u32> = self.cuts.range(top..end).map(|(_, id)| *id).collect();
        for id in inside {
            if self.at(id).outer == below {
                self.at_mut(id).outer = above;
            }
        }
        let links = std::mem::take(&mut self.at_mut(below).links);
        let both = std::mem::take(&mut self.at_mut(above).links).into_iter().chain(links);
        // What joined the two is inside now; what joined either to a third stays.
        let kept = both
            .filter(|edge| {
                let [a, b] = net.ends(*edge).map(|end| self.of(net, end));
                a != b
            })
            .collect();
        let customers = self.at(below).customers;
        let merged = self.at_mut(above);
        merged.links = kept;
        for (sum, part) in merged.customers.iter_mut().zip(customers) {
            *sum += part;
        }
        self.free.push(below);
        (before, vec![above])
    }

    /// Feeds again whatever is joined to these fragments. Answers each fragment that is energised
    /// differently, with the phases that it had.
    pub(super) fn feed_anew(&mut self, net: &Network, from: &[u32]) -> Vec<(u32, Phases)> {
        let joined = self.joined(net, from);
        let mut queue = VecDeque::new();
        let mut had = Vec::with_capacity(joined.len());
        for id in joined {
            had.push((id, self.at(id).live));
            let own = self.own_source(net, id);
            let fragment = self.at_mut(id);
            fragment.live = own;
            fragment.feed = [NONE; 3];
            for (phase, _) in own.each() {
                fragment.feed[phase] = SOURCE;
            }
            if !own.is_empty() {
                queue.push_back(id);
            }
        }
        while let Some(id) = queue.pop_front() {
            let live = self.at(id).live;
            for link in 0..self.at(id).links.len() {
                let edge = self.at(id).links[link];
                let other = self.across(net, id, edge).1;
                let brought = (self.conducts(net, edge) & live) - self.at(other).live;
                if brought.is_empty() {
                    continue;
                }
                let fed = self.at_mut(other);
                fed.live = fed.live | brought;
                for (phase, _) in brought.each() {
                    fed.feed[phase] = edge;
                }
                queue.push_back(other);
            }
        }
        if self.is_plain || self.switched.is_empty() {
            self.note_plain(net);
        }
        had.retain(|(id, live)| self.at(*id).live != *live);
        had
    }

    /// The end of a link in its other fragment, and that fragment.
    pub(super) fn across(&self, net: &Network, id: u32, edge: u32) -> (u32, u32) {
        let [a, b] = net.ends(edge);
        let of_a = self.of(net, a);
        if of_a == id { (b, self.of(net, b)) } else { (a, of_a) }
    }

    /// All fragments that are joined to these by links, directly or not.
    fn joined(&mut self, net: &Network, from: &[u32]) -> Vec<u32> {
        self.round += 1;
        let round = self.round;
        let mut found: Vec<u32> = Vec::new();
        let mut next = 0;
        for id in from {
            if std::mem::replace(&mut self.at_mut(*id).seen, round) != round {
                found.push(*id);
            }
        }
        while let Some(id) = found.get(next).copied() {
            next += 1;
            for link in 0..self.at(id).links.len() {
                let edge = self.at(id).links[link];
                let other = self.across(net, id, edge).1;
                if std::mem::replace(&mut self.at_mut(other).seen, round) != round {
                    found.push(other);
                }
            }
        }
        found
    }

    fn own_source(&self, net: &Network, id: u32) -> Phases {
        let top = self.at(id).top;
        let end = net.order.at[top as usize].end;
        let first = net.sources.partition_point(|(at, _)| *at < top);
        let inside = net.sources[first..].iter().take_while(|(at, _)| *at < end);
        let own = inside.filter(|(at, _)| self.of(net, *at) == id);
        own.fold(Phases::NONE, |sum, (_, phases)| sum | *phases)
    }
}
