//! Who answered whom in a conversation, and when.

use super::{Slow, answers, at, slow};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    conversation::{Author, ConversationEvent, Outcome, Visibility},
    event::Event,
    ids::ShopperId,
    report::Measure,
    sla::Target,
};
use vitrina_eventlog::Decoded;

/// A public word, by a shopper or by the customer.
struct Word {
    at: DateTime<Utc>,
    by: Option<ShopperId>,
    index: usize,
}

fn events<'e>(stream: &[&'e Decoded]) -> Vec<(usize, DateTime<Utc>, &'e ConversationEvent)> {
    let of = |(index, event): (usize, &&'e Decoded)| match &event.event {
        Event::Conversation(told) => Some((index, at(event), told)),
        _ => None,
    };
    stream.iter().enumerate().filter_map(of).collect()
}

pub(super) fn counted(stream: &[&Decoded]) -> Vec<Slow> {
    let events = events(stream);
    let Some((_, opened_at, ConversationEvent::Opened(opened))) = events.first().copied() else { return Vec::new() };
    let words: Vec<Word> = events
        .iter()
        .filter_map(|(index, at, event)| {
            let author = match event {
                ConversationEvent::MessageSent(sent) if sent.visibility == Visibility::Public => sent.author,
                ConversationEvent::FileShared(shared) => shared.author,
                _ => return None,
            };
            match author {
                Author::Customer(_) => Some(Word { at: *at, by: None, index: *index }),
                Author::Shopper(shopper) => Some(Word { at: *at, by: Some(shopper), index: *index }),
                Author::Bot(_) | Author::System => None,
            }
        })
        .collect();
    let mut told = Vec::new();
    let since = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_seconds();
    let holder = holder(&events);
    let kind = if opened.call_id.is_some() { "call" } else { "chat" };
    told.push(Slow { detail: Some(kind.into()), ..slow(stream, Measure::ConversationOpened, opened_at, 1, holder) });

    // A reply is a shopper's word with a customer's word since the shopper's word before.
    let mut asked: Option<DateTime<Utc>> = None;
    for word in &words {
        match word.by {
            None => {
                asked = asked.or(Some(word.at));
            }
            Some(shopper) => {
                told.extend(asked.take().map(|from| slow(stream, Measure::Reply, word.at, since(from, word.at), Some(shopper))));
            }
        }
    }
    // A person is awaited from the customer's first word on, or from the bot's first hand-over, if it came before the answer.
    let by_a_bot: Vec<(usize, DateTime<Utc>)> = events
        .iter()
        .filter(|(_, _, event)| matches!(event, ConversationEvent::HandedOff(handed) if handed.bot_id.is_some()))
        .map(|(index, at, _)| (*index, *at))
        .collect();
    let question = words.iter().find(|word| word.by.is_none()).map(|word| (word.index, word.at));
    let awaited = question.into_iter().chain(by_a_bot.first().copied()).min();
    let first_reply = awaited.and_then(|(from, _)| words.iter().find(|word| word.by.is_some() && word.index > from));
    if let (Some((_, from)), Some(reply)) = (awaited, first_reply) {
        let handed = by_a_bot.first().filter(|(index, _)| *index < reply.index);
        let from = handed.map_or(from, |(_, at)| *at);
        told.push(slow(stream, Measure::FirstResponse, reply.at, since(from, reply.at), reply.by));
    }

    let closed =
        events.iter().find_map(|(_, at, event)| if let ConversationEvent::Closed(closed) = event { Some((*at, closed)) } else { None });
    for (index, joined_at, event) in &events {
        let ConversationEvent::AgentJoined(joined) = event else { continue };
        let shopper = joined.shopper_id;
        let gone = events
            .iter()
            .find(|(later, _, event)| *later > *index && matches!(event, ConversationEvent::AgentLeft(left) if left.shopper_id == shopper));
        let until = gone.map_or(usize::MAX, |(later, ..)| *later);
        let again = events.iter().any(|(later, _, event)| {
            *later > *index && *later < until && matches!(event, ConversationEvent::AgentJoined(again) if again.shopper_id == shopper)
        });
        let spoke = words.iter().find(|word| word.index > *index && word.index < until && word.by == Some(shopper));
        match (spoke, gone, closed, again) {
            (Some(word), ..) => told.push(slow(stream, Measure::Reaction, word.at, since(*joined_at, word.at), Some(shopper))),
            (None, Some((_, left_at, _)), _, false) => told.push(slow(stream, Measure::ReactionMissing, *left_at, 1, Some(shopper))),
            (None, None, Some((closed_at, _)), false) => told.push(slow(stream, Measure::ReactionMissing, closed_at, 1, Some(shopper))),
            _ => {}
        }
    }

    if let Some((closed_at, closed)) = closed {
        let outcome = match closed.outcome {
            Outcome::Escalated => "escalated",
            Outcome::NoAgent => "no_agent",
            Outcome::NoAnswer => "no_answer",
            Outcome::Success => "success",
        };
        let mut put = |measure, value, detail: Option<&str>| {
            told.push(Slow { detail: detail.map(str::to_owned), ..slow(stream, measure, closed_at, value, holder) });
        };
        put(Measure::ConversationClosed, 1, Some(outcome));
        put(Measure::Resolution, since(opened_at, closed_at), Some(outcome));
        if !closed.agent_replied {
            put(Measure::UnansweredByAgent, 1, Some(outcome));
        }
        if words.last().is_some_and(|word| word.by.is_none()) {
            put(Measure::ReplyMissing, 1, None);
        }
        if awaited.is_some() && first_reply.is_none() {
            put(Measure::FirstResponseMissing, 1, None);
        }
    }

    told.extend(promised(stream, &events));
    let answered: Vec<_> =
        events.iter().filter_map(|(_, _, e)| if let ConversationEvent::SurveyAnswered(a) = e { Some(a) } else { None }).collect();
    let gone: Vec<_> = events
        .iter()
        .filter_map(|(_, _, e)| if let ConversationEvent::SurveySuperseded(s) = e { Some(s.answer_id.0) } else { None })
        .collect();
    told.extend(answers(stream, &gone, &answered));
    let bot = events.iter().find_map(|(_, _, e)| if let ConversationEvent::BotJoined(joined) = e { Some(joined.bot_id) } else { None });
    told.iter_mut().for_each(|fact| (fact.channel, fact.bot) = (Some(opened.channel.clone()), bot));
    told
}

