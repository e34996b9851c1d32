//! What became of a call.

use super::{Slow, answers, at, by_quarter, device, slow};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::collections::BTreeMap;
use vitrina_domain::{
    call::{CallEvent, CancelReason, Side},
    event::Event,
    ids::ShopperId,
    report::Measure,
};
use vitrina_eventlog::Decoded;

type Told<'e> = (DateTime<Utc>, &'e CallEvent);

pub(super) fn counted(stream: &[&Decoded]) -> Vec<Slow> {
    let events: Vec<Told<'_>> =
        stream.iter().filter_map(|event| if let Event::Call(told) = &event.event { Some((at(event), told)) } else { None }).collect();
    let opened = match events[0].1 {
        CallEvent::Requested(opened) | CallEvent::Created(opened) => opened,
        other => panic!("a call begins with its request: {other:?}"),
    };
    let holder = holder(&events);
    let mut told = Vec::new();
    let joined = events.iter().find_map(|(_, event)| match event {
        CallEvent::MediaParticipantJoined(joined) if joined.role == Side::Customer => joined.device,
        _ => None,
    });
    let origin = if matches!(events[0].1, CallEvent::Requested(_)) { "customer" } else { "shopper" };
    let over = events.iter().find(|(_, event)| matches!(event, CallEvent::Finished(_) | CallEvent::Cancelled(_)));
    // One that goes on after its wrap-up had begun has not ended.
    let lived = events.iter().rev().find(|(_, event)| matches!(event, CallEvent::Started(_) | CallEvent::Ended(_)));
    let ended = lived.filter(|(_, event)| matches!(event, CallEvent::Ended(_)));
    let ends = ended.or(over).map(|(at, _)| (Measure::CallEnded, *at));
    told.extend([(Measure::CallCreated, events[0].0)].into_iter().chain(ends).map(|(measure, at)| Slow {
        detail: Some(origin.into()),
        device: Some(device(joined.unwrap_or(opened.device))),
        ..slow(stream, measure, at, 1, holder)
    }));
    waits(stream, &events, &mut told);
    match over {
        Some((at, CallEvent::Finished(finished))) => {
            told.push(Slow { detail: Some(snake(finished.reason)), ..slow(stream, Measure::CallFinished, *at, 1, holder) });
        }
        Some((at, CallEvent::Cancelled(cancelled))) => {
            told.push(Slow { detail: Some(snake(cancelled.reason)), ..slow(stream, Measure::CallCancelled, *at, 1, holder) });
        }
        _ => {}
    }
    media(stream, &events, &mut told);
    carts(stream, &events, &mut told);
    let answered: Vec<_> = events.iter().filter_map(|(_, e)| if let CallEvent::SurveyAnswered(a) = e { Some(a) } else { None }).collect();
    let gone: Vec<_> =
        events.iter().filter_map(|(_, e)| if let CallEvent::SurveySuperseded(s) = e { Some(s.answer_id.0) } else { None }).collect();
    told.extend(answers(stream, &gone, &answered));
    told.iter_mut().for_each(|fact| fact.channel = Some("web".to_owned()));
    told
}

