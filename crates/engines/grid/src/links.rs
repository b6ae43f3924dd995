//! Whether usage points hang on the transformer that the network says (户变关系): by outages, in
//! which the meters of a transformer go dark together, and by voltages, which rise and fall together
//! below one transformer. Doubts come with their evidence; a person decides on site.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    Network,
    network::{EdgeKind, NONE},
};

/// An interruption as the meters saw it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Transformers that were without power.
    pub transformers: BTreeSet<u32>,
    /// Usage points whose meters say whether they were dark meanwhile.
    pub meters: Vec<(u32, bool)>,
}

/// When to doubt a link.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// The chance that a meter says wrongly whether it was dark.
    pub meter_errs: f64,
    /// How many voltages in a row tell as much as one that is independent of those before it.
    pub voltage_memory: f64,
    /// By how much, in ln, another transformer must fit better.
    pub doubt: f64,
    /// Below this correlation with its transformer a usage point is compared with all of its feeder.
    pub looks_foreign: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { meter_errs: 0.03, voltage_memory: 4.0, doubt: 5.0, looks_foreign: 0.8 }
    }
}

/// How well a usage point fits a transformer.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Fit {
    /// Interruptions in which both were dark, or both were not, among those that tell the two
    /// transformers apart.
    pub agree: u32,
    /// Interruptions in which only one of them was dark.
    pub disagree: u32,
    /// How its voltage follows the mean of the transformer's other meters, from -1 to 1.
    pub correlation: Option<f64>,
}

/// A link that is probably wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Doubt {
    /// The usage point.
    pub point: u32,
    /// The transformer that the network says.
    pub linked: u32,
    /// How well it fits that.
    pub fit: Fit,
    /// The transformer that fits best.
    pub better: u32,
    /// How well it fits that.
    pub better_fit: Fit,
    /// The chance that the better one is right, of 1, if it is one of the two.
    pub confidence: f64,
}

/// Checks the usage points that have interruptions or voltages. Voltages of all usage points are
/// taken at the same instants; a series of another length than the first is passed over.
#[must_use]
pub fn check(
    net: &Network,
    seen: &[Seen],
    voltages: &BTreeMap<u32, Vec<f64>>,
    thresholds: Thresholds,
) -> Vec<Doubt> {
    let desk = Desk::new(net, seen, voltages, thresholds);
    let points: BTreeSet<u32> =
        desk.meters.keys().copied().chain(desk.shapes.keys().copied()).collect();
    points.into_iter().filter_map(|point| desk.doubt(point)).collect()
}

struct Desk<'d> {
    net: &'d Network,
    seen: &'d [Seen],
    thresholds: Thresholds,
    /// By usage point: interruptions that its meter saw, and whether it was dark.
    meters: BTreeMap<u32, Vec<(usize, bool)>>,
    /// By usage point: its voltages with mean 0 and length 1.
    shapes: BTreeMap<u32, Vec<f64>>,
    /// By transformer: the sum of the shapes of its usage points.
    sums: BTreeMap<u32, Vec<f64>>,
    /// By feeder head: its transformers.
    feeders: BTreeMap<u32, Vec<u32>>,
}

impl<'d> Desk<'d> {
    fn new(
        net: &'d Network,
        seen: &'d [Seen],
        voltages: &BTreeMap<u32, Vec<f64>>,
        thresholds: Thresholds,
    ) -> Self {
        let mut meters: BTreeMap<u32, Vec<(usize, bool)>> = BTreeMap::new();
        for (number, interruption) in seen.iter().enumerate() {
            for (point, dark) in &interruption.meters {
                meters.entry(*point).or_default().push((number, *dark));
            }
        }
        let length = voltages.values().next().map_or(0, Vec::len);
        let shapes: BTreeMap<u32, Vec<f64>> = voltages
            .iter()
            .filter(|(_, series)| series.len() == length)
            .filter_map(|(point, series)| Some((*point, shape(series)?)))
            .collect();
        let mut sums: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (point, shape) in &shapes {
            if let Some(transformer) = transformer_of(net, *point) {
                let sum = sums.entry(transformer).or_insert_with(|| vec![0.0; length]);
                sum.iter_mut().zip(shape).for_each(|(sum, value)| *sum += value);
            }
        }
        let mut feeders: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (edge, kind) in (0_u32..).zip(&net.rows().edges.kind) {
            if *kind == EdgeKind::Transformer && !net.positions_below(edge).is_empty() {
                feeders
                    .entry(head(net, net.rows().edges.from[edge as usize]))
                    .or_default()
                    .push(edge);
            }
        }
        Self { net, seen, thresholds, meters, shapes, sums, feeders }
    }

