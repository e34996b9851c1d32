//! Whether a shopper's own book of work says what calls and chats say. Work is entered and struck out in the same append as
//! the step that leads to it wherever that step knows of it; what was missed, such as a chat joined by hand, is put right
//! here.

use super::{Floor, Place};
use crate::{
    ids::{AccountId, CallId, ConversationId, EventId, ShopperId},
    routing::Work,
    stream::Category,
};

/// A correction of a shopper's book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// They work on it; the event is the one that says so.
    Enter(Work, EventId),
    /// They do not work on it; the event is the entry.
    Strike(Work, EventId),
}

impl Floor {
    /// What is to be put right. Ask only when every event of an append is counted.
    pub fn settle(&mut self) -> Vec<(AccountId, ShopperId, Settlement)> {
        let suspects = std::mem::take(&mut self.suspects);
        let mut all = Vec::new();
        for (account, shopper) in suspects {
            let Some(Place::Shopper(place)) = self.places.get(&(account, Category::Shopper, shopper.0)) else { continue };
            let strikes = place.work.iter().filter(|(work, _)| !self.is_theirs(account, shopper, *work));
            all.extend(strikes.map(|(work, entry)| (account, shopper, Settlement::Strike(*work, *entry))));
            let entered = |work: Work| place.work.iter().any(|(known, _)| *known == work);
            let missing = self.chats_of(account, shopper).filter(|(id, _)| !entered(Work::Conversation(*id)));
            all.extend(missing.map(|(id, cause)| (account, shopper, Settlement::Enter(Work::Conversation(id), cause))));
        }
        all
    }

    fn is_theirs(&self, account: AccountId, shopper: ShopperId, work: Work) -> bool {
        match work {
            Work::Call(CallId(id)) => match self.places.get(&(account, Category::Call, id)) {
                Some(Place::Call(call)) => call.occupies().any(|one| one == shopper),
                _ => false,
            },
            Work::Conversation(ConversationId(id)) => match self.places.get(&(account, Category::Conversation, id)) {
                Some(Place::Chat(chat)) => chat.agents.contains(&shopper),
                _ => false,
            },
        }
    }

    fn chats_of(&self, account: AccountId, shopper: ShopperId) -> impl Iterator<Item = (ConversationId, EventId)> + '_ {
        self.chats(account).filter_map(move |(id, chat)| chat.joined.iter().find(|(one, _)| *one == shopper).map(|(_, event)| (id, *event)))
    }
}
