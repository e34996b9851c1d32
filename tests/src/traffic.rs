//! Several customers who write at once until something breaks, and the settling afterwards: everything is sent again with
//! its key, and each command must have happened exactly once.

use crate::{
    http::{Answer, Client},
    ledger::Acknowledged,
    patience::wait_for,
    server::Server,
    walk::{Visit, request_of_a_call},
};
use serde_json::json;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// No run of traffic takes longer to come to its number of commands.
const ENOUGH_WITHIN: Duration = Duration::from_secs(120);

/// One command as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    path: String,
    key: String,
    body: String,
    /// Which caller, by its place among them.
    caller: usize,
}

/// What the callers know when it is over.
#[derive(Debug, Default)]
pub struct Known {
    /// Answered well.
    pub acknowledged: Vec<(Sent, Answer)>,
    /// Sent, and no answer came, or one that the service is away: written or not.
    pub open: Vec<Sent>,
}

/// Writes with one caller for each visit until `enough` commands are acknowledged, then calls `blow` while they go on.
/// Each caller stops at its first command that is not answered well.
///
/// # Panics
/// When an answer is neither good nor 503, or when the server does not get that many commands done.
pub fn until_broken(address: &str, visits: &[Visit], enough: usize, blow: impl FnOnce()) -> Known {
    write(address, visits, |count| {
        let reached = wait_for(ENOUGH_WITHIN, || (count() >= enough).then_some(()));
        blow();
        assert!(reached.is_some(), "the server does not get {enough} commands done");
    })
}

/// Writes with one caller for each visit for as long as `meanwhile` takes.
///
/// # Panics
/// When an answer is neither good nor 503.
pub fn until(address: &str, visits: &[Visit], meanwhile: impl FnOnce()) -> Known {
    write(address, visits, |_| meanwhile())
}

/// Writes until `end` returns; it may ask how many commands are acknowledged.
fn write(address: &str, visits: &[Visit], end: impl FnOnce(&dyn Fn() -> usize)) -> Known {
    let (known, count, over) = (Mutex::new(Known::default()), AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for (number, visit) in visits.iter().enumerate() {
            let mut client = Client::new(address).with_token(&visit.token);
            let (known, count, over) = (&known, &count, &over);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let sent = next_command(&mut client, visit, number);
                    let answer = send(&mut client, &sent);
                    let mut known = known.lock().expect("no caller panics while it holds the lock");
                    match answer {
                        Ok(answer) if answer.status != 503 => {
                            known.acknowledged.push((sent, answer));
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                        _ => {
                            known.open.push(sent);
                            return;
                        }
                    }
                }
            });
        }
        // Also when `end` panics: the callers must not go on for ever.
        let _over = Raise(&over);
        end(&|| count.load(Ordering::Relaxed));
    });
    let known = known.into_inner().expect("no caller panics while it holds the lock");
    for (sent, answer) in &known.acknowledged {
        assert!(matches!(answer.status, 200 | 201), "{sent:?}: {} {}", answer.status, answer.text());
    }
    known
}

/// Raises a flag when it goes out of scope.
struct Raise<'a>(&'a AtomicBool);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Repeats every command: what was acknowledged is answered again byte by byte, what was open is answered now. Waits for the
/// read models to come to the head. Gives what is acknowledged by then.
///
/// # Panics
/// When an answer differs from the first one, or a command happened again.
pub fn settle(server: &Server, visits: &[Visit], known: &Known) -> Vec<Acknowledged> {
    let mut clients: Vec<Client> = visits.iter().map(|visit| server.client().with_token(&visit.token)).collect();
    let mut all = Vec::new();
    for (sent, first) in &known.acknowledged {
        let again = send(&mut clients[sent.caller], sent).expect("the server answers");
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{sent:?} happened twice: {}", again.text());
        assert_eq!((again.status, again.text()), (first.status, first.text()), "{sent:?}");
        all.push(acknowledged(&again));
    }
    for sent in &known.open {
        let answer = send(&mut clients[sent.caller], sent).expect("the server answers");
        assert!(matches!(answer.status, 200 | 201), "{sent:?}: {} {}", answer.status, answer.text());
        all.push(acknowledged(&answer));
    }
    let last = all.iter().map(|ack| ack.position).max().unwrap_or(0);
    let path = format!("/v1/conversations/{}?at_least={last}", visits[0].conversation_id);
    clients[0].get(&path).expect(200);
    all
}

/// The next command of a caller: mostly messages, now and then another request of a call.
fn next_command(client: &mut Client, visit: &Visit, caller: usize) -> Sent {
    let key = client.fresh_key();
    let (path, body) = if key.ends_with("7\"") {
        ("/v1/calls".to_owned(), request_of_a_call())
    } else {
        (visit.messages(), json!({ "body": format!("message {key}") }))
    };
    Sent { path, key, body: body.to_string(), caller }
}

fn send(client: &mut Client, sent: &Sent) -> std::io::Result<Answer> {
    client.try_send("POST", &sent.path, &[("Idempotency-Key", &sent.key)], Some(sent.body.as_bytes()))
}

fn acknowledged(answer: &Answer) -> Acknowledged {
    let json = answer.json();
    let number = |member: &str| json[member].as_i64().unwrap_or_else(|| panic!("no {member} in {json}"));
    Acknowledged { position: number("position"), version: number("version") }
}
