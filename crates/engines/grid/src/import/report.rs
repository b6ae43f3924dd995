//! What is wrong with a network, with names: parts without a source, loops, usage points that
//! nothing feeds, references that lead nowhere.

use std::sync::Arc;

use serde::Serialize;

use super::Problems;
use crate::{Network, Phases, network::NONE, small, state::State};

/// How many of a kind are named; all are counted.
const NAMED: usize = 100;

/// Things of a kind: all counted, the first ones named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examples<T> {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<T>,
}

impl<T> Default for Examples<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T> Examples<T> {
    fn push(&mut self, make: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(make());
        }
    }
}

/// A part that is joined to no source in the normal state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Island {
    /// How many nodes it has.
    pub nodes: u32,
    /// How many usage points it has.
    pub usage_points: u32,
    /// The name of its first node.
    pub at: String,
    /// Open equipment that leads out of it, if there is any: closing it may feed the part.
    pub open_tie: Option<String>,
}

/// A loop that is closed in the normal state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loop {
    /// The equipment that closes it, seen from the source.
    pub closed_by: String,
    /// The node at one end.
    pub from: String,
    /// The node at the other end; the same when the equipment leads nowhere.
    pub to: String,
}

/// A usage point that lacks a phase in the normal state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfed {
    /// Its name.
    pub usage_point: String,
    /// Its node.
    pub node: String,
    /// The phases that it uses and that are not fed.
    pub lacks: Phases,
}

/// The validation report of a network.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Nodes.
    pub nodes: u32,
    /// Equipment between nodes.
    pub edges: u32,
    /// Usage points.
    pub usage_points: u32,
    /// Customers that the usage points stand for.
    pub customers: u64,
    /// Nodes where energy comes in.
    pub sources: u32,
    /// Equipment that is open in the normal state.
    pub normally_open: u32,
    /// Nodes with some phase energised in the normal state.
    pub nodes_reached: u32,
    /// Usage points with all their phases energised in the normal state.
    pub usage_points_reached: u32,
    /// Parts without a source.
    pub islands: Examples<Island>,
    /// Closed loops: meshed secondaries, parallel transformers, forgotten open points.
    pub loops: Examples<Loop>,
    /// Usage points that lack a phase.
    pub unfed: Examples<Unfed>,
    /// Rows and references that could not be used: unknown connections among them.
    pub problems: Problems,
}

impl Report {
    /// Whether there is nothing to look at. Loops may be meant.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.islands.count == 0 && self.unfed.count == 0 && self.problems.count == 0
    }
}

/// Checks a network; hands it back with its report.
#[must_use]
pub fn report(network: Network, problems: Problems) -> (Network, Report) {
    let network = Arc::new(network);
    let state = State::normal(Arc::clone(&network));
    let rows = network.rows();
    let mut report = Report {
        nodes: small(rows.nodes.kind.len()),
        edges: small(rows.edges.from.len()),
        usage_points: network.points(),
        customers: network.points().into(),
        sources: small(rows.sources.len()),
        normally_open: small(rows.edges.closed.iter().filter(|closed| !**closed).count()),
        nodes_reached: 0,
        usage_points_reached: state.customers_supplied(),
        islands: islands(&network),
        loops: loops(&network),
        unfed: unfed(&network, &state),
        problems,
    };
    let dead_alone = |node: &u32| state.energised(*node).is_empty();
    let nodes = 0..report.nodes;
    report.nodes_reached = report.nodes - small(nodes.filter(dead_alone).count());
    drop(state);
    // The state above was the only other owner.
    (Arc::unwrap_or_clone(network), report)
}

fn islands(network: &Network) -> Examples<Island> {
    let mut islands = Examples::default();
    let rows = network.rows();
    for top in &network.order.roots {
        let inside = *top..network.order.at[*top as usize].end;
        if network.sources.iter().any(|(at, _)| inside.contains(at)) {
            continue;
        }
        islands.push(|| {
            let ties = network.chords_within(inside.clone()).map(|(_, edge)| edge);
            let mut out = ties.filter(|edge| {
                let open = !rows.edges.closed[*edge as usize];
                open && network.ends(*edge).iter().any(|end| !inside.contains(end))
            });
            let slots = network.slots_within(inside.clone());
            Island {
                nodes: inside.end - inside.start,
                usage_points: slots.end - slots.start,
                at: rows.nodes.names.get(network.node_at(*top)).into_owned(),
                open_tie: out.next().map(|edge| rows.edges.names.get(edge).into_owned()),
            }
        });
    }
    islands
}

fn loops(network: &Network) -> Examples<Loop> {
    let mut loops = Examples::default();
    let edges = &network.rows().edges;
    let name = |node: u32| network.rows().nodes.names.get(node).into_owned();
    for (edge, child) in (0_u32..).zip(&network.order.child) {
        if *child == NONE && edges.closed[edge as usize] {
            loops.push(|| Loop {
                closed_by: edges.names.get(edge).into_owned(),
                from: name(edges.from[edge as usize]),
                to: name(edges.to[edge as usize]),
            });
        }
    }
    loops
}

fn unfed(network: &Network, state: &State) -> Examples<Unfed> {
    let mut unfed = Examples::default();
    let dark = state.dark();
    let rows = network.rows();
    for slot in dark.slots(network) {
        let point = network.point_at(slot);
        unfed.push(|| Unfed {
            usage_point: rows.points.names.get(point).into_owned(),
            node: rows.nodes.names.get(rows.points.node[point as usize]).into_owned(),
            lacks: dark.phases_at(slot) & network.phases_at(slot),
        });
    }
    unfed
}
