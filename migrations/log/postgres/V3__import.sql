-- The log that was brought in from another installation, if this one began so, one row. While it is not whole nobody serves it.
CREATE TABLE log.import (
    one      integer PRIMARY KEY CHECK (one = 1),
    upto     bigint NOT NULL,  -- position of its last event: what came up to there happened elsewhere
    hash     bytea NOT NULL,   -- of that event: the same log is brought in again, not another one
    is_whole boolean NOT NULL  -- false while events are missing
);
