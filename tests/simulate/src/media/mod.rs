//! Media as the people of the day have it: [`connection`] sends real packets to the server's node and takes those that come;
//! [`word`] is what each packet says, so that whoever hears it knows whose it is and whether it was to be heard; [`book`] is
//! what was seen and done.
//!
//! The pictures and sounds are none: what a node looks at is as it should be, the rest is the word.

pub mod book;
#[cfg_attr(not(feature = "media"), path = "absent.rs")]
pub mod connection;
pub mod word;

pub use book::{Attendance, Failed, MeetingBook, Received, Window};
pub use connection::Connection;
pub use word::{Flow, Source, Word};

/// Whether this program was built with what media needs.
pub const IS_BUILT: bool = cfg!(feature = "media");

/// On which side of a call somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Is shown things.
    Customer,
    /// Shows things, and the screen.
    Shopper,
}

impl Side {
    /// As the API calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Shopper => "shopper",
        }
    }
}
