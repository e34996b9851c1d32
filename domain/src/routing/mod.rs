//! The router: who serves whom (PRODUCT.md 2.3).
//!
//! [`route`] is one pure function over the waiting [`Request`]s and the [`Candidate`]s, under the account's [`Policy`]. It is
//! run on every event that frees or needs capacity, and its [`Decision`] says of every shopper why they were not chosen, so
//! that it can be recorded, explained and taken again with the same result.

mod candidate;
mod decision;
mod policy;
mod request;
mod route;
pub use candidate::*;
pub use decision::*;
pub use policy::*;
pub use request::*;
pub use route::*;
