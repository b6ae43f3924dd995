//! A network as NumPy arrays in one `.npz` file, for networks of millions of nodes made by programs.
//! `docs/grid.md` says what is in an array. Nodes, equipment and usage points are called by number;
//! a usage point by that of its node.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{ImportError, Imported, Limits};
use crate::{
    Phases,
    network::{CustomerClass, EdgeKind, NONE, Names, NodeKind, Rows},
    small,
};

/// What the numbers of `nk` mean; the last are usage points, which are nodes of their own there.
const NODE_KINDS: &[NodeKind] = &[
    NodeKind::Source,
    NodeKind::Busbar,
    NodeKind::Medium,
    NodeKind::LowBusbar,
    NodeKind::Low,
    NodeKind::Low,
];
const USAGE_POINT: u8 = 5;

/// What the numbers of `ek` mean.
const EDGE_KINDS: &[EdgeKind] = &[
    EdgeKind::Line,
    EdgeKind::SubstationTransformer,
    EdgeKind::Breaker,
    EdgeKind::Sectionaliser,
    EdgeKind::Fuse,
    EdgeKind::Cutout,
    EdgeKind::Transformer,
    EdgeKind::LowLine,
    EdgeKind::Service,
    EdgeKind::Tie,
    EdgeKind::BusTie,
];

/// Reads the file.
///
/// # Errors
/// [`ImportError`] when an array is missing, damaged or of another length than its table.
pub fn read(file: &str, bytes: &[u8], limits: Limits) -> Result<Imported, ImportError> {
    let refuse = |code, reason: String| ImportError::refuse(file, 0, code, reason);
    let mut zip = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| refuse("npz.damaged", format!("this is no npz file: {error}")))?;
    let mut array = |name: &str| {
        Array::read(&mut zip, name, limits).map_err(|(code, reason)| refuse(code, reason))
    };
    let (nk, ek) = (array("nk")?.bytes, array("ek")?.bytes);
    let mut rows = Rows::default();
    let nodes = nk.len();
    rows.nodes.kind = kinds(&nk, NODE_KINDS, "nk").map_err(|(c, r)| refuse(c, r))?;
    rows.nodes.names = Names::Numbered(small(nodes));
    rows.edges.kind = kinds(&ek, EDGE_KINDS, "ek").map_err(|(c, r)| refuse(c, r))?;
    rows.edges.names = Names::Numbered(small(ek.len()));
    rows.edges.from = array("ea")?.numbers();
    rows.edges.to = array("eb")?.numbers();
    rows.edges.closed = array("ec")?.bytes.into_iter().map(|closed| closed != 0).collect();
    let phases = |bytes: Vec<u8>| bytes.into_iter().map(Phases::from_bits).collect::<Vec<_>>();
    rows.edges.phases = phases(array("eph")?.bytes);
    rows.nodes.feeder = array("nfdr")?.numbers();
    let (node_phases, node_substation) = (phases(array("nph")?.bytes), array("nsub")?.numbers());
    if node_phases.len() != nodes || node_substation.len() != nodes {
        return Err(refuse("npz.length", "the arrays of nodes differ in length".to_owned()));
    }
    feeders(&mut rows, &node_substation);
    let labels: Vec<u32> =
        (0..small(nodes)).filter(|node| nk[*node as usize] == USAGE_POINT).collect();
    rows.points.phases = labels.iter().map(|node| node_phases[*node as usize]).collect();
    rows.points.class = vec![CustomerClass::Other; labels.len()];
    rows.points.important = vec![false; labels.len()];
    rows.points.node.clone_from(&labels);
    rows.points.names = Names::Labels(labels);
    rows.sources = array("src")?.numbers().into_iter().map(|node| (node, Phases::ABC)).collect();
    let customers = u64::try_from(rows.points.node.len()).unwrap_or(u64::MAX);
    Ok(Imported { rows, customers, ..Imported::default() })
}

