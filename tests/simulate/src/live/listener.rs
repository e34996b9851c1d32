//! A socket that writes down what it hears, beside whoever it belongs to.

use super::{Event, Frame, Heard, Socket, Subscription};
use crate::client::{Client, Fault};
use serde_json::Value;
use std::time::Duration;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

/// How long a lost connection is tried again: longer than a killed server needs to be up again.
const TRIED_FOR: Duration = Duration::from_secs(90);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);
/// How long the last events may take; whoever has not heard them then has lost them.
const HEARD_WITHIN: Duration = Duration::from_secs(120);

/// What has to be heard before a listener may go.
#[derive(Debug, Clone, Copy)]
pub struct Until {
    /// Number of the subscription.
    pub subscription: usize,
    /// What of it.
    pub sign: Sign,
}

/// A sign that everything was heard.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// Events of this type were heard, so many in all.
    Times(&'static str, usize),
    /// Something at or after this position was heard.
    Position(i64),
}

#[derive(Debug)]
enum Order {
    LoseConnection,
    Go(Vec<Until>),
}

/// Somebody's socket.
#[derive(Debug)]
pub struct Listener {
    orders: mpsc::UnboundedSender<Order>,
    task: JoinHandle<Result<Vec<Heard>, Fault>>,
}

impl Listener {
    /// Begins to listen.
    pub fn begin(client: &Client, who: String, subscriptions: &[Subscription]) -> Self {
        Self::listening(client, who, subscriptions, None)
    }

    /// Begins to listen, and passes on what is heard under the first subscription.
    pub fn begin_telling(client: &Client, who: String, subscriptions: &[Subscription]) -> (Self, mpsc::UnboundedReceiver<Event>) {
        // A day has an end, and so has what one shopper hears of it: the listener keeps it all anyway.
        let (tell, told) = mpsc::unbounded_channel();
        (Self::listening(client, who, subscriptions, Some(tell)), told)
    }

    fn listening(client: &Client, who: String, subscriptions: &[Subscription], tell: Option<mpsc::UnboundedSender<Event>>) -> Self {
        let (orders, received) = mpsc::unbounded_channel();
        let heard = subscriptions.iter().map(|subscription| Heard::new(&who, *subscription)).collect();
        let listening = Listening { client: client.clone(), who, heard, tell, until: None, orders: received };
        Self { orders, task: tokio::spawn(listening.run()) }
    }

    /// The connection breaks now.
    pub fn lose_connection(&self) {
        // A listener that has ended says why when it is asked for what it heard.
        let _ = self.orders.send(Order::LoseConnection);
    }

    /// Waits until all this was heard, and gives everything that was.
    ///
    /// # Errors
    /// When it does not come, or the server said something that it may not.
    pub async fn end(self, until: Vec<Until>) -> Result<Vec<Heard>, Fault> {
        let _ = self.orders.send(Order::Go(until));
        self.task.await.expect("a listener does not panic")
    }
}

struct Listening {
    client: Client,
    who: String,
    heard: Vec<Heard>,
    tell: Option<mpsc::UnboundedSender<Event>>,
    until: Option<(Vec<Until>, Instant)>,
    orders: mpsc::UnboundedReceiver<Order>,
}

enum After {
    Again,
    Over,
}

impl Listening {
    async fn run(mut self) -> Result<Vec<Heard>, Fault> {
        loop {
            let mut socket = self.open().await?;
            if let After::Over = self.listen(&mut socket).await? {
                return Ok(self.heard);
            }
        }
    }

    async fn open(&mut self) -> Result<Socket, Fault> {
        let begun = Instant::now();
        loop {
            let refused = match Socket::open(&self.client).await {
                Ok(mut socket) => match self.subscribe_all(&mut socket).await {
                    Ok(()) => return Ok(socket),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if begun.elapsed() > TRIED_FOR {
                return Err(Fault::Missing(format!("a socket for {}: {refused}", self.who)));
            }
            self.client.turn_away();
            sleep(PAUSE).await;
        }
    }

    async fn subscribe_all(&self, socket: &mut Socket) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        for number in 0..self.heard.len() {
            self.subscribe(socket, number).await?;
        }
        Ok(())
    }

    async fn subscribe(&self, socket: &mut Socket, number: usize) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        let heard = &self.heard[number];
        let subscription = Subscription { topic: heard.topic, key: heard.key, after: heard.reached() };
        socket.subscribe(&number.to_string(), subscription).await
    }

