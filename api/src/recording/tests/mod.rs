//! Recordings without a server: a state over stores of its own, events that say what happened, and a clock that is the test's.

#[path = "../../../../eventlog/tests/engines/database.rs"]
mod database;
mod deleted;
mod lost;
mod takes;

use super::{Which, keep, mend, place_of};
use crate::{
    config::Config,
    directory::Directory,
    first_start, house,
    media::Media,
    openapi, reading,
    recording::Recording,
    storage::{Key, Storage, StorageError},
    webhooks::Webhooks,
    wiring::{Sides, State},
};
use actix_web::web;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Unit};
use vitrina_domain::{
    actor::Actor,
    call::{
        CallEvent, Opened,
        media::{LeaveReason, SessionClosed, SessionOpened},
        recording::{
            DeleteCause, Holds, OfRecording, RecordingDeleted, RecordingFailed, RecordingFailure, RecordingFile, RecordingReady,
            RecordingStarted, RecordingStopped,
        },
    },
    connection::ProcessId,
    conversation::{Author, Content, Conversation, ConversationAction, File},
    event::Event,
    ids::{AccountId, CallId, CommandId, ConversationId, CustomerId, EventId, FileId, MediaSessionId, NodeId, ParticipantId, RecordingId},
    stream::Category,
};
use vitrina_eventlog::{AppendRequest, Environment, Expected, Recorded, StreamId, Version, Write};
use vitrina_media::record::{Closed, Form, Holds as Records, Name};

/// A server's state over stores of its own, without a server.
pub(crate) struct Place {
    pub(crate) state: web::Data<State>,
    pub(crate) account: AccountId,
    folder: PathBuf,
    database: Option<String>,
}

impl Place {
    pub(crate) async fn open() -> Self {
        Self::on(None).await
    }

    /// One on each engine.
    pub(crate) async fn everywhere() -> Vec<Self> {
        let mut all = vec![Self::open().await];
        if let Some(url) = database::fresh("place").await {
            all.push(Self::on(Some(url)).await);
        }
        all
    }

    async fn on(database: Option<String>) -> Self {
        let folder = std::env::temp_dir().join(format!("vitrina-deleted-{}", Uuid::now_v7()));
        let own = [("VITRINA_MEDIA_LISTEN", String::new()), ("VITRINA_DATA_DIR", folder.display().to_string())];
        let variables = own.into_iter().chain(database.clone().map(|url| ("VITRINA_DATABASE_URL", url)));
        let config = Config::load(None, variables.map(|(name, value)| (name.to_owned(), value))).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        let house = house::open(&config).await.unwrap();
        let first = first_start::make(&config, &house.log, &house.commands, None).await.unwrap().unwrap();
        let process = watch::channel(ProcessId::new(1)).1;
        let (media, _) = Media::start(&config, config.listen, "http://test", process.clone()).unwrap();
        let (recording, _) = Recording::start(&config, media.node.id).unwrap();
        let notes = house::open_notebook(&config).await.unwrap();
        let webhooks = Webhooks::new(&config, house.log.master(), notes, process.clone()).unwrap();
        let sides = Sides { storage: Storage::open(&config).unwrap(), media, recording, webhooks };
        let directory = Directory::of(&openapi::document());
        let state = web::Data::new(State::new(config, "http://test".to_owned(), house, sides, directory, process));
        Self { state, account: first.account, folder, database }
    }

    /// A call that somebody asked for.
    pub(crate) async fn call(&self) -> CallId {
        self.call_of(CustomerId(Uuid::now_v7())).await
    }

    /// A call that this customer asked for.
    pub(crate) async fn call_of(&self, customer: CustomerId) -> CallId {
        let call = CallId(Uuid::now_v7());
        let asked = json!({"customer_id": customer, "conversation_id": Uuid::now_v7()});
        self.append(call, &CallEvent::Requested(serde_json::from_value::<Opened>(asked).unwrap())).await;
        call
    }

