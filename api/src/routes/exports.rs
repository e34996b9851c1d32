//! Tables to be taken away (PRODUCT.md 5.8): streamed, without a limit of rows, the same bytes for the same question at the same
//! position; and for each its manifest, by which a file can be checked.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    period,
    reading::{self, ReadAt},
    routes::{calls, named},
    texts::Locale,
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use futures_util::stream;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Write};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, CustomerId, ShopperId},
    metrics::range::{Asked, Range},
    module::Module,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    Period, Store,
    calls::CallFilter,
    export::{CALLS, Calls, Form, Profile, Sheet},
};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(export_calls).service(describe_calls_export);
}

/// Which calls, in which form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CallsExportQuery {
    /// csv or jsonl.
    #[param(default = "csv")]
    format: Option<String>,
    /// How a CSV is written: rfc4180 for programs, excel for people with a spreadsheet.
    #[param(default = "rfc4180")]
    profile: Option<String>,
    /// Those that stand there.
    status: Option<String>,
    /// Those that this shopper holds, or held at the end.
    shopper_id: Option<Uuid>,
    /// Those for this customer.
    customer_id: Option<Uuid>,
    /// Made at or after this date or instant; the first of this month when both are left out.
    #[param(example = "2026-03-01")]
    from: Option<String>,
    /// Made before this instant, or on this date at the latest.
    #[param(example = "2026-03-31")]
    to: Option<String>,
    /// IANA zone of dates, and of the times in a CSV; the account's when left out.
    tz: Option<String>,
    /// Wait until this position is in the answer.
    at_least: Option<i64>,
    /// Answer as it was at this position or RFC 3339 instant.
    as_of: Option<String>,
}

/// What a file is, and by what it can be checked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Manifest {
    /// The table.
    #[schema(example = "calls")]
    definition: String,
    /// Version of its columns.
    version: u32,
    /// The columns, in order.
    columns: Vec<String>,
    /// csv or jsonl.
    format: String,
    /// Of a CSV: rfc4180 or excel.
    profile: Option<String>,
    /// Whether texts that a spreadsheet would take for a formula begin with an apostrophe: in every CSV, never in JSON Lines.
    formula_guard: bool,
    /// First instant inside.
    from: DateTime<Utc>,
    /// First instant outside.
    to: DateTime<Utc>,
    /// IANA zone.
    zone: String,
    /// The other filters.
    filters: BTreeMap<String, String>,
    /// Rows, without the headings.
    rows: u64,
    /// Length of the file.
    bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    sha256: String,
    /// The position that the file is of: give it as `as_of` to have the very same.
    position: i64,
    /// When this was counted.
    generated_at: DateTime<Utc>,
}

/// A table that is being taken away.
struct Export {
    store: Store,
    rows: Calls,
    sheet: Sheet,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Heading,
    Rows,
    Over,
}

impl Export {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut out = Vec::new();
        if self.stage == Stage::Heading {
            self.sheet.begin(&mut out);
            self.stage = Stage::Rows;
        }
        if self.stage == Stage::Rows && !self.rows.read(&self.store, &mut self.sheet, &mut out).await.map_err(reading::problem)? {
            self.stage = Stage::Over;
        }
        Ok((!out.is_empty()).then_some(out))
    }
}

/// A question that is understood.
struct Question {
    account: AccountId,
    position: Position,
    filter: CallFilter,
    range: Range,
    zone: Tz,
    form: Form,
}

impl Question {
    async fn of(caller: &Caller, query: &CallsExportQuery, request: &HttpRequest, state: &State) -> Result<Self> {
        let account = caller.staff(Module::Calls)?.account;
        let at = ReadAt { at_least: query.at_least, as_of: query.as_of.clone() };
        let position = at.position(state).await?;
        let asked = Asked { from: query.from.as_deref(), to: query.to.as_deref(), tz: query.tz.as_deref() };
        let (range, zone) = period::zoned(state, account, position, asked).await?;
        let filter = CallFilter {
            status: named::filter("status", &query.status, calls::STATUSES)?,
            shopper: query.shopper_id.map(ShopperId),
            customer: query.customer_id.map(CustomerId),
            created: Period { from: Some(range.from), to: Some(range.to) },
        };
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let form = match (query.format.as_deref().unwrap_or("csv"), query.profile.as_deref()) {
            ("csv", None | Some("rfc4180")) => Form::Csv(Profile::Rfc4180, zone, Locale::En.into()),
            ("csv", Some("excel")) => Form::Csv(Profile::Excel, zone, Locale::negotiate(accepted).into()),
            ("csv", Some(_)) => return Err(ApiError::parameter("profile", "unknown_value", "one of rfc4180, excel")),
            ("jsonl", None) => Form::JsonLines,
            ("jsonl", Some(_)) => {
                return Err(ApiError::parameter("profile", "not_of_this_format", "no profile: JSON Lines have but one form"));
            }
            _ => return Err(ApiError::parameter("format", "unknown_value", "one of csv, jsonl")),
        };
        Ok(Self { account, position, filter, range, zone, form })
    }

