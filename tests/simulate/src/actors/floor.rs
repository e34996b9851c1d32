//! The room where the people of the day meet: whoever took a customer's call says so to the task that plays the customer,
//! as the shopper's first word would. All else they learn from the server.

use super::staff::{Colleagues, Shopper};
use crate::{
    books::Claim,
    client::{Client, Written},
    options::Sockets,
    pace::Pace,
    rules::Rules,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use uuid::Uuid;

/// What all share.
#[derive(Debug)]
pub struct Floor {
    /// Somebody without a token.
    pub nobody: Client,
    /// The shop itself, which tells of orders.
    pub shop: Client,
    /// The account that customers name.
    pub account_id: Uuid,
    /// The clock of the day.
    pub pace: Pace,
    /// What marks everything of this run.
    pub mark: String,
    /// Whether everybody has a socket.
    pub sockets: Sockets,
    /// The rules of the floor.
    pub rules: Rules,
    /// Whether others wait in this account too.
    pub company: Company,
    /// Those who help.
    pub colleagues: Colleagues,
    /// Places for calls with media; none on a day without.
    pub media_places: Option<Semaphore>,
    /// Counted for the progress line.
    pub counts: Counts,
    /// Somebody has begun to wait.
    pub somebody_waits: Notify,
    meetings: Mutex<HashMap<Uuid, Meeting>>,
    chats: Mutex<VecDeque<Uuid>>,
    claims: Mutex<Vec<Claim>>,
    declined: Mutex<Vec<Claim>>,
    passed: Mutex<Vec<Claim>>,
    closed: watch::Sender<Door>,
}

/// What kind of day it is.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// The account that customers name.
    pub account_id: Uuid,
    /// Whether everybody has a socket.
    pub sockets: Sockets,
    /// The rules of the floor.
    pub rules: Rules,
    /// Whether others wait in this account too.
    pub company: Company,
    /// How many calls have media at once; none on a day without.
    pub with_media: Option<u32>,
}

/// Who else is in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nobody: whoever the router picks is of this day.
    Alone,
    /// Others, who are none of this day's business: shoppers look before they take.
    Others,
}

/// Whether there is still somebody to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Closed,
}

/// How many are where.
#[derive(Debug, Default)]
pub struct Counts {
    /// Came in.
    pub arrived: AtomicU32,
    /// Wait for a shopper.
    pub waiting: AtomicU32,
    /// Talk to one.
    pub in_session: AtomicU32,
    /// Have gone.
    pub gone: AtomicU32,
}

/// A shopper who has taken somebody, and stays until `done` is dropped.
#[derive(Debug)]
pub struct Taken {
    /// Who.
    pub shopper: Arc<Shopper>,
    /// How a chat was taken.
    pub joined: Option<Written>,
    /// Dropped when the shopper is free again.
    pub done: oneshot::Sender<()>,
}

#[derive(Debug)]
struct Meeting {
    to_customer: mpsc::UnboundedSender<Taken>,
    of_customer: Option<mpsc::UnboundedReceiver<Taken>>,
}

impl Floor {
    /// An empty room.
    pub fn new([nobody, shop]: [Client; 2], pace: Pace, colleagues: Colleagues, circumstances: Circumstances) -> Self {
        let Circumstances { account_id, sockets, rules, company, with_media } = circumstances;
        let mark = nobody.servers().run().simple().to_string();
        Self {
            nobody,
            shop,
            account_id,
            pace,
            mark,
            sockets,
            rules,
            company,
            colleagues,
            media_places: with_media.map(|calls| Semaphore::new(calls as usize)),
            counts: Counts::default(),
            somebody_waits: Notify::new(),
            meetings: Mutex::default(),
            chats: Mutex::default(),
            claims: Mutex::default(),
            declined: Mutex::default(),
            passed: Mutex::default(),
            closed: watch::Sender::new(Door::Open),
        }
    }

    /// Where the customer of a call or chat hears of those who took it.
    pub fn expect(&self, id: Uuid) -> mpsc::UnboundedReceiver<Taken> {
        let mut meetings = self.meetings.lock().expect("nobody panics with the meetings in hand");
        let meeting = meetings.entry(id).or_insert_with(Meeting::new);
        meeting.of_customer.take().expect("one customer for each visit")
    }

    /// Tells the customer who came, and gives what tells the shopper when it is over. Over at once when the customer has gone.
    pub fn came(&self, claim: Claim, shopper: &Arc<Shopper>, joined: Option<Written>) -> oneshot::Receiver<()> {
        self.claims.lock().expect("nobody panics with the claims in hand").push(claim);
        let (done, over) = oneshot::channel();
        let taken = Taken { shopper: shopper.clone(), joined, done };
        // The shopper may be faster than the answer that tells the customer the call's id: then the word waits here.
        let mut meetings = self.meetings.lock().expect("nobody panics with the meetings in hand");
        let _ = meetings.entry(claim.id).or_insert_with(Meeting::new).to_customer.send(taken);
        over
    }

    /// A chat waits for somebody.
    pub fn chat_waits(&self, conversation: Uuid) {
        self.chats.lock().expect("nobody panics with the chats in hand").push_back(conversation);
        self.somebody_waits.notify_one();
    }

    /// The chat that has waited longest.
    pub fn next_chat(&self) -> Option<Uuid> {
        self.chats.lock().expect("nobody panics with the chats in hand").pop_front()
    }

    /// Every claim that was acknowledged.
    pub fn claims(&self) -> Vec<Claim> {
        self.claims.lock().expect("nobody panics with the claims in hand").clone()
    }

    /// A shopper said no to an offer, and was heard.
    pub fn declined(&self, answer: Claim) {
        self.declined.lock().expect("nobody panics with the answers in hand").push(answer);
    }

    /// A shopper was told that an offer's time had run out.
    pub fn passed(&self, offer: Claim) {
        self.passed.lock().expect("nobody panics with the answers in hand").push(offer);
    }

    /// Every offer that was declined, and every one that ran out.
    pub fn unanswered(&self) -> (Vec<Claim>, Vec<Claim>) {
        let of = |list: &Mutex<Vec<Claim>>| list.lock().expect("nobody panics with the answers in hand").clone();
        (of(&self.declined), of(&self.passed))
    }

    /// Everybody has gone: the shoppers may, too.
    pub fn close(&self) {
        self.closed.send_replace(Door::Closed);
    }

    /// Whether everybody has gone.
    pub fn is_closed(&self) -> bool {
        *self.closed.borrow() == Door::Closed
    }

    /// Waits until everybody has gone.
    pub async fn until_closed(&self) {
        // The sender lives as long as the floor does.
        let _ = self.closed.subscribe().wait_for(|door| *door == Door::Closed).await;
    }
}

impl Meeting {
    fn new() -> Self {
        let (to_customer, of_customer) = mpsc::unbounded_channel();
        Self { to_customer, of_customer: Some(of_customer) }
    }
}

impl Counts {
    /// One more here.
    pub fn up(count: &AtomicU32) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// One less here.
    pub fn down(count: &AtomicU32) {
        count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts a session until it is dropped.
#[derive(Debug)]
pub struct InSession<'a>(&'a Counts);

impl<'a> InSession<'a> {
    /// One more talks.
    pub fn begin(counts: &'a Counts) -> Self {
        Counts::up(&counts.in_session);
        Self(counts)
    }
}

impl Drop for InSession<'_> {
    fn drop(&mut self) {
        Counts::down(&self.0.in_session);
    }
}
