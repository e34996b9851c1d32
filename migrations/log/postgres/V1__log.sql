-- The event log on PostgreSQL: the one truth of a cell. Everything else can be rebuilt from it.
-- Instants are microseconds since 1970 in UTC.

CREATE SCHEMA IF NOT EXISTS log;
CREATE SCHEMA IF NOT EXISTS keys;

-- The end of the log, one row, and the only lock of the append protocol. A low fill factor keeps its updates on one page.
CREATE TABLE log.head (
    one         integer PRIMARY KEY CHECK (one = 1),
    position    bigint NOT NULL, -- of the last event
    streams     bigint NOT NULL, -- how many streams there are; the last stream key given
    recorded_at bigint NOT NULL, -- when the last event was written; never goes back
    last_event  uuid NOT NULL    -- its id: two histories of one length differ in it; nil in an empty log
) WITH (fillfactor = 10);
INSERT INTO log.head VALUES (1, 0, 0, 0, '00000000-0000-0000-0000-000000000000');

-- One row for each aggregate. The version is in no index, so that raising it stays on the page.
CREATE TABLE log.streams (
    stream_key bigint PRIMARY KEY,
    account    uuid NOT NULL,
    category   text NOT NULL,
    stream_id  uuid NOT NULL,
    version    bigint NOT NULL,
    last_event uuid NOT NULL, -- the event that has this version
    UNIQUE (account, category, stream_id)
) WITH (fillfactor = 80);

-- The events. Rows are inserted and never changed. Partitioned by position from the first day on, because a table that
-- holds years cannot be partitioned later without stopping; the engine makes partitions ahead of need.
-- payload is json, not jsonb: its very bytes are hashed.
CREATE TABLE log.events (
    position       bigint NOT NULL,
    stream_key     bigint NOT NULL,
    version        bigint NOT NULL,
    account        uuid NOT NULL,
    category       text NOT NULL,
    stream_id      uuid NOT NULL,
    event_type     text NOT NULL,
    schema_version smallint NOT NULL,
    event_id       uuid NOT NULL,
    command_id     uuid NOT NULL,
    correlation_id uuid NOT NULL,
    causation_id   uuid,
    actor          text NOT NULL, -- kind:id
    reason         text,
    environment    text NOT NULL,
    occurred_at    bigint NOT NULL,
    recorded_at    bigint NOT NULL,
    payload        json NOT NULL,
    hash           bytea NOT NULL,
    PRIMARY KEY (position)
) PARTITION BY RANGE (position);
-- Each partition has a unique index on (stream_key, version) of its own, made together with it.

CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only';
END $$;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE ON log.events
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();

-- Commands that were written, with what their callers are told again.
CREATE TABLE log.commands (
    account        uuid NOT NULL,
    command_id     uuid NOT NULL,
    fingerprint    bytea NOT NULL,
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL,
    version        bigint NOT NULL,
    recorded_at    bigint NOT NULL,
    result         bytea NOT NULL,
    PRIMARY KEY (account, command_id)
);

-- Unique names, decided in the append's own transaction.
CREATE TABLE log.claims (
    account uuid NOT NULL,
    scope   text NOT NULL,
    name    bytea NOT NULL,
    holder  uuid NOT NULL,
    PRIMARY KEY (account, scope, name)
);

-- The last link of each account's hash chain.
CREATE TABLE log.chains (
    account uuid PRIMARY KEY,
    hash    bytea NOT NULL
) WITH (fillfactor = 50);

-- Keys of persons, in a schema of their own: back it up apart from the log, and keep those backups short.
CREATE TABLE keys.subject_keys (
    account uuid NOT NULL,
    subject uuid NOT NULL,
    wrapped bytea, -- NULL: destroyed, for good
    PRIMARY KEY (account, subject)
);
CREATE TABLE keys.master_check (
    one    integer PRIMARY KEY CHECK (one = 1),
    digest bytea NOT NULL
);
