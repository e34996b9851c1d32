//! The first start: an empty log gets an account and its owner, whose credentials are shown once.
//!
//! The ids are derived from the master key, so that of two processes that start together one makes them and the other
//! finds them made. A sandbox has an account, and nobody who can sign in: it gets an owner.

use crate::{
    auth::{password::Passwords, token},
    claims,
    config::Config,
    founding::Founding,
    house::StartError,
    writing::Commands,
};
use chrono::Utc;
use uuid::Builder;
use vitrina_commands::CommandMeta;
use vitrina_domain::{
    actor::Actor,
    ids::{AccountId, CommandId, UserId},
    locale::Locale,
};
use vitrina_eventlog::{EventLog, Position};

/// What the first start made.
#[derive(Debug, Clone)]
pub struct FirstStart {
    /// The account.
    pub account: AccountId,
    /// The owner.
    pub owner: UserId,
    /// The owner's e-mail address.
    pub email: String,
    /// The owner's password, when it was made here and nobody else knows it.
    pub password: Option<String>,
    /// Position of the last event.
    pub position: Position,
}

/// Makes the first account, if the log is empty, or the owner of a sandbox in which nothing has happened yet.
///
/// # Errors
/// [`StartError::FirstStart`] or [`StartError::Log`].
pub async fn make(
    config: &Config,
    log: &EventLog,
    commands: &Commands,
    sandbox: Option<AccountId>,
) -> Result<Option<FirstStart>, StartError> {
    let begins_at = if sandbox.is_some() { log.imported() } else { Position::ZERO };
    if log.ping().await? > begins_at {
        return Ok(None);
    }
    let derived = |purpose: &str| {
        let key = log.master().derive(purpose);
        let mut id = [0; 16];
        id.copy_from_slice(&key[..16]);
        Builder::from_custom_bytes(id).into_uuid()
    };
    // With the master key of the original, too, nobody in a sandbox is who somebody there is.
    let of = |what: &str| sandbox.map_or_else(|| derived(what), |account| derived(&format!("{what}/{account}")));
    let account = sandbox.unwrap_or_else(|| derived("first-account").into());
    let owner: UserId = of("first-owner").into();
    let random = config.first_password.is_none().then(token::new_password);
    let password = config.first_password.clone().or_else(|| random.clone()).unwrap_or_default();
    let password_hash = Passwords::new().hash(password).await;
    let founding = Founding {
        owner,
        store_name: config.first_store_name.clone(),
        zone: "UTC".to_owned(),
        locale: Locale::En,
        currency: "EUR".to_owned(),
        email: config.first_email.clone(),
        email_claim: claims::email(log.master(), &config.first_email),
        password_hash,
    };
    let meta = CommandMeta::new(account, CommandId(of("first-start")), Actor::System("first-start".to_owned()), Utc::now());
    let done = commands
        .execute(&meta, Vec::new(), |unit| if sandbox.is_some() { founding.let_in(unit) } else { founding.decide(account, unit) })
        .await
        .map_err(|error| StartError::FirstStart(error.to_string()))?;
    let made = FirstStart { account, owner, email: config.first_email.clone(), password: random, position: done.position };
    Ok((!done.replayed).then_some(made))
}

impl FirstStart {
    /// What the person who started it needs to know, and what to do next.
    pub fn greeting(&self, url: &str) -> String {
        let Self { account, email, .. } = self;
        let password = self
            .password
            .as_deref()
            .map_or_else(|| "the one of the option first_password".to_owned(), |p| format!("{p}   (shown this once)"));
        let shown = self.password.as_deref().unwrap_or("…");
        format!(
            r#"
  Vitrina is ready at {url}

    account    {account}
    e-mail     {email}
    password   {password}

  What to do next:

    curl -s {url}/v1/sessions -H 'Content-Type: application/json' \
         -d '{{"email":"{email}","password":"{shown}"}}'

    curl -s {url}/v1/account -H 'Authorization: Bearer TOKEN'

  All addresses: {url}/docs
"#
        )
    }
}
