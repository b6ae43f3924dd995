//! The indices against figures that others published or computed, where the data is present
//! beside the checkout (`../shared`, or `LAMPLIGHT_SHARED`), and a story of the field.

mod gridlabd;
mod published;
mod whole;

use std::{env, fs, path::PathBuf};

use lamplight_grid::reliability::{Basis, DEFAULT_RULES, Index, Interruption, Rules, Served};

/// The content of a reference file, or a note that the test was skipped.
fn shared(name: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared");
    let root = env::var_os("LAMPLIGHT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = root.join("data/outage").join(name);
    let content = fs::read_to_string(&path).ok();
    if content.is_none() {
        eprintln!("skipped (reference data): {name} is absent");
    }
    content
}

/// The rows of a CSV text, without its header, as cells.
fn cells(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map_while(Result::ok);
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

fn rules() -> Rules {
    let rules = Rules::parse(DEFAULT_RULES);
    assert!(rules.is_ok(), "{rules:?}");
    rules.unwrap_or_else(|_| unreachable!("just checked"))
}

/// A basis of so many customers over so many hours from the epoch.
fn basis(customers: u64, hours: i64) -> Basis {
    let served = Served::always(customers);
    assert!(served.is_ok(), "{customers} customers");
    let served = served.unwrap_or_else(|_| unreachable!("just checked"));
    Basis { from_s: 0, to_s: hours * 3_600, served, connected_kva: None, distinct: None }
}

/// A group of customers without supply for some seconds.
fn group(rules: &Rules, customers: u32, began_s: i64, seconds: i64) -> Interruption {
    let kind = rules.kind("fault");
    assert!(kind.is_some(), "the rules know faults");
    let kind = kind.unwrap_or_else(|| unreachable!("just checked"));
    let (line, ended_s) = (1, began_s + seconds);
    Interruption {
        line,
        point: None,
        event: None,
        customers,
        kva: 0,
        kind,
        group: 0,
        began_s,
        ended_s,
    }
}

/// The value of an index as a number.
fn value(indices: &[Index], id: &str) -> f64 {
    let index = indices.iter().find(|index| index.id == id);
    let text = index.and_then(|index| index.value(9));
    text.and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

/// A published figure as the whole number that it stands for.
fn rounded(value: f64) -> u32 {
    value.round().to_string().parse().unwrap_or(u32::MAX)
}

/// The values of indices, each with up to six decimals, as one line.
fn said(indices: &[Index], ids: &[&str]) -> String {
    let of = |id: &&str| indices.iter().find(|index| index.id == **id)?.value(6);
    ids.iter().map(|id| of(id).unwrap_or_default()).collect::<Vec<_>>().join(" ")
}
