//! The document against the routes: nothing reachable that is not described, nothing described
//! that is not well formed.

use std::collections::BTreeSet;

use access::{Actor, NewToken, Right};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};

use super::{openapi, operations, routes};
use crate::http::tests::{House, text};

/// A key for a program with these rights.
async fn key(house: &House, rights: &[Right]) -> String {
    let works = &house.web.works;
    let mut tx = works.db.begin().await.unwrap();
    let org = access::root_organisation(&mut tx).await.unwrap().unwrap().id;
    let actor = Actor::program("test");
    let expires_at = works.db.now().plus_seconds(3_600);
    let new = NewToken { org, name: "meters", rights, expires_at };
    let issued = access::create_token(&works.ctx(&actor, "test"), &mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    issued.token
}

fn import(token: &str, key: &str, body: &str) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/api/v1/readings-imports?name=a.csv")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "text/csv")
        .header("idempotency-key", key)
        .body(Body::from(body.to_owned()))
        .unwrap()
}

#[tokio::test]
async fn a_program_imports_readings_once_however_often_it_asks() {
    let house = House::open().await;
    let token = key(&house, &[Right::ReadingImport, Right::ReadingRead]).await;
    let file = "usage_point,at,total\nUP404,2026-06-01T16:00:00Z,12.5\n";
    let first = house.send(import(&token, "one", file)).await;
    assert_eq!(first.status(), StatusCode::OK);
    let first = text(first).await;
    let answer: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!((&answer["state"], &answer["known"]), (&"done".into(), &false.into()), "{first}");
    assert_eq!((&answer["good"], &answer["bad"]), (&0.into(), &1.into()), "an unknown meter");
    let again = house.send(import(&token, "one", file)).await;
    assert_eq!(text(again).await, first, "the same answer to the same key");
    let other = house.send(import(&token, "one", "usage_point,at,total\n")).await;
    assert_eq!(other.status(), StatusCode::CONFLICT, "another file under the same key");
    let known = text(house.send(import(&token, "two", file)).await).await;
    assert!(known.contains("\"known\":true"), "the file itself is known: {known}");
    let blind = key(&house, &[Right::BillRead]).await;
    let refused = house.send(import(&blind, "three", file)).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[test]
fn every_route_of_the_api_is_in_the_document() {
    let document = openapi::document();
    assert_eq!(document["openapi"], "3.1.0");
    for route in routes().iter().filter(|route| !route.info.path.ends_with("openapi.json")) {
        let method = route.info.method.as_str().to_ascii_lowercase();
        let described = &document["paths"][route.info.path][&method];
        assert!(described.is_object(), "{method} {} is not described", route.info.path);
        assert!(described["responses"]["200"]["content"]["application/json"]["schema"].is_object());
        assert!(described["description"].as_str().unwrap().contains("Needs the right"));
    }
    let described: usize =
        document["paths"].as_object().unwrap().values().map(|p| p.as_object().unwrap().len()).sum();
    assert_eq!(described + 1, routes().len(), "something is described that is no route");
}

#[test]
fn every_part_of_a_path_is_a_described_parameter() {
    let mut ids = BTreeSet::new();
    for operation in operations() {
        assert!(ids.insert(operation.id), "{} stands twice", operation.id);
        let places: BTreeSet<&str> = operation
            .route
            .info
            .path
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .collect();
        let named: BTreeSet<&str> = operation
            .parameters
            .iter()
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        assert_eq!(places, named, "{}", operation.id);
        assert_eq!(operation.body.is_some(), operation.route.info.method == "POST");
    }
}

#[test]
fn every_field_that_is_required_is_described() {
    let mut open: Vec<serde_json::Value> = operations().into_iter().map(|o| o.answer).collect();
    let mut seen = 0;
    while let Some(schema) = open.pop() {
        if let Some(fields) = schema["properties"].as_object() {
            for name in schema["required"].as_array().into_iter().flatten() {
                assert!(fields.contains_key(name.as_str().unwrap()), "{name} in {schema}");
                seen += 1;
            }
            open.extend(fields.values().cloned());
        }
        open.extend(schema["items"].is_object().then(|| schema["items"].clone()));
        open.extend(schema["anyOf"].as_array().into_iter().flatten().cloned());
    }
    assert!(seen > 60, "only {seen} fields");
}
