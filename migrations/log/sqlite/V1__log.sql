-- The event log on SQLite: the one truth of an installation. Everything else can be rebuilt from it.
-- Ids are 16-byte UUIDs, instants are microseconds since 1970 in UTC.

-- The end of the log, one row. Whoever moves it writes events; while it has not moved, nothing else has.
CREATE TABLE log_head (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    position    INTEGER NOT NULL, -- of the last event
    streams     INTEGER NOT NULL, -- how many streams there are; the last stream key given
    recorded_at INTEGER NOT NULL, -- when the last event was written; never goes back
    last_event  BLOB NOT NULL     -- its id: two histories of one length differ in it; nil in an empty log
) STRICT;
INSERT INTO log_head VALUES (1, 0, 0, 0, zeroblob(16));

-- One row for each aggregate.
CREATE TABLE streams (
    stream_key INTEGER PRIMARY KEY, -- short name for the events' index
    account    BLOB NOT NULL,
    category   TEXT NOT NULL,       -- account, user, shopper, customer, call, conversation
    stream_id  BLOB NOT NULL,
    version    INTEGER NOT NULL,    -- of its last event
    last_event BLOB NOT NULL        -- its id
) STRICT;
CREATE UNIQUE INDEX streams_by_name ON streams (account, category, stream_id);

-- The events. Rows are inserted and never changed.
CREATE TABLE events (
    position       INTEGER PRIMARY KEY, -- dense, in commit order
    stream_key     INTEGER NOT NULL,
    version        INTEGER NOT NULL,    -- dense in the stream
    account        BLOB NOT NULL,       -- with category and stream_id: the stream's name, so that a read needs no join
    category       TEXT NOT NULL,
    stream_id      BLOB NOT NULL,
    event_type     TEXT NOT NULL,       -- dotted, past tense
    schema_version INTEGER NOT NULL,
    event_id       BLOB NOT NULL,
    command_id     BLOB NOT NULL,
    correlation_id BLOB NOT NULL,       -- the outside request that it goes back to
    causation_id   BLOB,                -- the event that caused the command
    actor          TEXT NOT NULL,       -- kind:id
    reason         TEXT,
    environment    TEXT NOT NULL,       -- production, test
    occurred_at    INTEGER NOT NULL,
    recorded_at    INTEGER NOT NULL,
    payload        TEXT NOT NULL,       -- JSON, personal values sealed
    hash           BLOB NOT NULL        -- link of the account's chain
) STRICT;
CREATE UNIQUE INDEX events_by_stream ON events (stream_key, version);

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- Commands that were written, with what their callers are told again.
CREATE TABLE commands (
    account        BLOB NOT NULL,
    command_id     BLOB NOT NULL,
    fingerprint    BLOB NOT NULL,    -- digest of the request's content: tells a repetition from a misuse
    first_position INTEGER NOT NULL,
    last_position  INTEGER NOT NULL,
    version        INTEGER NOT NULL, -- of the first stream written
    recorded_at    INTEGER NOT NULL,
    result         BLOB NOT NULL,
    PRIMARY KEY (account, command_id)
) STRICT, WITHOUT ROWID;

-- Unique names, decided in the append's own transaction.
CREATE TABLE claims (
    account BLOB NOT NULL,
    scope   TEXT NOT NULL,
    name    BLOB NOT NULL, -- a blind index where the name is personal
    holder  BLOB NOT NULL,
    PRIMARY KEY (account, scope, name)
) STRICT, WITHOUT ROWID;

-- The last link of each account's hash chain.
CREATE TABLE chains (
    account BLOB PRIMARY KEY,
    hash    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
