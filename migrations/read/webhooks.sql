-- Webhook endpoints as they are now, also those that are over. What is sent and tried is not here: it is no event.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    webhook_id BYTEA NOT NULL,
    version BIGINT NOT NULL,           -- of the endpoint's stream: the entity tag
    state TEXT NOT NULL,               -- JSON
    told BIGINT NOT NULL,              -- 1 while it is enabled and has an address
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, webhook_id)
) {clustered};

CREATE INDEX {table}_told ON {table} (account_id, webhook_id) WHERE told = 1;
