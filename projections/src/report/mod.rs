//! Reports: facts kept as they happen, and the few questions from which every report is made.
//!
//! [`rows`] has the tables, the fold is the books of [`vitrina_domain::report`], [`query`] sums and counts facts of a
//! period, by whatever they have, [`Figures`] is what most reports read, [`Metered`] what a bill does, [`pictures`] draws them and [`month`] puts one into words; nothing here is ever averaged, capped or joined to what can change.

mod figures;
mod fold;
pub mod month;
mod open;
pub mod pictures;
mod plan;
mod public;
mod query;
mod rows;
mod waiting;

pub use figures::{Figures, Whose, pooled};
pub use fold::ReportProjection;
pub use open::{open_summary, open_values};
pub use plan::Metered;
pub use public::{Feedback, faces_by_channel, faces_by_shopper, latest_faces};
pub use query::{
    Bucket, Cell, FactFilter, FactPlace, Nobody, Selection, Tally, ToldApart, buckets, cells, facts, part_of, tallies, told_apart,
};
pub use rows::{BookRow, FactRow};
pub use waiting::{Waiting, waiting};

pub(crate) use open::STATEMENTS as OPEN_STATEMENTS;
pub(crate) use plan::STATEMENTS as PLAN_STATEMENTS;
pub(crate) use public::STATEMENTS as PUBLIC_STATEMENTS;
pub(crate) use query::STATEMENTS;
pub(crate) use waiting::STATEMENTS as WAITING_STATEMENTS;
