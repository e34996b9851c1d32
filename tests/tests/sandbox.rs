//! A sandbox: the log of an account among others is forked, imported on both engines and served. Its reports say what those of the account
//! say, an owner gets in, and nothing in its tables leads back.

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, sync::LazyLock, time::Duration};
use uuid::Uuid;
use vitrina_tests::{
    engine::{Engine, Place, Store},
    http::Client,
    ledger, patience,
    server::{Ended, OWNER_PASSWORD, Server, run_to_the_end},
    walk::{Shop, Visit, items, position, sign_in, text},
};

/// Longest wait for what is done beside.
const SOON: Duration = Duration::from_secs(60);
/// The sandbox's own owner.
const OWNER: &str = "trainer@example.org";
/// The day on which the test began; reports are of the days around it.
static TODAY: LazyLock<NaiveDate> = LazyLock::new(|| Utc::now().date_naive());
/// What is asked of both.
const REPORTS: [&str; 11] = [
    "/v1/reports/overview?",
    "/v1/reports/times?",
    "/v1/reports/shoppers?",
    "/v1/reports/nps?",
    "/v1/reports/activity?by=hour_of_week&",
    "/v1/reports/occupancy?",
    "/v1/reports/facts?measure=call_created&",
    "/v1/reports/facts?measure=sales&",
    "/v1/reports/facts?measure=nps&",
    "/v1/ratings/summary?",
    "/v1/queue?",
];
/// Nobody of the sandbox has these.
const OF_SOMEBODY: [&str; 12] = [
    "Prado",
    "ana@example",
    "Reyes",
    "sofia@",
    "Schaufenster",
    "hallo zusammen",
    "quetzalli",
    "jacaranda",
    "till.example",
    "Lampenladen",
    "vip-kundin",
    "cart-of-ana",
];

/// An account's history, among that of another.
struct Origin {
    place: Place,
    account: String,
    head: i64,
    reports: Vec<Value>,
    what_if: Value,
    /// Every id that stands in the log, as 32 digits.
    ids: BTreeSet<String>,
    /// The fork.
    file: String,
}

/// Calls that are served, given up and still waiting, chats, orders, ratings, a customer who is forgotten, an endpoint and a program's key.
fn day(shop: &mut Shop) -> Vec<Visit> {
    shop.owner.patch("/v1/account", &json!({ "store_name": "Lampenladen Reyes" })).expect(200);
    let endpoint = json!({ "name": "Till", "url": "https://till.example/hooks", "events": ["call.*"] });
    shop.owner.post("/v1/webhooks", &endpoint).expect(201);
    shop.owner.post("/v1/api-keys", &json!({ "name": "Schaufenster", "scopes": ["calls:read"] })).expect(201);
    let mut shopper = shop.hire("sofia@example.com");
    let mut visits = Vec::new();
    for nps in [10, 9, 3] {
        let mut visit = shop.live_visit(&mut shopper);
        let call = format!("/v1/calls/{}", visit.call_id);
        visit.customer.post(&visit.messages(), &json!({ "body": "hallo zusammen" })).expect(201);
        let price = json!({ "amount": 12_900, "currency": "EUR" });
        let line = json!({ "cart_id": "cart-of-ana", "sku": "boot-41", "name": "Boots", "quantity": 1, "unit_price": price });
        shopper.client.post(&format!("{call}/cart/items"), &line).expect(201);
        let tags = format!("/v1/conversations/{}/tags", visit.conversation_id);
        shopper.client.post(&tags, &json!({ "tag": "vip-kundin" })).expect(200);
        shopper.client.post(&format!("{call}/end"), &json!({})).expect(200);
        visit.customer.post(&format!("{call}/rating"), &json!({ "nps": nps, "comment": "quetzalli" })).expect(201);
        visits.push(visit);
    }
    let lines = json!([{ "sku": "boot-41", "quantity": 2, "unit_price": 12_900 }]);
    let order = json!({ "order_id": "jacaranda-1", "cart_id": "cart-of-ana", "currency": "EUR", "device": "mobile", "shipping": 500,
        "total": 26_300, "lines": lines });
    shop.owner.post("/v1/orders", &order).expect(201);
    let refund = json!({ "lines": [{ "sku": "boot-41", "quantity": 1 }], "reason": "jacaranda" });
    shop.owner.post("/v1/orders/jacaranda-1/refunds", &refund).expect(201);
    visits.push(shop.visit());
    let mut gone = shop.visit();
    gone.customer.post(&format!("/v1/calls/{}/cancel", gone.call_id), &json!({})).expect(200);
    visits
}

fn is_soon<T>(look: impl FnMut() -> Option<T>) -> T {
    patience::wait_for(SOON, look).expect("it happens soon")
}

/// The end of the log, once everything was read and nobody writes.
fn head(client: &mut Client) -> i64 {
    let mut last = 0;
    is_soon(|| {
        let ready = client.get("/health/ready").expect(200).json();
        let head = ready["head"].as_i64()?;
        let is_at_rest = ready["applied"] == ready["head"] && std::mem::replace(&mut last, head) == head;
        is_at_rest.then_some(head)
    })
}

