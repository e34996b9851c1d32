//! A manager of the floor: reads, and acts on what it has read. Its clock is a value.

use super::{deadlines, orphans, routing};
use crate::{CommandError, CommandMeta, Executor, Failure, Unit};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use std::collections::HashSet;
use vitrina_domain::{
    actor::Actor,
    floor::{Floor, Key},
    ids::{AccountId, CommandId, ConversationId, EventId},
    stream::Category,
};
use vitrina_eventlog::{Living, LogError, Position, Recorded, StreamId, Version};

/// Events in one read.
const READ_EVENTS_MAX: usize = 1_000;
/// Commands that are under way at once: enough to share a commit, few enough to leave the batcher to customers.
const UNDER_WAY_MAX: usize = 64;
/// When something that could not be done is looked at again.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(1);
/// Stored with every command of a manager, so that one that was written can be told from one that changed nothing.
const WRITTEN: &[u8] = b"{}";
/// Commands remembered as done to no avail, at most; beyond it the memory begins anew and costs a repetition.
const SETTLED_MAX: usize = 100_000;

/// Routes work and fires deadlines. See the module's text.
pub struct Manager {
    pub(super) executor: Executor,
    pub(super) floor: Floor,
    /// Commands that changed nothing: what led to them is done, though nothing in the state says so.
    settled: HashSet<CommandId>,
}

/// What a command of a manager does; like every unit, it may be run several times.
pub(super) type Act = Box<dyn Fn(&mut Unit<'_>) -> Result<(), Failure> + Send + Sync>;

/// A command of a manager.
pub(super) struct Task {
    pub account: AccountId,
    pub id: CommandId,
    pub cause: EventId,
    /// Who acts, as the events will say.
    pub manager: &'static str,
    /// The version that the aggregate must have, where time went by without an event that would say so.
    pub if_match: Option<i64>,
    /// The place to look at again if it comes to nothing.
    pub place: Option<Key>,
    pub unit: Act,
}

/// What became of a task.
enum Outcome {
    /// It was written, now or before.
    Written(Position),
    /// It changed nothing, or was refused: others were faster.
    Nothing,
    /// It may be tried again later.
    Later,
    /// The aggregate has gone on since it was last read here.
    Stale,
}

impl Manager {
    /// A manager that begins with this floor.
    pub fn new(executor: Executor, floor: Floor) -> Self {
        Self { executor, floor, settled: HashSet::new() }
    }

    /// The floor as it is known here.
    pub fn floor(&self) -> &Floor {
        &self.floor
    }

    /// Reads everything that is in the log now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn catch_up(&mut self) -> Result<(), LogError> {
        // A head is told at the border of an append, so none is half counted when it is reached.
        let head = self.executor.log().head();
        self.read_to(head).await
    }

    async fn read_to(&mut self, head: Position) -> Result<(), LogError> {
        while self.floor.position() < head.0 {
            let left = usize::try_from(head.0 - self.floor.position()).unwrap_or(READ_EVENTS_MAX);
            let events = self.executor.log().read(Position(self.floor.position()), left.min(READ_EVENTS_MAX)).await?;
            let Some(last) = events.last().map(|event| event.position.0) else { return Ok(()) };
            let wanted = events.iter().filter(|event| is_of_the_floor(event)).cloned().collect();
            let mut decoded = self.executor.log().decode(wanted).await?.into_iter().peekable();
            // In their order: what comes before something that is known already counts as known too.
            for event in &events {
                if is_message(event) {
                    self.touch(event);
                } else if let Some(decoded) = decoded.next_if(|decoded| decoded.recorded.position == event.position) {
                    self.floor.apply(&decoded.moment());
                }
            }
            self.floor.reached(last);
        }
        Ok(())
    }

    /// Reads what happened in one stream since it was last looked into: messages may have been before all that was read.
    async fn refresh(&mut self, key: Key) -> Result<(), LogError> {
        let Some(version) = self.floor.place(&key).map(|place| place.version()) else { return Ok(()) };
        let stream = StreamId::new(key.0, key.1, key.2);
        let upto = self.floor.position();
        for event in self.executor.log().read_stream(stream, Version(version), READ_EVENTS_MAX).await? {
            // What came later is read in its order.
            if is_message(&event) && event.position.0 <= upto {
                self.touch(&event);
            }
        }
        Ok(())
    }

    fn touch(&mut self, event: &Recorded) {
        let account = event.stream.account;
        self.floor.touched_by(account, &event.actor, event.recorded_at);
        if event.stream.category == Category::Conversation {
            self.floor.touch_chat(account, ConversationId(event.stream.id), event.version.0, event.recorded_at, event.event_id);
        }
    }

    /// Does what is due, gives work to those who can take it, and puts books right; then reads what came of it. Answers
    /// whether anything was written.
    ///
    /// # Errors
    /// When the log cannot be read. What could not be written is tried again later.
    pub async fn act(&mut self, now: DateTime<Utc>) -> Result<bool, LogError> {
        if self.executor.log().is_shared() && self.floor.next_due().is_some_and(|at| at <= now) {
            // Before time is held against anybody, what other processes wrote is read, told or not: a deed that is not known
            // yet would look like idleness.
            let head = self.executor.log().ping().await?;
            self.read_to(head).await?;
        }
        let mut tasks = deadlines::tasks(&mut self.floor, now);
        tasks.extend(routing::settlements(&mut self.floor));
        tasks.extend(routing::tasks(&mut self.floor, now));
        self.carry_out(tasks, now).await
    }

    /// Tells of the connections that went with processes that are gone: what these would have told had they been able to.
    /// Answers whether anything was written.
    ///
    /// # Errors
    /// When the log cannot be read. What could not be written is tried again at the next look.
    pub async fn bury(&mut self, living: &Living, now: DateTime<Utc>) -> Result<bool, LogError> {
        let tasks = orphans::tasks(&self.floor, living);
        self.carry_out(tasks, now).await
    }

    async fn carry_out(&mut self, mut tasks: Vec<Task>, now: DateTime<Utc>) -> Result<bool, LogError> {
        tasks.retain(|task| !self.settled.contains(&task.id));
        if tasks.is_empty() {
            return Ok(false);
        }
        let mut outcomes = Vec::with_capacity(tasks.len());
        for under_way in tasks.chunks(UNDER_WAY_MAX) {
            let all: Vec<BoxFuture<'_, Outcome>> = under_way.iter().map(|task| carry_out(&self.executor, task, now).boxed()).collect();
            outcomes.extend(join_all(all).await);
        }
        let mut reached = self.executor.log().head();
        let mut wrote = false;
        for (task, outcome) in tasks.iter().zip(outcomes) {
            match outcome {
                Outcome::Written(position) => {
                    wrote = true;
                    reached = reached.max(position);
                }
                Outcome::Nothing => {
                    if self.settled.len() >= SETTLED_MAX {
                        self.settled.clear();
                    }
                    match task.place {
                        Some(_) => {
                            self.settled.insert(task.id);
                        }
                        None => self.floor.again((task.account, Category::Account, task.account.0), now + AGAIN_AFTER),
                    }
                }
                Outcome::Stale => {
                    if let Some(place) = task.place {
                        self.refresh(place).await?;
                        self.floor.again(place, now + AGAIN_AFTER);
                    }
                }
                Outcome::Later => {
                    let account = (task.account, Category::Account, task.account.0);
                    self.floor.again(task.place.unwrap_or(account), now + AGAIN_AFTER);
                }
            }
        }
        self.read_to(reached).await?;
        Ok(wrote)
    }
}

