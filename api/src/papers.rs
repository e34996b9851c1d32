//! Papers: documents that people take along, as JSON, HTML or PDF. Which form, language and zone are wanted, and how one is answered.

use crate::{
    error::{ApiError, Result},
    reading, texts,
    wiring::State,
    writing::POSITION,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentDisposition, DispositionParam, DispositionType},
};
use chrono_tz::Tz;
use vitrina_domain::{conversation::TranscriptForm, ids::AccountId, locale::Locale};
use vitrina_eventlog::Position;
use vitrina_projections::{accounts, document::Manner};

/// What a page may do: show itself.
const CONTENT: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

/// A document in the form that was wanted.
pub(crate) enum Paper {
    /// For programs.
    Json(Vec<u8>),
    /// A page.
    Html(String),
    /// To print.
    Pdf(Vec<u8>),
}

/// In which zone and language somebody wants it.
pub(crate) struct Wish<'q> {
    pub tz: Option<&'q str>,
    pub locale: Option<Locale>,
}

/// The first of our forms that `Accept` names.
pub(crate) fn accepted(request: &HttpRequest) -> Option<TranscriptForm> {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').find_map(|range| match range.split(';').next()?.trim() {
        "application/json" => Some(TranscriptForm::Json),
        "text/html" => Some(TranscriptForm::Html),
        "application/pdf" => Some(TranscriptForm::Pdf),
        _ => None,
    })
}

/// The zone and the language: what is wished for, or else what `Accept-Language` says, or else the account's.
pub(crate) async fn manner(state: &State, request: &HttpRequest, account: AccountId, wish: Wish<'_>, at: Position) -> Result<Manner> {
    let account = accounts::get(&state.store, account, at).await.map_err(reading::problem)?;
    let (home, own) = account.map_or((Tz::UTC, Locale::En), |at| (at.row.zone.parse().unwrap_or(Tz::UTC), at.row.locale));
    let zone = match wish.tz {
        None => home,
        Some(zone) => zone.parse().map_err(|_| ApiError::parameter("tz", "zone", "expected an IANA zone such as Europe/Madrid"))?,
    };
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = accepted.map(|accepted| texts::Locale::negotiate(accepted).into());
    Ok(Manner { locale: wish.locale.or(accepted).unwrap_or(own), zone })
}

/// The answer: a PDF is taken along under this name, the others are shown.
pub(crate) fn answer(paper: Paper, name: &str, at: Position) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((POSITION, at.0))
        .insert_header((header::VARY, "Accept, Accept-Language, Authorization"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    let (media_type, disposition, ending, body) = match paper {
        Paper::Json(body) => return response.insert_header((header::CONTENT_TYPE, "application/json")).body(body),
        Paper::Html(page) => ("text/html; charset=utf-8", DispositionType::Inline, "html", page.into_bytes()),
        Paper::Pdf(file) => ("application/pdf", DispositionType::Attachment, "pdf", file),
    };
    let parameters = vec![DispositionParam::Filename(format!("{name}.{ending}"))];
    response
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header(ContentDisposition { disposition, parameters })
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT))
        .body(body)
}
