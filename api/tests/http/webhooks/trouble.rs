//! Endpoints that do not take what they are told.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_tried_again_becomes_a_dead_letter_and_is_recovered() {
    let app = TestApp::start_with(&QUICK).await;
    let owner = app.owner().await;
    let receiver = Receiver::scripted(|_, _| Reply::Status(500, "")).await;
    let watcher = Receiver::start().await;
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    endpoint(&app, &owner, &watcher.url, json!({"events": ["webhook.delivery_exhausted"]})).await;
    app.visit().await;
    let came = watcher.until("the house is told that it cannot be told", |came| !came.is_empty()).await;
    let exhausted = came[0].json();
    assert_eq!((&exhausted["data"]["attempts"], &exhausted["data"]["status"]), (&json!(3), &json!(500)));
    let came = receiver.came();
    assert_eq!((came.len(), ids(&came).len()), (3, 1));
    let path = format!("/v1/webhooks/{}", id(&made));
    let letters = until(&app, &owner, &format!("{path}/dead-letters"), |answer| items(answer).len() == 1).await;
    assert_eq!(items(&letters)[0]["position"], exhausted["data"]["position"]);
    receiver.answers(|_, _| Reply::Status(200, ""));
    app.ask("POST", &format!("{path}/recover"), &owner, json!({"since": "2000-01-01T00:00:00Z"})).await.expect(202);
    let came = receiver.until("it is told", |came| came.len() == 4).await;
    assert_eq!(ids(&came).len(), 1);
    until(&app, &owner, &format!("{path}/dead-letters"), |answer| items(answer).is_empty()).await;
    until(&app, &owner, &path, |shown| shown["telling"]["failing_since"].is_null()).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_whole_answer_of_2xx_counts() {
    let app = TestApp::start_with(&[LOCAL[0], LOCAL[1], ("VITRINA_WEBHOOK_PAUSES_S", "0, 0, 0, 0, 0")]).await;
    let (owner, elsewhere) = (app.owner().await, Receiver::start().await);
    let moved: &'static str = Box::leak(format!("Location: {}\r\n", elsewhere.url).into_boxed_str());
    let receiver = Receiver::scripted(move |before, _| match before {
        0 => Reply::Status(301, moved),
        1 => Reply::Half,
        2 => Reply::Status(429, "Retry-After: 1\r\n"),
        3 => Reply::Status(404, ""),
        _ => Reply::Status(202, ""),
    })
    .await;
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    app.visit().await;
    let came = receiver.until("it is taken in the end", |came| came.len() == 5).await;
    assert_eq!((ids(&came).len(), elsewhere.came().len()), (1, 0));
    let path = format!("/v1/webhooks/{}/attempts", id(&made));
    let attempts = until(&app, &owner, &path, |answer| items(answer).len() == 5).await;
    let statuses: Vec<_> = items(&attempts).iter().rev().map(|attempt| attempt["status"].clone()).collect();
    assert_eq!(statuses, [301, 200, 429, 404, 202].map(Value::from));
    assert!(items(&attempts)[3]["failure"].is_string() && items(&attempts)[0]["failure"].is_null());
    let at = |n: usize| items(&attempts)[n]["tried_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert!(at(1) - at(2) >= chrono::TimeDelta::seconds(1), "it was not left alone as long as it asked for");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_gone_is_disabled_and_goes_on_where_it_was_when_it_is_back() {
    let app = TestApp::start_with(&QUICK).await;
    let owner = app.owner().await;
    let receiver = Receiver::scripted(|_, _| Reply::Status(410, "")).await;
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    let path = format!("/v1/webhooks/{}", id(&made));
    app.visit().await;
    let shown = until(&app, &owner, &path, |shown| shown["status"] == "disabled").await;
    assert_eq!(shown["disabled_because"], "gone");
    app.visit().await;
    let before = receiver.came();
    receiver.answers(|_, _| Reply::Status(200, ""));
    app.ask("POST", &format!("{path}/enable"), &owner, json!({})).await.expect(200);
    let came = receiver.until("both are told", |came| came.len() == before.len() + 2).await;
    assert_eq!(ids(&came).len(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_nothing_for_long_is_disabled() {
    let app = TestApp::start_with(&[
        LOCAL[0],
        LOCAL[1],
        ("VITRINA_WEBHOOK_PAUSES_S", "1, 1, 1, 1, 1"),
        ("VITRINA_WEBHOOK_DISABLED_AFTER_S", "1"),
    ])
    .await;
    let owner = app.owner().await;
    let receiver = Receiver::scripted(|_, _| Reply::Status(500, "")).await;
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    app.visit().await;
    let shown = until(&app, &owner, &format!("/v1/webhooks/{}", id(&made)), |shown| shown["status"] == "disabled").await;
    assert_eq!(shown["disabled_because"], "failing");
    assert!(receiver.came().len() >= 2, "one failure is no long time");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_order_a_stream_that_fails_waits_and_no_other_does() {
    let app = TestApp::start_with(&[LOCAL[0], LOCAL[1], ("VITRINA_WEBHOOK_PAUSES_S", "1, 1, 1, 1, 1, 1")]).await;
    let owner = app.owner().await;
    let receiver = Receiver::start().await;
    let more = json!({"ordered_by": "stream", "conditions": [{"field": "/stream/category", "one_of": ["conversation"]}]});
    endpoint(&app, &owner, &receiver.url, more).await;
    let (bad, good) = (app.visit().await, app.visit().await);
    receiver.until("both are told", |came| came.len() >= 2).await;
    let failing = bad.conversation.clone();
    receiver.answers(move |_, one| Reply::Status(if one.json()["stream"]["id"] == failing { 500 } else { 200 }, ""));
    let say = async |visit: &crate::app::Visit, words: &str| {
        let path = format!("/v1/conversations/{}/messages", visit.conversation);
        app.ask("POST", &path, &visit.token, json!({"body": words})).await.expect(201)
    };
    for n in 0..4 {
        say(&bad, &format!("bad {n}")).await;
        say(&good, &format!("good {n}")).await;
    }
    let words = |came: &[Delivery], of: &str| -> Vec<String> {
        let of_stream = came.iter().map(Delivery::json).filter(|told| told["stream"]["id"] == of);
        of_stream.filter_map(|told| Some(told["data"]["body"].as_str()?.to_owned())).collect()
    };
    let came = receiver.until("the other stream is told", |came| words(came, &good.conversation).len() == 4).await;
    assert_eq!(words(&came, &good.conversation), ["good 0", "good 1", "good 2", "good 3"]);
    let tried = words(&came, &bad.conversation);
    assert!(tried.iter().all(|words| words == "bad 0"), "{tried:?}");
    let before = receiver.came().len();
    receiver.answers(|_, _| Reply::Status(200, ""));
    let came = receiver.until("the stream goes on", |came| words(came, &bad.conversation).contains(&"bad 3".to_owned())).await;
    assert_eq!(words(&came[before..], &bad.conversation), ["bad 0", "bad 1", "bad 2", "bad 3"]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_again_goes_on_where_the_last_one_was() {
    let app = TestApp::start_with(&LOCAL).await;
    let (owner, receiver) = (app.owner().await, Receiver::start().await);
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    app.visit().await;
    receiver.until("one is told", |came| came.len() == 1).await;
    let app = app.restart_with(&LOCAL).await;
    app.visit().await;
    let came = receiver.until("the next one is told", |came| came.len() >= 2).await;
    assert_eq!((came.len(), ids(&came).len()), (2, 2));
    let path = format!("/v1/webhooks/{}", id(&made));
    app.ask("DELETE", &path, &owner, json!({})).await.expect(200);
    assert_eq!(app.get(&path, &owner).await.json()["status"], "deleted");
    app.visit().await;
    assert_eq!(receiver.came().len(), 2);
    app.stop().await;
}
