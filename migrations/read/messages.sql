-- What was written and shared in conversations: one row each, never changed, and no index over the texts but the primary key,
-- since this is the table that grows fastest.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    conversation_id BYTEA NOT NULL,
    position BIGINT NOT NULL,          -- of the event
    version BIGINT NOT NULL,           -- of the conversation's stream
    seq BIGINT NOT NULL,               -- number in the conversation, from 1
    customer_count BIGINT NOT NULL,    -- how many up to this one are the customer's
    agent_count BIGINT NOT NULL,       -- how many are shoppers', public
    kind TEXT NOT NULL,                -- text, file
    message_id BYTEA NOT NULL,
    author_kind TEXT NOT NULL,         -- customer, shopper, system
    author_id BYTEA,
    visibility TEXT NOT NULL,          -- public, internal
    body TEXT,                         -- the text, or the file's name; NULL when its person was erased
    media_type TEXT,
    bytes BIGINT,
    sha256 TEXT,
    url TEXT,
    mentions TEXT,                     -- JSON list of shoppers called upon; NULL without any
    template TEXT,                     -- the name of the template whose text it is; NULL where there is none
    sent_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, conversation_id, position)
) {clustered};

-- Which contents are somebody's: looked for among those in the storage.
CREATE INDEX {table}_files ON {table} (account_id, message_id) WHERE kind = 'file';