type ArrayFault = (&'static str, String);

fn kinds<T: Copy>(numbers: &[u8], known: &[T], array: &str) -> Result<Vec<T>, ArrayFault> {
    let kind = |number: &u8| known.get(usize::from(*number)).copied();
    numbers.iter().map(kind).collect::<Option<Vec<T>>>().ok_or_else(|| {
        ("npz.kind", format!("{array} holds a number above {}, which means nothing", known.len()))
    })
}

/// Feeders and substations are numbers; a feeder belongs to the substation of its first node.
fn feeders(rows: &mut Rows, node_substation: &[u32]) {
    let most = |column: &[u32]| {
        column.iter().filter(|number| **number != NONE).max().map_or(0, |most| most + 1)
    };
    let feeders = most(&rows.nodes.feeder).min(small(node_substation.len()));
    rows.feeders = Names::Numbered(feeders);
    rows.substations = Names::Numbered(most(node_substation).min(small(node_substation.len())));
    rows.feeder_substation = vec![NONE; feeders as usize];
    for (feeder, substation) in rows.nodes.feeder.iter().zip(node_substation) {
        if let Some(known) = rows.feeder_substation.get_mut(*feeder as usize)
            && *known == NONE
        {
            *known = *substation;
        }
    }
}

/// A one-dimensional array of whole numbers.
struct Array {
    /// How many bytes a number has.
    width: usize,
    bytes: Vec<u8>,
}

impl Array {
    fn read(
        zip: &mut ZipArchive<Cursor<&[u8]>>,
        name: &str,
        limits: Limits,
    ) -> Result<Self, ArrayFault> {
        let damaged = |why: &dyn std::fmt::Display| {
            ("npz.damaged", format!("the array {name} cannot be read: {why}"))
        };
        let mut entry = zip.by_name(&format!("{name}.npy")).map_err(|error| damaged(&error))?;
        if entry.size() > limits.bytes {
            return Err(("limit.bytes", format!("{name} has more than {} bytes", limits.bytes)));
        }
        let mut header = [0; 10];
        entry.read_exact(&mut header).map_err(|error| damaged(&error))?;
        let [b'\x93', b'N', b'U', b'M', b'P', b'Y', 1, _, low, high] = header else {
            return Err(damaged(&"it does not begin like an array of version 1"));
        };
        let mut words = vec![0; usize::from(u16::from_le_bytes([low, high]))];
        entry.read_exact(&mut words).map_err(|error| damaged(&error))?;
        let words = String::from_utf8_lossy(&words);
        let width = width(&words).map_err(|why| damaged(&why))?;
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size()).unwrap_or(0));
        // What a directory claims is not believed: the stream itself is bounded.
        let most = limits.bytes;
        entry.take(most).read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
        Ok(Self { width, bytes })
    }

    /// The numbers as row numbers; a negative one is [`NONE`].
    fn numbers(self) -> Vec<u32> {
        let row = |value: i64| u32::try_from(value).unwrap_or(NONE);
        match self.width {
            1 => self.bytes.into_iter().map(u32::from).collect(),
            4 => {
                let (fours, _) = self.bytes.as_chunks::<4>();
                fours.iter().map(|four| row(i32::from_le_bytes(*four).into())).collect()
            }
            _ => {
                let (eights, _) = self.bytes.as_chunks::<8>();
                eights.iter().map(|eight| row(i64::from_le_bytes(*eight))).collect()
            }
        }
    }
}

/// The bytes per number that a header states.
fn width(header: &str) -> Result<usize, &'static str> {
    let kind = header.split("'descr': '").nth(1).and_then(|rest| rest.split('\'').next());
    let width = match kind {
        Some("|u1" | "|b1" | "|i1") => 1,
        Some("<i4" | "<u4") => 4,
        Some("<i8" | "<u8") => 8,
        _ => return Err("its numbers are not whole numbers of 1, 4 or 8 bytes"),
    };
    if header.contains("'fortran_order': True") {
        return Err("it is stored by columns");
    }
    Ok(width)
}
