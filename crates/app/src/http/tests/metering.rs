//! The metering pages and doors: a reading of the field comes in from a registered handheld and no
//! other way, a meter is asked through the head-end, customers are told on the portal.

use kernel::{Date, Ratio};
use registry::{CustomerForm, network, premises::load_customers};
use supply::meters::{self, NewMeter, Placement, Registers};

use super::*;

const FIELD: &str = "/api/v1/field-readings";

impl House {
    /// One household whose meter hangs on a concentrator, and a clerk who may do all with it.
    async fn with_a_meter(&self) -> Id {
        let works = &self.web.works;
        let actor = Actor::program("test");
        let ctx = works.ctx(&actor, "test");
        let mut tx = works.db.begin().await.unwrap();
        let org = access::root_organisation(&mut tx).await.unwrap().unwrap().id;
        let clerk = access::staff_by_login(&mut tx, "clerk").await.unwrap().unwrap().id;
        let role = access::role_by_code(&mut tx, "reading_clerk").await.unwrap().unwrap().id;
        access::grant_role(&ctx, &mut tx, GrantRole { staff: clerk, role, org }).await.unwrap();
        network::load_network(&mut tx, org, &network::Network::default()).await.unwrap();
        let form = CustomerForm {
            account_no: "0412008700".into(),
            name: "Li Jianguo".into(),
            address: "Sunshine Garden 1-101".into(),
            class: "residential".into(),
            voltage: "220V".into(),
            opened_on: "2026-01-01".into(),
            ..CustomerForm::default()
        };
        let loaded = load_customers(&mut tx, org, &[form.parse().unwrap()]).await.unwrap();
        let point = loaded[0].loaded().unwrap().usage_point;
        let meter = NewMeter {
            asset_no: "331000000001".into(),
            model: "DDZY102".into(),
            phases: 1,
            digits: 6,
            register_scale: 1,
            has_tou: false,
            has_demand: false,
            interval_minutes: 0,
            made_on: None,
            expires_on: Some(Date::constant(2026, 12, 1)),
            concentrator: "JZ0001".into(),
        };
        let place = Placement {
            meter: Id::from_i64(0),
            usage_point: point,
            ratio: Ratio::ONE,
            on: Date::constant(2026, 1, 1),
            opening: Registers([("total".to_owned(), 10_000)].into()),
        };
        meters::load(&ctx, &mut tx, org, &[(meter, place)]).await.unwrap();
        tx.commit().await.unwrap();
        point
    }

