//! Who is without power, as runs of slots with the phases that are lost: sorted, disjoint,
//! half-open. Merging, splitting, partial restoration, nesting and "who is newly out" are algebra
//! on them, so that nobody is counted twice. An extent belongs to one numbering: that of the
//! [`Network`] it was made from.

use std::ops::Range;

use serde::Serialize;

use crate::{
    Phases,
    network::{Census, Network},
};

/// Neighbouring slots with the same phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The first slot.
    pub from: u32,
    /// The slot after the last.
    pub to: u32,
    /// The phases, at least one.
    pub phases: Phases,
}

/// A set of (slot, phase).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Extent {
    runs: Vec<Run>,
}

impl Extent {
    /// Nobody.
    #[must_use]
    pub const fn new() -> Self {
        Self { runs: Vec::new() }
    }

    /// These slots on these phases.
    #[must_use]
    pub fn of(slots: Range<u32>, phases: Phases) -> Self {
        let phases = phases.live();
        let run = Run { from: slots.start, to: slots.end, phases };
        let empty = slots.is_empty() || phases.is_empty();
        Self { runs: if empty { Vec::new() } else { vec![run] } }
    }

    /// The union of any runs, in any order.
    #[must_use]
    pub fn collect(runs: impl IntoIterator<Item = (Range<u32>, Phases)>) -> Self {
        let mut parts: Vec<Self> = runs.into_iter().map(|(s, p)| Self::of(s, p)).collect();
        // Halving keeps the work near-linear, whatever overlaps what.
        while parts.len() > 1 {
            let pairs = parts.chunks(2);
            parts = pairs
                .map(|pair| match pair {
                    [a, b] => a.union(b),
                    [a] => a.clone(),
                    _ => Self::new(),
                })
                .collect();
        }
        parts.pop().unwrap_or_default()
    }

    /// The whole usage points with these numbers.
    #[must_use]
    pub fn of_points(network: &Network, points: impl IntoIterator<Item = u32>) -> Self {
        let mut slots: Vec<u32> = points.into_iter().map(|p| network.slot_of(p)).collect();
        slots.sort_unstable();
        slots.dedup();
        let mut extent = Self::new();
        for slot in slots {
            extent.push(slot, slot + 1, Phases::ABC);
        }
        extent
    }

