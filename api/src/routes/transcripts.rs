//! Transcripts of calls and conversations: JSON for programs, HTML and PDF for people, with one content. Whoever takes one along is
//! in the conversation's history.

use crate::{
    auth::caller::{Caller, Party},
    continuation,
    error::{ApiError, Code, Result},
    papers::{self, Paper, Wish},
    parameters::{Id, Query},
    prints,
    reading::{self, ReadAt},
    wiring::State,
    writing,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::Utc;
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
    calls, document,
    transcript::{self, Failure, Transcript},
};

/// Who takes a transcript along is told once in such a time: a reload is no second download.
const DOWNLOAD_SECONDS: i64 = 3_600;

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
    let form = query.format.or_else(|| papers::accepted(request)).unwrap_or(TranscriptForm::Json);
    let wish = Wish { tz: query.tz.as_deref(), locale: query.locale };
    let manner = papers::manner(state, request, party.account(), wish, at).await?;
    let read = transcript::read((&state.store, &state.log), party.account(), id, audience, at).await;
    let transcript = read.map_err(problem)?;
    let paper = match form {
        TranscriptForm::Json => {
            let view = TranscriptView { transcript, zone: manner.zone.name().to_owned(), position: at.0 };
            Paper::Json(serde_json::to_vec(&view).map_err(ApiError::internal)?)
        }
        TranscriptForm::Html => Paper::Html(document::html(&transcript::document::document(&transcript, manner))),
        TranscriptForm::Pdf => Paper::Pdf(prints::pdf(state, transcript::document::document(&transcript, manner)).await?),
    };
    told(state, party, id, form, audience).await?;
    Ok(papers::answer(paper, &format!("transcript-{id}"), at))
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
