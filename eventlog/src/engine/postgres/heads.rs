//! Heads that other processes write: one connection that listens, and a slow look as a safety net.
//!
//! The connection is apart from the pools, because a pooled one cannot receive notifications. It must not go through a
//! pooler that shares connections between transactions.

use super::{connect, error::text};
use crate::{LogError, Position};
use std::{future::poll_fn, time::Duration};
use tokio::sync::watch;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

/// The channel that the write statement notifies.
pub const CHANNEL: &str = "vitrina_log";
/// A look at the head without a notification: a lost one delays readers by this much, never more.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause before connecting anew.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);

/// Starts to listen; the receiver tells of every new head, this process's own among them.
pub fn listen(url: &str, head: Position) -> Result<watch::Receiver<Position>, LogError> {
    let config = connect::config(url, connect::Use::Read)?;
    let (sender, receiver) = watch::channel(head);
    tokio::spawn(async move {
        while !sender.is_closed() {
            if let Err(error) = follow(&config, &sender).await {
                tracing::warn!(error = text(&error), "the connection that listens for new events is away; trying again");
            }
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
    });
    Ok(receiver)
}

fn announce(sender: &watch::Sender<Position>, position: i64) {
    sender.send_if_modified(|head| {
        let newer = position > head.0;
        head.0 = position.max(head.0);
        newer
    });
}

/// Listens until the connection ends or nobody wants to know.
async fn follow(config: &Config, sender: &watch::Sender<Position>) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let notified = sender.clone();
    let driver = tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match message {
                Ok(AsyncMessage::Notification(notification)) => {
                    if let Ok(position) = notification.payload().parse() {
                        announce(&notified, position);
                    }
                }
                Ok(_) => {}
                Err(_) => return,
            }
        }
    });
    let followed = look(&client, sender).await;
    driver.abort();
    followed
}

async fn look(client: &Client, sender: &watch::Sender<Position>) -> Result<(), tokio_postgres::Error> {
    client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
    let head = client.prepare("SELECT position FROM log.head WHERE one = 1").await?;
    while !sender.is_closed() {
        announce(sender, client.query_one(&head, &[]).await?.get(0));
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}
