//! What the customer is told in a conversation by the system, in the conversation's language, or else in the shop's.

use crate::{Failure, Unit, process::id::derived};
use vitrina_domain::{
    account::Account,
    conversation::{Conversation, ConversationAction},
    ids::{ConversationId, EventId, MessageId},
    locale::Locale,
    notice::Notice,
};

/// Tells the customer. To be given by the house.
///
/// # Errors
/// [`Failure`]: refused when the conversation is closed.
pub fn tell_customer(unit: &mut Unit<'_>, conversation: ConversationId, notice: Notice) -> Result<(), Failure> {
    let account = unit.account();
    let shops = unit.state::<Account>(account)?.settings().map(|settings| settings.locale);
    let customers = unit.state::<Conversation>(conversation)?.language().and_then(Locale::of);
    // The same command tells the same message, however often it is run.
    let message_id = MessageId(derived("notice", conversation.0, EventId(unit.command_id().0), 0).0);
    let body = notice.words(customers.or(shops).unwrap_or_default()).to_owned();
    unit.run::<Conversation>(conversation, ConversationAction::Announce { message_id, body })
}
