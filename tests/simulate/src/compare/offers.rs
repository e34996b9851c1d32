//! Offers: that a call is offered to one shopper at a time, by a decision that is on record, that each offer has one end, and
//! that nobody takes what was not offered to them.

use super::{Findings, Played, id};
use crate::{books::Claim, options::Mode};
use serde_json::Value;
use uuid::Uuid;

/// The offers of one call.
pub fn compare(played: &Played, call: Uuid, events: &[Value], findings: &mut Findings) {
    findings.equal(|| format!("an offer of call {call} that makes no sense"), None, nonsense(played.mode, events));
    let (declined, expired) = (shoppers(events, "call.offer_declined"), shoppers(events, "call.offer_expired"));
    findings.equal(|| format!("shoppers who declined call {call}"), of_call(&played.declined, call), declined);
    findings.equal(|| format!("shoppers who let an offer of call {call} pass"), of_call(&played.passed, call), expired);
}

fn of_call(answers: &[Claim], call: Uuid) -> Vec<Uuid> {
    let mut of_call: Vec<&Claim> = answers.iter().filter(|answer| answer.id == call).collect();
    of_call.sort_unstable_by_key(|answer| answer.version);
    of_call.into_iter().map(|answer| answer.shopper_id).collect()
}

fn shoppers(events: &[Value], kind: &str) -> Vec<Uuid> {
    events.iter().filter(|event| event["type"] == kind).filter_map(shopper).collect()
}

fn shopper(event: &Value) -> Option<Uuid> {
    id(&event["data"]["shopper_id"])
}

/// The first event that does not follow from those before it.
fn nonsense(mode: Mode, events: &[Value]) -> Option<String> {
    let (mut decided, mut offered) = (None, None);
    for event in events {
        let who = shopper(event);
        let follows = match event["type"].as_str() {
            Some("routing.decided") => {
                decided = who;
                offered.is_none()
            }
            Some("call.offered") => {
                let follows = mode == Mode::Push && offered.is_none() && who.is_some() && who == decided;
                (offered, decided) = (who, None);
                follows
            }
            Some("call.offer_declined" | "call.offer_expired") => offered.take().is_some_and(|offered| Some(offered) == who),
            Some("call.claimed") => (mode == Mode::Pull && offered.is_none()) || (offered.is_some() && offered.take() == who),
            Some("call.queued") => offered.is_none(),
            Some("call.cancelled") => {
                offered = None;
                true
            }
            _ => true,
        };
        if !follows {
            return Some(format!("{} at version {}", event["type"], event["version"]));
        }
    }
    offered.map(|shopper| format!("the offer to {shopper} has no end"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn events(all: &[(&str, u128)]) -> Vec<Value> {
        all.iter().map(|(kind, shopper)| json!({ "type": kind, "data": { "shopper_id": Uuid::from_u128(*shopper) } })).collect()
    }

    #[test]
    fn an_offer_follows_from_a_decision_and_has_one_end() {
        let good = events(&[
            ("routing.decided", 1),
            ("call.offered", 1),
            ("call.offer_declined", 1),
            ("routing.decided", 2),
            ("call.offered", 2),
            ("call.claimed", 2),
        ]);
        assert_eq!(nonsense(Mode::Push, &good), None);
        assert!(nonsense(Mode::Pull, &good).is_some());
        for bad in [
            &[("call.offered", 1)][..],
            &[("routing.decided", 1), ("call.offered", 2)],
            &[("routing.decided", 1), ("call.offered", 1)],
            &[("routing.decided", 1), ("call.offered", 1), ("call.claimed", 2)],
            &[("routing.decided", 1), ("call.offered", 1), ("call.offer_expired", 1), ("call.offer_expired", 1)],
            &[("routing.decided", 1), ("call.offered", 1), ("routing.decided", 2), ("call.offered", 2), ("call.claimed", 2)],
            &[("call.claimed", 1)],
        ] {
            assert!(nonsense(Mode::Push, &events(bad)).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn where_shoppers_take_calls_the_router_may_have_chosen_for_them() {
        assert_eq!(nonsense(Mode::Pull, &events(&[("routing.decided", 1), ("call.claimed", 1)])), None);
    }
}
