-- What reports count: one row per countable thing, at the instant to which it belongs. The key is the way in: a month of one
-- measure is one range of it, however long the history. A fact that an event takes back or corrects ends at that event's
-- position, so that a report as of any position is a filter. Times are microseconds since 1970, UTC.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    measure TEXT {binary} NOT NULL,    -- what is counted: call_created, wait_served, nps …
    anchor BIGINT NOT NULL,            -- when, by the measure's definition
    stream_id BYTEA NOT NULL,          -- whose events made it
    part BIGINT NOT NULL,              -- which of several of the measure in this stream
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it holds
    value BIGINT NOT NULL,             -- seconds, an answer, minor units; 1 of what is just counted
    position BIGINT NOT NULL,          -- the event that made it
    event_type TEXT NOT NULL,          -- and its type
    begun_position BIGINT,             -- the event from which it was counted, where that is another one
    shopper_id BYTEA,                  -- credited
    call_id BYTEA,
    conversation_id BYTEA,
    customer_id BYTEA,
    device TEXT,                       -- mobile, tablet, desktop, unknown
    channel TEXT {binary},             -- how the customer writes
    currency TEXT,                     -- ISO 4217, of amounts
    detail TEXT,                       -- what the measure says that it is: a reason, an outcome, a status
    environment TEXT NOT NULL,         -- production or test
    PRIMARY KEY (account_id, measure, anchor, stream_id, part, from_position)
) {clustered};

-- Whether a cart was used in a later call. All that is asked is in it, so that it is preferred to the key, by which a look goes through all
-- later carts: the overview of a month with 15,000 of them took twelve seconds.
CREATE INDEX {table}_cart ON {table} (account_id, detail, environment, anchor, stream_id, to_position) WHERE measure = 'cart';
