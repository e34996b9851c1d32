-- How far each webhook endpoint has been told what happened. None of it is an event: telling would lead to more telling. What is
-- lost here after a crash of the machine is told again, under the same ids; what was told is never taken for untold otherwise.
-- No payload is kept, only positions of the log, so what is erased there is erased here.

-- One row for each endpoint: everything up to `position` was told or is in `waiting`. One process holds it (`holder` with `epoch`), and
-- writes about the endpoint only while it does.
CREATE TABLE IF NOT EXISTS cursors (
    account_id BYTEA NOT NULL,
    webhook_id BYTEA NOT NULL,
    position BIGINT NOT NULL,
    asked BIGINT NOT NULL,             -- version of the endpoint's stream up to which replays and the like were taken on
    holder BIGINT,                     -- number of the process
    epoch BIGINT NOT NULL,             -- rises with every taking
    failing_since BIGINT,              -- the first failure after the last success
    lease TEXT,                        -- of a feed: who has events and has not committed them
    lease_until BIGINT,
    lease_upto BIGINT,
    PRIMARY KEY (account_id, webhook_id)
);

CREATE INDEX IF NOT EXISTS cursors_webhook ON cursors (webhook_id);

-- Events that could not be told yet, or (without `due_at`) at all.
CREATE TABLE IF NOT EXISTS waiting (
    account_id BYTEA NOT NULL,
    webhook_id BYTEA NOT NULL,
    position BIGINT NOT NULL,
    stream_id BYTEA NOT NULL,
    attempts BIGINT NOT NULL,          -- so far
    first_at BIGINT NOT NULL,          -- when it was first tried, or put here
    due_at BIGINT,
    status BIGINT,                     -- of the last answer
    PRIMARY KEY (account_id, webhook_id, position)
);

CREATE INDEX IF NOT EXISTS waiting_due ON waiting (account_id, webhook_id, due_at);
CREATE INDEX IF NOT EXISTS waiting_stream ON waiting (account_id, webhook_id, stream_id, position);

-- What is told again because somebody asked: from after `position` up to `upto`.
CREATE TABLE IF NOT EXISTS replays (
    account_id BYTEA NOT NULL,
    webhook_id BYTEA NOT NULL,
    version BIGINT NOT NULL,           -- of the endpoint's stream, where it was asked
    position BIGINT NOT NULL,
    upto BIGINT NOT NULL,
    PRIMARY KEY (account_id, webhook_id, version)
);

-- Every attempt, for some days: those that were noted together stand in one row, some dozens at most. A row for each would cost the
-- database more than telling does. Rows overlap in time where an answer was slow.
CREATE TABLE IF NOT EXISTS attempt_pages (
    account_id BYTEA NOT NULL,
    webhook_id BYTEA NOT NULL,
    last_at BIGINT NOT NULL,           -- when the newest of them was tried
    first_at BIGINT NOT NULL,          -- and the oldest
    first_position BIGINT NOT NULL,    -- the lowest position that was told
    last_position BIGINT NOT NULL,     -- and the highest
    attempts BIGINT NOT NULL,          -- how many
    noted TEXT NOT NULL,               -- JSON
    answers TEXT,                      -- JSON, the beginning of each answer; none where nothing was said, or it is forgotten
    PRIMARY KEY (account_id, webhook_id, last_at, first_at)
);

-- They stood one by one here.
DROP TABLE IF EXISTS attempts;
