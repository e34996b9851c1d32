//! A server of this build on a place, with customers in live calls whose messages can be repeated.

use crate::{
    bench::store::MASTER_KEY_HEX,
    engine::Place,
    load::Repeated,
    server::{self, Server},
    walk::{self, Shop, Shopper, Visit},
};
use std::{cell::RefCell, path::PathBuf};

/// A chat message of ordinary length.
const MESSAGE: &str = r#"{"body":"Does it come in green, and would you ship it to Lisbon?"}"#;

/// A running server and its shop.
pub struct Served {
    server: Server,
    people: RefCell<(Shop, Shopper)>,
}

/// Starts a program with the benches' master key, so that tokens of one server hold at another.
pub fn start_program(program: PathBuf, place: &Place) -> Server {
    start_program_with(program, place, &[])
}

fn start_program_with(program: PathBuf, place: &Place, options: &[(&str, &str)]) -> Server {
    let own = [("VITRINA_MASTER_KEY", MASTER_KEY_HEX), ("VITRINA_LOG", "warn"), ("VITRINA_LIVE_SOCKETS_CALLER_MAX", "100000")];
    Server::start_program(program, place, &[&own, options].concat())
}

/// Starts a server on a place where [`Served::start`] has been before.
pub fn start_again(place: &Place) -> Server {
    start_program(server::program("vitrina"), place)
}

impl Served {
    /// The first start on a place: the shop is opened and a shopper hired.
    pub fn start(place: &Place) -> Self {
        Self::start_with(place, &[])
    }

    /// The same with options.
    pub fn start_with(place: &Place, options: &[(&str, &str)]) -> Self {
        let server = start_program_with(server::program("vitrina"), place, options);
        let mut shop = Shop::open(&server);
        let shopper = shop.hire("sofia@example.com");
        Self { server, people: RefCell::new((shop, shopper)) }
    }

    /// `127.0.0.1:port`
    pub fn address(&self) -> &str {
        self.server.address()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Account and shopper, for a past that is written into the log.
    pub fn ids(&self) -> (String, String) {
        let (shop, shopper) = &mut *self.people.borrow_mut();
        (walk::text(&shop.owner.get("/v1/account").expect(200), "id"), shopper.id.clone())
    }

    /// The owner's token.
    pub fn owner_token(&self) -> String {
        self.people.borrow().0.token.clone()
    }

    /// A customer in a live call.
    pub fn visit(&self) -> Visit {
        let (shop, shopper) = &mut *self.people.borrow_mut();
        shop.live_visit(shopper)
    }

    /// As many requests that send a message, each by another customer in another conversation.
    pub fn messages(&self, count: usize) -> Vec<Repeated> {
        (0..count).map(|_| message_of(&self.visit())).collect()
    }

    /// Stops it gracefully.
    pub fn stop(self) {
        self.server.stop();
    }
}

/// The request that sends one more message in this visit.
pub fn message_of(visit: &Visit) -> Repeated {
    Repeated::post(&visit.messages(), &visit.token, MESSAGE)
}
