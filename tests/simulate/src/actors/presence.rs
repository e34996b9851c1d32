//! Somebody in a call's media: what they do with their tracks, and what they wait for.

use crate::{
    client::{Client, Fault},
    media::{Attendance, Connection, Flow, Side, Source},
    plan::{Part, Turn},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// Longest wait for a track of somebody else.
const HEARD_WITHIN: Duration = Duration::from_secs(10);
/// How long something is off.
pub(super) const OFF_FOR: Duration = Duration::from_millis(250);
/// Until what was sent before has gone out, or was lost.
pub(super) const GONE_OUT_WITHIN: Duration = Duration::from_millis(100);
/// How long something may take to be in the record: a node gives up a connection that never comes about after 15 s.
const RECORDED_WITHIN: Duration = Duration::from_secs(30);
/// How often it is looked whether it has.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// Somebody who is to be in it.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// The customer or the shopper.
    pub(super) who: Uuid,
    /// On which side.
    pub(super) side: Side,
    /// The device.
    pub(super) device: &'static str,
    /// As whom they ask.
    pub(super) client: Client,
}

/// Somebody who is in it.
pub(super) struct Presence {
    /// In which call.
    pub(super) call: Uuid,
    /// Who.
    pub(super) person: Person,
    /// Over which packets go.
    pub(super) connection: Arc<Connection>,
    /// What the book will have of it.
    pub(super) attendance: Attendance,
}

impl Presence {
    /// Waits for a track of somebody else.
    pub(super) async fn hears(&mut self, from: Uuid, source: Source) -> Result<(), Fault> {
        if self.attendance.expected.insert((from, source)) {
            self.connection.hears_more(from, source, 0, HEARD_WITHIN).await?;
        }
        Ok(())
    }

    /// Turns off and on what the plan says; `ear` is who has to notice.
    pub(super) async fn does(&mut self, part: &Part, ear: &Connection) -> Result<(), Fault> {
        for turn in &part.turns {
            let (source, state, off, on) = match turn {
                Turn::Mute => (Source::Microphone, "muted", "media.mic_muted", "media.mic_unmuted"),
                Turn::CameraOff => (Source::Camera, "off", "media.camera_off", "media.camera_on"),
                Turn::SwitchCamera => {
                    self.turns(Source::Camera, "switched", "media.camera_switched").await?;
                    continue;
                }
            };
            self.turns(source, state, off).await?;
            // Nothing that is sent from here on may come to anybody.
            self.connection.send(source, Some(Flow::Muted));
            sleep(OFF_FOR).await;
            self.connection.send(source, Some(Flow::On));
            sleep(GONE_OUT_WITHIN).await;
            let before = ear.received().packets.get(&(self.attendance.id, source)).copied().unwrap_or(0);
            self.turns(source, "on", on).await?;
            ear.hears_more(self.attendance.id, source, before, HEARD_WITHIN).await?;
        }
        Ok(())
    }

    pub(super) async fn turns(&mut self, source: Source, state: &str, leads_to: &'static str) -> Result<(), Fault> {
        let path = format!("/v1/calls/{}/media/{}/tracks/{}", self.call, self.attendance.id, source.name());
        self.person.client.put(&path, &json!({ "state": state })).await?;
        self.attendance.leads_to(leads_to);
        Ok(())
    }
}

/// Waits until the record has this moment of a presence.
pub(super) async fn recorded(client: &Client, call: Uuid, presence: Uuid, moment: &str) -> Result<(), Fault> {
    let (begun, id) = (Instant::now(), presence.to_string());
    loop {
        let record = client.get(&format!("/v1/calls/{call}/media")).await?;
        let own = record["participants"].as_array().into_iter().flatten().find(|one| one["id"] == id);
        match own {
            Some(own) if own[moment].is_string() => return Ok(()),
            _ if begun.elapsed() > RECORDED_WITHIN => return Err(Fault::Media(format!("no {moment} of {id} in {record}"))),
            _ => sleep(LOOKS_EVERY).await,
        }
    }
}
