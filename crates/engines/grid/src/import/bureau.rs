//! The tables in which a bureau hands over its network: `nodes.csv`, `edges.csv` and
//! `usage_points.csv`, with English or Chinese headers. `docs/grid.md` says what is in a column.

use std::collections::{HashMap, hash_map::Entry};

use super::{
    ImportError, Imported, Limits, Problems,
    table::{self, Column, Row, RowFault, optional, required},
};
use crate::{
    Phases,
    network::{CustomerClass, EdgeKind, NONE, Names, NodeKind, Rows},
};

const NODES: &[Column] = &[
    required(&["node", "节点"]),
    required(&["kind", "类型"]),
    optional(&["feeder", "线路"]),
    optional(&["substation", "变电站"]),
    optional(&["x", "经度"]),
    optional(&["y", "纬度"]),
    optional(&["phases", "相别"]),
];

const EDGES: &[Column] = &[
    required(&["edge", "设备"]),
    required(&["kind", "类型"]),
    required(&["from", "首端"]),
    required(&["to", "末端"]),
    optional(&["phases", "相别"]),
    optional(&["normal", "常态"]),
    optional(&["now", "现状"]),
];

const POINTS: &[Column] = &[
    required(&["usage_point", "用电点"]),
    required(&["node", "节点"]),
    optional(&["phases", "相别"]),
    optional(&["class", "用电类别"]),
    optional(&["important", "重要用户"]),
];

/// A file: what to call it, and its bytes.
pub type File<'f> = (&'f str, &'f [u8]);

/// Reads the three tables.
///
/// # Errors
/// [`ImportError`] when a table as a whole cannot be read. Bad rows are left out and reported.
pub fn read(
    nodes: File<'_>,
    edges: File<'_>,
    points: File<'_>,
    limits: Limits,
) -> Result<Imported, ImportError> {
    let mut desk = Desk::default();
    let mut problems = Problems::new(limits);
    let p = &mut problems;
    table::read(nodes.0, nodes.1, limits, NODES, p, |row| desk.node(row))?;
    table::read(edges.0, edges.1, limits, EDGES, p, |row| desk.edge(row))?;
    table::read(points.0, points.1, limits, POINTS, p, |row| desk.point(row))?;
    if desk.rows.nodes.place.iter().all(|place| place.iter().all(|x| x.is_nan())) {
        desk.rows.nodes.place.clear();
    }
    let customers = desk.points.len();
    Ok(Imported {
        rows: desk.rows,
        switched: desk.switched,
        customers: u64::try_from(customers).unwrap_or(u64::MAX),
        problems,
        ..Imported::default()
    })
}

/// Rows so far, and what they are called.
#[derive(Default)]
struct Desk {
    rows: Rows,
    switched: Vec<(u32, Phases)>,
    nodes: HashMap<String, u32>,
    edges: HashMap<String, u32>,
    points: HashMap<String, u32>,
    feeders: HashMap<String, u32>,
    substations: HashMap<String, u32>,
}

impl Desk {
    fn node(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        let name = row.need(0, "node")?;
        let kind = word(row.need(1, "kind")?, "kind of node", NodeKind::parse, NodeKind::ALL)?;
        let place = [table::place(row.get(4))?, table::place(row.get(5))?];
        let phases = phases(row.get(6))?;
        if self.nodes.contains_key(name) {
            return Err(twice("node", name));
        }
        let feeder = self.feeder(row.get(2), row.get(3));
        let number = self.rows.nodes.push(name, kind, feeder);
        self.rows.nodes.place.push(place.map(|x| x.unwrap_or(f64::NAN)));
        self.nodes.insert(name.to_owned(), number);
        if kind == NodeKind::Source {
            let phases = if phases.live().is_empty() { Phases::ABC } else { phases };
            self.rows.sources.push((number, phases));
        }
        Ok(())
    }

