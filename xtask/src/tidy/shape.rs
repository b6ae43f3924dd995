//! The shape of rooms and files: no empty room, a word at the head of each file, sizes that can be
//! read at one sitting, the agreed file names inside areas, one test binary per package.

use super::{Finding, House, Rule, Tree, lexer};

/// A room exists only with something in it.
pub const ROOMS: Rule = Rule {
    id: "empty-rooms",
    why: "a room is created when it is needed: an empty one promises what is not there",
    check: empty_rooms,
};

/// Each Rust file begins by saying what lives in it.
pub const HEADERS: Rule = Rule {
    id: "headers",
    why: "a reader learns from the first lines what lives in a file and what must not",
    check: headers,
};

/// Rust files stay small.
pub const FILE_LENGTH: Rule = Rule {
    id: "file-length",
    why: "a file is read at one sitting; when its name needs \"and\", it is two files",
    check: file_length,
};

/// Functions stay small.
pub const FUNCTION_LENGTH: Rule = Rule {
    id: "function-length",
    why: "a function fits on one screen, so that its whole can be checked by eye",
    check: function_length,
};

/// Modules inside areas use the agreed file names.
pub const AREA_FILES: Rule = Rule {
    id: "area-files",
    why: "who knows one module of an area knows them all",
    check: area_files,
};

/// One integration-test binary per package.
pub const TEST_BINARIES: Rule = Rule {
    id: "test-binaries",
    why: "each file under tests/ links the whole tree again; one binary per package links once",
    check: test_binaries,
};

/// Every Rust file is part of a program.
pub const DEAD_FILES: Rule = Rule {
    id: "dead-files",
    why: "a file that no `mod` names is compiled by nobody, and its tests never run",
    check: dead_files,
};

fn empty_rooms(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in &tree.packages {
        let folder = package.manifest.trim_end_matches("Cargo.toml");
        let mut sources = tree.rust.iter().filter(|(path, _)| path.starts_with(folder));
        let filled = |code: &str| {
            ["fn ", "struct ", "enum ", "const ", "static "].iter().any(|word| code.contains(word))
        };
        if !sources.any(|(_, rust)| filled(&rust.code)) {
            let message = format!("room {} is empty: fill it or remove it", package.room);
            found.push(Finding::new(ROOMS.id, &package.manifest, 0, message));
        }
    }
    found
}

fn headers(tree: &Tree, _: &House) -> Vec<Finding> {
    tree.with_ending("rs")
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| {
            let message = "begin the file with a `//!` sentence: what lives here, what must not";
            Finding::new(HEADERS.id, path, 1, message)
        })
        .collect()
}

fn file_length(tree: &Tree, house: &House) -> Vec<Finding> {
    tree.with_ending("rs")
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > house.limits.file)
        .map(|(path, lines)| {
            let message =
                format!("{lines} lines, more than {}: split it by purpose", house.limits.file);
            Finding::new(FILE_LENGTH.id, path, 0, message).sized(lines)
        })
        .collect()
}

fn function_length(tree: &Tree, house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in tree.rust.iter().filter(|(path, _)| !is_test_file(path)) {
        let tests_from = lexer::tests_from_line(rust);
        for function in lexer::functions(rust) {
            if function.line < tests_from && function.lines > house.limits.function {
                let message = format!(
                    "fn {} has {} lines, more than {}: give its steps names",
                    function.name, function.lines, house.limits.function
                );
                let finding = Finding::new(FUNCTION_LENGTH.id, path, function.line, message);
                found.push(finding.about(&function.name).sized(function.lines));
            }
        }
    }
    found
}

fn dead_files(tree: &Tree, _: &House) -> Vec<Finding> {
    let named = |path: &str| {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let (folder, name) = match file {
            "mod.rs" => folder.rsplit_once('/').unwrap_or(("", folder)),
            _ => (folder, file.trim_end_matches(".rs")),
        };
        let parents = ["/mod.rs", "/lib.rs", "/main.rs", ".rs"].map(|end| format!("{folder}{end}"));
        let declaration = format!("mod {name};");
        let roots = parents.iter().filter_map(|parent| tree.rust.get(parent));
        // In such folders every file beside it is the root of a program.
        let beside = tree.rust.iter().filter(|(other, _)| {
            holds_programs(folder) && other.rsplit_once('/').is_some_and(|(f, _)| f == folder)
        });
        let mut declaring = roots.chain(beside.map(|(_, rust)| rust));
        declaring.any(|parent| parent.code.contains(&declaration))
    };
    // Cargo itself finds these: crate roots, programs, examples, and single-file test binaries.
    let is_root = |path: &str| {
        let roots = ["/lib.rs", "/main.rs", "/build.rs"];
        let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
        roots.iter().any(|root| path.ends_with(root)) || holds_programs(folder)
    };
    tree.rust
        .keys()
        .filter(|path| !is_root(path) && !named(path))
        .map(|path| {
            let message = "no `mod` names this file: declare it or remove it";
            Finding::new(DEAD_FILES.id, path, 0, message)
        })
        .collect()
}

