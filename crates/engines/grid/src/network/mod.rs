//! The network as a value that does not change: rows, their depth-first numbering in the normal
//! state, usage points in that order, and sums over them. What is switched stands in
//! [`crate::state`]; how files become rows, in [`crate::import`].
//!
//! Usage points in the order of the numbering have *slots*: the customers below a piece of equipment
//! of a radial network are one range of slots.

mod kind;
mod names;
mod order;
mod rank;
mod rows;

use std::ops::Range;

pub use kind::{CustomerClass, EdgeKind, NodeKind};
pub use names::{Index, Names};
pub(crate) use order::Order;
pub(crate) use rank::Rank;
pub use rows::{EdgeRows, NONE, NodeRows, PointRows, Rows, RowsError};

use crate::{Phases, small};

/// Customers of an extent, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Census {
    /// Usage points.
    pub customers: u32,
    /// Those of important customers.
    pub important: u32,
    /// By class, in the order of [`CustomerClass::ALL`].
    pub by_class: [u32; 5],
}

/// A distribution network in its normal state.
#[derive(Debug, Clone)]
pub struct Network {
    rows: Rows,
    pub(crate) order: Order,
    /// By node: the phases of any equipment, usage point or source there.
    presence: Vec<Phases>,
    /// Positions whose way up lacks a phase that is present there: the numbering holds, but phase
    /// by phase the part below is fed differently.
    pub(crate) breaks: Vec<u32>,
    /// Ends of equipment outside the tree, by position: (position, equipment).
    pub(crate) chord_ends: Vec<(u32, u32)>,
    /// By position: whether a loop that is normally closed passes the equipment above, so that
    /// opening it alone interrupts nobody. Empty when there is no such loop.
    looped: Vec<bool>,
    /// Source positions with their phases, by position.
    pub(crate) sources: Vec<(u32, Phases)>,
    point_at: Vec<u32>,
    slot_of: Vec<u32>,
    /// The first slot behind each distribution transformer of the tree, sorted.
    transformers: Vec<u32>,
    /// How much equipment of each kind there is, by the number of the kind.
    kinds: Vec<u32>,
    phase_rank: Rank<8>,
    class_rank: Rank<16>,
}

impl Network {
    /// Numbers the rows.
    ///
    /// # Errors
    /// [`RowsError`] when columns do not fit together or a row refers to a node that is not there.
    pub fn build(mut rows: Rows) -> Result<Self, RowsError> {
        rows.check()?;
        let mut order = Order::of(&rows);
        resolve_edges(&mut rows, &order);
        let mut presence = edge_presence(&rows);
        resolve_points(&mut rows, &mut presence);
        for (node, phases) in &rows.sources {
            let at = &mut presence[*node as usize];
            *at = *at | phases.live();
        }
        let mut sources: Vec<_> =
            rows.sources.iter().map(|(n, p)| (order.pos_of[*n as usize], p.live())).collect();
        sources.sort_unstable();
        let chord_ends = chord_ends(&rows, &order);
        let breaks = breaks(&rows, &order, &presence);
        let looped = looped(&rows, &order, &chord_ends, &sources);
        let (point_at, slot_of) = slots(&rows, &mut order);
        let phase_codes = point_at.iter().map(|p| rows.points.phases[*p as usize].bits() & 7);
        let phase_rank = Rank::new(phase_codes.collect());
        let class_codes = point_at.iter().map(|p| {
            let important = u8::from(rows.points.important[*p as usize]);
            rows.points.class[*p as usize] as u8 | important << 3
        });
        let class_rank = Rank::new(class_codes.collect());
        let transformers = transformers(&rows, &order);
        let mut kinds = vec![0; EdgeKind::ALL.len()];
        for kind in &rows.edges.kind {
            kinds[*kind as usize] += 1;
        }
        Ok(Self {
            rows,
            order,
            presence,
            breaks,
            chord_ends,
            looped,
            sources,
            point_at,
            slot_of,
            transformers,
            kinds,
            phase_rank,
            class_rank,
        })
    }

    /// The rows, with phases that were not said filled in.
    #[must_use]
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// How many usage points there are.
    #[must_use]
    pub fn points(&self) -> u32 {
        small(self.point_at.len())
    }

    /// The usage point of a slot.
    #[must_use]
    pub fn point_at(&self, slot: u32) -> u32 {
        self.point_at[slot as usize]
    }

    /// The usage points of a range of slots, in order.
    #[must_use]
    pub fn points_at(&self, slots: Range<u32>) -> &[u32] {
        &self.point_at[slots.start as usize..slots.end as usize]
    }

    /// The slot of a usage point.
    #[must_use]
    pub fn slot_of(&self, point: u32) -> u32 {
        self.slot_of[point as usize]
    }

    /// The position of a node in the numbering.
    #[must_use]
    pub fn position_of(&self, node: u32) -> u32 {
        self.order.pos_of[node as usize]
    }