fn origin(engine: Engine) -> Origin {
    let place = engine.place("origin");
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    let visits = day(&mut shop);
    // From here on there are two, and what happens stands between each other.
    let made = run_to_the_end(
        &place,
        &["account", "create", "--store-name", "Other", "--email", "other@example.com", "--password", "another long password"],
        &[("VITRINA_LISTEN", server.address())],
    );
    assert!(made.status.success(), "{}", made.printed);
    let token = sign_in(&mut shop.nobody, "other@example.com", "another long password");
    let mut other = shop.nobody.with_token(&token);
    for (nth, visit) in visits.iter().enumerate() {
        other.patch("/v1/account", &json!({ "store_name": format!("Other {nth}") })).expect(200);
        let note = json!({ "text": "hallo zusammen" });
        shop.owner.put(&format!("/v1/conversations/{}/note", visit.conversation_id), &note).expect(200);
    }
    let erasure = format!("/v1/customers/{}/erasure", visits[2].customer_id);
    shop.owner.post(&erasure, &json!({ "reason": "consent_withdrawn" })).expect(202);
    is_soon(|| {
        let said = shop.owner.get(&erasure);
        (said.status == 200 && said.json()["stage"] == "erased").then_some(())
    });
    other.patch("/v1/account", &json!({ "store_name": "Other still" })).expect(200);
    is_soon(|| {
        let order = shop.owner.get("/v1/orders/jacaranda-1").expect(200).json();
        (!order["attributed_at"].is_null()).then_some(())
    });
    let account = text(&shop.owner.get("/v1/account").expect(200), "id");
    let head = head(&mut shop.nobody);
    let file = place.folder().join("sandbox.jsonl").display().to_string();
    let fork = |place: &Place, to: &str| run_to_the_end(place, &["log", "fork", "--account", &account, "--to", to], &[]);
    // Beside the server that is at work.
    ended(&fork(&place, &file));
    let reports = reports(&mut shop.owner, head);
    let what_if = what_if(&place, &account);
    server.stop();

    let again = fork(&place, &file);
    assert!(!again.status.success() && again.printed.contains("is there already"), "{}", again.printed);
    let unknown = place.folder().join("unknown.jsonl").display().to_string();
    let nobody = run_to_the_end(&place, &["log", "fork", "--account", &Uuid::now_v7().to_string(), "--to", &unknown], &[]);
    assert!(!nobody.status.success() && nobody.printed.contains("there is no account"), "{}", nobody.printed);
    assert!(
        fs::read_dir(place.folder()).expect("it is there").flatten().all(|entry| !entry.path().display().to_string().contains("unknown"))
    );

    if engine == Engine::Sqlite {
        // One that breaks off leaves nothing.
        let broken = place.copy("broken");
        broken.query(Store::Log, "DROP TRIGGER events_are_never_changed");
        broken.query(Store::Log, "UPDATE events SET payload = '{}' WHERE position > 40");
        let ended = fork(&broken, &broken.folder().join("half.jsonl").display().to_string());
        assert!(!ended.status.success() && ended.printed.contains("does not decode"), "{}", ended.printed);
        assert!(
            fs::read_dir(broken.folder()).expect("it is there").flatten().all(|entry| !entry.path().display().to_string().contains("half"))
        );
    }
    let log = place.folder().join("log.jsonl").display().to_string();
    ended(&run_to_the_end(&place, &["log", "export", "--to", &log], &[]));
    let log = fs::read_to_string(log).expect("it is written");
    let ids = log.as_bytes().windows(36).filter_map(|window| Uuid::try_parse_ascii(window).ok()).map(|id| id.simple().to_string());
    let ids: BTreeSet<String> = ids.collect();
    assert!(ids.len() > 100, "{}", ids.len());
    Origin { account, head, reports, what_if, ids, file, place }
}

#[track_caller]
fn ended(ended: &Ended) {
    assert!(ended.status.success(), "{}", ended.printed);
}

/// The figures at a position, without names and ids.
fn reports(owner: &mut Client, as_of: i64) -> Vec<Value> {
    let ask = |path: &&str| {
        let (from, to) = (*TODAY - Days::new(2), *TODAY + Days::new(2));
        let period = if path.contains("/reports/") { format!("from={from}&to={to}&tz=UTC") } else { String::new() };
        let mut answer = owner.get(&format!("{path}{period}&as_of={as_of}")).expect(200).json();
        strip(&mut answer);
        answer
    };
    REPORTS.iter().map(ask).collect()
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // What a position is in one log it is not in the other; persons have names in one.
            members.retain(|name, _| !(name.ends_with("position") || ["facts", "name", "chat_name"].contains(&name.as_str())));
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => {
            items.iter_mut().for_each(strip);
            items.sort_by_key(Value::to_string);
        }
        Value::String(text) if Uuid::try_parse(text).is_ok() => "an id".clone_into(text),
        _ => {}
    }
}

