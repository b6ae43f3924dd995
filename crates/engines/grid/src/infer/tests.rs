//! Inference on simulated faults: the experiment of the reference baseline with its own rule beside
//! ours, wrong links with two faults per feeder, and what pings, suppression and switching change.

use std::{collections::BTreeSet, sync::Arc};

use super::*;
use crate::{
    Network, Phases,
    network::EdgeKind,
    testing::{Chance, county},
};

fn devices(net: &Network, kind: EdgeKind) -> Vec<u32> {
    let kinds = (0_u32..).zip(&net.rows().edges.kind);
    kinds.filter(|(_, own)| **own == kind).map(|(edge, _)| edge).collect()
}

/// Draws the failed device as the baseline does: kinds by these shares.
struct Draw {
    kinds: [(f64, Vec<u32>); 4],
}

impl Draw {
    fn new(net: &Network) -> Self {
        let of = |kind| devices(net, kind);
        Self {
            kinds: [
                (0.05, of(EdgeKind::Breaker)),
                (0.10, of(EdgeKind::Sectionaliser)),
                (0.35, of(EdgeKind::Fuse)),
                (0.50, of(EdgeKind::Cutout)),
            ],
        }
    }

    fn device(&self, chance: &mut Chance) -> u32 {
        let mut left = chance.share();
        for (share, edges) in &self.kinds {
            left -= share;
            if left <= 0.0 {
                return edges[chance.below(crate::small(edges.len())) as usize];
            }
        }
        self.kinds[3].1[0]
    }
}

fn breaker_of(net: &Network, edge: u32) -> u32 {
    let node = net.node_at(net.positions_below(edge).start);
    let kinds = &net.rows().edges.kind;
    net.path_up(node).find(|edge| kinds[*edge as usize] == EdgeKind::Breaker).unwrap()
}

/// Cut-out and transformer feed the same customers: either answer is right.
fn same_customers(net: &Network, a: u32, b: u32) -> bool {
    net.slots_below(a) == net.slots_below(b)
}

/// The reports of a fault: each customer in the dark with this chance, and false ones on the feeder.
fn simulate(
    net: &Network,
    failed: u32,
    report: f64,
    rate: f64,
    chance: &mut Chance,
) -> Vec<Report> {
    let mut slots: BTreeSet<u32> =
        net.slots_below(failed).filter(|_| chance.happens(report)).collect();
    let feeder = net.slots_below(breaker_of(net, failed));
    for _ in 0..chance.times(rate * f64::from(feeder.end - feeder.start)) {
        slots.insert(feeder.start + chance.below(feeder.end - feeder.start));
    }
    let of = |slot| Report { point: net.point_at(slot), kind: ReportKind::Call };
    slots.into_iter().map(of).collect()
}

