//! Tables that are taken away: the rows of the list, the same bytes again, and a manifest that fits the file.

use crate::app::{TestApp, Visit};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

const EVER: &str = "from=2000-01-01&to=2100-01-01&tz=Europe/Madrid";

/// A call that was served and rated, one whose customer has a formula for a name, and one more.
async fn calls(app: &TestApp, owner: &str) -> (Visit, i64) {
    let (_, token) = app.shopper(owner, "Núria").await;
    let served = app.visit().await;
    let call = format!("/v1/calls/{}", served.call);
    app.ask("POST", &format!("{call}/claim"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/start"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/end"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/rating"), &served.token, json!({"nps": 9})).await.expect(201);
    let odd = json!({"customer": {"name": "=1+2\";=1+2", "email": "odd@example.com", "phone": "+34 600 000 000"}, "language": "es"});
    app.ask("POST", "/v1/calls", "", odd).await.expect(201);
    let position = app.visit().await.position;
    (served, position)
}

fn rows(file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_bytes());
    reader.records().map(|record| record.expect("every row has as many fields").iter().map(str::to_owned).collect()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_the_rows_of_the_list_and_fits_its_manifest() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (served, position) = calls(&app, &owner).await;
    let list = app.get(&format!("/v1/calls?at_least={position}"), &owner).await.expect(200).json();
    let mut listed: Vec<Value> = list["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()).collect();
    listed.reverse();
    let query = format!("{EVER}&as_of={}", list["position"]);
    for form in ["format=csv", "format=csv&profile=excel", "format=jsonl"] {
        let file = app.get(&format!("/v1/exports/calls?{query}&{form}"), &owner).await.expect(200);
        let manifest = app.get(&format!("/v1/exports/calls/manifest?{query}&{form}"), &owner).await.expect(200).json();
        assert_eq!(manifest["rows"], listed.len(), "{form}");
        assert_eq!(manifest["bytes"], file.body.len(), "{form}");
        let sha256: String = digest(&SHA256, file.body.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(manifest["sha256"], sha256, "{form}");
        app.visit().await;
        let again = app.get(&format!("/v1/exports/calls?{query}&{form}"), &owner).await.expect(200);
        assert_eq!(again.body, file.body, "{form}");
    }
    let file = app.get(&format!("/v1/exports/calls?{query}"), &owner).await.expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert!(file.headers["content-disposition"].contains(&format!("calls_2000-01-01_2100-01-01_{}.csv", list["position"])));
    let rows = rows(&file.body);
    let column = |name: &str| rows[0].iter().position(|heading| heading == name).unwrap_or_else(|| panic!("no column {name}"));
    let ids: Vec<_> = rows[1..].iter().map(|row| json!(row[column("call_id")])).collect();
    assert_eq!(ids, listed);
    let first = &rows[1];
    assert_eq!(first[column("call_id")], served.call);
    let seen = ["status", "shopper", "shoppers", "nps", "nps_class", "duration_s"].map(|name| first[column(name)].as_str());
    assert_eq!(seen, ["finished", "Núria", "Núria", "9", "promoter", "0"]);
    let odd = ["customer_name", "customer_email", "customer_phone"].map(|name| rows[2][column(name)].as_str());
    assert_eq!(odd, ["'=1+2\";=1+2", "odd@example.com", "'+34600000000"]);
    assert!(rows[1..].iter().all(|row| row[column("created_at")].ends_with("+01:00") || row[column("created_at")].ends_with("+02:00")));
    let lines = app.get(&format!("/v1/exports/calls?{query}&format=jsonl"), &owner).await.expect(200);
    let second: Value = serde_json::from_str(lines.body.lines().nth(1).expect("a second line")).expect("a line is JSON");
    assert_eq!((&second["customer_name"], &second["nps"]), (&json!("=1+2\";=1+2"), &Value::Null));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headings_are_in_the_readers_language_and_a_file_of_nothing_has_them_alone() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let path = "/v1/exports/calls?from=2001-01-01&to=2001-01-31&profile=excel";
    let file = app.request("GET", path).bearer(&owner).header("accept-language", "ca").send().await.expect(200);
    assert!(file.body.starts_with("\u{feff}Creada,Trucada,"), "{}", file.body);
    assert_eq!(file.body.matches("\r\n").count(), 1);
    let manifest = app.get("/v1/exports/calls/manifest?from=2001-01-01&to=2001-01-31", &owner).await.expect(200).json();
    assert_eq!((&manifest["rows"], &manifest["formula_guard"]), (&json!(0), &json!(true)));
    assert_eq!(manifest["locale"], Value::Null, "names for programs are in no language");
    // The manifest tells the language, so that the very same file can be had by whoever speaks another one.
    let manifest = path.replace("/calls?", "/calls/manifest?");
    let manifest = app.request("GET", &manifest).bearer(&owner).header("accept-language", "ca").send().await.expect(200).json();
    assert_eq!((&manifest["locale"], &manifest["bytes"]), (&json!("ca"), &json!(file.body.len())));
    let told = format!("{path}&locale=ca&as_of={}", manifest["position"]);
    assert_eq!(app.request("GET", &told).bearer(&owner).header("accept-language", "es").send().await.body, file.body);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly_is_named() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (query, pointer) in [
        ("format=xml", "format"),
        ("profile=lotus", "profile"),
        ("format=jsonl&profile=excel", "profile"),
        ("from=2026-03-02&to=2026-02-27", "to"),
        ("tz=Mars/Olympus", "tz"),
        ("status=asleep", "status"),
        ("locale=de", "locale"),
        ("format=xlsx&profile=excel", "profile"),
        ("since=9000000", "since"),
        ("since=-1", "since"),
    ] {
        let answer = app.get(&format!("/v1/exports/calls?{query}"), &owner).await;
        assert_eq!(answer.problem(400), "invalid_parameter", "{query}");
        assert!(answer.pointer().ends_with(pointer), "{query}: {}", answer.body);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_period_is_of_what_its_list_is_of() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (served, _) = calls(&app, &owner).await;
    let order = json!({"order_id": "2020-1", "currency": "EUR", "lines": [{"sku": "a", "quantity": 1, "unit_price": 100}], "total": 100,
        "customer_id": served.customer, "placed_at": "2020-02-29T12:00:00Z"});
    let position = app.ask("POST", "/v1/orders", &owner, order).await.expect(201).number("position");
    for (table, list, id) in [
        ("calls", "/v1/calls?".to_owned(), "call_id"),
        ("conversations", "/v1/conversations?".to_owned(), "conversation_id"),
        ("orders", "/v1/orders?".to_owned(), "id"),
        ("ratings", "/v1/ratings?".to_owned(), "answer_id"),
        ("ratings", format!("/v1/ratings?call_id={}&", served.call), "answer_id"),
    ] {
        let filters = list.split_once('?').map(|(_, filters)| filters.to_owned()).unwrap_or_default();
        let file = app.get(&format!("/v1/exports/{table}?{filters}format=jsonl&at_least={position}"), &owner).await.expect(200);
        let rows: Vec<Value> = file.body.lines().rev().map(|line| serde_json::from_str::<Value>(line).expect("JSON")[id].clone()).collect();
        let at = &file.headers["vitrina-position"];
        let listed = app.get(&format!("{list}as_of={at}"), &owner).await.expect(200).json();
        let listed: Vec<Value> = listed["items"].as_array().expect("items").iter().map(|row| row["id"].clone()).collect();
        assert!(!rows.is_empty() && rows == listed, "{table}: {rows:?} {listed:?}");
        if table == "orders" {
            assert!(file.headers["content-disposition"].contains(&format!("orders_{at}.jsonl")), "{:?}", file.headers);
        }
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_has_the_rows_of_its_list_and_opens_to_whom_that_does() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (served, _) = calls(&app, &owner).await;
    let (_, shopper) = app.shopper(&owner, "marta").await;
    let lines = json!([{"sku": "a", "name": "Boots", "quantity": 2, "unit_price": 100}, {"sku": "b", "quantity": 1, "unit_price": 50}]);
    let order = json!({"order_id": "2026-1", "currency": "EUR", "lines": lines, "total": 250, "customer_id": served.customer});
    app.ask("POST", "/v1/orders", &owner, order).await.expect(201);
    let position = app.ask("POST", "/v1/orders/2026-1/refunds", &owner, json!({"lines": [{"sku": "a", "quantity": 1}]})).await.expect(201);
    let position = position.number("position");
    let at = app.get(&format!("/v1/calls?at_least={position}"), &owner).await.expect(200).number("position");
    for (table, id, list) in [
        ("calls", "call_id", "/v1/calls?"),
        ("conversations", "conversation_id", "/v1/conversations?"),
        ("orders", "id", "/v1/orders?status=placed&currency=eur&"),
        ("ratings", "answer_id", "/v1/ratings?from=2000-01-01&to=2100-01-01&"),
        ("shoppers", "shopper_id", "/v1/reports/shoppers?from=2000-01-01&to=2100-01-01&"),
    ] {
        let file = app.get(&format!("/v1/exports/{table}?{EVER}&as_of={at}&format=jsonl"), &owner).await.expect(200);
        let mut lines: Vec<Value> = file.body.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let mut rows: Vec<Value> = lines.iter().map(|line| line[id].clone()).collect();
        let listed = app.get(&format!("{list}as_of={at}"), &owner).await.expect(200).json();
        let item = if table == "shoppers" { "shopper_id" } else { "id" };
        let told: Vec<Value> = listed["items"].as_array().expect("items").iter().map(|row| row["row"].clone()).collect();
        let listed: Vec<Value> = listed["items"].as_array().expect("items").iter().map(|row| row[item].clone()).collect();
        if table != "shoppers" {
            rows.reverse();
            lines.reverse();
            assert_eq!(told, lines, "{table}: a line of the list has the row of the file");
        }
        assert!(!rows.is_empty() && rows == listed, "{table}: {rows:?} {listed:?}");
        let book = app.get(&format!("/v1/exports/{table}?{EVER}&as_of={at}&format=xlsx"), &owner).await.expect(200);
        assert!(book.body.starts_with("PK") && book.headers["content-disposition"].contains(".xlsx"));
        let hash = async || {
            app.get(&format!("/v1/exports/{table}/manifest?{EVER}&as_of={at}&format=xlsx"), &owner).await.expect(200).text("sha256")
        };
        assert_eq!(hash().await, hash().await);
    }
    let lines = app.get(&format!("/v1/exports/order_lines?{EVER}&as_of={at}"), &owner).await.expect(200);
    let (lines, wanted) = (rows(&lines.body), ["order_id", "line", "sku", "quantity", "units", "unit_price", "amount"]);
    let column = |name: &str| lines[0].iter().position(|heading| heading == name).expect("a column");
    let bought: Vec<_> = lines[1..].iter().map(|line| wanted.map(|name| line[column(name)].as_str())).collect();
    assert_eq!(bought, [["2026-1", "1", "a", "2", "1", "1.00", "2.00"], ["2026-1", "2", "b", "1", "1", "0.50", "0.50"]]);
    let count = async |list: String| {
        app.get(&format!("{list}&as_of={at}"), &owner).await.expect(200).json()["items"].as_array().map(Vec::len).expect("items")
    };
    assert_eq!(count(format!("/v1/ratings?call_id={}", served.call)).await, 1);
    assert_eq!(count(format!("/v1/ratings?conversation_id={}", served.conversation)).await, 0);
    assert_eq!(count(format!("/v1/orders?customer_id={}", served.customer)).await, 1);
    assert_eq!(count(format!("/v1/orders?call_id={}", served.call)).await, 0);
    assert_eq!(count(format!("/v1/orders?shopper_id={}", served.customer)).await, 0);
    app.get("/v1/exports/conversations", &shopper).await.expect(200);
    assert_eq!(app.get("/v1/exports/ratings", &shopper).await.problem(403), "module_missing");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_since_a_position_is_told_once() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    let (served, position) = calls(&app, &owner).await;
    let first = app.get(&format!("/v1/exports/calls?{EVER}&at_least={position}&since=0"), &owner).await.expect(200);
    assert_eq!(rows(&first.body).len(), 4);
    let since = &first.headers["vitrina-position"];
    let delta = async |at_least: i64| {
        let path = format!("/v1/exports/calls?{EVER}&status=waiting&since={since}&at_least={at_least}");
        let file = app.get(&path, &owner).await.expect(200);
        rows(&file.body).into_iter().skip(1).map(|row| (row[0].clone(), row[2].clone())).collect::<Vec<_>>()
    };
    assert_eq!(delta(0).await, []);
    let new = app.visit().await;
    assert_eq!(delta(new.position).await, [("set".to_owned(), new.call.clone())]);
    let cancelled = app.ask("POST", &format!("/v1/calls/{}/cancel", new.call), &new.token, json!({})).await.expect(200);
    assert_eq!(delta(cancelled.number("position")).await, []);
    let ever = app.get(&format!("/v1/exports/calls?{EVER}&since={since}&format=jsonl"), &owner).await.expect(200);
    assert!(ever.body.contains(&new.call) && !ever.body.contains(&served.call));
    let manifest = app.get(&format!("/v1/exports/calls/manifest?{EVER}&since={since}"), &owner).await.expect(200).json();
    assert_eq!((manifest["from_position"].to_string(), &manifest["columns"][0]), (since.clone(), &json!("change")));
    app.stop().await;
}