    async fn listen(&mut self, socket: &mut Socket) -> Result<After, Fault> {
        loop {
            if self.is_done()? {
                return Ok(After::Over);
            }
            tokio::select! {
                frame = timeout(PAUSE, socket.next()) => match frame {
                    // A look at the clock.
                    Err(_) => {}
                    Ok(Ok(Frame::Gone)) => return Ok(After::Again),
                    Ok(Ok(Frame::Said(said))) => self.take(socket, &said).await?,
                    Ok(Err(fault)) => return Err(fault),
                },
                order = self.orders.recv() => match order {
                    Some(Order::LoseConnection) => return Ok(After::Again),
                    Some(Order::Go(until)) => self.until = Some((until, Instant::now())),
                    // Nobody wants to know any more.
                    None => return Ok(After::Over),
                },
            }
        }
    }

    fn is_done(&self) -> Result<bool, Fault> {
        let Some((until, since)) = &self.until else { return Ok(false) };
        let missing = until.iter().find(|until| !self.heard[until.subscription].has(until.sign));
        match missing {
            None => Ok(true),
            Some(until) if since.elapsed() > HEARD_WITHIN => {
                let heard = &self.heard[until.subscription];
                let what = format!(
                    "{:?} on the socket of {} (topic {}), which heard {} events up to {:?}",
                    until.sign,
                    self.who,
                    heard.topic.as_str(),
                    heard.events.len(),
                    heard.reached()
                );
                Err(Fault::Missing(what))
            }
            Some(_) => Ok(false),
        }
    }

    async fn take(&mut self, socket: &mut Socket, said: &Value) -> Result<(), Fault> {
        let who = self.who.clone();
        let strange =
            |cause: &str| Fault::Strange { request: format!("the socket of {who}"), cause: cause.to_owned(), text: said.to_string() };
        match said["type"].as_str() {
            Some("event") => {
                let event = Event::of(said).ok_or_else(|| strange("an event"))?;
                for id in said["ids"].as_array().into_iter().flatten() {
                    let number = id.as_str().and_then(|id| id.parse::<usize>().ok());
                    let heard = number.and_then(|number| self.heard.get_mut(number)).ok_or_else(|| strange("an id of ours"))?;
                    heard.events.push(event.clone());
                    if let (Some(0), Some(tell)) = (number, &self.tell) {
                        // Whoever has gone home is told nothing any more.
                        let _ = tell.send(event.clone());
                    }
                }
                Ok(())
            }
            Some("subscribed") => {
                let number = self.number_of(said).ok_or_else(|| strange("an id of ours"))?;
                let heard = &mut self.heard[number];
                // Where it was asked for from now on, now is here.
                heard.after = heard.after.or(said["position"].as_i64());
                Ok(())
            }
            Some("resume") => {
                let number = self.number_of(said).ok_or_else(|| strange("an id of ours"))?;
                // A connection that breaks now is opened anew with all its subscriptions.
                let _ = self.subscribe(socket, number).await;
                Ok(())
            }
            // The database was busy or away: what was acknowledged is kept, and is heard when it is asked for again.
            Some("error") if said["problem"]["status"] == 503 => {
                let number = self.number_of(said).ok_or_else(|| strange("an id of ours"))?;
                sleep(PAUSE).await;
                let _ = self.subscribe(socket, number).await;
                Ok(())
            }
            Some("welcome" | "caught_up" | "signal" | "pong") => Ok(()),
            _ => Err(strange("a frame that makes sense here")),
        }
    }

    /// Which of the subscriptions is meant.
    fn number_of(&self, said: &Value) -> Option<usize> {
        said["id"].as_str()?.parse().ok().filter(|number| *number < self.heard.len())
    }
}
