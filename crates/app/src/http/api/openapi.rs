//! The OpenAPI 3.1 document, made from the operations themselves.

use axum::Json;
use serde_json::{Map, Value, json};

use super::{Operation, operations};
use crate::http::{Guard, Route};

/// The route of the document itself; anyone may read it.
pub(super) fn route() -> Route {
    Route::get("/api/v1/openapi.json", "api", Guard::Public, async || Json(document()))
}

/// The whole document.
pub(super) fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.route.info.path).or_insert_with(|| json!({}));
        let method = operation.route.info.method.as_str().to_ascii_lowercase();
        path[method] = described(&operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Lamplight",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Customers, readings, settlement and bills of an electric supply company. \
                Ids, amounts and energies are strings, so that no reader rounds them.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer",
                "description": "A key for programs, from the console." } },
            "schemas": { "Problem": problem() },
            "responses": { "Problem": {
                "description": "What went wrong and what to do (RFC 9457).",
                "content": { "application/problem+json":
                    { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
        },
    })
}

fn problem() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "reference"],
        "properties": {
            "type": text, "title": text, "status": { "type": "integer" },
            "code": { "type": "string", "description": "Stable; decide by this." },
            "detail": text,
            "reference": { "type": "string", "description": "Finds the request in the log." },
        },
    })
}

fn described(operation: &Operation) -> Value {
    let info = &operation.route.info;
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [info.area],
        "parameters": operation.parameters,
        "responses": {
            "200": {
                "description": "Done.",
                "content": { "application/json": { "schema": operation.answer } },
            },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    if let Guard::Right(right) = info.guard {
        described["description"] = json!(format!("Needs the right `{right}`."));
    }
    if info.guard == Guard::Public {
        described["description"] = json!("Needs the right token: that of a registered handheld.");
    }
    if let Some((kind, schema)) = &operation.body {
        described["requestBody"] =
            json!({ "required": true, "content": { *kind: { "schema": schema } } });
    }
    described
}
