//! The web door as a whole: every route is walked without a session, with the wrong role and on
//! the wrong side of the counter; forms without a token are refused.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, Response, StatusCode, header},
};
use kernel::{Fault, FaultKind, Id, Instant, ManualClock, Zone};
use tower::ServiceExt;

use super::{
    Guard, Route, Visit, Web, WebSetup, all_routes, console,
    door::{Answer, Doorkeeper, Known, Opened, Side, Ticket},
    form::Sent,
    router_of,
    secret::Key,
    shelf::SHELF,
};

/// Knows `staff` (no rights), `clerk` (the right `test.do`) and `customer`.
struct Porter;

impl Doorkeeper for Porter {
    fn recognise<'a>(&'a self, token: &'a str) -> Answer<'a, Option<Known>> {
        let side = if token == "customer" { Side::Customer } else { Side::Staff };
        let rights = if token == "clerk" { vec!["test.do".to_owned()] } else { vec![] };
        let known = Known {
            side,
            id: Id::from_i64(7),
            org: Id::from_i64(1),
            name: "<王芳>".to_owned(),
            place: "office".to_owned(),
            rights: rights.into_iter().collect(),
        };
        let found = ["staff", "clerk", "customer"].contains(&token).then_some(known);
        Box::pin(async move { Ok(found) })
    }

    fn sign_in<'a>(
        &'a self,
        name: &'a str,
        word: &'a str,
        _: &'a str,
    ) -> Answer<'a, Option<Opened>> {
        let opened = Opened { token: "staff".to_owned(), lasts_s: 60 };
        Box::pin(async move { Ok((name == "wang" && word == "lamp").then_some(opened)) })
    }

    fn send_code<'a>(&'a self, _: &'a str, _: &'a str, _: &'a str) -> Answer<'a, Ticket> {
        Box::pin(async { Ok(Ticket { ticket: "ticket".to_owned(), lasts_s: 300 }) })
    }

    fn open_with_code<'a>(&'a self, _: &'a str, code: &'a str) -> Answer<'a, Option<Opened>> {
        let opened = Opened { token: "customer".to_owned(), lasts_s: 60 };
        Box::pin(async move { Ok((code == "123456").then_some(opened)) })
    }

    fn sign_out<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn ready(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the meter register 9 is unknown in reading 4: use total, peak or valley")]
struct Wrong(FaultKind);

impl Fault for Wrong {
    fn kind(&self) -> FaultKind {
        self.0
    }

    fn code(&self) -> &'static str {
        "test.wrong"
    }
}

fn web() -> Web {
    Web::new(WebSetup {
        clock: Arc::new(ManualClock::new(Instant::from_micros(1_790_000_000_000_000))),
        door: Arc::new(Porter),
        key: Key::new(b"test").unwrap(),
        https: true,
        zone: Zone::utc(),
        nav: console::nav,
    })
}

/// The program's routes and a few that show what the skeleton does.
fn routes() -> Vec<Route> {
    let mut routes = all_routes();
    routes.extend([
        Route::get("/test/right", "test", Guard::Right("test.do"), async || "done"),
        Route::get("/test/portal", "test", Guard::Portal, async || "done"),
        Route::post("/test/deed", "test", Guard::Right("test.do"), deed).body_limit(200),
        Route::get("/api/v1/wrong", "test", Guard::SignedIn, async || -> Result<(), super::Failure> {
            Err(Wrong(FaultKind::Invalid).into())
        }),
        Route::get("/test/broken", "test", Guard::Public, async || -> Result<(), super::Failure> {
            Err(Wrong(FaultKind::Bug).into())
        }),
    ]);
    routes
}

async fn deed(visit: Visit, sent: Sent) -> super::visit::Go {
    visit.go(sent.value("to")).flash(super::ui::Sign::Ok, "完成 <done>")
}

fn door() -> Router {
    router_of(&web(), routes())
}

fn request(method: &Method, path: &str, session: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, format!("lamp_session={session}; lamp_language=en"))
        .body(Body::empty())
        .unwrap()
}

fn post(path: &str, session: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::COOKIE, format!("lamp_session={session}; lamp_visitor={}", "0".repeat(32)))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap()
}