/// The day as it was, and how many asked when it is played again.
fn what_if(place: &Place, account: &str) -> Value {
    let today = TODAY.to_string();
    let told = run_to_the_end(place, &["what-if", "--day", &today, "--account", account, "--json"], &[]);
    ended(&told);
    let from = told.printed.find('{').expect("it is JSON");
    let told: Value = serde_json::from_str(&told.printed[from..]).unwrap_or_else(|error| panic!("{error}: {}", told.printed));
    json!([told["shoppers"], told["figures"]["as_it_was"], told["figures"]["played_again"]["offered"]])
}

/// Everything in its tables, in small letters, without the hyphens of ids.
fn everything(place: &Place) -> String {
    let mut all = String::new();
    for store in [Store::Log, Store::Views] {
        for table in place.tables(store) {
            for row in place.rows(store, &table) {
                all += &row.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase().replace('-', "");
                all.push('\n');
            }
        }
    }
    all
}

fn assert_nothing_leads_back(origin: &Origin, all: &str) {
    let found: Vec<&String> = origin.ids.iter().filter(|id| all.contains(id.as_str())).collect();
    assert!(found.is_empty(), "ids of the original: {found:?}");
    for text in OF_SOMEBODY {
        assert!(!all.contains(&text.to_lowercase().replace('-', "")), "{text} is there");
    }
}

fn sandbox_of(origin: &Origin, engine: Engine) {
    let place = engine.place("sandbox");
    let verified = run_to_the_end(&place, &["verify", &origin.file], &[]);
    assert!(verified.status.success() && verified.printed.contains("whole and unchanged"), "{}", verified.printed);
    ended(&run_to_the_end(&place, &["log", "import", &origin.file], &[]));
    let end = place.number(Store::Log, "SELECT max(position) FROM events");
    let account = fs::read_to_string(&origin.file).expect("it is there")[..200].split('"').nth(7).expect("an account").to_owned();
    assert_eq!(what_if(&place, &account), origin.what_if, "{engine}");
    ended(&run_to_the_end(&place, &["rebuild", "all"], &[]));

    let server = Server::start_with(&place, &[("VITRINA_FIRST_EMAIL", OWNER)]);
    is_soon(|| server.printed().contains(&format!("This is a sandbox: account {account}")).then_some(()));
    let mut client = server.client();
    let token = sign_in(&mut client, OWNER, OWNER_PASSWORD);
    let mut owner = client.with_token(&token);
    assert_eq!(owner.get("/v1/account").expect(200).json()["store_name"], "Sandbox");
    for (path, (was, is)) in REPORTS.iter().zip(origin.reports.iter().zip(reports(&mut owner, end))) {
        assert_eq!(*was, is, "{engine}: {path}");
    }
    // Nobody is told anything, and no program has a key; but people work here as there.
    for path in ["/v1/webhooks", "/v1/api-keys"] {
        assert_eq!(items(&owner.get(path).expect(200)), Vec::<Value>::new(), "{path}");
    }
    let lena = json!({ "name": "Lena", "email": "lena@example.org", "password": OWNER_PASSWORD });
    let shopper = text(&owner.post("/v1/shoppers", &lena).expect(201), "id");
    let mut lena = client.with_token(&sign_in(&mut server.client(), "lena@example.org", OWNER_PASSWORD));
    lena.put(&format!("/v1/shoppers/{shopper}/status"), &json!({ "status": "available" })).expect(200);
    let asked = client.post("/v1/calls", &json!({ "customer": { "name": "Kim" }, "platform": "web", "device": "mobile" })).expect(201);
    let call = format!("/v1/calls/{}", text(&asked, "id"));
    lena.post(&format!("{call}/claim"), &json!({})).expect(200);
    let started = lena.post(&format!("{call}/start"), &json!({})).expect(200);
    owner.get(&format!("/v1/queue?at_least={}", position(&started))).expect(200);
    server.stop();

    assert_nothing_leads_back(origin, &everything(&place));
    ledger::assert_log_is_whole(&place);
    ledger::assert_read_models_equal_a_fold(&place);
    let live = run_to_the_end(&place, &["verify"], &[]);
    assert!(live.status.success(), "{}", live.printed);
    // The owner is let in once, with whatever password they have by then.
    let again = Server::start_with(&place, &[("VITRINA_FIRST_EMAIL", "somebody@example.org")]);
    is_soon(|| again.printed().contains("This is a sandbox").then_some(()));
    again.client().post("/v1/sessions", &json!({ "email": "somebody@example.org", "password": OWNER_PASSWORD })).problem(401);
    again.stop();
}

#[test]
fn a_sandbox_counts_what_its_original_counts_and_knows_nobody_of_it() {
    for engine in Engine::ALL {
        let origin = origin(engine);
        assert!(origin.head > 50 && origin.place.engine() == engine);
        assert_nothing_leads_back(&origin, &fs::read_to_string(&origin.file).expect("it is there").to_lowercase().replace('-', ""));
        assert!(origin.reports[0].to_string().contains("26300") && origin.account.len() == 36, "{}", origin.reports[0]);
        for into in Engine::ALL {
            sandbox_of(&origin, into);
        }
    }
}
