//! Reading what was written before a subscription, page by page, until it meets what is being written.
//!
//! A call or conversation is read from its own stream, so that following one costs what it holds and not what the log
//! holds; the queue, a shopper's work and the account are picked out of the log.

use super::{
    registry::{is_about_floor, is_about_queue},
    topic::{Audience, Interest},
    view::{Rendering, Shown},
    work::{self, Held, Seen},
};
use crate::{
    auth::customer_token::Claims,
    continuation,
    error::{ApiError, Result},
    wiring::State,
    writing::log_problem,
};
use actix_web::web;
use std::sync::Arc;
use vitrina_domain::ids::{AccountId, ConversationId};
use vitrina_eventlog::{Decoded, Position, Recorded, StreamId, Version};

/// Events read at once: what one page may hold in memory is bounded by this and the size of an event.
const PAGE: usize = 128;
/// Events that are read from the log's own memory, rather than a stream from the database.
const NEAR: i64 = 1024;
/// How far back a subscription may begin in the log. Who has been away for longer reads the lists anew.
pub(crate) const BEHIND_MAX: i64 = 200_000;

/// How far a subscription has caught up.
#[derive(Debug, Clone)]
pub(crate) struct CatchUp {
    account: AccountId,
    audience: Audience,
    interest: Interest,
    /// What is at or before it was seen before.
    after: Position,
    /// Everything up to here has been read.
    upto: Position,
    /// Of a call's or conversation's stream, everything up to here has been read.
    version: Version,
    held: Held,
    stage: Stage,
    /// The customer of whom it is still to be seen whether this is theirs.
    unproven: Option<Claims>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has been read.
    New,
    /// Something has.
    Reading,
}

/// A page.
pub(crate) struct Page {
    /// How far it is now.
    pub catch_up: CatchUp,
    /// What is to be shown.
    pub events: Vec<Arc<Shown>>,
    /// Whether there is more.
    pub reached: Reached,
}

/// Whether the end of the log was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// As it was when the page was read.
    Head,
    /// There is more.
    NotYet,
}

impl CatchUp {
    /// From this position on; from now on when there is none.
    pub(crate) fn new(state: &State, account: AccountId, audience: Audience, interest: Interest, after: Option<Position>) -> Result<Self> {
        let head = state.log.head();
        let after = after.unwrap_or(head);
        if after.0 < 0 {
            return Err(ApiError::field("/after", "negative", "a position, 0 or more"));
        }
        if !matches!(interest, Interest::Stream(..)) && head.0 - after.0 > BEHIND_MAX {
            let detail = format!("{BEHIND_MAX} events back at most; read the lists, and follow from the `position` that they answer with");
            return Err(ApiError::field("/after", "too_far_back", detail));
        }
        let stage = Stage::New;
        Ok(Self { account, audience, interest, after, upto: after, version: Version::ZERO, held: Held::new(), stage, unproven: None })
    }

    /// Shows nothing before it is seen that the conversation follows one that these claims are for.
    pub(crate) fn proving(mut self, claims: Claims) -> Self {
        self.unproven = Some(claims);
        self
    }

    /// What it follows.
    pub(crate) fn interest(&self) -> Interest {
        self.interest
    }

    /// Everything up to here has been read, or was seen before.
    pub(crate) fn position(&self) -> Position {
        self.upto
    }

    /// What the shopper holds whose work it is.
    pub(crate) fn held(&self) -> &Held {
        &self.held
    }

    /// Reads the next page.
    pub(crate) async fn next(mut self, state: web::Data<State>) -> Result<Page> {
        if self.stage == Stage::New {
            self.begin(&state).await?;
            self.stage = Stage::Reading;
        }
        let (events, reached) = match self.interest {
            Interest::Stream(category, id) if state.log.head().0 - self.upto.0 > NEAR => {
                self.stream_page(&state, StreamId::new(self.account, category, id)).await?
            }
            _ => self.log_page(&state).await?,
        };
        let decoded = state.log.decode(events).await.map_err(log_problem)?;
        let events = decoded.iter().filter_map(|event| self.show(event)).collect();
        Ok(Page { catch_up: self, events, reached })
    }

    /// A shopper's work as it stood, or a look whether there is such a call or conversation.
    async fn begin(&mut self, state: &State) -> Result<()> {
        match self.interest {
            Interest::Work(shopper) => {
                // Read models that lag behind are met where they are: what they lack is folded from the log.
                let at = self.after.min(state.applied());
                self.held = work::held_at(state, self.account, shopper, at).await?;
                self.upto = at;
            }
            Interest::Stream(category, id) => {
                if let Some(claims) = self.unproven.take() {
                    return continuation::must_follow(state, &claims, ConversationId(id)).await;
                }
                let stream = StreamId::new(self.account, category, id);
                if state.log.read_stream(stream, Version::ZERO, 1).await.map_err(log_problem)?.is_empty() {
                    return Err(ApiError::not_found(category.as_str()));
                }
            }
            Interest::Queue | Interest::Account => {}
        }
        Ok(())
    }

    async fn stream_page(&mut self, state: &State, stream: StreamId) -> Result<(Vec<Arc<Recorded>>, Reached)> {
        // Taken before the read: who sees an event sees all before it.
        let head = state.log.head();
        // Pages of the log may have come before this one, and have shown what the stream begins with.
        let seen = self.upto;
        let mut events = state.log.read_stream(stream, self.version, PAGE).await.map_err(log_problem)?;
        let reached = if events.len() < PAGE { Reached::Head } else { Reached::NotYet };
        if let Some(last) = events.last() {
            self.version = last.version;
            self.upto = self.upto.max(last.position);
        }
        if reached == Reached::Head {
            self.upto = self.upto.max(head);
        }
        events.retain(|event| event.position > seen);
        Ok((events, reached))
    }

    async fn log_page(&mut self, state: &State) -> Result<(Vec<Arc<Recorded>>, Reached)> {
        if state.log.head() <= self.upto {
            return Ok((Vec::new(), Reached::Head));
        }
        let mut events = state.log.read(self.upto, PAGE).await.map_err(log_problem)?;
        let reached = if events.len() < PAGE { Reached::Head } else { Reached::NotYet };
        self.upto = events.last().map_or(self.upto, |last| last.position);
        let is_candidate = |event: &Arc<Recorded>| {
            event.stream.account == self.account
                && match self.interest {
                    Interest::Queue => is_about_queue(event) && event.position > self.after,
                    Interest::Account => is_about_floor(event) && event.position > self.after,
                    // Folded also when it was seen before.
                    Interest::Work(_) => is_about_floor(event),
                    Interest::Stream(category, id) => (event.stream.category, event.stream.id) == (category, id),
                }
        };
        events.retain(is_candidate);
        Ok((events, reached))
    }

    fn show(&mut self, event: &Decoded) -> Option<Arc<Shown>> {
        if let Interest::Work(shopper) = self.interest
            && work::fold(&mut self.held, shopper, event) == Seen::No
        {
            return None;
        }
        let is_new = event.recorded.position > self.after;
        is_new.then(|| Rendering::new(event).to(self.audience).cloned()).flatten()
    }
}