    fn doubt(&self, point: u32) -> Option<Doubt> {
        let linked = transformer_of(self.net, point)?;
        let own = self.correlation(point, linked, true);
        let node = self.net.rows().points.node[point as usize];
        let mut others: BTreeSet<u32> = BTreeSet::new();
        if own.is_some_and(|own| own < self.thresholds.looks_foreign) {
            others.extend(self.feeders.get(&head(self.net, node)).into_iter().flatten());
        }
        // Whatever was dark when the meter was, and the network did not expect it to be.
        for (number, dark) in self.meters.get(&point).into_iter().flatten() {
            let transformers = &self.seen[*number].transformers;
            if *dark && !transformers.contains(&linked) {
                others.extend(transformers);
            }
        }
        others.remove(&linked);
        let rated =
            others.into_iter().map(|other| (self.advantage(point, linked, own, other), other));
        let (advantage, better) = rated.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (advantage > self.thresholds.doubt).then(|| Doubt {
            point,
            linked,
            fit: self.fit(point, linked, better, own),
            better,
            better_fit: self.fit(point, better, linked, self.correlation(point, better, false)),
            confidence: 1.0 / (1.0 + (-advantage).exp()),
        })
    }

    /// By how much, in ln, another transformer explains a usage point better.
    fn advantage(&self, point: u32, linked: u32, own: Option<f64>, other: u32) -> f64 {
        let fit = self.fit(point, other, linked, None);
        let odds = ((1.0 - self.thresholds.meter_errs) / self.thresholds.meter_errs).ln();
        let by_outages = (f64::from(fit.agree) - f64::from(fit.disagree)) * odds;
        let by_voltage = match (own, self.correlation(point, other, false)) {
            (Some(own), Some(theirs)) => {
                // What is left of a normal series after the other is taken out of it.
                let left = |r: f64| 1.0 - r.clamp(0.0, 0.999_9).powi(2);
                let length = self.shapes.get(&point).map_or(0, Vec::len);
                let told = f64::from(crate::small(length)) / self.thresholds.voltage_memory;
                told / 2.0 * (left(own) / left(theirs)).ln()
            }
            _ => 0.0,
        };
        by_outages + by_voltage
    }

    /// How a usage point fits a transformer in the interruptions that tell it from another.
    fn fit(&self, point: u32, transformer: u32, other: u32, correlation: Option<f64>) -> Fit {
        let mut fit = Fit { correlation, ..Fit::default() };
        for (number, dark) in self.meters.get(&point).into_iter().flatten() {
            let off = |edge: &u32| self.seen[*number].transformers.contains(edge);
            if off(&transformer) != off(&other) {
                if off(&transformer) == *dark {
                    fit.agree += 1;
                } else {
                    fit.disagree += 1;
                }
            }
        }
        fit
    }

    fn correlation(&self, point: u32, transformer: u32, is_own: bool) -> Option<f64> {
        let (shape_of, sum) = (self.shapes.get(&point)?, self.sums.get(&transformer)?);
        let rest: Vec<f64> = match is_own {
            // Without itself: it follows itself perfectly.
            true => sum.iter().zip(shape_of).map(|(sum, own)| sum - own).collect(),
            false => sum.clone(),
        };
        let rest = shape(&rest)?;
        Some(rest.iter().zip(shape_of).map(|(a, b)| a * b).sum())
    }
}

/// A series with mean 0 and length 1; `None` when it does not move.
fn shape(series: &[f64]) -> Option<Vec<f64>> {
    let count = f64::from(crate::small(series.len()));
    let mean = series.iter().sum::<f64>() / count;
    let length = series.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt();
    let moves = length.is_finite() && length > 1e-9;
    moves.then(|| series.iter().map(|value| (value - mean) / length).collect())
}

fn transformer_of(net: &Network, point: u32) -> Option<u32> {
    let kinds = &net.rows().edges.kind;
    let mut path = net.path_up(net.rows().points.node[point as usize]);
    path.find(|edge| kinds[*edge as usize] == EdgeKind::Transformer)
}

