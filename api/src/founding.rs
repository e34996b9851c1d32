//! A new account and its owner, in one append: what the first start, the operator's route and `vitrina account create` do.

use crate::{
    auth::{
        password::{PASSWORD_CHARS_MIN, Passwords},
        token,
    },
    claims,
    house::StartError,
    writing::Commands,
};
use chrono::Utc;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Failure, Unit};
use vitrina_domain::{
    account::{Account, AccountAction},
    actor::Actor,
    ids::{AccountId, CommandId, UserId},
    locale::Locale,
    module::Access,
    user::{User, UserAction},
};
use vitrina_eventlog::{EventLog, Position};

/// What an account begins with.
#[derive(Debug, Clone)]
pub(crate) struct Founding {
    /// The owner.
    pub owner: UserId,
    /// Name of the shop.
    pub store_name: String,
    /// IANA zone of its reports.
    pub zone: String,
    /// Language of its texts.
    pub locale: Locale,
    /// ISO 4217 code.
    pub currency: String,
    /// The owner's e-mail address.
    pub email: String,
    /// The unique name that it is claimed under.
    pub email_claim: Vec<u8>,
    /// The owner's password, argon2id.
    pub password_hash: String,
}

impl Founding {
    /// Makes the account and its owner, or neither.
    pub(crate) fn decide(&self, account: AccountId, unit: &mut Unit<'_>) -> Result<(), Failure> {
        let create = AccountAction::Create {
            store_name: self.store_name.clone(),
            zone: self.zone.clone(),
            locale: self.locale,
            currency: self.currency.clone(),
        };
        unit.open::<Account>(account, create)?;
        self.let_in(unit)
    }

    /// Makes the owner of an account that is there.
    pub(crate) fn let_in(&self, unit: &mut Unit<'_>) -> Result<(), Failure> {
        let sign_in = UserAction::Create {
            user_id: self.owner,
            email: self.email.clone(),
            name: "Owner".to_owned(),
            access: Access::Owner,
            password_hash: Some(self.password_hash.clone()),
        };
        unit.claim(claims::USER_EMAIL, self.email_claim.clone(), self.owner);
        unit.open::<User>(self.owner, sign_in)
    }
}

/// An account that was made on the command line.
#[derive(Debug, Clone)]
pub struct Founded {
    /// The account.
    pub account: AccountId,
    /// Its owner.
    pub owner: UserId,
    /// Position of the last event.
    pub position: Position,
}

/// A password for an owner, out of reach of guessing.
pub fn random_password() -> String {
    token::new_password()
}

/// Makes an account without a server, for `vitrina account create`.
///
/// # Errors
/// [`StartError::FirstStart`] with what the account is refused for.
pub async fn found(log: &EventLog, store_name: &str, email: &str, password: &str) -> Result<Founded, StartError> {
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(StartError::FirstStart(format!("the password needs at least {PASSWORD_CHARS_MIN} characters")));
    }
    let (account, owner) = (AccountId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let founding = Founding {
        owner,
        store_name: store_name.to_owned(),
        zone: "UTC".to_owned(),
        locale: Locale::En,
        currency: "EUR".to_owned(),
        email: email.to_owned(),
        email_claim: claims::email(log.master(), email),
        password_hash: Passwords::new().hash(password.to_owned()).await,
    };
    let meta = CommandMeta::new(account, CommandId(Uuid::now_v7()), Actor::System("operator".to_owned()), Utc::now());
    let commands = Commands::Executor(vitrina_commands::Executor::new(log.clone()));
    let done = commands.execute(&meta, Vec::new(), |unit| founding.decide(account, unit)).await;
    let done = done.map_err(|error| StartError::FirstStart(error.to_string()))?;
    Ok(Founded { account, owner, position: done.position })
}