/// The baseline's rule: the best share of reports for each device, without belief about it.
fn baseline(net: &Network, counts: &[f64], reports: &[Report], rate: f64) -> Option<u32> {
    let slots: BTreeSet<u32> = reports.iter().map(|report| net.slot_of(report.point)).collect();
    let kinds = &net.rows().edges.kind;
    let share = |kind| match kind {
        EdgeKind::Breaker => 0.05,
        EdgeKind::Sectionaliser => 0.10,
        EdgeKind::Fuse => 0.35,
        EdgeKind::Cutout => 0.40,
        _ => 0.10,
    };
    let mut candidates = BTreeSet::new();
    for report in reports {
        let path = net.path_up(net.rows().points.node[report.point as usize]);
        let device = |edge: &u32| {
            kinds[*edge as usize].is_device()
                && kinds[*edge as usize] != EdgeKind::SubstationTransformer
        };
        candidates.extend(path.filter(device));
    }
    let score = |edge: &u32| {
        let below = net.slots_below(*edge);
        let (inside, all) =
            (slots.range(below.clone()).count() as f64, f64::from(below.end - below.start));
        let q = (inside / all).clamp(0.02, 0.98);
        let kind = kinds[*edge as usize];
        let count = counts[kind as usize];
        inside * q.ln()
            + (all - inside) * (1.0 - q).ln()
            + (slots.len() as f64 - inside) * rate.ln()
            + (share(kind) / count).ln()
    };
    candidates
        .into_iter()
        .map(|edge| (edge, score(&edge)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(edge, _)| edge)
}

/// The rows of the baseline's table: last gasps, calls, false reports per customer.
const ROWS: [(f64, f64, f64); 7] = [
    (0.0, 0.02, 2e-5),
    (0.0, 0.10, 2e-5),
    (0.3, 0.05, 2e-4),
    (0.6, 0.05, 2e-4),
    (0.9, 0.05, 2e-4),
    (0.9, 0.05, 2e-3),
    (0.6, 0.05, 2e-3),
];

#[test]
fn single_faults_are_found_at_least_as_often_as_by_the_baseline() {
    let net = Arc::new(county(3, 20_250_101));
    let state = State::normal(Arc::clone(&net));
    let (draw, mut chance) = (Draw::new(&net), Chance(1));
    let counts: Vec<f64> =
        EdgeKind::ALL.iter().map(|kind| devices(&net, *kind).len() as f64).collect();
    let (mut ours_all, mut theirs_all) = (0, 0);
    for (gasp, call, rate) in ROWS {
        let settings = Settings { false_call: rate, false_gasp: rate, ..Settings::default() };
        let (mut used, mut ours, mut theirs) = (0, 0, 0);
        for _ in 0..250 {
            let failed = draw.device(&mut chance);
            let report = 1.0 - (1.0 - gasp) * (1.0 - call);
            let reports = simulate(&net, failed, report, rate, &mut chance);
            if reports.is_empty() {
                continue;
            }
            used += 1;
            let found = infer(&state, &reports, &Extent::new(), &settings);
            ours += u32::from(same_customers(&net, found.suspects[0].edge, failed));
            let guess = baseline(&net, &counts, &reports, rate).unwrap();
            theirs += u32::from(same_customers(&net, guess, failed));
        }
        println!(
            "{gasp:4} {call:4} {rate:7}: ours {:5.1} %, baseline {:5.1} % of {used}",
            100.0 * f64::from(ours) / f64::from(used),
            100.0 * f64::from(theirs) / f64::from(used)
        );
        // Chance decides single cases: three of 250.
        assert!(ours + 3 >= theirs, "{gasp} {call} {rate}: {ours} < {theirs} of {used}");
        ours_all += ours;
        theirs_all += theirs;
    }
    assert!(ours_all >= theirs_all, "{ours_all} < {theirs_all}");
}

/// Two devices of a feeder, neither below the other.
fn pair(net: &Network, draw: &Draw, chance: &mut Chance) -> (u32, u32) {
    loop {
        let first = draw.device(chance);
        let feeder = net.slots_below(breaker_of(net, first));
        for _ in 0..400 {
            let second = draw.device(chance);
            let (a, b) = (net.slots_below(first), net.slots_below(second));
            let inside = feeder.contains(&b.start);
            if inside && (a.end <= b.start || b.end <= a.start) {
                return (first, second);
            }
        }
    }
}

/// Where customers really are: three in a hundred elsewhere on their feeder than the network says.
fn real_places(feeder: std::ops::Range<u32>, chance: &mut Chance) -> Vec<u32> {
    let of = |slot| {
        let wrong = chance.happens(0.03);
        if wrong { feeder.start + chance.below(feeder.end - feeder.start) } else { slot }
    };
    feeder.clone().map(of).collect()
}

#[test]
fn two_faults_of_a_feeder_are_both_found_though_links_are_wrong() {
    let net = Arc::new(county(3, 7));
    let state = State::normal(Arc::clone(&net));
    let (draw, mut chance) = (Draw::new(&net), Chance(2));
    let settings = Settings::default();
    let (mut faults, mut found, mut suspects, mut wrong) = (0, 0, 0, 0);
    for _ in 0..400 {
        let (a, b) = pair(&net, &draw, &mut chance);
        let feeder = net.slots_below(breaker_of(&net, a));
        let places = real_places(feeder.clone(), &mut chance);
        let dark = [net.slots_below(a), net.slots_below(b)];
        let mut reports = Vec::new();
        for (slot, place) in feeder.zip(places) {
            let point = net.point_at(slot);
            let out = dark.iter().any(|range| range.contains(&place));
            let (gasp, call) = if out { (0.6, 0.05) } else { (2e-4, 2e-4) };
            for (kind, share) in [(ReportKind::LastGasp, gasp), (ReportKind::Call, call)] {
                if chance.happens(share) {
                    reports.push(Report { point, kind });
                }
            }
        }
        let inference = infer(&state, &reports, &Extent::new(), &settings);
        let told: Vec<u32> =
            inference.suspects.iter().filter(|s| s.supported).map(|s| s.edge).collect();
        faults += 2;
        for fault in [a, b] {
            found += u32::from(told.iter().any(|edge| same_customers(&net, *edge, fault)));
        }
        suspects += told.len();
        let real = |edge: &u32| [a, b].iter().any(|fault| same_customers(&net, *edge, *fault));
        wrong += told.iter().filter(|edge| !real(edge)).count();
    }
    let right = 100.0 * f64::from(found) / f64::from(faults);
    println!("ours: {right:.1} % of {faults} faults found; {wrong} of {suspects} suspects wrong");
    assert!(right >= 95.0, "{right} %");
    assert!(wrong * 20 <= suspects, "{wrong} of {suspects}");
}

fn reports_of(net: &Network, slots: impl Iterator<Item = u32>, kind: ReportKind) -> Vec<Report> {
    slots.map(|slot| Report { point: net.point_at(slot), kind }).collect()
}

#[test]
fn pings_decide_between_a_transformer_and_its_lateral() {
    let net = Arc::new(county(1, 3));
    let state = State::normal(Arc::clone(&net));
    let fuse = devices(&net, EdgeKind::Fuse)[8];
    let lateral = net.slots_below(fuse);
    let transformers = devices(&net, EdgeKind::Transformer);
    let inside = |edge: &&u32| lateral.contains(&net.slots_below(**edge).start);
    let own: Vec<u32> = transformers.iter().filter(inside).copied().collect();
    // Everybody who called is below the first transformer.
    let first = net.slots_below(own[0]);
    let calls = reports_of(&net, first.clone().step_by(4), ReportKind::Call);
    let best = |reports: &[Report]| {
        infer(&state, reports, &Extent::new(), &Settings::default()).suspects[0].clone()
    };
    let suspect = best(&calls);
    assert!(same_customers(&net, suspect.edge, own[0]), "{suspect:?}");
    assert!(suspect.alternatives.iter().any(|other| other.edge == fuse));
    // Meters of the other transformers that were asked and keep silent say that it is the lateral.
    let others = own[1..].iter().map(|edge| net.slots_below(*edge).start);
    let dark = reports_of(&net, others, ReportKind::PingDark);
    let suspect = best(&[calls.clone(), dark].concat());
    assert_eq!(suspect.edge, fuse, "{suspect:?}");
    assert_eq!(suspect.grounds.pings_dark, 4);
    assert_eq!(suspect.scope, Extent::of(lateral, Phases::ABC));
    // One that answers below the first transformer speaks for single customers.
    let lit = reports_of(&net, first.skip(1).step_by(4), ReportKind::PingLit);
    let suspect = best(&[calls, lit].concat());
    assert!(!suspect.supported, "{suspect:?}");
}

#[test]
fn who_is_off_already_says_nothing_new() {
    let net = Arc::new(county(1, 4));
    let mut state = State::normal(Arc::clone(&net));
    let fuses = devices(&net, EdgeKind::Fuse);
    let planned = Extent::of(net.slots_below(fuses[2]), Phases::ABC);
    let reports = reports_of(&net, net.slots_below(fuses[2]), ReportKind::LastGasp);
    let found = infer(&state, &reports, &planned, &Settings::default());
    assert!(found.suspects.is_empty());
    assert_eq!(found.suppressed as usize, reports.len());
    // The same when the switches say so, and a second fault elsewhere is still found.
    state.open(fuses[2]).unwrap();
    let more = reports_of(&net, net.slots_below(fuses[5]).step_by(2), ReportKind::LastGasp);
    let found =
        infer(&state, &[reports.clone(), more].concat(), &Extent::new(), &Settings::default());
    assert_eq!(found.suspects.len(), 1);
    assert_eq!(found.suspects[0].edge, fuses[5]);
    assert_eq!(found.suppressed as usize, reports.len());
}

#[test]
fn a_single_call_is_a_guess_and_not_a_fault() {
    let net = Arc::new(county(1, 5));
    let state = State::normal(Arc::clone(&net));
    let point = net.point_at(4_321);
    let calls = [Report { point, kind: ReportKind::Call }];
    let found = infer(&state, &calls, &Extent::new(), &Settings::default());
    assert_eq!(found.suspects.len(), 1);
    assert!(!found.suspects[0].supported);
    assert!(found.suspects[0].none > 0.5, "{found:?}");
    assert_eq!(found.unexplained, 1);
}

#[test]
fn the_classic_rule_goes_up_while_half_report() {
    let net = Arc::new(county(1, 6));
    let state = State::normal(Arc::clone(&net));
    let fuse = devices(&net, EdgeKind::Fuse)[11];
    let kind = ReportKind::LastGasp;
    let all = reports_of(&net, net.slots_below(fuse), kind);
    let none = Extent::new();
    let rule =
        |reports: &[Report]| rollup::rollup(&state, reports, &none, rollup::Thresholds::default());
    assert_eq!(rule(&all), Some(fuse));
    assert_eq!(rule(&[]), None);
    let transformer = devices(&net, EdgeKind::Transformer)[3];
    let one = reports_of(&net, net.slots_below(transformer), kind);
    assert!(same_customers(&net, rule(&one).unwrap(), transformer));
}

#[test]
fn likelihoods_of_all_possibilities_add_up_to_one() {
    let net = Arc::new(county(1, 8));
    let state = State::normal(Arc::clone(&net));
    let (draw, mut chance) = (Draw::new(&net), Chance(9));
    let settings = Settings { alternatives: usize::MAX, ..Settings::default() };
    for _ in 0..40 {
        let failed = draw.device(&mut chance);
        let reports = simulate(&net, failed, 0.1, 1e-3, &mut chance);
        for suspect in infer(&state, &reports, &Extent::new(), &settings).suspects {
            let others: f64 = suspect.alternatives.iter().map(|other| other.likelihood).sum();
            let sum = suspect.likelihood + others + suspect.none;
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        }
    }
}
