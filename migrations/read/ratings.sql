-- What customers answered. An answer counts at every position from `position` up to, not including,
-- `superseded_position`.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    answer_id BYTEA NOT NULL,
    position BIGINT NOT NULL,
    superseded_position BIGINT NOT NULL,  -- 9223372036854775807 while it counts
    hidden_and_shown TEXT NOT NULL,    -- JSON list of positions: hidden from the public at the first, shown at the second …
    superseded_by BYTEA,
    call_id BYTEA,
    conversation_id BYTEA,
    customer_id BYTEA,
    shopper_id BYTEA,                  -- credited: who held it last
    shoppers TEXT NOT NULL,            -- JSON list of all who took part
    nps BIGINT,                        -- 0 to 10
    face TEXT,                         -- satisfied, neutral, dissatisfied
    csat BIGINT,                       -- 1 to 5
    comment TEXT,
    question TEXT,                     -- what they were asked, in the words that they read
    answered_at BIGINT NOT NULL,
    environment TEXT NOT NULL,         -- production, test
    PRIMARY KEY (account_id, answer_id)
) {clustered};

CREATE INDEX {table}_newest ON {table} (account_id, answered_at, answer_id);
CREATE INDEX {table}_call ON {table} (account_id, call_id, position);
CREATE INDEX {table}_conversation ON {table} (account_id, conversation_id, position);
