-- What conversations hold that may be kept for a time only. Nothing that was said is here.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    conversation_id BYTEA NOT NULL,
    closed_at BIGINT,                  -- since when it is counted
    files BIGINT NOT NULL,             -- how many were shared
    messages_deleted_at BIGINT,        -- when words and notes were
    files_deleted_at BIGINT,           -- when files were
    PRIMARY KEY (account_id, conversation_id)
) {clustered};

-- What is still to be deleted some day, the longest closed first.
CREATE INDEX {table}_messages ON {table} (account_id, closed_at, conversation_id) WHERE messages_deleted_at IS NULL;
CREATE INDEX {table}_files ON {table} (account_id, closed_at, conversation_id) WHERE files > 0 AND files_deleted_at IS NULL;
