//! Errors as people and programs see them. A handler returns a [`Failure`]; the frame turns it
//! into a page in the visitor's language, or into problem+json under `/api/`.

use askama::Template;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use kernel::{Fault, FaultKind};
use serde_json::json;

use super::{Visit, i18n::Words, ui::Page};

/// Something that went wrong on the way to an answer.
#[derive(Debug, Clone)]
pub struct Failure {
    kind: FaultKind,
    status: Option<StatusCode>,
    code: &'static str,
    /// What, where and what to do, for the sender; empty for what concerns the operator only.
    detail: String,
    /// The whole chain of causes, for the log.
    causes: String,
}

impl Failure {
    /// A failure of the door itself.
    #[must_use]
    pub fn new(kind: FaultKind, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, status: None, code, causes: detail.clone(), detail }
    }

    /// What was asked for does not exist, or not for this person.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(FaultKind::NotFound, "http.not_found", "")
    }

    /// The person may not do this.
    #[must_use]
    pub fn denied() -> Self {
        Self::new(FaultKind::Denied, "http.denied", "")
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self { status: Some(StatusCode::UNAUTHORIZED), ..Self::denied() }
            .coded("http.not_signed_in")
    }

    /// A status that one of the libraries answered with.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        let (kind, code) = match status.as_u16() {
            401 | 403 => (FaultKind::Denied, "http.denied"),
            404 => (FaultKind::NotFound, "http.not_found"),
            405 => (FaultKind::Invalid, "http.method"),
            409 => (FaultKind::Conflict, "http.conflict"),
            413 | 429 => (FaultKind::Limit, "http.limit"),
            400..=499 => (FaultKind::Invalid, "http.invalid"),
            503 | 504 => (FaultKind::Unavailable, "http.unavailable"),
            _ => (FaultKind::Bug, "http.internal"),
        };
        Self { status: Some(status), ..Self::new(kind, code, "") }
    }

    const fn coded(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The kind, which decides status and log level.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The status to answer with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
            .or_else(|| StatusCode::from_u16(self.kind.http_status()).ok())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What happened, in the visitor's words: title and text.
    #[must_use]
    pub fn words(&self, t: Words) -> (&'static str, &'static str) {
        let (title, text) = match self.kind {
            FaultKind::Invalid => (t.get("error.invalid"), t.get("error.invalid_text")),
            FaultKind::NotFound => (t.get("error.not_found"), t.get("error.not_found_text")),
            FaultKind::Conflict => (t.get("error.conflict"), t.get("error.conflict_text")),
            FaultKind::Denied => (t.get("error.denied"), t.get("error.denied_text")),
            FaultKind::Limit => (t.get("error.limit"), t.get("error.limit_text")),
            FaultKind::Unavailable => (t.get("error.unavailable"), t.get("error.unavailable_text")),
            FaultKind::Corrupt | FaultKind::Bug => {
                (t.get("error.broken"), t.get("error.broken_text"))
            }
        };
        match self.code {
            "http.form_expired" => (t.get("error.form_expired"), t.get("error.form_expired_text")),
            "http.method" => (t.get("error.method"), text),
            code => (title, t.find("fault", code).unwrap_or(text)),
        }
    }

    fn log(&self, reference: &str) {
        let (code, status, causes) = (self.code, self.status().as_u16(), &self.causes);
        if self.kind.concerns_operator() {
            tracing::error!(reference, code, status, %causes, "a request failed");
        } else {
            tracing::debug!(reference, code, status, %causes, "a request was refused");
        }
    }

    /// The answer as problem+json (RFC 9457).
    fn problem(&self, reference: &str) -> Response {
        let words = Words(super::i18n::Locale::En);
        let (title, text) = self.words(words);
        let detail = if self.detail.is_empty() { text } else { &self.detail };
        let body = json!({
            "type": "about:blank",
            "title": title,
            "status": self.status().as_u16(),
            "code": self.code,
            "detail": detail,
            "reference": reference,
        });
        let mut response = (self.status(), Json(body)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }

    /// The answer as a page.
    fn page(&self, visit: &Visit) -> Response {
        let t = visit.t();
        let (title, text) = self.words(t);
        let page = ErrorPage {
            t,
            page: visit.page(title),
            status: self.status().as_u16(),
            text,
            detail: if self.kind.concerns_operator() { "" } else { &self.detail },
            home: visit.home(),
            reference: visit.reference(),
        };
        render(self.status(), &page)
    }

    /// The answer for this visitor.
    pub(super) fn answer(&self, visit: &Visit) -> Response {
        self.log(visit.reference());
        if visit.path().starts_with("/api/") {
            self.problem(visit.reference())
        } else {
            self.page(visit)
        }
    }
}

impl<E: Fault> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut causes = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            next = cause.source();
        }
        let detail =
            if error.kind().concerns_operator() { String::new() } else { error.to_string() };
        Self { kind: error.kind(), status: None, code: error.code(), detail, causes }
    }
}

impl IntoResponse for Failure {
    /// Only the status; the frame writes the body, since it knows the visitor.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "error/page.html")]
struct ErrorPage<'a> {
    t: Words,
    page: Page,
    status: u16,
    text: &'a str,
    detail: &'a str,
    home: &'a str,
    reference: &'a str,
}

/// A rendered template as a response.
pub fn render(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            Failure::new(FaultKind::Bug, "http.template", error.to_string()).into_response()
        }
    }
}

/// A rendered template as a page that went well.
pub fn ok(template: &impl Template) -> Response {
    render(StatusCode::OK, template)
}

/// What is answered where no route is.
pub(super) async fn no_such_page() -> Failure {
    Failure::not_found()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("window 08:00 overlaps window 07:30 in tariff X: shorten one")]
    struct Overlap;
    impl Fault for Overlap {
        fn kind(&self) -> FaultKind {
            FaultKind::Invalid
        }
        fn code(&self) -> &'static str {
            "tariff.window_overlap"
        }
    }

    #[test]
    fn the_kind_decides_the_status_once() {
        assert_eq!(Failure::from(Overlap).status().as_u16(), 422);
        assert_eq!(Failure::not_signed_in().status().as_u16(), 401);
        assert_eq!(Failure::of_status(StatusCode::METHOD_NOT_ALLOWED).code(), "http.method");
        assert_eq!(Failure::of_status(StatusCode::BAD_GATEWAY).kind(), FaultKind::Bug);
    }

    #[test]
    fn the_sender_reads_what_to_do_and_never_the_insides() {
        assert!(Failure::from(Overlap).detail.contains("shorten one"));
        let inside = Failure::new(FaultKind::Bug, "x", "");
        assert!(inside.detail.is_empty());
    }
}
