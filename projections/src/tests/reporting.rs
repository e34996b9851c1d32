//! Every report equals a slow, obvious computation over the raw events: on random days, in zones whose clocks change, as of any
//! position, on both engines.

use super::{
    batches::fold,
    engines::Place,
    slow::{self, Slow},
    story::{self, Story},
};
use crate::{
    Kind, Page, Store,
    report::{self, Figures, Selection, Whose},
};
use chrono::{DateTime, NaiveTime, SubsecRound, TimeDelta, Utc};
use chrono_tz::{America::Santiago, Australia::Lord_Howe, Europe::Madrid, Tz};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vitrina_domain::{
    call::{CallEvent, CancelReason, Device},
    conversation::{Author, ConversationEvent},
    event::Event,
    ids::AccountId,
    metrics::{
        calendar::{Step, hour_of_week},
        range::Range,
    },
    purchase::PurchaseEvent,
    report::{Measure, Unit},
    routing::Hours,
    schedule::{Schedule, Window},
};
use vitrina_eventlog::{Decoded, Environment, Position};

const EVENTS: usize = 500;
const ZONES: [Tz; 4] = [Madrid, Santiago, Lord_Howe, Tz::UTC];

/// Some days around the changes of clocks of spring 2026: what the story tells, at times of its own, some of it trials.
async fn days(seed: u64) -> Vec<Decoded> {
    let log = story::log().await;
    Story::new(seed).tell(&log, EVENTS).await;
    let mut now = DateTime::from_timestamp(1_774_650_000, 123_456_000).unwrap();
    let mut random = seed | 1;
    let mut draw = move |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut events = story::decoded(&log).await;
    for event in &mut events {
        now += match draw(10) {
            0..3 => TimeDelta::zero(),
            3..6 => TimeDelta::milliseconds(draw(20_000) as i64),
            6..9 => TimeDelta::seconds(draw(3_000) as i64),
            _ => TimeDelta::seconds(draw(20_000) as i64),
        };
        let recorded = Arc::make_mut(&mut event.recorded);
        recorded.recorded_at = now.trunc_subsecs(6);
        recorded.occurred_at = (now - TimeDelta::milliseconds(draw(3_000) as i64)).trunc_subsecs(6);
        // Stories end one way only, and everybody answers in the end.
        match &mut event.event {
            Event::Call(CallEvent::SurveyAnswered(answered)) => answered.answered_at = recorded.recorded_at,
            Event::Call(CallEvent::Cancelled(cancelled)) if draw(2) == 0 => cancelled.reason = CancelReason::NoAgent,
            Event::Order(PurchaseEvent::Placed(placed)) => {
                placed.placed_at = now.trunc_subsecs(6) - TimeDelta::seconds(draw(90_000) as i64)
            }
            Event::Order(PurchaseEvent::Refunded(refunded)) => refunded.refunded_at = recorded.recorded_at,
            Event::Order(PurchaseEvent::Cancelled(cancelled)) => cancelled.cancelled_at = recorded.recorded_at,
            Event::Conversation(ConversationEvent::Closed(closed)) => closed.agent_replied = draw(2) == 0,
            Event::Conversation(ConversationEvent::MessageSent(sent)) if recorded.stream.id.as_u128() % 5 < 3 => {
                if let Author::Shopper(shopper) = sent.author {
                    sent.author = if recorded.stream.id.as_u128() % 5 == 0 { Author::Bot(shopper.0.into()) } else { Author::System };
                }
            }
            // Bots hand over, and people do.
            Event::Conversation(ConversationEvent::HandedOff(handed)) if recorded.stream.id.as_u128() % 2 == 0 => {
                handed.bot_id = Some(recorded.stream.id.into());
            }
            _ => {}
        }
    }
    events
}

/// A question, and which of what was counted slowly is its answer.
fn selected<'s>(all: &'s [Slow], selection: &Selection, measure: Measure) -> Vec<&'s Slow> {
    let wanted = |fact: &&Slow| {
        fact.measure == measure
            && selection.range.from <= fact.at
            && fact.at < selection.range.to
            && selection.environment.is_none_or(|environment| environment.as_str() == fact.environment)
            && selection.shopper.is_none_or(|shopper| Some(shopper) == fact.shopper)
            && selection.kind.is_none_or(|kind| Some(kind) == fact.kind)
            && selection.bot.is_none_or(|bot| Some(bot) == fact.bot)
            && selection.channel.as_ref().is_none_or(|channel| Some(channel) == fact.channel.as_ref())
    };
    all.iter().filter(wanted).collect()
}

