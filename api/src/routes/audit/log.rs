//! The log itself, to be taken away and checked elsewhere.

use crate::{
    audit::events::tell,
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    reading,
    wiring::State,
    writing::{POSITION, log_problem},
};
use actix_web::{HttpResponse, get, http::header, web};
use bytes::Bytes;
use chrono::Utc;
use futures_util::stream;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use vitrina_domain::{log::LogForm, module::Module};
use vitrina_eventlog::{Position, trail::Source, trail::export::Export};

/// The routes of this file.
pub(super) fn configure(routes: &mut ServiceConfig) {
    routes.service(export_log);
}

/// Which part of the log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LogQuery {
    /// Only what follows on the event at this position: that of the last line of the file before.
    after: Option<i64>,
    /// Wait until this position is in the answer.
    at_least: Option<i64>,
}

/// Take away the log of the account: one event a line, personal values sealed, each with the hash that `vitrina verify` computes again.
///
/// It goes up to where the log stands, and that is in the header `Vitrina-Position`. Who took it is an event of the next one. A transfer
/// that breaks off ends without the last chunk, and without the last line.
#[utoipa::path(tag = "audit", params(LogQuery), responses((status = 200, body = String, content_type = "application/jsonl")), security(("bearer" = ["settings"])))]
#[get("/v1/audit/log")]
pub(crate) async fn export_log(caller: Caller, query: Query<LogQuery>, state: web::Data<State>) -> Result<HttpResponse> {
    let giver = caller.staff(Module::Settings)?.giver();
    if let Some(wanted) = query.0.at_least {
        reading::wait_for(&state, Position(wanted)).await?;
    }
    let (upto, source) = (state.log.head(), Arc::new(state.log.clone()) as Arc<dyn Source>);
    let after = query.0.after.filter(|after| *after != 0).map(Position);
    let export = match after {
        None => Some(Export::whole(source, Some(giver.account), upto, Utc::now()).await.map_err(log_problem)?),
        Some(after) => Export::after(source, giver.account, after, upto, Utc::now()).await.map_err(log_problem)?,
    };
    let expected = "the position of an event of this account, such as the one in the last line of the file before";
    let export = export.ok_or_else(|| ApiError::parameter("after", "unknown_value", expected))?;
    tell(&state, &giver, LogForm::Log, after.unwrap_or_default(), upto, Default::default()).await?;
    let chunks = stream::try_unfold(export, |mut export| async move {
        let chunk = export.next().await.map_err(log_problem)?;
        Ok::<_, ApiError>(chunk.map(|chunk| (Bytes::from(chunk), export)))
    });
    Ok(HttpResponse::Ok()
        .content_type("application/jsonl; charset=utf-8")
        .insert_header((POSITION, upto.0))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"log_{upto}.jsonl\"")))
        .streaming(chunks))
}