fn snake(reason: impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for c in format!("{reason:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

/// Who holds it after these events, or held it last before it was over.
fn holder(events: &[Told<'_>]) -> Option<ShopperId> {
    events.iter().fold(None, |holder, (_, event)| match event {
        CallEvent::Created(opened) | CallEvent::Requested(opened) => opened.shopper_id,
        CallEvent::Queued(_) | CallEvent::ClaimExpired(_) => None,
        CallEvent::Claimed(claimed) => Some(claimed.shopper_id),
        CallEvent::Started(started) => Some(started.shopper_id),
        CallEvent::Transferred(transferred) => Some(transferred.to),
        _ => holder,
    })
}

/// The span, second by second, with who held the call in each.
fn by_holder(events: &[Told<'_>], (from, to): (i64, i64)) -> Vec<(Option<ShopperId>, (i64, i64))> {
    let mut parts: Vec<(Option<ShopperId>, (i64, i64))> = Vec::new();
    for second in from..to {
        let known = events.iter().take_while(|(at, _)| at.timestamp() <= second).count();
        let shopper = holder(&events[..known]);
        match parts.last_mut() {
            Some((held, (_, end))) if *held == shopper => *end = second + 1,
            _ => parts.push((shopper, (second, second + 1))),
        }
    }
    parts
}

fn waits(stream: &[&Decoded], events: &[Told<'_>], told: &mut Vec<Slow>) {
    let mut waited = TimeDelta::zero();
    let mut since = None;
    let mut outcome = None;
    for (index, (at, event)) in events.iter().enumerate() {
        match (event, since) {
            (CallEvent::Queued(_), None) => (since, outcome) = (Some(*at), None),
            (CallEvent::Claimed(claimed), Some(from)) => {
                waited += *at - from;
                (since, outcome) = (None, Some((Measure::WaitServed, *at, Some(claimed.shopper_id), None)));
            }
            (CallEvent::Cancelled(cancelled), Some(from)) => {
                waited += *at - from;
                let gave_up = matches!(cancelled.reason, CancelReason::ByCustomer | CancelReason::AbandonedInQueue);
                let measure = if gave_up { Measure::WaitAbandoned } else { Measure::WaitEnded };
                (since, outcome) = (None, Some((measure, *at, holder(&events[..index]), Some(snake(cancelled.reason)))));
            }
            _ => {}
        }
    }
    if let Some((measure, at, shopper, detail)) = outcome {
        told.push(Slow { detail, ..slow(stream, measure, at, waited.num_seconds(), shopper) });
    }
}

/// From each start to the next end of any kind.
fn live(events: &[Told<'_>]) -> Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    let ends =
        |event: &CallEvent| matches!(event, CallEvent::Ended(_) | CallEvent::Finished(_) | CallEvent::Cancelled(_) | CallEvent::Queued(_));
    let starts = events.iter().enumerate().filter(|(_, (_, event))| matches!(event, CallEvent::Started(_)));
    starts.map(|(index, (from, _))| (*from, events[index..].iter().find(|(_, event)| ends(event)).map(|(to, _)| *to))).collect()
}

fn media(stream: &[&Decoded], events: &[Told<'_>], told: &mut Vec<Slow>) {
    let mut stays = BTreeMap::new();
    for event in stream {
        let happened = event.recorded.occurred_at.trunc_subsecs(6);
        match &event.event {
            Event::Call(CallEvent::MediaParticipantJoined(joined)) => {
                stays.insert(joined.participant_id, (joined.role, happened, None));
            }
            Event::Call(CallEvent::MediaParticipantLeft(left)) => {
                if let Some((_, from, to)) = stays.get_mut(&left.participant_id) {
                    *to = Some(left.at.unwrap_or(happened).max(*from));
                }
            }
            _ => {}
        }
    }
    let is_media = |event: &CallEvent| matches!(event, CallEvent::MediaParticipantJoined(_) | CallEvent::MediaParticipantLeft(_));
    let is_over = |event: &CallEvent| matches!(event, CallEvent::Finished(_) | CallEvent::Cancelled(_));
    // Credited to who held the call when the last of it was known.
    let known = events.iter().rposition(|(_, event)| is_media(event) || is_over(event));
    let shopper = known.and_then(|index| holder(&events[..=index]));
    let there = |side, at: DateTime<Utc>| stays.values().any(|(one, from, to)| *one == side && *from <= at && to.is_none_or(|to| at < to));
    let both = stays.values().map(|stay| stay.1).filter(|at| there(Side::Customer, *at) && there(Side::Shopper, *at)).min();
    let queued = events.iter().find(|(_, event)| matches!(event, CallEvent::Queued(_))).map(|(at, _)| *at);
    if let (Some(queued), Some(both)) = (queued, both) {
        told.push(slow(stream, Measure::AnswerSpeed, both, (both - queued).num_seconds().max(0), shopper));
    }
    let Some((over, _)) = events.iter().find(|(_, event)| is_over(event)).copied() else { return };
    let live = live(events);
    if live.is_empty() {
        return;
    }
    let ended = events.iter().rfind(|(_, event)| matches!(event, CallEvent::Ended(_))).map(|(at, _)| *at);
    let seconds = |from: DateTime<Utc>, to: Option<DateTime<Utc>>| (from.timestamp(), to.unwrap_or(over).timestamp());
    let lived: Vec<_> = live.iter().map(|(from, to)| seconds(*from, *to)).collect();
    let mut worked = lived.clone();
    worked.extend(ended.map(|ended| seconds(ended, None)));
    told.push(slow(stream, Measure::Handle, over, worked.iter().map(|(from, to)| to - from).sum(), shopper));
    for (shopper, spans) in worked.iter().flat_map(|span| by_holder(events, *span)) {
        told.extend(by_quarter(&[spans]).into_iter().map(|(from, length)| slow(stream, Measure::HandleSeconds, from, length, shopper)));
    }

    let held = |side, second| {
        stays.values().any(|(one, from, to)| *one == side && (from.timestamp()..to.map_or(i64::MAX, |to| to.timestamp())).contains(&second))
    };
    let mut counted: Vec<(i64, i64)> = Vec::new();
    for second in lived.iter().flat_map(|(from, to)| *from..*to).filter(|s| held(Side::Shopper, *s) && held(Side::Customer, *s)) {
        match counted.last_mut() {
            Some((_, to)) if second - *to <= 15 => *to = second + 1,
            _ => counted.push((second, second + 1)),
        }
    }
    told.push(slow(stream, Measure::CallDuration, over, counted.iter().map(|(from, to)| to - from).sum(), shopper));
    told.extend(by_quarter(&counted).into_iter().map(|(from, length)| slow(stream, Measure::CallSeconds, from, length, shopper)));
}

fn carts(stream: &[&Decoded], events: &[Told<'_>], told: &mut Vec<Slow>) {
    let mut carts: BTreeMap<&str, (BTreeMap<&str, u32>, Option<Slow>)> = BTreeMap::new();
    for (index, (at, event)) in events.iter().enumerate() {
        let cart = match event {
            CallEvent::CartItemAdded(added) => {
                let cart = carts.entry(&added.cart_id).or_default();
                *cart.0.entry(&added.line.sku).or_default() += added.line.quantity;
                (&added.cart_id, cart)
            }
            CallEvent::CartItemUpdated(updated) => {
                let cart = carts.entry(&updated.cart_id).or_default();
                cart.0.insert(&updated.sku, updated.to);
                (&updated.cart_id, cart)
            }
            CallEvent::CartItemRemoved(removed) => {
                let cart = carts.entry(&removed.cart_id).or_default();
                cart.0.remove(removed.sku.as_str());
                (&removed.cart_id, cart)
            }
            _ => continue,
        };
        let (id, (lines, fact)) = cart;
        let has_some = lines.values().sum::<u32>() > 0;
        *fact = match (has_some, fact.take()) {
            (true, None) => Some(Slow { detail: Some(id.clone()), ..slow(stream, Measure::Cart, *at, 1, holder(&events[..index])) }),
            (true, known) => known,
            (false, _) => None,
        };
    }
    told.extend(carts.into_values().filter_map(|(_, fact)| fact));
}
