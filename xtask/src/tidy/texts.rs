//! Texts that must agree: the two languages of the pages, of the README, of the glossary; and
//! links between documents that lead somewhere.

use std::collections::BTreeMap;

use super::{Finding, House, Rule, Tree};

/// Every text of the pages stands in both languages.
pub const LOCALES: Rule = Rule {
    id: "locales",
    why: "a text that exists in one language only shows as a bare key in the other",
    check: locales,
};

/// Both READMEs have the same sections.
pub const READMES: Rule = Rule {
    id: "readmes",
    why: "who reads one language must learn the same as who reads the other",
    check: readmes,
};

/// Every glossary row has its pair.
pub const GLOSSARY: Rule = Rule {
    id: "glossary",
    why: "one English and one Chinese word for a thing, found in one place",
    check: glossary,
};

/// Links lead somewhere.
pub const LINKS: Rule = Rule {
    id: "links",
    why: "a document that points to nothing sends its reader away",
    check: links,
};

/// Where the texts of the pages stand: one line per text, with both languages.
const LOCALES_FOLDER: &str = "crates/app/locales/";
/// Fewer rows than this and something was lost.
const GLOSSARY_ROWS_MIN: usize = 120;

fn locales(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files.iter().filter(|(path, _)| path.starts_with(LOCALES_FOLDER)) {
        match text.parse::<toml::Table>() {
            Ok(table) => {
                let mut wrong = Vec::new();
                judge_texts("", &table, &mut wrong);
                found.extend(wrong.into_iter().map(|(key, message)| {
                    Finding::new(LOCALES.id, path, line_with(text, &key), message).about(&key)
                }));
            }
            Err(error) => {
                let message = format!("this is no TOML: {}", error.message());
                found.push(Finding::new(LOCALES.id, path, 0, message));
            }
        }
    }
    found
}

/// A table with `zh` and `en` is a text; any other table holds texts further down.
fn judge_texts(prefix: &str, table: &toml::Table, wrong: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let key = format!("{prefix}{key}");
        match value.as_table() {
            Some(pair) if pair.contains_key("zh") || pair.contains_key("en") => {
                let written = |language: &str| {
                    let text = pair.get(language).and_then(toml::Value::as_str);
                    text.is_some_and(|text| !text.trim().is_empty())
                };
                for language in ["zh", "en"].into_iter().filter(|language| !written(language)) {
                    wrong.push((key.clone(), format!("{key} has no {language}: translate it")));
                }
            }
            Some(inner) => judge_texts(&format!("{key}."), inner, wrong),
            None => {
                let message = format!("{key} is no pair: write {{ zh = \"…\", en = \"…\" }}");
                wrong.push((key, message));
            }
        }
    }
}

/// The line that writes a dotted key, whole or by its last part; 0 where neither starts a line.
fn line_with(text: &str, key: &str) -> usize {
    let last = key.rsplit('.').next().unwrap_or(key);
    let at = |start: &str| text.lines().position(|line| line.trim_start().starts_with(start));
    at(key).or_else(|| at(last)).map_or(0, |index| index + 1)
}

fn readmes(tree: &Tree, _: &House) -> Vec<Finding> {
    let (english, chinese) = ("README.md", "README.zh-CN.md");
    let (Some(one), Some(other)) = (tree.text(english), tree.text(chinese)) else {
        let message = "README.md and README.zh-CN.md both exist: write the missing one";
        return vec![Finding::new(READMES.id, english, 0, message)];
    };
    let (one, other) = (headings(one), headings(other));
    let place = one.iter().zip(&other).position(|(a, b)| a.1 != b.1);
    let place = place.or((one.len() != other.len()).then_some(one.len().min(other.len())));
    let Some(place) = place else { return Vec::new() };
    let name = |list: &[(usize, usize, String)]| {
        list.get(place).map_or("nothing".to_owned(), |(_, _, text)| format!("\"{text}\""))
    };
    let line = other.get(place).map_or(0, |(line, ..)| *line);
    let message = format!(
        "section {} is {} in {english} but {} here: give both the same sections in the same order",
        place + 1,
        name(&one),
        name(&other)
    );
    vec![Finding::new(READMES.id, chinese, line, message)]
}

/// Line, level and text of the headings of a Markdown text, outside code.
fn headings(markdown: &str) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    for (line, text) in prose_lines(markdown) {
        let level = text.bytes().take_while(|b| *b == b'#').count();
        if level > 0 && text[level..].starts_with(' ') {
            found.push((line, level, text[level..].trim().to_owned()));
        }
    }
    found
}

/// The lines, with their numbers, that are not inside a fenced block of code.
fn prose_lines(markdown: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    markdown.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((index + 1, line))
    })
}

