//! A page that asks once more before a deed that cannot simply be undone: what will happen, and
//! one button. No dialog, so that it works everywhere and has its own address.

use askama::Template;

use crate::http::{
    i18n::Words,
    ui::{Field, Page},
};

/// The page.
#[derive(Template)]
#[template(path = "components/confirm.html")]
pub struct ConfirmPage {
    t: Words,
    page: Page,
    question: String,
    consequences: Vec<String>,
    action: String,
    submit: String,
    back: String,
    fields: Vec<Field>,
    hidden: Vec<(String, String)>,
    links: Vec<(String, String)>,
}

impl ConfirmPage {
    /// A question, where the answer goes, the deed as the button names it, and the way back.
    #[must_use]
    pub fn new(page: Page, question: &str, action: &str, submit: &str, back: &str) -> Self {
        Self {
            t: page.t,
            page,
            question: question.to_owned(),
            consequences: Vec::new(),
            action: action.to_owned(),
            submit: submit.to_owned(),
            back: back.to_owned(),
            fields: Vec::new(),
            hidden: Vec::new(),
            links: Vec::new(),
        }
    }

    /// One thing that will happen.
    #[must_use]
    pub fn consequence(mut self, text: &str) -> Self {
        self.consequences.push(text.to_owned());
        self
    }

    /// A field to fill in, such as the reason.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Another way to deal with it, where it is open to the person.
    #[must_use]
    pub fn link(mut self, label: &str, href: &str, open: bool) -> Self {
        if open {
            self.links.push((label.to_owned(), href.to_owned()));
        }
        self
    }

    /// A value that the form sends along, such as the version that was seen.
    #[must_use]
    pub fn hidden(mut self, name: &str, value: &str) -> Self {
        self.hidden.push((name.to_owned(), value.to_owned()));
        self
    }
}
