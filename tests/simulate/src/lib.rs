//! A seeded day of a shop, played against a running server through its HTTP and WebSocket API, and the books of that day
//! held against what the server tells afterwards. It is the demo, the load generator and the test data.
//!
//! Layout: [`plan`] says what everybody is going to do, a pure function of the seed; [`client`] talks to the server and
//! repeats under the same key what got no answer; [`actors`] carry the plan out; [`books`] record what was acknowledged;
//! [`media`] is what their pictures and voices are made of; [`live`] listens on sockets and [`follow`] prints what one says; [`compare`] reads everything back and names each
//! difference; [`report`] sums up.
//!
//! Nothing here knows the inside of the server: what it promises to its users is all that may be used.

pub mod actors;
pub mod books;
pub mod client;
pub mod compare;
pub mod day;
pub mod follow;
pub mod live;
pub mod media;
pub mod options;
pub mod pace;
pub mod plan;
pub mod progress;
pub mod random;
pub mod report;
pub mod rules;

pub use day::run;
pub use follow::{Follow, follow};
pub use options::Options;
pub use report::Report;
