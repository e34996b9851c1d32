-- Who takes or took part in a conversation, the newest ones of a shopper first when read backwards.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    shopper_id BYTEA NOT NULL,
    opened_at BIGINT NOT NULL,         -- of the conversation
    conversation_id BYTEA NOT NULL,
    PRIMARY KEY (account_id, shopper_id, opened_at, conversation_id)
) {clustered};