/// The breaker above a node, or the topmost equipment.
fn head(net: &Network, node: u32) -> u32 {
    let kinds = &net.rows().edges.kind;
    let mut last = NONE;
    for edge in net.path_up(node) {
        last = edge;
        if kinds[edge as usize] == EdgeKind::Breaker {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Chance, county};

    /// A normal number of variance 1, near enough: twelve shares summed.
    fn normal(chance: &mut Chance) -> f64 {
        (0..12).map(|_| chance.share()).sum::<f64>() - 6.0
    }

    /// A feeder where three in a hundred homes hang elsewhere than the network says.
    struct Feeder {
        net: Network,
        /// By usage point: the transformer that it really hangs on.
        real: BTreeMap<u32, u32>,
    }

    fn feeder(chance: &mut Chance) -> Feeder {
        let net = county(1, 11);
        let breaker = (0_u32..).zip(&net.rows().edges.kind);
        let breaker = breaker.filter(|(_, kind)| **kind == EdgeKind::Breaker).nth(4).unwrap().0;
        let points = net.points_at(net.slots_below(breaker)).to_vec();
        let linked: Vec<u32> =
            points.iter().map(|point| transformer_of(&net, *point).unwrap()).collect();
        let elsewhere =
            |chance: &mut Chance| linked[chance.below(crate::small(linked.len())) as usize];
        let real = points.iter().zip(&linked).map(|(point, linked)| {
            let wrong = chance.happens(0.03);
            (*point, if wrong { elsewhere(chance) } else { *linked })
        });
        let real = real.collect();
        Feeder { net, real }
    }

    fn check_against(feeder: &Feeder, doubts: &[Doubt]) -> (usize, usize, usize) {
        let is_wrong =
            |point: &u32| transformer_of(&feeder.net, *point) != feeder.real.get(point).copied();
        let wrong = feeder.real.keys().filter(|point| is_wrong(point)).count();
        let right =
            doubts.iter().filter(|d| is_wrong(&d.point) && feeder.real[&d.point] == d.better);
        (wrong, doubts.len(), right.count())
    }

    #[test]
    fn voltages_tell_which_transformer_a_home_hangs_on() {
        let mut chance = Chance(21);
        let feeder = feeder(&mut chance);
        let mut common: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        let line: Vec<f64> = (0..192).map(|_| normal(&mut chance)).collect();
        let voltages = feeder.real.iter().map(|(point, transformer)| {
            let below = common.entry(*transformer).or_insert_with(|| {
                line.iter().map(|volts| 230.0 + 1.5 * volts + 2.0 * normal(&mut chance)).collect()
            });
            (*point, below.iter().map(|volts| volts + normal(&mut chance)).collect())
        });
        let voltages = voltages.collect();
        let doubts = check(&feeder.net, &[], &voltages, Thresholds::default());
        let (wrong, doubted, right) = check_against(&feeder, &doubts);
        assert!(wrong > 40 && right * 100 >= wrong * 90, "{right} of {wrong}");
        assert!(right * 100 >= doubted * 90, "{right} of {doubted} doubts");
    }

    #[test]
    fn outages_tell_which_transformer_a_home_hangs_on() {
        let mut chance = Chance(22);
        let feeder = feeder(&mut chance);
        let transformers: Vec<u32> = feeder.real.values().copied().collect();
        let seen: Vec<Seen> = (0..400)
            .map(|_| {
                let one = transformers[chance.below(crate::small(transformers.len())) as usize];
                let meters = feeder.real.iter().map(|(point, real)| {
                    let errs = chance.happens(0.01);
                    (*point, (*real == one) != errs)
                });
                Seen { meters: meters.collect(), transformers: BTreeSet::from([one]) }
            })
            .collect();
        let doubts = check(&feeder.net, &seen, &BTreeMap::new(), Thresholds::default());
        let (wrong, doubted, right) = check_against(&feeder, &doubts);
        assert!(right * 100 >= wrong * 90, "{right} of {wrong}");
        assert!(right * 100 >= doubted * 90, "{right} of {doubted} doubts");
        let doubt = &doubts[0];
        assert!(doubt.better_fit.agree > doubt.fit.agree && doubt.confidence > 0.99);
    }

    #[test]
    fn without_evidence_nothing_is_doubted() {
        let net = county(1, 1);
        assert!(check(&net, &[], &BTreeMap::new(), Thresholds::default()).is_empty());
        // Voltages that do not move say nothing.
        let flat = (0..100).map(|point| (point, vec![230.0; 96])).collect();
        assert!(check(&net, &[], &flat, Thresholds::default()).is_empty());
    }
}
