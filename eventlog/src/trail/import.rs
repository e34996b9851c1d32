//! Bringing an exported log into an empty installation: every event at its position, with its id, times and hash, so that the chain
//! holds as it did, and checkpoints that were kept go through it.
//!
//! What was written together is written together again, through the engine's own door, so an import that broke off goes on where it
//! stopped. Positions are dense in a log, and hashes cover them; so what is imported is the log of a whole installation, or of an
//! account that was alone in its own. Of an account among others there is no faithful import: with other positions its hashes would be
//! others, and every checkpoint and proof that somebody keeps would be void.

use super::{ends::Foot, line::Line};
use crate::{
    AppendRequest, Committed, LogError, NewEvent, Position, StreamId, Write,
    append::Expected,
    chain::stored_actor,
    engine::{CommitOutcome, Decided, Engine, Keys},
    envelope::intern,
    sequence::{Head, Placed, Plan, StreamState, Touched},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    io::BufRead,
    sync::Arc,
};
use vitrina_domain::actor::Actor;

/// Why a log is not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The installation has a log of its own.
    #[error("the installation is not empty: its log ends at position {0} with an event that is not in this file; import into an empty one")]
    NotEmpty(Position),
    /// It is there already.
    #[error("this log was imported before: all its {0} events are there")]
    Again(i64),
    /// It has holes.
    #[error(
        "the positions of this log have holes, where events of other accounts stood (position {0} is due): export the whole \
         installation, without --account, and import that"
    )]
    Holes(Position),
    /// This build cannot keep an event.
    #[error("the event at position {position} cannot be kept by this build: {what}")]
    Unknown {
        /// Where.
        position: Position,
        /// Why not.
        what: String,
    },
    /// Somebody else writes.
    #[error("another process writes to this log; stop it and import again")]
    HeadMoved,
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// The engine.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Writes the lines of an exported log that was found whole and unchanged; gives the position that it ends at.
///
/// # Errors
/// [`ImportError`] says what is in the way; what was written until then stays, and the next attempt goes on there.
pub async fn import(file: impl BufRead, engine: &dyn Engine, mut progress: impl FnMut(Position)) -> Result<Position, ImportError> {
    let begun = engine.look(&Keys::default()).await?.head;
    let mut state = State::default();
    let mut waiting: Vec<Kept> = Vec::new();
    for line in file.lines().skip(1) {
        let line = line?;
        if Foot::read(line.as_bytes()).is_ok() {
            break;
        }
        let kept = Kept::of(&line)?;
        if kept.position != state.due() {
            return Err(ImportError::Holes(state.due()));
        }
        state.last = kept.position;
        if waiting.first().is_some_and(|first| first.recorded_at != kept.recorded_at) {
            state.write(std::mem::take(&mut waiting), engine, begun).await?;
            progress(state.head.position);
        }
        waiting.push(kept);
    }
    if !waiting.is_empty() {
        state.write(waiting, engine, begun).await?;
    }
    match (begun.position, state.head.position) {
        (begun, end) if begun == end && end > Position::ZERO => Err(ImportError::Again(end.0)),
        (begun, end) if begun > end => Err(ImportError::NotEmpty(begun)),
        (_, end) => Ok(end),
    }
}

/// An event of the file, as it is to be kept.
struct Kept {
    position: Position,
    recorded_at: chrono::DateTime<chrono::Utc>,
    stream: StreamId,
    hash: crate::chain::Hash,
    /// What it shares with the other events of its command; without these.
    request: AppendRequest,
    event: NewEvent,
}

impl Kept {
    fn of(line: &str) -> Result<Self, ImportError> {
        let damaged =
            |expected: &str| LogError::Damaged { position: Position::ZERO, what: format!("a line is no event: expected {expected}") };
        let line = Line::read(line.as_bytes()).map_err(damaged)?;
        let unknown = |what: String| ImportError::Unknown { position: line.position, what };
        let Cow::Borrowed(event_type) = intern(&line.event_type) else {
            return Err(unknown(format!("there is no event {}", line.event_type)));
        };
        let actor = line.actor.split_once(':').and_then(|(kind, id)| Actor::from_stored(kind, id));
        let actor =
            actor.filter(|actor| stored_actor(actor) == line.actor).ok_or_else(|| unknown(format!("there is no actor {}", line.actor)))?;
        let request = AppendRequest {
            account: line.stream.account,
            command_id: line.command_id.into(),
            // What the request said is not in its events: a repetition under the same key is refused as another one, and is not done again.
            fingerprint: [0; 16],
            correlation_id: line.correlation_id.into(),
            causation_id: line.causation_id.map(Into::into),
            actor,
            reason: line.reason.as_deref().map(str::to_owned),
            environment: line.environment,
            writes: Vec::new(),
            guards: Vec::new(),
            claims: Vec::new(),
            releases: Vec::new(),
            result: Vec::new(),
        };
        let event = NewEvent {
            event_type,
            schema_version: line.schema_version,
            event_id: line.event_id.into(),
            occurred_at: line.occurred_at,
            payload: line.payload.to_owned(),
        };
        Ok(Self { position: line.position, recorded_at: line.recorded_at, stream: line.stream, hash: line.hash, request, event })
    }
}

