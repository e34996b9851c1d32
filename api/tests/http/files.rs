//! Files in a chat: shared with their content, fetched by both sides, kept from everybody else.

use crate::app::{Answer, TestApp};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

/// What begins a PDF document.
const PDF: &str = "%PDF-1.7 what the boots look like, in a few words";

async fn share(app: &TestApp, conversation: &str, token: &str, name: &str, key: &str, body: &str) -> Answer {
    let path = format!("/v1/conversations/{conversation}/files?name={name}");
    app.request("POST", &path).bearer(token).key(key).header("Content-Type", "text/html").body(body).send().await
}

async fn messages(app: &TestApp, conversation: &str, token: &str, position: i64) -> serde_json::Value {
    let path = format!("/v1/conversations/{conversation}/messages?at_least={position}");
    app.get(&path, token).await.expect(200).json()["items"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_what_its_bytes_say_and_both_sides_fetch_it_whole_or_in_part() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let visit = app.visit().await;
    let shared = share(&app, &visit.conversation, &visit.token, "bo%22ots.pdf", "one", PDF).await.expect(201);
    let said = messages(&app, &visit.conversation, &visit.token, shared.number("position")).await;
    let file = &said[0]["file"];
    assert_eq!((said[0]["body"].as_str(), file["media_type"].as_str()), (Some("bo\"ots.pdf"), Some("application/pdf")));
    assert_eq!(file["bytes"], PDF.len());
    let url = file["url"].as_str().expect("a file has an address").to_owned();
    assert_eq!(url, format!("/v1/conversations/{}/files/{}", visit.conversation, shared.text("id")));
    for token in [&visit.token, &owner] {
        let whole = app.get(&url, token).await.expect(200);
        assert_eq!((whole.body.as_str(), &*whole.headers["content-type"]), (PDF, "application/pdf"));
        assert_eq!(whole.headers["content-disposition"], "attachment; filename=\"bo_ots.pdf\"; filename*=UTF-8''bo%22ots.pdf");
        assert_eq!((&*whole.headers["x-content-type-options"], &*whole.headers["accept-ranges"]), ("nosniff", "bytes"));
        assert_eq!(whole.headers["etag"], format!("\"{}\"", file["sha256"].as_str().unwrap()));
        let part = app.request("GET", &url).bearer(token).header("Range", "bytes=1-3").send().await.expect(206);
        assert_eq!((part.body.as_str(), &*part.headers["content-range"]), ("PDF", &*format!("bytes 1-3/{}", PDF.len())));
        let known = app.request("GET", &url).bearer(token).header("If-None-Match", &whole.headers["etag"]).send().await;
        assert_eq!(known.status, 304);
        let outside = app.request("GET", &url).bearer(token).header("Range", "bytes=1000-").send().await;
        assert_eq!(outside.problem(416), "range_not_satisfiable");
    }
    let stranger = app.visit().await;
    assert_eq!(app.get(&url, &stranger.token).await.problem(404), "not_found");
    assert_eq!(app.get(&url, "").await.problem(401), "unauthenticated");
    assert_eq!(app.get(&url.replace(&visit.conversation, &stranger.conversation), &owner).await.problem(404), "not_found");
    let app = app.restart().await;
    assert_eq!(app.get(&url, &visit.token).await.expect(200).body, PDF);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_upload_is_one_file_and_a_refused_one_leaves_nothing() {
    let app = TestApp::start_with(&[("VITRINA_FILE_BYTES_MAX", "100")]).await;
    let visit = app.visit().await;
    let first = share(&app, &visit.conversation, &visit.token, "a.pdf", "same", PDF).await.expect(201);
    let again = share(&app, &visit.conversation, &visit.token, "a.pdf", "same", PDF).await.expect(201);
    assert_eq!((first.body.as_str(), again.headers.contains_key("idempotency-replayed")), (again.body.as_str(), true));
    let other = share(&app, &visit.conversation, &visit.token, "a.pdf", "same", "%PDF-1.7 another").await;
    assert_eq!(other.problem(422), "idempotency_key_reused");
    let nameless = share(&app, &visit.conversation, &visit.token, "%20", "two", PDF).await;
    assert_eq!((nameless.problem(422), nameless.pointer()), ("invalid_field".to_owned(), "/name".to_owned()));
    let long = share(&app, &visit.conversation, &visit.token, "a.txt", "three", &"x".repeat(101)).await;
    assert_eq!(long.problem(413), "body_too_large");
    let program = share(
        &app,
        &visit.conversation,
        &visit.token,
        "a.png",
        "four",
        "\u{7f}ELF\u{2}\u{1}\u{1} and so on, some sixty bytes long, which is what it takes",
    )
    .await;
    assert_eq!(program.problem(422), "invalid_body");
    let stranger = app.visit().await;
    let theirs = share(&app, &visit.conversation, &stranger.token, "a.pdf", "five", PDF).await;
    assert_eq!(theirs.problem(404), "not_found");
    let path = format!("/v1/conversations/{}/files?name=a.pdf", visit.conversation);
    let keyless = app.request("POST", &path).bearer(&visit.token).body(PDF).send().await;
    assert_eq!(keyless.problem(400), "idempotency_key_missing");
    assert_eq!(app.stored(), 1, "of all these one is kept");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_kept_elsewhere_is_named_and_not_fetched_here() {
    let app = TestApp::start().await;
    let visit = app.visit().await;
    let body = serde_json::json!({
        "name": "boots.png", "media_type": "image/png", "bytes": 7, "sha256": "ab".repeat(32), "url": "https://files.example/boots.png"
    });
    let path = format!("/v1/conversations/{}/files", visit.conversation);
    let shared = app.ask("POST", &path, &visit.token, body).await.expect(201);
    let said = messages(&app, &visit.conversation, &visit.token, shared.number("position")).await;
    assert_eq!(said[0]["file"]["url"], "https://files.example/boots.png");
    let here = app.get(&format!("{path}/{}", shared.text("id")), &visit.token).await;
    assert_eq!(here.problem(404), "not_found");
    app.stop().await;
}

/// Whether the system holds the server's side of this connection.
#[cfg(target_os = "linux")]
fn is_written_to(server: u16, client: u16) -> bool {
    let (from, to) = (format!(":{server:04X}"), format!(":{client:04X}"));
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux tells it");
    table.lines().map(|line| line.split_whitespace().skip(1)).any(|mut line| {
        line.next().is_some_and(|address| address.ends_with(&from)) && line.next().is_some_and(|address| address.ends_with(&to))
    })
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn who_stops_reading_in_the_middle_of_a_file_loses_the_connection_and_holds_nothing() {
    // More than all buffers between the two hold.
    const BYTES: usize = 24 << 20;
    let app = TestApp::start_with(&[("VITRINA_UNREAD_S_MAX", "1")]).await;
    let visit = app.visit().await;
    let shared = share(&app, &visit.conversation, &visit.token, "long.txt", "one", &"x".repeat(BYTES)).await.expect(201);
    let url = format!("/v1/conversations/{}/files/{}", visit.conversation, shared.text("id"));
    let mut stream = app.request("GET", &url).bearer(&visit.token).begin().await;
    let (client, server) = (stream.local_addr().expect("it is one"), stream.peer_addr().expect("it is one"));
    let begun = Instant::now();
    while is_written_to(server.port(), client.port()) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the server still holds it");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut came = Vec::new();
    // What is in between still comes, or nothing does.
    let _ = stream.read_to_end(&mut came).await;
    assert!(came.len() < BYTES, "{} bytes came", came.len());
    let whole = app.get(&url, &visit.token).await.expect(200);
    assert_eq!(whole.body.len(), BYTES, "and the next one has it");
    app.stop().await;
}
