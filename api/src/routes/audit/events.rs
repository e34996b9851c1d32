//! All that was done, or what was done to one thing, with the filters of an audit: as pages, or as a file to be taken away.

use crate::{
    audit::events::{AuditEvent, Reading, Wanted, headings, stream, tell},
    auth::caller::{Caller, Giver},
    error::{ApiError, Result},
    page::{Paged, list_query},
    parameters::Query,
    period,
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use bytes::Bytes;
use std::collections::BTreeMap;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{log::LogForm, metrics::range::Asked, module::Module};
use vitrina_eventlog::Position;

/// Events of one piece of a file.
const PIECE: usize = 500;

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(list_audit_events);
}

list_query! {
    /// Which events, in which form.
    AuditEventsQuery {
        /// What happened to one thing, such as `call:0192f0c0-0000-7000-8000-000000000000`.
        stream: Option<String>,
        /// Of this type.
        #[serde(rename = "type")]
        #[param(rename = "type", example = "call.claimed")]
        kind: Option<String>,
        /// By this kind of actor: user, shopper, customer, api_key or system.
        actor_kind: Option<String>,
        /// By this actor.
        actor_id: Option<String>,
        /// Of this command.
        command_id: Option<Uuid>,
        /// That go back to this outside request.
        correlation_id: Option<Uuid>,
        /// Recorded from this date or instant on.
        #[param(example = "2026-03-01")]
        from: Option<String>,
        /// Recorded before this instant, or on this date at the latest.
        #[param(example = "2026-03-31")]
        to: Option<String>,
        /// IANA zone of dates; the account's when left out.
        tz: Option<String>,
        /// json: a page of them. jsonl or csv: all of them, as a file.
        #[param(default = "json")]
        format: Option<String>,
    }
}

/// What was done, the oldest first: who did what to what, when, why, by which command. What is personal or secret is left out.
///
/// A page looks at a bounded number of events; one that found few of them says `next` all the same. That somebody takes a file away is an
/// event too.
#[utoipa::path(tag = "audit", params(AuditEventsQuery), responses((status = 200, content((Paged<AuditEvent> = "application/json"), (String = "application/jsonl"), (String = "text/csv")))), security(("bearer" = ["settings"])))]
#[get("/v1/audit/events")]
pub(crate) async fn list_audit_events(
    caller: Caller,
    query: Query<AuditEventsQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let giver = caller.staff(Module::Settings)?.giver();
    let form = match query.0.format.as_deref() {
        None | Some("json") => None,
        Some("jsonl") => Some(LogForm::Jsonl),
        Some("csv") => Some(LogForm::Csv),
        Some(_) => return Err(ApiError::parameter("format", "unknown_value", "one of json, jsonl, csv")),
    };
    let asked = query.0.page::<i64>(&state, &request).await?;
    let said = Asked { from: query.0.from.as_deref(), to: query.0.to.as_deref(), tz: query.0.tz.as_deref() };
    let period = period::open(&state, giver.account, asked.position, said).await?;
    let wanted = Wanted {
        stream: query.0.stream.as_deref().map(stream).transpose()?,
        kind: query.0.kind.clone(),
        actor_kind: query.0.actor_kind.clone(),
        actor_id: query.0.actor_id.clone(),
        command: query.0.command_id,
        correlation: query.0.correlation_id,
        from: period.from,
        to: period.to,
    };
    let mut reading = Reading::begin(&state, giver.account, wanted, asked.after, asked.position).await?;
    if let Some(form) = form {
        return file(&state, &giver, form, reading, asked.position, &request).await;
    }
    let rows = reading.next(&state, asked.limit as usize).await?;
    let more = (!reading.is_over).then_some(reading.at);
    Ok(asked.answer_page(&request, rows, more, |(_, event)| Some(AuditEvent::from(event))))
}

async fn file(
    state: &web::Data<State>,
    giver: &Giver,
    form: LogForm,
    reading: Reading,
    upto: Position,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    let filters: BTreeMap<_, _> = form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    tell(state, giver, form, Position(reading.at), upto, filters).await?;
    let mut begin = Vec::new();
    let (content_type, end) = match form {
        LogForm::Csv => {
            headings(&mut begin);
            ("text/csv; charset=utf-8; header=present", "csv")
        }
        _ => ("application/jsonl; charset=utf-8", "jsonl"),
    };
    let state = state.clone();
    let pieces = futures_util::stream::try_unfold((reading, Some(begin)), move |(mut reading, begin)| {
        let state = state.clone();
        async move {
            let mut out = begin.unwrap_or_default();
            while out.is_empty() && !reading.is_over {
                for (_, event) in reading.next(&state, PIECE).await? {
                    let event = AuditEvent::from(event);
                    if form == LogForm::Csv { event.csv_line(&mut out) } else { event.json_line(&mut out) }
                }
            }
            Ok::<_, ApiError>((!out.is_empty()).then(|| (Bytes::from(out), (reading, None))))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((POSITION, upto.0))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"events_{upto}.{end}\"")))
        .streaming(pieces))
}
