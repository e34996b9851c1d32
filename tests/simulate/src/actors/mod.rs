//! The people of the day. Each does what the plan says and writes down what the server acknowledged.

mod again;
mod appointment;
mod buying;
mod floor;
mod meeting;
mod presence;
mod pushed;
mod session;
mod shopper;
mod staff;
mod visit;
mod wanted;

pub use floor::{Circumstances, Company, Counts, Floor};
pub use shopper::{ShopperBook, work};
pub use staff::{Colleagues, Shopper, hire, sign_in};
pub use visit::visit;
