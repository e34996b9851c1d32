//! A month for people to read: figures beside those of the month before, charts, and each shopper's, as HTML or PDF.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    papers::{self, Paper, Wish},
    parameters::Query,
    period, prints,
    reading::{self, ReadAt},
    wiring::State,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;
use vitrina_domain::{conversation::TranscriptForm, locale::Locale, metrics::range::Range, module::Module};
use vitrina_eventlog::Environment;
use vitrina_projections::{
    document,
    report::{Selection, month},
};

/// Which month, and how it is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MonthQuery {
    /// The month; the current one when left out.
    #[param(example = "2026-03", pattern = "^[0-9]{4}-[0-9]{2}$")]
    month: Option<String>,
    /// html or pdf; what `Accept` says when left out, and else pdf.
    #[param(value_type = Option<String>, example = "pdf")]
    format: Option<String>,
    /// IANA zone of its days; the account's when left out.
    #[param(example = "Europe/Madrid")]
    tz: Option<String>,
    /// Language of its words: en, es, pt or ca; what `Accept-Language` says when left out, and else the account's.
    #[param(value_type = Option<String>, example = "es")]
    locale: Option<Locale>,
    /// Wait until this position is in the answer.
    at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    #[param(example = "2026-03-01T12:00:00Z")]
    as_of: Option<String>,
}

/// A month's report, as HTML or PDF. The same position gives the same bytes.
#[utoipa::path(tag = "reports", params(MonthQuery), responses((status = 200, content((String = "text/html"), (Vec<u8> = "application/pdf")))), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/month")]
pub(crate) async fn report_month(
    caller: Caller,
    query: Query<MonthQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let is_page = match query.0.format.as_deref() {
        None => papers::accepted(&request) == Some(TranscriptForm::Html),
        Some("html") => true,
        Some("pdf") => false,
        Some(_) => return Err(ApiError::parameter("format", "unknown_value", "one of html, pdf")),
    };
    let at = ReadAt { at_least: query.0.at_least, as_of: query.0.as_of.clone() }.position(&state).await?;
    let wish = Wish { tz: query.0.tz.as_deref(), locale: query.0.locale };
    let manner = papers::manner(&state, &request, account, wish, at).await?;
    // What is current is told by the log, as in every report.
    let reached = period::reached(&state, at).await?;
    let range = match query.0.month.as_deref() {
        None => Range::month_of(reached, manner.zone).map_err(ApiError::internal)?,
        Some(month) => Range::month(month, manner.zone)
            .ok_or_else(|| ApiError::parameter("month", "month", "expected a month such as 2026-03, of the years 1 to 9999"))?,
    };
    let selection = Selection::of(range, Some(Environment::Production), at);
    let month = month::read(&state.store, account, &selection, manner, reached).await.map_err(reading::problem)?;
    let document = month::document(&month, manner);
    let name = format!("report-{}", range.from.with_timezone(&manner.zone).format("%Y-%m"));
    let paper = match is_page {
        true => Paper::Html(document::html(&document)),
        false => Paper::Pdf(prints::pdf(&state, document).await?),
    };
    Ok(papers::answer(paper, &name, at))
}
