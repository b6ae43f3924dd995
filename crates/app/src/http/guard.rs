//! What stands before every route: may this visitor come in, did the form come from our own page,
//! is the body small enough, and does it end in time.

use std::time::Duration;

use access::Right;
use axum::{
    body::{Body, to_bytes},
    extract::{Form, FromRequest, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::FaultKind;

use super::{Failure, Guard, Visit, Web, door::Side, form::Sent, routes::RouteInfo, visit::bearer};

#[derive(Clone)]
pub(super) struct Post {
    pub web: Web,
    pub info: RouteInfo,
}

pub(super) async fn guard(State(post): State<Post>, request: Request, next: Next) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return Failure::new(FaultKind::Bug, "http.no_frame", "a route outside the frame")
            .into_response();
    };
    if let Err(refusal) = admit(&post.info, &visit) {
        let is_part = request.headers().contains_key("hx-request");
        let back = request.method() == Method::GET;
        return refused(&post, &visit, refusal, is_part, back).await;
    }
    let request = match checked(&post, &visit, request).await {
        Ok(request) => request,
        Err(failure) => return failure.into_response(),
    };
    let limit = Duration::from_secs(post.info.timeout_s);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::of_status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
    }
}

/// Why a visitor does not come in.
#[derive(Clone, Copy)]
enum Refusal {
    /// Nobody is signed in: there is the page.
    SignIn(&'static str),
    /// A new password must be chosen first.
    ChangePassword,
    /// The right is missing.
    Missing(Right),
    /// The wrong side of the counter.
    Denied,
}

/// The page where a new password is chosen.
pub(super) const PASSWORD_PAGE: &str = "/console/password";

fn admit(info: &RouteInfo, visit: &Visit) -> Result<(), Refusal> {
    let Some(known) = visit.known() else {
        return match info.guard {
            Guard::Public => Ok(()),
            Guard::SignedIn | Guard::Right(_) => Err(Refusal::SignIn("/sign-in")),
            Guard::Portal => Err(Refusal::SignIn("/portal/sign-in")),
        };
    };
    match (info.guard, known.side) {
        (Guard::Public, _) | (Guard::Portal, Side::Customer) => Ok(()),
        (Guard::SignedIn, Side::Staff)
            if known.must_change && !matches!(info.path, PASSWORD_PAGE | "/sign-out") =>
        {
            Err(Refusal::ChangePassword)
        }
        (Guard::Right(_), Side::Staff) if known.must_change => Err(Refusal::ChangePassword),
        (Guard::SignedIn, Side::Staff) => Ok(()),
        (Guard::Right(right), Side::Staff) if visit.may(right) => Ok(()),
        (Guard::Right(right), Side::Staff) => Err(Refusal::Missing(right)),
        _ => Err(Refusal::Denied),
    }
}

/// People go to the sign-in page and come back afterwards; programs get a status. A missing right
/// is written into the audit trail.
async fn refused(post: &Post, visit: &Visit, why: Refusal, is_part: bool, back: bool) -> Response {
    let page = match why {
        Refusal::Missing(right) => return missing(post, visit, right).await.into_response(),
        Refusal::Denied => return Failure::denied().into_response(),
        Refusal::ChangePassword => PASSWORD_PAGE.to_owned(),
        Refusal::SignIn(page) if back && !is_part => {
            format!("{page}?next={}", encoded(visit.here()))
        }
        Refusal::SignIn(page) => page.to_owned(),
    };
    if visit.path().starts_with("/api/") {
        return match why {
            Refusal::SignIn(_) => Failure::not_signed_in().into_response(),
            _ => Failure::denied().into_response(),
        };
    }
    if is_part {
        let mut response = Failure::not_signed_in().into_response();
        if let Ok(page) = HeaderValue::from_str(&page) {
            response.headers_mut().insert("hx-redirect", page);
        }
        return response;
    }
    visit.go(&page).into_response()
}

async fn missing(post: &Post, visit: &Visit, right: Right) -> Failure {
    let ctx = visit.ctx();
    let asked = ctx.require(right, visit.actor().org());
    match access::write_refusals(&ctx, &post.web.works.db).await {
        Ok(()) => asked.map_or_else(Failure::from, |()| Failure::denied()),
        Err(error) => error.into(),
    }
}

/// What is known about a deed before its body is read.
enum Deed {
    /// Trusted: nothing is changed by it, or it is no browser, or its token came outside the body.
    Trusted,
    /// A form whose body holds the token, unless a header did (htmx).
    Form { by_header: bool },
}

/// A deed must come from one of our own pages: browsers say so themselves, and the form carries a
/// token. A program that signs in by `Authorization` is no browser and needs neither.
fn judged(info: &RouteInfo, visit: &Visit, request: &Request) -> Result<Deed, Failure> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(Deed::Trusted);
    }
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let length = header(header::CONTENT_LENGTH.as_str()).and_then(|v| v.parse::<usize>().ok());
    if length.is_some_and(|length| length > info.body_limit) {
        return Err(Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    if bearer(request.headers()).is_some() {
        return Ok(Deed::Trusted);
    }
    if header("sec-fetch-site").is_some_and(|v| !matches!(v, "same-origin" | "none")) {
        return Err(expired());
    }
    let by_header = header("x-csrf-token").is_some_and(|token| visit.is_csrf(token));
    let is_form = header(header::CONTENT_TYPE.as_str())
        .is_some_and(|v| v.starts_with("application/x-www-form-urlencoded"));
    if is_form {
        return Ok(Deed::Form { by_header });
    }
    if by_header || by_query(visit, request) { Ok(Deed::Trusted) } else { Err(expired()) }
}

fn expired() -> Failure {
    Failure::new(FaultKind::Denied, "http.form_expired", "")
}

async fn checked(post: &Post, visit: &Visit, request: Request) -> Result<Request, Failure> {
    match judged(&post.info, visit, &request)? {
        Deed::Trusted => Ok(request),
        Deed::Form { by_header } => {
            let (mut request, sent) = read_form(post, request).await?;
            if !by_header && !visit.is_csrf(sent.value("_csrf")) {
                return Err(expired());
            }
            request.extensions_mut().insert(sent);
            Ok(request)
        }
    }
}

/// Uploads carry their token in the address, as the body is read only later, part by part.
fn by_query(visit: &Visit, request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    query.split('&').filter_map(|pair| pair.strip_prefix("_csrf=")).any(|v| visit.is_csrf(v))
}

async fn read_form(post: &Post, request: Request) -> Result<(Request, Sent), Failure> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, post.info.body_limit)
        .await
        .map_err(|_| Failure::of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
    let mut copy = Request::post("/").body(Body::from(bytes.clone())).unwrap_or_default();
    copy.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    let Form(pairs) = Form::<Vec<(String, String)>>::from_request(copy, &post.web)
        .await
        .map_err(|e| Failure::new(FaultKind::Invalid, "http.form", e.body_text()))?;
    Ok((Request::from_parts(parts, Body::from(bytes)), Sent::new(pairs)))
}

/// Percent-encodes an address so that it can be a query value.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&super::secret::hex(&[byte]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_becomes_a_query_value() {
        assert_eq!(super::encoded("/bills?month=2026-06&x=1"), "/bills%3fmonth%3d2026-06%26x%3d1");
    }
}
