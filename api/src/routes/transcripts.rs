//! Transcripts of calls and conversations: JSON for programs, HTML and PDF for people, with one content. Whoever takes one along is
//! in the conversation's history.

use crate::{
    auth::caller::{Caller, Party},
    continuation,
    error::{ApiError, Code, Result},
    parameters::{Id, Query},
    prints,
    reading::{self, ReadAt},
    texts,
    wiring::State,
    writing::{self, POSITION},
};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
    web,
};
use chrono::Utc;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_commands::{CommandMeta, process::id::derived};
use vitrina_domain::{
    conversation::{Audience, Conversation, ConversationAction, TranscriptForm},
    ids::{CallId, ConversationId, EventId},
    locale::Locale,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    accounts, calls, document,
    transcript::{self, Failure, Transcript, document::Manner},
};

/// Who takes a transcript along is told once in such a time: a reload is no second download.
const DOWNLOAD_SECONDS: i64 = 3_600;
/// What a page of a transcript may do: show itself.
const CONTENT: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(get_call_transcript).service(get_conversation_transcript);
}

/// How a transcript is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TranscriptQuery {
    /// json, html or pdf; what `Accept` says when left out, and else json.
    #[param(value_type = Option<String>, example = "pdf")]
    format: Option<TranscriptForm>,
    /// IANA zone of its times; the account's when left out. Times of the JSON are in UTC, with the zone beside.
    #[param(example = "Europe/Madrid")]
    tz: Option<String>,
    /// Language of its own words: en, es, pt or ca; what `Accept-Language` says when left out, and else the account's.
    #[param(value_type = Option<String>, example = "es")]
    locale: Option<Locale>,
    /// customer: what the customer saw; staff: private notes and what the shop noted too. Staff's when staff asks.
    #[param(value_type = Option<String>, example = "customer")]
    audience: Option<Audience>,
    /// Wait until this position is in the answer.
    at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    #[param(example = "2026-03-01T12:00:00Z")]
    as_of: Option<String>,
}

/// A transcript.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TranscriptView {
    /// Who took part (`people`), what was said and what happened in order (`entries`: `type`, `at`, `who` and what belongs to it),
    /// `products`, `cart`, `rating`, and the `call` that owns the conversation.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    transcript: Transcript,
    /// The zone that HTML and PDF show these times in.
    #[schema(example = "Europe/Madrid")]
    zone: String,
    /// The position that this is of.
    position: i64,
}

/// The transcript of a call: all that was said and done in it, as JSON, HTML or PDF.
#[utoipa::path(tag = "transcripts", params(("id" = Uuid, Path), TranscriptQuery), responses((status = 200, content((TranscriptView = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/calls/{id}/transcript")]
pub(crate) async fn get_call_transcript(
    caller: Caller,
    id: Id<CallId>,
    query: Query<TranscriptQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let party = caller.party_of_call(id.0)?;
    let at = position(&state, &query.0).await?;
    let call = calls::get(&state.store, party.account(), id.0, at).await.map_err(reading::problem)?;
    let conversation = call.ok_or_else(|| ApiError::not_found("call"))?.row.conversation_id;
    answer(&state, &request, &party, conversation, &query.0, at).await
}

/// The transcript of a conversation, and of the call that owns it, as JSON, HTML or PDF.
#[utoipa::path(tag = "transcripts", params(("id" = Uuid, Path), TranscriptQuery), responses((status = 200, content((TranscriptView = "application/json"), (String = "text/html"), (Vec<u8> = "application/pdf")))), security(("bearer" = ["customer"]), ("bearer" = ["calls"])))]
#[get("/v1/conversations/{id}/transcript")]
pub(crate) async fn get_conversation_transcript(
    caller: Caller,
    id: Id<ConversationId>,
    query: Query<TranscriptQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let party = caller.party_of_some_conversation()?;
    let at = position(&state, &query.0).await?;
    if let Party::Customer(claims) = &party {
        continuation::must_show(&state, claims, id.0, at).await?;
    }
    answer(&state, &request, &party, id.0, &query.0, at).await
}

