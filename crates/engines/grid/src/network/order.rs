//! The depth-first numbering of a network in its normal state.
//!
//! Every node gets a *position*; what hangs below a node follows it, so a subtree is a range of
//! positions and the first child of a node stands right behind it. Closed equipment that the search
//! did not walk joins a node to one of its own ancestors: it closes a loop.

use super::rows::{NONE, Rows};
use crate::small;

/// A position in the tree. What a question needs lies together, as it is asked for together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    /// The position above, or [`NONE`] at a root.
    pub(crate) parent: u32,
    /// The equipment towards the position above, or [`NONE`] at a root.
    pub(crate) up_edge: u32,
    /// Where the subtree ends.
    pub(crate) end: u32,
    /// The first slot here or behind.
    pub(crate) slot: u32,
}

/// Positions of nodes, and the tree that they were found by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    /// By position, and one more for the end.
    pub(crate) at: Vec<At>,
    /// The node at each position.
    pub(crate) node_at: Vec<u32>,
    /// The position of each node.
    pub(crate) pos_of: Vec<u32>,
    /// The position below each piece of equipment, or [`NONE`] when it is no part of the tree.
    pub(crate) child: Vec<u32>,
    /// Positions without a parent.
    pub(crate) roots: Vec<u32>,
}

/// Closed equipment by node: compressed sparse rows of (neighbour, equipment).
struct Adjacency {
    start: Vec<u32>,
    to: Vec<[u32; 2]>,
}

impl Adjacency {
    fn of(rows: &Rows) -> Self {
        let edges = &rows.edges;
        let walked = || {
            let ends = edges.from.iter().zip(&edges.to);
            ends.zip(&edges.closed).zip(0_u32..).filter_map(|(((from, to), closed), edge)| {
                (*closed && from != to).then_some((*from, *to, edge))
            })
        };
        let mut start = vec![0_u32; rows.nodes.kind.len() + 2];
        for (from, to, _) in walked() {
            start[from as usize + 2] += 1;
            start[to as usize + 2] += 1;
        }
        let mut sum = 0;
        for count in &mut start {
            sum += *count;
            *count = sum;
        }
        let mut to = vec![[0; 2]; sum as usize];
        for (a, b, edge) in walked() {
            for (here, there) in [(a, b), (b, a)] {
                let next = &mut start[here as usize + 1];
                to[*next as usize] = [there, edge];
                *next += 1;
            }
        }
        Self { start, to }
    }
}

impl Order {
    /// Numbers from the sources on, then whatever they do not reach, in the order of the rows.
    pub(crate) fn of(rows: &Rows) -> Self {
        let nodes = rows.nodes.kind.len();
        let adjacency = Adjacency::of(rows);
        let mut order = Self {
            at: Vec::with_capacity(nodes + 1),
            node_at: Vec::with_capacity(nodes),
            pos_of: vec![NONE; nodes],
            child: vec![NONE; rows.edges.from.len()],
            roots: Vec::new(),
        };
        let sources = rows.sources.iter().map(|(node, _)| *node);
        for root in sources.chain(0..small(nodes)) {
            if order.pos_of[root as usize] == NONE {
                let at = order.enter(root, NONE, NONE);
                order.roots.push(at);
                order.walk(at, &adjacency);
            }
        }
        order.at.push(At { parent: NONE, up_edge: NONE, end: small(nodes), slot: 0 });
        order
    }

    fn enter(&mut self, node: u32, parent: u32, edge: u32) -> u32 {
        let at = small(self.node_at.len());
        self.node_at.push(node);
        self.pos_of[node as usize] = at;
        self.at.push(At { parent, up_edge: edge, end: at + 1, slot: 0 });
        at
    }

    fn walk(&mut self, root: u32, adjacency: &Adjacency) {
        let rows_of =
            |node: u32| (adjacency.start[node as usize], adjacency.start[node as usize + 1]);
        let (from, to) = rows_of(self.node_at[root as usize]);
        let mut stack = vec![(root, from, to)];
        while let Some((at, next, last)) = stack.last_mut() {
            if next == last {
                let at = *at as usize;
                self.at[at].end = small(self.node_at.len());
                stack.pop();
                continue;
            }
            let [node, edge] = adjacency.to[*next as usize];
            *next += 1;
            if self.pos_of[node as usize] != NONE {
                continue;
            }
            let above = *at;
            let below = self.enter(node, above, edge);
            self.child[edge as usize] = below;
            let (from, to) = rows_of(node);
            // A node with one neighbour has been seen in full.
            if to - from > 1 {
                stack.push((below, from, to));
            }
        }
    }
}
