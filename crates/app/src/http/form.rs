//! What a form sent, and how it is checked: all errors at once, each beside its field, every
//! value kept.

use std::{collections::BTreeMap, fmt::Display};

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{
    Failure, Web,
    i18n::Words,
    ui::{Alert, Sign},
};

/// The fields that a form sent. The guard has read them and checked their token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent(Vec<(String, String)>);

impl Sent {
    /// Fields as they were sent.
    #[must_use]
    pub const fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of a field; empty when it was not sent.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a field that may be sent several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Begins to check the fields.
    #[must_use]
    pub const fn check(&self, t: Words) -> Check<'_> {
        Check { t, sent: self, errors: BTreeMap::new() }
    }
}

impl FromRequestParts<Web> for Sent {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Failure> {
        parts.extensions.remove::<Self>().ok_or_else(|| {
            Failure::new(kernel::FaultKind::Invalid, "http.no_form", "send the fields of the form")
        })
    }
}

/// A form being checked. Ask for every field first, then for [`Check::refused`].
pub struct Check<'a> {
    t: Words,
    sent: &'a Sent,
    errors: BTreeMap<&'static str, String>,
}

impl Check<'_> {
    /// A text that must be there, without the blanks around it, of at most `max` characters.
    pub fn required(&mut self, name: &'static str, max: usize) -> String {
        let value = self.sent.value(name).trim();
        if value.is_empty() {
            self.wrong(name, self.t.get("form.required"));
        } else if value.chars().count() > max {
            self.wrong(name, self.t.with("form.too_long", &[("max", &max)]));
        }
        value.to_owned()
    }

    /// A text that may be missing.
    pub fn optional(&mut self, name: &'static str, max: usize) -> Option<String> {
        let value = self.sent.value(name).trim();
        if value.is_empty() { None } else { Some(self.required(name, max)) }
    }

    /// A value of another kind, read by `parse`, whose error becomes the field's.
    pub fn parsed<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.required(name, 4_096);
        if self.errors.contains_key(name) {
            return None;
        }
        parse(&value).map_err(|error| self.wrong(name, error.to_string())).ok()
    }

    /// Says what is wrong with a field; the first word on it stands.
    pub fn wrong(&mut self, name: &'static str, text: impl Into<String>) {
        self.errors.entry(name).or_insert_with(|| text.into());
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.errors.is_empty()
    }

    /// The refusal, when anything is wrong.
    #[must_use]
    pub fn refused(self) -> Option<Refused> {
        if self.errors.is_empty() {
            return None;
        }
        Some(Refused { sent: self.sent.clone(), errors: self.errors })
    }
}

/// A form that is shown again: its values and what is wrong with them. The default is a form that
/// is shown for the first time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    sent: Sent,
    errors: BTreeMap<&'static str, String>,
}

impl Refused {
    /// The value that was sent.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.sent.value(name)
    }

    /// What is wrong with a field; empty: nothing.
    #[must_use]
    pub fn error(&self, name: &str) -> &str {
        self.errors.get(name).map_or("", String::as_str)
    }

    /// The summary above the form.
    #[must_use]
    pub fn alert(&self, t: Words) -> Option<Alert> {
        let n = self.errors.len();
        (n > 0).then(|| Alert::new(Sign::Bad, t.with("form.wrong", &[("n", &n)])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::i18n::Locale;

    #[test]
    fn all_errors_come_at_once_and_values_stay() {
        let sent = Sent::new(vec![("name".into(), "  ".into()), ("n".into(), "seven".into())]);
        let mut check = sent.check(Words(Locale::En));
        let name = check.required("name", 10);
        let n = check.parsed("n", str::parse::<u8>);
        assert_eq!((name.as_str(), n), ("", None));
        let refused = check.refused().unwrap();
        assert_eq!(refused.error("name"), "This is needed");
        assert_eq!(refused.value("n"), "seven");
        assert!(refused.error("n").contains("invalid digit"));
        assert!(refused.alert(Words(Locale::En)).unwrap().to_string().contains("2 to correct"));
    }

    #[test]
    fn a_good_form_is_not_refused() {
        let sent = Sent::new(vec![("name".into(), " 王芳 ".into())]);
        let mut check = sent.check(Words(Locale::ZhCn));
        assert_eq!(check.required("name", 2), "王芳");
        assert_eq!(check.optional("note", 5), None);
        assert_eq!(check.refused(), None);
    }
}
