//! A call: one live video session, from request to archive (PRODUCT.md 5.4).
//!
//! [`Call::decide`](crate::aggregate::Aggregate::decide) asks three things in turn: does the state machine have the
//! transition (`transition`), may this actor take it (`actors`), and what does it lead to (`decide`, `cart`).

mod abilities;
mod actors;
mod attendance;
mod cart;
mod commands;
mod decide;
mod events;
pub mod media;
pub mod recording;
mod routing;
mod state;
mod transition;
pub use abilities::*;
pub use cart::*;
pub use commands::*;
pub use decide::*;
pub use events::*;
pub use media::MediaAction;
pub use recording::RecordingAction;
pub use state::*;
