//! The frame around every request: the visitor, a reference, security headers, and errors as
//! pages or problem+json.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    Failure, Visit, Web,
    visit::{Seen, address},
};

/// No script but ours, no inline script or style, no other site, no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; manifest-src 'self'";

const FIXED: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=()",
    ),
];

pub(super) async fn frame(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let seen = Seen { uri: &uri, headers: &headers, address: address(request.extensions()) };
    let anonymous = Visit::anonymous(&web, seen);
    let path = uri.path();
    let stateless = path.starts_with("/assets/") || matches!(path, "/healthz" | "/readyz");
    let opened = if stateless { Ok(anonymous.clone()) } else { Visit::open(&web, seen).await };
    let (visit, response) = match opened {
        Ok(visit) => {
            request.extensions_mut().insert(visit.clone());
            (visit, next.run(request).await)
        }
        Err(failure) => (anonymous, failure.into_response()),
    };
    let mut response = answered(&visit, response);
    dress(&web, &visit, stateless, &mut response);
    response
}

/// Writes the body of an error that has none that people can read.
fn answered(visit: &Visit, response: Response) -> Response {
    if let Some(failure) = response.extensions().get::<Failure>() {
        return failure.answer(visit);
    }
    let status = response.status();
    let written = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
        value.to_str().is_ok_and(|v| v.starts_with("text/html") || v.contains("json"))
    });
    if (status.is_client_error() || status.is_server_error()) && !written {
        return Failure::of_status(status).answer(visit);
    }
    response
}

fn dress(web: &Web, visit: &Visit, stateless: bool, response: &mut Response) {
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if visit.path() == super::field::PATH {
        // A reading taken in the field says where it was taken.
        let where_it_is =
            HeaderValue::from_static("camera=(), microphone=(), geolocation=(self), payment=()");
        headers.insert(HeaderName::from_static("permissions-policy"), where_it_is);
    }
    if web.https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    if let Ok(reference) = visit.reference().parse() {
        headers.insert(HeaderName::from_static("x-request-id"), reference);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if !stateless {
        for cookie in visit.parting_cookies(is_page) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
}
