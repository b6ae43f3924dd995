//! Which room may use which, read from the manifests: the arrows between rooms, the published
//! crates that belong to one room only, and versions kept in one place.

use super::{Finding, House, Rule, Tree, tree::Package};

/// Rooms use only what lies below them.
pub const ARROWS: Rule = Rule {
    id: "arrows",
    why: "rooms depend in one direction, so that each can be understood from what lies below it",
    check: arrows,
};

/// Some published crates belong to some rooms only.
pub const FOREIGN: Rule = Rule {
    id: "foreign-crates",
    why: "databases, HTTP and files stay in the rooms that are for them; the rest stays pure",
    check: foreign,
};

/// Versions, features and lints stand in the workspace manifest.
pub const MANIFESTS: Rule = Rule {
    id: "manifests",
    why: "one place for every version, feature and lint: a crate is compiled once for all rooms",
    check: manifests,
};

fn arrows(tree: &Tree, house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in &tree.packages {
        let Some(below) = house.below(&package.room) else {
            let message = format!("room {} is not drawn: add it to [rooms]", package.room);
            found.push(Finding::new(ARROWS.id, &package.manifest, 0, message).about(&package.room));
            continue;
        };
        let others = |name: &str| name != package.room;
        for dependency in package.dependencies.iter().filter(|d| d.ours && others(&d.name)) {
            if !below.contains(dependency.name.as_str()) {
                let message = format!(
                    "{} must not use {}: share ids and facts, or meet in app; \
                     a new arrow is a decision record",
                    package.room, dependency.name
                );
                found.push(at_dependency(tree, ARROWS.id, package, &dependency.name, message));
            }
        }
    }
    found
}

fn foreign(tree: &Tree, house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in &tree.packages {
        for dependency in package.dependencies.iter().filter(|d| !d.ours && !d.only_tests) {
            let Some(rooms) = house.foreign.get(&dependency.name) else { continue };
            if !rooms.contains(&package.room) {
                let who = if rooms.is_empty() { "no room".into() } else { rooms.join(", ") };
                let message = format!(
                    "{} must not use {} directly: {who} may",
                    package.room, dependency.name
                );
                found.push(at_dependency(tree, FOREIGN.id, package, &dependency.name, message));
            }
        }
    }
    found
}

fn at_dependency(
    tree: &Tree,
    rule: &'static str,
    package: &Package,
    name: &str,
    message: String,
) -> Finding {
    let text = tree.text(&package.manifest).unwrap_or_default();
    let line = text.lines().position(|line| line.starts_with(name)).map_or(0, |i| i + 1);
    Finding::new(rule, &package.manifest, line, message).about(name)
}

fn manifests(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.with_ending("toml") {
        if !path.ends_with("/Cargo.toml") {
            continue;
        }
        let Ok(manifest) = text.parse::<toml::Table>() else {
            found.push(Finding::new(MANIFESTS.id, path, 0, "this is no TOML: correct it"));
            continue;
        };
        let inherits = |value: Option<&toml::Value>| {
            value.and_then(|v| v.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
        };
        if !inherits(manifest.get("lints")) {
            let message = "add `[lints] workspace = true`: the house's lints hold in every room";
            found.push(Finding::new(MANIFESTS.id, path, 0, message));
        }
        let own = manifest.get("package").and_then(|p| p.get("name")).and_then(toml::Value::as_str);
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table = manifest.get(section).and_then(toml::Value::as_table);
            for (name, value) in table.into_iter().flatten() {
                let renamed = own.is_some_and(|own| own == format!("lamplight-{name}"));
                let message = match (inherits(Some(value)), own == Some(name)) {
                    // cargo-deny 0.20 stops at a package that depends on itself by another name.
                    _ if renamed => format!(
                        "write `lamplight-{name} = {{ path = \".\", … }}` (and `name = \"{name}\"` under \
                         [lib]): cargo-deny cannot read a renamed dependency on itself"
                    ),
                    (true, _) | (_, true) => continue,
                    _ => format!(
                        "write `{name}.workspace = true`: versions stand in the root manifest"
                    ),
                };
                let line = text.lines().position(|l| l.starts_with(name.as_str()));
                let finding = Finding::new(MANIFESTS.id, path, line.map_or(0, |i| i + 1), message);
                found.push(finding.about(name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> House {
        House::parse(
            "[rooms]\nkernel = []\ntariff = ['kernel']\nstore = ['kernel']\nsupply = ['store', 'tariff']\n\
             power = ['store']\n[foreign]\nsqlx = ['store']",
        )
        .unwrap()
    }

    #[test]
    fn drawn_arrows_pass_also_through_other_rooms() {
        let tree = Tree::default().with_package("supply", &["kernel", "store", "+serde"]);
        assert_eq!(arrows(&tree, &house()), []);
        assert_eq!(foreign(&tree, &house()), []);
    }

    #[test]
    fn sideways_and_upward_arrows_are_found() {
        let tree = Tree::default()
            .with_package("supply", &["power"])
            .with_package("tariff", &["store"])
            .with_package("cellar", &[]);
        let subjects: Vec<_> = arrows(&tree, &house()).into_iter().map(|f| f.subject).collect();
        let expected = [
            "crates/supply/Cargo.toml::power",
            "crates/tariff/Cargo.toml::store",
            "crates/cellar/Cargo.toml::cellar",
        ];
        assert_eq!(subjects, expected);
    }

    #[test]
    fn sql_outside_the_store_is_found() {
        let tree = Tree::default().with_package("tariff", &["+sqlx"]);
        assert_eq!(foreign(&tree, &house()).len(), 1);
    }

    #[test]
    fn a_package_names_itself_only_by_its_own_name() {
        let manifest = |line: &str| {
            format!(
                "[package]\nname = \"lamplight-a\"\n[dev-dependencies]\n{line}\n[lints]\nworkspace = true\n"
            )
        };
        let check = |line: &str| {
            let tree = Tree::fixture(&[("crates/a/Cargo.toml", &manifest(line))]);
            manifests(&tree, &House::default()).len()
        };
        assert_eq!(check("lamplight-a = { path = \".\", features = [\"testing\"] }"), 0);
        assert_eq!(check("a = { workspace = true, features = [\"testing\"] }"), 1);
    }

    #[test]
    fn own_versions_and_missing_lints_are_found() {
        let good = "[dependencies]\nserde.workspace = true\n[lints]\nworkspace = true\n";
        let bad = "[dependencies]\nserde = \"1\"\n";
        let tree = Tree::fixture(&[("crates/a/Cargo.toml", good), ("crates/b/Cargo.toml", bad)]);
        let found = manifests(&tree, &House::default());
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|f| f.path == "crates/b/Cargo.toml"));
        assert_eq!(found[1].line, 2);
    }
}
