//! The web door as a whole: every route is walked without a session, with the wrong role and on
//! the wrong side of the counter; forms without a token are refused.

mod imports;
mod metering;
mod operations;
mod organisations;

use std::{collections::BTreeMap, sync::Arc};

use access::{
    AccessError, Actor, Ctx, GrantRole, NewOrganisation, NewStaff, Password, Randomness, Right,
    SignIn,
};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Method, Request, Response, StatusCode, header},
};
use kernel::{Fault, FaultKind, Id, Instant, ManualClock, Zone};
use lake::Lake;
use store::Db;
use supply::{AreaRules, Works};
use tempfile::TempDir;
use tower::ServiceExt;

use super::{
    Guard, Route, Visit, Web, WebSetup, all_routes, console,
    door::{Answer, Customers, Delivery, FoundCustomer},
    form::Sent,
    router_of,
    shelf::SHELF,
};

/// Knows one account, to which every phone fits; nobody is called anything.
struct OneCustomer(Id);

impl Customers for OneCustomer {
    fn find<'a>(&'a self, account: &'a str, phone: &'a str) -> Answer<'a, Option<FoundCustomer>> {
        let found =
            FoundCustomer { org: self.0, account: Id::from_i64(5), phone: phone.to_owned() };
        Box::pin(async move { Ok((account == "04120087").then_some(found)) })
    }

    fn names(&self, _: Id, _: Id) -> Answer<'_, (String, String)> {
        Box::pin(async { Ok(("<李建国>".to_owned(), "04120087".to_owned())) })
    }

    fn deliver<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Delivery> {
        Box::pin(async { Ok(Delivery::Shown) })
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

/// A door on a database of its own, with three people in it.
pub(super) struct House {
    pub(super) web: Web,
    sessions: BTreeMap<&'static str, String>,
    _folder: TempDir,
}

const PASSWORD: &str = "four small lamps";

impl House {
    /// Signs in `none` (no role), `clerk` (billing clerk), `new` (must change the password) and
    /// `customer`.
    pub(super) async fn open() -> Self {
        let (folder, works) = Self::works().await;
        let org = people(&works.db, &works.random).await.unwrap();
        let mut house = Self::of(folder, works, org);
        house.sign_in(org).await.unwrap();
        house
    }

    /// A database and a lake with nothing in them.
    async fn works() -> (TempDir, Works) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Instant::from_micros(1_790_000_000_000_000)));
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let db = Db::open(&url, clock).await.unwrap();
        db.migrate(&crate::house::migrations()).await.unwrap();
        let random = Arc::new(Randomness::from_number(1));
        let works = Works {
            db,
            lake: Lake::in_folder(&folder.path().join("lake")).unwrap(),
            rules: Arc::new(AreaRules::bundled("Asia/Shanghai").unwrap()),
            random,
        };
        (folder, works)
    }

    /// The door of these, with nobody signed in.
    fn of(folder: TempDir, works: Works, org: Id) -> Self {
        let customers = Arc::new(OneCustomer(org));
        let zone = Zone::get("Asia/Shanghai").unwrap();
        let setup =
            WebSetup { works, customers, https: true, upload_mib: 1, zone, nav: super::nav };
        Self { web: Web::new(setup), sessions: BTreeMap::new(), _folder: folder }
    }

    async fn sign_in(&mut self, org: Id) -> Result<(), AccessError> {
        let works = &self.web.works;
        let visitor = Actor::visitor();
        let ctx = Ctx::new(works.db.clock().as_ref(), &works.random, &visitor, "test");
        for login in ["none", "clerk", "new"] {
            let password = Password::new(PASSWORD);
            let attempt = SignIn { login, password, origin: "test" };
            let opened = access::sign_in(&ctx, &works.db, attempt).await?.unwrap();
            self.sessions.insert(login, opened.token);
        }
        let mut tx = works.db.begin().await?;
        let code = access::request_code(&ctx, &mut tx, org, Id::from_i64(5)).await?;
        let opened =
            access::sign_in_with_code(&ctx, &mut tx, code.ticket, &code.code, "test").await?;
        tx.commit().await?;
        self.sessions.insert("customer", opened.unwrap().token);
        Ok(())
    }

    /// The token of a session; `invented` is one that nobody has.
    fn token(&self, who: &str) -> String {
        match who {
            "" => String::new(),
            "invented" => "0123456789abcdef".repeat(4),
            who => self.sessions[who].clone(),
        }
    }

    /// What the forms of this session send back.
    fn csrf(&self, who: &str) -> String {
        let token = self.token(who);
        access::csrf_secret(if token.is_empty() { VISITOR } else { &token })
    }

    pub(super) fn request(&self, method: &Method, path: &str, who: &str) -> Request<Body> {
        let session = self.token(who);
        let cookies = format!("lamp_session={session}; lamp_language=en; lamp_visitor={VISITOR}");
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookies)
            .body(Body::empty())
            .unwrap()
    }

    fn form(&self, path: &str, who: &str, body: &str) -> Request<Body> {
        let mut request = self.request(&Method::POST, path, who);
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        *request.body_mut() = Body::from(body.to_owned());
        request
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Response<Body> {
        router_of(&self.web, routes()).oneshot(request).await.unwrap()
    }

    pub(super) async fn get(&self, path: &str, who: &str) -> Response<Body> {
        self.send(self.request(&Method::GET, path, who)).await
    }

    /// Sends a form with its token.
    pub(super) async fn post(&self, path: &str, who: &str, fields: &str) -> Response<Body> {
        let body = format!("_csrf={}&{fields}", self.csrf(who));
        self.send(self.form(path, who, &body)).await
    }
}

