//! Trials that visitors open: they go on in the environment that they are in, and leave it for a trial only where the account says so.

use vitrina_commands::{Failure, Unit};
use vitrina_domain::{
    account::{Account, Trials},
    conversation::Conversation,
    environment::Environment,
    ids::ConversationId,
    refusal::Refusal,
};

/// What a visitor opens from here on is of the environment that they ask for, or of the conversation whose token they have.
///
/// # Errors
/// [`Refusal::Invalid`] of `/environment` where only staff declare trials.
pub(super) fn by_a_visitor(unit: &mut Unit<'_>, had: Option<ConversationId>, asked: Option<Environment>) -> Result<(), Failure> {
    if let Some(had) = had {
        unit.stay_with::<Conversation>(had)?;
    }
    let Some(asked) = asked else { return Ok(()) };
    if (unit.opens_in(), asked) == (Environment::Production, Environment::Test) {
        let account = unit.account();
        if unit.state::<Account>(account)?.trials() == Trials::Staff {
            let expected = "production: only staff and API keys open trials, unless the account's setting trials is anyone";
            return Err(unit.refuse::<Account>(account, Refusal::invalid("/environment", "staff_only", expected)));
        }
    }
    unit.open_in(asked);
    Ok(())
}
