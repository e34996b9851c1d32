//! What people take along: transcripts with one content as JSON, HTML and PDF, for staff and for the customer, the same again at the same
//! position; and charts of reports.

use crate::app::{TestApp, Visit};
use serde_json::{Value, json};

/// A call in which everything happens that a transcript tells.
async fn call(app: &TestApp, owner: &str) -> (Visit, i64) {
    let visit = app.visit().await;
    let (_, ana) = app.shopper(owner, "Berta").await;
    let (call, chat) = (format!("/v1/calls/{}", visit.call), format!("/v1/conversations/{}", visit.conversation));
    app.ask("POST", &format!("{call}/claim"), &ana, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/start"), &ana, json!({})).await.expect(200);
    app.ask("POST", &format!("{chat}/messages"), &visit.token, json!({"body": "<b>Bon dia</b> & «adéu»"})).await.expect(201);
    app.ask("POST", &format!("{chat}/messages"), &ana, json!({"body": "Hola, Ana"})).await.expect(201);
    app.ask("POST", &format!("{chat}/messages"), &ana, json!({"body": "wants brass", "visibility": "internal"})).await.expect(201);
    let file =
        json!({"name": "lamp.png", "media_type": "image/png", "bytes": 7, "sha256": "ab".repeat(32), "url": "https://files.example/l.png"});
    app.ask("POST", &format!("{chat}/files"), &visit.token, file).await.expect(201);
    let price = json!({"amount": 19_900, "currency": "EUR"});
    let product = json!({"sku": "LAMP-1", "name": "Floor lamp", "price": price});
    app.ask("POST", &format!("{call}/products"), &ana, product).await.expect(201);
    let line = json!({"cart_id": "cart-1", "sku": "LAMP-1", "name": "Floor lamp", "quantity": 2, "unit_price": price});
    app.ask("POST", &format!("{call}/cart/items"), &ana, line).await.expect(201);
    app.ask("POST", &format!("{call}/end"), &ana, json!({})).await.expect(200);
    let rating = json!({"nps": 9, "face": "satisfied", "comment": "Very kind"});
    let position = app.ask("POST", &format!("{call}/rating"), &visit.token, rating).await.expect(201).number("position");
    (visit, position)
}

fn entries(transcript: &Value, kind: &str) -> Vec<Value> {
    let all = transcript["entries"].as_array().expect("entries");
    all.iter().filter(|entry| entry["type"] == kind).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_told_in_three_forms_with_one_content_and_a_customer_reads_no_private_note() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let brand = json!({"brand": {"color": "#1F6F5C"}, "zone": "Europe/Madrid", "locale": "es"});
    app.ask("PATCH", "/v1/account", &owner, brand).await.expect(200);
    let (visit, position) = call(&app, &owner).await;
    let path = format!("/v1/calls/{}/transcript?at_least={position}", visit.call);
    let staff = app.get(&path, &owner).await.expect(200).json();
    assert_eq!(
        (&staff["shop"]["color"], &staff["zone"], &staff["audience"]),
        (&json!("#1f6f5c"), &json!("Europe/Madrid"), &json!("staff"))
    );
    let said: Vec<_> = entries(&staff, "message").iter().map(|entry| (entry["text"].clone(), entry["private"].clone())).collect();
    let wanted = [("<b>Bon dia</b> & «adéu»", false), ("Hola, Ana", false), ("wants brass", true)];
    assert_eq!(said, wanted.map(|(text, private)| (json!(text), json!(private))));
    assert_eq!(entries(&staff, "file")[0]["sha256"], "ab".repeat(32));
    assert_eq!(entries(&staff, "started")[0]["who"]["name"], "Berta");
    assert_eq!(staff["cart_totals"], json!([{"amount": 39_800, "currency": "EUR"}]));
    assert_eq!((&staff["rating"]["nps"], &staff["rating"]["comment"]), (&json!(9), &json!("Very kind")));
    let people = staff["people"].as_array().expect("people");
    let until: Vec<_> = people.iter().map(|person| person["to"].clone()).collect();
    assert!(staff["closed_at"].is_string(), "{}", staff["closed_at"]);
    assert_eq!(until, [staff["closed_at"].clone(), staff["closed_at"].clone()], "both were there until the end");
    let customers = app.get(&path, &visit.token).await.expect(200);
    assert!(!customers.body.contains("wants brass"), "{}", customers.body);
    assert_eq!(entries(&customers.json(), "message").len(), 2);
    let ids = |entry: &Value| (entry["who"]["part"].clone(), entry["who"]["id"].is_null());
    let known: Vec<_> = customers.json()["entries"].as_array().expect("entries").iter().map(ids).collect();
    assert!(known.iter().all(|(part, unknown)| *unknown == (part != "customer")), "a customer is told no ids of the house: {known:?}");
    let refused = app.get(&format!("{path}&audience=staff"), &visit.token).await;
    assert_eq!(refused.problem(403), "not_allowed");
    let same = app.get(&format!("{path}&audience=customer"), &owner).await.expect(200);
    assert_eq!(same.json()["entries"], customers.json()["entries"]);

    let page = app.request("GET", &path).bearer(&owner).header("Accept", "text/html").send().await.expect(200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.headers["content-security-policy"].contains("default-src 'none'"));
    for told in [
        "&lt;b&gt;Bon dia&lt;/b&gt; &amp; «adéu»",
        "Videollamada con Ana",
        "Europe/Madrid (UTC+",
        "398,00 EUR",
        "lamp.png",
        "Very kind",
        "#1f6f5c",
    ] {
        assert!(page.body.contains(told), "{told} is not in {}", page.body);
    }
    assert!(!page.body.contains("<b>Bon") && !page.body.contains("<script"), "{}", page.body);
    let other = app.request("GET", &format!("{path}&format=html&locale=ca&tz=America/Lima")).bearer(&visit.token).send().await.expect(200);
    assert!(other.body.contains("Videotrucada amb Ana") && other.body.contains("America/Lima (UTC-05:00)"), "{}", other.body);
    assert!(!other.body.contains("wants brass"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_is_the_same_again_at_its_position_and_who_took_it_is_in_the_history_once() {
    let app = TestApp::start_with(&[("VITRINA_PDF_FONT_DIRS", "")]).await;
    let owner = app.owner().await;
    let (visit, position) = call(&app, &owner).await;
    let path = format!("/v1/conversations/{}/transcript?format=pdf&at_least={position}", visit.conversation);
    let first = app.get(&path, &owner).await.expect(200);
    assert!(first.body.starts_with("%PDF-1."), "{}", &first.body[..20]);
    assert_eq!(first.headers["content-type"], "application/pdf");
    assert_eq!(first.headers["content-disposition"], format!("attachment; filename=\"transcript-{}.pdf\"", visit.conversation));
    let at: i64 = first.headers["vitrina-position"].parse().expect("a position");
    let again = app.get(&format!("/v1/conversations/{}/transcript?format=pdf&as_of={at}", visit.conversation), &owner).await.expect(200);
    assert!(first.body == again.body, "the same bytes at the same position");
    let by_call = app.get(&format!("/v1/calls/{}/transcript?format=pdf&as_of={at}", visit.call), &owner).await.expect(200);
    assert!(first.body == by_call.body, "a call and its conversation have one transcript");
    let after = app.visit().await.position;
    let history = format!("/v1/conversations/{}/history?limit=200&at_least={after}", visit.conversation);
    let history = app.get(&history, &owner).await.expect(200).json();
    let taken = history["items"].as_array().expect("events").iter().filter(|event| event["type"] == "conversation.transcript_downloaded");
    let taken: Vec<_> = taken.map(|event| event["data"].clone()).collect();
    assert_eq!(taken, [json!({"form": "pdf", "audience": "staff"})]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_wrong_wishes_are_refused() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (visit, stranger) = (app.visit().await, app.visit().await);
    app.get(&format!("/v1/calls?at_least={}", stranger.position), &owner).await.expect(200);
    for path in [format!("/v1/calls/{}/transcript", visit.call), format!("/v1/conversations/{}/transcript", visit.conversation)] {
        assert_eq!(app.get(&path, "").await.problem(401), "unauthenticated");
        assert_eq!(app.get(&path, &stranger.token).await.problem(404), "not_found");
        for (wish, parameter) in
            [("format=docx", "format"), ("tz=Mars/Base", "tz"), ("locale=fr", "locale"), ("audience=all", "audience"), ("zone=UTC", "zone")]
        {
            let refused = app.get(&format!("{path}?{wish}"), &owner).await;
            assert_eq!((refused.problem(400), refused.pointer()), ("invalid_parameter".to_owned(), parameter.to_owned()), "{wish}");
        }
    }
    let nobody = app.get("/v1/calls/01900000-0000-7000-8000-000000000000/transcript", &owner).await;
    assert_eq!(nobody.problem(404), "not_found");
    let color = app.ask("PATCH", "/v1/account", &owner, json!({"brand": {"color": "green"}})).await;
    assert_eq!((color.problem(422), color.pointer()), ("invalid_field".to_owned(), "/brand/color".to_owned()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_pictures_too_that_say_in_words_what_they_show() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let visit = app.visit().await;
    for (report, title) in [("activity", "Llamadas"), ("nps", "Net Promoter Score"), ("times", "Tiempos de espera")] {
        let path = format!("/v1/reports/{report}/chart.svg?at_least={}", visit.position);
        let picture = app.request("GET", &path).bearer(&owner).header("Accept-Language", "es").send().await.expect(200);
        assert_eq!(picture.headers["content-type"], "image/svg+xml");
        assert!(picture.body.contains(&format!("<title>{title}</title>")), "{}", picture.body);
        let at = &picture.headers["vitrina-position"];
        let again =
            app.request("GET", &format!("/v1/reports/{report}/chart.svg?as_of={at}")).bearer(&owner).header("Accept-Language", "es");
        assert_eq!(again.send().await.expect(200).body, picture.body);
        let named = app.get(&format!("/v1/reports/{report}/chart.svg?as_of={at}&locale=es"), &owner).await.expect(200);
        assert_eq!(named.body, picture.body);
    }
    let calls = app.get(&format!("/v1/reports/activity/chart.svg?at_least={}", visit.position), &owner).await.expect(200);
    assert!(calls.body.contains("1 in all"), "{}", calls.body);
    for (wish, parameter) in [("theme=blue", "theme"), ("by=year", "by"), ("by=hour&from=2020-01-01&to=2020-12-31", "by")] {
        let refused = app.get(&format!("/v1/reports/activity/chart.svg?{wish}"), &owner).await;
        assert_eq!((refused.problem(400), refused.pointer()), ("invalid_parameter".to_owned(), parameter.to_owned()), "{wish}");
    }
    assert_eq!(app.get("/v1/reports/sales/chart.svg", &owner).await.problem(404), "not_found");
    assert_eq!(app.get("/v1/reports/activity/chart.svg", &visit.token).await.status, 403);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_began_with_a_template_tells_its_name_and_its_text() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (_, ana) = app.shopper(&owner, "Ana").await;
    let customer = json!({"name": "Ada", "phone": "+34600000000"});
    let opened = app.ask("POST", "/v1/conversations", &owner, json!({"customer": customer, "channel": "whatsapp"})).await.expect(201);
    let (chat, token) = (format!("/v1/conversations/{}", opened.text("id")), opened.text("customer_token"));
    app.ask("POST", &format!("{chat}/join"), &ana, json!({})).await.expect(200);
    let message = json!({"body": "Hola, Ada: tu pedido ha salido.", "template": "order_update"});
    let refused = app.ask("POST", &format!("{chat}/messages"), &token, message.clone()).await;
    assert_eq!((refused.problem(422), refused.pointer()), ("invalid_field".into(), "/template".into()));
    let at = app.ask("POST", &format!("{chat}/messages"), &ana, message).await.expect(201).number("position");
    let read = app.get(&format!("{chat}/messages?at_least={at}"), &token).await.expect(200).json();
    let said = read["items"].as_array().expect("a list").iter().find(|item| !item["template"].is_null()).expect("one has it").clone();
    assert_eq!((&said["template"], &said["body"]), (&json!("order_update"), &json!("Hola, Ada: tu pedido ha salido.")));
    let told = app.get(&format!("{chat}/transcript?format=json"), &owner).await.expect(200).json();
    assert!(entries(&told, "message").iter().any(|entry| entry["template"] == "order_update"), "{told}");
    let page = app.get(&format!("{chat}/transcript?format=html&locale=es"), &owner).await.expect(200).body;
    assert!(page.contains("plantilla: order_update"), "{page}");
    app.stop().await;
}
