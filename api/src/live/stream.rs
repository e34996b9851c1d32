//! Live updates as server-sent events: one subscription, one way, for readers who cannot speak WebSocket.
//!
//! Every event carries its position as the stream's id, so a reader who comes back says it in `Last-Event-ID` and goes on
//! where it was. A reader that is too slow gets `resume`, and the stream ends.

use super::{
    Seat,
    protocol::{Format, Out},
    session::{End, Session, Words},
    topic::Topic,
    upgrade::bearer,
};
use crate::{error::Result, wiring::State};
use actix_web::{HttpResponse, http::header, web};
use bytes::Bytes;
use chrono::Utc;
use futures_util::stream;
use std::{convert::Infallible, time::Duration};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use vitrina_eventlog::Position;

/// The client's name for the one subscription.
const ID: &str = "stream";

/// What is followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Followed {
    /// What.
    pub topic: Topic,
    /// Which one.
    pub key: Option<Uuid>,
    /// Everything up to here was seen.
    pub after: Option<Position>,
}

/// An open stream.
struct Reading {
    _seat: Seat,
    session: Session,
    out: Out,
    beat_every: Duration,
    end: Option<End>,
}

/// Opens a stream for whoever sent these headers.
pub(crate) async fn open(state: web::Data<State>, words: Words, headers: &header::HeaderMap, followed: Followed) -> Result<HttpResponse> {
    let seat = state.live.enter()?;
    let token = bearer(headers)?.unwrap_or_default();
    let beat_every = state.config.live_ping;
    answer(seat, Session::open(state, words, &token).await?, followed, beat_every)
}

/// The answer that goes on and on.
fn answer(seat: Seat, mut session: Session, followed: Followed, beat_every: Duration) -> Result<HttpResponse> {
    let mut out = Out::new(Format::EventStream);
    session.welcome(&mut out);
    session.subscribe(ID, followed.topic, followed.key, followed.after, &mut out)?;
    let reading = Reading { _seat: seat, session, out, beat_every, end: None };
    let chunks = stream::unfold(Box::new(reading), |mut reading| async move {
        let chunk = reading.next().await?;
        Some((Ok::<_, Infallible>(chunk), reading))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compressed, an event would wait for the next one.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        // The stream's end is the connection's.
        .force_close()
        .streaming(chunks))
}

impl Reading {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        while self.out.bytes.is_empty() {
            if self.end.is_some() || self.session.is_over() {
                return None;
            }
            let now = Instant::now();
            let expires_at = self.session.expires_at.map(|at| now + (at - Utc::now()).to_std().unwrap_or_default());
            let beat_at = now + self.beat_every;
            let wake_at = expires_at.map_or(beat_at, |at| at.min(beat_at));
            // Taken before the look: what is at or before it has been queued, or is not wanted.
            let handed_out = self.session.handed_out();
            match timeout_at(wake_at, self.session.ready()).await {
                Ok(()) => self.end = self.session.fill(&mut self.out),
                Err(_) if expires_at.is_some_and(|at| at <= Instant::now()) => self.end = Some(self.session.revoke(&mut self.out)),
                Err(_) if self.session.is_live() => self.out.standing(handed_out),
                Err(_) => self.out.comment(),
            }
        }
        metrics::counter!("vitrina_live_frames_total").increment(std::mem::take(&mut self.out.frames));
        Some(std::mem::take(&mut self.out.bytes).freeze())
    }
}

/// What refusals on a stream are worded with.
pub(crate) fn words(locale: crate::texts::Locale, request_id: &str) -> Words {
    Words { locale, path: "/v1/events", request_id: request_id.into() }
}
