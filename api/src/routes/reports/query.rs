//! What every report is asked with, and what every answer says of itself.

use crate::{
    error::{ApiError, Result},
    period,
    reading::{self, ReadAt},
    routes::named,
    wiring::State,
};
use actix_web::HttpResponse;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, ApiKeyId, ShopperId},
    metrics::range::{Asked, Range},
    report::Anchors,
};
use vitrina_eventlog::Environment;
use vitrina_projections::report::Selection;

/// Declares the query of a report: what every one takes, and its own.
macro_rules! report_query {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// From this date or instant on; the first of this month when left out.
            #[param(example = "2026-03-01")]
            pub from: Option<String>,
            /// Before this instant, or on this date at the latest.
            #[param(example = "2026-03-31")]
            pub to: Option<String>,
            /// IANA zone of dates, days and hours; the account's when left out.
            #[param(example = "Europe/Madrid")]
            pub tz: Option<String>,
            /// `production` (default), `test` or `all`.
            pub environment: Option<String>,
            /// `call`: of calls and the conversations that they own; `chat`: of conversations without a call; all when left out.
            pub kind: Option<String>,
            /// What is credited to this shopper.
            pub shopper: Option<uuid::Uuid>,
            /// Those of customers who write this way, such as `web`.
            pub channel: Option<String>,
            /// Those of conversations in which this bot takes part.
            pub bot: Option<uuid::Uuid>,
            /// Wait until this position is in the answer.
            pub at_least: Option<i64>,
            /// Answer as it was at this position or RFC 3339 instant.
            pub as_of: Option<String>,
        }

        impl $name {
            /// What is common to all reports.
            pub(crate) fn common(&self) -> $crate::routes::reports::query::Common<'_> {
                $crate::routes::reports::query::Common {
                    from: self.from.as_deref(),
                    to: self.to.as_deref(),
                    tz: self.tz.as_deref(),
                    environment: &self.environment,
                    kind: &self.kind,
                    shopper: self.shopper,
                    channel: &self.channel,
                    bot: self.bot,
                    anchors: Default::default(),
                    at: $crate::reading::ReadAt { at_least: self.at_least, as_of: self.as_of.clone() },
                }
            }
        }
    };
}
pub(crate) use report_query;

/// The same of a report that stands beside the period before.
macro_rules! compared_query {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $crate::routes::reports::query::report_query! {
            $(#[$doc])*
            $name {
                $($(#[$field_doc])* $field: $type,)*
                /// `previous`: the figures of the period before, too. Before a month comes a month, before days as many days; of a period that is
                /// not over, or ends within a month, as much of the one before.
                compare: Option<String>,
            }
        }
    };
}
pub(crate) use compared_query;

/// What is common to all reports, as it came.
pub(crate) struct Common<'q> {
    pub from: Option<&'q str>,
    pub to: Option<&'q str>,
    pub tz: Option<&'q str>,
    pub environment: &'q Option<String>,
    pub kind: &'q Option<String>,
    pub shopper: Option<Uuid>,
    pub channel: &'q Option<String>,
    pub bot: Option<Uuid>,
    pub anchors: Anchors,
    pub at: ReadAt,
}

/// What is wanted, and in which zone it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub account: AccountId,
    pub selection: Selection,
    pub zone: Tz,
}

impl Common<'_> {
    /// With calls and scores at these instants.
    #[must_use]
    pub(crate) fn anchored(self, anchors: Anchors) -> Self {
        Self { anchors, ..self }
    }

    /// What is wanted, once the read models are there.
    pub(crate) async fn wanted(self, state: &State, account: AccountId) -> Result<Wanted> {
        let environment = named::environment(self.environment.as_deref())?;
        let kind = named::kind(self.kind.as_deref())?;
        let channel = named::text("channel", self.channel)?;
        let as_of = self.at.position(state).await?;
        let (range, zone) = period::zoned(state, account, as_of, Asked { from: self.from, to: self.to, tz: self.tz }).await?;
        let selection = Selection {
            range,
            environment,
            kind,
            shopper: self.shopper.map(ShopperId),
            channel,
            bot: self.bot.map(ApiKeyId),
            anchors: self.anchors,
            as_of,
        };
        Ok(Wanted { account, selection, zone })
    }
}

/// A report, and of what it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Report<T> {
    /// First instant inside, in the zone of the report.
    #[schema(example = "2026-03-01T00:00:00+01:00")]
    from: String,
    /// First instant outside.
    #[schema(example = "2026-04-01T00:00:00+02:00")]
    to: String,
    /// The zone of dates, days and hours.
    #[schema(example = "Europe/Madrid")]
    tz: String,
    /// production, test or all.
    environment: String,
    /// The figures.
    #[serde(flatten)]
    figures: T,
}

/// A report, and the same of the period before where it was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Compared<T> {
    #[serde(flatten)]
    report: Report<T>,
    /// The period before, and of it as much as has passed of this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Report<T>>,
}

/// The report that `read` makes of what is wanted, and that of the period before where it was asked for.
pub(crate) async fn answer<T: Serialize>(
    state: &State,
    account: AccountId,
    asked: Common<'_>,
    compare: Option<&str>,
    read: impl AsyncFn(&Wanted) -> Result<T>,
) -> Result<HttpResponse> {
    let is_compared = match compare {
        None => false,
        Some("previous") => true,
        Some(_) => return Err(ApiError::parameter("compare", "unknown_value", "one of previous")),
    };
    let wanted = asked.wanted(state, account).await?;
    let as_of = wanted.selection.as_of;
    let report = wanted.report(read(&wanted).await?);
    let previous = if is_compared {
        let before = wanted.during(wanted.selection.range.previous(wanted.zone, period::reached(state, as_of).await?));
        Some(before.report(read(&before).await?))
    } else {
        None
    };
    Ok(reading::answer_unversioned(Compared { report, previous }, as_of))
}

impl Wanted {
    /// The report.
    pub(crate) fn report<T>(&self, figures: T) -> Report<T> {
        Report {
            from: shown(self.selection.range.from, self.zone),
            to: shown(self.selection.range.to, self.zone),
            tz: self.zone.name().to_owned(),
            environment: self.selection.environment.map_or("all", Environment::as_str).to_owned(),
            figures,
        }
    }

    /// The same of another period.
    pub(crate) fn during(&self, range: Range) -> Self {
        Self { selection: Selection { range, ..self.selection.clone() }, ..self.clone() }
    }
}

/// An instant with the offset of the zone.
pub(crate) fn shown(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::AutoSi, false)
}
