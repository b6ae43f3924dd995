//! Words in two languages, and how numbers, money and dates are written in each.
//!
//! The catalogues are `locales/<area>.toml`: one line per key that holds both languages, so that
//! no text can exist in one only. Named places are written `{name}`. Tests in `checks.rs` hold the
//! rules: the same places in both languages, every key that a template or a page asks for exists,
//! and no words for people outside the catalogues.

mod catalogue;
#[cfg(test)]
mod checks;
mod format;

use std::fmt::Display;

/// A language that pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Locale {
    /// 简体中文, the default.
    #[default]
    ZhCn,
    /// English.
    En,
}

impl Locale {
    /// All languages, in the order in which the switch shows them.
    pub const ALL: [Self; 2] = [Self::ZhCn, Self::En];

    /// The BCP 47 tag, as in `<html lang>`, cookies and `Accept-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// The language with this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// The first language of an `Accept-Language` header that we have; the default otherwise.
    /// Weights are ignored: browsers already list the preferred language first.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        header
            .split(',')
            .filter_map(|part| {
                let tag = part.split(';').next().unwrap_or_default().trim();
                match tag.split('-').next().unwrap_or_default() {
                    "zh" => Some(Self::ZhCn),
                    "en" => Some(Self::En),
                    _ => None,
                }
            })
            .next()
            .unwrap_or_default()
    }
}

/// The words and formats of one language. Every page struct has one as `t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Words(pub Locale);

impl Words {
    /// The language.
    #[must_use]
    pub const fn locale(self) -> Locale {
        self.0
    }

    /// The text of a key. A test proves that every key in our sources exists; should one be
    /// missing nevertheless, the key itself is shown.
    #[must_use]
    pub fn get(self, key: &'static str) -> &'static str {
        catalogue::text(self.0, key).unwrap_or(key)
    }

    /// The text of a key with its named places filled: `t.with("pager.page", &[("n", &3)])`.
    #[must_use]
    pub fn with(self, key: &'static str, places: &[(&str, &dyn Display)]) -> String {
        fill(self.get(key), places)
    }

    /// The text of `prefix.code`, for codes that are only known when the program runs, such as
    /// states and fault codes; `None` when the catalogue has none.
    #[must_use]
    pub fn find(self, prefix: &str, code: &str) -> Option<&'static str> {
        catalogue::text(self.0, &format!("{prefix}.{code}"))
    }

    /// As [`Words::find`], with the code itself where the catalogue has none.
    #[must_use]
    pub fn of<'a>(self, prefix: &str, code: &'a str) -> &'a str {
        self.find(prefix, code).unwrap_or(code)
    }
}

fn fill(text: &str, places: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match places.iter().find(|(place, _)| *place == name) {
            Some((_, value)) => filled.push_str(&value.to_string()),
            None => filled.push_str(&format!("{{{name}}}")),
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_s_first_known_language_wins() {
        assert_eq!(Locale::from_accept_language("de-DE,en-GB;q=0.8,zh;q=0.5"), Locale::En);
        assert_eq!(Locale::from_accept_language("zh-TW,zh;q=0.9,en;q=0.8"), Locale::ZhCn);
        assert_eq!(Locale::from_accept_language("fr"), Locale::ZhCn);
        assert_eq!(Locale::from_tag("en"), Some(Locale::En));
        assert_eq!(Locale::from_tag("EN-us"), None);
    }

    #[test]
    fn places_are_filled_by_name() {
        assert_eq!(fill("{a} of {b}", &[("b", &20), ("a", &"10")]), "10 of 20");
        assert_eq!(fill("{unknown} stays { open", &[]), "{unknown} stays { open");
        assert_eq!(fill("{a}", &[("a", &"{b}"), ("b", &"never read again")]), "{b}");
    }
}
