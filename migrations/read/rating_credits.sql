-- Which answers are credited to which shopper: an answer to a shared call counts for each of them.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    shopper_id BYTEA NOT NULL,
    answered_at BIGINT NOT NULL,
    answer_id BYTEA NOT NULL,
    PRIMARY KEY (account_id, shopper_id, answered_at, answer_id)
) {clustered};