/// What was promised and came in time, or did not.
fn promised(stream: &[&Decoded], events: &[(usize, DateTime<Utc>, &ConversationEvent)]) -> Vec<Slow> {
    let mut told = Vec::new();
    for (n, (_, at, event)) in events.iter().enumerate() {
        let holder = holder(&events[..=n]);
        let (measure, at, detail, shopper) = match event {
            ConversationEvent::SlaMet(met) if met.target == Target::Resolution => (Measure::SlaMet, *at, Some(met.target), holder),
            ConversationEvent::SlaMet(met) => {
                let said = events[..n].iter().rev().find_map(|(_, _, event)| match event {
                    ConversationEvent::MessageSent(sent) if sent.visibility == Visibility::Public => shopper_of(sent.author),
                    ConversationEvent::FileShared(shared) => shopper_of(shared.author),
                    _ => None,
                });
                (Measure::SlaMet, *at, Some(met.target), said.or(holder))
            }
            ConversationEvent::SlaBreached(breached) => (Measure::SlaBreached, breached.due_at, Some(breached.target), holder),
            ConversationEvent::SlaSettled(settled) if settled.missed.is_empty() => (Measure::SlaHit, *at, None, holder),
            ConversationEvent::SlaSettled(_) => (Measure::SlaMissed, *at, None, holder),
            _ => continue,
        };
        told.push(Slow { detail: detail.map(|target| target.as_str().to_owned()), ..slow(stream, measure, at, 1, shopper) });
    }
    told
}

fn shopper_of(author: Author) -> Option<ShopperId> {
    if let Author::Shopper(shopper) = author { Some(shopper) } else { None }
}

/// Who came last of those who are there; where nobody is, who was the last one there.
fn holder(events: &[(usize, DateTime<Utc>, &ConversationEvent)]) -> Option<ShopperId> {
    let mut there: Vec<ShopperId> = Vec::new();
    let mut last = None;
    for (_, _, event) in events {
        match event {
            ConversationEvent::AgentJoined(joined) => {
                there.retain(|shopper| *shopper != joined.shopper_id);
                there.push(joined.shopper_id);
            }
            ConversationEvent::AgentLeft(left) => there.retain(|shopper| *shopper != left.shopper_id),
            _ => {}
        }
        last = there.last().copied().or(last);
    }
    last
}
