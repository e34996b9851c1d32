-- API keys, as they are now, also those that were revoked. The secret itself is nowhere: only its hash.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    key_id BYTEA NOT NULL,
    version BIGINT NOT NULL,           -- of the key's stream: the entity tag
    name TEXT NOT NULL,
    secret_hash TEXT {binary} NOT NULL, -- SHA-256, lower-case hexadecimal
    hint TEXT NOT NULL,                -- the beginning of the secret
    scopes TEXT NOT NULL,              -- JSON
    environment TEXT NOT NULL,         -- production; test: what it opens is a trial
    bot TEXT,                          -- JSON: name and image under which it writes to customers
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (account_id, key_id)
) {clustered};

CREATE INDEX {table}_secret ON {table} (secret_hash);