const VISITOR: &str = "00000000000000000000000000000000";

async fn people(db: &Db, random: &Randomness) -> Result<Id, AccessError> {
    let actor = Actor::program("test");
    let ctx = Ctx::new(db.clock().as_ref(), random, &actor, "test");
    let mut tx = db.begin().await?;
    access::ensure_default_roles(&mut tx).await?;
    let org = NewOrganisation { parent: None, code: "1", name_zh: "云溪", name_en: "Yunxi" };
    let org = access::create_organisation(&ctx, &mut tx, org).await?;
    for login in ["none", "clerk", "new"] {
        let new = NewStaff {
            org,
            login,
            name: "<王芳>",
            password: Password::new(PASSWORD),
            must_change: login == "new",
        };
        let staff = access::create_staff(&ctx, &mut tx, new).await?;
        if login != "none" {
            let role = access::role_by_code(&mut tx, "billing_clerk").await?.unwrap().id;
            access::grant_role(&ctx, &mut tx, GrantRole { staff, role, org }).await?;
        }
    }
    tx.commit().await?;
    Ok(org)
}

/// The program's routes and a few that show what the skeleton does.
fn routes() -> Vec<Route> {
    let mut routes = all_routes();
    routes.extend([
        Route::get("/test/right", "test", Guard::Right(Right::BillIssue), async || "done"),
        Route::get("/test/portal", "test", Guard::Portal, async || "done"),
        Route::post("/test/deed", "test", Guard::Right(Right::BillIssue), deed).body_limit(200),
        Route::get(
            "/api/v1/wrong",
            "test",
            Guard::SignedIn,
            async || -> Result<(), super::Failure> { Err(Wrong(FaultKind::Invalid).into()) },
        ),
        Route::get(
            "/test/broken",
            "test",
            Guard::Public,
            async || -> Result<(), super::Failure> { Err(Wrong(FaultKind::Bug).into()) },
        ),
    ]);
    routes
}

async fn deed(visit: Visit, sent: Sent) -> super::visit::Go {
    visit.go(sent.value("to")).flash(super::ui::Sign::Ok, "完成 <done>")
}

