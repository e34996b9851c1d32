-- Conversations. One row per version; a message makes none, so a long chat costs no more versions than a short one. Where the shop has
-- promised answers, a question and its answer make one each.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    conversation_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    version BIGINT NOT NULL,           -- of the stream when the row began; the last message's may be higher
    open BIGINT NOT NULL,              -- 1 while it can be written in
    status TEXT {binary} NOT NULL,     -- in_progress, waiting_customer, need_help, closed
    status_since BIGINT NOT NULL,
    customer_id BYTEA NOT NULL,
    call_id BYTEA,                     -- the call that owns it
    channel TEXT NOT NULL,
    language TEXT,
    country TEXT,
    department TEXT,
    priority BIGINT NOT NULL,          -- higher is served first
    waiting_since BIGINT,              -- no shopper is present; never where a call owns it
    waiting_position BIGINT,           -- the order of those who wait
    assigned_to BYTEA,                 -- who answers for it
    bot_id BYTEA,                      -- the bot that takes part: the id of its API key
    bot TEXT,                          -- JSON: {name, image}
    previous_id BYTEA,                 -- the closed one that it continues
    origin_id BYTEA,                   -- the first one of that row
    continued_in BYTEA,                -- of the first one of a row: the last one
    hand_overs TEXT NOT NULL,          -- JSON list of {from, bot_id, to, note, at}
    participants TEXT NOT NULL,        -- JSON list of {shopper_id, present, joined_at, since, left_at}
    tags TEXT NOT NULL,                -- JSON list
    expertise TEXT NOT NULL,           -- JSON list
    note TEXT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    close_reason TEXT,
    outcome TEXT,                      -- escalated, no_agent, no_answer, success
    agent_replied BIGINT,
    rated BIGINT NOT NULL,
    nps BIGINT,                        -- the answers that count
    csat BIGINT,
    face TEXT,
    sla TEXT,                          -- JSON: what was promised, what is due and what was late
    sla_standing TEXT,                 -- active, active_with_misses, hit, missed
    environment TEXT NOT NULL,         -- production or test
    PRIMARY KEY (account_id, conversation_id, from_position)
) {clustered};

-- Open ones: few rows, however long the history. Also finds the versions that have ended since a position.
CREATE INDEX {table}_open ON {table} (account_id, open, to_position);

-- Lists, the newest first, over the newest versions only.
CREATE INDEX {table}_newest ON {table} (account_id, opened_at, conversation_id) WHERE to_position = 9223372036854775807;
CREATE INDEX {table}_customer ON {table} (account_id, customer_id, opened_at, conversation_id) WHERE to_position = 9223372036854775807;
CREATE INDEX {table}_bot ON {table} (account_id, bot_id, opened_at, conversation_id) WHERE to_position = 9223372036854775807 AND bot_id IS NOT NULL;
