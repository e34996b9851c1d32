//! Janus' VideoRoom, driven over its plain HTTP transport.

use crate::http;
use serde_json::{Value, json};
use std::{io, net::SocketAddr};

/// Events that are passed over until the plugin's own comes.
const EVENTS_MAX: usize = 20;

/// One handle of the VideoRoom plugin, in a session of its own.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    session: u64,
    handle: u64,
}

fn ask(address: SocketAddr, path: &str, body: &Value) -> io::Result<Value> {
    let text = http::ask(address, "POST", path, &body.to_string())?;
    serde_json::from_str(&text).map_err(io::Error::other)
}

fn id(answer: &Value) -> io::Result<u64> {
    answer["data"]["id"].as_u64().ok_or_else(|| io::Error::other(format!("no id in {answer}")))
}

impl Handle {
    /// Attaches to the plugin.
    ///
    /// # Errors
    /// When Janus refuses.
    pub fn new(address: SocketAddr) -> io::Result<Self> {
        let session = id(&ask(address, "/janus", &json!({"janus": "create", "transaction": "c"}))?)?;
        let attach = json!({"janus": "attach", "plugin": "janus.plugin.videoroom", "transaction": "a"});
        let handle = id(&ask(address, &format!("/janus/{session}"), &attach)?)?;
        Ok(Self { address, session, handle })
    }

    /// Asks the plugin something; what it answers.
    ///
    /// # Errors
    /// When it answers with an error, or not.
    pub fn message(&self, body: Value, description: Option<Value>) -> io::Result<Value> {
        let mut message = json!({"janus": "message", "transaction": "m", "body": body});
        if let Some(description) = description {
            message["jsep"] = description;
        }
        let answer = ask(self.address, &format!("/janus/{}/{}", self.session, self.handle), &message)?;
        if answer["janus"] == "success" {
            return Ok(answer);
        }
        for _ in 0..EVENTS_MAX {
            let event = http::ask(self.address, "GET", &format!("/janus/{}?maxev=1", self.session), "")?;
            let event: Value = serde_json::from_str(&event).map_err(io::Error::other)?;
            if event["janus"] == "event" {
                return Ok(event);
            }
            if event["janus"] == "error" {
                return Err(io::Error::other(event.to_string()));
            }
        }
        Err(io::Error::other(format!("no event for {answer}")))
    }
}

/// The description in an event.
///
/// # Errors
/// When there is none.
pub fn description(event: &Value) -> io::Result<String> {
    event["jsep"]["sdp"].as_str().map(str::to_owned).ok_or_else(|| io::Error::other(format!("no description in {event}")))
}
