//! Writing the log as lines, a page at a time: the memory it takes does not grow with the history.

use super::{
    Source,
    ends::{Foot, Head},
    line,
};
use crate::{LogError, Position, chain::Hash};
use chrono::{DateTime, Utc};
use ring::digest::{Context, SHA256};
use std::sync::Arc;
use vitrina_domain::ids::AccountId;

/// Events of one read.
const PAGE: usize = 500;
/// Bytes that are handed out at once, about: a page in which little is of the account is followed by the next.
const CHUNK: usize = 64 * 1024;

/// A log that is being written out.
pub struct Export {
    source: Arc<dyn Source>,
    account: Option<AccountId>,
    at: Position,
    upto: Position,
    written: Foot,
    digest: Context,
    stage: Stage,
}

enum Stage {
    Head(Head),
    Events,
    Over,
}

impl Export {
    /// From the first event on.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn whole(source: Arc<dyn Source>, account: Option<AccountId>, upto: Position, now: DateTime<Utc>) -> Result<Self, LogError> {
        let head = Head { account, exported_at: now, after: Position::ZERO, previous: crate::chain::GENESIS };
        Ok(Self::begun(source, head, upto))
    }

    /// After an event of the account; `None` when there is none at this position.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn after(
        source: Arc<dyn Source>,
        account: AccountId,
        after: Position,
        upto: Position,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, LogError> {
        let before = source.read(Position(after.0 - 1), 1).await?;
        let found = before.into_iter().find(|event| event.position == after && event.stream.account == account);
        let head = found.map(|event| Head { account: Some(account), exported_at: now, after, previous: event.hash });
        Ok(head.map(|head| Self::begun(source, head, upto)))
    }

    fn begun(source: Arc<dyn Source>, head: Head, upto: Position) -> Self {
        Self {
            source,
            account: head.account,
            at: head.after,
            upto,
            written: Foot { events: 0, position: head.after, hash: head.previous, sha256: Hash::default() },
            digest: Context::new(&SHA256),
            stage: Stage::Head(head),
        }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// [`LogError::Damaged`] where an event cannot be written as it stands; when the log cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, LogError> {
        let mut out = Vec::new();
        match &self.stage {
            Stage::Head(head) => {
                out = head.line();
                self.stage = Stage::Events;
            }
            Stage::Events => {
                while out.len() < CHUNK && self.at < self.upto {
                    self.page(&mut out).await?;
                }
                if out.is_empty() {
                    self.stage = Stage::Over;
                    self.written.sha256.copy_from_slice(self.digest.clone().finish().as_ref());
                    return Ok(Some(self.written.line()));
                }
            }
            Stage::Over => return Ok(None),
        }
        self.digest.update(&out);
        Ok(Some(out))
    }

    /// How many events have been written, and up to where the log has been read.
    pub fn so_far(&self) -> (u64, Position) {
        (self.written.events, self.at)
    }

    async fn page(&mut self, out: &mut Vec<u8>) -> Result<(), LogError> {
        let page = self.source.read(self.at, PAGE).await?;
        let is_last = page.len() < PAGE;
        for event in page.iter().filter(|event| event.position <= self.upto) {
            self.at = event.position;
            if self.account.is_none_or(|account| event.stream.account == account) {
                line::write(event, out)?;
                self.written.events += 1;
                (self.written.position, self.written.hash) = (event.position, event.hash);
            }
        }
        if is_last && page.last().map_or(self.at, |last| last.position) < self.upto {
            // A last line would say that this is all.
            let position = page.last().map_or(self.at, |last| last.position).next();
            let what = format!("nothing is there up to position {}, where the log says that it ends: `vitrina verify`", self.upto);
            return Err(LogError::Damaged { position, what });
        }
        if page.last().is_some_and(|event| event.position >= self.upto) {
            self.at = self.upto;
        }
        Ok(())
    }
}
