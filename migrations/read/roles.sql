-- Roles, as they are now: named subsets of the modules.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    role_id BYTEA NOT NULL,
    version BIGINT NOT NULL,           -- of the role's stream: the entity tag
    name TEXT NOT NULL,
    modules TEXT NOT NULL,             -- JSON
    created_at BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    PRIMARY KEY (account_id, role_id)
) {clustered};