async fn send(request: Request<Body>) -> Response<Body> {
    door().oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 4_000_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn location(response: &Response<Body>) -> &str {
    response.headers().get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
}

/// A path with its places filled.
fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "1".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn token_of(session: &str) -> String {
    web().key.sign("form", session)
}

#[tokio::test]
async fn no_route_lets_in_who_should_stay_out() {
    let mut walked = 0;
    for route in routes() {
        let info = &route.info;
        let sessions: &[&str] = match info.guard {
            Guard::Public => continue,
            Guard::SignedIn => &["", "customer", "invented"],
            Guard::Right(_) => &["", "staff", "customer", "invented"],
            Guard::Portal => &["", "staff", "clerk", "invented"],
        };
        for session in sessions {
            let response = send(request(&info.method, &filled(info.path), session)).await;
            let anonymous = matches!(*session, "" | "invented");
            let refused = match response.status() {
                StatusCode::SEE_OTHER => anonymous && location(&response).contains("sign-in"),
                StatusCode::UNAUTHORIZED => anonymous && info.path.starts_with("/api/"),
                StatusCode::FORBIDDEN => !anonymous,
                _ => false,
            };
            assert!(refused, "{} {} let in {session:?}", info.method, info.path);
            walked += 1;
        }
    }
    assert!(walked >= 12, "only {walked} visits were tried");
}

#[tokio::test]
async fn no_deed_is_done_without_its_token() {
    for route in routes().iter().filter(|route| route.info.method != Method::GET) {
        let path = filled(route.info.path);
        let session = match route.info.guard {
            Guard::Portal => "customer",
            _ => "clerk",
        };
        let wrong = format!("_csrf={}&to=/", token_of("someone else"));
        for body in ["to=/", wrong.as_str()] {
            let response = send(post(&path, session, body)).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path} with {body}");
        }
        let body = format!("_csrf={}&to=/", token_of(session));
        let mut foreign = post(&path, session, &body);
        foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(send(foreign).await.status(), StatusCode::FORBIDDEN, "{path} from elsewhere");
        let own = send(post(&path, session, &body)).await;
        assert_ne!(own.status(), StatusCode::FORBIDDEN, "{path} with its own token");
    }
}

#[tokio::test]
async fn a_deed_ends_with_a_message_on_the_next_page() {
    let body = format!("_csrf={}&to=/console", token_of("clerk"));
    let response = send(post("/test/deed", "clerk", &body)).await;
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/console"));
    let cookie = response.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Secure"), "{cookie}");
    let flash = cookie.split(';').next().unwrap();
    let mut next = request(&Method::GET, "/console", "clerk");
    next.headers_mut().append(header::COOKIE, flash.parse().unwrap());
    let page = send(next).await;
    let ends = page.headers().get_all(header::SET_COOKIE).iter().any(|c| {
        c.to_str().unwrap().starts_with("lamp_flash=;")
    });
    assert!(ends, "the message would be shown twice");
    assert!(text(page).await.contains("完成 &#60;done&#62;"));
    let mut forged = request(&Method::GET, "/console", "clerk");
    forged.headers_mut().append(header::COOKIE, "lamp_flash=6f61.00".parse().unwrap());
    assert!(!text(send(forged).await).await.contains("class=\"alert"));
}

