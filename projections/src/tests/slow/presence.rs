//! How long a shopper was in which status.

use super::{Slow, at, by_quarter, slow};
use vitrina_domain::{event::Event, ids::ShopperId, report::Measure, shopper::ShopperEvent};
use vitrina_eventlog::Decoded;

pub(super) fn counted(stream: &[&Decoded]) -> Vec<Slow> {
    let shopper = Some(ShopperId(stream[0].recorded.stream.id));
    let changes: Vec<_> = stream
        .iter()
        .filter_map(|event| match &event.event {
            Event::Shopper(ShopperEvent::StatusChanged(changed)) => Some((at(event), changed.to.as_str())),
            _ => None,
        })
        .collect();
    let lasted = changes.windows(2).filter(|two| two[0].1 != "offline");
    lasted
        .flat_map(|two| by_quarter(&[(two[0].0.timestamp(), two[1].0.timestamp())]).into_iter().map(|piece| (piece, two[0].1)))
        .map(|((from, length), status)| Slow { detail: Some(status.to_owned()), ..slow(stream, Measure::Presence, from, length, shopper) })
        .collect()
}