    async fn answer(&self, state: &State) -> Result<Export> {
        let rows = Calls::open(&state.store, self.account, self.filter, self.position).await.map_err(reading::problem)?;
        Ok(Export { store: state.store.clone(), rows, sheet: Sheet::new(&CALLS, self.form), stage: Stage::Heading })
    }

    fn media_type(&self) -> &'static str {
        match self.form {
            Form::Csv(..) => "text/csv; charset=utf-8; header=present",
            Form::JsonLines => "application/jsonl; charset=utf-8",
        }
    }

    /// Of the days that it is of, and of the position: two that differ never have one name.
    fn file_name(&self) -> String {
        let day = |at: DateTime<Utc>| at.with_timezone(&self.zone).format("%Y-%m-%d");
        let extension = match self.form {
            Form::Csv(..) => "csv",
            Form::JsonLines => "jsonl",
        };
        let last = self.range.to - TimeDelta::microseconds(1);
        format!("{}_{}_{}_{}.{extension}", CALLS.name, day(self.range.from), day(last), self.position)
    }
}

/// Take away the call history, the oldest first: CSV or JSON Lines, as many rows as there are.
///
/// The answer's header `Vitrina-Position` says of which position it is; asked with it as `as_of`, the same bytes come again. A transfer that breaks
/// off ends without the last chunk, which clients take for an error.
#[utoipa::path(tag = "exports", params(CallsExportQuery), responses((status = 200, content((String = "text/csv"), (String = "application/jsonl")))), security(("bearer" = ["calls"])))]
#[get("/v1/exports/calls")]
pub(crate) async fn export_calls(
    caller: Caller,
    query: Query<CallsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let question = Question::of(&caller, &query.0, &request, &state).await?;
    let export = question.answer(&state).await?;
    let chunks = stream::try_unfold(export, |mut export| async move {
        let chunk = export.next().await?;
        Ok::<_, ApiError>(chunk.map(|chunk| (Bytes::from(chunk), export)))
    });
    Ok(HttpResponse::Ok()
        .content_type(question.media_type())
        .insert_header((POSITION, question.position.0))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", question.file_name())))
        .streaming(chunks))
}

/// What the file of the same question is: rows, length and SHA-256, counted by writing it to nowhere.
#[utoipa::path(tag = "exports", params(CallsExportQuery), responses((status = 200, body = Manifest)), security(("bearer" = ["calls"])))]
#[get("/v1/exports/calls/manifest")]
pub(crate) async fn describe_calls_export(
    caller: Caller,
    query: Query<CallsExportQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let question = Question::of(&caller, &query.0, &request, &state).await?;
    let mut export = question.answer(&state).await?;
    let (mut bytes, mut hash) = (0, Context::new(&SHA256));
    while let Some(chunk) = export.next().await? {
        bytes += chunk.len() as u64;
        hash.update(&chunk);
    }
    let filters = [
        ("status", query.0.status.clone()),
        ("shopper_id", query.0.shopper_id.map(|id| id.to_string())),
        ("customer_id", query.0.customer_id.map(|id| id.to_string())),
    ];
    let (format, profile) = match question.form {
        Form::Csv(profile, ..) => ("csv", Some(profile.as_str().to_owned())),
        Form::JsonLines => ("jsonl", None),
    };
    let sha256 = hash.finish().as_ref().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(HttpResponse::Ok().insert_header((POSITION, question.position.0)).json(Manifest {
        definition: CALLS.name.to_owned(),
        version: CALLS.version,
        columns: CALLS.columns.iter().map(|column| column.name.to_owned()).collect(),
        format: format.to_owned(),
        formula_guard: profile.is_some(),
        profile,
        from: question.range.from,
        to: question.range.to,
        zone: question.zone.name().to_owned(),
        filters: filters.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        rows: export.sheet.rows(),
        bytes,
        sha256,
        position: question.position.0,
        generated_at: Utc::now(),
    }))
}