async fn position(state: &State, query: &TranscriptQuery) -> Result<Position> {
    ReadAt { at_least: query.at_least, as_of: query.as_of.clone() }.position(state).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    party: &Party<'_>,
    id: ConversationId,
    query: &TranscriptQuery,
    at: Position,
) -> Result<HttpResponse> {
    let audience = audience(party, query)?;
    let (form, manner) = (form(request, query), manner(state, request, party, query, at).await?);
    let read = transcript::read((&state.store, &state.log), party.account(), id, audience, at).await;
    let transcript = read.map_err(problem)?;
    let name = format!("transcript-{id}");
    let (media_type, disposition, body) = match form {
        TranscriptForm::Json => {
            let view = TranscriptView { transcript, zone: manner.zone.name().to_owned(), position: at.0 };
            ("application/json", DispositionType::Inline, serde_json::to_vec(&view).map_err(ApiError::internal)?)
        }
        TranscriptForm::Html => {
            let page = document::html(&transcript::document::document(&transcript, manner));
            ("text/html; charset=utf-8", DispositionType::Inline, page.into_bytes())
        }
        TranscriptForm::Pdf => {
            let file = prints::pdf(state, transcript::document::document(&transcript, manner)).await?;
            ("application/pdf", DispositionType::Attachment, file)
        }
    };
    told(state, party, id, form, audience).await?;
    let ending = match form {
        TranscriptForm::Json => "json",
        TranscriptForm::Html => "html",
        TranscriptForm::Pdf => "pdf",
    };
    let parameters = vec![DispositionParam::Filename(format!("{name}.{ending}"))];
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((POSITION, at.0))
        .insert_header((header::VARY, "Accept, Accept-Language, Authorization"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if form != TranscriptForm::Json {
        response.insert_header(ContentDisposition { disposition, parameters }).insert_header((header::CONTENT_SECURITY_POLICY, CONTENT));
    }
    Ok(response.body(body))
}

/// Staff may have what the customer saw; a customer nothing else.
fn audience(party: &Party<'_>, query: &TranscriptQuery) -> Result<Audience> {
    match (party, query.audience) {
        (Party::Staff(_), wanted) => Ok(wanted.unwrap_or(Audience::Staff)),
        (Party::Customer(_), None | Some(Audience::Customer)) => Ok(Audience::Customer),
        (Party::Customer(_), Some(Audience::Staff)) => {
            Err(ApiError::new(Code::NotAllowed, "a customer's token opens what the customer saw; leave audience out"))
        }
    }
}

/// What is asked for, or else the first of ours that `Accept` names.
fn form(request: &HttpRequest, query: &TranscriptQuery) -> TranscriptForm {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = accepted.split(',').find_map(|range| match range.split(';').next()?.trim() {
        "application/json" => Some(TranscriptForm::Json),
        "text/html" => Some(TranscriptForm::Html),
        "application/pdf" => Some(TranscriptForm::Pdf),
        _ => None,
    });
    query.format.or(named).unwrap_or(TranscriptForm::Json)
}

/// The zone and the language: what is asked for, or else the account's.
async fn manner(state: &State, request: &HttpRequest, party: &Party<'_>, query: &TranscriptQuery, at: Position) -> Result<Manner> {
    let account = accounts::get(&state.store, party.account(), at).await.map_err(reading::problem)?;
    let (home, own) = account.map_or((Tz::UTC, Locale::En), |at| (at.row.zone.parse().unwrap_or(Tz::UTC), at.row.locale));
    let zone = match &query.tz {
        None => home,
        Some(zone) => zone.parse().map_err(|_| ApiError::parameter("tz", "zone", "expected an IANA zone such as Europe/Madrid"))?,
    };
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = accepted.map(|accepted| texts::Locale::negotiate(accepted).into());
    Ok(Manner { locale: query.locale.or(accepted).unwrap_or(own), zone })
}

/// Writes down who takes it along; once an hour for each credential, form and audience.
async fn told(state: &State, party: &Party<'_>, id: ConversationId, form: TranscriptForm, audience: Audience) -> Result<()> {
    let (giver, now) = (party.giver(), Utc::now());
    let kind = (form as i64) * 2 + audience as i64;
    let command = derived("transcript", id.0, EventId(giver.credential), now.timestamp() / DOWNLOAD_SECONDS * 6 + kind);
    let meta = CommandMeta::new(giver.account, command, giver.actor, now);
    let action = || ConversationAction::DownloadTranscript { form, audience };
    let done = state.commands.execute(&meta, Vec::new(), |unit| unit.run::<Conversation>(id, action())).await;
    done.map(drop).map_err(writing::refused)
}

fn problem(failure: Failure) -> ApiError {
    match failure {
        Failure::NotFound => ApiError::not_found("conversation"),
        Failure::TooLong => {
            let detail = format!("it has more than {} events; read it by pages: …/messages and …/history", transcript::ENTRIES_MAX);
            ApiError::new(Code::TranscriptTooLong, detail)
        }
        Failure::Reading(error) => reading::problem(error),
        Failure::Log(error) => writing::log_problem(error),
    }
}