/// The log as far as it has been read.
#[derive(Default)]
struct State {
    /// The last line that was read.
    last: Position,
    /// The end of what was written.
    head: Head,
    streams: HashMap<StreamId, StreamState>,
}

impl State {
    fn due(&self) -> Position {
        self.last.next()
    }

    /// Writes what was recorded together, unless it is there already.
    async fn write(&mut self, events: Vec<Kept>, engine: &dyn Engine, begun: Head) -> Result<(), ImportError> {
        let decided = self.decided(events);
        let position = decided.plan.head.position;
        if position <= begun.position {
            // Of what is there the last event must be that of the file.
            let is_other = position == begun.position && decided.plan.head.last_event != begun.last_event;
            return if is_other { Err(ImportError::NotEmpty(begun.position)) } else { Ok(()) };
        }
        if decided.expected.position < begun.position {
            return Err(ImportError::NotEmpty(begun.position));
        }
        match engine.commit(Arc::new(decided)).await? {
            CommitOutcome::Committed => Ok(()),
            CommitOutcome::HeadMoved => Err(ImportError::HeadMoved),
            CommitOutcome::CommandExists => Err(ImportError::Unknown { position, what: "its command was written before".to_owned() }),
            CommitOutcome::Refused(what) => Err(ImportError::Unknown { position, what }),
        }
    }

    /// The batch that these events were.
    fn decided(&mut self, events: Vec<Kept>) -> Decided {
        let expected = self.head;
        let (mut batch, mut plan) = (Vec::<AppendRequest>::new(), Plan::default());
        let (mut touched, mut chains) = (BTreeMap::new(), BTreeMap::new());
        let mut opened = HashSet::new();
        for kept in events {
            if batch.last().is_none_or(|last| (last.account, last.command_id) != (kept.request.account, kept.request.command_id)) {
                plan.accepted.push(batch.len());
                plan.answers.push(Ok(Committed {
                    first_position: kept.position,
                    position: kept.position,
                    version: crate::Version::ZERO,
                    recorded_at: kept.recorded_at,
                    fingerprint: kept.request.fingerprint,
                    result: Vec::new(),
                    replayed: false,
                }));
                batch.push(kept.request);
            }
            let state = self.streams.entry(kept.stream).or_default();
            if state.key == 0 {
                self.head.streams += 1;
                state.key = self.head.streams;
                opened.insert(kept.stream);
            }
            (state.version, state.last) = (state.version.next(), Some(kept.event.event_id));
            let (request, stream_key, version) = (batch.len() - 1, state.key, state.version);
            touched.insert(kept.stream, *state);
            let writes = &mut batch[request].writes;
            plan.events.push(Placed {
                request,
                write: writes.len(),
                event: 0,
                position: kept.position,
                stream_key,
                version,
                hash: kept.hash,
            });
            if let Some(Ok(answer)) = plan.answers.last_mut() {
                answer.position = kept.position;
                if writes.first().is_none_or(|first| first.stream == kept.stream) {
                    answer.version = version;
                }
            }
            (self.head.position, self.head.recorded_at, self.head.last_event) = (kept.position, kept.recorded_at, kept.event.event_id);
            chains.insert(kept.stream.account, kept.hash);
            writes.push(Write { stream: kept.stream, expected: Expected::Any, events: vec![kept.event] });
        }
        plan.streams = touched.into_iter().map(|(stream, state)| Touched { stream, state, opened: opened.contains(&stream) }).collect();
        plan.chains = chains.into_iter().collect();
        plan.head = self.head;
        Decided { expected, batch, plan }
    }
}
