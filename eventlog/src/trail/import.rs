//! Bringing an exported log into an empty installation: every event at its position, with its id, times and hash, so that the chain
//! holds as it did, and checkpoints that were kept go through it.
//!
//! What was written together is written together again, through the engine's own door, so an import that broke off goes on where it
//! stopped. Positions are dense in a log, and hashes cover them; so what is imported is the log of a whole installation, or of an
//! account that was alone in its own. Of an account among others there is no faithful import: with other positions its hashes would be
//! others, and every checkpoint and proof that somebody keeps would be void.

use super::{ends::Foot, fault::shown, kept::Kept, line::Line};
use crate::{
    AppendRequest, Committed, LogError, Position, StreamId, Write,
    append::Expected,
    chain::{GENESIS, Hash},
    engine::{CommitOutcome, Decided, Engine, Imported, Keys},
    processes::{BEAT_EVERY, Beat},
    sequence::{Head, Placed, Plan, StreamState, Touched},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io::BufRead,
    sync::Arc,
};
use vitrina_domain::{connection::ProcessId, ids::AccountId};

/// Why a log is not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The installation has a log of its own.
    #[error("the installation is not empty: its log ends at position {0} with an event that is not in this file; import into an empty one")]
    NotEmpty(Position),
    /// It is there already.
    #[error("this log was imported before: all its {0} events are there")]
    Again(i64),
    /// The account lives here.
    #[error(
        "account {0} is in this installation already, with a history of its own: two cannot be made one; import into an empty installation"
    )]
    AccountExists(AccountId),
    /// Another one was begun.
    #[error(
        "another log is half imported here, up to position {upto}, whose last event has hash {}: import that one again, which goes on \
         where it stopped, or delete the log (log.sqlite in the data folder, the schema log on PostgreSQL)",
        shown(.hash)
    )]
    Another {
        /// Where that one ends.
        upto: Position,
        /// With what.
        hash: Hash,
    },
    /// A server is at work.
    #[error("a server is at work on this database: stop it, and import again")]
    Served,
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

/// Writes the lines of an exported log that was found whole and unchanged, and fit; `end` is its last position and hash. Gives the position
/// that it ends at. Until then the log is noted as half imported, and nobody can serve it.
///
/// # Errors
/// [`ImportError`] says what is in the way; what was written until then stays, and the next attempt goes on there.
pub async fn import(
    file: impl BufRead,
    end: (Position, Hash),
    engine: &dyn Engine,
    mut progress: impl FnMut(Position),
) -> Result<Position, ImportError> {
    let noted = engine.imported().await?;
    if let Some(Imported { upto, hash, .. }) = noted.filter(|noted| !noted.is_whole && (noted.upto, noted.hash) != end) {
        return Err(ImportError::Another { upto, hash });
    }
    let begun = engine.look(&Keys::default()).await?.head;
    let mut state = State::new(Imported { upto: end.0, hash: end.1, is_whole: false });
    let mut waiting: Vec<Kept> = Vec::new();
    for line in file.lines().skip(1) {
        let line = line?;
        if Foot::read(line.as_bytes()).is_ok() {
            break;
        }
        let damaged =
            |expected: &str| LogError::Damaged { position: state.due(), what: format!("a line is no event: expected {expected}") };
        let kept = Kept::of(&Line::read(line.as_bytes()).map_err(damaged)?)?;
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
        (begun, end) if begun == end && end > Position::ZERO && noted.is_none_or(|noted| noted.is_whole) => Err(ImportError::Again(end.0)),
        (there, end) if there > end => Err(not_empty(engine, begun, state.account).await?),
        (_, end) => {
            engine.note_imported(Imported { is_whole: true, ..state.note }).await?;
            Ok(end)
        }
    }
}

/// Whether a process counts that serves this log. One that opens it from now on finds the note.
async fn is_served(engine: &dyn Engine) -> Result<bool, LogError> {
    let Some(roll) = engine.roll() else { return Ok(false) };
    let nobody = ProcessId::new(0);
    let before = roll.beat(nobody).await?;
    if before.is_empty() {
        return Ok(false);
    }
    tokio::time::sleep(BEAT_EVERY * 2).await;
    let counted = |now: &Beat| before.iter().any(|then| then.process == now.process && then.count != now.count);
    Ok(roll.beat(nobody).await?.iter().any(counted))
}

/// Why a log that has events of its own takes no others.
async fn not_empty(engine: &dyn Engine, begun: Head, account: Option<AccountId>) -> Result<ImportError, LogError> {
    let keys = Keys { chains: account.into_iter().collect(), ..Keys::default() };
    let chains = engine.look(&keys).await?.chains;
    let lives = chains.into_iter().find(|(_, hash)| *hash != GENESIS);
    Ok(lives.map_or(ImportError::NotEmpty(begun.position), |(account, _)| ImportError::AccountExists(account)))
}

/// The log as far as it has been read.
struct State {
    /// What is noted of it before the first event is written.
    note: Imported,
    is_noted: bool,
    /// Whose the last event was.
    account: Option<AccountId>,
    /// The last line that was read.
    last: Position,
    /// The end of what was written.
    head: Head,
    streams: HashMap<StreamId, StreamState>,
}

impl State {
    fn new(note: Imported) -> Self {
        Self { note, is_noted: false, account: None, last: Position::ZERO, head: Head::default(), streams: HashMap::new() }
    }

    fn due(&self) -> Position {
        self.last.next()
    }

    /// Writes what was recorded together, unless it is there already.
    async fn write(&mut self, events: Vec<Kept>, engine: &dyn Engine, begun: Head) -> Result<(), ImportError> {
        let decided = self.decided(events);
        let position = decided.plan.head.position;
        self.account = decided.batch.last().map(|request| request.account);
        if position <= begun.position {
            // Of what is there the last event must be that of the file.
            let is_other = position == begun.position && decided.plan.head.last_event != begun.last_event;
            return if is_other { Err(not_empty(engine, begun, self.account).await?) } else { Ok(()) };
        }
        if decided.expected.position < begun.position {
            return Err(not_empty(engine, begun, self.account).await?);
        }
        if !self.is_noted {
            // In this order: a server that starts now finds the note, and one that has started is found.
            engine.note_imported(self.note).await?;
            if is_served(engine).await? {
                return Err(ImportError::Served);
            }
            self.is_noted = true;
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
            writes.push(Write { stream: kept.stream, expected: Expected::Any, environment: kept.environment, events: vec![kept.event] });
        }
        plan.streams = touched.into_iter().map(|(stream, state)| Touched { stream, state, opened: opened.contains(&stream) }).collect();
        plan.chains = chains.into_iter().collect();
        plan.head = self.head;
        Decided { expected, batch, plan }
    }
}
