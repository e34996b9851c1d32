//! Charts of reports, as SVG: calls over time, the NPS over time, how long customers waited. The figures are those of the reports
//! beside, by the same query.

use super::{
    cut::{parts, step},
    query::report_query,
};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    reading,
    routes::by::By,
    texts::Locale,
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use vitrina_domain::{locale, metrics::calendar::Step, module::Module};
use vitrina_projections::{
    accounts,
    chart::Theme,
    document::Manner,
    report::pictures::{self, Style},
};

/// Parts of a picture at most: a year of days, each more than a dot wide.
const PARTS_MAX: usize = 400;

report_query! {
    /// Which chart.
    ChartQuery {
        /// `hour`, `day` (default), `week` or `month`; of waits there is one for the whole period. `ended_at` of `activity` and `call` of `nps`,
        /// also after a comma, as of the report.
        by: Option<String>,
        /// light, dark, or auto (default): as whoever looks at it has it.
        theme: Option<String>,
        /// Language of its words: en, es, pt or ca; what `Accept-Language` says when left out.
        #[param(value_type = Option<String>, example = "es")]
        locale: Option<locale::Locale>,
    }
}

/// A report as a picture: `activity` (calls over time), `nps` (the score over time) or `times` (how long customers waited).
#[utoipa::path(tag = "reports", params(("report" = String, Path, example = "activity"), ChartQuery), responses((status = 200, body = String, content_type = "image/svg+xml")), security(("bearer" = ["analytics"])))]
#[get("/v1/reports/{report}/chart.svg")]
pub(crate) async fn report_chart(
    caller: Caller,
    report: web::Path<String>,
    query: Query<ChartQuery>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse> {
    let account = caller.staff(Module::Analytics)?.account;
    let theme = match query.0.theme.as_deref() {
        None | Some("auto") => Theme::Auto,
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        Some(_) => return Err(ApiError::parameter("theme", "unknown_value", "one of light, dark, auto")),
    };
    let readings: &[&str] = match report.as_str() {
        "activity" => &["ended_at"],
        "nps" => &["call"],
        _ => &[],
    };
    let By { cut, anchors } = By::parse(query.0.by.as_deref(), &["hour", "day", "week", "month"], readings)?;
    let step = step(cut.unwrap_or("day")).unwrap_or(Step::Day);
    let wanted = query.0.common().anchored(anchors).wanted(&state, account).await?;
    let at = wanted.selection.as_of;
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let locale = query.0.locale.unwrap_or_else(|| accepted.map(Locale::negotiate).unwrap_or_default().into());
    let brand = accounts::get(&state.store, account, at).await.map_err(reading::problem)?.map(|at| at.row.brand.0).unwrap_or_default();
    let style = Style { manner: Manner { locale, zone: wanted.zone }, theme, brand };
    let (store, selection) = (&state.store, &wanted.selection);
    let drawn = match report.as_str() {
        "activity" => pictures::calls(store, account, selection, (step, &parts(&wanted, step, PARTS_MAX)?), style).await,
        "nps" => pictures::nps(store, account, selection, (step, &parts(&wanted, step, PARTS_MAX)?), style).await,
        "times" => pictures::waits(store, account, selection, style).await,
        _ => return Err(ApiError::not_found("chart")),
    };
    let picture = drawn.map_err(reading::problem)?.svg();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "image/svg+xml"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "Accept-Language, Authorization"))
        .insert_header((POSITION, at.0));
    Ok(response.body(picture))
}
