-- Sessions that have not been revoked. The token itself is nowhere: only its hash.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    session_id BYTEA NOT NULL,
    token_hash TEXT {binary} NOT NULL, -- SHA-256, lower-case hexadecimal
    user_id BYTEA NOT NULL,
    opened_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    device TEXT,                       -- what signed in, in its own words
    PRIMARY KEY (account_id, session_id)
) {clustered};

CREATE INDEX {table}_user ON {table} (user_id, account_id, opened_at);
CREATE INDEX {table}_token ON {table} (token_hash);
