//! Everything about one person: complete, for who may, told, and followed up by an erasure.

use crate::{app::TestApp, database, erasures::until};
use serde_json::{Value, json};

/// The records, in order.
fn records(body: &str) -> Vec<Value> {
    body.lines().map(|line| serde_json::from_str(line).expect("every line is a record")).collect()
}

fn of<'r>(records: &'r [Value], kind: &str) -> Vec<&'r Value> {
    records.iter().filter(|record| record["record"] == kind).collect()
}

/// The types of the events.
fn events(records: &[Value]) -> Vec<&str> {
    of(records, "event").into_iter().filter_map(|event| event["type"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_given_everything_that_is_known_of_them_and_nothing_of_others() {
    given(TestApp::start().await).await;
    if let Some(url) = database::fresh("given").await {
        given(TestApp::start_with(&[("VITRINA_DATABASE_URL", &url)]).await).await;
        database::dropped(&url);
    }
}

async fn given(app: TestApp) {
    let owner = app.owner().await;
    let body = json!({"customer": {"name": "Quetzalli", "email": "xochitl@example.com", "address": "Callejón del Cempasúchil 4"}});
    let visit = app.ask("POST", "/v1/calls", "", body).await.expect(201);
    let (customer, conversation, token) = (visit.text("customer_id"), visit.text("conversation_id"), visit.text("customer_token"));
    let other = app.ask("POST", "/v1/calls", "", json!({"customer": {"name": "Tlaloc"}})).await.expect(201);
    let chat = format!("/v1/conversations/{conversation}");
    app.ask("POST", &format!("{chat}/messages"), &token, json!({"body": "una zarzamora"})).await.expect(201);
    let file = format!("{chat}/files?name=papel-picado.txt");
    app.request("POST", &file).bearer(&token).key("file").body("jacaranda en flor").send().await.expect(201);
    let (shopper, marta) = app.shopper(&owner, "marta").await;
    let call = format!("/v1/calls/{}", visit.text("id"));
    for step in ["claim", "start", "end"] {
        app.ask("POST", &format!("{call}/{step}"), &marta, json!({})).await.expect(200);
    }
    app.ask("POST", &format!("{call}/rating"), &token, json!({"nps": 9, "comment": "ahuehuete"})).await.expect(201);
    let endpoint = app.ask("POST", "/v1/webhooks", &owner, json!({"name": "Warehouse"})).await.expect(201).text("id");
    let position = app.visit().await.position;

    let path = format!("/v1/customers/{customer}/access");
    for refused in [app.get(&path, &token).await, app.get(&path, &marta).await] {
        assert_eq!(refused.status, 403);
    }
    assert_eq!(app.get(&format!("/v1/customers/{shopper}/access"), &owner).await.problem(404), "not_found");
    let given = app.get(&format!("{path}?at_least={position}"), &owner).await.expect(200).body;
    let found = records(&given);
    assert_eq!((found[0]["record"].as_str(), found[0]["id"].as_str()), (Some("about"), Some(&*customer)));
    let last = found.last().expect("there are records");
    assert_eq!((&last["record"], &last["records"]), (&json!("end"), &json!(found.len())), "it says that it is whole");
    let profile = of(&found, "profile")[0];
    assert_eq!((&profile["email"], &profile["address"]), (&json!("xochitl@example.com"), &json!("Callejón del Cempasúchil 4")));
    let talk = of(&found, "conversation")[0].to_string();
    assert!(talk.contains("una zarzamora") && talk.contains("ahuehuete") && talk.contains("marta"), "{talk}");
    let file = of(&found, "file")[0];
    assert_eq!((&file["name"], &file["bytes"]), (&json!("papel-picado.txt"), &json!(17)));
    assert_eq!(of(&found, "endpoint")[0]["id"], json!(endpoint));
    for wanted in
        ["customer.created", "call.requested", "call.ended", "conversation.message_sent", "survey.answered", "subject.access_given"]
    {
        assert!(events(&found).contains(&wanted), "{wanted}");
    }
    assert!(!given.contains("Tlaloc") && !given.contains(&other.text("customer_id")) && !given.contains("_hash"));
    let audit = app.get("/v1/audit", &owner).await.expect(200).body;
    assert!(audit.contains("subject.access_given"), "{audit}");

    // Of the shopper: their own words and scores, and nothing that the customer said.
    let own = app.get(&format!("/v1/shoppers/{shopper}/access"), &owner).await.expect(200).body;
    let found = records(&own);
    assert!(of(&found, "profile")[0]["sign_in"]["email"].as_str().is_some_and(|email| email.contains("marta")), "{own}");
    assert_eq!(of(&found, "rating")[0]["nps"], 9);
    assert!(events(&found).contains(&"user.created") && !own.contains("zarzamora") && !own.contains("ahuehuete") && !own.contains("_hash"));

    // It was taken away, so whoever forgets them is told of it; and there is nothing more to be given.
    app.ask("POST", &format!("/v1/customers/{customer}/erasure"), &owner, json!({"reason": "objected"})).await.expect(202);
    assert_eq!(app.get(&path, &owner).await.problem(409), "illegal_transition");
    let erasure = until(&app, &owner, &format!("/v1/customers/{customer}/erasure"), "stage", "erased").await;
    assert_eq!(erasure["taken"][0]["what"], "access", "{erasure}");
    app.stop().await;
}
