//! What must hold of the read side as a whole, on both engines. PostgreSQL is the server of `VITRINA_TEST_DATABASE_URL`, a
//! database for each test; without it the PostgreSQL cases say that they were skipped.

mod batches;
#[path = "../../../eventlog/tests/engines/database.rs"]
mod database;
mod declared;
mod engines;
mod exporting;
mod forgetting;
mod integrity;
mod plan;
mod queries;
mod rate;
mod rebuilding;
mod reporting;
mod running;
mod searched;
mod searching;
mod slow;
mod story;
