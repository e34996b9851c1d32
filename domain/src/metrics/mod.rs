//! Numbers with a definition (PRODUCT.md 5): pure functions, exact where a number can be exact, `None` where there is
//! none. Each carries the golden numbers of PRODUCT.md as its first tests.

pub mod attribution;
pub mod business_hours;
pub mod calendar;
mod comparison;
pub mod csat;
pub mod eta;
pub mod minutes;
pub mod nps;
pub mod outcome;
pub mod percentile;
pub mod range;
pub mod share;
pub mod wait;
