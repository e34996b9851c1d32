//! Charts of reports, as SVG: calls over time, the NPS over time, how long customers waited. The figures are those of the reports
//! beside, by the same query.

use super::{
    activity::{parts, step},
    query::report_query,
};
use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
    parameters::Query,
    reading,
    texts::Locale,
    wiring::State,
    writing::POSITION,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use std::collections::BTreeMap;
use vitrina_domain::{
    account::Brand,
    ids::AccountId,
    metrics::{calendar::Step, nps::Tally, range::Range},
    module::Module,
    report::Measure,
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    accounts,
    chart::{self, Datum, Look, Theme},
    report::{self, Figures, Whose, pooled},
};

/// Ends of the classes of waits, in seconds; the last class has none.
const CLASSES_S: [i64; 9] = [10, 20, 30, 60, 120, 300, 600, 1_800, 3_600];

/// Parts of a picture at most: a year of days, each more than a dot wide.
const PARTS_MAX: usize = 400;

report_query! {
    /// Which chart.
    ChartQuery {
        /// `hour`, `day` (default), `week` or `month`; of waits there is one for the whole period.
        by: Option<String>,
        /// light, dark, or auto (default): as whoever looks at it has it.
        theme: Option<String>,
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
    let step = step(query.0.by.as_deref().unwrap_or("day"))
        .ok_or_else(|| ApiError::parameter("by", "unknown_value", "one of hour, day, week, month"))?;
    let wanted = query.0.common().wanted(&state, account).await?;
    let at = wanted.selection.as_of;
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let words = Words { locale: accepted.map(Locale::negotiate).unwrap_or_default() };
    let brand = brand(&state, account, at).await?;
    let look = |title: [&'static str; 4], description| Look { title: words.of(title).to_owned(), description, theme, brand };
    let label = |part: &Range| words.label(part, wanted.zone, step);
    let picture = match report.as_str() {
        "activity" => {
            let parts = few(parts(&wanted, step)?)?;
            let mut calls = vec![0; parts.len()];
            for bucket in report::buckets(&state.store, account, Measure::CallCreated, &wanted.selection).await.map_err(reading::problem)? {
                calls[report::part_of(&parts, bucket.from)] += bucket.count;
            }
            let data: Vec<_> =
                parts.iter().zip(&calls).map(|(part, calls)| datum(label(part), Some(*calls as f64), &calls.to_string())).collect();
            let description = words.sum(calls.iter().sum(), parts.len());
            chart::columns(&data, &look(CALLS, description))
        }
        "nps" => {
            let parts = few(parts(&wanted, step)?)?;
            let mut tallies = vec![Tally::default(); parts.len()];
            let told = report::told_apart(&state.store, account, Measure::Nps, &wanted.selection).await.map_err(reading::problem)?;
            for (from, value, count) in told {
                let index = report::part_of(&parts, from);
                tallies[index] = tallies[index].pooled(pooled(&BTreeMap::from([(value, count)])));
            }
            let point = |(part, tally): (&Range, &Tally)| {
                let score = tally.score();
                datum(label(part), score, &score.map_or_else(|| "–".to_owned(), |score| format!("{score:+.1}")))
            };
            let data: Vec<_> = parts.iter().zip(&tallies).map(point).collect();
            let answers = tallies.iter().map(|tally| tally.answers()).sum::<u64>();
            let description = words.sum(i64::try_from(answers).unwrap_or(i64::MAX), parts.len());
            chart::line(&data, -100.0, 100.0, &look(NPS, description))
        }
        "times" => {
            let figures =
                Figures::of(&state.store, account, &wanted.selection, &[], &[Measure::WaitServed]).await.map_err(reading::problem)?;
            let waits = figures.values(Measure::WaitServed, Whose::All);
            let data = classes(&waits);
            let description = words.sum(waits.values().sum(), data.len());
            chart::columns(&data, &look(WAITS, description))
        }
        _ => return Err(ApiError::not_found("chart")),
    };
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

/// The parts, or a refusal of more than can be told apart in a picture.
fn few(parts: Vec<Range>) -> Result<Vec<Range>> {
    if parts.len() <= PARTS_MAX {
        return Ok(parts);
    }
    Err(ApiError::parameter("by", "too_many", format!("larger steps or a shorter period: at most {PARTS_MAX} parts in a picture")))
}

async fn brand(state: &State, account: AccountId, at: Position) -> Result<Brand> {
    let account = accounts::get(&state.store, account, at).await.map_err(reading::problem)?;
    Ok(account.map(|at| at.row.brand.0).unwrap_or_default())
}

fn datum(label: String, value: Option<f64>, shown: &str) -> Datum {
    Datum { word: format!("{label}: {shown}"), label, value }
}

/// How many waits each class has.
fn classes(waits: &BTreeMap<i64, i64>) -> Vec<Datum> {
    let mut from = 0;
    let mut data = Vec::with_capacity(CLASSES_S.len() + 1);
    for to in CLASSES_S.into_iter().map(Some).chain([None]) {
        let count: i64 = waits.iter().filter(|(wait, _)| **wait >= from && to.is_none_or(|to| **wait < to)).map(|(_, count)| count).sum();
        let label = to.map_or_else(|| format!("≥ {}", length(from)), |to| format!("< {}", length(to)));
        data.push(datum(label, Some(count as f64), &count.to_string()));
        from = to.unwrap_or(from);
    }
    data
}

fn length(seconds: i64) -> String {
    match seconds {
        3_600.. => format!("{} h", seconds / 3_600),
        60.. => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}

const CALLS: [&str; 4] = ["Calls", "Llamadas", "Chamadas", "Trucades"];
const NPS: [&str; 4] = ["Net Promoter Score", "Net Promoter Score", "Net Promoter Score", "Net Promoter Score"];
const WAITS: [&str; 4] = ["Waiting times", "Tiempos de espera", "Tempos de espera", "Temps d’espera"];

struct Words {
    locale: Locale,
}

impl Words {
    const fn of(&self, [en, es, pt, ca]: [&'static str; 4]) -> &'static str {
        match self.locale {
            Locale::En => en,
            Locale::Es => es,
            Locale::Pt => pt,
            Locale::Ca => ca,
        }
    }

    /// What the picture shows, for those who do not see it.
    fn sum(&self, total: i64, parts: usize) -> String {
        match self.locale {
            Locale::En => format!("{total} in all, in {parts} parts."),
            Locale::Es => format!("{total} en total, en {parts} partes."),
            Locale::Pt => format!("{total} no total, em {parts} partes."),
            Locale::Ca => format!("{total} en total, en {parts} parts."),
        }
    }

    /// What stands under a part: figures that all four languages write alike.
    fn label(&self, part: &Range, zone: chrono_tz::Tz, step: Step) -> String {
        let from = part.from.with_timezone(&zone);
        let format = match (step, self.locale) {
            (Step::Hour, _) => "%-H h",
            (Step::Day | Step::Week, _) => "%-d/%-m",
            (Step::Month, _) => "%-m/%Y",
        };
        from.format(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{CLASSES_S, classes};
    use std::collections::BTreeMap;

    #[test]
    fn every_wait_is_in_exactly_one_class() {
        let waits: BTreeMap<i64, i64> = [(0, 1), (9, 2), (10, 4), (3_599, 8), (3_600, 16), (1_000_000, 32)].into();
        let data = classes(&waits);
        assert_eq!(data.len(), CLASSES_S.len() + 1);
        let counts: Vec<_> = data.iter().filter_map(|datum| datum.value).filter(|count| *count > 0.0).collect();
        assert_eq!(counts, [3.0, 4.0, 8.0, 48.0]);
        assert_eq!((data[0].label.as_str(), data[9].label.as_str()), ("< 10 s", "≥ 1 h"));
    }
}
