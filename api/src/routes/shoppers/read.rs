//! Shoppers as they are read: one, many, a search.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt},
    routes::named,
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::ids::ShopperId;
use vitrina_projections::{
    shoppers::{self, ByName, Load, ShopperFilter, ShopperRow},
    table::At,
};

list_query! {
    /// Which shoppers.
    ShoppersQuery {
        /// Words of names, e-mail address, telephone number or collections: all must be found, each as the beginning of a word; case and accents
        /// make no difference.
        #[param(example = "marta")]
        q: Option<String>,
        /// Those that stand there.
        #[param(example = "available")]
        status: Option<String>,
    }
}

/// A shopper.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShopperView {
    /// The shopper, and the user to sign in as.
    id: Uuid,
    /// Name; `null` when the person was erased.
    name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// Name that customers see.
    chat_name: Option<String>,
    /// BCP 47 tags of the languages spoken.
    languages: Vec<String>,
    /// Fields of expertise.
    expertise: Vec<String>,
    /// Collections the shopper is a specialist of.
    collections: Vec<String>,
    /// Weekly hours; `null` means always.
    #[schema(value_type = Option<crate::routes::shapes::Schedule>)]
    schedule: Option<vitrina_domain::schedule::Schedule>,
    /// Conversations at once.
    max_concurrent: Option<u32>,
    /// Departments that the shopper answers for.
    departments: Vec<String>,
    /// Country the shopper is in, ISO 3166-1 alpha-2.
    #[schema(example = "ES")]
    country: Option<String>,
    /// available, busy, away or offline.
    #[schema(example = "available")]
    status: String,
    /// Why: manual, schedule, idle_timeout, disconnect or call.
    status_cause: Option<String>,
    /// Since when.
    status_since: DateTime<Utc>,
    /// Calls that the shopper works on.
    calls: i64,
    /// Open conversations without a call that the shopper takes part in.
    conversations: i64,
    /// Whether the shopper has left the shop.
    is_deleted: bool,
    /// Since when.
    created_at: DateTime<Utc>,
    /// The version, as in `ETag`.
    version: i64,
}

impl ShopperView {
    fn new(At { row, .. }: At<ShopperRow>, load: Load) -> Self {
        Self {
            id: row.shopper_id.0,
            name: row.name,
            email: row.email,
            phone: row.phone,
            chat_name: row.chat_name,
            languages: row.languages.0,
            expertise: row.expertise.0,
            collections: row.collections.0,
            schedule: row.schedule.map(|schedule| schedule.0),
            max_concurrent: row.max_concurrent,
            departments: row.departments.0,
            country: row.country,
            status: named::name(&row.status),
            status_cause: named::optional(&row.status_cause),
            status_since: row.status_since,
            calls: load.calls,
            conversations: load.conversations,
            is_deleted: row.deleted,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// List shoppers by name.
#[utoipa::path(tag = "shoppers", params(ShoppersQuery), responses((status = 200, body = Paged<ShopperView>)), security(("bearer" = ["staff"]), ("bearer" = ["calls"]), ("bearer" = ["settings"])))]
#[get("/v1/shoppers")]
pub(crate) async fn list_shoppers(
    caller: Caller,
    query: Query<ShoppersQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let query = query.0;
    let asked = query.page::<ByName>(&state, &request).await?;
    named::must_have_words("q", query.q.as_deref())?;
    let filter = ShopperFilter {
        search: named::words("q", query.q.as_deref())?,
        status: named::filter("status", &query.status, "available, busy, away, offline")?,
    };
    let rows = shoppers::list(&state.store, account, &filter, asked.page()).await.map_err(reading::problem)?;
    let loads = shoppers::loads(&state.store, account, asked.position).await.map_err(reading::problem)?;
    let key = |at: &At<ShopperRow>| ByName { name: at.row.sort_name.clone(), id: at.row.shopper_id.0 };
    let load = |id: ShopperId| loads.get(&id).copied().unwrap_or_default();
    Ok(asked.answer(&request, rows, key, |at| {
        let load = load(at.row.shopper_id);
        ShopperView::new(at, load)
    }))
}

/// One shopper.
#[utoipa::path(tag = "shoppers", params(("id" = Uuid, Path), ReadAt), responses((status = 200, body = Read<ShopperView>)), security(("bearer" = ["staff"]), ("bearer" = ["calls"]), ("bearer" = ["settings"])))]
#[get("/v1/shoppers/{id}")]
pub(crate) async fn get_shopper(caller: Caller, id: Id<ShopperId>, query: Query<ReadAt>, state: web::Data<State>) -> Result<HttpResponse> {
    let account = caller.any_staff()?.account;
    let position = query.0.position(&state).await?;
    let found = shoppers::get(&state.store, account, id.0, position).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("shopper"))?;
    let loads = shoppers::loads(&state.store, account, position).await.map_err(reading::problem)?;
    let version = row.row.version;
    Ok(reading::answer(ShopperView::new(row, loads.get(&id.0).copied().unwrap_or_default()), version, position))
}
