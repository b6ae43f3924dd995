//! Pages that are made of parts under each other, and the small forms on them. What a page says
//! is in its own module; here is only how the parts are put together.

use askama::Template;
use axum::response::{Html as Fragment, IntoResponse, Response};

use crate::http::{
    failure::ok,
    i18n::Words,
    ui::{Field, Figure, Html, Page, Part, escape},
};

/// A page of parts.
#[derive(Template)]
#[template(path = "console/operations/sheet.html")]
pub(super) struct Sheet {
    t: Words,
    page: Page,
    actions: Vec<Html>,
    parts: Vec<Html>,
}

impl Sheet {
    pub fn new(page: Page) -> Self {
        Self { t: page.t, page, actions: Vec::new(), parts: Vec::new() }
    }

    /// A link among the page's actions.
    pub fn action(mut self, label: &str, href: &str) -> Self {
        self.actions.push(button(label, href));
        self
    }

    /// A part among the page's actions.
    pub fn act(mut self, part: &impl Part) -> Self {
        self.actions.push(Html::of(part));
        self
    }

    /// The next part.
    pub fn part(mut self, part: &impl Part) -> Self {
        self.parts.push(Html::of(part));
        self
    }

    /// The next part, when there is one.
    pub fn maybe<P: Part>(self, part: Option<P>) -> Self {
        match part {
            Some(part) => self.part(&part),
            None => self,
        }
    }

    pub fn show(&self) -> Response {
        ok(self)
    }
}

/// A link that looks like a button.
pub(super) fn button(label: &str, href: &str) -> Html {
    Html::composed(format!("<a class=\"button\" href=\"{}\">{}</a>", escape(href), escape(label)))
}

/// A part alone, for a page that fetches it again.
pub(super) fn fragment(part: &impl Part) -> Response {
    Fragment(part.to_string()).into_response()
}

/// A paragraph.
pub(super) fn paragraph(text: &str) -> Html {
    Html::composed(format!("<p class=\"lead\">{}</p>", escape(text)))
}

/// A box with a heading.
#[derive(Template)]
#[template(path = "console/operations/card.html")]
pub(super) struct Card {
    heading: String,
    parts: Vec<Html>,
}

impl Card {
    pub fn new(heading: &str) -> Self {
        Self { heading: heading.to_owned(), parts: Vec::new() }
    }

    pub fn part(mut self, part: &impl Part) -> Self {
        self.parts.push(Html::of(part));
        self
    }
}

/// Parts beside each other.
#[derive(Template)]
#[template(path = "console/operations/group.html")]
pub(super) struct Group {
    class: &'static str,
    parts: Vec<Html>,
}

impl Group {
    pub fn figures(figures: &[Figure]) -> Self {
        Self { class: "figures", parts: figures.iter().map(Html::of).collect() }
    }

    pub const fn stack(parts: Vec<Html>) -> Self {
        Self { class: "card stack", parts }
    }

    pub const fn columns(parts: Vec<Html>) -> Self {
        Self { class: "columns", parts }
    }
}

/// The filters above a list.
#[derive(Template)]
#[template(path = "console/operations/filter.html")]
pub(super) struct FilterBar<'a> {
    pub page: &'a Page,
    pub action: &'a str,
    pub fields: Vec<Field>,
}

/// A form with its fields under each other.
#[derive(Template)]
#[template(path = "console/operations/form.html")]
pub(super) struct Form<'a> {
    page: &'a Page,
    action: String,
    fields: Vec<Field>,
    hidden: Vec<(&'static str, String)>,
    submit: String,
    cancel: Option<(String, String)>,
}

impl<'a> Form<'a> {
    pub fn new(page: &'a Page, action: &str, submit: &str) -> Self {
        Self {
            page,
            action: action.to_owned(),
            fields: Vec::new(),
            hidden: Vec::new(),
            submit: submit.to_owned(),
            cancel: None,
        }
    }

    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    pub fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    pub fn cancel(mut self, label: &str, href: &str) -> Self {
        self.cancel = Some((label.to_owned(), href.to_owned()));
        self
    }
}

/// A form that sends a file along. Its token stands in the address, as the body is read part by
/// part.
#[derive(Template)]
#[template(path = "console/operations/upload.html")]
pub(super) struct UploadForm<'a> {
    page: &'a Page,
    action: String,
    fields: Vec<Field>,
    submit: String,
    cancel: Option<(String, String)>,
}

impl<'a> UploadForm<'a> {
    pub fn new(page: &'a Page, action: &str, submit: &str) -> Self {
        let (action, submit) = (action.to_owned(), submit.to_owned());
        Self { page, action, fields: Vec::new(), submit, cancel: None }
    }

    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    pub fn cancel(mut self, label: &str, href: &str) -> Self {
        self.cancel = Some((label.to_owned(), href.to_owned()));
        self
    }
}

/// A deed as one button.
#[derive(Template)]
#[template(path = "console/operations/deed.html")]
pub(super) struct Deed<'a> {
    page: &'a Page,
    action: String,
    label: String,
    hidden: Vec<(&'static str, String)>,
    primary: bool,
}

impl<'a> Deed<'a> {
    pub fn new(page: &'a Page, action: &str, label: &str) -> Self {
        let (action, label) = (action.to_owned(), label.to_owned());
        Self { page, action, label, hidden: Vec::new(), primary: false }
    }

    pub fn hidden(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    pub const fn primary(mut self) -> Self {
        self.primary = true;
        self
    }
}

/// A text in its lines, folded; each with `same`, `new` or `old`.
#[derive(Template)]
#[template(path = "console/operations/source.html")]
pub(super) struct SourceText {
    pub label: String,
    pub lines: Vec<(&'static str, String)>,
}

/// Marks a template as safe to write into other templates.
macro_rules! parts {
    ($($name:ty),+ $(,)?) => {$(
        impl Part for $name {}
        impl askama::filters::HtmlSafe for $name {}
    )+};
}
parts!(Card, Group, FilterBar<'_>, Form<'_>, UploadForm<'_>, Deed<'_>, SourceText);