    /// A recording that is ready, with its content.
    async fn ready(&self, call: CallId, keep_until: DateTime<Utc>) -> RecordingId {
        let recording_id = RecordingId(Uuid::now_v7());
        let (node_id, participant_id) = (NodeId(Uuid::nil()), ParticipantId(Uuid::nil()));
        let key = Key::recording(self.account, call, recording_id.0, Form::WebM);
        self.put(&key).await;
        let file = RecordingFile { key: key.to_string(), bytes: 4, sha256: "00".repeat(32), mime: "video/webm".to_owned() };
        let events = [
            CallEvent::RecordingStarted(RecordingStarted { recording_id, node_id, participant_id, holds: Holds::Person, offset_ms: 0 }),
            CallEvent::RecordingStopped(RecordingStopped { recording_id, duration_ms: 1, corrected: false }),
            CallEvent::RecordingReady(RecordingReady { recording_id, file, keep_until: Some(keep_until) }),
        ];
        for event in events {
            self.append(call, &event).await;
        }
        recording_id
    }

    /// A recording that a node has begun.
    pub(crate) async fn begun(&self, call: CallId, node_id: NodeId) -> RecordingId {
        let (recording_id, participant_id) = (RecordingId(Uuid::now_v7()), ParticipantId(Uuid::nil()));
        let started = RecordingStarted { recording_id, node_id, participant_id, holds: Holds::Person, offset_ms: 0 };
        self.append(call, &CallEvent::RecordingStarted(started)).await;
        recording_id
    }

    /// A recording that its node could not write.
    pub(crate) async fn failed(&self, call: CallId, recording_id: RecordingId) {
        let reason = RecordingFailure::Disk;
        self.append(call, &CallEvent::RecordingFailed(RecordingFailed { recording_id, reason })).await;
    }

    /// A recording that was given up with its node.
    pub(crate) async fn lost(&self, call: CallId, recording_id: RecordingId) {
        self.append(call, &CallEvent::RecordingLost(OfRecording { recording_id })).await;
    }

    /// A file of a recording in this node's folder.
    pub(crate) fn file(&self, call: CallId, recording: RecordingId) -> PathBuf {
        let (participant, holds, form, offset) = (vitrina_media::ParticipantId(Uuid::nil()), Records::Person, Form::WebM, Duration::ZERO);
        let folder = self.state.recording.folder_of(self.account, call);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(Name { file: recording.0, participant, holds, form, offset }.to_string());
        std::fs::write(&path, b"what was said").unwrap();
        path
    }

    /// What this node does at its start with the files that it has.
    pub(crate) async fn mended(&self) {
        mend::mend(self.state.clone(), mend::left(&self.state.recording.folder)).await;
    }

    /// A recording that is whole, and what its node does with it then.
    pub(crate) async fn stopped_and_stored(&self, call: CallId, recording_id: RecordingId, path: &Path) {
        self.append(call, &CallEvent::RecordingStopped(RecordingStopped { recording_id, duration_ms: 1, corrected: false })).await;
        self.stored(call, recording_id, path).await;
    }

    /// What a node does with a file that is whole.
    async fn stored(&self, call: CallId, recording_id: RecordingId, path: &Path) {
        let closed = Closed { path: path.to_owned(), duration: Duration::from_millis(1), pictures: 0, sounds: 1 };
        keep::store(self.state.clone(), Which { account: self.account, call, recording: recording_id }, closed).await;
    }

    /// Where a recording is in the storage.
    pub(crate) fn key_of(&self, call: CallId, recording: RecordingId) -> Key {
        Key::recording(self.account, call, recording.0, Form::WebM)
    }

    /// The call's media is on a node.
    async fn opened(&self, call: CallId, node_id: NodeId) -> MediaSessionId {
        let session_id = MediaSessionId(Uuid::now_v7());
        self.append(call, &CallEvent::MediaSessionOpened(SessionOpened { session_id, node_id, address: "http://test".to_owned() })).await;
        session_id
    }

    /// The call's media is there no more.
    async fn closed(&self, call: CallId, session_id: MediaSessionId) {
        let reason = LeaveReason::ServerShutdown;
        self.append(call, &CallEvent::MediaSessionClosed(SessionClosed { session_id, reason })).await;
    }

