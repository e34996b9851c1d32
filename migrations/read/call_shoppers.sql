-- Who has ever had a part in a call, the newest calls of a shopper first when read backwards. The call says whether it still is so.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    shopper_id BYTEA NOT NULL,
    created_at BIGINT NOT NULL,        -- of the call
    call_id BYTEA NOT NULL,
    PRIMARY KEY (account_id, shopper_id, created_at, call_id)
) {clustered};
