//! Random but possible histories: shops, shoppers, customers, calls and chats, as the aggregates would have decided them.

mod calls;
mod chats;
mod media;
mod orders;
mod people;
mod promises;
mod recordings;
mod telling;

use calls::Call;
use chats::Chat;
use orders::Order;
use uuid::Uuid;
use vitrina_domain::{event::Event, ids::*, shopper};
use vitrina_eventlog::StreamId;

pub use telling::{append, append_sealed, beginning, decoded, log, seal_chapter};

/// What one command leads to.
pub type Chapter = (StreamId, Vec<Event>);

/// Makes histories.
pub struct Story {
    random: u64,
    accounts: Vec<AccountId>,
    shoppers: Vec<(AccountId, ShopperId, shopper::Status)>,
    customers: Vec<(AccountId, CustomerId)>,
    sessions: Vec<(AccountId, UserId, SessionId)>,
    calls: Vec<Call>,
    chats: Vec<Chat>,
    orders: Vec<Order>,
}

impl Story {
    pub fn new(seed: u64) -> Self {
        Self {
            random: seed,
            accounts: Vec::new(),
            shoppers: Vec::new(),
            customers: Vec::new(),
            sessions: Vec::new(),
            calls: Vec::new(),
            chats: Vec::new(),
            orders: Vec::new(),
        }
    }

    /// splitmix64: small, and the same on every machine.
    fn draw(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }

    fn id(&mut self) -> Uuid {
        let high = self.draw(usize::MAX) as u128;
        Uuid::from_u128((high << 64) | self.draw(usize::MAX) as u128)
    }

    /// What happens next.
    pub fn next(&mut self) -> Chapter {
        if self.accounts.len() < 2 {
            return self.new_account();
        }
        if self.shoppers.len() < 6 {
            return self.new_shopper();
        }
        if self.customers.len() < 6 {
            return self.new_customer();
        }
        match self.draw(100) {
            0..3 => self.new_customer(),
            3 => self.new_shopper(),
            4..8 => self.shopper_changes(),
            8..12 => self.new_user_or_session(),
            12 => self.new_role_key_or_export(),
            13..20 => self.new_call(),
            20..26 => self.new_chat(),
            26..60 if !self.calls.is_empty() => self.call_goes_on(),
            88..92 => self.new_order(),
            92..100 if !self.orders.is_empty() => self.order_goes_on(),
            _ if !self.chats.is_empty() => self.chat_goes_on(),
            _ => self.new_chat(),
        }
    }

    fn some_account(&mut self) -> AccountId {
        let index = self.draw(self.accounts.len());
        self.accounts[index]
    }

    fn of<T: Copy>(&mut self, all: &[(AccountId, T)], account: AccountId) -> Option<T> {
        let own: Vec<T> = all.iter().filter(|(a, _)| *a == account).map(|(_, id)| *id).collect();
        (!own.is_empty()).then(|| own[self.draw(own.len())])
    }

    fn some_shopper(&mut self, account: AccountId) -> Option<ShopperId> {
        let all: Vec<_> = self.shoppers.iter().map(|(a, id, _)| (*a, *id)).collect();
        self.of(&all, account)
    }
}