    /// The runs, sorted and disjoint.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Whether nobody is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whatever is in one of the two: two outages merged.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a | b)
    }

    /// Whatever is in both: where two outages overlap.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a & b)
    }

    /// What is not in the other: who is newly out, or who is still out after a restoration.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a - b)
    }

    /// Whether all of it is in the other: a nested outage.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.minus(other).is_empty()
    }

    /// The phases lost at a slot.
    #[must_use]
    pub fn phases_at(&self, slot: u32) -> Phases {
        let after = self.runs.partition_point(|run| run.to <= slot);
        match self.runs.get(after) {
            Some(run) if run.from <= slot => run.phases,
            _ => Phases::NONE,
        }
    }

    /// The slots of customers who use one of the phases lost there, in order.
    pub fn slots<'a>(&'a self, network: &'a Network) -> impl Iterator<Item = u32> + 'a {
        self.runs.iter().flat_map(move |run| {
            let whole = run.phases.covers(Phases::ABC);
            (run.from..run.to)
                .filter(move |slot| whole || network.phases_at(*slot).meets(run.phases))
        })
    }

    /// The usage points of customers who use one of the phases lost there, in the order of slots.
    #[must_use]
    pub fn points(&self, network: &Network) -> Vec<u32> {
        let most = self.runs.iter().map(|run| (run.to - run.from) as usize).sum();
        let mut points = Vec::with_capacity(most);
        for run in &self.runs {
            if run.phases.covers(Phases::ABC) {
                points.extend_from_slice(network.points_at(run.from..run.to));
            } else {
                let slots = (run.from..run.to).filter(|s| network.phases_at(*s).meets(run.phases));
                points.extend(slots.map(|slot| network.point_at(slot)));
            }
        }
        points
    }

    /// How many customers use one of the phases lost there.
    #[must_use]
    pub fn customers(&self, network: &Network) -> u32 {
        let of = |run: &Run| {
            if run.phases.covers(Phases::ABC) {
                return run.to - run.from;
            }
            let counts = (0_u8..).zip(network.by_phases(run.from..run.to));
            let met = counts.filter(|(bits, _)| Phases::from_bits(*bits).meets(run.phases));
            met.map(|(_, count)| count).sum()
        };
        self.runs.iter().map(of).sum()
    }

    /// The customers who use one of the phases lost there, by class.
    #[must_use]
    pub fn census(&self, network: &Network) -> Census {
        self.runs.iter().fold(Census::default(), |mut sum, run| {
            let part = network.census(run.from..run.to, run.phases);
            sum.customers += part.customers;
            sum.important += part.important;
            for (sum, part) in sum.by_class.iter_mut().zip(part.by_class) {
                *sum += part;
            }
            sum
        })
    }

    fn push(&mut self, from: u32, to: u32, phases: Phases) {
        if from >= to || phases.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some(last) if last.to == from && last.phases == phases => last.to = to,
            _ => self.runs.push(Run { from, to, phases }),
        }
    }

    /// Walks both from end to end of each run, and asks at every stretch what is kept.
    fn combine(&self, other: &Self, keep: impl Fn(Phases, Phases) -> Phases) -> Self {
        let mut result = Self { runs: Vec::with_capacity(self.runs.len() + other.runs.len()) };
        let (mut mine, mut theirs) = (self.runs.iter().peekable(), other.runs.iter().peekable());
        let mut at = 0;
        loop {
            // What each side has at `at`, and up to where that does not change.
            let look = |run: Option<&&Run>| match run {
                None => (Phases::NONE, u32::MAX),
                Some(run) if run.from > at => (Phases::NONE, run.from),
                Some(run) => (run.phases, run.to),
            };
            let (here, until) = look(mine.peek());
            let (there, until_too) = look(theirs.peek());
            let next = until.min(until_too);
            if next == u32::MAX {
                return result;
            }
            result.push(at, next, keep(here, there));
            at = next;
            mine.next_if(|run| run.to <= at);
            theirs.next_if(|run| run.to <= at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    type Set = BTreeSet<(u32, u8)>;

    fn runs() -> impl Strategy<Value = Vec<(Range<u32>, Phases)>> {
        let run = (0_u32..60, 0_u32..12, 1_u8..8)
            .prop_map(|(from, length, bits)| (from..from + length, Phases::from_bits(bits)));
        proptest::collection::vec(run, 0..12)
    }

    fn set_of(runs: &[(Range<u32>, Phases)]) -> Set {
        let mut set = Set::new();
        for (slots, phases) in runs {
            for slot in slots.clone() {
                set.extend(phases.each().map(|(_, p)| (slot, p.bits())));
            }
        }
        set
    }

    fn set(extent: &Extent) -> Set {
        let runs: Vec<_> = extent.runs().iter().map(|r| (r.from..r.to, r.phases)).collect();
        set_of(&runs)
    }

    proptest! {
        #[test]
        fn the_algebra_is_that_of_sets(a in runs(), b in runs()) {
            let (sa, sb) = (set_of(&a), set_of(&b));
            let (a, b) = (Extent::collect(a), Extent::collect(b));
            prop_assert_eq!(&set(&a), &sa);
            prop_assert_eq!(set(&a.union(&b)), &sa | &sb);
            prop_assert_eq!(set(&a.intersection(&b)), &sa & &sb);
            prop_assert_eq!(set(&a.minus(&b)), &sa - &sb);
            prop_assert_eq!(a.is_within(&b), sa.is_subset(&sb));
            for slot in 0..80 {
                let bits = [1, 2, 4].into_iter().filter(|bit| sa.contains(&(slot, *bit))).sum();
                prop_assert_eq!(a.phases_at(slot), Phases::from_bits(bits));
            }
        }

        #[test]
        fn equal_sets_are_equal_extents(a in runs(), b in runs()) {
            let (a, b) = (Extent::collect(a), Extent::collect(b));
            prop_assert_eq!(a.union(&b), b.union(&a));
            prop_assert_eq!(a.minus(&b).union(&a.intersection(&b)), a);
        }
    }
}
