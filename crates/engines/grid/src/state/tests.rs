//! States against a plain search on random networks with loops, phases and random operations.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Instant;
use proptest::prelude::*;

use super::*;
use crate::network::{CustomerClass, EdgeKind, NodeKind, Rows};

#[derive(Debug, Clone)]
struct Plan {
    nodes: u32,
    /// ends, phases (0: not said), closed
    edges: Vec<(u32, u32, u8, bool)>,
    points: Vec<(u32, u8)>,
    sources: Vec<(u32, u8)>,
    ops: Vec<(usize, u8)>,
}

fn plans() -> impl Strategy<Value = Plan> {
    (2_u32..24).prop_flat_map(|nodes| {
        let node = 0..nodes;
        let mask = prop_oneof![4 => Just(7_u8), 3 => 1_u8..8, 1 => Just(0_u8)];
        let edge = (node.clone(), node.clone(), mask.clone(), prop::bool::weighted(0.75));
        // A tree of nodes joined to earlier ones, with some equipment anywhere added to it.
        let tree = prop::collection::vec((any::<u32>(), mask), nodes as usize - 1);
        let more = prop::collection::vec(edge, 0..10);
        let points = prop::collection::vec((node.clone(), 0_u8..8), 0..30);
        let sources = prop::collection::vec((node, 1_u8..8), 1..4);
        let ops = prop::collection::vec(
            (any::<usize>(), prop_oneof![Just(0_u8), Just(7), 0_u8..8]),
            0..30,
        );
        (tree, more, points, sources, ops).prop_map(move |(tree, more, points, sources, ops)| {
            let joined =
                tree.into_iter().zip(1_u32..).map(|((at, mask), n)| (at % n, n, mask, true));
            let edges = joined.chain(more).collect();
            Plan { nodes, edges, points, sources, ops }
        })
    })
}

fn build(plan: &Plan) -> Arc<Network> {
    let mut rows = Rows::default();
    for node in 0..plan.nodes {
        rows.nodes.push(&format!("n{node}"), NodeKind::Medium, NONE);
    }
    for (from, to, phases, closed) in &plan.edges {
        let phases = Phases::from_bits(*phases);
        rows.edges.push("", EdgeKind::Line, (*from, *to), *closed, phases);
    }
    for (node, phases) in &plan.points {
        rows.points.push("", *node, Phases::from_bits(*phases), CustomerClass::Other, false);
    }
    rows.sources = plan.sources.iter().map(|(n, p)| (*n, Phases::from_bits(*p))).collect();
    Arc::new(Network::build(rows).unwrap())
}

/// Which (node, phase) a plain search reaches.
fn reached(net: &Network, closed: &BTreeMap<u32, Phases>) -> BTreeSet<(u32, u8)> {
    let edges = &net.rows().edges;
    let mut found: BTreeSet<(u32, u8)> = BTreeSet::new();
    let mut todo: Vec<(u32, u8)> = Vec::new();
    for (node, phases) in &net.rows().sources {
        todo.extend(phases.each().map(|(_, p)| (*node, p.bits())));
    }
    while let Some((node, phase)) = todo.pop() {
        if !found.insert((node, phase)) {
            continue;
        }
        for edge in 0..edges.from.len() {
            let normal = if edges.closed[edge] { Phases::ABC } else { Phases::NONE };
            let closed = closed.get(&crate::small(edge)).copied().unwrap_or(normal);
            if (edges.phases[edge] & closed).bits() & phase == 0 {
                continue;
            }
            if edges.from[edge] == node {
                todo.push((edges.to[edge], phase));
            }
            if edges.to[edge] == node {
                todo.push((edges.from[edge], phase));
            }
        }
    }
    found
}

/// The phases of each usage point that are without power.
fn dark(net: &Network, reached: &BTreeSet<(u32, u8)>) -> BTreeSet<(u32, u8)> {
    let points = &net.rows().points;
    let mut dark = BTreeSet::new();
    for (point, (node, phases)) in points.node.iter().zip(&points.phases).enumerate() {
        let lacks = phases.each().filter(|(_, p)| !reached.contains(&(*node, p.bits())));
        dark.extend(lacks.map(|(_, p)| (crate::small(point), p.bits())));
    }
    dark
}

/// The (usage point, phase) of an extent that customers use.
fn used(net: &Network, extent: &Extent) -> BTreeSet<(u32, u8)> {
    let of = |slot| {
        let phases = extent.phases_at(slot) & net.phases_at(slot);
        phases.each().map(move |(_, p)| (net.point_at(slot), p.bits()))
    };
    (0..net.points()).flat_map(of).collect()
}

fn check_state(net: &Network, state: &State, closed: &BTreeMap<u32, Phases>) {
    let found = reached(net, closed);
    for node in 0..crate::small(net.rows().nodes.kind.len()) {
        let bits = found.iter().filter(|(n, _)| *n == node).map(|(_, p)| p).sum();
        let plain = Phases::from_bits(bits);
        assert_eq!(state.energised(node), plain & net.presence(node), "node {node}");
        for (_, phase) in state.energised(node).each() {
            check_path(net, state, node, phase);
        }
    }
    let dark = dark(net, &found);
    assert_eq!(used(net, &state.dark()), dark);
    let points: BTreeSet<u32> = dark.iter().map(|(point, _)| *point).collect();
    assert_eq!(state.customers_supplied() as usize, net.points() as usize - points.len());
    for point in 0..net.points() {
        let lacks = dark.iter().filter(|(p, _)| *p == point).count();
        let uses = net.rows().points.phases[point as usize].each().count();
        let plain = match lacks {
            0 => Supply::Full,
            lacks if lacks == uses => Supply::None,
            _ => Supply::Partial,
        };
        assert_eq!(state.supply(point), plain);
    }
}

