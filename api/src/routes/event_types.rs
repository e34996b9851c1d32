//! The types of events that endpoints are told of, and what each says.

use crate::{
    asyncapi,
    error::{ApiError, Result},
};
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_event_types).service(get_event_type);
}

/// A type of event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventTypeView {
    /// Its name.
    #[serde(rename = "type")]
    #[schema(example = "call.finished")]
    kind: &'static str,
    /// Of which kind of thing.
    #[schema(example = "call")]
    category: &'static str,
    /// The version of what it says.
    schema_version: u16,
    /// Where its JSON Schema is.
    schema: String,
}

/// All types of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventTypesView {
    /// By name.
    items: Vec<EventTypeView>,
}

/// List the types of events that webhook endpoints are told of.
#[utoipa::path(tag = "webhooks", responses((status = 200, body = EventTypesView)), security(()))]
#[get("/v1/event-types")]
pub(crate) async fn list_event_types() -> HttpResponse {
    let view = |event: &'static asyncapi::EventType| EventTypeView {
        kind: &event.name,
        category: &event.category,
        schema_version: event.schema_version,
        schema: format!("/v1/event-types/{}", event.name),
    };
    HttpResponse::Ok().json(EventTypesView { items: asyncapi::types().values().map(view).collect() })
}

/// What a webhook endpoint is told of an event of this type, as JSON Schema.
#[utoipa::path(tag = "webhooks", params(("type" = String, Path, example = "call.finished")), responses((status = 200, body = Object, content_type = "application/schema+json")), security(()))]
#[get("/v1/event-types/{type}")]
pub(crate) async fn get_event_type(name: web::Path<String>) -> Result<HttpResponse> {
    let event = asyncapi::types().get(name.as_str()).ok_or_else(|| ApiError::not_found("type of event"))?;
    Ok(HttpResponse::Ok().content_type("application/schema+json").json(event.schema()))
}
