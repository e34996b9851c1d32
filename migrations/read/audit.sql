-- What was done to users, roles, keys, sessions and settings, and by whom. No secret, no hash of one, nothing personal.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    position BIGINT NOT NULL,          -- of the event
    kind TEXT NOT NULL,                -- such as role.created
    subject_kind TEXT NOT NULL,        -- account, user, role, api_key, export, log, call, subject, retention
    subject_id BYTEA NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    data TEXT NOT NULL,                -- JSON
    PRIMARY KEY (account_id, position)
) {clustered};

-- What was taken away: asked for when somebody is forgotten.
CREATE INDEX {table}_taken ON {table} (account_id, at) WHERE subject_kind IN ('export', 'log', 'subject');