/// A path leads over conducting equipment from the node to a source.
fn check_path(net: &Network, state: &State, node: u32, phase: Phases) {
    let mut at = node;
    for edge in state.path_to_source(node, phase).unwrap() {
        assert!(state.conducts(edge).covers(phase));
        let ends = [net.rows().edges.from[edge as usize], net.rows().edges.to[edge as usize]];
        assert!(ends.contains(&at));
        at = if ends[0] == at { ends[1] } else { ends[0] };
    }
    assert!(net.rows().sources.iter().any(|(n, p)| *n == at && p.covers(phase)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_switching_agrees_with_a_plain_search(plan in plans()) {
        let net = build(&plan);
        let mut state = State::normal(Arc::clone(&net));
        let mut closed = BTreeMap::new();
        check_state(&net, &state, &closed);
        for (edge, phases) in &plan.ops {
            let edge = crate::small(edge % plan.edges.len());
            let before = dark(&net, &reached(&net, &closed));
            closed.insert(edge, Phases::from_bits(*phases));
            let change = state.set(edge, Phases::from_bits(*phases)).unwrap();
            let after = dark(&net, &reached(&net, &closed));
            prop_assert_eq!(used(&net, &change.lost), &after - &before);
            prop_assert_eq!(used(&net, &change.gained), &before - &after);
            check_state(&net, &state, &closed);
        }
    }

    #[test]
    fn below_is_who_loses_power(plan in plans()) {
        let net = build(&plan);
        let mut state = State::normal(Arc::clone(&net));
        let mut closed = BTreeMap::new();
        for (edge, phases) in plan.ops.iter().take(6) {
            let edge = crate::small(edge % plan.edges.len());
            closed.insert(edge, Phases::from_bits(*phases));
            state.set(edge, Phases::from_bits(*phases)).unwrap();
        }
        let now = dark(&net, &reached(&net, &closed));
        for edge in 0..crate::small(plan.edges.len()) {
            let mut opened = closed.clone();
            opened.insert(edge, Phases::NONE);
            let lost = &dark(&net, &reached(&net, &opened)) - &now;
            let below = state.below(edge).unwrap();
            prop_assert_eq!(used(&net, &below), lost.clone(), "equipment {}", edge);
            let people: BTreeSet<u32> = lost.into_iter().map(|(point, _)| point).collect();
            prop_assert_eq!(below.customers(&net) as usize, people.len());
            prop_assert_eq!(state.customers_below(edge).unwrap() as usize, people.len());
            prop_assert_eq!(below.census(&net).customers as usize, people.len());
            let listed: BTreeSet<u32> = below.points(&net).into_iter().collect();
            prop_assert_eq!(listed, people);
        }
    }

    #[test]
    fn the_past_is_what_it_was(plan in plans(), moments in prop::collection::vec(0_i64..9, 30)) {
        let net = build(&plan);
        let mut log = SwitchLog::default();
        let mut plain: Vec<Switching> = Vec::new();
        for ((edge, phases), at) in plan.ops.iter().zip(moments) {
            let edge = crate::small(edge % plan.edges.len());
            let closed = Phases::from_bits(*phases);
            let entry = Switching { at: Instant::from_micros(at), edge, closed };
            log.note(&net, entry).unwrap();
            plain.push(entry);
        }
        plain.sort_by_key(|entry| entry.at);
        for at in [-1, 3, 8] {
            let at = Instant::from_micros(at);
            let closed: BTreeMap<_, _> =
                plain.iter().filter(|e| e.at <= at).map(|e| (e.edge, e.closed)).collect();
            check_state(&net, &log.as_of(&net, at).unwrap(), &closed);
        }
    }
}

/// Two feeders with a tie: isolate the middle of the first and feed its end from the second.
#[test]
fn isolate_and_restore_leaves_the_middle_dark() {
    let mut rows = Rows::default();
    let node = |rows: &mut Rows, name: &str| rows.nodes.push(name, NodeKind::Medium, NONE);
    let nodes: Vec<u32> =
        ["source", "a1", "a2", "a3", "b1"].iter().map(|name| node(&mut rows, name)).collect();
    let abc = Phases::ABC;
    let mut edge = |name: &str, ends: (usize, usize), closed| {
        let ends = (nodes[ends.0], nodes[ends.1]);
        rows.edges.push(name, EdgeKind::Sectionaliser, ends, closed, abc)
    };
    let breaker = edge("A", (0, 1), true);
    let first = edge("a12", (1, 2), true);
    let second = edge("a23", (2, 3), true);
    let _ = edge("B", (0, 4), true);
    let tie = edge("tie", (3, 4), false);
    for node in &nodes[1..] {
        rows.points.push("", *node, abc, CustomerClass::Residential, false);
    }
    rows.sources.push((nodes[0], abc));
    let net = Arc::new(Network::build(rows).unwrap());
    let mut state = State::normal(Arc::clone(&net));
    assert_eq!(state.customers_below(breaker), Ok(3));
    let mut change = state.open(first).unwrap();
    change = change.then(&state.open(second).unwrap());
    change = change.then(&state.close(tie).unwrap());
    assert_eq!(change.lost.points(&net), [1]);
    assert!(change.gained.is_empty());
    assert_eq!(state.path_to_source(nodes[3], abc), Some(vec![tie, 3]));
    assert_eq!(state.customers_below(tie), Ok(1));
    assert_eq!(state.customers_below(breaker), Ok(1));
    assert_eq!(state.open(99), Err(StateError::NoSuchEdge { edge: 99, edges: 5 }));
}