    /// The node at a position of the numbering.
    #[must_use]
    pub fn node_at(&self, position: u32) -> u32 {
        self.order.node_at[position as usize]
    }

    /// The positions below a piece of equipment in the normal tree, the first being its lower end;
    /// empty for equipment that is no part of the tree: ties and what closes a loop.
    #[must_use]
    pub fn positions_below(&self, edge: u32) -> Range<u32> {
        match self.order.child[edge as usize] {
            NONE => 0..0,
            top => top..self.order.at[top as usize].end,
        }
    }

    /// The slots below a piece of equipment in the normal tree.
    #[must_use]
    pub fn slots_below(&self, edge: u32) -> Range<u32> {
        self.slots_within(self.positions_below(edge))
    }

    /// The equipment between a node and the sources in the normal tree, nearest first.
    pub fn path_up(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        let mut at = self.order.pos_of[node as usize];
        std::iter::from_fn(move || {
            let edge = self.order.at[at as usize].up_edge;
            (edge != NONE).then(|| {
                at = self.order.at[at as usize].parent;
                edge
            })
        })
    }

    /// The phases that are present at a node: those of any equipment, usage point or source there.
    #[must_use]
    pub fn presence(&self, node: u32) -> Phases {
        self.presence[node as usize]
    }

    /// How much equipment of a kind there is.
    #[must_use]
    pub fn count_of(&self, kind: EdgeKind) -> u32 {
        self.kinds[kind as usize]
    }

    /// How many distribution transformers feed the customers of a range of slots.
    pub(crate) fn transformers_within(&self, slots: Range<u32>) -> u32 {
        let before = |slot| self.transformers.partition_point(|first| *first < slot);
        small(before(slots.end) - before(slots.start))
    }

    /// How many customers of each set of phases, by its bits, lie in a range of slots.
    pub(crate) fn by_phases(&self, slots: Range<u32>) -> [u32; 8] {
        self.phase_rank.count(slots)
    }

    /// The phases that the customer of a slot uses.
    #[must_use]
    pub fn phases_at(&self, slot: u32) -> Phases {
        Phases::from_bits(self.phase_rank.code(slot))
    }

    /// Counts the customers of a range of slots who use one of these phases.
    #[must_use]
    pub fn census(&self, slots: Range<u32>, phases: Phases) -> Census {
        let mut counts = [0; 16];
        if phases.covers(Phases::ABC) {
            counts = self.class_rank.count(slots);
        } else {
            for slot in slots.filter(|slot| self.phases_at(*slot).meets(phases)) {
                counts[usize::from(self.class_rank.code(slot))] += 1;
            }
        }
        let mut census = Census::default();
        for (code, count) in counts.into_iter().enumerate() {
            census.customers += count;
            census.important += if code >= 8 { count } else { 0 };
            if let Some(class) = census.by_class.get_mut(code % 8) {
                *class += count;
            }
        }
        census
    }

    pub(crate) fn slots_within(&self, positions: Range<u32>) -> Range<u32> {
        let at = &self.order.at;
        at[positions.start as usize].slot..at[positions.end as usize].slot
    }

    /// Whether opening the tree's equipment above a position is bridged by a loop.
    pub(crate) fn is_looped(&self, position: u32) -> bool {
        self.looped.get(position as usize).copied().unwrap_or(false)
    }

    /// What must be conducted to a position, so that it is fed like its parent on all its phases.
    pub(crate) fn need(&self, position: u32) -> Phases {
        self.presence[self.order.node_at[position as usize] as usize].live()
    }

    /// The positions of both ends.
    pub(crate) fn ends(&self, edge: u32) -> [u32; 2] {
        let edges = &self.rows.edges;
        let at = |node: u32| self.order.pos_of[node as usize];
        [at(edges.from[edge as usize]), at(edges.to[edge as usize])]
    }

    /// Equipment outside the tree with an end in these positions.
    pub(crate) fn chords_within(&self, positions: Range<u32>) -> impl Iterator<Item = (u32, u32)> {
        let from = self.chord_ends.partition_point(|(at, _)| *at < positions.start);
        self.chord_ends[from..].iter().copied().take_while(move |(at, _)| *at < positions.end)
    }
}

/// Fills in phases that were not said: those of the equipment above, and for equipment outside
/// the tree those that both its ends have.
fn resolve_edges(rows: &mut Rows, order: &Order) {
    let phases = &mut rows.edges.phases;
    if !phases.iter().any(|set| set.live().is_empty()) {
        return;
    }
    // By position: what arrives there through the tree.
    let mut arrives = vec![Phases::ABC; order.node_at.len()];
    for at in 0..arrives.len() {
        let edge = order.at[at].up_edge;
        if edge == NONE {
            continue;
        }
        let above = arrives[order.at[at].parent as usize];
        let own = &mut phases[edge as usize];
        if own.live().is_empty() {
            *own = *own | above;
        }
        let through = own.live() & above;
        arrives[at] = if through.is_empty() { own.live() } else { through };
    }
    for (edge, own) in phases.iter_mut().enumerate().filter(|(_, own)| own.live().is_empty()) {
        let at = |node: u32| arrives[order.pos_of[node as usize] as usize];
        let shared = at(rows.edges.from[edge]) & at(rows.edges.to[edge]);
        *own = *own | if shared.is_empty() { Phases::ABC } else { shared };
    }
}

