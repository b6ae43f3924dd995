//! The devices above reports, as a tree: each with those right below it that are above reports too.

use std::collections::HashMap;

use super::{
    Settings,
    evidence::{Evidence, Sums},
    special::{ln_beta_ratio, ln_sum},
};
use crate::{
    Extent,
    network::{EdgeKind, NONE},
    small,
    state::State,
};

/// A device above some report.
pub(super) struct Candidate {
    pub(super) edge: u32,
    /// The candidate above, or [`NONE`].
    pub(super) parent: u32,
    /// The breaker of its feeder, or the topmost candidate.
    pub(super) head: u32,
    /// Who loses power if it fails.
    pub(super) scope: Extent,
    pub(super) customers: u32,
    pub(super) sums: Sums,
    /// By how much, in ln, its failure explains the reports below better than chance, its own
    /// rarity included.
    pub(super) gain: f64,
}

/// All candidates; a candidate stands behind the one above it.
pub(super) struct Candidates {
    pub(super) all: Vec<Candidate>,
    /// By number of evidence: the nearest candidate above it, or [`NONE`].
    pub(super) nearest: Vec<u32>,
    pub(super) unfed: u32,
}

impl Candidates {
    /// Finds the candidates, and weighs evidence and candidates by each other.
    pub(super) fn above(state: &State, evidence: &mut Evidence, settings: &Settings) -> Self {
        let mut found = Self { all: Vec::new(), nearest: Vec::new(), unfed: 0 };
        let mut known: HashMap<u32, u32> = HashMap::new();
        let net = state.network();
        // Neighbouring evidence often has the same node.
        let mut last = (NONE, NONE);
        for slot in evidence.slots() {
            let point = net.point_at(*slot);
            let node = net.rows().points.node[point as usize];
            if node != last.0 {
                last = (node, found.climb(state, node, net.phases_at(*slot), &mut known));
            }
            found.unfed += u32::from(last.1 == NONE);
            found.nearest.push(last.1);
        }
        let kinds = &state.network().rows().edges.kind;
        for candidate in &mut found.all {
            candidate.customers = evidence.supplied(&candidate.scope);
            candidate.sums = evidence.within(&candidate.scope);
        }
        found.head_of(kinds);
        let share = |number: usize| {
            let nearest = found.nearest[number];
            let Some(own) = found.all.get(nearest as usize) else { return 0.0 };
            let head = &found.all[own.head as usize];
            f64::from(head.sums.dark) / f64::from(head.customers.max(1))
        };
        let shares: Vec<f64> = (0..found.nearest.len()).map(share).collect();
        evidence.weigh(settings, |number| shares[number]);
        found.weigh(state, evidence, settings);
        found
    }

    /// Notes for each candidate the breaker of its feeder.
    fn head_of(&mut self, kinds: &[EdgeKind]) {
        for at in 0..self.all.len() {
            let own = &self.all[at];
            let above = self.all.get(own.parent as usize);
            // The last breaker on the way down from the source begins the feeder.
            let is_head = above.is_none() || kinds[own.edge as usize] == EdgeKind::Breaker;
            self.all[at].head = above.filter(|_| !is_head).map_or(small(at), |above| above.head);
        }
    }

    /// Adds the devices between a node and its source; answers the nearest.
    fn climb(
        &mut self,
        state: &State,
        node: u32,
        phases: crate::Phases,
        known: &mut HashMap<u32, u32>,
    ) -> u32 {
        let kinds = &state.network().rows().edges.kind;
        let is_candidate = |kind: EdgeKind| kind.is_device() && kind != EdgeKind::Regulator;
        let (mut above, mut fresh) = (NONE, Vec::new());
        let live = phases & state.energised(node);
        let fed = state.climb(node, live, |edge| {
            if !is_candidate(kinds[edge as usize]) {
                return false;
            }
            match known.get(&edge) {
                Some(id) => above = *id,
                None => fresh.push(edge),
            }
            above != NONE
        });
        if !fed {
            return NONE;
        }
        for edge in fresh.into_iter().rev() {
            let scope = state.below(edge).unwrap_or_default();
            let (customers, sums, gain) = (0, Sums::default(), f64::NEG_INFINITY);
            let (parent, head) = (above, NONE);
            self.all.push(Candidate { edge, parent, head, scope, customers, sums, gain });
            above = small(self.all.len() - 1);
            known.insert(edge, above);
        }
        above
    }

    fn weigh(&mut self, state: &State, evidence: &Evidence, settings: &Settings) {
        let rarity = rarity(state, settings, self.feeders(state));
        let kinds = &state.network().rows().edges.kind;
        for candidate in &mut self.all {
            candidate.sums = evidence.within(&candidate.scope);
            let (hits, misses) = (
                f64::from(candidate.sums.dark),
                f64::from(candidate.customers.saturating_sub(candidate.sums.dark)),
            );
            // A report may be filed under the wrong transformer: some of those below are not.
            let beliefs = settings.reporting.iter();
            let fits = beliefs.map(|(a, b)| ln_beta_ratio(hits, misses, *a, *b));
            let weight = f64::from(small(settings.reporting.len())).ln();
            let fit = ln_sum(fits) - weight;
            let rare = rarity.get(&kinds[candidate.edge as usize]).copied();
            candidate.gain = rare.unwrap_or(f64::NEG_INFINITY) + fit + candidate.sums.pings
                - candidate.sums.by_chance;
        }
    }

    /// How many feeders have candidates: where many report at once, many failures are likely.
    fn feeders(&self, state: &State) -> u32 {
        let kinds = &state.network().rows().edges.kind;
        let breakers =
            self.all.iter().filter(|c| kinds[c.edge as usize] == EdgeKind::Breaker).count();
        small(breakers).max(1)
    }
}

/// ln of how many failures of one device of each kind are expected while reports are gathered:
/// one failure in each feeder that reports, shared out among the devices of the network.
fn rarity(state: &State, settings: &Settings, feeders: u32) -> HashMap<EdgeKind, f64> {
    let all: f64 = settings.failures.iter().map(|(_, share)| share).sum();
    let of = |(kind, share): &(EdgeKind, f64)| {
        let own = f64::from(state.network().count_of(*kind).max(1));
        (*kind, (f64::from(feeders) * share / all / own).ln())
    };
    settings.failures.iter().map(of).collect()
}
