//! That an event is among those that a checkpoint vouches for: the hashes beside it up to the root (RFC 6962 section 2.1.1).
//!
//! It costs the events of two blocks at most and a row for each level above, however long the history is.

use crate::{
    error::{ApiError, Code, Result},
    reading,
    wiring::State,
    writing::log_problem,
};
use std::{collections::HashMap, ops::Range, sync::Arc};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::{
    Position, Recorded,
    chain::{GENESIS, Hash},
    trail::{
        line,
        merkle::{self, Subtree, Tree},
        proof::Proof,
    },
};
use vitrina_projections::{
    At,
    proofs::{self, BLOCK_HEIGHT, CheckpointRow},
};

/// Events of one read of the log.
const PAGE: usize = 1_000;
/// Events that are read for one block, of whichever account: in an installation with so many others between, a proof is refused.
const WALK_MAX: usize = 500_000;
/// Milliseconds between the drawing of an event's id and its recording, at most: clocks differ, and a busy log is waited for.
const DRAWN_WITHIN_MS: i64 = 120_000;

/// The account's event with this id; where it stands is told by the time in the id, or by the caller.
pub(crate) async fn find(state: &State, account: AccountId, id: uuid::Uuid, at: Option<i64>) -> Result<Arc<Recorded>> {
    let (mut after, until) = match at {
        Some(at) if at < 1 => return Err(ApiError::parameter("position", "out_of_range", "1 or more")),
        Some(at) => (Position(at - 1), Position(at)),
        None => {
            let drawn = i64::try_from(id.as_u128() >> 80).unwrap_or_default();
            let instant = |ms: i64| chrono::DateTime::from_timestamp_millis(ms).ok_or_else(|| ApiError::not_found("event"));
            let position_at = |ms| async move { state.log.position_at(instant(ms)?).await.map_err(log_problem) };
            (position_at(drawn - DRAWN_WITHIN_MS).await?, position_at(drawn + DRAWN_WITHIN_MS).await?)
        }
    };
    let mut read = 0;
    while after < until && read < WALK_MAX {
        let page = state.log.read(after, PAGE).await.map_err(log_problem)?;
        let Some(last) = page.last() else { break };
        (after, read) = (last.position, read + page.len());
        if let Some(found) = page.into_iter().find(|event| event.event_id.0 == id && event.stream.account == account) {
            return Ok(found);
        }
    }
    Err(ApiError::not_found("event"))
}

/// Proves an event by a checkpoint.
pub(crate) async fn prove(state: &State, event: &Recorded, checkpoint: &At<CheckpointRow>) -> Result<Proof> {
    let account = event.stream.account;
    if event.position.0 > checkpoint.row.upto {
        let detail = "no checkpoint covers this event yet: make one with POST /v1/audit/checkpoints";
        return Err(ApiError::new(Code::NotFound, detail));
    }
    let mut blocks = Blocks { state, account, upto: Position(checkpoint.row.upto), read: HashMap::new() };
    let number = proofs::block_of(&state.store, account, event.position).await.map_err(reading::problem)?;
    let block = blocks.block(number).await?;
    let within = block
        .iter()
        .position(|(position, _)| *position == event.position)
        .ok_or_else(|| ApiError::internal("the event is not in its block"))?;
    let previous = match within.checked_sub(1) {
        Some(before) => block[before].1,
        None => blocks.last_of_before(number).await?,
    };
    let (index, size) = ((number << BLOCK_HEIGHT) + within as u64, checkpoint.row.size.unsigned_abs());
    let mut path = Vec::new();
    for run in merkle::inclusion(index, size) {
        path.push(blocks.root(&run).await?);
    }
    let mut line = Vec::new();
    line::write(event, &mut line).map_err(log_problem)?;
    line.pop();
    Ok(Proof {
        event: String::from_utf8(line).map_err(ApiError::internal)?,
        previous,
        index,
        path,
        checkpoint: checkpoint.row.note.clone(),
    })
}

/// The events of blocks that are needed, read once.
struct Blocks<'s> {
    state: &'s State,
    account: AccountId,
    /// The last event that the checkpoint vouches for.
    upto: Position,
    read: HashMap<u64, Arc<[(Position, Hash)]>>,
}

impl Blocks<'_> {
    /// Position of the last event before the block.
    async fn before(&self, number: u64) -> Result<Position> {
        let Some(index) = number.checked_sub(1) else { return Ok(Position::ZERO) };
        let subtree = Subtree { height: BLOCK_HEIGHT, index };
        let node = proofs::node(&self.state.store, self.account, subtree).await.map_err(reading::problem)?;
        node.map(|node| Position(node.position)).ok_or_else(|| ApiError::internal("a block of the tree is missing"))
    }

    /// The hash of the last event before the block.
    async fn last_of_before(&self, number: u64) -> Result<Hash> {
        let position = self.before(number).await?;
        if position == Position::ZERO {
            return Ok(GENESIS);
        }
        let found = self.state.log.read(Position(position.0 - 1), 1).await.map_err(log_problem)?;
        found.first().map(|event| event.hash).ok_or_else(|| ApiError::internal("an event is missing"))
    }

    /// Positions and hashes of the block's events, as many as there are.
    async fn block(&mut self, number: u64) -> Result<Arc<[(Position, Hash)]>> {
        if let Some(block) = self.read.get(&number) {
            return Ok(Arc::clone(block));
        }
        let (mut after, mut found, mut walked) = (self.before(number).await?, Vec::new(), 0);
        while found.len() < 1 << BLOCK_HEIGHT && after < self.upto {
            let page = self.state.log.read(after, PAGE).await.map_err(log_problem)?;
            let Some(last) = page.last() else { break };
            (after, walked) = (last.position, walked + page.len());
            if walked > WALK_MAX {
                let detail =
                    "between the events of this account there are too many of others; export the log of the account and check that";
                return Err(ApiError::new(Code::NotFound, detail));
            }
            let own = page.iter().filter(|event| event.stream.account == self.account);
            found.extend(own.map(|event| (event.position, event.hash)));
        }
        found.truncate(1 << BLOCK_HEIGHT);
        let block: Arc<[_]> = found.into();
        self.read.insert(number, Arc::clone(&block));
        Ok(block)
    }

    /// The root over a run of leaves.
    async fn root(&mut self, run: &Range<u64>) -> Result<Hash> {
        let mut peaks = Vec::new();
        for subtree in merkle::subtrees(run) {
            peaks.push(self.subtree(subtree).await?);
        }
        merkle::joined(&peaks).ok_or_else(|| ApiError::internal("a run without leaves"))
    }

    async fn subtree(&mut self, subtree: Subtree) -> Result<Hash> {
        let missing = || ApiError::internal("a subtree is missing");
        if subtree.height >= BLOCK_HEIGHT {
            let node = proofs::node(&self.state.store, self.account, subtree).await.map_err(reading::problem)?;
            return node.map(|node| node.row.hash).ok_or_else(missing);
        }
        let leaves = subtree.leaves();
        let block = self.block(leaves.start >> BLOCK_HEIGHT).await?;
        let within = |leaf: u64| usize::try_from(leaf % (1 << BLOCK_HEIGHT)).unwrap_or(usize::MAX);
        let begin = within(leaves.start);
        let events = block.get(begin..begin + (1 << subtree.height)).ok_or_else(missing)?;
        let mut tree = Tree::default();
        events.iter().for_each(|(_, hash)| tree.push(merkle::leaf(hash), |_, _| {}));
        Ok(tree.root())
    }
}
