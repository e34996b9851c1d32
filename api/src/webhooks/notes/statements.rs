//! The statements on the notebook, in the words that both engines take.

pub(super) const BEGIN: &str = "INSERT INTO cursors (account_id, webhook_id, position, asked, epoch) VALUES ($1, $2, $3, 0, 0)
    ON CONFLICT (account_id, webhook_id) DO NOTHING";
pub(super) const TAKE: &str = "UPDATE cursors SET holder = $3, epoch = epoch + 1
    WHERE account_id = $1 AND webhook_id = $2 AND (holder IS NULL OR holder = $4)
    RETURNING position, asked, failing_since, epoch";
pub(super) const LEAVE: &str = "UPDATE cursors SET holder = NULL WHERE account_id = $1 AND webhook_id = $2 AND holder = $3 AND epoch = $4";
pub(super) const RELEASE: &str = "UPDATE cursors SET holder = NULL, epoch = epoch + 1 WHERE account_id = $1 AND webhook_id = $2";
pub(super) const HOLDERS: &str = "SELECT account_id, webhook_id, holder FROM cursors WHERE webhook_id > $1 ORDER BY webhook_id LIMIT $2";
pub(super) const FENCE: &str = "UPDATE cursors SET position = $3, asked = $4, failing_since = $5
    WHERE account_id = $1 AND webhook_id = $2 AND holder = $6 AND epoch = $7";
pub(super) const PLACE: &str = "SELECT position, asked, failing_since, epoch FROM cursors WHERE account_id = $1 AND webhook_id = $2";

pub(super) const WAIT: &str = "INSERT INTO waiting (account_id, webhook_id, position, stream_id, attempts, first_at, due_at, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (account_id, webhook_id, position) DO UPDATE
    SET attempts = excluded.attempts, first_at = excluded.first_at, due_at = excluded.due_at, status = excluded.status";
pub(super) const TOLD: &str = "DELETE FROM waiting WHERE account_id = $1 AND webhook_id = $2 AND position = $3";
pub(super) const RECOVER: &str = "UPDATE waiting SET attempts = 0, first_at = $3, due_at = $3
    WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NULL AND first_at >= $4 AND first_at < $5";
pub(super) const DUE: &str = "SELECT position, stream_id, attempts, first_at, due_at, status FROM waiting
    WHERE account_id = $1 AND webhook_id = $2 AND due_at <= $3 ORDER BY due_at, position LIMIT $4";
/// Of each stream the first that waits, and only that one.
pub(super) const DUE_IN_ORDER: &str = "SELECT position, stream_id, attempts, first_at, due_at, status FROM waiting AS w
    WHERE account_id = $1 AND webhook_id = $2 AND due_at <= $3
      AND NOT EXISTS (SELECT 1 FROM waiting AS b WHERE b.account_id = w.account_id AND b.webhook_id = w.webhook_id
                      AND b.stream_id = w.stream_id AND b.position < w.position AND b.due_at IS NOT NULL)
    ORDER BY due_at, position LIMIT $4";
pub(super) const SCHEDULED: &str = "SELECT stream_id, position FROM waiting
    WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NOT NULL";
pub(super) const WAITING_COUNT: &str = "SELECT COUNT(*) FROM waiting WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NOT NULL";
pub(super) const NOTED_UPTO: &str = "SELECT COALESCE(MAX(position), 0) FROM waiting WHERE account_id = $1 AND webhook_id = $2";
pub(super) const EXHAUSTED: &str = "SELECT position, stream_id, attempts, first_at, due_at, status FROM waiting
    WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NULL AND position > $3 ORDER BY position LIMIT $4";
pub(super) const FORGET_WAITING: &str = "DELETE FROM waiting WHERE account_id = $1 AND webhook_id = $2";

pub(super) const REPLAY: &str = "INSERT INTO replays (account_id, webhook_id, version, position, upto) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account_id, webhook_id, version) DO UPDATE SET position = excluded.position";
pub(super) const REPLAYED: &str = "DELETE FROM replays WHERE account_id = $1 AND webhook_id = $2 AND version = $3";
pub(super) const REPLAYS: &str =
    "SELECT version, position, upto FROM replays WHERE account_id = $1 AND webhook_id = $2 ORDER BY version LIMIT 1";
pub(super) const FORGET_REPLAYS: &str = "DELETE FROM replays WHERE account_id = $1 AND webhook_id = $2";

