//! The tables of a test feeder: buses, edges and loads, as exported from circuit descriptions.
//! An edge says how many conductors it has but not which, so one with fewer than three takes the
//! phases of whatever feeds it.

use std::collections::HashMap;

use super::{
    ImportError, Imported, Limits, Problems,
    bureau::File,
    table::{self, Column, optional, required},
};
use crate::{
    Phases,
    network::{CustomerClass, EdgeKind, NONE, NodeKind, Rows},
};

const BUSES: &[Column] =
    &[required(&["bus"]), optional(&["x"]), optional(&["y"]), optional(&["kv_base"])];
const EDGES: &[Column] = &[
    required(&["id"]),
    required(&["kind"]),
    required(&["from_bus"]),
    required(&["to_bus"]),
    required(&["phases"]),
    required(&["closed"]),
];
const LOADS: &[Column] =
    &[required(&["id"]), required(&["bus"]), required(&["phases"]), optional(&["num_cust"])];

/// Reads the three tables; `sources` are the buses where energy comes in.
///
/// # Errors
/// [`ImportError`] when a table as a whole cannot be read, or a source is no bus. Bad rows are left
/// out and reported.
pub fn read(
    buses: File<'_>,
    edges: File<'_>,
    loads: File<'_>,
    sources: &[&str],
    limits: Limits,
) -> Result<Imported, ImportError> {
    let mut rows = Rows::default();
    let mut index: HashMap<String, u32> = HashMap::new();
    let mut problems = Problems::new(limits);
    let mut customers = 0_u64;
    table::read(buses.0, buses.1, limits, BUSES, &mut problems, |row| {
        let name = row.need(0, "bus")?.to_ascii_lowercase();
        let place = [table::place(row.get(1))?, table::place(row.get(2))?];
        let low = row.get(3).parse::<f64>().is_ok_and(|kv| kv < 1.0);
        let kind = if low { NodeKind::Low } else { NodeKind::Medium };
        let number = rows.nodes.push(&name, kind, NONE);
        rows.nodes.place.push(place.map(|x| x.unwrap_or(f64::NAN)));
        index.insert(name, number);
        Ok(())
    })?;
    let at = |name: &str| {
        let unknown = || ("grid.no_such_node", format!("there is no bus \"{name}\" in the buses"));
        index.get(&name.to_ascii_lowercase()).copied().ok_or_else(unknown)
    };
    let three = |count: &str| if count == "3" { Phases::ABC } else { Phases::NONE };
    table::read(edges.0, edges.1, limits, EDGES, &mut problems, |row| {
        let name = row.need(0, "id")?;
        let kind = match row.get(1) {
            "reactor" => EdgeKind::Other,
            text => EdgeKind::parse(text)
                .ok_or_else(|| ("grid.unknown_word", format!("\"{text}\" is no equipment")))?,
        };
        let ends = (at(row.get(2))?, at(row.get(3))?);
        rows.edges.push(name, kind, ends, row.get(5) == "1", three(row.get(4)));
        Ok(())
    })?;
    table::read(loads.0, loads.1, limits, LOADS, &mut problems, |row| {
        let (name, node) = (row.need(0, "id")?, at(row.get(1))?);
        customers += row.get(3).parse::<u64>().unwrap_or(1);
        rows.points.push(name, node, three(row.get(2)), CustomerClass::Other, false);
        Ok(())
    })?;
    for name in sources {
        let node =
            at(name).map_err(|(code, reason)| ImportError::refuse(buses.0, 0, code, reason))?;
        rows.sources.push((node, Phases::ABC));
    }
    Ok(Imported { rows, customers, problems, ..Imported::default() })
}
