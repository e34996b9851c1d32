//! Exports that make a file: asked for, looked at, fetched by an address that ends, deleted.

use super::query::accepted;
use crate::{
    auth::{
        caller::{Caller, Giver},
        export_pass::ExportPass,
    },
    error::{ApiError, Code, Result},
    exporting::{Asked, Question, Table},
    filters::filters,
    idempotency::Need,
    page::{Paged, list_query},
    parameters::{Id, Query},
    reading::{self, Read, ReadAt, ReadNow},
    routes::{
        headers::{Changes, Creates},
        named,
    },
    storage::{Key, Shown, download},
    wiring::State,
    writing::{self, Command, Nothing, Written},
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    export::{Export, ExportAction, Over},
    ids::{AccountId, EventId, ExportId},
};
use vitrina_projections::export_jobs::{self, ExportRow, ExportStage};

/// Files of an account that may be waited for at once: what one shop asks for holds up the others for a bounded time.
const UNDER_WAY_MAX: i64 = 5;
/// A file that is asked for longer ago is not waited for any more.
const UNDER_WAY_SINCE: TimeDelta = TimeDelta::days(1);
/// For how long the address of a file can be fetched from.
const PASS_SECONDS: i64 = 3_600;
/// Who fetches is told once in such a time: a browser may ask for a file by parts.
const DOWNLOAD_SECONDS: i64 = 3_600;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(request_export).service(list_exports).service(get_export).service(fetch_export).service(delete_export);
}

/// A file that is to be made. Beside `definition`, what `GET /v1/exports/{definition}` takes.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NewExport {
    /// calls, conversations, orders, order_lines, ratings or shoppers.
    #[schema(example = "calls")]
    definition: String,
    /// csv, jsonl or xlsx; csv when left out.
    #[schema(example = "xlsx")]
    format: Option<String>,
    /// How a CSV is written: rfc4180 or excel.
    profile: Option<String>,
    /// The language of headings for people: en, es, pt or ca.
    locale: Option<String>,
    /// From this date or instant on. Where no period is given, it is that of the list: everything, of ratings the last seven days (but
    /// everything of one call or conversation), of shoppers, as of reports, this month. The first of this month when only `to` is given.
    #[schema(example = "2026-03-01")]
    from: Option<String>,
    /// Before this instant, or on this date at the latest.
    to: Option<String>,
    /// IANA zone of dates and times; the account's when left out.
    tz: Option<String>,
    /// Only what has changed after this position.
    since: Option<i64>,
    /// As it was at this position or RFC 3339 instant.
    as_of: Option<String>,
    /// Calls, conversations and orders that stand there.
    status: Option<String>,
    /// Calls and conversations that ended so.
    outcome: Option<String>,
    /// Calls, conversations and orders of this customer.
    customer_id: Option<Uuid>,
    /// Calls, conversations, orders and answers of this shopper.
    shopper_id: Option<Uuid>,
    /// Orders that go back to this call, and answers to it.
    call_id: Option<Uuid>,
    /// Answers to this conversation.
    conversation_id: Option<Uuid>,
    /// Orders in this currency.
    currency: Option<String>,
    /// Conversations that this department answers.
    department: Option<String>,
    /// Conversations and figures of customers who write this way.
    channel: Option<String>,
    /// Conversations with this tag.
    tag: Option<String>,
    /// Conversations that take this expertise.
    expertise: Option<String>,
    /// Conversations in which this bot takes part.
    bot: Option<Uuid>,
    /// Conversations that are open and in which no shopper is present.
    waiting: Option<bool>,
    /// Calls about the product with this id of the shop.
    product: Option<String>,
    /// Calls of customers with this device.
    device: Option<String>,
    /// Conversations of customers who live there.
    country: Option<String>,
    /// Conversations of customers who speak this language.
    language: Option<String>,
    /// Conversations that were closed at or after this date or instant.
    closed_from: Option<String>,
    /// Conversations that were closed before this instant, or on this date at the latest.
    closed_to: Option<String>,
    /// Calls and conversations that the customer has rated, or has not.
    rated: Option<bool>,
    /// Calls, conversations and answers with a recommendation of this class.
    nps_class: Option<String>,
    /// Those with this satisfaction, 1 to 5.
    csat: Option<u8>,
    /// Those with this face.
    face: Option<String>,
    /// Calls and conversations with these words, as in their lists.
    q: Option<String>,
    /// Calls, conversations, answers and figures of `production` (default), `test` or `all`.
    environment: Option<String>,
    /// Conversations, answers and figures of calls (`call`) or of conversations without one (`chat`).
    kind: Option<String>,
    /// Figures of this shopper.
    shopper: Option<Uuid>,
    /// Figures of shoppers with these words in their name or address.
    search: Option<String>,
}

