//! What an endpoint is told of an event: a function of the event alone, so that it is the same bytes whenever it is told.

use crate::{history, wiring::State};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use lru::LruCache;
use serde::Serialize;
use serde_json::Value;
use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, OnceLock},
};
use uuid::Uuid;
use vitrina_domain::{
    ids::{EventId, WebhookId},
    stream::Category,
    webhook::Payload,
};
use vitrina_eventlog::{Decoded, Environment, LogError, Recorded};

/// Bytes of a body (PRODUCT.md 5.11); of what has more, the endpoint is told where it is read.
pub(crate) const BODY_BYTES_MAX: usize = 20_000;
/// Events that are kept rendered, for the endpoints that are told of them at about the same time.
const KEPT_MAX: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");

/// An event as endpoints are told of it.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// Which event.
    pub event_id: EventId,
    /// Where it stands.
    pub position: i64,
    /// Its stream's id.
    pub stream: Uuid,
    recorded: Arc<Recorded>,
    /// What it says, where this build can read it.
    whole: Option<Bytes>,
    /// Made when it is first wanted: few endpoints do.
    thin: OnceLock<Bytes>,
}

impl Rendered {
    /// The body.
    pub(crate) fn body(&self, payload: Payload) -> Bytes {
        match &self.whole {
            Some(whole) if payload == Payload::Full && whole.len() <= BODY_BYTES_MAX => whole.clone(),
            _ => self.thin().clone(),
        }
    }

    /// The whole payload, for conditions about it.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(self.whole.as_ref().unwrap_or_else(|| self.thin())).expect("it was written as JSON")
    }

    fn new(recorded: &Arc<Recorded>, whole: Option<Bytes>) -> Self {
        let (event_id, position, stream) = (recorded.event_id, recorded.position.0, recorded.stream.id);
        Self { event_id, position, stream, recorded: Arc::clone(recorded), whole, thin: OnceLock::new() }
    }

    fn thin(&self) -> &Bytes {
        self.thin.get_or_init(|| thin(&self.recorded))
    }
}

/// The id of a delivery: the same for every attempt, resending and replay, and another for another endpoint.
pub(crate) fn delivery_id(event: EventId, webhook: WebhookId) -> String {
    format!("{event}_{webhook}")
}

/// Renders events, each once for all endpoints that are told of it about now.
pub(crate) struct Renderer {
    kept: Mutex<Kept>,
}

struct Kept {
    rendered: LruCache<i64, Arc<Rendered>>,
    /// Rises when somebody is to be forgotten: what was decoded before is not kept after.
    generation: u64,
}

impl Default for Renderer {
    fn default() -> Self {
        Self { kept: Mutex::new(Kept { rendered: LruCache::new(KEPT_MAX), generation: 0 }) }
    }
}

impl Renderer {
    /// Keeps nothing of what was rendered: somebody is to be forgotten.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept.lock().expect("no holder panics");
        kept.rendered.clear();
        kept.generation += 1;
    }

    fn look_up(&self, position: i64) -> (Option<Arc<Rendered>>, u64) {
        let mut kept = self.kept.lock().expect("no holder panics");
        (kept.rendered.get(&position).cloned(), kept.generation)
    }

    fn keep(&self, generation: u64, one: Arc<Rendered>) -> Arc<Rendered> {
        let mut kept = self.kept.lock().expect("no holder panics");
        if kept.generation == generation {
            kept.rendered.put(one.position, Arc::clone(&one));
        }
        one
    }

    /// The events as endpoints are told of them, in their order. An event that this build cannot read is told thinly.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] while the keys are away.
    pub(crate) async fn render(&self, state: &State, events: &[Arc<Recorded>]) -> Result<Vec<Arc<Rendered>>, LogError> {
        let mut rendered = Vec::with_capacity(events.len());
        for event in events {
            let (kept, generation) = self.look_up(event.position.0);
            let one = match kept {
                Some(kept) => kept,
                None => self.keep(generation, Arc::new(fresh(state, event).await?)),
            };
            rendered.push(one);
        }
        Ok(rendered)
    }
}

async fn fresh(state: &State, event: &Arc<Recorded>) -> Result<Rendered, LogError> {
    Ok(match state.log.decode(vec![Arc::clone(event)]).await {
        Ok(decoded) => Rendered::new(event, decoded.first().map(whole)),
        Err(error @ (LogError::Unavailable(_) | LogError::Closed)) => return Err(error),
        Err(error) => {
            tracing::error!(%error, "an event is told without what it says");
            Rendered::new(event, None)
        }
    })
}

/// A body, its members in the order of their names.
#[derive(Serialize)]
struct Body<'e, D> {
    data: D,
    environment: Environment,
    position: i64,
    schema_version: u16,
    stream: Stream,
    stream_version: i64,
    timestamp: DateTime<Utc>,
    #[serde(rename = "type")]
    event_type: &'e str,
}

#[derive(Serialize)]
struct Stream {
    category: &'static str,
    id: Uuid,
}

/// All that a thin body says of what happened.
#[derive(Serialize)]
struct Pointer {
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

fn whole(Decoded { recorded, event }: &Decoded) -> Bytes {
    let mut data = event.payload();
    history::show(&mut data);
    body(recorded, event.schema_version(), data)
}

fn thin(recorded: &Recorded) -> Bytes {
    let id = recorded.stream.id;
    let url = resource(recorded.stream.category).map(|resource| format!("/v1/{resource}/{id}"));
    body(recorded, recorded.schema_version, Pointer { id, url })
}

fn body(recorded: &Recorded, schema_version: u16, data: impl Serialize) -> Bytes {
    let body = Body {
        data,
        environment: recorded.environment,
        position: recorded.position.0,
        schema_version,
        stream: Stream { category: recorded.stream.category.as_str(), id: recorded.stream.id },
        stream_version: recorded.version.0,
        timestamp: recorded.occurred_at,
        event_type: &recorded.event_type,
    };
    Bytes::from(serde_json::to_vec(&body).expect("an event is plain data with string keys"))
}

/// Where things of this kind are read.
fn resource(category: Category) -> Option<&'static str> {
    match category {
        Category::User => Some("users"),
        Category::Shopper => Some("shoppers"),
        Category::Customer => Some("customers"),
        Category::Call => Some("calls"),
        Category::Conversation => Some("conversations"),
        Category::Role => Some("roles"),
        Category::ApiKey => Some("api-keys"),
        Category::Order => Some("orders"),
        Category::Export => Some("exports"),
        Category::Webhook => Some("webhooks"),
        Category::Account | Category::Log | Category::Subject | Category::Retention => None,
    }
}