    fn edge(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        let name = row.need(0, "edge")?;
        let kind = word(row.need(1, "kind")?, "kind of equipment", EdgeKind::parse, EdgeKind::ALL)?;
        let ends = (self.at(row.need(2, "from")?)?, self.at(row.need(3, "to")?)?);
        let phases = phases(row.get(4))?;
        let by_kind = !matches!(kind, EdgeKind::Tie | EdgeKind::BusTie);
        let normal = position(row.get(5))?.unwrap_or(by_kind);
        let now = position(row.get(6))?.unwrap_or(normal);
        if self.edges.contains_key(name) {
            return Err(twice("edge", name));
        }
        let number = self.rows.edges.push(name, kind, ends, normal, phases);
        self.edges.insert(name.to_owned(), number);
        if now != normal {
            self.switched.push((number, if now { Phases::ABC } else { Phases::NONE }));
        }
        Ok(())
    }

    fn point(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        let name = row.need(0, "usage point")?;
        let node = self.at(row.need(1, "node")?)?;
        let phases = phases(row.get(2))?;
        let class = match row.get(3) {
            "" => CustomerClass::Other,
            text => word(text, "class of customer", CustomerClass::parse, CustomerClass::ALL)?,
        };
        let important = truth(row.get(4))?.unwrap_or(false);
        if self.points.contains_key(name) {
            return Err(twice("usage point", name));
        }
        let number = self.rows.points.push(name, node, phases, class, important);
        self.points.insert(name.to_owned(), number);
        Ok(())
    }

    fn at(&self, name: &str) -> Result<u32, RowFault> {
        let unknown = || ("grid.no_such_node", format!("there is no node \"{name}\" in the nodes"));
        self.nodes.get(name).copied().ok_or_else(unknown)
    }

    fn feeder(&mut self, feeder: &str, substation: &str) -> u32 {
        if feeder.is_empty() {
            return NONE;
        }
        let substation = numbered(&mut self.substations, &mut self.rows.substations, substation);
        let feeder = numbered(&mut self.feeders, &mut self.rows.feeders, feeder);
        match self.rows.feeder_substation.get_mut(feeder as usize) {
            Some(known) if *known == NONE => *known = substation,
            Some(_) => {}
            None => self.rows.feeder_substation.push(substation),
        }
        feeder
    }
}

fn numbered(index: &mut HashMap<String, u32>, names: &mut Names, name: &str) -> u32 {
    if name.is_empty() {
        return NONE;
    }
    let next = crate::small(names.len());
    match index.entry(name.to_owned()) {
        Entry::Occupied(known) => *known.get(),
        Entry::Vacant(free) => {
            names.push(name);
            *free.insert(next)
        }
    }
}

fn twice(what: &str, name: &str) -> RowFault {
    ("grid.twice", format!("the {what} \"{name}\" is there already; the first row counts"))
}

fn word<T: Copy + std::fmt::Debug>(
    text: &str,
    what: &str,
    parse: impl Fn(&str) -> Option<T>,
    all: &[T],
) -> Result<T, RowFault> {
    parse(text)
        .ok_or_else(|| ("grid.unknown_word", format!("\"{text}\" is no {what}; known are {all:?}")))
}

fn phases(text: &str) -> Result<Phases, RowFault> {
    let bad = || ("grid.phases", format!("\"{text}\" is no set of phases: write ABC, A, BN"));
    Phases::parse(text).ok_or_else(bad)
}

/// Whether equipment is closed; `None` when it is not said.
fn position(text: &str) -> Result<Option<bool>, RowFault> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "closed" | "1" | "合" | "常合" | "闭合" => Ok(Some(true)),
        "open" | "0" | "分" | "常开" | "断开" => Ok(Some(false)),
        _ => Err(("grid.position", format!("\"{text}\" is neither closed nor open"))),
    }
}

