//! `sequence` against a naive model: random batches over few streams, names and commands, decided by both.

mod engines;

use chrono::DateTime;
use engines::{account, request, stream, write};
use proptest::prelude::*;
use std::collections::HashMap;
use uuid::Uuid;
use vitrina_domain::ids::{CommandId, EventId};
use vitrina_eventlog::{
    AppendError, AppendRequest, Claim, Expected, Guard, Position, StreamId, Version,
    sequence::{Known, sequence},
};

#[derive(Debug, Clone)]
struct Ask {
    command: u8,
    writes: Vec<(u8, Expected, usize)>,
    guard: Option<(u8, Expected)>,
    claim: Option<(u8, u8)>,
    release: Option<(u8, u8)>,
}

fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![
        3 => Just(Expected::Any),
        1 => Just(Expected::NoStream),
        1 => Just(Expected::Exists),
        2 => (0_i64..6).prop_map(|v| Expected::Exact(Version(v))),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    let writes = prop::collection::vec((0_u8..4, expected(), 1_usize..3), 1..3).prop_map(|mut writes| {
        writes.sort_by_key(|w| w.0);
        writes.dedup_by_key(|w| w.0);
        writes
    });
    let name = || prop::option::weighted(0.3, (0_u8..2, 1_u8..4));
    (0_u8..30, writes, prop::option::weighted(0.3, (0_u8..4, expected())), name(), name())
        .prop_map(|(command, writes, guard, claim, release)| Ask { command, writes, guard, claim, release })
}

fn to_request(ask: &Ask) -> AppendRequest {
    let claim = |(name, holder): (u8, u8)| Claim { scope: "s", name: vec![name], holder: Uuid::from_u128(holder.into()) };
    let mut r = request(ask.writes.iter().map(|(s, e, n)| write(stream((*s).into()), *e, *n)).collect());
    r.command_id = CommandId(Uuid::from_u128(ask.command.into()));
    r.guards = ask.guard.iter().map(|(s, e)| Guard { stream: stream((*s).into()), expected: *e }).collect();
    r.claims = ask.claim.map(claim).into_iter().collect();
    r.releases = ask.release.map(claim).into_iter().collect();
    r
}

/// The obvious way: look at plain lists, one request after the other.
#[derive(Default)]
struct Model {
    log: Vec<(StreamId, EventId)>,
    done: HashMap<CommandId, Position>,
    names: HashMap<Vec<u8>, Uuid>,
}

#[derive(Debug, PartialEq)]
enum Answer {
    Accepted(Position),
    Duplicate(Position),
    Conflict,
    Taken,
}

impl Model {
    fn version(&self, stream: StreamId) -> Version {
        Version(self.log.iter().filter(|(s, _)| *s == stream).count() as i64)
    }

    fn last(&self, stream: StreamId) -> Option<EventId> {
        self.log.iter().rfind(|(s, _)| *s == stream).map(|(_, event)| *event)
    }

    fn ask(&mut self, r: &AppendRequest) -> Answer {
        if let Some(position) = self.done.get(&r.command_id) {
            return Answer::Duplicate(*position);
        }
        let conditions = r.writes.iter().map(|w| (w.stream, w.expected)).chain(r.guards.iter().map(|g| (g.stream, g.expected)));
        if conditions.into_iter().any(|(s, e)| !e.holds(self.version(s), self.last(s))) {
            return Answer::Conflict;
        }
        if r.claims.iter().any(|c| self.names.get(&c.name).is_some_and(|h| *h != c.holder))
            || r.releases.iter().any(|c| self.names.get(&c.name) != Some(&c.holder))
        {
            return Answer::Taken;
        }
        r.releases.iter().for_each(|c| {
            self.names.remove(&c.name);
        });
        r.claims.iter().for_each(|c| {
            self.names.insert(c.name.clone(), c.holder);
        });
        self.log.extend(r.writes.iter().flat_map(|w| w.events.iter().map(|e| (w.stream, e.event_id))));
        let position = Position(self.log.len() as i64);
        self.done.insert(r.command_id, position);
        Answer::Accepted(position)
    }
}

proptest! {
    #[test]
    fn sequence_decides_as_the_model_does(batches in prop::collection::vec(prop::collection::vec(ask(), 1..12), 1..8)) {
        let mut known = Known::default();
        let mut model = Model::default();
        let now = DateTime::UNIX_EPOCH;
        for asks in batches {
            let batch: Vec<_> = asks.iter().map(to_request).collect();
            let before = known.head.position;
            let plan = sequence(&mut known, &batch, now);
            for (r, answer) in batch.iter().zip(&plan.answers) {
                let answer = match answer {
                    Ok(c) if c.replayed => Answer::Duplicate(c.position),
                    Ok(c) => Answer::Accepted(c.position),
                    Err(AppendError::Conflict { .. }) => Answer::Conflict,
                    Err(AppendError::ClaimTaken { .. }) => Answer::Taken,
                    Err(other) => panic!("{other}"),
                };
                prop_assert_eq!(answer, model.ask(r));
            }
            prop_assert_eq!(plan.head.position.0, before.0 + plan.events.len() as i64);
            for (index, placed) in plan.events.iter().enumerate() {
                prop_assert_eq!(placed.position.0, before.0 + index as i64 + 1);
            }
            for touched in &plan.streams {
                prop_assert_eq!(touched.state.version, model.version(touched.stream));
            }
            for n in 0..4 {
                let version = known.streams.get(&stream(n)).copied().unwrap_or_default().version;
                prop_assert_eq!(version, model.version(stream(n)));
                let last = known.streams.get(&stream(n)).and_then(|s| s.last);
                prop_assert_eq!(last, model.last(stream(n)));
            }
            let held = known.claims.iter().filter_map(|(k, h)| Some((k.name.clone(), (*h)?))).collect::<HashMap<_, _>>();
            prop_assert_eq!(&held, &model.names);
        }
        prop_assert!(known.chains.keys().all(|a| *a == account(1)));
    }

    #[test]
    fn cutting_a_batch_in_two_changes_no_decision(asks in prop::collection::vec(ask(), 2..20), cut in 1_usize..19) {
        let batch: Vec<_> = asks.iter().map(to_request).collect();
        let cut = cut.min(batch.len() - 1);
        let now = DateTime::UNIX_EPOCH;
        let (mut whole, mut pieces) = (Known::default(), Known::default());
        let one = sequence(&mut whole, &batch, now);
        let mut events = sequence(&mut pieces, &batch[..cut], now).events;
        events.extend(sequence(&mut pieces, &batch[cut..], now).events);
        prop_assert_eq!(one.events.iter().map(|p| (p.position, p.hash)).collect::<Vec<_>>(),
            events.iter().map(|p| (p.position, p.hash)).collect::<Vec<_>>());
        prop_assert_eq!(whole.head, pieces.head);
        prop_assert_eq!(whole.streams, pieces.streams);
    }
}
