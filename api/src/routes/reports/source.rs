//! Where the figures of a view come from: whose they are in which report, and so where the events behind each are listed.

use super::{query::Wanted, views::Of};
use chrono::{DateTime, SecondsFormat, Utc};
use form_urlencoded::Serializer;
use vitrina_domain::{metrics::range::Range, report::Measure};
use vitrina_eventlog::Environment;
use vitrina_projections::{
    report::{Figures, Whose},
    table::Named,
};

/// Whose figures of which report.
#[derive(Clone, Copy)]
pub(crate) struct Source<'r> {
    pub(crate) figures: &'r Figures,
    pub(crate) wanted: &'r Wanted,
    pub(crate) whose: Whose,
    /// Of which part of its period; `None` where it is none that could be asked for.
    pub(crate) during: Option<Range>,
}

impl<'r> Source<'r> {
    /// Of the whole period.
    pub(crate) fn new(figures: &'r Figures, wanted: &'r Wanted, whose: Whose) -> Self {
        Self { figures, wanted, whose, during: Some(wanted.selection.range) }
    }

    /// Whether they are everybody's: of those who waited for anybody, one shopper has served some and lost none.
    pub(crate) fn is_of_all(self) -> bool {
        self.wanted.selection.shopper.is_none() && self.whose == Whose::All
    }

    /// Figures of this measure.
    pub(crate) fn shown<T>(self, measure: Measure, figures: impl Into<T>) -> Of<T> {
        self.narrowed(measure, &[], figures)
    }

    /// Figures of those facts of this measure that are so.
    pub(crate) fn narrowed<T>(self, measure: Measure, so: &[(&str, &str)], figures: impl Into<T>) -> Of<T> {
        let facts = self.during.map(|range| self.wanted.facts_during(range, measure, self.whose, so));
        Of { measure: self.wanted.selection.anchors.of(measure).as_str(), facts, figures: figures.into() }
    }
}

impl Wanted {
    /// Where the facts behind a figure are listed, as they are in this report.
    pub(crate) fn facts(&self, measure: Measure, whose: Whose, so: &[(&str, &str)]) -> String {
        self.facts_during(self.selection.range, measure, whose, so)
    }

    /// The same of a part of its period.
    pub(crate) fn facts_during(&self, range: Range, measure: Measure, whose: Whose, so: &[(&str, &str)]) -> String {
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let selection = &self.selection;
        let path = "/v1/reports/facts?";
        let mut query = Serializer::for_suffix(path.to_owned(), path.len());
        query.append_pair("measure", selection.anchors.of(measure).as_str());
        query.append_pair("from", &instant(range.from)).append_pair("to", &instant(range.to)).append_pair("tz", self.zone.name());
        match whose {
            Whose::Of(None) => query.append_pair("nobody", "true"),
            Whose::Of(Some(shopper)) => query.append_pair("shopper", &shopper.to_string()),
            Whose::All => query.extend_pairs(selection.shopper.map(|shopper| ("shopper", shopper.to_string()))),
        };
        query.extend_pairs(selection.channel.iter().map(|channel| ("channel", channel)));
        query.extend_pairs(selection.bot.map(|bot| ("bot", bot.to_string())));
        query.extend_pairs(selection.kind.map(|kind| ("kind", kind.name())));
        if selection.environment != Some(Environment::Production) {
            query.append_pair("environment", selection.environment.map_or("all", Environment::as_str));
        }
        query.extend_pairs(so).append_pair("as_of", &selection.as_of.to_string());
        query.finish()
    }
}