#[tokio::test]
async fn too_large_a_form_is_refused() {
    let body = format!("_csrf={}&to={}", token_of("clerk"), "x".repeat(300));
    let response = send(post("/test/deed", "clerk", &body)).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn errors_are_pages_for_people_and_problems_for_programs() {
    let page = send(request(&Method::GET, "/nowhere", "")).await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let reference = page.headers()["x-request-id"].to_str().unwrap().to_owned();
    let html = text(page).await;
    assert!(html.contains("There is no such page") && html.contains(&reference), "{html}");

    let problem = send(request(&Method::GET, "/api/v1/wrong", "staff")).await;
    assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem.headers()[header::CONTENT_TYPE], "application/problem+json");
    let json: serde_json::Value = serde_json::from_str(&text(problem).await).unwrap();
    assert_eq!(json["code"], "test.wrong");
    assert!(json["detail"].as_str().unwrap().contains("use total, peak or valley"));

    let broken = send(request(&Method::GET, "/test/broken", "")).await;
    assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let html = text(broken).await;
    assert!(!html.contains("register 9"), "a page told its insides");
    assert!(html.contains("Something went wrong here"));

    let method = send(post("/console", "staff", "")).await;
    assert_eq!(method.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(text(method).await.contains("<h1>"));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    for path in ["/sign-in", "/healthz", "/nowhere", "/console", SHELF.named("app.css").unwrap().path()]
    {
        let response = send(request(&Method::GET, path, "")).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{path}");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}

#[tokio::test]
async fn files_are_kept_for_ever_and_checked_by_tag() {
    for asset in SHELF.iter() {
        let response = send(request(&Method::GET, asset.path(), "")).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], asset.content_type());
        let cache = response.headers()[header::CACHE_CONTROL].to_str().unwrap();
        assert!(cache.contains("immutable"), "{}", asset.name());
        assert!(!response.headers().contains_key(header::SET_COOKIE));
        let mut again = request(&Method::GET, asset.path(), "");
        again.headers_mut().insert(header::IF_NONE_MATCH, asset.etag().parse().unwrap());
        assert_eq!(send(again).await.status(), StatusCode::NOT_MODIFIED);
    }
    let page = send(request(&Method::GET, "/sign-in", "")).await;
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn staff_sign_in_and_come_back_to_where_they_were() {
    let first = send(request(&Method::GET, "/console?x=1", "")).await;
    assert_eq!(location(&first), "/sign-in?next=%2fconsole%3fx%3d1".replace("%2f", "/"));
    let csrf = web().key.sign("form", &"0".repeat(32));
    let wrong = send(post("/sign-in", "", &format!("_csrf={csrf}&name=wang&password=no"))).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = text(wrong).await;
    assert!(html.contains("value=\"wang\"") && !html.contains("value=\"no\""), "{html}");
    let empty = send(post("/sign-in", "", &format!("_csrf={csrf}"))).await;
    assert_eq!(text(empty).await.matches("aria-invalid").count(), 2);
    let body = format!("_csrf={csrf}&name=wang&password=lamp&next=%2Fconsole%3Fx%3D1");
    let right = send(post("/sign-in", "", &body)).await;
    assert_eq!(location(&right), "/console?x=1");
    let cookie = right.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("lamp_session=staff; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let console = text(send(request(&Method::GET, "/console", "staff")).await).await;
    assert!(console.contains("&#60;王芳&#62;"), "names are escaped");
}

#[tokio::test]
async fn a_customer_comes_in_with_a_code() {
    let csrf = web().key.sign("form", &"0".repeat(32));
    let body = format!("_csrf={csrf}&account=04120087&phone=13800002208");
    let page = text(send(post("/portal/sign-in", "", &body)).await).await;
    assert!(page.contains("name=\"code\"") && page.contains("value=\"ticket\""), "{page}");
    let code = |code: &str| format!("_csrf={csrf}&ticket=ticket&code={code}");
    let wrong = send(post("/portal/sign-in/code", "", &code("000000"))).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let right = send(post("/portal/sign-in/code", "", &code("123456"))).await;
    assert_eq!(location(&right), "/portal");
}

#[tokio::test]
async fn preferences_are_kept_and_lead_back() {
    let csrf = web().key.sign("form", &"0".repeat(32));
    let body = format!("_csrf={csrf}&language=en&return=//evil.example");
    let response = send(post("/preferences", "", &body)).await;
    assert_eq!(location(&response), "/");
    assert!(
        response.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("lamp_language=en")
    );
}

#[test]
fn every_entry_of_the_navigation_leads_to_a_route_with_the_same_right() {
    let routes = all_routes();
    for (_, label, href, icon, right) in console::NAV {
        let route = routes
            .iter()
            .find(|r| r.info.method == Method::GET && r.info.path == *href)
            .unwrap_or_else(|| panic!("{label} leads to {href}, which is no route"));
        let expected = if right.is_empty() { Guard::SignedIn } else { Guard::Right(right) };
        assert_eq!(route.info.guard, expected, "{label}");
        let icons = include_str!("../../templates/components/icons.html");
        assert!(icons.contains(&format!("id=\"i-{icon}\"")), "{label} has no icon");
    }
}

#[test]
fn no_route_stands_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for route in all_routes() {
        assert!(seen.insert((route.info.method.to_string(), route.info.path)), "{:?}", route.info);
    }
}
