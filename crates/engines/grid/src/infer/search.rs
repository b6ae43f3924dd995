//! The most likely set of failed devices over the tree of candidates, and what else may be.

use super::{
    Alternative, Grounds, Inference, Settings, Suspect, candidates::Candidates, evidence::Evidence,
    special::ln_sum,
};
use crate::{
    network::{EdgeKind, NONE},
    small,
    state::State,
};

/// How a tree is best explained, candidate by candidate.
struct Plan {
    /// What the best set within each candidate gains; nothing failed gains 0.
    best: Vec<f64>,
    /// What the best sets of the candidates right below add up to.
    below: Vec<f64>,
    /// The candidates right below each.
    children: Vec<Vec<u32>>,
    /// How many transformers with a report of no power lie below each, itself among them.
    reporting: Vec<u32>,
    chosen: Vec<u32>,
}

impl Plan {
    fn of(candidates: &Candidates, kinds: &[EdgeKind]) -> Self {
        let count = candidates.all.len();
        let mut plan = Self {
            best: vec![0.0; count],
            below: vec![0.0; count],
            children: vec![Vec::new(); count],
            reporting: vec![0; count],
            chosen: Vec::new(),
        };
        // A candidate stands behind the one above it, so the last have nothing below.
        for (at, candidate) in candidates.all.iter().enumerate().rev() {
            plan.best[at] = candidate.gain.max(plan.below[at]);
            let transforms = kinds[candidate.edge as usize] == EdgeKind::Transformer;
            plan.reporting[at] += u32::from(transforms && candidate.sums.dark > 0);
            if candidate.parent != NONE {
                let parent = candidate.parent as usize;
                plan.below[parent] += plan.best[at].max(0.0);
                plan.children[parent].push(small(at));
                plan.reporting[parent] += plan.reporting[at];
            }
        }
        let mut taken = vec![false; count];
        for (at, candidate) in candidates.all.iter().enumerate() {
            let inside = candidate.parent != NONE && taken[candidate.parent as usize];
            taken[at] = inside;
            if !inside && candidate.gain > 0.0 && candidate.gain >= plan.below[at] {
                taken[at] = true;
                plan.chosen.push(small(at));
            }
        }
        plan
    }
}

pub(super) fn infer(
    state: &State,
    evidence: &Evidence,
    candidates: &Candidates,
    settings: &Settings,
) -> Inference {
    let plan = Plan::of(candidates, &state.network().rows().edges.kind);
    let desk = Desk { state, evidence, candidates, settings, plan };
    let mut suspects: Vec<(f64, Suspect)> = Vec::new();
    for chosen in &desk.plan.chosen {
        suspects.push((desk.gain(*chosen), desk.suspect(*chosen, true)));
    }
    let covered: Vec<bool> = desk.covered();
    for guess in desk.guesses(&covered) {
        suspects.push((desk.gain(guess), desk.suspect(guess, false)));
    }
    suspects.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let reports = 0..candidates.nearest.len();
    let unexplained = reports.filter(|n| evidence.is_dark(*n) && !covered[*n]).count();
    Inference {
        suspects: suspects.into_iter().map(|(_, suspect)| suspect).collect(),
        unexplained: small(unexplained),
        suppressed: evidence.suppressed,
        unfed: candidates.unfed,
    }
}

struct Desk<'d> {
    state: &'d State,
    evidence: &'d Evidence,
    candidates: &'d Candidates,
    settings: &'d Settings,
    plan: Plan,
}

