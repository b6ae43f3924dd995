//! What a customer may see, and what not: other accounts, other organisations, bills that were
//! not issued. The same bills through the API, for staff of one organisation.

use axum::http::StatusCode;
use kernel::{Date, Id};
use registry::{Account, PersonKind, ServiceLocation, UsageClass, UsagePoint};
use store::OnConflict;
use supply::billing::BillRow;

use crate::http::tests::{House, text};

const OWN: Id = Id::from_i64(5);
const OTHER: Id = Id::from_i64(6);

fn bill(house: &House, id: i64, (org, account): (Id, Id), state: &str) -> BillRow {
    let now = house.web.works.db.now();
    let issued = state == "issued";
    BillRow {
        id: Id::from_i64(id),
        org,
        bill_no: format!("202606-{id}"),
        run: None,
        account,
        agreement: Id::from_i64(1),
        usage_point: Id::from_i64(if issued { account.get() } else { 99 }),
        transformer_area: Id::from_i64(0),
        month_on: Date::constant(2026, 6, 1),
        period_from: Date::constant(2026, 6, 1),
        period_to: Date::constant(2026, 7, 1),
        sequence: 1,
        state: state.to_owned(),
        currency: "CNY".to_owned(),
        total_units: 1_234_500,
        daily_charge_units: 1_234_500,
        energy_ukwh: 230_000_000,
        day_count: 30,
        estimated_day_count: 2,
        estimated_ukwh: 15_000_000,
        tariff_document: Id::from_i64(1),
        facts: "{}".to_owned(),
        rated: "{}".to_owned(),
        review_reasons: "[]".to_owned(),
        state_version: 1,
        replaces: None,
        due_on: issued.then(|| Date::constant(2026, 7, 20)),
        issued_at: issued.then_some(now),
        issued_by: issued.then_some(Id::from_i64(1)),
        created_at: now,
        version: 1,
    }
}

/// A customer with a usage point, and five bills of which one is theirs to see.
async fn house_with_bills() -> House {
    let house = House::open().await;
    let db = &house.web.works.db;
    let mut tx = db.begin().await.unwrap();
    let org = access::root_organisation(&mut tx).await.unwrap().unwrap().id;
    let elsewhere = Id::from_i64(4_711);
    let opened_on = Date::constant(2020, 1, 1);
    let (one, point) = (Id::from_i64(1), OWN);
    let person = registry::Person {
        id: one,
        org,
        kind: PersonKind::Person,
        name: "<Li Jianguo>".to_owned(),
        name_pinyin: String::new(),
        name_initials: String::new(),
        id_document: None,
        language: "zh".to_owned(),
        merged_into: None,
        created_at: db.now(),
        version: 1,
    };
    let account = Account {
        id: OWN,
        org,
        account_no: "04120087".to_owned(),
        person: one,
        opened_on,
        closed_on: None,
        invoice_title: None,
        version: 1,
    };
    let location = ServiceLocation {
        id: one,
        org,
        address: "x".to_owned(),
        address_pinyin: String::new(),
        address_initials: String::new(),
        community: String::new(),
        street: String::new(),
        building: String::new(),
        unit: String::new(),
        version: 1,
    };
    let point = UsagePoint {
        id: point,
        org,
        code: "UP5".to_owned(),
        account: OWN,
        service_location: one,
        transformer_area: None,
        class: UsageClass::Residential,
        voltage: "220V".to_owned(),
        dedicated_transformer: false,
        opened_on,
        closed_on: None,
        version: 1,
    };
    let bills = [
        bill(&house, 11, (org, OWN), "issued"),
        bill(&house, 12, (org, OTHER), "issued"),
        bill(&house, 13, (elsewhere, OWN), "issued"),
        bill(&house, 14, (org, OWN), "review"),
    ];
    tx.insert_all("person", &[person], OnConflict::Fail).await.unwrap();
    tx.insert_all("account", &[account], OnConflict::Fail).await.unwrap();
    tx.insert_all("service_location", &[location], OnConflict::Fail).await.unwrap();
    tx.insert_all("usage_point", &[point], OnConflict::Fail).await.unwrap();
    tx.insert_all("bill", &bills, OnConflict::Fail).await.unwrap();
    tx.commit().await.unwrap();
    house
}

