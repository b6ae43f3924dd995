//! The document against the routes: nothing reachable that is not described, nothing described
//! that is not well formed.

use std::collections::BTreeSet;

use super::{openapi, operations, routes};

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