pub(super) const TRIED: &str = "INSERT INTO attempt_pages
    (account_id, webhook_id, last_at, first_at, first_position, last_position, attempts, noted, answers)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account_id, webhook_id, last_at, first_at) DO NOTHING";
pub(super) const ATTEMPTS: &str = "SELECT last_at, first_at, noted, answers FROM attempt_pages
    WHERE account_id = $1 AND webhook_id = $2 AND first_at < $3 AND (last_at, first_at) < ($4, $5)
      AND first_position <= $6 AND last_position >= $7 ORDER BY last_at DESC, first_at DESC LIMIT $8";
/// The oldest, $4 + 1 or a few more, so that nobody waits long behind it. Up to an instant and not by a list of keys: an engine that knows
/// nothing of the table yet goes through such a list once for each row (PostgreSQL took over ten seconds of 60,000).
pub(super) const FORGET_ATTEMPTS: &str = "DELETE FROM attempt_pages WHERE account_id = $1 AND webhook_id = $2 AND last_at < $3
    AND last_at <= COALESCE((SELECT last_at FROM attempt_pages WHERE account_id = $1 AND webhook_id = $2
      ORDER BY last_at LIMIT 1 OFFSET $4), 9223372036854775807) RETURNING attempts";
pub(super) const BLANK_ANSWERS: &str = "UPDATE attempt_pages SET answers = NULL
    WHERE account_id = $1 AND webhook_id = $2 AND answers IS NOT NULL";
/// All but so many of the newest, and those that stand with them.
pub(super) const TRIM_ATTEMPTS: &str = "DELETE FROM attempt_pages WHERE account_id = $1 AND webhook_id = $2 AND last_at <=
    (SELECT MAX(last_at) FROM (SELECT last_at, attempts, SUM(attempts) OVER (ORDER BY last_at DESC, first_at DESC) AS upto
       FROM attempt_pages WHERE account_id = $1 AND webhook_id = $2) AS counted WHERE upto - attempts >= CAST($3 AS BIGINT))";
pub(super) const FORGET_LETTERS: &str = "DELETE FROM waiting
    WHERE account_id = $1 AND webhook_id = $2 AND due_at IS NULL AND first_at < $3";
pub(super) const FORGET_CURSOR: &str = "DELETE FROM cursors WHERE account_id = $1 AND webhook_id = $2";

pub(super) const LEASE: &str = "UPDATE cursors SET lease = $3, lease_until = $4, lease_upto = $5
    WHERE account_id = $1 AND webhook_id = $2 AND position = $6 AND (lease IS NULL OR lease_until <= $7) RETURNING position";
pub(super) const COMMIT: &str = "UPDATE cursors SET position = $4, lease = NULL, lease_until = NULL, lease_upto = NULL
    WHERE account_id = $1 AND webhook_id = $2 AND lease = $3 AND position <= $4 AND lease_upto >= $4 RETURNING position";
pub(super) const REWIND: &str = "UPDATE cursors SET position = $3, lease = NULL, lease_until = NULL, lease_upto = NULL
    WHERE account_id = $1 AND webhook_id = $2";

/// Every statement of this file, for the test that prepares them on both engines.
#[cfg(test)]
static STATEMENTS: &[&str] = &[
    BEGIN,
    TAKE,
    LEAVE,
    RELEASE,
    HOLDERS,
    FENCE,
    PLACE,
    WAIT,
    TOLD,
    RECOVER,
    DUE,
    DUE_IN_ORDER,
    SCHEDULED,
    WAITING_COUNT,
    NOTED_UPTO,
    EXHAUSTED,
    FORGET_WAITING,
    REPLAY,
    REPLAYED,
    REPLAYS,
    FORGET_REPLAYS,
    TRIED,
    ATTEMPTS,
    FORGET_ATTEMPTS,
    BLANK_ANSWERS,
    TRIM_ATTEMPTS,
    FORGET_LETTERS,
    FORGET_CURSOR,
    LEASE,
    COMMIT,
    REWIND,
];

#[cfg(test)]
mod tests {
    use super::STATEMENTS;
    use crate::webhooks::notes::tests::notebooks;

    #[tokio::test]
    async fn every_statement_is_taken_by_both_engines() {
        for notebook in notebooks().await {
            for statement in STATEMENTS {
                notebook.prepare(statement).await.unwrap_or_else(|error| panic!("{}\n{statement}", error.chain()));
            }
        }
    }
}