fn glossary(tree: &Tree, _: &House) -> Vec<Finding> {
    const PATH: &str = "docs/glossary.md";
    let Some(text) = tree.text(PATH) else {
        return vec![Finding::new(GLOSSARY.id, PATH, 0, "the glossary is missing")];
    };
    let mut found = Vec::new();
    let (mut terms, mut rows) = (BTreeMap::new(), 0);
    for (line, text) in prose_lines(text).filter(|(_, text)| text.starts_with('|')) {
        let cells: Vec<&str> = text.trim_matches('|').split('|').map(str::trim).collect();
        let (english, chinese) = (cells[0], cells.get(1).copied().unwrap_or_default());
        if english == "English" || english.starts_with("--") {
            continue;
        }
        rows += 1;
        if english.is_empty() || !chinese.chars().any(is_chinese) {
            let message = "a row is an English word, its Chinese word, and what it means here";
            found.push(Finding::new(GLOSSARY.id, PATH, line, message));
        }
        if let Some(first) = terms.insert(english.to_lowercase(), line) {
            let message = format!("{english} stands already in line {first}: keep one row");
            found.push(Finding::new(GLOSSARY.id, PATH, line, message));
        }
    }
    if rows < GLOSSARY_ROWS_MIN {
        let message = format!("{rows} rows, fewer than {GLOSSARY_ROWS_MIN}: what was lost?");
        found.push(Finding::new(GLOSSARY.id, PATH, 0, message));
    }
    found
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn links(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.with_ending("md") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, prose) in prose_lines(text) {
            for target in targets(prose) {
                let file = target.split('#').next().unwrap_or_default();
                if file.is_empty() || exists(tree, &resolve(folder, file)) {
                    continue;
                }
                let message = format!("the link to {target} leads nowhere: correct or remove it");
                found.push(Finding::new(LINKS.id, path, line, message).about(target));
            }
        }
    }
    found
}

/// Targets of `[…](…)` that are files of the checkout. Pictures may be anything but a text, so
/// they are left to whoever looks at the page.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|target| {
        let outside = target.contains("://") || target.starts_with("mailto:");
        let picture = [".png", ".svg", ".jpg", ".webp"].iter().any(|e| target.ends_with(e));
        !outside && !picture
    })
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

fn exists(tree: &Tree, path: &str) -> bool {
    let within = format!("{path}/");
    path.is_empty()
        || path == "LICENSE"
        || tree.files.contains_key(path)
        || tree.files.keys().any(|file| file.starts_with(&within))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: &Rule, files: &[(&str, &str)]) -> Vec<String> {
        let found = (rule.check)(&Tree::fixture(files), &House::default());
        found.into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn a_text_of_one_language_only_is_found() {
        let text = "page.title = { zh = \"电费单\", en = \"Bill\" }\n[bill]\ntotal = { zh = \"合计\" }\n\
                    due = { zh = \"\", en = \"Due\" }\nnote = \"x\"";
        let tree = Tree::fixture(&[("crates/app/locales/bill.toml", text)]);
        let mut found: Vec<_> = locales(&tree, &House::default())
            .into_iter()
            .map(|f| (f.line, f.message.split(':').next().unwrap().to_owned()))
            .collect();
        found.sort();
        let expected =
            [(3, "bill.total has no en"), (4, "bill.due has no zh"), (5, "bill.note is no pair")];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn readmes_differ_in_sections() {
        let pair = |zh| [("README.md", "# A\n```\n# no\n```\n## B\n"), ("README.zh-CN.md", zh)];
        assert_eq!(check(&READMES, &pair("# 甲\n## 乙\n")), Vec::<String>::new());
        assert!(check(&READMES, &pair("# 甲\n"))[0].contains("section 2 is \"B\""));
        assert!(check(&READMES, &pair("# 甲\n### 乙\n"))[0].contains("\"乙\""));
        assert_eq!(check(&READMES, &[("README.md", "")]).len(), 1);
    }

    #[test]
    fn glossary_rows_without_a_pair_or_twice_are_found() {
        let mut text = "| English | 中文 | Meaning |\n|---|---|---|\n".to_owned();
        for row in 0..GLOSSARY_ROWS_MIN {
            text += &format!("| term {row} | 词 | x |\n");
        }
        assert_eq!(check(&GLOSSARY, &[("docs/glossary.md", &text)]), Vec::<String>::new());
        text += "| term 1 | 词 | x |\n| bare | none | x |\n";
        assert_eq!(check(&GLOSSARY, &[("docs/glossary.md", &text)]).len(), 2);
        assert_eq!(check(&GLOSSARY, &[("docs/glossary.md", "| a | 甲 | |")]).len(), 1);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let text = "[a](b.md) [b](../README.md#x) [c](gone.md) [d](https://x.y/z) ![e](p.png)";
        let files = [("docs/a.md", text), ("docs/b.md", ""), ("README.md", "[docs](docs/)")];
        assert_eq!(check(&LINKS, &files).len(), 1);
    }
}
