//! The sockets of processes that are gone are lost like any other socket, and the grace begins.

use super::{
    id::derived,
    manager::{Act, Task},
};
use crate::step;
use vitrina_domain::{
    floor::{Floor, Key, Online},
    ids::{CallId, ShopperId},
    stream::Category,
};
use vitrina_eventlog::Living;

/// Who tells of it, as events name their actor.
const MANAGER: &str = "presence";

/// What nobody else can tell.
pub(super) fn tasks(floor: &Floor, living: &Living) -> Vec<Task> {
    let orphans = floor.orphans(&living.processes, living.as_of.0);
    let task = |(key, online): (Key, Online)| {
        let (id, connection) = (key.2, online.connection);
        let unit: Act = match key.1 {
            Category::Call => Box::new(move |unit| step::customer_disconnected(unit, CallId(id), connection)),
            Category::Shopper => Box::new(move |unit| step::shopper_disconnected(unit, ShopperId(id), connection)),
            _ => return None,
        };
        let command = derived("orphan", id, online.cause, 0);
        metrics::counter!("vitrina_orphans_total").increment(1);
        Some(Task { account: key.0, id: command, cause: online.cause, manager: MANAGER, if_match: None, place: Some(key), unit })
    };
    orphans.into_iter().filter_map(task).collect()
}
