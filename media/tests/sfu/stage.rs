//! A node and its clients, on real sockets: str0m, a stack that shares nothing with the node's, plays the browsers.

use crate::client::{Client, Wish};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};
use uuid::Uuid;
use vitrina_media::{Answer, Fact, Join, JoinError, Options, ParticipantId, Role, RoomId, Sfu, What};

/// Within this everything on loopback has happened, also on a busy machine.
pub const BOUND: Duration = Duration::from_secs(60);

/// The node, the clients, and what was told.
pub struct Stage {
    pub sfu: Sfu,
    facts: Receiver<Fact>,
    pub told: Vec<Fact>,
    runtime: tokio::runtime::Runtime,
    pub clients: Vec<Client>,
}

pub fn participant(n: u128) -> ParticipantId {
    ParticipantId(Uuid::from_u128(n))
}

pub fn room(n: u128) -> RoomId {
    RoomId(Uuid::from_u128(n))
}

impl Stage {
    pub fn new(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (tell, facts) = channel(4_096);
        Self { sfu: Sfu::start(options, tell).unwrap(), facts, told: Vec::new(), runtime, clients: Vec::new() }
    }

    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub fn offer(&self, room: RoomId, n: u128, role: Role, offer: String) -> Result<Answer, JoinError> {
        self.wait(self.sfu.join(Join { room, participant: participant(n), role, offer }))
    }

    /// Participant `n` joins; the client's place.
    pub fn join(&mut self, room: RoomId, n: u128, role: Role, wish: Wish) -> usize {
        let mut client = Client::new(wish, &self.sfu);
        let answer = self.offer(room, n, role, client.offer.clone()).unwrap();
        client.accept(&answer.sdp);
        self.clients.push(client);
        self.clients.len() - 1
    }

    /// Lets everybody act until something has happened.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut happened: impl FnMut(&mut Self) -> bool) {
        let start = Instant::now();
        loop {
            self.step();
            if happened(self) {
                return;
            }
            assert!(start.elapsed() < BOUND, "in vain: {what}; told {:?}", self.told);
        }
    }

    fn step(&mut self) {
        let mut is_idle = true;
        for client in &mut self.clients {
            is_idle &= !client.step();
        }
        while let Ok(fact) = self.facts.try_recv() {
            self.told.push(fact);
        }
        if is_idle {
            // What the clients wait for comes over sockets; a millisecond is the grain of their timers.
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    pub fn was_told(&self, n: u128, what: &What) -> bool {
        self.told.iter().any(|fact| fact.participant == participant(n) && fact.what == *what)
    }

    /// How often it was told.
    pub fn times(&self, n: u128, what: &What) -> usize {
        self.told.iter().filter(|fact| fact.participant == participant(n) && fact.what == *what).count()
    }
}
