-- Products shown in calls: one row per showing, never changed.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    position BIGINT NOT NULL,          -- of the event
    sku TEXT NOT NULL,
    product TEXT NOT NULL,             -- JSON, as it was then
    shown_at BIGINT NOT NULL,
    shown_by_kind TEXT NOT NULL,
    shown_by TEXT NOT NULL,
    PRIMARY KEY (account_id, call_id, position)
) {clustered};