impl Desk<'_> {
    fn gain(&self, at: u32) -> f64 {
        self.candidates.all[at as usize].gain
    }

    fn up(&self, at: u32) -> impl Iterator<Item = u32> + '_ {
        let next = |at: &u32| {
            let parent = self.candidates.all[*at as usize].parent;
            (parent != NONE).then_some(parent)
        };
        std::iter::successors(Some(at), next)
    }

    /// By number of evidence: whether a chosen device explains it.
    fn covered(&self) -> Vec<bool> {
        let mut inside = vec![false; self.candidates.all.len()];
        for chosen in &self.plan.chosen {
            inside[*chosen as usize] = true;
        }
        for at in 0..inside.len() {
            let parent = self.candidates.all[at].parent;
            inside[at] |= parent != NONE && inside[parent as usize];
        }
        let of = |nearest: &u32| *nearest != NONE && inside[*nearest as usize];
        self.candidates.nearest.iter().map(of).collect()
    }

    /// For each feeder with reports that nothing chosen explains: the best guess.
    fn guesses(&self, covered: &[bool]) -> Vec<u32> {
        let mut above_chosen = vec![false; self.candidates.all.len()];
        for chosen in &self.plan.chosen {
            for at in self.up(*chosen) {
                above_chosen[at as usize] = true;
            }
        }
        let mut best: Vec<(u32, u32)> = Vec::new();
        for (number, nearest) in self.candidates.nearest.iter().enumerate() {
            if covered[number] || *nearest == NONE || !self.evidence.is_dark(number) {
                continue;
            }
            let head = self.candidates.all[*nearest as usize].head;
            let ways = self.up(*nearest).filter(|at| !above_chosen[*at as usize]);
            let Some(guess) = ways.max_by(|a, b| self.gain(*a).total_cmp(&self.gain(*b))) else {
                continue;
            };
            match best.iter_mut().find(|(known, _)| *known == head) {
                Some((_, known)) if self.gain(guess) > self.gain(*known) => *known = guess,
                Some(_) => {}
                None => best.push((head, guess)),
            }
        }
        best.into_iter().map(|(_, guess)| guess).collect()
    }

    fn grounds(&self, at: u32) -> Grounds {
        let own = &self.candidates.all[at as usize];
        let head = &self.candidates.all[own.head as usize];
        let runs = own.scope.runs().iter();
        let net = self.state.network();
        let transformers = runs.map(|run| net.transformers_within(run.from..run.to)).sum();
        Grounds {
            customers: own.customers,
            reports_inside: own.sums.dark,
            reports_outside: head.sums.dark.saturating_sub(own.sums.dark),
            pings_dark: own.sums.pings_dark,
            pings_lit: own.sums.pings_lit,
            transformers_reporting: self.plan.reporting[at as usize],
            transformers,
        }
    }

    /// A suspect with its alternatives: each takes its place, and whatever else was chosen within
    /// an alternative gives way to it.
    fn suspect(&self, at: u32, supported: bool) -> Suspect {
        let own = &self.candidates.all[at as usize];
        let mut ways: Vec<(u32, f64)> = Vec::new();
        for above in self.up(at).skip(1) {
            let own = if supported { own.gain } else { 0.0 };
            let given_up = self.plan.below[above as usize] - own;
            ways.push((above, self.gain(above) - given_up));
        }
        // Below it: the alternative, and beside that whatever explains the rest best.
        let mut open = vec![(at, 0.0)];
        while let Some((step, rest)) = open.pop() {
            for child in &self.plan.children[step as usize] {
                let best = self.plan.best[*child as usize].max(0.0);
                let rest = rest + self.plan.below[step as usize] - best;
                ways.push((*child, self.gain(*child) + rest));
                open.push((*child, rest));
            }
        }
        let all = ways.iter().map(|(_, gain)| *gain).chain([own.gain, 0.0]);
        let total = ln_sum(all);
        ways.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let alternatives = ways.into_iter().take(self.settings.alternatives);
        Suspect {
            edge: own.edge,
            likelihood: (own.gain - total).exp(),
            supported,
            grounds: self.grounds(at),
            scope: own.scope.clone(),
            alternatives: alternatives
                .map(|(at, gain)| Alternative {
                    edge: self.candidates.all[at as usize].edge,
                    likelihood: (gain - total).exp(),
                    grounds: self.grounds(at),
                })
                .collect(),
            none: (-total).exp(),
        }
    }
}
