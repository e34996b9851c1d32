//! Figures as they are shown: each with the measure whose facts it is made of.

use super::{query::Wanted, source::Source};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use vitrina_domain::{
    call::Device,
    metrics::{
        percentile::Summary,
        share::{Share, shares},
    },
    report::Measure,
};
use vitrina_projections::report::Whose;

/// Figures of one measure.
#[derive(Serialize, ToSchema)]
pub(crate) struct Of<T> {
    /// The measure; `GET /v1/reports/facts?measure=` lists the facts.
    #[schema(example = "call_created")]
    pub(super) measure: &'static str,
    /// Where those behind these figures are listed, as they are in this report; with `&detail=`, `&device=` or `&value=` those of one kind. Absent
    /// for hours of the week, which are no period.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "/v1/reports/facts?measure=call_created&from=2026-03-01T00%3A00%3A00Z&to=2026-04-01T00%3A00%3A00Z&tz=UTC&as_of=912"
    )]
    pub(super) facts: Option<String>,
    /// What they come to.
    #[serde(flatten)]
    pub(super) figures: T,
}

impl<T> Of<T> {
    /// Figures of everything that is wanted.
    pub(crate) fn all(wanted: &Wanted, measure: Measure, figures: impl Into<T>) -> Self {
        Self { measure: measure.as_str(), facts: Some(wanted.facts(measure, Whose::All, &[])), figures: figures.into() }
    }
}

/// How many.
#[derive(Serialize, ToSchema)]
pub(crate) struct Count {
    /// How many.
    count: i64,
}

/// How many of each kind.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountBy {
    /// How many.
    count: i64,
    /// How many of each kind; kinds without any are left out.
    by: BTreeMap<String, i64>,
}

// Not named `Duration`, which the description of the API would take for a text.
/// How long in all.
#[derive(Serialize, ToSchema)]
pub(crate) struct Length {
    /// Seconds.
    seconds: i64,
    /// The same in minutes with one decimal, for display.
    #[schema(example = 12.0)]
    minutes: f64,
}

impl From<i64> for Length {
    fn from(seconds: i64) -> Self {
        Self { seconds, minutes: ((seconds * 10 + 30).div_euclid(60)) as f64 / 10.0 }
    }
}

impl Count {
    /// Of everybody's, or of somebody's.
    pub(crate) fn of(source: Source<'_>, measure: Measure) -> Of<Self> {
        source.shown(measure, Self { count: source.figures.count(measure, source.whose) })
    }
}

impl CountBy {
    /// Of everybody's, or of somebody's.
    pub(crate) fn of(source: Source<'_>, measure: Measure) -> Of<Self> {
        let Source { figures, whose, .. } = source;
        let by = figures.by_detail(measure, whose).into_iter().map(|(detail, (count, _))| (detail, count)).collect();
        source.shown(measure, Self { count: figures.count(measure, whose), by })
    }
}

/// Durations: number, extremes, mean and percentiles by nearest rank over all values, in seconds. All `null` without any.
#[derive(Serialize, ToSchema)]
pub(crate) struct Times {
    /// How many.
    n: u64,
    /// The shortest.
    min: Option<u64>,
    /// The longest.
    max: Option<u64>,
    /// The mean, one decimal.
    #[schema(example = 429.1)]
    mean: Option<f64>,
    /// Half are at most this.
    p50: Option<u64>,
    /// Nine in ten are at most this.
    p90: Option<u64>,
    /// Nineteen in twenty are at most this.
    p95: Option<u64>,
    /// Ninety-nine in a hundred are at most this.
    p99: Option<u64>,
}

impl From<Option<Summary>> for Times {
    fn from(summary: Option<Summary>) -> Self {
        Self {
            n: summary.map_or(0, |s| s.n),
            min: summary.map(|s| s.min),
            max: summary.map(|s| s.max),
            mean: summary.map(|s| s.mean()),
            p50: summary.map(|s| s.p50),
            p90: summary.map(|s| s.p90),
            p95: summary.map(|s| s.p95),
            p99: summary.map(|s| s.p99),
        }
    }
}

impl Times {
    /// Of everybody's, or of somebody's.
    pub(crate) fn of(source: Source<'_>, measure: Measure) -> Of<Self> {
        source.shown(measure, source.figures.summary(measure, source.whose))
    }
}

/// By the customer's device. Tablets count as mobile; what was not told is shown apart.
#[derive(Serialize, ToSchema)]
pub(crate) struct Devices {
    /// How many on phones and tablets.
    mobile: i64,
    /// How many of these on tablets.
    tablet: i64,
    /// How many on desktops and laptops.
    desktop: i64,
    /// How many of which nobody knows.
    unknown: i64,
    /// In percent; the three together are 100.0.
    mobile_percent: Option<f64>,
    /// In percent.
    desktop_percent: Option<f64>,
    /// In percent.
    unknown_percent: Option<f64>,
}

impl Devices {
    /// Of everybody's, or of somebody's.
    pub(crate) fn of(source: Source<'_>, measure: Measure) -> Of<Self> {
        let count = |device| source.figures.of_device(measure, source.whose, device);
        let (tablet, desktop, unknown) = (count(Device::Tablet), count(Device::Desktop), count(Device::Unknown));
        let mobile = count(Device::Mobile) + tablet;
        let parts = shares([mobile, desktop, unknown].map(|n| u64::try_from(n).unwrap_or_default()));
        let percent = |index: usize| parts.map(|parts| parts[index].percent());
        let shown =
            Self { mobile, tablet, desktop, unknown, mobile_percent: percent(0), desktop_percent: percent(1), unknown_percent: percent(2) };
        source.shown(measure, shown)
    }
}

/// A share in percent.
pub(crate) fn percent(share: Option<Share>) -> Option<f64> {
    share.map(Share::percent)
}
