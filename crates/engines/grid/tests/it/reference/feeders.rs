//! The IEEE test feeders: counts per class, and what is reached from the source, in both forms.

use std::{collections::BTreeMap, fs, path::Path};

use lamplight_grid::{
    Network,
    import::{self, Limits, Report, cim, feeder},
};

use super::shared;

const FEEDERS: [&str; 6] = ["ieee13", "ieee34", "ieee37", "ieee123", "ieee8500", "lv_european"];

fn from_cim(folder: &Path, name: &str) -> (BTreeMap<String, u64>, Network, Report) {
    let bytes = fs::read(folder.join(format!("{name}_cim100.xml.gz"))).unwrap();
    let imported = cim::read_bytes(name, &bytes, Limits::default()).unwrap();
    let classes = imported.classes.clone();
    let (network, report) = imported.finish().unwrap();
    (classes, network, report)
}

fn from_tables(folder: &Path, sources: &[&str]) -> (Network, Report) {
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let (buses, edges, loads) = (read("buses.csv"), read("edges.csv"), read("loads.csv"));
    let tables = [("buses.csv", &buses[..]), ("edges.csv", &edges[..]), ("loads.csv", &loads[..])];
    let [buses, edges, loads] = tables;
    let imported = feeder::read(buses, edges, loads, sources, Limits::default()).unwrap();
    imported.finish().unwrap()
}

#[test]
fn cim_counts_are_those_published_beside_the_files() {
    let Some(counts) = shared("data/grid/cim_counts.txt") else { return };
    let mut checked = 0;
    for line in fs::read_to_string(&counts).unwrap().lines() {
        let (name, expected) = line.split_once(':').unwrap();
        let (classes, _, report) = from_cim(&counts.with_file_name(name), name);
        for pair in expected.split_whitespace() {
            let (class, count) = pair.split_once('=').unwrap();
            assert_eq!(classes[class], count.parse::<u64>().unwrap(), "{name}: {class}");
            checked += 1;
        }
        assert_eq!(report.problems.first, [], "{name}");
    }
    assert_eq!(checked, 48);
}

#[test]
fn the_source_reaches_as_many_buses_and_loads_as_its_twin_says() {
    let Some(grid) = shared("data/grid") else { return };
    for name in FEEDERS {
        let folder = grid.join(name);
        let text = fs::read_to_string(folder.join("counts.json")).unwrap();
        let counts: serde_json::Value = serde_json::from_str(&text).unwrap();
        let number = |key: &str| u32::try_from(counts[key].as_u64().unwrap()).unwrap();
        let sources: Vec<&str> =
            counts["sources"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
        for (form, report) in
            [("tables", from_tables(&folder, &sources).1), ("cim", from_cim(&folder, name).2)]
        {
            let reached = (report.nodes_reached, report.usage_points_reached);
            let expected = (number("buses_reached_from_source"), number("loads_reached"));
            assert_eq!(reached, expected, "{name} as {form}: {report:?}");
            assert_eq!(report.nodes, number("buses"), "{name} as {form}");
            let between = number("lines") + number("switches") + number("transformers");
            assert_eq!(report.edges, between + number("reactors"), "{name} as {form}");
            assert!(report.is_clean(), "{name} as {form}");
        }
    }
}

/// Each load of the tables is below the same equipment as its twin in CIM: counted at every
/// transformer and switch that both name.
#[test]
fn both_forms_have_the_same_loads_below_each_device() {
    let Some(grid) = shared("data/grid") else { return };
    for name in FEEDERS {
        let folder = grid.join(name);
        let (_, cim, _) = from_cim(&folder, name);
        let source = if name == "ieee123" { "150" } else { "sourcebus" };
        let (tables, _) = from_tables(&folder, &[source]);
        let below = |network: Network| {
            let state = lamplight_grid::state::State::normal(std::sync::Arc::new(network));
            let rows = state.network().rows();
            let mut below = BTreeMap::new();
            for edge in 0..u32::try_from(rows.edges.kind.len()).unwrap() {
                let name = rows.edges.names.get(edge).to_lowercase();
                let name = name.split_once('.').map_or(name.as_str(), |(_, name)| name).to_owned();
                let mut ends = [rows.edges.from[edge as usize], rows.edges.to[edge as usize]];
                ends.sort_unstable();
                below.insert(name, (state.customers_below(edge).unwrap(), ends));
            }
            below
        };
        let (cim, tables) = (below(cim), below(tables));
        let same: Vec<_> = tables.keys().filter(|name| cim.contains_key(*name)).collect();
        assert!(same.len() * 10 >= tables.len() * 9, "{name}: {} of {}", same.len(), tables.len());
        for device in same {
            // The tables do not say which phase each of three single-phase devices side by side has:
            // there they are parallel, and none of them alone interrupts anybody.
            let (below, ends) = tables[device];
            let beside = tables.values().filter(|(_, others)| *others == ends).count();
            if beside == 1 {
                assert_eq!(cim[device].0, below, "{name}: {device}");
            } else {
                assert_eq!(below, 0, "{name}: {device}");
            }
        }
    }
}

/// Nodes as GridAPPS-D writes them: another export with generators, fuses and breakers.
#[test]
fn the_other_export_of_ieee_13_and_123_is_clean() {
    let Some(folder) = shared("data/grid/cim_gridappsd") else { return };
    for name in ["IEEE13", "IEEE123"] {
        let bytes = fs::read(folder.join(format!("{name}.xml.gz"))).unwrap();
        let imported = cim::read_bytes(name, &bytes, Limits::default()).unwrap();
        let (_, report) = imported.finish().unwrap();
        assert_eq!(report.problems.first, [], "{name}");
        assert_eq!(report.nodes_reached, report.nodes, "{name}: {:?}", report.islands);
        assert_eq!(report.usage_points_reached, report.usage_points, "{name}: {:?}", report.unfed);
    }
}

/// Any cut of a real document is refused, never half taken.
#[test]
fn a_real_document_cut_off_is_refused() {
    let Some(path) = shared("data/grid/ieee13/ieee13_cim100.xml.gz") else { return };
    let packed = fs::read(path).unwrap();
    for part in 1..8 {
        let cut = &packed[..packed.len() * part / 8];
        let error = cim::read_bytes("cut", cut, Limits::default()).unwrap_err();
        assert!(matches!(error, import::ImportError::Refused(_)), "{part}: {error}");
    }
}
