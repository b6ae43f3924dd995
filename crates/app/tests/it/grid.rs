//! `lamplight grid` as scripts use it: the forms of its output, exit status, messages.

use std::path::Path;

use serde_json::Value;

use crate::engines::{lamplight, text};

/// A source, a breaker, a fuse, two transformers with two and one customers.
fn network(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("nodes.csv", "node,kind\nS,source\nM,mv\nF,mv\nL1,lv_bus\nL2,lv_bus\n");
    write(
        "edges.csv",
        "edge,kind,from,to\nK,breaker,S,M\nQ,fuse,M,F\nT1,transformer,F,L1\nT2,transformer,F,L2\n",
    );
    write("usage_points.csv", "usage_point,node\nu1,L1\nu2,L1\nu3,L2\n");
}

fn json(args: &[&str]) -> Value {
    let done = lamplight(args);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn a_network_is_imported_traced_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    network(folder.path());
    let at = |name: &str| folder.path().join(name);
    let report = json(&["grid", "import", text(folder.path()), "--json"]);
    assert_eq!(report["report"]["usage_points_reached"], 3);
    std::fs::write(at("devices.csv"), "edge,answer\nK,9\nT1,9\n").unwrap();
    std::fs::write(at("ops.csv"), "edge,closed\nT1,0\n").unwrap();
    let (devices, ops) = (at("devices.csv"), at("ops.csv"));
    let args = ["grid", "trace", "--network", text(folder.path()), "--devices", text(&devices)];
    let traced = json(&[&args[..], &["--ops", text(&ops), "--json"]].concat());
    assert_eq!(traced["customers_below"], serde_json::json!([3, 2]));
    assert_eq!(traced["customers_energised_after"], 1);
    for key in ["load", "orient", "counts", "lists", "ops"] {
        assert!(traced["seconds"][key].is_number(), "{key}");
    }
    std::fs::write(
        at("reports.csv"),
        "usage_point,kind\nu1,last_gasp\nu2,报修\nu3,ping_lit\nu9,call\n",
    )
    .unwrap();
    let reports = at("reports.csv");
    let args = ["grid", "infer", "--network", text(folder.path()), "--reports", text(&reports)];
    let judged = json(&[&args[..], &["--json"]].concat());
    assert_eq!(judged["suspects"][0]["device"], "T1");
    assert_eq!(judged["suspects"][0]["evidence"]["reports_inside"], 2);
    assert!(judged["suspects"][0]["because"]["zh"].as_str().unwrap().starts_with("T1（配变）"));
    assert_eq!(judged["problems"]["count"], 1);
}

#[test]
fn what_is_no_network_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cut.xml");
    std::fs::write(&file, "<rdf:RDF xmlns:rdf=\"r\">\n<a rdf:ID=\"_1\">").unwrap();
    let refused = lamplight(&["grid", "import", text(&file)]);
    assert_eq!(refused.status.code(), Some(1));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("cut.xml:2") && words.contains("ends in the middle"), "{words}");
    network(folder.path());
    std::fs::write(folder.path().join("devices.csv"), "edge\nnowhere\n").unwrap();
    let devices = folder.path().join("devices.csv");
    let args = ["grid", "trace", "--network", text(folder.path()), "--devices", text(&devices)];
    assert_eq!(lamplight(&args).status.code(), Some(1));
    assert_eq!(lamplight(&["grid", "trace"]).status.code(), Some(2));
}
