//! Signals: what is true for a moment and never an event, such as that somebody is typing.
//!
//! They go to every process on the same log, at most once, in no promised order, and are lost rather than waited for: all
//! channels are bounded. Nothing may be decided on a signal.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;
use vitrina_domain::{actor::Actor, ids::AccountId};

/// Signals that wait for a reader of this process; a slower one loses the oldest.
const WAITING_MAX: usize = 1024;
/// Bytes of a signal as JSON: PostgreSQL carries less than 8,000 in a notification.
pub const BYTES_MAX: usize = 4096;

/// A signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Whose.
    pub account: AccountId,
    /// What it is about: the kind of thing.
    pub topic: String,
    /// Which one.
    pub key: Uuid,
    /// What is signalled: `typing`, `read`, `presence`.
    pub kind: String,
    /// Who sent it.
    pub from: Actor,
    /// The connection that it came from, which does not need it back.
    pub connection: Uuid,
    /// The rest, as the sender gave it.
    pub data: serde_json::Value,
}

/// The way to the other processes, where there can be any: JSON texts out and in.
pub struct Wire {
    /// What is to be told to them; one that does not fit is lost.
    pub outgoing: mpsc::Sender<String>,
    /// What they tell, this process's own signals among it.
    pub incoming: broadcast::Receiver<String>,
}

/// A signal with the process that it comes from.
#[derive(Serialize, Deserialize)]
struct Sent<S> {
    process: Uuid,
    signal: S,
}

/// The signals of one log. Cheap to clone.
#[derive(Clone)]
pub struct Signals {
    here: broadcast::Sender<Arc<Signal>>,
    outgoing: Option<mpsc::Sender<String>>,
    process: Uuid,
}

impl Signals {
    /// Signals within this process and, over the wire, to and from the others. Must be called within a runtime.
    pub(crate) fn new(wire: Option<Wire>) -> Self {
        let (here, _) = broadcast::channel(WAITING_MAX);
        let process = Uuid::now_v7();
        let outgoing = wire.map(|wire| {
            tokio::spawn(hand_on(wire.incoming, here.clone(), process));
            wire.outgoing
        });
        Self { here, outgoing, process }
    }

    /// Sends it to whoever listens now.
    pub fn send(&self, signal: Signal) {
        if let Some(outgoing) = &self.outgoing {
            let text = serde_json::to_string(&Sent { process: self.process, signal: &signal }).expect("a signal is plain data");
            if text.len() > BYTES_MAX || outgoing.try_send(text).is_err() {
                metrics::counter!("vitrina_signals_lost_total").increment(1);
            }
        }
        // An error means that nobody listens.
        let _ = self.here.send(Arc::new(signal));
    }

    /// Every signal from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Signal>> {
        self.here.subscribe()
    }
}

/// Hands the other processes' signals on to the listeners of this one.
async fn hand_on(mut incoming: broadcast::Receiver<String>, here: broadcast::Sender<Arc<Signal>>, process: Uuid) {
    loop {
        match incoming.recv().await {
            Ok(text) => match serde_json::from_str::<Sent<Signal>>(&text) {
                Ok(sent) if sent.process != process => {
                    let _ = here.send(Arc::new(sent.signal));
                }
                Ok(_) => {}
                // Another version's; a signal that is not understood is one that was lost.
                Err(error) => tracing::debug!(%error, "a signal of another process is not understood"),
            },
            Err(broadcast::error::RecvError::Lagged(lost)) => metrics::counter!("vitrina_signals_lost_total").increment(lost),
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// The channel of signals from other processes, for engines that make a [`Wire`].
pub(crate) fn incoming() -> (broadcast::Sender<String>, broadcast::Receiver<String>) {
    broadcast::channel(WAITING_MAX)
}

/// The channel of signals to other processes, for engines that make a [`Wire`].
pub(crate) fn outgoing() -> (mpsc::Sender<String>, mpsc::Receiver<String>) {
    mpsc::channel(WAITING_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn signal(kind: &str) -> Signal {
        Signal {
            account: Uuid::from_u128(1).into(),
            topic: "conversation".to_owned(),
            key: Uuid::from_u128(2),
            kind: kind.to_owned(),
            from: Actor::System("test".to_owned()),
            connection: Uuid::from_u128(3),
            data: json!({}),
        }
    }

    #[tokio::test]
    async fn a_signal_reaches_listeners_of_every_process_once() {
        let (carried, _) = incoming();
        let mut processes: Vec<(Signals, broadcast::Receiver<Arc<Signal>>)> = Vec::new();
        for _ in 0..2 {
            let (sender, mut receiver) = outgoing();
            let signals = Signals::new(Some(Wire { outgoing: sender, incoming: carried.subscribe() }));
            let carried = carried.clone();
            tokio::spawn(async move {
                while let Some(text) = receiver.recv().await {
                    let _ = carried.send(text);
                }
            });
            let listener = signals.listen();
            processes.push((signals, listener));
        }
        processes[0].0.send(signal("typing"));
        processes[1].0.send(signal("read"));
        for (at, (_, listener)) in processes.iter_mut().enumerate() {
            let mut heard = [listener.recv().await.unwrap().kind.clone(), listener.recv().await.unwrap().kind.clone()];
            heard.sort();
            assert_eq!(heard, ["read", "typing"], "process {at}");
            assert!(listener.try_recv().is_err(), "process {at} heard its own signal twice");
        }
    }

    #[test]
    fn a_signal_survives_its_way_as_json() {
        let text = serde_json::to_string(&signal("presence")).unwrap();
        assert_eq!(serde_json::from_str::<Signal>(&text).unwrap(), signal("presence"));
    }
}
