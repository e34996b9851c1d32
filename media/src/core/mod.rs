//! What can be decided without a socket.
//!
//! | question | file |
//! |---|---|
//! | who is in a room, and who gets which track | [`room`] |
//! | which size of a picture a receiver gets | [`layers`] |
//! | when a sender is asked for a whole picture | [`key_frames`] |
//! | which numbers a packet has for a receiver | [`numbering`], [`pictures`] |
//! | what a packet of pictures says of itself | [`vp8`], [`h264`] |
//! | how tracks are coded | [`codec`] |
//! | who is speaking | [`speaker`] |

pub mod codec;
pub mod h264;
pub mod key_frames;
pub mod layers;
pub mod numbering;
pub mod pictures;
pub mod room;
pub mod speaker;
pub mod vp8;
