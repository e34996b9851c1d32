//! What waits and what could not be told: by whichever way it is told in the end, nothing of it is left.

use super::*;

/// An endpoint that took nothing of one request until it was a dead letter.
async fn with_a_dead_letter(app: &TestApp, owner: &str) -> (Receiver, String, Value) {
    let receiver = Receiver::scripted(|_, _| Reply::Status(500, "")).await;
    let made = endpoint(app, owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    let path = format!("/v1/webhooks/{}", id(&made));
    app.visit().await;
    let letters = until(app, owner, &format!("{path}/dead-letters"), |answer| items(answer).len() == 1).await;
    (receiver, path, items(&letters)[0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_that_is_taken_leaves_no_dead_letter() {
    let app = TestApp::start_with(&QUICK).await;
    let owner = app.owner().await;
    let (receiver, path, _) = with_a_dead_letter(&app, &owner).await;
    receiver.answers(|_, _| Reply::Status(200, ""));
    app.ask("POST", &format!("{path}/replay"), &owner, json!({"after": 0})).await.expect(202);
    until(&app, &owner, &format!("{path}/dead-letters"), |answer| items(answer).is_empty()).await;
    assert_eq!((receiver.came().len(), ids(&receiver.came()).len()), (4, 1));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recovered_in_vain_is_a_dead_letter_again_and_the_house_is_told_again() {
    let app = TestApp::start_with(&QUICK).await;
    let (owner, watcher) = (app.owner().await, Receiver::start().await);
    endpoint(&app, &owner, &watcher.url, json!({"events": ["webhook.delivery_exhausted"]})).await;
    let (receiver, path, letter) = with_a_dead_letter(&app, &owner).await;
    watcher.until("the house is told", |came| came.len() == 1).await;
    app.ask("POST", &format!("{path}/recover"), &owner, json!({"since": "2000-01-01T00:00:00Z"})).await.expect(202);
    let came = watcher.until("the house is told again", |came| came.len() == 2).await;
    assert_eq!(came.iter().map(|told| told.json()["data"]["position"].clone()).collect::<Vec<_>>(), vec![letter["position"].clone(); 2]);
    // And by a resending, which was asked for one event.
    app.ask("POST", &format!("{path}/resend"), &owner, json!({"position": letter["position"]})).await.expect(202);
    watcher.until("the house is told a third time", |came| came.len() == 3).await;
    let shown = until(&app, &owner, &path, |shown| shown["telling"]["waiting"] == 0).await;
    assert_eq!((receiver.came().len(), &shown["status"]), (9, &json!("enabled")));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_and_is_asked_for_meanwhile_is_counted_once_and_gone_when_it_is_told() {
    let app = TestApp::start_with(&[LOCAL[0], LOCAL[1], ("VITRINA_WEBHOOK_PAUSES_S", "600, 600")]).await;
    let owner = app.owner().await;
    let receiver = Receiver::scripted(|_, _| Reply::Status(500, "")).await;
    let made = endpoint(&app, &owner, &receiver.url, json!({"events": ["call.requested"]})).await;
    let path = format!("/v1/webhooks/{}", id(&made));
    app.visit().await;
    let position = receiver.until("it is tried", |came| came.len() == 1).await[0].json()["position"].clone();
    until(&app, &owner, &path, |shown| shown["telling"]["waiting"] == 1).await;
    app.ask("POST", &format!("{path}/resend"), &owner, json!({"position": position})).await.expect(202);
    receiver.until("it is tried at once", |came| came.len() == 2).await;
    app.ask("POST", &format!("{path}/replay"), &owner, json!({"after": 0})).await.expect(202);
    receiver.until("and again", |came| came.len() == 3).await;
    assert_eq!(app.get(&path, &owner).await.json()["telling"]["waiting"], 1);
    receiver.answers(|_, _| Reply::Status(200, ""));
    app.ask("POST", &format!("{path}/replay"), &owner, json!({"after": 0})).await.expect(202);
    until(&app, &owner, &path, |shown| shown["telling"]["waiting"] == 0).await;
    app.visit().await;
    let came = receiver.until("what happens next is told", |came| came.len() == 5).await;
    assert_eq!(ids(&came).len(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_nobody_has_leased_yet_goes_back_too() {
    let app = TestApp::start_with(&LOCAL).await;
    let owner = app.owner().await;
    let visit = app.visit().await;
    let made = app.ask("POST", "/v1/webhooks", &owner, json!({"name": "Warehouse", "events": ["call.requested"]})).await.expect(201).json();
    let path = format!("/v1/webhooks/{}", id(&made));
    app.ask("POST", &format!("{path}/replay"), &owner, json!({"after": 0})).await.expect(202);
    let leased = app.ask("POST", &format!("{path}/lease"), &owner, json!({})).await.expect(200).json();
    assert_eq!(items(&leased)[0]["payload"]["stream"]["id"], json!(visit.call));
    app.stop().await;
}
