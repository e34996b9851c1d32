//! The same as server-sent events, for those who only read.

use super::{shop, write};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};
use vitrina_tests::{
    server::{OWNER_EMAIL, OWNER_PASSWORD, Server},
    walk::sign_in,
};

/// The lines of an event stream that have one of these names, until `enough` says so.
fn stream_of(
    server: &Server,
    token: &str,
    query: &str,
    headers: &str,
    enough: impl Fn(&[(String, String)]) -> bool,
) -> Vec<(String, String)> {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out that is not zero");
    let head = format!("GET /v1/events?{query} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).expect("the server reads");
    let mut lines = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line.expect("the stream goes on");
        if let Some((name @ ("id" | "event" | "data"), value)) = line.split_once(": ") {
            lines.push((name.to_owned(), value.to_owned()));
        }
        if enough(&lines) {
            return lines;
        }
    }
    lines
}

fn ids(lines: &[(String, String)]) -> Vec<i64> {
    lines.iter().filter(|(name, _)| name == "id").map(|(_, id)| id.parse().expect("a position")).collect()
}

#[test]
fn an_event_stream_goes_on_after_the_last_event_that_was_seen() {
    let (_place, server, mut shop) = shop();
    let mut shopper = shop.hire("sofia@example.com");
    let mut visit = shop.live_visit(&mut shopper);
    let path = visit.messages();
    let first = write(&mut visit.customer, &path, "one");
    let second = write(&mut visit.customer, &path, "two");
    let query = format!("topic=conversation&key={}&after={}", visit.conversation_id, visit.position);
    let lines =
        stream_of(&server, &shop.token, &query, "", |lines| ids(lines).last() == Some(&second) && lines.last().unwrap().0 == "data");
    assert_eq!(ids(&lines).iter().rev().take(2).rev().copied().collect::<Vec<_>>(), [first, second]);
    let data: serde_json::Value = serde_json::from_str(&lines.last().unwrap().1).unwrap();
    assert_eq!((&data["event"], &data["data"]["body"]), (&json!("conversation.message_sent"), &json!("two")));

    let third = write(&mut visit.customer, &path, "three");
    let again = format!("Last-Event-ID: {second}\r\n");
    let lines = stream_of(&server, &visit.token, &query, &again, |lines| ids(lines).last() == Some(&third));
    assert_eq!(ids(&lines), [third], "the header wins over the query, and the customer may read too");

    for (query, status) in [("topic=queue", 403), ("topic=call", 422), ("topic=everything", 400)] {
        let answer = shop.owner.with_token(&visit.token).get(&format!("/v1/events?{query}"));
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
    shop.nobody.get("/v1/events?topic=queue").expect(401);
    server.stop();
}

#[test]
fn an_event_stream_ends_when_the_right_to_it_does() {
    let (_place, server, _shop) = shop();
    let mut nobody = server.client();
    let token = sign_in(&mut nobody, OWNER_EMAIL, OWNER_PASSWORD);
    let mut caller = nobody.with_token(&token);
    let has_begun = |lines: &[(String, String)]| lines.iter().any(|(_, value)| value == "caught_up");
    std::thread::scope(|scope| {
        let (started, begun) = std::sync::mpsc::channel();
        let reader = scope.spawn(|| {
            let started = started;
            stream_of(&server, &token, "topic=queue", "", |lines| {
                if has_begun(lines) {
                    // The other side may have stopped listening after the first.
                    let _ = started.send(());
                }
                false
            })
        });
        begun.recv().unwrap();
        caller.delete("/v1/sessions/current").expect(200);
        let lines = reader.join().unwrap();
        assert!(lines.iter().any(|(name, value)| name == "event" && value == "revoked"), "{lines:?}");
    });
    server.stop();
}