    async fn program(&self, path: &str, token: &str, body: &serde_json::Value) -> Response<Body> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    async fn key(&self, rights: &[Right]) -> String {
        let works = &self.web.works;
        let mut tx = works.db.begin().await.unwrap();
        let org = access::root_organisation(&mut tx).await.unwrap().unwrap().id;
        let actor = Actor::program("test");
        let expires_at = works.db.now().plus_seconds(3_600);
        let new = access::NewToken { org, name: "head-end", rights, expires_at };
        let issued = access::create_token(&works.ctx(&actor, "test"), &mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        issued.token
    }
}

#[tokio::test]
async fn every_metering_page_of_an_empty_bureau_teaches() {
    let house = House::open().await;
    for path in [
        "/console/alerts",
        "/console/alerts?show=mine",
        "/console/requests",
        "/console/orders",
        "/console/orders?state=all&kind=fault&words=33&from=2026-01-01&to=2026-12-31",
        "/console/rotation",
        "/console/stock",
        "/console/coverage",
        "/console/coverage/points?automatic=none",
        "/console/collection/missing",
        "/console/collection/dedicated?day=2026-06-01",
        "/console/bulletins",
    ] {
        let response = house.get(path, "clerk").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let page = text(response).await;
        assert!(page.contains("class=\"empty\"") && page.contains("<h1>"), "{path}: {page}");
    }
    for path in [
        "/console/orders.csv",
        "/console/coverage/points.csv",
        "/console/collection/missing.csv?day=2026-06-01",
    ] {
        let response = house.get(path, "clerk").await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8", "{path}");
    }
    for path in ["/console/alerts/7", "/console/orders/7", "/console/requests/x"] {
        assert_eq!(house.get(path, "clerk").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// S-056: what is typed into a page, or sent by a program's key, is refused with the reason.
#[tokio::test]
async fn a_field_reading_comes_from_a_registered_handheld_only() {
    let house = House::open().await;
    house.with_a_meter().await;
    let now = house.web.works.db.now();
    let mut reading = serde_json::json!({
        "key": "a", "usage_point": "331000000001", "registers": { "total": "1234.5" },
        "at": now.plus_seconds(-7_200).to_string(), "sent_at": now.to_string(),
        "position": { "latitude": 30.25, "longitude": 120.17 },
    });
    let key = house.key(&[Right::ReadingImport]).await;
    for token in [house.token("clerk"), key] {
        let refused = house.program(FIELD, &token, &reading).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert!(text(refused).await.contains("field.unknown_device"));
    }
    let typed = house.post(FIELD, "clerk", "usage_point=331000000001&total=1234.5").await;
    assert!(typed.status().is_client_error(), "no form takes it: {typed:?}");
    let page = house.post("/console/handhelds", "clerk", "name=PDA1&holder=Wang").await;
    let page = text(page).await;
    let token = format!("handheld_{}", between(&page, "handheld_", "<"));
    let again = text(house.get("/console/handhelds", "clerk").await).await;
    assert!(again.contains("PDA1") && !again.contains("handheld_"), "shown once");
    let taken = text(house.program(FIELD, &token, &reading).await).await;
    let taken: serde_json::Value = serde_json::from_str(&taken).unwrap();
    assert_eq!((&taken["known"], &taken["conflicts"]), (&false.into(), &serde_json::json!([])));
    let photo = format!("{FIELD}/{}/photo", taken["reading"].as_str().unwrap());
    let send = async |bytes: &'static [u8]| {
        let request = Request::post(&photo)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(bytes))
            .unwrap();
        house.send(request).await.status()
    };
    assert_eq!(send(b"<svg/>").await, StatusCode::UNPROCESSABLE_ENTITY, "no picture");
    assert_eq!(send(b"\xff\xd8\xff\xe0jpeg").await, StatusCode::OK);
    // A second reading, of a clock that is off and of less than a later one showed.
    reading["key"] = "b".into();
    reading["registers"]["total"] = "1300.0".into();
    reading["at"] = now.plus_seconds(-9_000).to_string().into();
    reading["sent_at"] = now.plus_seconds(-3_600).to_string().into();
    let odd = text(house.program(FIELD, &token, &reading).await).await;
    assert!(odd.contains("field_clock") && odd.contains("field_conflict"), "{odd}");
    let alerts = text(house.get("/console/alerts", "clerk").await).await;
    assert!(alerts.contains("Field reading contradicts another"), "{alerts}");
    reading["at"] = "yesterday".into();
    let wrong = house.program(FIELD, &token, &reading).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

/// S-049: the agent asks, the head-end fetches and answers, the agent's page shows it.
#[tokio::test]
async fn a_meter_is_asked_through_the_head_end() {
    let house = House::open().await;
    house.with_a_meter().await;
    let asked = house.post("/console/requests", "clerk", "point=331000000001").await;
    let page = location(&asked).to_owned();
    assert!(page.starts_with("/console/requests/"), "{asked:?}");
    let waiting = house.get(&page, "clerk").await;
    assert_eq!(waiting.headers()["refresh"], "2", "the page comes again without a script");
    assert!(text(waiting).await.contains("Waiting for the meter"));
    let twice = house.post("/console/requests", "clerk", "point=331000000001").await;
    assert_eq!(twice.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let key = house.key(&[Right::ReadingImport]).await;
    let none = serde_json::json!({});
    let taken = text(house.program("/api/v1/head-end/requests/take", &key, &none).await).await;
    let taken: serde_json::Value = serde_json::from_str(&taken).unwrap();
    assert_eq!(taken["items"][0]["meter"], "331000000001", "{taken}");
    let now = house.web.works.db.now();
    let answer = serde_json::json!({ "request": taken["items"][0]["request"],
        "readings": [{ "at": now.to_string(), "registers": { "total": "1301.5" } }] });
    let blind = house.key(&[Right::BillRead]).await;
    let refused = house.program("/api/v1/head-end/answers", &blind, &answer).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let done = house.program("/api/v1/head-end/answers", &key, &answer).await;
    assert_eq!(done.status(), StatusCode::OK, "{done:?}");
    let shown = text(house.get(&page, "clerk").await).await;
    assert!(shown.contains("The reading has arrived") && shown.contains("1,301.5"), "{shown}");
    let late = house.program("/api/v1/head-end/answers", &key, &answer).await;
    assert_eq!(late.status(), StatusCode::CONFLICT, "answered once");
}

/// S-071: a new reading day is refused at short notice, and seen on the portal a cycle ahead.
#[tokio::test]
async fn a_new_reading_day_is_told_on_the_portal() {
    let house = House::open().await;
    house.with_a_meter().await;
    let form = |day: Date| {
        format!(
            "kind=reading_day&reading_day=5&effective_on={day}&title_zh=a&title_en=Read+on+the+5th\
             &body_zh=b&body_en=From+then+on"
        )
    };
    let today = house.web.zone.date_of(house.web.works.db.now());
    let soon = house.post("/console/bulletins", "clerk", &form(today)).await;
    assert_eq!(soon.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(soon).await.contains("Announced one cycle ahead"));
    let later = today.first_of_month().saturating_add(jiff::Span::new().months(3));
    let done = house.post("/console/bulletins", "clerk", &form(later)).await;
    assert_eq!(location(&done), "/console/bulletins");
    let portal = text(house.get("/portal/notices", "customer").await).await;
    assert!(portal.contains("Read on the 5th"), "{portal}");
}

/// T-08 through the pages: plan the quarter, see the order, refuse a meter that is not there.
#[tokio::test]
async fn the_orders_of_a_quarter_are_made_at_once() {
    let house = House::open().await;
    house.with_a_meter().await;
    let plan = text(house.get("/console/rotation", "clerk").await).await;
    assert!(plan.contains("Make 1 orders"), "{plan}");
    let made = house.post("/console/rotation", "clerk", "from=2026-10-01&to=2027-01-01").await;
    assert_eq!(location(&made), "/console/rotation");
    let list = text(house.get("/console/orders", "clerk").await).await;
    let order = format!("/console/orders/{}", between(&list, "/console/orders/", "\""));
    let fields = "version=1&on=2026-09-20&new_meter=nothing&total=1100&opening_total=0";
    let refused = house.post(&format!("{order}/exchange"), "clerk", fields).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(refused).await.contains("No such meter is in stock"));
    let fault = house.post("/console/faults/new", "clerk", "point=331000000001&code=stopped").await;
    let fault = location(&fault).to_owned();
    let fields = "version=1&decision=adjust&total=5&reason=it+stood+still";
    let early = house.post(&format!("{fault}/decide"), "clerk", fields).await;
    assert_eq!(early.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(early).await.contains("Record the exchange first"));
    let fields = "version=1&decision=no_adjust&reason=nothing+was+lost";
    let done = house.post(&format!("{fault}/decide"), "clerk", fields).await;
    assert_eq!(location(&done), fault);
    assert!(text(house.get(&fault, "clerk").await).await.contains("No adjustment"));
}

#[tokio::test]
async fn the_page_of_the_handhelds_opens_for_everybody_and_says_that_it_needs_a_script() {
    let house = House::open().await;
    let page = house.get("/field", "").await;
    let policy = page.headers()["permissions-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("geolocation=(self)"), "{policy}");
    let page = text(page).await;
    assert!(page.contains("need JavaScript") && page.contains("id=\"field-form\""), "{page}");
    let worker = house.get("/field-worker.js", "").await;
    assert!(
        worker.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/javascript")
    );
}
