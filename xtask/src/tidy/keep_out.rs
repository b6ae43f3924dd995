//! What must not stand in the code of some rooms, although it would compile: input and output in
//! engines, commits in operations, prints in libraries. The list is data (`[[keep_out]]`).

use super::{
    Finding, House, Rule, Tree,
    lexer::{Lexed, tests_from_line},
    shape::is_test_file,
};

/// Rooms keep out what is not their business.
pub const KEEP_OUT: Rule = Rule {
    id: "keep-out",
    why: "what a room promises not to do, its code does not do: engines open no file, operations \
          do not commit",
    check: keep_out,
};

fn keep_out(tree: &Tree, house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in &tree.packages {
        let sources = format!("{}src/", package.manifest.trim_end_matches("Cargo.toml"));
        let bans: Vec<_> =
            house.keep_out.iter().filter(|b| b.rooms.contains(&package.room)).collect();
        let ours = |path: &str| path.starts_with(&sources) && !is_test_file(path);
        for (path, rust) in tree.rust.iter().filter(|(path, _)| ours(path)) {
            let tests_from = tests_from_line(rust);
            for ban in bans.iter().filter(|ban| !ban.except.iter().any(|end| path.ends_with(end))) {
                for fragment in &ban.code {
                    let line = first_line(rust, fragment).filter(|line| *line < tests_from);
                    if let Some(line) = line {
                        let message =
                            format!("`{fragment}` in room {}: {}", package.room, ban.instead);
                        found.push(Finding::new(KEEP_OUT.id, path, line, message).about(fragment));
                    }
                }
            }
        }
    }
    found
}

/// The line on which a fragment first stands, not as the end of a longer word.
fn first_line(rust: &Lexed, fragment: &str) -> Option<usize> {
    let code = rust.code.as_str();
    let starts_word = fragment.starts_with(|c: char| c.is_alphanumeric());
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let (at, _) = code
        .match_indices(fragment)
        .find(|(at, _)| !(starts_word && code[..*at].ends_with(joins)))?;
    Some(rust.line_of(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<usize> {
        let house = House::parse(
            "[[keep_out]]\nrooms = ['tariff']\ncode = ['fs::', 'println!']\ninstead = 'return it'\n\
             except = ['jobs.rs']",
        )
        .unwrap();
        let tree = Tree::fixture(&[(path, text)]).with_package("tariff", &[]);
        keep_out(&tree, &house).iter().map(|f| f.line).collect()
    }

    #[test]
    fn a_file_opened_in_an_engine_is_found() {
        let text = "//! T.\n\nfn a() { std::fs::read(x); }";
        assert_eq!(check("crates/tariff/src/a.rs", text), [3]);
        assert_eq!(check("crates/tariff/src/jobs.rs", text), Vec::<usize>::new());
        assert_eq!(check("crates/tariff/examples/a.rs", text), Vec::<usize>::new());
        assert_eq!(check("crates/other/src/a.rs", text), Vec::<usize>::new());
    }

    #[test]
    fn tests_texts_and_longer_words_pass() {
        let text = "//! fs:: in a text\nfn a() { eprintln!(\"println!\"); }\n#[cfg(test)]\nmod tests {\n fs::read(x);\n}";
        assert_eq!(check("crates/tariff/src/a.rs", text), Vec::<usize>::new());
    }
}
