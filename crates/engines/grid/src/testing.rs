//! A network for tests, made like the large reference network: substations with ten feeders, a trunk
//! in five sections, twenty fused laterals each, five transformers on each lateral, twenty customers
//! on average below a transformer. And chance from a seed.

use crate::{
    Network, Phases,
    network::{CustomerClass, EdgeKind, NodeKind, Rows},
};

/// Chance from a seed (splitmix64, Steele, Lea and Flood 2014).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number below `n`.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        u32::try_from(self.next() % u64::from(n)).unwrap()
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// Whether something of this chance happens.
    pub(crate) fn happens(&mut self, chance: f64) -> bool {
        self.share() < chance
    }

    /// How often something rare happens (Poisson, by Knuth's product).
    pub(crate) fn times(&mut self, expected: f64) -> u32 {
        let (limit, mut product, mut count) = ((-expected).exp(), self.share(), 0);
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }
}

/// A network of so many substations: 20,000 customers each.
pub(crate) fn county(substations: u32, seed: u64) -> Network {
    let mut chance = Chance(seed);
    let mut rows = Rows::default();
    for substation in 0..substations {
        rows.substations.push(&format!("S{substation}"));
        let source = rows.nodes.push("", NodeKind::Source, crate::network::NONE);
        rows.sources.push((source, Phases::ABC));
        let bars = [0, 1].map(|_| {
            let bar = rows.nodes.push("", NodeKind::Busbar, crate::network::NONE);
            edge(&mut rows, EdgeKind::SubstationTransformer, (source, bar), Phases::ABC);
            bar
        });
        for feeder in 0..10 {
            rows.feeders.push(&format!("F{}", substation * 10 + feeder));
            rows.feeder_substation.push(substation);
            make_feeder(
                &mut rows,
                &mut chance,
                bars[feeder as usize / 5],
                substation * 10 + feeder,
            );
        }
    }
    Network::build(rows).unwrap()
}

fn edge(rows: &mut Rows, kind: EdgeKind, ends: (u32, u32), phases: Phases) -> u32 {
    rows.edges.push("", kind, ends, true, phases)
}

fn make_feeder(rows: &mut Rows, chance: &mut Chance, bar: u32, feeder: u32) {
    let mut at = rows.nodes.push("", NodeKind::Medium, feeder);
    edge(rows, EdgeKind::Breaker, (bar, at), Phases::ABC);
    for section in 0..5 {
        if section > 0 {
            let next = rows.nodes.push("", NodeKind::Medium, feeder);
            edge(rows, EdgeKind::Sectionaliser, (at, next), Phases::ABC);
            at = next;
        }
        for _ in 0..4 {
            let next = rows.nodes.push("", NodeKind::Medium, feeder);
            edge(rows, EdgeKind::Line, (at, next), Phases::ABC);
            at = next;
            make_lateral(rows, chance, at, feeder);
        }
    }
}

fn make_lateral(rows: &mut Rows, chance: &mut Chance, trunk: u32, feeder: u32) {
    let phases = if chance.below(10) < 3 {
        Phases::ABC
    } else {
        [Phases::A, Phases::B, Phases::C][chance.below(3) as usize]
    };
    let head = rows.nodes.push("", NodeKind::Medium, feeder);
    edge(rows, EdgeKind::Fuse, (trunk, head), phases);
    let (mut made, mut carry) = (vec![head], 20);
    for number in 0..5 {
        let last = made[made.len() - 1];
        let from = if chance.below(3) < 2 {
            last
        } else {
            made[chance.below(crate::small(made.len())) as usize]
        };
        let node = rows.nodes.push("", NodeKind::Medium, feeder);
        edge(rows, EdgeKind::Line, (from, node), phases);
        made.push(node);
        let high = rows.nodes.push("", NodeKind::Medium, feeder);
        edge(rows, EdgeKind::Cutout, (node, high), phases);
        let low = rows.nodes.push("", NodeKind::LowBusbar, feeder);
        edge(rows, EdgeKind::Transformer, (high, low), phases);
        let customers = if number % 2 == 0 { 1 + chance.below(39) } else { carry };
        carry = 40 - customers;
        for _ in 0..customers {
            rows.points.push("", low, phases, CustomerClass::Residential, false);
        }
    }
}