fn edge_presence(rows: &Rows) -> Vec<Phases> {
    let mut presence = vec![Phases::NONE; rows.nodes.kind.len()];
    let ends = rows.edges.from.iter().zip(&rows.edges.to);
    for ((from, to), phases) in ends.zip(&rows.edges.phases) {
        for end in [from, to] {
            let at = &mut presence[*end as usize];
            *at = *at | phases.live();
        }
    }
    presence
}

/// Fills in the phases of usage points that were not said, and notes all of them at their nodes.
fn resolve_points(rows: &mut Rows, presence: &mut [Phases]) {
    for (node, phases) in rows.points.node.iter().zip(&mut rows.points.phases) {
        let at = &mut presence[*node as usize];
        if phases.live().is_empty() {
            *phases = if at.is_empty() { Phases::ABC } else { *at };
        }
        *at = *at | phases.live();
    }
}

fn chord_ends(rows: &Rows, order: &Order) -> Vec<(u32, u32)> {
    let mut ends = Vec::new();
    for (edge, _) in order.child.iter().enumerate().filter(|(_, child)| **child == NONE) {
        for node in [rows.edges.from[edge], rows.edges.to[edge]] {
            ends.push((order.pos_of[node as usize], small(edge)));
        }
    }
    ends.sort_unstable();
    ends
}

fn breaks(rows: &Rows, order: &Order, presence: &[Phases]) -> Vec<u32> {
    let above = order.at.iter().map(|at| at.up_edge).zip(&order.node_at).zip(0_u32..);
    above
        .filter(|((edge, node), _)| {
            *edge != NONE
                && !rows.edges.phases[*edge as usize].covers(presence[**node as usize].live())
        })
        .map(|(_, position)| position)
        .collect()
}

/// Which equipment of the tree lies on a loop: a closed chord joins a position to one above it,
/// and passes everything between them. A second source counts as a chord to above the root.
fn looped(
    rows: &Rows,
    order: &Order,
    chord_ends: &[(u32, u32)],
    sources: &[(u32, Phases)],
) -> Vec<bool> {
    let mut cover = Vec::new();
    let nodes = order.node_at.len();
    let mut pass = |low: u32, high: u32| {
        cover.resize(nodes, 0_i64);
        cover[low as usize] += 1;
        if high != NONE {
            cover[high as usize] -= 1;
        }
    };
    for (at, edge) in chord_ends.iter().filter(|(_, edge)| rows.edges.closed[*edge as usize]) {
        let ends = [rows.edges.from[*edge as usize], rows.edges.to[*edge as usize]];
        let [a, b] = ends.map(|node| order.pos_of[node as usize]);
        if *at == a.max(b) && a != b {
            pass(a.max(b), a.min(b));
        }
    }
    for (at, _) in sources.iter().filter(|(at, _)| order.at[*at as usize].parent != NONE) {
        pass(*at, NONE);
    }
    for at in (0..cover.len()).rev() {
        let above = order.at[at].parent;
        if above != NONE {
            cover[above as usize] += cover[at];
        }
    }
    cover.into_iter().map(|count| count > 0).collect()
}

fn transformers(rows: &Rows, order: &Order) -> Vec<u32> {
    let below = rows.edges.kind.iter().zip(&order.child);
    let below = below.filter(|(kind, top)| **kind == EdgeKind::Transformer && **top != NONE);
    let mut first: Vec<u32> = below.map(|(_, top)| order.at[*top as usize].slot).collect();
    first.sort_unstable();
    first
}

/// Usage points in the order of the numbering: the usage point of each slot, and the slot of each
/// usage point; positions learn their first slots.
fn slots(rows: &Rows, order: &mut Order) -> (Vec<u32>, Vec<u32>) {
    let points = &rows.points.node;
    // Counted one position further on, so that the sums are where each position begins.
    for node in points {
        order.at[order.pos_of[*node as usize] as usize + 1].slot += 1;
    }
    let mut sum = 0;
    for at in &mut order.at {
        sum += at.slot;
        at.slot = sum;
    }
    let (mut point_at, mut slot_of) = (vec![NONE; points.len()], vec![0; points.len()]);
    for ((point, node), own) in (0_u32..).zip(points).zip(&mut slot_of) {
        let mut slot = order.at[order.pos_of[*node as usize] as usize].slot;
        // Usage points of one node follow each other; mostly there is one.
        while point_at[slot as usize] != NONE {
            slot += 1;
        }
        point_at[slot as usize] = point;
        *own = slot;
    }
    (point_at, slot_of)
}
