//! Reads live updates into a terminal: one line of JSON for each event, for people and for `jq`.

use crate::{
    actors,
    client::{Client, Fault, Servers},
    day::DayError,
    live::{Frame, Socket, Subscription, Topic},
};
use clap::Args;
use serde_json::Value;
use std::{io::Write, time::Duration};
use tokio::time::sleep;
use uuid::Uuid;

/// Between two attempts at a server that is away.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows the queue, a shopper's work, a conversation, a call or the whole account, and prints each event as a line of JSON.
///
/// A lost connection is opened again where it was.
#[derive(Debug, Clone, Args)]
pub struct Follow {
    /// Where the server is.
    #[arg(long, env = "VITRINA_SIMULATE_URL", value_name = "URL", value_delimiter = ',', default_value = "http://127.0.0.1:8080")]
    pub url: Vec<String>,
    /// E-mail address to sign in with.
    #[arg(long, env = "VITRINA_SIMULATE_EMAIL", default_value = "owner@example.com")]
    pub email: String,
    /// The password; not needed with a token.
    #[arg(long, env = "VITRINA_SIMULATE_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// A token in place of e-mail address and password; a customer's will do for their own call and conversation.
    #[arg(long, env = "VITRINA_SIMULATE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// What to follow.
    #[arg(long, value_enum, default_value = "account")]
    pub topic: Topic,
    /// Which call, conversation or shopper.
    #[arg(long)]
    pub key: Option<Uuid>,
    /// Begin after this position in the log; from now on when left out.
    #[arg(long)]
    pub after: Option<i64>,
}

/// Prints what comes until the reader has gone or the server refuses.
///
/// # Errors
/// When the caller may not follow this.
pub async fn follow(options: &Follow) -> Result<(), DayError> {
    let servers = Servers::new(&options.url)?;
    let nobody = Client::new(&servers, 0);
    let client = match (&options.token, &options.password) {
        (Some(token), _) => nobody.with_token(token),
        (None, Some(password)) => actors::sign_in(&nobody, &options.email, password).await?,
        (None, None) => return Err(DayError::NoCredential),
    };
    let mut subscription = Subscription { topic: options.topic, key: options.key, after: options.after };
    loop {
        match Socket::open(&client).await {
            Ok(mut socket) => {
                if socket.subscribe("follow", subscription).await.is_ok()
                    && print_all(&mut socket, &mut subscription).await? == Reader::Gone
                {
                    return Ok(());
                }
            }
            Err(error) => eprintln!("vitrina: no connection ({error}); trying again"),
        }
        client.turn_away();
        sleep(PAUSE).await;
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

async fn print_all(socket: &mut Socket, subscription: &mut Subscription) -> Result<Reader, Fault> {
    loop {
        let said = match socket.next().await? {
            Frame::Said(said) => said,
            Frame::Gone => return Ok(Reader::There),
        };
        match said["type"].as_str() {
            Some("event") => {
                subscription.after = said["position"].as_i64().or(subscription.after);
                if writeln!(std::io::stdout(), "{}", line(said)).is_err() {
                    // `| head` has seen enough.
                    return Ok(Reader::Gone);
                }
            }
            Some("subscribed") => subscription.after = subscription.after.or(said["position"].as_i64()),
            Some("resume") => return Ok(Reader::There),
            Some("error" | "revoked") => return Err(Fault::Missing(format!("leave to follow this, not {said}"))),
            _ => {}
        }
    }
}

/// The event without what only the protocol needs.
fn line(mut said: Value) -> Value {
    if let Value::Object(members) = &mut said {
        members.remove("type");
        members.remove("ids");
    }
    said
}