/// Whether Cargo makes a program of each file in a folder.
fn holds_programs(folder: &str) -> bool {
    ["/bin", "/examples", "/benches"].iter().any(|end| folder.ends_with(end))
        || (folder.ends_with("/tests") && !folder.contains("/src/"))
}

/// Whether a path is a file of tests: in a `tests` folder, or named `tests.rs`.
pub fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn area_files(tree: &Tree, house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in tree.rust.keys() {
        let Some((_, inside)) =
            path.strip_prefix("crates/areas/").and_then(|rest| rest.split_once("/src/"))
        else {
            continue;
        };
        let parts: Vec<&str> = inside.split('/').collect();
        let agreed = |part: &&str| {
            let name = part.trim_end_matches(".rs");
            name == "tests" || house.area_files.iter().any(|agreed| agreed == name)
        };
        // At the top of an area stand lib.rs and whole modules small enough for one file. A long
        // ops.rs becomes a folder ops/ with one file per operation.
        let passes = parts.len() == 1 || parts[1..].iter().any(agreed);
        if !passes {
            let message = format!(
                "inside an area's modules, files or folders are named {}: move this to one of them",
                house.area_files.join(", ")
            );
            found.push(Finding::new(AREA_FILES.id, path, 0, message));
        }
    }
    found
}

fn test_binaries(tree: &Tree, _: &House) -> Vec<Finding> {
    let several = tree.packages.iter().filter(|package| package.test_binaries.len() > 1);
    several
        .map(|package| {
            let message = format!(
                "one test binary per package: make {} modules of tests/it/main.rs, \
                 or set `autotests = false` and name one [[test]]",
                package.test_binaries.join(", ")
            );
            Finding::new(TEST_BINARIES.id, &package.manifest, 0, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> House {
        House::parse("area_files = ['mod', 'ops']\n[limits]\nfile = 10\nfunction = 4").unwrap()
    }

    #[test]
    fn an_empty_room_is_found() {
        let tree = Tree::fixture(&[
            ("crates/a/src/lib.rs", "//! Nothing yet.\n"),
            ("crates/b/src/lib.rs", "//! Something.\npub struct Thing;\n"),
        ]);
        let tree = tree.with_package("a", &[]).with_package("b", &[]);
        let found = empty_rooms(&tree, &house());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/a/Cargo.toml");
    }

    #[test]
    fn a_file_that_no_module_names_is_found() {
        let tree = Tree::fixture(&[
            ("a/src/lib.rs", "mod b;\nmod c;\n// mod d;\n"),
            ("a/src/b.rs", "mod e;"),
            ("a/src/b/e.rs", ""),
            ("a/src/c/mod.rs", ""),
            ("a/src/d.rs", ""),
            ("a/src/bin/tool.rs", ""),
            ("a/tests/it/main.rs", "mod f;"),
            ("a/tests/it/f.rs", ""),
            ("a/tests/it/g.rs", ""),
            ("b/tests/all.rs", "mod world;"),
            ("b/tests/world/mod.rs", ""),
        ]);
        let found = dead_files(&tree, &house());
        let paths: Vec<_> = found.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["a/src/d.rs", "a/tests/it/g.rs"]);
    }

    #[test]
    fn files_begin_with_a_word_about_themselves() {
        let tree = Tree::fixture(&[("a.rs", "//! Good.\n"), ("b.rs", "// Not this.\nfn b() {}\n")]);
        assert_eq!(headers(&tree, &house())[0].path, "b.rs");
    }

    #[test]
    fn long_files_and_functions_are_found_but_not_in_tests() {
        let long = "fn long() {\n\n\n\n}\n";
        let in_tests = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
        let tree = Tree::fixture(&[
            ("a.rs", &"\n".repeat(11)),
            ("b.rs", long),
            ("c.rs", &in_tests),
            ("x/tests/d.rs", long),
        ]);
        assert_eq!(file_length(&tree, &house())[0].size, Some(11));
        let found = function_length(&tree, &house());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].subject.as_str(), found[0].size), ("b.rs::long", Some(5)));
    }

    #[test]
    fn areas_invent_no_file_names() {
        let tree = Tree::fixture(&[
            ("crates/areas/x/src/lib.rs", ""),
            ("crates/areas/x/src/billing/ops.rs", ""),
            ("crates/areas/x/src/billing/ops/close.rs", ""),
            ("crates/areas/x/src/billing/tests/close.rs", ""),
            ("crates/areas/x/src/billing/helpers.rs", ""),
        ]);
        let found = area_files(&tree, &house());
        assert_eq!(found.len(), 1);
        assert!(found[0].path.ends_with("helpers.rs"));
    }

    #[test]
    fn a_second_test_binary_is_found() {
        let package = || Tree::default().with_package("a", &[]);
        assert_eq!(test_binaries(&package().with_test_binaries(&["it"]), &house()), []);
        let two = package().with_test_binaries(&["one", "two"]);
        assert_eq!(test_binaries(&two, &house()).len(), 1);
    }
}