    /// The call's events.
    async fn events(&self, call: CallId) -> Vec<Arc<Recorded>> {
        let stream = StreamId::new(self.account, Category::Call, call);
        self.state.log.read_stream(stream, Version::ZERO, 100).await.unwrap()
    }

    async fn append(&self, call: CallId, event: &CallEvent) {
        let (log, command_id) = (&self.state.log, CommandId(Uuid::now_v7()));
        let stream = StreamId::new(self.account, Category::Call, call);
        let sealed = log.seal(stream, EventId(Uuid::now_v7()), Utc::now(), event).unwrap();
        let write = Write { stream, expected: Expected::Any, environment: Environment::Test, events: vec![sealed] };
        let request = AppendRequest {
            account: self.account,
            command_id,
            fingerprint: [0; 16],
            writes: vec![write],
            guards: Vec::new(),
            claims: Vec::new(),
            releases: Vec::new(),
            correlation_id: command_id.0.into(),
            causation_id: None,
            actor: Actor::System("test".to_owned()),
            reason: None,
            result: Vec::new(),
        };
        log.append(request).await.unwrap();
    }

    /// A file that was shared in a chat, with its content.
    async fn shared(&self) -> FileId {
        let (conversation, customer_id, file_id) = (ConversationId(Uuid::now_v7()), CustomerId(Uuid::now_v7()), FileId(Uuid::now_v7()));
        self.put(&Key::file(self.account, file_id)).await;
        let file = File {
            file_id,
            name: "boots.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: 4,
            sha256: "00".repeat(32),
            content: Content::Here(format!("/v1/conversations/{conversation}/files/{file_id}")),
        };
        let open = ConversationAction::Open {
            customer_id,
            call_id: None,
            channel: "web".to_owned(),
            language: None,
            country: None,
            department: None,
            continues: None,
        };
        let meta = CommandMeta::new(self.account, CommandId(Uuid::now_v7()), Actor::Customer(customer_id), Utc::now());
        let share = |unit: &mut Unit<'_>| {
            unit.open::<Conversation>(conversation, open.clone())?;
            let (author, file) = (Author::Customer(customer_id), Box::new(file.clone()));
            unit.run::<Conversation>(conversation, ConversationAction::ShareFile { author, file })
        };
        self.state.commands.execute(&meta, Vec::new(), share).await.unwrap();
        file_id
    }

    pub(crate) async fn put(&self, key: &Key) {
        let mut upload = self.state.storage.upload(key);
        upload.write(Bytes::from_static(b"webm")).await.unwrap();
        upload.finish().await.unwrap();
    }

    pub(crate) async fn has(&self, key: &Key) -> bool {
        match self.state.storage.read(key, 0..1).await {
            Ok(_) => true,
            Err(StorageError::Absent) => false,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn caught_up(&self) {
        reading::wait_for(&self.state, self.state.log.head()).await.unwrap();
    }

    /// Why the recordings of a call were deleted, in order.
    pub(crate) async fn deletions(&self, call: CallId) -> Vec<(RecordingId, DeleteCause)> {
        let decoded = self.state.log.decode(self.events(call).await).await.unwrap();
        let deleted = decoded.into_iter().filter_map(|one| match one.event {
            Event::Call(CallEvent::RecordingDeleted(RecordingDeleted { recording_id, cause })) => Some((recording_id, cause)),
            _ => None,
        });
        deleted.collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left is in the folder for what is left.
        let _ = std::fs::remove_dir_all(&self.folder);
        self.database.iter().for_each(|url| database::dropped(url));
    }
}

#[test]
fn a_folder_says_whose_files_are_in_it() {
    let (account, call) = (AccountId(Uuid::from_u128(1)), CallId(Uuid::from_u128(2)));
    assert_eq!(place_of(&Path::new("/x").join(account.to_string()).join(call.to_string())), Some((account, call)));
    assert_eq!(place_of(Path::new("/x/y")), None);
}
