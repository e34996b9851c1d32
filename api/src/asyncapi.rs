//! What endpoints are told, for programs: a JSON Schema of each type of event, and one AsyncAPI document of all, pinned by
//! `api/asyncapi.json`. What events say comes from `domain/schemas.json`, which the domain's tests hold to the code.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::LazyLock};
use vitrina_domain::event::Event;

const SCHEMAS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/schemas.json"));

/// A type of event.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct EventType {
    /// Its name.
    #[serde(rename = "type")]
    pub name: String,
    /// Of which kind of thing.
    pub category: String,
    /// The version of what it says.
    pub schema_version: u16,
    data: Value,
}

impl EventType {
    /// What an endpoint is told of such an event.
    pub(crate) fn schema(&self) -> Value {
        let id = json!({"type": "string", "format": "uuid"});
        let link = json!({
            "description": "Of a thin payload, and of what has more than 20 kB: where it is read.",
            "type": "object", "properties": {"id": id, "url": {"type": "string"}}, "required": ["id"]
        });
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.name,
            "type": "object",
            "properties": {
                "type": {"const": self.name},
                "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
                "data": {"anyOf": [self.data, link]},
                "position": {"type": "integer", "description": "Where it stands in the log."},
                "environment": {"enum": ["production", "test"], "description": "`test` of a trial: no report counts it."},
                "stream": {
                    "type": "object",
                    "properties": {"category": {"const": self.category}, "id": id},
                    "required": ["category", "id"]
                },
                "stream_version": {"type": "integer", "description": "1 is the first event of its stream; none is left out."},
                "schema_version": {"type": "integer", "description": "Version of `data`."},
            },
            "required": ["type", "timestamp", "data", "position", "environment", "stream", "stream_version", "schema_version"]
        })
    }
}

/// Every type of event as this build tells it, by name.
pub(crate) fn types() -> &'static BTreeMap<String, EventType> {
    static TYPES: LazyLock<BTreeMap<String, EventType>> = LazyLock::new(|| {
        let all: BTreeMap<String, EventType> = serde_json::from_str(SCHEMAS).expect("it is written by a test");
        let told: Vec<_> = Event::catalogue().into_iter().map(|(_, name, version)| format!("{name}.v{version}")).collect();
        all.into_iter().filter(|(key, _)| told.contains(key)).map(|(_, one)| (one.name.clone(), one)).collect()
    });
    &TYPES
}

/// The AsyncAPI document.
pub fn json() -> String {
    let header = |description: &str| json!({"type": "string", "description": description});
    let headers = json!({
        "type": "object",
        "properties": {
            "webhook-id": header("The delivery: the same for every attempt, resending and replay of an event to an endpoint."),
            "webhook-timestamp": header("Seconds since 1970 of the attempt."),
            "webhook-signature": header("Standard Webhooks: `v1,` HMAC-SHA256 and `v1a,` ed25519 of id.timestamp.body, separated by spaces."),
        },
        "required": ["webhook-id", "webhook-timestamp", "webhook-signature"]
    });
    let (mut schemas, mut messages, mut told) = (Map::new(), Map::new(), Map::new());
    for (name, event) in types() {
        schemas.insert(name.clone(), event.schema());
        let message = json!({
            "name": name,
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/headers"},
            "payload": {"$ref": format!("#/components/schemas/{name}")},
        });
        messages.insert(name.clone(), message);
        told.insert(name.clone(), json!({"$ref": format!("#/components/messages/{name}")}));
    }
    schemas.insert("headers".to_owned(), headers);
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vitrina webhooks",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What happens, told to endpoints that were made with POST /v1/webhooks, by POST requests."
        },
        "defaultContentType": "application/json",
        "channels": {"endpoint": {"address": null, "description": "The address of the endpoint.", "messages": told}},
        "operations": {"tell": {"action": "send", "channel": {"$ref": "#/channels/endpoint"}}},
        "components": {"schemas": schemas, "messages": messages}
    });
    serde_json::to_string_pretty(&document).expect("a document is JSON") + "\n"
}

/// Serves it.
pub(crate) fn serve(app: &mut web::ServiceConfig) {
    static DOCUMENT: LazyLock<String> = LazyLock::new(json);
    app.route("/asyncapi.json", web::get().to(async || HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())));
}
