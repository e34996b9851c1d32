//! What people ask of an endpoint, read from its own stream: it is heard also while the endpoint takes nothing.

use super::Worker;
use crate::webhooks::notes::{Replay, Waiting};
use chrono::Utc;
use std::sync::Arc;
use uuid::Uuid;
use vitrina_domain::{stream::Category, webhook::WebhookEvent};
use vitrina_eventlog::{LogError, Position, StreamId, Version};

/// Events of the stream that are read at once.
const READ_MAX: usize = 256;

impl Worker {
    /// Hears what was asked since.
    pub(super) async fn hear(&mut self) -> Result<(), LogError> {
        let stream = StreamId::new(self.of.account, Category::Webhook, self.of.webhook);
        let before = self.version;
        loop {
            let recorded = self.state.log.read_stream(stream, Version(self.version), READ_MAX).await?;
            let happened: Vec<WebhookEvent> = self.state.log.decode_as(recorded.clone()).await?;
            let is_last = recorded.len() < READ_MAX;
            for (event, happened) in recorded.iter().zip(happened) {
                self.version = event.version.0;
                if self.version > self.place.asked {
                    // What was asked of another installation was done there.
                    if event.position > self.state.log.imported() {
                        self.answer(event.position.0, &happened).await?;
                    }
                    self.place.asked = self.version;
                }
                self.webhook.fold(happened);
            }
            if is_last {
                break;
            }
        }
        if self.version == before {
            // It was about another endpoint of the account.
            return Ok(());
        }
        if let Some(url) = self.webhook.spec.url.as_deref().and_then(|url| url.parse().ok()).filter(|url| !self.line.leads_to(url)) {
            self.line = Arc::new(self.state.webhooks.line(url));
        }
        self.sign_anew();
        self.read_anew();
        Ok(())
    }

    async fn answer(&mut self, position: i64, happened: &WebhookEvent) -> Result<(), LogError> {
        match happened {
            WebhookEvent::Tested(_) => self.tell_one(position, self.of.webhook.0),
            WebhookEvent::ReplayRequested(asked) if asked.after + 1 == asked.upto => {
                let found = self.state.log.read(Position(asked.after), 1).await?.pop();
                if let Some(event) = found.filter(|event| event.stream.account == self.of.account) {
                    self.tell_one(event.position.0, event.stream.id);
                }
            }
            WebhookEvent::ReplayRequested(asked) => {
                let replay = Replay { version: self.version, position: asked.after, upto: asked.upto };
                self.changes.replay(self.of, replay);
                if self.replay.is_none() {
                    self.replay = Some((replay, super::Lane::new(replay.position)));
                }
            }
            WebhookEvent::RecoveryRequested(asked) => {
                self.changes.recover(self.of, Utc::now(), (asked.since, asked.until));
                self.writing.look_after();
            }
            WebhookEvent::DeliveryExhausted(_) | WebhookEvent::Disabled(_) | WebhookEvent::Deleted(_) => return Ok(()),
            WebhookEvent::Enabled(_) => self.place.failing_since = None,
            WebhookEvent::Created(_) | WebhookEvent::Updated(_) | WebhookEvent::SecretRotated(_) => {}
        }
        self.pace.hurry();
        Ok(())
    }

    /// Has one told as if it waited: also one that the endpoint does not want otherwise.
    fn tell_one(&mut self, position: i64, stream: Uuid) {
        let now = Utc::now();
        self.changes.wait(self.of, &Waiting { position, stream, attempts: 0, first_at: now, due_at: Some(now), status: None });
        self.backlog.add(stream, position);
        self.backlog.hurry();
    }
}
