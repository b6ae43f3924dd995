//! The form field: label, hint, error and the value that was typed, kept.

use askama::Template;

use crate::http::i18n::Words;

/// What kind of input a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// One line of text.
    Text,
    /// A password, never written back into the page.
    Password,
    /// A date.
    Date,
    /// A month.
    Month,
    /// A telephone number.
    Tel,
    /// Words to search for.
    Search,
    /// A file.
    File,
    /// Several lines of text.
    Area,
    /// One of a list.
    Select,
    /// Yes or no.
    Checkbox,
    /// Only digits, such as a one-time code.
    Code,
}

impl Input {
    const fn kind(self) -> &'static str {
        match self {
            Self::Text | Self::Code | Self::Area | Self::Select => "text",
            Self::Password => "password",
            Self::Date => "date",
            Self::Month => "month",
            Self::Tel => "tel",
            Self::Search => "search",
            Self::File => "file",
            Self::Checkbox => "checkbox",
        }
    }
}

/// One entry of a select.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// A field of a form.
#[derive(Debug, Clone, Template)]
#[template(path = "components/field.html")]
pub struct Field {
    t: Words,
    name: &'static str,
    label: String,
    input: Input,
    value: String,
    hint: String,
    error: String,
    required: bool,
    autocomplete: &'static str,
    choices: Vec<Choice>,
    focus: bool,
}

impl Field {
    /// A field by the name that the form sends, and its label.
    #[must_use]
    pub fn new(t: Words, name: &'static str, label: impl Into<String>, input: Input) -> Self {
        Self {
            t,
            name,
            label: label.into(),
            input,
            value: String::new(),
            hint: String::new(),
            error: String::new(),
            required: false,
            autocomplete: "off",
            choices: Vec::new(),
            focus: false,
        }
    }

    /// The present value.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Help below the label.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// What is wrong with the value; empty: nothing.
    #[must_use]
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = error.into();
        self
    }

    /// Must be filled in.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What the browser may fill in by itself (an `autocomplete` token).
    #[must_use]
    pub const fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    /// The entries of a select.
    #[must_use]
    pub fn choices(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }

    /// Takes the focus when the page opens: the first field of a page with one purpose.
    #[must_use]
    pub const fn focus(mut self) -> Self {
        self.focus = true;
        self
    }

    /// The value and the error of a form that was sent and refused.
    #[must_use]
    pub fn kept(mut self, refused: &crate::http::form::Refused) -> Self {
        if self.input != Input::Password {
            self.value = refused.value(self.name).to_owned();
        }
        self.error = refused.error(self.name).to_owned();
        self
    }

    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.name));
        }
        if !self.error.is_empty() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }
}
