-- Who has which role, as it is now. A role that was deleted stays here and opens nothing.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    role_id BYTEA NOT NULL,
    assigned_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id, role_id)
) {clustered};
