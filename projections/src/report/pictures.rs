//! Reports as charts: calls over time, the NPS over time, how long customers waited. The figures are those of the reports beside.

use super::figures::pooled;
use super::query::{Selection, buckets, part_of, tallies, told_apart};
use crate::{
    chart::{self, Datum, Look, Picture, Theme},
    document::{
        Manner,
        word::{Word, words},
    },
    error::Result,
    sql::Store,
};
use std::collections::BTreeMap;
use vitrina_domain::{
    account::Brand,
    ids::AccountId,
    metrics::{calendar::Step, nps::Tally, range::Range},
    report::Measure,
};

/// Ends of the classes of waits, in seconds; the last class has none.
const CLASSES_S: [i64; 9] = [10, 20, 30, 60, 120, 300, 600, 1_800, 3_600];

words! {
    CALLS = "Calls", "Llamadas", "Chamadas", "Trucades";
    NPS = "Net Promoter Score", "Net Promoter Score", "Net Promoter Score", "Net Promoter Score";
    WAITS = "Waiting times", "Tiempos de espera", "Tempos de espera", "Temps d’espera";
    SUM = "{n} in all, in {parts} parts.", "{n} en total, en {parts} partes.", "{n} no total, em {parts} partes.", "{n} en total, en {parts} parts.";
}

/// How a chart looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Language and zone.
    pub manner: Manner,
    /// The ground.
    pub theme: Theme,
    /// The shop's colour.
    pub brand: Brand,
}

/// Calls of each part of the period.
///
/// # Errors
/// When the database is away.
pub async fn calls(
    store: &Store,
    account: AccountId,
    selection: &Selection,
    (step, parts): (Step, &[Range]),
    style: Style,
) -> Result<Picture> {
    let mut calls = vec![0; parts.len()];
    for bucket in buckets(store, account, Measure::CallCreated, selection).await? {
        calls[part_of(parts, bucket.from)] += bucket.count;
    }
    let data: Vec<_> =
        parts.iter().zip(&calls).map(|(part, calls)| datum(style.label(part, step), Some(*calls as f64), &calls.to_string())).collect();
    Ok(chart::columns(&data, style.look(CALLS, calls.iter().sum(), parts.len())))
}

/// The pooled score of each part of the period; none where nobody answered.
///
/// # Errors
/// When the database is away.
pub async fn nps(
    store: &Store,
    account: AccountId,
    selection: &Selection,
    (step, parts): (Step, &[Range]),
    style: Style,
) -> Result<Picture> {
    let mut tallies = vec![Tally::default(); parts.len()];
    for (from, value, count) in told_apart(store, account, Measure::Nps, selection).await? {
        let tally = &mut tallies[part_of(parts, from)];
        *tally = tally.pooled(pooled(&BTreeMap::from([(value, count)])));
    }
    let point = |(part, tally): (&Range, &Tally)| {
        let score = tally.score();
        datum(style.label(part, step), score, &score.map_or_else(|| "–".to_owned(), |score| format!("{score:+.1}")))
    };
    let data: Vec<_> = parts.iter().zip(&tallies).map(point).collect();
    let answers = tallies.iter().map(|tally| tally.answers()).sum::<u64>();
    Ok(chart::line(&data, -100.0, 100.0, style.look(NPS, i64::try_from(answers).unwrap_or(i64::MAX), parts.len())))
}

/// How many customers waited how long until a shopper came.
///
/// # Errors
/// When the database is away.
pub async fn waits(store: &Store, account: AccountId, selection: &Selection, style: Style) -> Result<Picture> {
    let mut waits = BTreeMap::new();
    for tally in tallies(store, account, Measure::WaitServed, selection).await? {
        *waits.entry(tally.value).or_insert(0) += tally.count;
    }
    let data = classes(&waits);
    Ok(chart::columns(&data, style.look(WAITS, waits.values().sum(), data.len())))
}

impl Style {
    fn look(&self, title: Word, total: i64, parts: usize) -> Look {
        let locale = self.manner.locale;
        let description = SUM.filled(locale, &[("n", total.to_string()), ("parts", parts.to_string())]);
        Look { title: title.of(locale).to_owned(), description, theme: self.theme, brand: self.brand }
    }

    /// What stands under a part: figures that all four languages write alike.
    fn label(&self, part: &Range, step: Step) -> String {
        let format = match step {
            Step::Hour => "%-H h",
            Step::Day | Step::Week => "%-d/%-m",
            Step::Month => "%-m/%Y",
        };
        part.from.with_timezone(&self.manner.zone).format(format).to_string()
    }
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
        let label = to.map_or_else(|| format!("{} +", length(from)), |to| format!("< {}", length(to)));
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

#[cfg(test)]
mod tests {
    use super::{ALL, CLASSES_S, classes};
    use crate::document::word::blanks_agree;
    use std::collections::BTreeMap;

    #[test]
    fn every_wait_is_in_exactly_one_class() {
        let waits: BTreeMap<i64, i64> = [(0, 1), (9, 2), (10, 4), (3_599, 8), (3_600, 16), (1_000_000, 32)].into();
        let data = classes(&waits);
        assert_eq!(data.len(), CLASSES_S.len() + 1);
        let counts: Vec<_> = data.iter().filter_map(|datum| datum.value).filter(|count| *count > 0.0).collect();
        assert_eq!(counts, [3.0, 4.0, 8.0, 48.0]);
        assert_eq!((data[0].label.as_str(), data[9].label.as_str()), ("< 10 s", "1 h +"));
    }

    #[test]
    fn every_word_has_the_same_blanks_in_all_languages() {
        blanks_agree(ALL);
    }
}
