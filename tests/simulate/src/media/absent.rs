//! In place of a connection where the program was built without media: nobody can be connected, and it is said how to change that.

use super::{Flow, Received, Side, Source};
use crate::client::Fault;
use chrono::{DateTime, Utc};
use std::time::Duration;
use uuid::Uuid;

/// A connection that cannot be.
#[derive(Debug)]
pub enum Connection {}

impl Connection {
    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub async fn offer(_: Uuid, _: Side, _: &str) -> Result<(Self, String), Fault> {
        Err(Fault::Media("this program was built without it".to_owned()))
    }

    /// Nobody comes here.
    ///
    /// # Errors
    /// Never: there is no connection.
    pub async fn accept(&self, _: String) -> Result<(), Fault> {
        match *self {}
    }

    /// Nobody comes here.
    ///
    /// # Errors
    /// Never: there is no connection.
    pub async fn connected(&self, _: Duration) -> Result<DateTime<Utc>, Fault> {
        match *self {}
    }

    /// Nobody comes here.
    pub fn send(&self, _: Source, _: Option<Flow>) {
        match *self {}
    }

    /// Nobody comes here.
    pub fn received(&self) -> Received {
        match *self {}
    }

    /// Nobody comes here.
    ///
    /// # Errors
    /// Never: there is no connection.
    pub async fn hears_more(&self, _: Uuid, _: Source, _: u64, _: Duration) -> Result<(), Fault> {
        match *self {}
    }

    /// Nobody comes here.
    pub async fn close(&self) -> Received {
        match *self {}
    }
}
