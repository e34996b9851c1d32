//! Files of recordings that a start finds on its node: what was given up and can be repaired is kept, and what cannot be brought to the
//! storage now holds up nothing else.

use crate::app::TestApp;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use uuid::Uuid;
use vitrina_media::{
    Codec, Layer, ParticipantId, Source,
    record::{Piece, Recorder, Take, What},
};

/// Longest wait for what must come.
const WITHIN: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A node's name is its address, and the port is another one after each start.
const NODE: [(&str, &str); 1] = [("VITRINA_MEDIA_NODE_URL", "https://one.shop.example")];
/// Pieces of sound in a file.
const SOUNDS: u16 = 50;

/// A call that is live, on its node.
struct Scene {
    app: TestApp,
    owner: String,
    call: String,
    /// Where its files are written.
    files: PathBuf,
    /// Where they are kept.
    kept: PathBuf,
}

async fn scene() -> Scene {
    let app = TestApp::start_with(&NODE).await;
    let owner = app.owner().await;
    let (visit, (_, shopper)) = (app.visit().await, app.shopper(&owner, "marta").await);
    for step in ["claim", "start"] {
        app.ask("POST", &format!("/v1/calls/{}/{step}", visit.call), &shopper, json!({})).await.expect(200);
    }
    // No offer that could be answered, but who makes it has entered the call, and so it has a node.
    let media = format!("/v1/calls/{}/media", visit.call);
    app.request("POST", &media).bearer(&shopper).header("Content-Type", "application/sdp").body("v=0\r\n").send().await.expect(422);
    let head = app.get("/health/ready", "").await.expect(200).number("head");
    let node = app.get(&format!("{media}?at_least={head}"), &owner).await.expect(200).json()["sessions"][0]["node_id"].clone();
    let account = app.get("/v1/sessions/current", &owner).await.expect(200).text("account_id");
    let files = app.folder().join("recordings").join(node.as_str().expect("a session has a node")).join(&account).join(&visit.call);
    let kept = app.folder().join("objects/accounts").join(&account).join("calls").join(&visit.call);
    Scene { app, owner, call: visit.call, files, kept }
}

impl Scene {
    async fn restart(self) -> Self {
        Self { app: self.app.restart_with(&NODE).await, ..self }
    }

    /// The files of the call, as soon as they all are so.
    async fn all_are(&self, count: usize, status: &str) {
        let begun = Instant::now();
        loop {
            let told = self.app.get(&format!("/v1/calls/{}/recordings", self.call), &self.owner).await.expect(200).json();
            let items = told["items"].as_array().expect("a list has items");
            if items.len() == count && items.iter().all(|item| item["status"] == status) {
                return assert!(status == "failed" || items.iter().all(|item| item["failure"] == Value::Null), "{told:#}");
            }
            assert!(begun.elapsed() < WITHIN, "not {count} times {status}: {told:#}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Writes a file as a node does; where it is.
async fn recorded(folder: &Path) -> PathBuf {
    let (tell, mut told) = tokio::sync::mpsc::channel(64);
    let (recorder, ending) = Recorder::start(tell).expect("the recorder starts");
    let (id, begin) = (Uuid::now_v7(), Instant::now());
    let tap = recorder.open(Take { id, folder: folder.to_owned(), epoch: (begin, Duration::ZERO) });
    for sequence in 0..SOUNDS {
        tap.packet(Piece {
            participant: ParticipantId(Uuid::from_u128(9)),
            source: Source::Microphone,
            layer: Layer(0),
            codec: Codec::Opus,
            stream: 1,
            sequence,
            timestamp: u32::from(sequence) * 960,
            marker: false,
            payload: vec![0x78; 40].into(),
            at: begin + Duration::from_millis(20) * u32::from(sequence),
        });
    }
    recorder.close(id);
    recorder.end();
    let mut path = None;
    while let Some(one) = told.recv().await {
        if let What::Closed(closed) = one.what {
            path = Some(closed.path);
        }
    }
    tokio::task::spawn_blocking(|| ending.wait()).await.expect("the recorder ends");
    path.expect("a file was closed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_was_given_up_is_kept_once_it_can_be_repaired() {
    let mut scene = scene().await;
    scene.app.halt().await;
    let file = recorded(&scene.files).await;
    let whole = std::fs::read(&file).expect("a file that was closed is there");
    std::fs::write(&file, "nothing that could be repaired").expect("works in a test");
    let mut scene = scene.restart().await;
    scene.all_are(1, "failed").await;
    assert_eq!(scene.app.stored(), 0);
    assert!(file.exists(), "it stays for the next start");
    scene.app.halt().await;
    std::fs::write(&file, whole).expect("works in a test");
    let scene = scene.restart().await;
    scene.all_are(1, "ready").await;
    assert_eq!(scene.app.stored(), 1);
    scene.app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_the_storage_does_not_take_now_hold_up_no_others() {
    const FILES: usize = 4;
    let mut scene = scene().await;
    scene.app.halt().await;
    for _ in 0..FILES {
        recorded(&scene.files).await;
    }
    // Where the objects' folder would be is something else.
    std::fs::create_dir_all(scene.kept.parent().expect("a folder of calls")).expect("works in a test");
    std::fs::write(&scene.kept, "in the way").expect("works in a test");
    let scene = scene.restart().await;
    scene.all_are(FILES, "stopped").await;
    std::fs::remove_file(&scene.kept).expect("works in a test");
    scene.all_are(FILES, "ready").await;
    assert_eq!(scene.app.stored(), FILES);
    scene.app.stop().await;
}
