-- The processes that serve this log. Each raises its count every second; one whose count stands still is taken for dead by the
-- others and struck out, whereupon it has to enter anew, under another id. No clock is compared. The rows are few and change
-- all the time, and none of them matters after a crash: they are not logged.
CREATE UNLOGGED TABLE log.processes (
    process_id bigint PRIMARY KEY,
    beats      bigint NOT NULL
) WITH (fillfactor = 10);
