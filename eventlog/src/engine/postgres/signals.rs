//! Signals between processes: one connection that listens and notifies.
//!
//! Apart from the one that tells of heads, so that typing never stands before an event. While the database is away signals
//! are lost.

use super::{connect, error::text};
use crate::{
    LogError,
    signal::{self, Wire},
};
use std::{future::poll_fn, time::Duration};
use tokio::sync::{broadcast, mpsc};
use tokio_postgres::{AsyncMessage, Config, NoTls};

/// The channel.
const CHANNEL: &str = "vitrina_signal";
/// Pause before connecting anew.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);

/// The two ends that the connection serves.
struct Ends {
    outgoing: mpsc::Receiver<String>,
    incoming: broadcast::Sender<String>,
}

/// Connects; the wire works as soon as the database answers.
pub fn connect(url: &str) -> Result<Wire, LogError> {
    let config = connect::config(url, connect::Use::Read)?;
    let (outgoing, to_be_sent) = signal::outgoing();
    let (sender, incoming) = signal::incoming();
    let mut ends = Ends { outgoing: to_be_sent, incoming: sender };
    tokio::spawn(async move {
        loop {
            match carry(&config, &mut ends).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(error = text(&error), "the connection for signals is away; trying again"),
            }
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
    });
    Ok(Wire { outgoing, incoming })
}

/// Carries signals until the connection ends, or until nobody sends any more.
async fn carry(config: &Config, ends: &mut Ends) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let heard = ends.incoming.clone();
    let driver = tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message {
                // An error means that nobody listens.
                let _ = heard.send(notification.payload().to_owned());
            }
        }
    });
    let carried = async {
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        let notify = client.prepare("SELECT pg_notify($1, $2)").await?;
        while let Some(text) = ends.outgoing.recv().await {
            client.execute(&notify, &[&CHANNEL, &text]).await?;
        }
        Ok(())
    }
    .await;
    driver.abort();
    carried
}
