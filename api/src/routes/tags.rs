//! Tags: what staff picks from when marking conversations (PRODUCT.md I13). They are made by being put on.

use crate::{
    auth::caller::Caller,
    error::Result,
    page::{Paged, list_query},
    parameters::Query,
    reading,
    routes::named,
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_domain::module::Module;
use vitrina_projections::{
    table::At,
    tags::{self, ByUse, TagRow},
};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_tags);
}

list_query! {
    /// Which tags.
    TagsQuery {
        /// Part of the tag; upper case and accents make no difference.
        q: Option<String>,
    }
}

/// A tag that some conversation carries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagView {
    /// The tag.
    tag: String,
    /// How many conversations carry it, closed ones too.
    conversations: i64,
    /// When it was last put on.
    used_at: DateTime<Utc>,
}

/// List tags, those used most first.
#[utoipa::path(tag = "conversations", params(TagsQuery), responses((status = 200, body = Paged<TagView>)), security(("bearer" = ["calls"])))]
#[get("/v1/tags")]
pub(crate) async fn list_tags(
    caller: Caller,
    query: Query<TagsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Calls)?.account;
    let asked = query.0.page::<ByUse>(&state, &request).await?;
    let search = named::text("q", &query.0.q)?;
    let rows = tags::list(&state.store, account, search.as_deref(), asked.page()).await.map_err(reading::problem)?;
    let key = |at: &At<TagRow>| ByUse { uses: at.row.uses, tag: at.row.tag.clone() };
    Ok(asked.answer(&request, rows, key, |At { row, .. }| TagView { tag: row.tag, conversations: row.uses, used_at: row.used_at }))
}
