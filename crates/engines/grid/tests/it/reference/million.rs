//! The network of a million customers, against the answers that its generator computes by itself.

use std::{fs, path::PathBuf, sync::Arc};

use lamplight_grid::{
    Phases,
    import::{Limits, arrays},
    state::State,
};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("LAMPLIGHT_SYNTH").map(PathBuf::from);
    let folder = folder.filter(|folder| folder.join("net.npz").exists());
    if folder.is_none() {
        eprintln!("skipped (reference data): the network of LAMPLIGHT_SYNTH is absent");
    }
    folder
}

fn table(text: &str) -> Vec<(u32, u32)> {
    let pair = |line: &str| {
        let (edge, value) = line.split_once(',').unwrap();
        (edge.parse().unwrap(), value.parse().unwrap())
    };
    text.lines().skip(1).map(pair).collect()
}

#[test]
fn a_thousand_devices_and_a_hundred_operations_give_the_golden_answers() {
    let Some(folder) = folder() else { return };
    let bytes = fs::read(folder.join("net.npz")).unwrap();
    let (network, report) =
        arrays::read("net.npz", &bytes, Limits::default()).unwrap().finish().unwrap();
    assert!(report.is_clean());
    assert_eq!(report.usage_points_reached, 1_000_000);
    let network = Arc::new(network);
    let mut state = State::normal(Arc::clone(&network));
    let devices = table(&fs::read_to_string(folder.join("devices1000.csv")).unwrap());
    assert_eq!(devices.len(), 1_000);
    for (device, golden) in devices {
        assert_eq!(state.customers_below(device), Ok(golden), "device {device}");
        let points = state.below(device).unwrap().points(&network);
        assert_eq!(points.len(), golden as usize);
    }
    for (edge, closed) in table(&fs::read_to_string(folder.join("ops100.csv")).unwrap()) {
        let closed = if closed == 0 { Phases::NONE } else { Phases::ABC };
        state.set(edge, closed).unwrap();
    }
    assert_eq!(state.customers_supplied(), 997_982);
    assert_eq!(state.dark().customers(&network), 1_000_000 - 997_982);
}
