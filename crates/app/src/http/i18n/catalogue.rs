//! The catalogues, embedded and read once: `locales/<area>.toml`, one line per key,
//! `pager.next = { zh = "…", en = "…" }`.

use std::{collections::HashMap, sync::LazyLock};

use super::Locale;

/// Every file of `locales/`; a test compares this list with the folder.
pub(super) const FILES: &[(&str, &str)] = &[
    ("common.toml", include_str!("../../../locales/common.toml")),
    ("bills.toml", include_str!("../../../locales/bills.toml")),
    ("customers.toml", include_str!("../../../locales/customers.toml")),
    ("trade.toml", include_str!("../../../locales/trade.toml")),
    ("portal.toml", include_str!("../../../locales/portal.toml")),
    ("operations.toml", include_str!("../../../locales/operations.toml")),
    ("metering.toml", include_str!("../../../locales/metering.toml")),
];

/// One key in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub zh: String,
    pub en: String,
}

static ENTRIES: LazyLock<HashMap<String, Entry>> = LazyLock::new(|| {
    let mut entries = HashMap::new();
    for (name, text) in FILES {
        match read(text) {
            Ok(read) => entries.extend(read),
            Err(error) => tracing::error!(file = name, %error, "a catalogue cannot be read"),
        }
    }
    entries
});

/// The text of a key.
pub(super) fn text(locale: Locale, key: &str) -> Option<&'static str> {
    let entry = ENTRIES.get(key)?;
    Some(match locale {
        Locale::ZhCn => &entry.zh,
        Locale::En => &entry.en,
    })
}

/// Reads one catalogue: nested tables become dotted keys; a table with `zh` and `en` is a leaf.
pub(super) fn read(text: &str) -> Result<Vec<(String, Entry)>, String> {
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
    let mut entries = Vec::new();
    let mut open = vec![(String::new(), table)];
    while let Some((prefix, table)) = open.pop() {
        for (name, value) in table {
            let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
            let toml::Value::Table(inner) = value else {
                return Err(format!("{key}: expected {{ zh = \"…\", en = \"…\" }}"));
            };
            match (inner.get("zh").and_then(|v| v.as_str()), inner.get("en")) {
                (Some(zh), Some(toml::Value::String(en))) if inner.len() == 2 => {
                    entries.push((key, Entry { zh: zh.to_owned(), en: en.clone() }));
                }
                (Some(_), _) => return Err(format!("{key}: exactly zh and en are expected")),
                (None, Some(toml::Value::String(_))) => {
                    return Err(format!("{key}: the text in Chinese is missing"));
                }
                _ => open.push((key, inner)),
            }
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_one_language_only_is_refused() {
        let both = read("a.b = { zh = '甲', en = 'A' }").unwrap();
        assert_eq!(both[0].0, "a.b");
        assert!(read("a.b = { zh = '甲' }").unwrap_err().contains("a.b"));
        assert!(read("a.b = { en = 'A' }").unwrap_err().contains("Chinese"));
        assert!(read("a = 'A'").is_err());
    }
}
