//! What can be followed, and who may follow it.
//!
//! A customer follows their own call and conversation, staff with the module calls everything of the account. What a
//! caller may not see does not exist for them, as everywhere.

use crate::{
    auth::caller::Caller,
    error::{ApiError, Result},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use vitrina_domain::{
    ids::{CallId, ConversationId, ShopperId},
    module::Module,
    stream::Category,
};

/// What a subscription is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Topic {
    /// Who waits: every event that changes the waiting queue.
    Queue,
    /// One shopper's work: the calls and conversations held or offered, and the shopper's own status.
    Work,
    /// One conversation.
    Conversation,
    /// One call.
    Call,
    /// All calls, conversations and shoppers.
    Account,
}

/// A topic with what it needs to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Interest {
    /// The waiting queue.
    Queue,
    /// This shopper's work.
    Work(ShopperId),
    /// This call or conversation.
    Stream(Category, Uuid),
    /// The whole account.
    Account,
}

/// Who reads: what is internal is not shown to customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Audience {
    /// Members of staff.
    Staff,
    /// The customer.
    Customer,
}

impl Topic {
    /// The name in the protocol.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Work => "work",
            Self::Conversation => "conversation",
            Self::Call => "call",
            Self::Account => "account",
        }
    }

    /// What this caller would follow, if the caller may.
    pub(crate) fn interest(self, caller: &Caller, key: Option<Uuid>) -> Result<Interest> {
        let needed = || key.ok_or_else(|| ApiError::field("/key", "required", format!("say which {}: its id as `key`", self.as_str())));
        match self {
            Self::Conversation => {
                let id = ConversationId(needed()?);
                caller.party_of_conversation(id).map(|_| Interest::Stream(Category::Conversation, id.0))
            }
            Self::Call => {
                let id = CallId(needed()?);
                caller.party_of_call(id).map(|_| Interest::Stream(Category::Call, id.0))
            }
            Self::Work => {
                let staff = caller.reader(Module::Calls)?;
                staff
                    .shopper_or_self(key.map(ShopperId))
                    .map(Interest::Work)
                    .map_err(|_| ApiError::field("/key", "required", "you are not a shopper: name the one whose work you mean as `key`"))
            }
            Self::Queue | Self::Account if key.is_some() => {
                Err(ApiError::field("/key", "unexpected", format!("there is one {} in an account; leave the key out", self.as_str())))
            }
            Self::Queue => caller.reader(Module::Calls).map(|_| Interest::Queue),
            Self::Account => caller.reader(Module::Calls).map(|_| Interest::Account),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::customer_token::Claims;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn customer() -> Caller {
        Caller::Customer(Claims {
            account: id(1).into(),
            customer: id(2).into(),
            call: Some(id(3).into()),
            conversation: id(4).into(),
            expires_at: i64::MAX,
            link: None,
        })
    }

    #[test]
    fn a_customer_follows_only_their_own_call_and_conversation() {
        let may = |topic: Topic, key| topic.interest(&customer(), key).is_ok();
        assert!(may(Topic::Call, Some(id(3))) && may(Topic::Conversation, Some(id(4))));
        assert!(!may(Topic::Call, Some(id(4))) && !may(Topic::Conversation, Some(id(3))) && !may(Topic::Call, None));
        assert!(!may(Topic::Queue, None) && !may(Topic::Account, None) && !may(Topic::Work, Some(id(2))));
    }

    #[test]
    fn nobody_follows_nothing() {
        for topic in [Topic::Queue, Topic::Work, Topic::Conversation, Topic::Call, Topic::Account] {
            assert!(topic.interest(&Caller::Nobody, Some(id(3))).is_err());
        }
    }
}