fn truth(text: &str) -> Result<Option<bool>, RowFault> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "true" | "1" | "是" => Ok(Some(true)),
        "no" | "false" | "0" | "否" => Ok(Some(false)),
        _ => Err(("grid.truth", format!("\"{text}\" is neither yes nor no"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: &str = "node,kind,feeder,substation\nS,source,,\nB,busbar,,\nM,mv,F1,城关\nL,lv,F1,城关\nX,lv,F1,\n";
    const EDGES: &str = "edge,kind,from,to,phases,normal\nT1,substation_transformer,S,B,,\nK1,breaker,B,M,ABC,closed\nDT,transformer,M,L,A,closed\n";
    const POINTS: &str =
        "usage_point,node,phases,class,important\nU1,L,,residential,\nU2,X,A,商业,是\n";

    fn import(nodes: &[u8], edges: &[u8], points: &[u8]) -> Result<Imported, ImportError> {
        let limits = Limits::default();
        read(("nodes.csv", nodes), ("edges.csv", edges), ("usage_points.csv", points), limits)
    }

    #[test]
    fn three_tables_are_a_network() {
        let imported = import(NODES.as_bytes(), EDGES.as_bytes(), POINTS.as_bytes()).unwrap();
        assert_eq!(imported.problems.count, 0);
        let (network, report) = imported.finish().unwrap();
        assert_eq!((report.nodes, report.edges, report.usage_points), (5, 3, 2));
        assert_eq!((report.nodes_reached, report.usage_points_reached), (4, 1));
        assert_eq!(report.islands.first[0].at, "X");
        assert_eq!(report.unfed.first[0].usage_point, "U2");
        assert_eq!(report.unfed.first[0].lacks, Phases::A);
        // The house uses the phase that its transformer brings.
        assert_eq!(network.rows().points.phases[0], Phases::A);
        assert_eq!(network.rows().substations.get(0), "城关");
    }

    #[test]
    fn gbk_with_chinese_headers_reads_the_same() {
        let nodes = NODES.replace("node,kind,feeder,substation", "节点,类型,线路,变电站");
        let (nodes, _, _) = encoding_rs::GBK.encode(&nodes);
        let (points, _, _) = encoding_rs::GBK.encode(POINTS);
        let imported = import(&nodes, EDGES.as_bytes(), &points).unwrap();
        assert_eq!(imported.problems.count, 0);
        assert_eq!(imported.rows.substations.get(0), "城关");
        assert_eq!(imported.rows.points.class[1], CustomerClass::Commercial);
        assert!(imported.rows.points.important[1]);
    }

    #[test]
    fn a_bad_row_is_left_out_with_line_and_reason() {
        let edges = format!(
            "{EDGES}Q,breaker,B,nowhere,,\nK1,breaker,B,M,,\nR,magic,B,M,,\nV,breaker,B,M,XYZ,\n\
             W,breaker,B,M,,ajar\n=1+1,breaker,B,M,,\nshort,breaker\n\"open,breaker,B,M,,\n"
        );
        let imported = import(NODES.as_bytes(), edges.as_bytes(), POINTS.as_bytes()).unwrap();
        let found: Vec<_> = imported.problems.first.iter().map(|p| (p.line, p.code)).collect();
        let expected = [
            (5, "grid.no_such_node"),
            (6, "grid.twice"),
            (7, "grid.unknown_word"),
            (8, "grid.phases"),
            (9, "grid.position"),
            (10, "csv.formula"),
            (11, "csv.cell_count"),
            (12, "csv.open_quote"),
        ];
        assert_eq!(found, expected);
        assert_eq!(imported.rows.edges.kind.len(), 3);
    }

    #[test]
    fn a_table_without_its_columns_is_refused() {
        let refused = import(b"name,kind\n", EDGES.as_bytes(), POINTS.as_bytes()).unwrap_err();
        assert!(refused.to_string().contains("nodes.csv:1"), "{refused}");
        let refused = import(NODES.as_bytes(), b"", POINTS.as_bytes()).unwrap_err();
        assert!(refused.to_string().contains("edges.csv"), "{refused}");
    }

    #[test]
    fn what_stands_otherwise_than_normally_is_noted() {
        let edges = EDGES.replace("normal\n", "normal,now\n").replace(",,\n", ",,,\n");
        let edges = edges.replace("ABC,closed", "ABC,closed,open").replace("A,closed", "A,closed,");
        let imported = import(NODES.as_bytes(), edges.as_bytes(), POINTS.as_bytes()).unwrap();
        assert_eq!(imported.problems.first, []);
        assert_eq!(imported.switched, [(1, Phases::NONE)]);
    }
}
