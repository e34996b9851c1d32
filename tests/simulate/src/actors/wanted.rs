//! What customers send: who they are, what they want, what they thought of it.

use super::floor::Floor;
use crate::plan::{Ballot, Visit};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

/// How long an appointment lasts.
const APPOINTMENT: TimeDelta = TimeDelta::minutes(20);

/// A call.
pub(super) fn call(floor: &Floor, plan: &Visit) -> Value {
    let (person, product) = (&plan.person, &plan.product);
    json!({
        "account_id": floor.account_id,
        "customer": { "name": person.name, "email": person.email, "language": person.language, "country": person.country },
        "product": {
            "sku": product.sku, "name": product.name, "price": { "amount": product.cents, "currency": "EUR" },
            "url": format!("https://shop.example/{}/{}", floor.mark, plan.number),
        },
        "platform": "web", "device": person.device, "language": person.language, "country": person.country,
    })
}

/// A chat.
pub(super) fn chat(floor: &Floor, plan: &Visit) -> Value {
    let person = &plan.person;
    json!({
        "account_id": floor.account_id,
        "customer": { "name": person.name, "email": person.email, "language": person.language, "country": person.country },
        "channel": format!("sim-{}", floor.mark), "language": person.language, "country": person.country,
    })
}

/// A rating.
pub(super) fn ballot(ballot: &Ballot) -> Value {
    let mut given = json!({});
    let members = [
        ("nps", ballot.nps.map(Value::from)),
        ("csat", ballot.csat.map(Value::from)),
        ("face", ballot.face.map(Value::from)),
        ("comment", ballot.comment.clone().map(Value::from)),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            given[name] = value;
        }
    }
    given
}

/// An appointment that begins then.
pub(super) fn appointment(starts_at: DateTime<Utc>) -> Value {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({ "starts_at": text(starts_at), "ends_at": text(starts_at + APPOINTMENT), "zone": "Europe/Madrid" })
}
