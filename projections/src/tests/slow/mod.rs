//! What reports count, computed from the raw events of each whole stream, looking back, second by second where time is counted:
//! slow and obvious, and nothing of it is shared with the books.

mod call;
mod chat;
mod order;
mod presence;

use crate::Kind;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrina_domain::{
    call::{CallEvent, Device},
    conversation::ConversationEvent,
    event::Event,
    ids::{AccountId, AnswerId, ApiKeyId, ShopperId},
    report::Measure,
    survey::Answered,
};
use vitrina_eventlog::{Decoded, Environment};

/// A countable thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slow {
    pub measure: Measure,
    pub at: DateTime<Utc>,
    pub stream: Uuid,
    pub value: i64,
    pub shopper: Option<ShopperId>,
    pub detail: Option<String>,
    pub channel: Option<String>,
    /// Of calls, at their creation.
    pub device: Option<&'static str>,
    /// Of amounts.
    pub currency: Option<String>,
    pub environment: &'static str,
    /// The bot that takes part in the conversation.
    pub bot: Option<ApiKeyId>,
    /// Of calls with what they own, or of chats.
    pub kind: Option<Kind>,
}

/// Everything that is to be counted in the account.
pub fn counted(events: &[Decoded], account: AccountId) -> Vec<Slow> {
    let mut streams: BTreeMap<Uuid, Vec<&Decoded>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.recorded.stream.account == account) {
        streams.entry(event.recorded.stream.id).or_default().push(event);
    }
    let mut all: Vec<_> = streams
        .values()
        .flat_map(|stream| match stream[0].event {
            Event::Call(_) => call::counted(stream),
            Event::Conversation(_) => chat::counted(stream),
            Event::Shopper(_) => presence::counted(stream),
            Event::Order(_) => order::counted(stream),
            _ => Vec::new(),
        })
        .collect();
    all.sort();
    once(&mut all);
    all
}

/// A cart counts in the last call in which it was used, as its order does.
fn once(all: &mut Vec<Slow>) {
    let carts: Vec<Slow> = all.iter().filter(|fact| fact.measure == Measure::Cart).cloned().collect();
    let is_later = |one: &Slow, other: &Slow| (one.at, one.stream) > (other.at, other.stream);
    all.retain(|fact| {
        let same = carts.iter().filter(|cart| cart.detail == fact.detail && cart.environment == fact.environment);
        fact.measure != Measure::Cart || !same.into_iter().any(|cart| is_later(cart, fact))
    });
}

fn at(event: &Decoded) -> DateTime<Utc> {
    event.recorded.recorded_at
}

/// A fact of this stream at this time.
fn slow(stream: &[&Decoded], measure: Measure, at: DateTime<Utc>, value: i64, shopper: Option<ShopperId>) -> Slow {
    let first = &stream[0].recorded;
    let environment = if first.environment == Environment::Test { "test" } else { "production" };
    let kind = match &stream[0].event {
        Event::Conversation(ConversationEvent::Opened(opened)) if opened.call_id.is_none() => Some(Kind::Chat),
        Event::Shopper(_) => None,
        _ => Some(Kind::Call),
    };
    let stream = first.stream.id;
    Slow { measure, at, stream, value, shopper, detail: None, channel: None, device: None, currency: None, environment, bot: None, kind }
}

/// These seconds, a fact for each quarter of an hour that has some; `spans` are runs of whole seconds.
fn by_quarter(spans: &[(i64, i64)]) -> Vec<(DateTime<Utc>, i64)> {
    let mut pieces = Vec::new();
    for (from, to) in spans {
        let mut piece: Option<(i64, i64)> = None;
        for second in *from..*to {
            match &mut piece {
                Some((_, length)) if second % 900 != 0 => *length += 1,
                _ => {
                    pieces.extend(piece);
                    piece = Some((second, 1));
                }
            }
        }
        pieces.extend(piece);
    }
    pieces.into_iter().map(|(from, length)| (DateTime::from_timestamp(from, 0).unwrap(), length)).collect()
}

/// The answers that no later one has replaced.
fn answers(stream: &[&Decoded], superseded: &[Uuid], answered: &[&Answered]) -> Vec<Slow> {
    let counting = answered.iter().filter(|answer| !superseded.contains(&answer.answer_id.0));
    let told = counting.flat_map(|answer| {
        let shopper = answer.shoppers.first().copied();
        let mut told = vec![slow(stream, Measure::Answered, answer.answered_at, 1, shopper)];
        told.extend(answer.nps.map(|nps| slow(stream, Measure::Nps, answer.answered_at, nps.into(), shopper)));
        told.extend(answer.nps.map(|nps| slow(stream, Measure::NpsOfCall, at(stream[0]), nps.into(), shopper)));
        told.extend(answer.csat.map(|csat| slow(stream, Measure::Csat, answer.answered_at, csat.into(), shopper)));
        if !is_hidden(stream, answer.answer_id) {
            told.extend(answer.face.map(|face| slow(stream, Measure::FacePublic, answer.answered_at, face.score().into(), shopper)));
        }
        told.extend(answer.face.map(|face| {
            let detail = Some(format!("{face:?}").to_lowercase());
            Slow { detail, ..slow(stream, Measure::Face, answer.answered_at, face.score().into(), shopper) }
        }));
        told
    });
    told.chain(surveys(stream)).collect()
}

/// Whether what was last said of the answer is that it is hidden.
fn is_hidden(stream: &[&Decoded], answer: AnswerId) -> bool {
    let said = stream.iter().rev().find_map(|event| match &event.event {
        Event::Call(CallEvent::SurveyHidden(shown)) if shown.answer_id == answer => Some(true),
        Event::Call(CallEvent::SurveyPublished(shown)) if shown.answer_id == answer => Some(false),
        _ => None,
    });
    said.unwrap_or_default()
}

/// The survey that was put before the customer, and whether any answer came after it.
fn surveys(stream: &[&Decoded]) -> Vec<Slow> {
    let sent = stream.iter().enumerate().find_map(|(index, event)| match &event.event {
        Event::Call(CallEvent::SurveySent(sent)) => Some((index, at(event), sent.shoppers.first().copied())),
        _ => None,
    });
    let Some((index, sent_at, shopper)) = sent else { return Vec::new() };
    let mut told = vec![slow(stream, Measure::SurveySent, sent_at, 1, shopper)];
    if stream[index..].iter().any(|event| matches!(event.event, Event::Call(CallEvent::SurveyAnswered(_)))) {
        told.push(slow(stream, Measure::SurveyReturned, sent_at, 1, shopper));
    }
    told
}

/// A device as reports name it.
fn device(device: Device) -> &'static str {
    match device {
        Device::Mobile => "mobile",
        Device::Tablet => "tablet",
        Device::Desktop => "desktop",
        Device::Unknown => "unknown",
    }
}