impl NewExport {
    fn asked(&self, accepted: String) -> Asked {
        let filters = filters!(self; status, outcome, customer_id, shopper_id, call_id, conversation_id, currency, department, channel, tag, expertise, bot, waiting, product, device,
            country, language, closed_from, closed_to, rated, nps_class, csat, face, q, environment, kind, shopper, search);
        Asked {
            format: self.format.clone(),
            profile: self.profile.clone(),
            locale: self.locale.clone(),
            accepted,
            from: self.from.clone(),
            to: self.to.clone(),
            tz: self.tz.clone(),
            since: self.since,
            at: ReadAt { at_least: None, as_of: self.as_of.clone() },
            filters,
        }
    }
}

/// How far a file has come that is being made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgressView {
    /// Rows so far.
    rows: u64,
    /// Bytes so far.
    bytes: u64,
}

/// An export that makes a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportView {
    /// The export.
    id: Uuid,
    /// requested, ready, failed or deleted.
    #[schema(example = "ready")]
    status: String,
    /// The table.
    #[schema(example = "calls")]
    definition: String,
    /// When it was asked.
    requested_at: DateTime<Utc>,
    /// The kind of who asked.
    requested_by_kind: String,
    /// Who asked.
    requested_by: String,
    /// How far it has come, while the process that answers makes it.
    progress: Option<ProgressView>,
    /// What the file is, once it is ready.
    manifest: Option<crate::exporting::Manifest>,
    /// The file's name.
    file_name: Option<String>,
    /// When it is deleted by itself.
    keep_until: Option<DateTime<Utc>>,
    /// Why there is none: storage (away or full), database, or outdated (ask again).
    failure: Option<String>,
    /// Where it is fetched from, without any header, while it is ready.
    url: Option<String>,
    /// Until when; ask again for another address.
    url_expires_at: Option<DateTime<Utc>>,
    /// Its version, as in `ETag`.
    version: i64,
}

impl ExportView {
    fn new(state: &State, giver: &Giver, row: ExportRow) -> Self {
        let is_ready = row.stage == ExportStage::Ready;
        let expires_at = Utc::now() + TimeDelta::seconds(PASS_SECONDS);
        let expires_at = row.keep_until.map_or(expires_at, |until| until.min(expires_at));
        let pass = || {
            let (who, credential) = (giver.actor.clone(), giver.credential);
            let expires_at = expires_at.timestamp();
            state.export_passes.sign(&ExportPass { account: giver.account, export: row.export_id, who, credential, expires_at })
        };
        let question = Question::from_log(row.account_id, &row.question.0).filter(|_| is_ready);
        let progress = state.exporting.progress(row.export_id).map(|progress| progress.so_far());
        Self {
            id: row.export_id.0,
            status: named::name(&row.stage),
            definition: row.question.0.definition.clone(),
            requested_at: row.requested_at,
            requested_by_kind: row.requested_by_kind.clone(),
            requested_by: row.requested_by.clone(),
            progress: progress.filter(|_| row.stage == ExportStage::Requested).map(|(rows, bytes)| ProgressView { rows, bytes }),
            manifest: question
                .as_ref()
                .filter(|question| question.is_current())
                .and_then(|question| Some(question.manifest(checked(&row)?))),
            file_name: question.as_ref().map(Question::file_name),
            keep_until: row.keep_until,
            failure: named::optional(&row.failure),
            url: is_ready.then(|| format!("/v1/exports/{}/file?pass={}", row.export_id, pass())),
            url_expires_at: is_ready.then_some(expires_at),
            version: row.version,
        }
    }
}