pub(super) async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 4_000_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn location(response: &Response<Body>) -> &str {
    response.headers().get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// A path with its places filled.
fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "1".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn no_route_lets_in_who_should_stay_out() {
    let house = House::open().await;
    let mut walked = 0;
    for route in routes() {
        let info = &route.info;
        let people: &[&str] = match info.guard {
            Guard::Public => continue,
            Guard::SignedIn => &["", "customer", "invented"],
            Guard::Right(_) => &["", "none", "new", "customer", "invented"],
            Guard::Portal => &["", "none", "clerk", "invented"],
        };
        for who in people {
            let request = house.request(&info.method, &filled(info.path), who);
            let response = house.send(request).await;
            let refused = match (*who, response.status()) {
                ("" | "invented", StatusCode::SEE_OTHER) => location(&response).contains("sign-in"),
                ("new", StatusCode::SEE_OTHER) => location(&response) == "/console/password",
                ("" | "invented", StatusCode::UNAUTHORIZED) => info.path.starts_with("/api/"),
                (_, StatusCode::FORBIDDEN) => true,
                _ => false,
            };
            assert!(refused, "{} {} let in {who:?}", info.method, info.path);
            walked += 1;
        }
    }
    assert!(walked >= 20, "only {walked} visits were tried");
}

#[tokio::test]
async fn a_missing_right_is_written_into_the_audit_trail() {
    let house = House::open().await;
    assert_eq!(house.get("/test/right", "none").await.status(), StatusCode::FORBIDDEN);
    let mut tx = house.web.works.db.read().await.unwrap();
    let org = access::root_organisation(&mut tx).await.unwrap().unwrap().id;
    let now = house.web.works.db.now();
    let (from, to) = (now.plus_seconds(-60), now.plus_seconds(60));
    let last = Id::from_i64(i64::MAX);
    let rows = store::audit_between(&mut tx, org, from, to, "", "bill.issue", "", last, 9).await;
    assert_eq!(rows.unwrap().len(), 1);
}

#[tokio::test]
async fn no_deed_is_done_without_its_token() {
    let house = House::open().await;
    for route in routes().iter().filter(|route| route.info.method != Method::GET) {
        let path = filled(route.info.path);
        let who = if route.info.guard == Guard::Portal { "customer" } else { "clerk" };
        let wrong = format!("_csrf={}&to=/", house.csrf("none"));
        for body in ["to=/", wrong.as_str()] {
            let response = house.send(house.form(&path, who, body)).await;
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path} with {body}");
        }
        let body = format!("_csrf={}&to=/", house.csrf(who));
        let mut foreign = house.form(&path, who, &body);
        foreign.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        assert_eq!(house.send(foreign).await.status(), StatusCode::FORBIDDEN, "{path} from afar");
    }
    let own = house.post("/test/deed", "clerk", "to=/").await;
    assert_eq!(own.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_deed_ends_with_a_message_on_the_next_page() {
    let house = House::open().await;
    let response = house.post("/test/deed", "clerk", "to=/console").await;
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/console"));
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("Secure"), "{cookie}");
    let next = |flash: &str| {
        let mut next = house.request(&Method::GET, "/console", "clerk");
        next.headers_mut().append(header::COOKIE, flash.parse().unwrap());
        house.send(next)
    };
    let page = next(cookie.split(';').next().unwrap()).await;
    let mut set = page.headers().get_all(header::SET_COOKIE).iter();
    let ends = set.any(|c| c.to_str().unwrap().starts_with("lamp_flash=;"));
    assert!(ends, "the message would be shown twice");
    assert!(text(page).await.contains("完成 &#60;done&#62;"));
    assert!(!text(next("lamp_flash=6f61.00").await).await.contains("class=\"alert"), "forged");
}

#[tokio::test]
async fn too_large_a_form_is_refused() {
    let house = House::open().await;
    let response = house.post("/test/deed", "clerk", &format!("to={}", "x".repeat(300))).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn errors_are_pages_for_people_and_problems_for_programs() {
    let house = House::open().await;
    let page = house.get("/nowhere", "").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let reference = page.headers()["x-request-id"].to_str().unwrap().to_owned();
    let html = text(page).await;
    assert!(html.contains("There is no such page") && html.contains(&reference), "{html}");

    let problem = house.get("/api/v1/wrong", "clerk").await;
    assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem.headers()[header::CONTENT_TYPE], "application/problem+json");
    let json: serde_json::Value = serde_json::from_str(&text(problem).await).unwrap();
    assert_eq!(json["code"], "test.wrong");
    assert!(json["detail"].as_str().unwrap().contains("use total, peak or valley"));

    let broken = house.get("/test/broken", "").await;
    assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let html = text(broken).await;
    assert!(!html.contains("register 9"), "a page told its insides");
    assert!(html.contains("Something went wrong here"));

    let method = house.post("/console", "clerk", "").await;
    assert_eq!(method.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(text(method).await.contains("<h1>"));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let house = House::open().await;
    let style = SHELF.named("app.css").unwrap().path();
    for path in ["/sign-in", "/healthz", "/readyz", "/nowhere", "/console", style] {
        let response = house.get(path, "").await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{path}");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    }
}

#[tokio::test]
async fn files_are_kept_for_ever_and_checked_by_tag() {
    let house = House::open().await;
    for asset in SHELF.iter() {
        let response = house.get(asset.path(), "").await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], asset.content_type());
        let cache = response.headers()[header::CACHE_CONTROL].to_str().unwrap();
        assert!(cache.contains("immutable"), "{}", asset.name());
        assert!(!response.headers().contains_key(header::SET_COOKIE));
        let mut again = house.request(&Method::GET, asset.path(), "");
        again.headers_mut().insert(header::IF_NONE_MATCH, asset.etag().parse().unwrap());
        assert_eq!(house.send(again).await.status(), StatusCode::NOT_MODIFIED);
    }
    assert_eq!(house.get("/sign-in", "").await.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn staff_sign_in_and_come_back_to_where_they_were() {
    let house = House::open().await;
    let first = house.get("/console?x=1", "").await;
    assert_eq!(location(&first), "/sign-in?next=/console%3fx%3d1");
    let wrong = house.post("/sign-in", "", "name=clerk&password=no").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = text(wrong).await;
    assert!(html.contains("value=\"clerk\"") && !html.contains("value=\"no\""), "{html}");
    let empty = house.post("/sign-in", "", "").await;
    assert_eq!(text(empty).await.matches("aria-invalid").count(), 2);
    let word = PASSWORD.replace(' ', "+");
    let fields = format!("name=clerk&password={word}&next=%2Fconsole%3Fx%3D1");
    let right = house.post("/sign-in", "", &fields).await;
    assert_eq!(location(&right), "/console?x=1");
    let cookie = right.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("lamp_session=") && cookie.contains("Max-Age=43200"), "{cookie}");
    let console = text(house.get("/console", "clerk").await).await;
    assert!(console.contains("&#60;王芳&#62;") && console.contains("Yunxi"), "names are escaped");
}

#[tokio::test]
async fn a_session_ends_when_its_owner_leaves() {
    let house = House::open().await;
    assert_eq!(house.get("/console", "clerk").await.status(), StatusCode::OK);
    assert_eq!(location(&house.post("/sign-out", "clerk", "").await), "/sign-in");
    assert_eq!(location(&house.get("/console", "clerk").await), "/sign-in?next=/console");
}

#[tokio::test]
async fn a_first_password_must_be_changed() {
    let house = House::open().await;
    assert_eq!(location(&house.get("/console", "new").await), "/console/password");
    let word = PASSWORD.replace(' ', "+");
    let wrong = format!("present=nothing&password={word}&again=other");
    let page = text(house.post("/console/password", "new", &wrong).await).await;
    assert!(page.contains("The two are not the same"), "{page}");
    let same = format!("present={word}&password={word}&again={word}");
    let page = text(house.post("/console/password", "new", &same).await).await;
    assert!(page.contains("or is the same as before"), "{page}");
    let good = format!("present={word}&password=seven+tall+lamps&again=seven+tall+lamps");
    let changed = house.post("/console/password", "new", &good).await;
    assert_eq!(location(&changed), "/sign-in");
    assert_eq!(location(&house.get("/console", "new").await), "/sign-in?next=/console");
}

#[tokio::test]
async fn a_customer_comes_in_with_a_code() {
    let house = House::open().await;
    let unknown = house.post("/portal/sign-in", "", "account=999&phone=13800002208").await;
    let unknown = text(unknown).await;
    assert!(unknown.contains("name=\"code\"") && !unknown.contains("class=\"alert"), "{unknown}");
    let page = house.post("/portal/sign-in", "", "account=04120087&phone=13800002208").await;
    let page = text(page).await;
    let ticket = between(&page, "name=\"ticket\" value=\"", "\"");
    let code = between(&page, "the code is ", "<");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let sent = |code: &str| format!("ticket={ticket}&code={code}");
    let refused = house.post("/portal/sign-in/code", "", &sent(wrong)).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let nonsense = house.post("/portal/sign-in/code", "", "ticket=x&code=000000").await;
    assert_eq!(nonsense.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let right = house.post("/portal/sign-in/code", "", &sent(code)).await;
    assert_eq!(location(&right), "/portal");
    let again = house.post("/portal/sign-in/code", "", &sent(code)).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY, "a code opens once");
    let home = text(house.get("/portal", "customer").await).await;
    assert!(home.contains("&#60;李建国&#62;"), "{home}");
}

#[tokio::test]
async fn preferences_are_kept_and_lead_back() {
    let house = House::open().await;
    let response = house.post("/preferences", "", "language=en&return=//evil.example").await;
    assert_eq!(location(&response), "/");
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("lamp_language=en"), "{cookie}");
}

#[test]
fn every_entry_of_the_navigation_leads_to_a_route_with_the_same_right() {
    let routes = all_routes();
    for (_, label, href, icon, right) in console::NAV {
        let route = routes
            .iter()
            .find(|r| r.info.method == Method::GET && r.info.path == *href)
            .unwrap_or_else(|| panic!("{label} leads to {href}, which is no route"));
        let expected = right.map_or(Guard::SignedIn, Guard::Right);
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
