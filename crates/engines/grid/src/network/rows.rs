//! A network as it comes in: columns of nodes, equipment, usage points and sources.

use kernel::{Fault, FaultKind};

use super::{CustomerClass, EdgeKind, Names, NodeKind};
use crate::Phases;

/// No row: the number that stands where a reference is absent.
pub const NONE: u32 = u32::MAX;

/// The rows of a network. Columns of one table have the same length.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Connectivity nodes.
    pub nodes: NodeRows,
    /// Equipment between two nodes.
    pub edges: EdgeRows,
    /// Usage points at nodes.
    pub points: PointRows,
    /// Nodes where energy comes in, with the phases that come.
    pub sources: Vec<(u32, Phases)>,
    /// Names of feeders.
    pub feeders: Names,
    /// Names of substations.
    pub substations: Names,
    /// The substation of each feeder, or [`NONE`].
    pub feeder_substation: Vec<u32>,
}

/// Connectivity nodes.
#[derive(Debug, Clone, Default)]
pub struct NodeRows {
    /// What each is.
    pub kind: Vec<NodeKind>,
    /// The feeder that each belongs to by design, or [`NONE`].
    pub feeder: Vec<u32>,
    /// East and north, in the unit of the source; empty when no place is known.
    pub place: Vec<[f64; 2]>,
    /// Names.
    pub names: Names,
}

/// Equipment between two nodes.
#[derive(Debug, Clone, Default)]
pub struct EdgeRows {
    /// One end.
    pub from: Vec<u32>,
    /// The other end.
    pub to: Vec<u32>,
    /// What each is.
    pub kind: Vec<EdgeKind>,
    /// Whether it conducts in the normal state.
    pub closed: Vec<bool>,
    /// Its conductors; empty: those of whatever feeds it.
    pub phases: Vec<Phases>,
    /// Names.
    pub names: Names,
}

/// Usage points.
#[derive(Debug, Clone, Default)]
pub struct PointRows {
    /// The node where each is connected.
    pub node: Vec<u32>,
    /// The phases that it uses; empty: those of its node.
    pub phases: Vec<Phases>,
    /// What it uses power for.
    pub class: Vec<CustomerClass>,
    /// Whether it is an important customer.
    pub important: Vec<bool>,
    /// Names.
    pub names: Names,
}

impl NodeRows {
    /// Appends a node and returns its number.
    pub fn push(&mut self, name: &str, kind: NodeKind, feeder: u32) -> u32 {
        let number = crate::small(self.kind.len());
        self.kind.push(kind);
        self.feeder.push(feeder);
        self.names.push(name);
        number
    }
}

impl EdgeRows {
    /// Appends equipment and returns its number.
    pub fn push(
        &mut self,
        name: &str,
        kind: EdgeKind,
        ends: (u32, u32),
        closed: bool,
        phases: Phases,
    ) -> u32 {
        let number = crate::small(self.kind.len());
        self.from.push(ends.0);
        self.to.push(ends.1);
        self.kind.push(kind);
        self.closed.push(closed);
        self.phases.push(phases);
        self.names.push(name);
        number
    }
}

impl PointRows {
    /// Appends a usage point and returns its number.
    pub fn push(
        &mut self,
        name: &str,
        node: u32,
        phases: Phases,
        class: CustomerClass,
        important: bool,
    ) -> u32 {
        let number = crate::small(self.node.len());
        self.node.push(node);
        self.phases.push(phases);
        self.class.push(class);
        self.important.push(important);
        self.names.push(name);
        number
    }
}

/// Why rows are no network.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// Columns of one table differ in length.
    #[error("the columns of {0} differ in length")]
    Uneven(&'static str),
    /// More rows than can be numbered.
    #[error("{table} has {rows} rows; at most {limit} can be numbered")]
    TooMany {
        /// The table.
        table: &'static str,
        /// How many rows it has.
        rows: usize,
        /// How many it may have.
        limit: u32,
    },
    /// A row refers to a node that is not there.
    #[error("row {row} of {table} refers to node {node}; there are {nodes} nodes")]
    NoSuchNode {
        /// The table.
        table: &'static str,
        /// The row, from 0.
        row: usize,
        /// The node.
        node: u32,
        /// How many nodes there are.
        nodes: usize,
    },
}

impl Fault for RowsError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::TooMany { .. } => FaultKind::Limit,
            _ => FaultKind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Uneven(_) => "grid.uneven_columns",
            Self::TooMany { .. } => "limit.rows",
            Self::NoSuchNode { .. } => "grid.no_such_node",
        }
    }
}

/// The most rows of a table: numbers above are kept for [`NONE`] and for sums.
const MOST_ROWS: u32 = 1 << 30;

impl Rows {
    /// Whether the columns fit together and every reference meets a row.
    pub(crate) fn check(&self) -> Result<(), RowsError> {
        let (n, e, p) = (&self.nodes, &self.edges, &self.points);
        let places = n.place.is_empty() || n.place.len() == n.kind.len();
        if !places || n.feeder.len() != n.kind.len() || n.names.len() != n.kind.len() {
            return Err(RowsError::Uneven("nodes"));
        }
        let lengths = [e.to.len(), e.kind.len(), e.closed.len(), e.phases.len(), e.names.len()];
        if lengths.iter().any(|length| *length != e.from.len()) {
            return Err(RowsError::Uneven("edges"));
        }
        let lengths = [p.phases.len(), p.class.len(), p.important.len(), p.names.len()];
        if lengths.iter().any(|length| *length != p.node.len()) {
            return Err(RowsError::Uneven("usage points"));
        }
        let sizes = [("nodes", n.kind.len()), ("edges", e.from.len()), ("points", p.node.len())];
        for (table, rows) in sizes {
            if rows > MOST_ROWS as usize {
                return Err(RowsError::TooMany { table, rows, limit: MOST_ROWS });
            }
        }
        let nodes = n.kind.len();
        let meets = |table, column: &mut dyn Iterator<Item = u32>| match column
            .enumerate()
            .find(|(_, node)| *node as usize >= nodes)
        {
            Some((row, node)) => Err(RowsError::NoSuchNode { table, row, node, nodes }),
            None => Ok(()),
        };
        // Plain maxima first: they run over millions of rows in no time.
        let most = |column: &[u32]| column.iter().copied().max().unwrap_or(0) as usize;
        if most(&e.from).max(most(&e.to)) >= nodes && !e.from.is_empty() {
            meets("edges", &mut e.from.iter().copied())?;
            meets("edges", &mut e.to.iter().copied())?;
        }
        if most(&p.node) >= nodes && !p.node.is_empty() {
            meets("usage points", &mut p.node.iter().copied())?;
        }
        meets("sources", &mut self.sources.iter().map(|(node, _)| *node))
    }
}