fn checked(row: &ExportRow) -> Option<crate::exporting::Checked> {
    let natural = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
    let (rows, bytes) = (natural(row.rows)?, natural(row.bytes)?);
    Some(crate::exporting::Checked { rows, bytes, sha256: row.sha256.clone()?, generated_at: row.ended_at? })
}

/// Ask for a file: large tables are made beside, and fetched when they are ready. The position is that of the request, so the file is the
/// same whenever it is made.
#[utoipa::path(tag = "exports", params(Creates), request_body = NewExport, responses((status = 202, body = Written)), security(("bearer" = ["calls"]), ("bearer" = ["analytics"])))]
#[post("/v1/exports")]
pub(crate) async fn request_export(command: Command<NewExport>, request: HttpRequest) -> Result<HttpResponse> {
    let (state, staff) = (&command.state, command.caller.any_staff()?);
    let giver = staff.giver();
    let command_id = command.id(Need::Required, &giver)?;
    let of_body = ApiError::of_body;
    let table = Table::of(&command.body.definition).map_err(of_body)?;
    command.caller.reader(table.module())?;
    // What was done and asked until now counts.
    reading::wait_for(state, state.log.head()).await?;
    let question = Question::of(state, giver.account, table, command.body.asked(accepted(&request))).await.map_err(of_body)?;
    let under_way = export_jobs::under_way(&state.store, giver.account, Utc::now() - UNDER_WAY_SINCE).await.map_err(reading::problem)?;
    if under_way >= UNDER_WAY_MAX {
        let detail = format!("{under_way} files of this account are being made, which is as many as may be: wait for one, or delete one");
        return Err(ApiError::new(Code::ExportsUnderWay, detail).retry_after_s(crate::error::RETRY_SOON_S));
    }
    let process = state.exporting.process();
    // A repetition is answered with the export that the first request made.
    let id = ExportId(Uuid::now_v7());
    let logged = question.logged(id);
    let done =
        command.run_as(command_id, giver, id, |unit| unit.open::<Export>(id, ExportAction::Request(logged.clone(), process))).await?;
    state.exporting.wake();
    Ok(done.accepted(&done.written(done.result)))
}

list_query! {
    /// Which exports.
    now ExportsQuery {}
}

/// List the exports that make files, the newest first, as they are now: those of tables that you may open.
#[utoipa::path(tag = "exports", params(ExportsQuery), responses((status = 200, body = Paged<ExportView>)), security(("bearer" = ["calls"]), ("bearer" = ["analytics"])))]
#[get("/v1/exports")]
pub(crate) async fn list_exports(
    caller: Caller,
    query: Query<ExportsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let giver = caller.any_staff()?.giver();
    let asked = query.0.page::<ExportId>(&state, &request).await?;
    let page = asked.page();
    let rows = export_jobs::list(&state.store, giver.account, page.after, page.limit).await.map_err(reading::problem)?;
    Ok(asked.answer_some(
        &request,
        rows,
        |row| row.export_id,
        |row| may(&caller, &row).is_ok().then(|| ExportView::new(&state, &giver, row)),
    ))
}

/// Refuses who may not open the table.
fn may(caller: &Caller, row: &ExportRow) -> Result<()> {
    caller.reader(Table::of(&row.question.0.definition)?.module()).map(|_| ())
}

