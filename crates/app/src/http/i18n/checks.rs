//! The rules of the catalogues, held by tests over our own sources: nothing half translated, no
//! key without its text, no words for people outside the catalogues.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::catalogue;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == ending) {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn entries() -> BTreeMap<String, catalogue::Entry> {
    let mut all = BTreeMap::new();
    for (name, text) in catalogue::FILES {
        for (key, entry) in catalogue::read(text).unwrap_or_else(|e| panic!("{name}: {e}")) {
            assert!(all.insert(key.clone(), entry).is_none(), "{name}: {key} stands twice");
        }
    }
    all
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let on_disk: Vec<String> = files(&root().join("locales"), "toml")
        .into_iter()
        .filter_map(|(path, _)| Some(Path::new(&path).file_name()?.to_str()?.to_owned()))
        .collect();
    let mut listed: Vec<&str> = catalogue::FILES.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(on_disk, listed, "list every locales/*.toml in i18n/catalogue.rs");
}

#[test]
fn both_languages_have_the_same_places_and_their_own_words() {
    for (key, entry) in entries() {
        assert_eq!(places(&entry.zh), places(&entry.en), "{key}");
        assert!(!entry.zh.trim().is_empty() && !entry.en.trim().is_empty(), "{key} is empty");
        assert!(!entry.en.chars().any(is_cjk) || key == "language.name", "{key}: en holds Chinese");
        let latin_only = entry.zh.chars().any(|c| c.is_ascii_alphabetic())
            && !entry.zh.chars().any(is_cjk)
            && !entry.zh.chars().all(|c| c.is_ascii_uppercase() || !c.is_alphabetic());
        assert!(!latin_only || entry.zh.contains('{'), "{key}: zh is not Chinese: {}", entry.zh);
    }
}

/// The keys between `t.get("` and `"` and their kin.
fn asked_for(text: &str) -> impl Iterator<Item = &str> {
    ["t.get(\"", "t().get(\"", "self.get(\"", "t.with(\"", "t().with(\"", "words.get(\""]
        .into_iter()
        .flat_map(move |start| text.split(start).skip(1))
        .filter_map(|rest| rest.split_once('"'))
        .map(|(key, _)| key)
}

#[test]
fn every_key_that_is_asked_for_exists() {
    let known = entries();
    let mut missing = BTreeSet::new();
    let sources = files(&root().join("src/http"), "rs");
    for (path, text) in files(&root().join("templates"), "html").into_iter().chain(sources) {
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for key in asked_for(text).filter(|key| !known.contains_key(*key)) {
            if !path.ends_with("i18n/checks.rs") && !path.ends_with("i18n/mod.rs") {
                missing.insert(format!("{path}: {key}"));
            }
        }
    }
    assert!(missing.is_empty(), "keys without a text:\n{missing:#?}");
}

/// What people would read of a template: the text between tags, and the attributes that are read
/// aloud; without comments, expressions and statements.
fn words_of(template: &str) -> Vec<String> {
    let mut plain = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<!--", "-->")] {
        while let Some(start) = plain.find(open) {
            let end = plain[start..].find(close).map_or(plain.len(), |i| start + i + close.len());
            plain.replace_range(start..end, "\u{1}");
        }
    }
    let mut words = Vec::new();
    for attribute in ["aria-label=\"", "title=\"", "placeholder=\"", "alt=\""] {
        let values = plain.split(attribute).skip(1).filter_map(|rest| rest.split_once('"'));
        words.extend(values.map(|(value, _)| value.to_owned()));
    }
    let mut inside = false;
    let text: String = plain
        .chars()
        .filter(|c| {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                _ => return !inside,
            }
            false
        })
        .collect();
    words.push(text);
    words
}

#[test]
fn no_words_for_people_stand_in_templates() {
    /// Names that are the same in every language.
    const SAME: [&str; 4] = ["CSV", "JSON", "Green", "Button"];
    let mut found = Vec::new();
    for (path, template) in files(&root().join("templates"), "html") {
        for text in words_of(&template) {
            let foreign = text.chars().any(is_cjk)
                || text
                    .split(|c: char| !c.is_alphabetic())
                    .any(|word| word.chars().count() > 1 && !SAME.contains(&word));
            if foreign {
                found.push(format!("{path}: {}", text.trim()));
            }
        }
    }
    assert!(found.is_empty(), "put these words into locales/:\n{found:#?}");
}

#[test]
fn no_chinese_stands_in_the_pages_code() {
    for (path, text) in files(&root().join("src/http"), "rs") {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let format = ["i18n/format.rs", "i18n/checks.rs", "http/tests.rs"]
                .iter()
                .any(|end| path.ends_with(end));
            assert!(format || !line.chars().any(is_cjk), "{path}: {line}");
        }
    }
}
