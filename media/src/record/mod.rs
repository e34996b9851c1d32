//! Recording: what a call's participants send, written as it comes, one WebM file for each presence of a participant, and
//! another for a screen. WebM has no H.264, so that a file with such pictures is Matroska, of which WebM is a part.
//!
//! Nothing is decoded or transcoded, nothing here knows of HTTP, SQL or the log, and the media path never waits for a disk:
//! it puts copies into a [`Tap`], and one thread, the [`Recorder`], does the rest.

mod clock;
mod file;
mod name;
mod pictures;
mod queue;
mod recorder;
mod reorder;
mod repair;
mod tap;
mod track;
mod units;
mod webm;

pub use name::Name;
pub use recorder::*;
pub use repair::repair;
pub use tap::*;
pub use webm::Form;

#[cfg(test)]
mod tests;