/// How far an export has come, what the file is, and where it is fetched from.
#[utoipa::path(tag = "exports", params(("id" = Uuid, Path), ReadNow), responses((status = 200, body = Read<ExportView>)), security(("bearer" = ["calls"]), ("bearer" = ["analytics"])))]
#[get("/v1/exports/{id}")]
pub(crate) async fn get_export(
    caller: Caller,
    id: Result<Id<ExportId>>,
    query: Query<ReadNow>,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let giver = caller.any_staff()?.giver();
    // What is no id may be meant as a table: they have the same address.
    let id = id.map_err(|_| {
        let detail = format!("no table of that name, which are {}, and no id of an export, which is a UUID", Table::names());
        ApiError::of_field(Code::NotFound, "id", "unknown_value", detail)
    })?;
    let position = query.0.position(&state).await?;
    let row = found(&state, giver.account, id.0).await?;
    may(&caller, &row)?;
    let version = row.version;
    Ok(reading::answer(ExportView::new(&state, &giver, row), version, position))
}

async fn found(state: &State, account: AccountId, id: ExportId) -> Result<ExportRow> {
    let found = export_jobs::get(&state.store, account, id).await.map_err(reading::problem)?;
    found.ok_or_else(|| ApiError::not_found("export"))
}

/// What opens a file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PassQuery {
    /// From the `url` of the export.
    pass: Option<String>,
}

/// The same whether there is such an export or not: nobody who has no pass is told.
fn without_pass() -> ApiError {
    let detail = "a file is opened by a pass that holds for an hour, and not by a token: ask GET /v1/exports/{id} with your token, whose `url` has one";
    ApiError::of_field(Code::NotFound, "pass", "missing", detail)
}

/// The file, all or the part that `Range` names, by the address that the export says.
#[utoipa::path(tag = "exports", params(("id" = Uuid, Path), PassQuery, ("Range" = Option<String>, Header, example = "bytes=0-99")), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, body = Vec<u8>, content_type = "application/octet-stream")), security(()))]
#[get("/v1/exports/{id}/file")]
pub(crate) async fn fetch_export(
    id: Id<ExportId>,
    query: Query<PassQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let pass = query.0.pass.and_then(|pass| state.export_passes.open(&pass, Utc::now()));
    let pass = pass.filter(|pass| pass.export == id.0).ok_or_else(without_pass)?;
    let row = found(&state, pass.account, id.0).await?;
    let question = Question::from_log(row.account_id, &row.question.0).filter(|_| row.stage == ExportStage::Ready);
    let (Some(question), Some(checked)) = (question, checked(&row)) else { return Err(ApiError::not_found("export")) };
    let now = Utc::now();
    let command = derived("download", id.0.0, EventId(pass.credential), now.timestamp() / DOWNLOAD_SECONDS);
    let meta = CommandMeta::new(pass.account, command, pass.who, now);
    let told = state.commands.execute(&meta, Vec::new(), |unit| unit.run::<Export>(id.0, ExportAction::Download)).await;
    told.map_err(writing::refused)?;
    let (media_type, name) = (question.media_type().to_owned(), question.file_name());
    let shown = Shown { media_type, bytes: checked.bytes, sha256: checked.sha256, name };
    download(&state.storage, &Key::export(row.account_id, id.0), &shown, &request).await
}

/// Delete the file of an export, or break its making off. Its address opens nothing any more.
#[utoipa::path(tag = "exports", params(("id" = Uuid, Path), Changes), request_body = Nothing, responses((status = 200, body = Written)), security(("bearer" = ["calls"]), ("bearer" = ["analytics"])))]
#[delete("/v1/exports/{id}")]
pub(crate) async fn delete_export(command: Command<Nothing>, id: Id<ExportId>) -> Result<HttpResponse> {
    let (state, giver) = (&command.state, command.caller.any_staff()?.giver());
    let account = giver.account;
    may(&command.caller, &found(state, account, id.0).await?)?;
    let done = command.run(Need::Optional, giver, (), |unit| unit.run::<Export>(id.0, ExportAction::Delete(Over::ByHand))).await?;
    state.exporting.forget(id.0);
    reading::wait_for(state, done.position).await?;
    let key = Key::export(account, id.0);
    if let Err(error) = state.storage.delete(&key).await {
        tracing::warn!(%error, %key, "a deleted export is still in the storage; it is taken away within a day");
    }
    Ok(done.changed(id.0))
}