fn selections(events: &[Decoded], all: &[Slow], as_of: Position) -> Vec<Selection> {
    let (first, last) = (events[0].recorded.recorded_at, events[events.len() - 1].recorded.recorded_at);
    let whole = Range { from: first - TimeDelta::days(1), to: last + TimeDelta::days(1) };
    let production = Some(Environment::Production);
    let of = |range, environment| Selection::of(range, environment, as_of);
    let day = |date: &str, zone: Tz| {
        let asked = vitrina_domain::metrics::range::Asked { from: Some(date), to: Some(date), tz: None };
        Range::resolve(asked, zone, last).unwrap()
    };
    vec![
        of(whole, None),
        of(whole, production),
        of(whole, Some(Environment::Test)),
        of(day("2026-03-29", Madrid), None),
        of(day("2026-03-28", Lord_Howe), production),
        Selection { shopper: all.iter().find_map(|fact| fact.shopper), ..of(whole, None) },
        Selection { channel: Some("web".into()), ..of(whole, production) },
        Selection { bot: all.iter().find_map(|fact| fact.bot), ..of(whole, None) },
        Selection { kind: Some(Kind::Call), ..of(whole, production) },
        Selection { kind: Some(Kind::Chat), ..of(whole, None) },
    ]
}

fn weekdays() -> Schedule {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let windows = (1..=5).map(|weekday| Window { weekday, from: time(9), to: time(18) }).collect();
    Schedule { zone: "Europe/Madrid".into(), windows, exceptions: vec![] }
}