#[tokio::test]
async fn a_customer_sees_their_own_issued_bills_and_no_others() {
    let house = house_with_bills().await;
    let list = text(house.get("/portal/bills", "customer").await).await;
    assert!(list.contains("/portal/bills/11") && list.contains("123.45"), "{list}");
    for hidden in ["12", "13", "14"] {
        assert!(!list.contains(&format!("/portal/bills/{hidden}\"")), "{hidden} is listed");
    }
    let own = house.get("/portal/bills/11", "customer").await;
    assert_eq!(own.status(), StatusCode::OK);
    assert!(text(own).await.contains("2 of 30 days are estimated"));
    for path in ["12", "13", "14", "15", "x", "11%2F..", "12/print", "13/print"] {
        let path = format!("/portal/bills/{path}");
        let answer = house.get(&path, "customer").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_customer_s_own_data_hold_only_what_is_theirs() {
    let house = house_with_bills().await;
    let answer = house.get("/portal/data/all.json", "customer").await;
    assert!(answer.headers()["content-disposition"].to_str().unwrap().contains("04120087-all"));
    let data: serde_json::Value = serde_json::from_str(&text(answer).await).unwrap();
    assert_eq!(data["bills"].as_array().unwrap().len(), 1, "{data}");
    assert_eq!(data["bills"][0]["total"], "123.45");
    assert_eq!(data["usage_points"][0]["code"], "UP5");
    for file in ["days.csv", "readings.csv", "intervals.csv", "green-button.xml"] {
        let answer = house.get(&format!("/portal/data/{file}"), "customer").await;
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
    }
}

#[tokio::test]
async fn every_page_has_words_for_a_customer_without_days() {
    let house = House::open().await;
    for path in ["/portal", "/portal/usage", "/portal/bills", "/portal/data", "/portal/what-if"] {
        let answer = house.get(path, "customer").await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(text(answer).await.contains("class=\"empty\""), "{path} is blank");
    }
}

#[tokio::test]
async fn the_api_knows_one_organisation_only() {
    let house = house_with_bills().await;
    let bill = house.get("/api/v1/bills/11", "clerk").await;
    assert_eq!(bill.status(), StatusCode::OK);
    let bill: serde_json::Value = serde_json::from_str(&text(bill).await).unwrap();
    assert_eq!((&bill["id"], &bill["total"]), (&"11".into(), &"123.45".into()));
    for path in [
        "bills/13",
        "bills/x",
        "accounts/999",
        "accounts/999/bills",
        "usage-points/x/days?from=2026-06-01&to=2026-06-02",
    ] {
        let answer = house.get(&format!("/api/v1/{path}"), "clerk").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let list = text(house.get("/api/v1/accounts/04120087/bills?limit=1", "clerk").await).await;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "a period is never cut: {list}");
    assert!(list["next"].is_null());
    let account = text(house.get("/api/v1/accounts/04120087", "clerk").await).await;
    assert!(account.contains("\"code\":\"UP5\"") && !account.contains("Jianguo"), "{account}");
    for path in ["bills?limit=0", "bills?cursor=x"] {
        let answer = house.get(&format!("/api/v1/accounts/04120087/{path}"), "clerk").await;
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(answer.status().is_client_error() && kind == "application/problem+json", "{path}");
    }
    let document = house.get("/api/v1/openapi.json", "").await;
    assert_eq!(document.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_customer_disputes_their_own_bill_and_no_other() {
    let house = house_with_bills().await;
    for path in ["12", "13", "14"] {
        let path = format!("/portal/bills/{path}/dispute");
        assert_eq!(house.get(&path, "customer").await.status(), StatusCode::NOT_FOUND, "{path}");
        let sent = house.post(&path, "customer", "claim=x").await;
        assert_eq!(sent.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let path = "/portal/bills/11/dispute";
    let asked = text(house.get(path, "customer").await).await;
    assert!(asked.contains("What do you think is wrong?"), "{asked}");
    let silent = house.post(path, "customer", "claim=").await;
    assert_eq!(silent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let sent = house.post(path, "customer", "claim=nobody+was+at+home").await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let own = text(house.get("/portal/bills/11", "customer").await).await;
    assert!(own.contains("nobody was at home") && own.contains("is being looked into"), "{own}");
    assert!(!own.contains(path), "one dispute at a time");
    let again = house.get(path, "customer").await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
}
