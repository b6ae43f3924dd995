//! Words that must not stand in the tree, and the form in which a test says that it was skipped.

use super::{Finding, House, Rule, Tree, house::Word};

/// No promises to do it later, no paths of one machine.
pub const WORDS: Rule = Rule {
    id: "words",
    why: "what is committed is finished, and works on every machine",
    check: words,
};

/// Skipped tests say so in one form.
pub const SKIPS: Rule = Rule {
    id: "skips",
    why: "the continuous integration counts skipped tests, so they must all be told alike",
    check: skips,
};

/// Where the words themselves are listed.
const LIST: &str = "xtask/house.toml";

fn words(tree: &Tree, house: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files.iter().filter(|(path, _)| *path != LIST) {
        for word in &house.word {
            if word.except.iter().any(|prefix| path.starts_with(prefix.as_str())) {
                continue;
            }
            for line in lines_with(text, word) {
                let message = format!("`{}` must not stand here: {}", word.text, word.instead);
                found.push(Finding::new(WORDS.id, path, line, message));
            }
        }
    }
    found
}

fn lines_with(text: &str, word: &Word) -> Vec<usize> {
    if !text.contains(&word.text) {
        return Vec::new();
    }
    let numbered = text.lines().enumerate();
    numbered.filter(|(_, line)| stands_in(line, &word.text)).map(|(i, _)| i + 1).collect()
}

/// Whether `word` stands in `line`, not as a part of a longer word or path.
fn stands_in(line: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let starts_path = word.starts_with('/');
        let free_before = !before.is_some_and(|c| {
            if starts_path { joins(c) || matches!(c, '.' | '/' | '-' | '}') } else { joins(c) }
        });
        let ends_open = word.ends_with(|c: char| !joins(c));
        // `placeholder="…"` is HTML's own word, not ours.
        let attribute = after == Some('=');
        free_before && (ends_open || !after.is_some_and(joins)) && !attribute
    })
}

fn skips(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in &tree.rust {
        let reads_data = rust.strings.iter().any(|literal| literal.text == "LAMPLIGHT_SHARED");
        for literal in &rust.strings {
            let told = literal.text.to_lowercase().starts_with("skip");
            let in_form = ["skipped: ", "skipped (reference data): "]
                .iter()
                .any(|form| literal.text.starts_with(form));
            let about_data = reads_data
                || literal.text.contains("LAMPLIGHT_SHARED")
                || literal.text.contains("../shared")
                || literal.text.contains("reference data");
            let misplaced = literal.text.starts_with("skipped: ") && about_data;
            // A literal of one word is a name, a column or a key, not a message of a test.
            if told
                && literal.text.contains(' ')
                && (!in_form || misplaced)
                && is_for_tests(path, tree, literal.line)
            {
                let message = "write `skipped (reference data): …` where data beside the checkout \
                               is absent, `skipped: …` for anything else";
                found.push(Finding::new(SKIPS.id, path, literal.line, message));
            }
        }
    }
    found
}

fn is_for_tests(path: &str, tree: &Tree, line: usize) -> bool {
    let tests_from = tree.rust.get(path).map_or(usize::MAX, super::lexer::tests_from_line);
    !path.starts_with("xtask/") && (super::shape::is_test_file(path) || line >= tests_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> House {
        House::parse(
            "[[word]]\ntext = 'TODO'\ninstead = 'do it'\n\
             [[word]]\ntext = '/mnt/'\ninstead = 'ask'\nexcept = ['docs/']\n\
             [[word]]\ntext = 'placeholder'\ninstead = 'name it'",
        )
        .unwrap()
    }

    fn lines(path: &str, text: &str) -> Vec<usize> {
        words(&Tree::fixture(&[(path, text)]), &house()).iter().map(|f| f.line).collect()
    }

    #[test]
    fn words_are_found_with_their_line_and_only_whole() {
        assert_eq!(lines("a.md", "fine\nTODO: later\nTODOS and MATODO pass"), [2]);
        assert_eq!(lines("a.html", "<input placeholder=\"name\">\na placeholder"), [2]);
    }

    #[test]
    fn machine_paths_are_found_but_not_inside_longer_paths() {
        assert_eq!(lines("a.rs", "\"/mnt/data\"\n\"http://host/mnt/x\"\n../mnt/x"), [1]);
        assert_eq!(lines("docs/a.md", "`/mnt/data`"), Vec::<usize>::new());
    }

    #[test]
    fn skipped_tests_say_so_in_one_form() {
        let check = |text: &str| {
            let source = format!("//! T.\nfn t() {{ eprintln!(\"{text}\"); }}");
            skips(&Tree::fixture(&[("crates/a/tests/it/b.rs", &source)]), &house()).len()
        };
        assert_eq!(check("skipped: no server answers"), 0);
        assert_eq!(check("skipped (reference data): cases/billing is absent"), 0);
        assert_eq!(check("skipped: ../shared is absent"), 1);
        assert_eq!(check("SKIP no server"), 1);
        assert_eq!(check("skipped"), 0);
        assert_eq!(check("skipped: {} is absent\"); var(\"LAMPLIGHT_SHARED"), 1);
    }
}