/// Everything that can be asked of one measure.
async fn compare(store: &Store, account: AccountId, selection: &Selection, measure: Measure, slow: &[&Slow]) {
    let what = format!("{measure:?} of {selection:?}");
    // The facts themselves, page by page.
    let mut page = Page::first(selection.as_of, 7);
    let mut facts = Vec::new();
    loop {
        let more = report::facts(store, account, measure, selection, &report::FactFilter::default(), page).await.unwrap();
        let Some(last) = more.last() else { break };
        page.after = Some(report::FactPlace { anchor: last.row.anchor, stream: last.row.stream_id, part: last.row.part });
        facts.extend(more);
    }
    let mut ours: Vec<_> = facts
        .iter()
        .map(|at| {
            let row = &at.row;
            (row.anchor, row.stream_id, row.value, row.shopper_id, row.detail.clone(), row.channel.clone(), row.currency.clone())
        })
        .collect();
    ours.sort();
    let fields =
        |fact: &&Slow| (fact.at, fact.stream, fact.value, fact.shopper, fact.detail.clone(), fact.channel.clone(), fact.currency.clone());
    let mut theirs: Vec<_> = slow.iter().map(fields).collect();
    theirs.sort();
    assert_eq!(ours, theirs, "{what}");
    assert!(facts.iter().all(|at| at.row.position <= at.position && at.position <= selection.as_of.0), "{what}");

    let figures = Figures::of(store, account, selection, &[measure], &[measure]).await.unwrap();
    let shoppers: BTreeSet<_> = slow.iter().map(|fact| fact.shopper).collect();
    assert_eq!(figures.credited(), shoppers, "{what}");
    for whose in shoppers.iter().map(|shopper| Whose::Of(*shopper)).chain([Whose::All]) {
        let of: Vec<_> = slow.iter().filter(|fact| whose == Whose::All || whose == Whose::Of(fact.shopper)).collect();
        assert_eq!(figures.count(measure, whose), of.len() as i64, "{what} {whose:?}");
        assert_eq!(figures.sum(measure, whose), of.iter().map(|fact| fact.value).sum::<i64>(), "{what} {whose:?}");
        for (detail, (count, sum)) in figures.by_detail(measure, whose) {
            // Carts are not told apart by their ids.
            let of: Vec<_> =
                of.iter().filter(|fact| measure == Measure::Cart || *fact.detail.as_deref().unwrap_or_default() == *detail).collect();
            assert_eq!((count, sum), (of.len() as i64, of.iter().map(|fact| fact.value).sum()), "{what} {detail}");
        }
        if matches!(measure, Measure::CallCreated | Measure::CallEnded) {
            for (device, name) in [(Device::Mobile, "mobile"), (Device::Desktop, "desktop"), (Device::Unknown, "unknown")] {
                let count = of.iter().filter(|fact| fact.device == Some(name)).count() as i64;
                assert_eq!(figures.of_device(measure, whose, device), count, "{what} {name}");
            }
        }
        let currencies: BTreeSet<_> = of.iter().filter_map(|fact| fact.currency.clone()).collect();
        assert_eq!(figures.currencies(whose), currencies, "{what} {whose:?}");
        for currency in currencies {
            let of: Vec<_> = of.iter().filter(|fact| fact.currency.as_ref() == Some(&currency)).collect();
            assert_eq!(figures.amount(measure, whose, &currency), of.iter().map(|fact| fact.value).sum::<i64>(), "{what} {currency}");
            let desktop = of.iter().filter(|fact| fact.device == Some("desktop")).map(|fact| fact.value).sum::<i64>();
            assert_eq!(figures.amount_of_device(measure, whose, &currency, Device::Desktop), desktop, "{what} {currency}");
            let placed = of.iter().filter(|fact| fact.detail.as_deref() == Some("placed")).map(|fact| fact.value).sum::<i64>();
            assert_eq!(figures.amount_detailed(measure, whose, &currency, "placed"), placed, "{what} {currency}");
        }
        // What is given back is below zero, and no duration.
        if matches!(measure.unit(), Unit::Amount | Unit::Pieces) {
            continue;
        }
        let mut values: Vec<i64> = of.iter().map(|fact| fact.value).collect();
        values.sort_unstable();
        let summary = figures.summary(measure, whose);
        // By nearest rank: the value at rank ⌈p/100 × n⌉.
        let rank = |percent: usize| values[(percent * values.len()).div_ceil(100) - 1] as u64;
        assert_eq!(summary.is_none(), values.is_empty(), "{what}");
        if let Some(summary) = summary {
            assert_eq!((summary.n, summary.min, summary.max), (values.len() as u64, values[0] as u64, values[values.len() - 1] as u64));
            assert_eq!((summary.p50, summary.p90, summary.p95, summary.p99), (rank(50), rank(90), rank(95), rank(99)), "{what}");
            assert!((summary.mean() - values.iter().sum::<i64>() as f64 / values.len() as f64).abs() <= 0.05 + 1e-9, "{what}");
        }
        if measure == Measure::Nps {
            let (promoters, detractors) = (of.iter().filter(|f| f.value >= 9).count(), of.iter().filter(|f| f.value <= 6).count());
            let tally = figures.nps(whose);
            assert_eq!((tally.promoters, tally.detractors, tally.answers()), (promoters as u64, detractors as u64, of.len() as u64));
        }
    }

    // Within business hours: from edge to edge of them, those open.
    if matches!(measure, Measure::FirstResponse | Measure::Reply | Measure::Resolution | Measure::WaitServed) {
        let hours = weekdays();
        let mut theirs: BTreeMap<u64, u64> = BTreeMap::new();
        for fact in slow {
            let (mut at, mut open) = (fact.at - TimeDelta::seconds(fact.value), TimeDelta::zero());
            while at < fact.at {
                let edge = hours.next_change(at).map_or(fact.at, |edge| edge.min(fact.at));
                open += if hours.open_at(at) == Hours::Open { edge - at } else { TimeDelta::zero() };
                at = edge;
            }
            *theirs.entry(open.num_seconds() as u64).or_default() += 1;
        }
        let ours = report::open_values(store, account, measure, selection, &hours).await.unwrap();
        assert_eq!(ours, theirs, "{what} within business hours");
    }

    // Cut into days, each has the values of its own.
    let parts = Step::Day.parts(selection.range, Madrid, 10_000).unwrap();
    let part = |quarter| report::part_of(&parts, quarter);
    let cut = Figures::cut(store, account, selection, (&[measure], &[measure]), parts.len(), part).await.unwrap();
    for (part, figures) in parts.iter().zip(&cut) {
        let mut theirs: BTreeMap<i64, i64> = BTreeMap::new();
        slow.iter().filter(|fact| part.contains(fact.at)).for_each(|fact| *theirs.entry(fact.value).or_default() += 1);
        assert_eq!(figures.values(measure, Whose::All), theirs, "{what} on {part:?}");
        let summed = (figures.count(measure, Whose::All), figures.sum(measure, Whose::All));
        assert_eq!(summed, (theirs.values().sum(), theirs.iter().map(|(value, count)| value * count).sum()), "{what} on {part:?}");
    }
    // Shoppers' parts with nobody's, and days' parts, come to the whole.
    let by_shopper: i64 = figures.credited().into_iter().map(|shopper| figures.count(measure, Whose::Of(shopper))).sum();
    let by_day: i64 = cut.iter().map(|figures| figures.count(measure, Whose::All)).sum();
    assert_eq!([by_shopper, by_day], [slow.len() as i64; 2], "{what}");

    let buckets = report::buckets(store, account, measure, selection).await.unwrap();
    for zone in ZONES {
        for (step, pattern) in [(Step::Day, "%F"), (Step::Month, "%Y-%m"), (Step::Week, "%G-%V")] {
            let named = |at: DateTime<Utc>| at.with_timezone(&zone).format(pattern).to_string();
            let mut theirs: BTreeMap<String, (i64, i64)> = BTreeMap::new();
            for fact in slow {
                let part = theirs.entry(named(fact.at)).or_default();
                *part = (part.0 + 1, part.1 + fact.value);
            }
            let parts = step.parts(selection.range, zone, 10_000).unwrap();
            let mut ours: BTreeMap<String, (i64, i64)> = BTreeMap::new();
            for bucket in &buckets {
                let part = ours.entry(named(parts[report::part_of(&parts, bucket.from)].from)).or_default();
                *part = (part.0 + bucket.count, part.1 + bucket.sum);
            }
            assert_eq!(ours, theirs, "{what} in {zone} by {pattern}");
        }
        let mut theirs: BTreeMap<String, i64> = BTreeMap::new();
        slow.iter().for_each(|fact| *theirs.entry(fact.at.with_timezone(&zone).format("%a %-H").to_string()).or_default() += 1);
        let mut ours: BTreeMap<String, i64> = BTreeMap::new();
        for bucket in &buckets {
            let (weekday, hour) = hour_of_week(bucket.from, zone);
            *ours.entry(format!("{weekday} {hour}")).or_default() += bucket.count;
        }
        assert_eq!(ours, theirs, "{what} in {zone} by hour of the week");
    }
}

