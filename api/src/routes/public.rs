//! What everybody may see, without a token: the ratings of channels whose statistics the shop has published (PRODUCT.md L14,
//! L15). Only faces are told, never a comment or who the customer was, and nothing of an answer that is hidden.

use crate::{
    error::{ApiError, Result},
    idempotency::Need,
    parameters::Query,
    reading,
    routes::{headers::Changes, named, scores::FacesView},
    wiring::State,
    writing::{Command, Written},
};
use actix_web::{HttpResponse, get, http::header, put, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    account::{Account, AccountAction},
    ids::{AccountId, ShopperId},
    metrics::{csat::Faces, range::Range},
    module::Module,
    survey::Publicity,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    accounts::{self, AccountRow},
    report, shoppers,
};

/// Days that the public figures are of: long enough for a fair picture, and what an answer costs is bounded.
const PUBLIC_DAYS: i64 = 90;
/// Faces listed one by one, at most.
const LATEST_MAX: u32 = 20;
/// For how long whoever stands between may answer with the same.
const KEPT: &str = "public, max-age=60";

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_public_channels).service(get_public_ratings).service(publish_channel);
}

/// Of which shop.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PublicQuery {
    /// The account; may be left out where the server has one.
    account_id: Option<Uuid>,
}

/// A channel and how customers liked it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicChannel {
    /// How customers write.
    #[schema(example = "web")]
    channel: String,
    /// The faces that customers chose.
    faces: FacesView,
}

/// The channels whose ratings are public.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicChannels {
    /// Name of the shop.
    shop: String,
    /// First instant inside.
    from: DateTime<Utc>,
    /// First instant outside.
    to: DateTime<Utc>,
    /// By name.
    items: Vec<PublicChannel>,
}

/// One who serves, and how customers liked it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicShopper {
    /// The name that customers know; `null` for all together who have left.
    name: Option<String>,
    /// The faces that customers chose.
    faces: FacesView,
}

/// A face that a customer chose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicFeedback {
    /// When.
    at: DateTime<Utc>,
    /// Which one.
    #[schema(example = "satisfied")]
    face: String,
    /// Who served; `null` for somebody who has left.
    name: Option<String>,
}

/// How customers liked a channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicRatings {
    /// Name of the shop.
    shop: String,
    /// How customers write.
    #[schema(example = "web")]
    channel: String,
    /// First instant inside.
    from: DateTime<Utc>,
    /// First instant outside.
    to: DateTime<Utc>,
    /// The faces that customers chose.
    faces: FacesView,
    /// The same by who served: who was rated most first.
    shoppers: Vec<PublicShopper>,
    /// The newest ones.
    latest: Vec<PublicFeedback>,
}

/// Whether everybody may see a channel's ratings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelRatings {
    /// Whether they may.
    public: bool,
}

/// A shop, and what of it is told.
struct Shown {
    account: AccountId,
    row: AccountRow,
    range: Range,
    at: Position,
}

async fn shown(state: &State, query: &PublicQuery) -> Result<Shown> {
    let account = state.account(query.account_id.map(AccountId)).await?;
    let at = state.applied();
    let found = accounts::get(&state.store, account, at).await.map_err(reading::problem)?;
    let row = found.ok_or_else(|| ApiError::not_found("account"))?.row;
    let to = Utc::now();
    Ok(Shown { account, row, range: Range { from: to - TimeDelta::days(PUBLIC_DAYS), to }, at })
}

fn answer(view: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, KEPT)).json(view)
}

/// List the channels whose ratings everybody may see, with those of the last 90 days.
#[utoipa::path(tag = "public", params(PublicQuery), responses((status = 200, body = PublicChannels)), security(()))]
#[get("/v1/public/channels")]
pub(crate) async fn list_public_channels(query: Query<PublicQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let Shown { account, row, range, at } = shown(&state, &query.0).await?;
    let mut counted = report::faces_by_channel(&state.store, account, range, at).await.map_err(reading::problem)?;
    let items = row.public_channels.0.names().map(|channel| {
        let faces = counted.remove(channel).unwrap_or_default();
        PublicChannel { channel: channel.to_owned(), faces: faces.into() }
    });
    Ok(answer(PublicChannels { items: items.collect(), shop: row.store_name, from: range.from, to: range.to }))
}

/// How customers liked a channel in the last 90 days: as a whole, by who served, and the newest faces.
#[utoipa::path(tag = "public", params(("channel" = String, Path), PublicQuery), responses((status = 200, body = PublicRatings)), security(()))]
#[get("/v1/public/channels/{channel}/ratings")]
pub(crate) async fn get_public_ratings(
    channel: web::Path<String>,
    query: Query<PublicQuery>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let Shown { account, row, range, at } = shown(&state, &query.0).await?;
    if !row.public_channels.0.has(&channel) {
        return Err(ApiError::not_found("channel with public ratings"));
    }
    let store = &state.store;
    let counted = report::faces_by_shopper(store, account, &channel, range, at).await.map_err(reading::problem)?;
    let latest = report::latest_faces(store, account, &channel, range, at, LATEST_MAX).await.map_err(reading::problem)?;
    let mut names: BTreeMap<ShopperId, String> = BTreeMap::new();
    for id in counted.keys().flatten() {
        let found = shoppers::get(store, account, *id, at).await.map_err(reading::problem)?;
        names.extend(found.and_then(|found| found.row.chat_name.or(found.row.name)).map(|name| (*id, name)));
    }
    let name = |shopper: Option<ShopperId>| shopper.and_then(|id| names.get(&id).cloned());
    // Who shares a name with another is told apart by nobody: names are what customers know.
    let mut by_name: BTreeMap<Option<String>, Faces> = BTreeMap::new();
    let mut whole = Faces::default();
    for (shopper, faces) in counted {
        whole += faces;
        *by_name.entry(name(shopper)).or_default() += faces;
    }
    let mut by_name: Vec<_> = by_name.into_iter().collect();
    by_name.sort_by_key(|(name, faces)| (name.is_none(), std::cmp::Reverse(faces.answers())));
    let latest = latest.into_iter().map(|one| PublicFeedback { at: one.at, face: named::name(&one.face), name: name(one.shopper) });
    Ok(answer(PublicRatings {
        latest: latest.collect(),
        shop: row.store_name,
        channel: channel.into_inner(),
        from: range.from,
        to: range.to,
        faces: whole.into(),
        shoppers: by_name.into_iter().map(|(name, faces)| PublicShopper { name, faces: faces.into() }).collect(),
    }))
}

/// Let everybody see a channel's ratings, or end that. Comments are never public.
#[utoipa::path(tag = "ratings", params(("channel" = String, Path), Changes), request_body = ChannelRatings, responses((status = 200, body = Written)), security(("bearer" = ["settings"])))]
#[put("/v1/channels/{channel}/ratings")]
pub(crate) async fn publish_channel(command: Command<ChannelRatings>, channel: web::Path<String>) -> Result<HttpResponse> {
    let staff = command.caller.staff(Module::Settings)?;
    let publicity = if command.body.public { Publicity::Public } else { Publicity::Internal };
    let show = || AccountAction::ShowChannel { channel: channel.clone(), publicity };
    let done = command.run(Need::Optional, staff.giver(), (), |unit| unit.run::<Account>(staff.account, show())).await?;
    Ok(done.changed(staff.account))
}
