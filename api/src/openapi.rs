//! The description of the API: OpenAPI 3.1, generated from the handlers, pinned by `api/openapi.json`.

use crate::{auth::right::Right, error::Problem, routes};
use actix_web::{App, HttpResponse, http::Method, web};
use std::{collections::HashSet, sync::LazyLock};
use utoipa::{
    Modify, OpenApi as _,
    openapi::{
        Content, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, Schema,
        header::HeaderBuilder,
        path::Operation,
        schema::Type,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Vitrina",
        description = "Live commerce: a customer asks for a person, who shows products, fills the cart and is rated.\n\n\
            Every command answers with a `position`; a read with `at_least` of it shows what the command did, and a read with \
            `as_of` shows how it was. Refusals are problem documents (RFC 9457) whose `type` can be opened."
    ),
    components(schemas(Problem)),
    modifiers(&Everywhere),
    tags(
        (name = "sessions", description = "Signing in and out"),
        (name = "account", description = "The shop"),
        (name = "users", description = "Who may sign in"),
        (name = "roles", description = "What users may open"),
        (name = "api-keys", description = "What programs may do"),
        (name = "webhooks", description = "Other systems that are told what happens"),
        (name = "audit", description = "Who changed what about all these"),
        (name = "shoppers", description = "Who serves customers"),
        (name = "customers", description = "Who is served"),
        (name = "queue", description = "Who waits"),
        (name = "calls", description = "Live video sessions"),
        (name = "media", description = "The video of calls: joining, tracks, the record of who was there"),
        (name = "recordings", description = "What was recorded of calls"),
        (name = "conversations", description = "Chats"),
        (name = "live", description = "What happens, as it happens"),
        (name = "orders", description = "What was bought, and the calls that it goes back to"),
        (name = "ratings", description = "What customers answered"),
        (name = "reports", description = "Numbers of a period, and the events behind each"),
        (name = "operations", description = "For those who run the server")
    )
)]
struct Description;

/// Adds what every operation has in common.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, api: &mut OpenApi) {
        let components = api.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// The whole document.
pub(crate) fn document() -> OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(|| {
        let (_, mut api) = App::new().into_utoipa_app().openapi(Description::openapi()).configure(routes::configure).split_for_parts();
        let needless = without_required_fields(&api);
        for (path, item) in &mut api.paths.paths {
            let operations = [
                (Method::GET, &mut item.get),
                (Method::POST, &mut item.post),
                (Method::PUT, &mut item.put),
                (Method::PATCH, &mut item.patch),
                (Method::DELETE, &mut item.delete),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                if path.starts_with("/v1/") {
                    add_position(operation);
                }
                Right::declared(operation).unwrap_or_else(Right::undeclared).describe(&method, operation);
                add_problem(operation);
                relax_body(operation, &needless);
                if path.starts_with("/v1/") {
                    add_quota(operation);
                }
            }
        }
        api
    });
    DOCUMENT.clone()
}

/// Names of the shapes that `{}` is an instance of.
fn without_required_fields(api: &OpenApi) -> HashSet<String> {
    let shapes = api.components.iter().flat_map(|components| &components.schemas);
    let needless = shapes.filter(|(_, shape)| matches!(shape, RefOr::T(Schema::Object(object)) if object.required.is_empty()));
    needless.map(|(name, _)| name.clone()).collect()
}

/// An absent body counts as `{}`, so it may be left out where that is enough.
fn relax_body(operation: &mut Operation, needless: &HashSet<String>) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let is_needless = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(shape)), .. }) => {
            shape.ref_location.rsplit('/').next().is_some_and(|name| needless.contains(name))
        }
        _ => false,
    };
    if body.content.values().all(is_needless) {
        body.required = Some(Required::False);
    }
}

/// Every answer of the product says its position.
fn add_position(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let number = ObjectBuilder::new().schema_type(Type::Integer).build();
            let header = HeaderBuilder::new().schema(Some(number)).description(Some("The position that was written, or that this is of"));
            response.headers.insert("Vitrina-Position".to_owned(), header.build().into());
        }
    }
}

/// Every answer of the product says how the caller's quota stands, also a refusal.
fn add_quota(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            for (name, meaning) in [
                ("RateLimit-Policy", "The quota: requests (q) in a window of seconds (w)"),
                ("RateLimit", "What is left of it (r), and in how many seconds it is whole again (t)"),
            ] {
                let text = ObjectBuilder::new().schema_type(Type::String).build();
                response.headers.insert(name.to_owned(), HeaderBuilder::new().schema(Some(text)).description(Some(meaning)).build().into());
            }
        }
    }
}

/// Every operation may be refused, with a problem document.
fn add_problem(operation: &mut Operation) {
    let mut refusal = Response::new("A refusal: `code` says which, `detail` what to do");
    refusal.content.insert("application/problem+json".to_owned(), Content::new(Some(Ref::from_schema_name("Problem"))).into());
    let text = ObjectBuilder::new().schema_type(Type::String).build();
    refusal.headers.insert(
        "X-Request-Id".to_owned(),
        HeaderBuilder::new().schema(Some(text)).description(Some("The id of this request in the logs")).build().into(),
    );
    operation.responses.responses.insert("default".to_owned(), refusal.into());
}

/// The document as it is pinned and served.
pub fn json() -> String {
    let mut text = document().to_pretty_json().expect("the description is plain data");
    text.push('\n');
    text
}

/// The document and the page that shows it, without any outside address.
pub(crate) fn serve(app: &mut web::ServiceConfig) {
    static JSON: LazyLock<String> = LazyLock::new(json);
    let description = web::get().to(async || HttpResponse::Ok().content_type("application/json").body(JSON.as_str()));
    app.route("/openapi.json", description)
        .service(web::redirect("/docs", "/docs/"))
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")));
}
