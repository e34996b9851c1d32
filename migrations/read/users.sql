-- Users, as they are now: for signing in and for knowing who calls. Not read as of a position.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    version BIGINT NOT NULL,           -- of the user's stream: the entity tag
    email TEXT,
    email_key TEXT {binary},           -- as it is compared
    name TEXT,
    password_hash TEXT,                -- argon2id, PHC string
    access TEXT NOT NULL,              -- JSON
    created_at BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    locked_until BIGINT,               -- after too many wrong passwords
    position BIGINT NOT NULL,          -- of the event that made the row as it is
    PRIMARY KEY (account_id, user_id)
) {clustered};

CREATE INDEX {table}_email ON {table} (email_key);