/// How many facts were compared.
async fn check(seed: u64) -> BTreeMap<Measure, usize> {
    let events = days(seed).await;
    let mut compared = BTreeMap::new();
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[60, 7, 200]).await;
        let accounts: BTreeSet<_> = events.iter().map(|event| event.recorded.stream.account).collect();
        for cut in [events.len(), events.len() / 2] {
            for account in &accounts {
                let all = slow::counted(&events[..cut], *account);
                // As of the middle, the first questions will do.
                let asked = if cut == events.len() { usize::MAX } else { 2 };
                for selection in selections(&events, &all, Position(cut as i64)).into_iter().take(asked) {
                    for measure in Measure::ALL {
                        let slow = selected(&all, &selection, *measure);
                        *compared.entry(*measure).or_insert(0) += slow.len();
                        compare(&store, *account, &selection, *measure, &slow).await;
                    }
                }
            }
        }
    }
    compared
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn every_report_is_what_a_slow_look_at_the_events_says(seed in any::<u64>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(seed));
    }
}

#[tokio::test]
async fn a_known_history_has_facts_of_every_measure() {
    let compared = check(178).await;
    let missing: Vec<_> = compared.iter().filter(|(_, count)| **count == 0).map(|(measure, _)| measure.as_str()).collect();
    assert!(missing.is_empty(), "{missing:?} {compared:?}");
}
