//! From events to the rows of media. Times are those at which the node saw things happen (`occurred_at`), not those of the
//! record: a log that is away for a while must not make a call longer.

use super::rows::{MediaParticipantRow, MediaSessionRow, TrackNow};
use crate::{
    fold::{Envelope, FoldError, Keys, Projection, Rows, Tables},
    table::Json,
};
use chrono::{DateTime, SubsecRound, Utc};
use vitrina_domain::{
    actor::Actor,
    call::{
        CallEvent,
        media::{JoinFailed, Source},
    },
    event::Event,
    ids::{AccountId, CallId, MediaSessionId, ParticipantId},
};
use vitrina_eventlog::Decoded;

/// Keeps the record of media.
pub struct MediaProjection;

impl Projection for MediaProjection {
    fn name(&self) -> &'static str {
        "media"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<MediaSessionRow>();
        tables.add::<MediaParticipantRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        let Event::Call(call) = event else { return false };
        session_of(call).is_some() || participant_of(call).is_some()
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        let Event::Call(call) = &event.event else { return };
        let (account, id) = key(event);
        match (call, session_of(call)) {
            (CallEvent::MediaSessionOpened(_), Some(session)) => keys.create::<MediaSessionRow>((account, id, session)),
            (_, Some(session)) => keys.load::<MediaSessionRow>((account, id, session)),
            _ => {}
        }
        match (call, participant_of(call)) {
            (CallEvent::MediaJoinFailed(_), Some(participant)) => keys.create::<MediaParticipantRow>((account, id, participant)),
            // One who was told to have failed may be connected after all: the row may be there.
            (_, Some(participant)) => keys.load::<MediaParticipantRow>((account, id, participant)),
            _ => {}
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        let Event::Call(call) = &event.event else { return Ok(()) };
        let ((account_id, call_id), at) = (key(event), when(event));
        let of_session = |session| (account_id, call_id, session);
        let of_participant = |participant| (account_id, call_id, participant);
        match call {
            CallEvent::MediaSessionOpened(opened) => rows.put(MediaSessionRow {
                account_id,
                call_id,
                session_id: opened.session_id,
                node_id: opened.node_id,
                address: opened.address.clone(),
                opened_at: at,
                told_at: at,
                closed_at: None,
                close_reason: None,
            }),
            CallEvent::MediaSessionClosed(closed) => rows.change::<MediaSessionRow>(&of_session(closed.session_id), |row| {
                (row.told_at, row.closed_at, row.close_reason) = (at, Some(at), Some(closed.reason));
            }),
            CallEvent::MediaParticipantJoined(joined) => {
                rows.change::<MediaSessionRow>(&of_session(joined.session_id), |row| row.told_at = at)?;
                rows.put(MediaParticipantRow {
                    session_id: Some(joined.session_id),
                    role: Some(joined.role),
                    device: joined.device,
                    joined_at: Some(at),
                    ..nobody(account_id, call_id, joined.participant_id, &joined.who)
                })
            }
            CallEvent::MediaJoinFailed(failed) => rows.put(MediaParticipantRow {
                failed_at: Some(at),
                failure: Some(failed.reason),
                failure_detail: failed.detail.as_deref().and_then(JoinFailed::known_detail).map(str::to_owned),
                ..nobody(account_id, call_id, failed.participant_id, &failed.who)
            }),
            CallEvent::MediaParticipantLeft(left) => rows.change::<MediaParticipantRow>(&of_participant(left.participant_id), |row| {
                // What is concluded afterwards is no earlier than the join.
                let at = left.at.map_or(at, |at| at.trunc_subsecs(6)).max(row.joined_at.unwrap_or(at));
                (row.left_at, row.left_reason, row.corrected) = (Some(at), Some(left.reason), left.corrected);
                row.tracks.0.iter_mut().filter(|track| track.published_at.is_some()).for_each(|track| {
                    track.ended_at = track.ended_at.or(Some(at));
                });
            }),
            other => match (participant_of(other), track_of(other)) {
                (Some(participant), Some((source, change))) => {
                    rows.change::<MediaParticipantRow>(&of_participant(participant), |row| turn(&mut row.tracks.0, source, change, at))
                }
                _ => Ok(()),
            },
        }
    }
}

/// What an event changes in a track.
#[derive(Clone, Copy)]
enum Change {
    Begins,
    Ends,
    Muted,
    Unmuted,
}

fn track_of(event: &CallEvent) -> Option<(Source, Change)> {
    match event {
        CallEvent::MediaTrackPublished(track) => Some((track.source, Change::Begins)),
        CallEvent::MediaTrackUnpublished(track) => Some((track.source, Change::Ends)),
        CallEvent::MediaMicMuted(_) => Some((Source::Microphone, Change::Muted)),
        CallEvent::MediaMicUnmuted(_) => Some((Source::Microphone, Change::Unmuted)),
        CallEvent::MediaCameraOff(_) => Some((Source::Camera, Change::Muted)),
        CallEvent::MediaCameraOn(_) => Some((Source::Camera, Change::Unmuted)),
        _ => None,
    }
}

fn turn(tracks: &mut Vec<TrackNow>, source: Source, change: Change, at: DateTime<Utc>) {
    let known = tracks.iter().position(|track| track.source == source);
    let index = known.unwrap_or_else(|| {
        tracks.push(TrackNow { source, published_at: None, ended_at: None, muted: false });
        tracks.len() - 1
    });
    let track = &mut tracks[index];
    match change {
        Change::Begins => (track.published_at, track.ended_at) = (Some(at), None),
        Change::Ends => track.ended_at = Some(at),
        Change::Muted => track.muted = true,
        Change::Unmuted => track.muted = false,
    }
}

fn session_of(event: &CallEvent) -> Option<MediaSessionId> {
    match event {
        CallEvent::MediaSessionOpened(opened) => Some(opened.session_id),
        CallEvent::MediaSessionClosed(closed) => Some(closed.session_id),
        CallEvent::MediaParticipantJoined(joined) => Some(joined.session_id),
        _ => None,
    }
}

fn participant_of(event: &CallEvent) -> Option<ParticipantId> {
    match event {
        CallEvent::MediaParticipantJoined(joined) => Some(joined.participant_id),
        CallEvent::MediaJoinFailed(failed) => Some(failed.participant_id),
        CallEvent::MediaParticipantLeft(left) => Some(left.participant_id),
        CallEvent::MediaTrackPublished(track) | CallEvent::MediaTrackUnpublished(track) => Some(track.participant_id),
        CallEvent::MediaMicMuted(by) | CallEvent::MediaMicUnmuted(by) | CallEvent::MediaCameraOn(by) | CallEvent::MediaCameraOff(by) => {
            Some(by.participant_id)
        }
        _ => None,
    }
}

fn key(event: &Decoded) -> (AccountId, CallId) {
    (event.account(), CallId(event.recorded.stream.id))
}

/// When it happened, as exactly as it is stored.
fn when(event: &Decoded) -> DateTime<Utc> {
    event.recorded.occurred_at.trunc_subsecs(6)
}

fn nobody(account_id: AccountId, call_id: CallId, participant_id: ParticipantId, who: &Actor) -> MediaParticipantRow {
    MediaParticipantRow {
        account_id,
        call_id,
        participant_id,
        session_id: None,
        who_kind: who.kind().to_owned(),
        who_id: who.id(),
        role: None,
        device: None,
        joined_at: None,
        left_at: None,
        left_reason: None,
        corrected: false,
        failed_at: None,
        failure: None,
        failure_detail: None,
        tracks: Json(Vec::new()),
    }
}