/// Whether the floor looks into the event. Messages and files are many, sealed, and matter only by their being there.
fn is_of_the_floor(event: &Recorded) -> bool {
    matches!(event.stream.category, Category::Account | Category::Shopper | Category::Call | Category::Conversation) && !is_message(event)
}

fn is_message(event: &Recorded) -> bool {
    matches!(event.event_type.as_ref(), "conversation.message_sent" | "conversation.file_shared")
}

async fn carry_out(executor: &Executor, task: &Task, now: DateTime<Utc>) -> Outcome {
    let meta = CommandMeta {
        causation_id: Some(task.cause),
        if_match: task.if_match.map(Version),
        ..CommandMeta::new(task.account, task.id, Actor::System(task.manager.to_owned()), now)
    };
    let unit = |unit: &mut Unit<'_>| {
        (task.unit)(unit)?;
        unit.result(WRITTEN.to_vec());
        Ok(())
    };
    match executor.execute(&meta, unit).await {
        Ok(committed) if committed.result == WRITTEN => Outcome::Written(committed.position),
        Ok(_) | Err(CommandError::Refused { .. }) => Outcome::Nothing,
        Err(CommandError::VersionMismatch { .. }) => Outcome::Stale,
        Err(error) => {
            metrics::counter!("vitrina_process_retries_total").increment(1);
            tracing::warn!(%error, manager = task.manager, "a process manager's command is tried again");
            Outcome::Later
        }
    }
}
