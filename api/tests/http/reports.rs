//! Reports over the API: what happened is counted, each figure leads to its facts, and an answer can be had again.

use crate::app::{TestApp, Visit};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// A shop's short day: one call served, rated and with a cart, one given up, one that waits.
struct Day {
    owner: String,
    shopper: String,
    served: Visit,
    position: i64,
}

async fn day(app: &TestApp) -> Day {
    let owner = app.owner().await;
    let (shopper, token) = app.shopper(&owner, "Núria").await;
    let (served, lost, _waits) = (app.visit().await, app.visit().await, app.visit().await);
    let call = format!("/v1/calls/{}", served.call);
    app.ask("POST", &format!("{call}/claim"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/start"), &token, json!({})).await.expect(200);
    let chat = format!("/v1/conversations/{}/messages", served.conversation);
    app.ask("POST", &chat, &served.token, json!({"body": "Are they waterproof?"})).await.expect(201);
    app.ask("POST", &chat, &served.token, json!({"body": "Hello?"})).await.expect(201);
    app.ask("POST", &chat, &token, json!({"body": "They are."})).await.expect(201);
    let price = json!({"amount": 12900, "currency": "EUR"});
    let line = json!({"cart_id": "cart-1", "sku": "boot-41", "name": "Boots", "quantity": 1, "unit_price": price});
    app.ask("POST", &format!("{call}/cart/items"), &token, line).await.expect(201);
    app.ask("POST", &format!("{call}/end"), &token, json!({})).await.expect(200);
    app.ask("POST", &format!("{call}/rating"), &served.token, json!({"nps": 3, "csat": 2})).await.expect(201);
    app.ask("POST", &format!("{call}/rating"), &served.token, json!({"nps": 10, "csat": 5, "face": "satisfied"})).await.expect(201);
    let cancelled = app.ask("POST", &format!("/v1/calls/{}/cancel", lost.call), &lost.token, json!({})).await.expect(200);
    Day { owner, shopper, served, position: cancelled.number("position") }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_counted_and_every_figure_leads_to_its_facts() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    let get = async |path: String| app.get(&path, &day.owner).await.expect(200);
    let overview = get(format!("/v1/reports/overview?compare=previous&at_least={}", day.position)).await;
    let told = overview.json();
    assert_eq!(told["calls"]["count"], 3, "{told}");
    assert_eq!(told["cancelled"]["by"], json!({"by_customer": 1}));
    assert_eq!((&told["carts"]["count"], &told["nps"]["score"], &told["nps"]["answers"]), (&json!(1), &json!(100.0), &json!(1)));
    assert_eq!(told["csat"]["counts"], json!([0, 0, 0, 0, 1]));
    assert_eq!(told["previous"]["calls"]["count"], 0);
    assert_eq!(told["previous"]["nps"]["score"], Value::Null);
    assert_eq!(told["sales"], json!([]), "nothing was sold, in no currency");
    assert_eq!(told["conversion_percent"], json!(0.0));
    // Asked again with its position, also after more has happened, it is the same.
    app.visit().await;
    let again = get(format!("/v1/reports/overview?compare=previous&as_of={}", overview.number("position"))).await;
    assert_eq!(again.body, overview.body);
    for figure in ["calls", "cancelled", "carts", "conversations", "closed", "answers"] {
        let facts = get(told[figure]["facts"].as_str().expect("a figure says where its facts are").to_owned()).await.json();
        assert_eq!(facts["items"].as_array().map(Vec::len), told[figure]["count"].as_u64().map(|n| n as usize), "{figure}");
    }
    let count = async |query: &str| {
        get(format!("/v1/reports/facts?{query}&as_of={}", overview.number("position"))).await.json()["items"].as_array().map(Vec::len)
    };
    for (query, facts) in [
        ("measure=call_cancelled&detail=by_customer", 1),
        ("measure=call_cancelled&detail=expired", 0),
        ("measure=nps&value=10", 1),
        ("measure=nps&value=3", 0),
        ("measure=call_created&device=unknown", 3),
        ("measure=call_created&device=mobile", 0),
        ("measure=call_created&nobody=true", 2),
        ("measure=sales&currency=eur", 0),
    ] {
        assert_eq!(count(query).await, Some(facts), "{query}");
    }
    let waits = get(format!("/v1/reports/facts?measure=wait_served&at_least={}", day.position)).await.json();
    let wait = &waits["items"][0];
    assert_eq!((&wait["call_id"], &wait["event_type"]), (&json!(day.served.call), &json!("call.claimed")));
    assert_eq!(wait["shopper_id"], json!(day.shopper));
    assert!(wait["begun_position"].as_i64() < wait["event_position"].as_i64());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_within_business_hours_are_there_when_the_shop_has_hours_and_as_they_stood_then() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    let times = async |at: String| app.get(&format!("/v1/reports/times?{at}"), &day.owner).await.expect(200);
    let without = times(format!("at_least={}", day.position)).await;
    assert_eq!((&without.json()["business_hours"], &without.json()["reply"]["n"]), (&Value::Null, &json!(1)));
    let set = async |schedule: Value| {
        let body = json!({"schedule": schedule});
        app.ask("PUT", "/v1/account/business-hours", &day.owner, body).await
    };
    let closed = set(json!({"zone": "Europe/Madrid", "windows": []})).await.expect(200).number("position");
    let told = times(format!("at_least={closed}")).await.json();
    assert_eq!((&told["business_hours"]["reply"]["n"], &told["business_hours"]["reply"]["max"]), (&json!(1), &json!(0)));
    assert_eq!(times(format!("as_of={}", without.number("position"))).await.body, without.body);
    assert_eq!(app.get("/v1/account", &day.owner).await.json()["business_hours"]["zone"], "Europe/Madrid");
    let refused = set(json!({"zone": "Mars/Olympus", "windows": []})).await;
    assert_eq!((refused.problem(422).as_str(), refused.pointer().as_str()), ("invalid_field", "/schedule/zone"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_now_and_as_it_was() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    let get = async |query: String| app.get(&format!("/v1/reports/waiting?{query}"), &day.owner).await.expect(200).json();
    let now = get(format!("at_least={}", day.position)).await;
    assert_eq!((&now["calls"]["count"], &now["chats"]), (&json!(1), &json!({"count": 0, "longest_since": null})));
    let waits = app.get("/v1/queue", &day.owner).await.expect(200).json();
    assert_eq!(now["calls"]["longest_since"], waits["items"][0]["queued_at"]);
    let chat = app.ask("POST", "/v1/conversations", &day.owner, json!({"environment": "test"})).await.expect(201);
    let of = |environment: &str| format!("environment={environment}&at_least={}", chat.number("position"));
    for (environment, chats, calls) in [("production", 0, 1), ("test", 1, 0), ("all", 1, 1)] {
        let told = get(of(environment)).await;
        assert_eq!((&told["chats"]["count"], &told["calls"]["count"]), (&json!(chats), &json!(calls)), "{environment}");
    }
    // Three waited when the last one had come, and nobody before the first.
    assert_eq!(get(format!("as_of={}", now["position"])).await, now);
    assert_eq!(get("as_of=1".to_owned()).await["calls"], json!({"count": 0, "longest_since": null}));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shoppers_are_credited_with_adds_up_and_accents_do_not_hide_them() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    let get = async |path: &str| app.get(&format!("{path}at_least={}", day.position), &day.owner).await.expect(200).json();
    let report = get("/v1/reports/shoppers?").await;
    let items = report["items"].as_array().expect("shoppers are a list");
    assert_eq!(items.iter().map(|item| item["shopper_id"].clone()).collect::<Vec<_>>(), [json!(day.shopper), Value::Null]);
    for figure in ["calls", "cancelled", "carts", "conversations", "closed", "answers"] {
        let sum: i64 = items.iter().map(|item| item[figure]["count"].as_i64().expect("a count is a number")).sum();
        assert_eq!(report["total"][figure]["count"], sum, "{figure}");
    }
    assert_eq!((&items[0]["calls"]["count"], &items[1]["calls"]["count"]), (&json!(1), &json!(2)));
    for item in items {
        let facts = item["calls"]["facts"].as_str().expect("a figure says where its facts are");
        let facts = app.get(facts, &day.owner).await.expect(200).json();
        assert_eq!(facts["items"].as_array().map(Vec::len), item["calls"]["count"].as_u64().map(|n| n as usize), "{item}");
    }
    for report in ["overview", "shoppers", "times", "activity", "occupancy", "nps"] {
        let told = get(&format!("/v1/reports/{report}?compare=previous&")).await;
        assert!(told["previous"]["to"].as_str() <= told["from"].as_str() && told["previous"]["tz"] == told["tz"], "{report}: {told}");
    }
    let found = get("/v1/reports/shoppers?search=NURIA&").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    let times = get("/v1/reports/times?").await;
    assert_eq!((&times["wait_served"]["n"], &times["wait_abandoned"]["n"]), (&json!(1), &json!(1)));
    assert_eq!((&times["abandonment_percent"], &times["abandoned_short"]), (&json!(50.0), &json!(1)));
    assert_eq!((&times["first_response"]["n"], &times["reply"]["n"]), (&json!(1), &json!(1)));
    assert_eq!(times["answer_speed"]["p50"], Value::Null, "nobody had media");
    for (by, parts) in [("hour_of_week", Some(168)), ("day", None), ("hour", None), ("shopper", Some(2))] {
        let parted = get(&format!("/v1/reports/times?by={by}&")).await;
        let items = parted["items"].as_array().expect("parts are a list");
        assert!(parts.is_none_or(|parts| parts == items.len()), "{by}: {}", items.len());
        for figure in ["wait_served", "wait_abandoned", "reply", "handle"] {
            let sum: i64 = items.iter().map(|item| item[figure]["n"].as_i64().expect("a number")).sum();
            assert_eq!((&times[figure]["n"], &parted[figure]["n"]), (&json!(sum), &json!(sum)), "{by} {figure}");
        }
        for figure in ["first_response_missing", "reply_missing", "reaction_missing", "unanswered_by_agent"] {
            let sum: i64 = items.iter().map(|item| item[figure]["count"].as_i64().expect("a count is a number")).sum();
            assert_eq!((&times[figure]["count"], &parted[figure]["count"]), (&json!(sum), &json!(sum)), "{by} {figure}");
        }
        assert_eq!(times["unanswered_by_agent"]["count"], 1, "who gave up was never spoken to");
        let unanswered = items.iter().filter(|item| item["unanswered_by_agent"]["count"] != 0);
        assert_eq!(unanswered.count(), usize::from(times["unanswered_by_agent"]["count"] != 0), "{by}: of one part alone");
        let levels: Vec<_> = items.iter().filter_map(|item| item["service_level_percent"].as_f64()).collect();
        assert_eq!(levels.is_empty(), by == "shopper", "{by}: {levels:?}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_report_cannot_be_asked_is_refused_by_its_parameter() {
    let app = TestApp::start().await;
    let owner = app.owner().await;
    for (query, parameter) in [
        ("overview?compare=next", "compare"),
        ("times?by=second", "by"),
        ("times?by=hour&from=2025-01-01&to=2025-12-31", "by"),
        ("activity?by=shopper", "by"),
        ("activity?by=day,week", "by"),
        ("activity?by=call", "by"),
        ("overview?by=day", "by"),
        ("shoppers?by=created_at", "by"),
        ("nps?by=ended_at", "by"),
        ("activity/chart.svg?by=call", "by"),
        ("nps/chart.svg?by=ended_at", "by"),
        ("times/chart.svg?by=ended_at", "by"),
        ("facts?measure=sales&device=phone", "device"),
        ("overview?environment=staging", "environment"),
        ("overview?tz=Madrid", "tz"),
        ("overview?from=2026-03-02&to=2026-02-01", "to"),
        ("overview?colour=red", "colour"),
        ("times?answer_within_s=86401", "answer_within_s"),
        ("activity?by=minute", "by"),
        ("activity?by=hour&from=2020-01-01", "by"),
        ("nps?by=moon", "by"),
        ("occupancy?channel=web", "channel"),
        ("occupancy?kind=call", "kind"),
        ("occupancy?bot=01a20653-6542-75c8-abbc-9acf1af5368a", "bot"),
        ("occupancy?environment=test", "environment"),
        ("plan?round=up", "round"),
        ("plan?from=2000-01-01", "from"),
        ("plan?environment=test", "environment"),
        ("plan?tz=Europe/Madrid", "tz"),
        ("facts", "measure"),
        ("facts?measure=happiness", "measure"),
    ] {
        let answer = app.get(&format!("/v1/reports/{query}"), &owner).await;
        assert_eq!(answer.problem(400), "invalid_parameter", "{query}");
        assert_eq!(answer.json()["errors"][0]["pointer"], parameter, "{query}: {}", answer.body);
    }
    let nothing = app.get("/v1/reports/overview?from=2026-03-29&to=2026-03-29&tz=Europe/Madrid&environment=test", &owner).await.expect(200);
    assert_eq!((nothing.text("from"), nothing.text("to")), ("2026-03-29T00:00:00+01:00".into(), "2026-03-30T00:00:00+02:00".into()));
    assert_eq!((&nothing.json()["calls"]["count"], &nothing.json()["nps"]["score"]), (&json!(0), &Value::Null));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_hours_and_weeks_add_up_to_the_whole() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    for by in ["hour", "day", "week", "month", "hour_of_week"] {
        let path = format!("/v1/reports/activity?by={by}&tz=Australia/Lord_Howe&at_least={}", day.position);
        let report = app.get(&path, &day.owner).await.expect(200).json();
        let items = report["items"].as_array().expect("activity is a list");
        let calls: i64 = items.iter().map(|item| item["calls"].as_i64().expect("a count is a number")).sum();
        assert_eq!(calls, 3, "{by}");
        if by == "hour_of_week" {
            assert_eq!(items.len(), 168);
        }
    }
    let nps = app.get(&format!("/v1/reports/nps?by=day&at_least={}", day.position), &day.owner).await.expect(200).json();
    assert_eq!(nps["total"]["promoters"], 1);
    let occupancy = app.get(&format!("/v1/reports/occupancy?at_least={}", day.position), &day.owner).await.expect(200).json();
    assert!(occupancy["total"]["handle_seconds"].is_i64());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_count_by_their_end_and_scores_by_their_call_where_that_is_asked() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    let get = async |path: String| app.get(&path, &day.owner).await.expect(200).json();
    let call = get(format!("/v1/calls/{}?at_least={}", day.served.call, day.position)).await;
    // All calls were made before this moment, and two of the three ended after it.
    let cut = call["claimed_at"].as_str().expect("it was claimed").replace('+', "%2B");
    let report =
        async |report: &str, by: &str, side: &str| get(format!("/v1/reports/{report}?{side}={cut}&as_of={}{by}", day.position)).await;
    for (by, before, after) in
        [("", (3, 0), (0, 1)), ("&by=ended_at", (0, 0), (2, 1)), ("&by=call", (3, 1), (0, 0)), ("&by=call,ended_at", (0, 1), (2, 0))]
    {
        for (side, (calls, answers)) in [("to", before), ("from", after)] {
            let told = report("overview", by, side).await;
            assert_eq!((&told["calls"]["count"], &told["nps"]["answers"]), (&json!(calls), &json!(answers)), "{by} {side}: {told}");
            for figure in ["calls", "nps"] {
                let facts = get(told[figure]["facts"].as_str().expect("a figure says where its facts are").to_owned()).await;
                let wanted = if figure == "calls" { calls } else { answers };
                assert_eq!(facts["items"].as_array().map(Vec::len), Some(wanted), "{by} {side} {figure}: {facts}");
            }
            let shoppers = report("shoppers", by, side).await;
            assert_eq!((&shoppers["total"]["calls"], &shoppers["total"]["nps"]), (&told["calls"], &told["nps"]), "{by} {side}");
        }
    }
    assert_eq!(report("nps", "&by=week,call", "to").await["total"]["answers"], 1);
    assert_eq!(report("nps", "&by=week", "to").await["total"]["answers"], 0);
    let ended = report("activity", "&by=ended_at", "from").await;
    let facts = ended["facts"]["call_ended"].as_str().expect("the measure that is counted is named");
    assert_eq!(get(facts.to_owned()).await["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        ended["items"].as_array().expect("activity is a list").iter().map(|item| item["calls"].as_i64().expect("a count")).sum::<i64>(),
        2
    );
    let line = format!("/v1/exports/shoppers?format=jsonl&by=ended_at&from={cut}&as_of={}", day.position);
    let file = app.get(&line, &day.owner).await.expect(200).body;
    let calls =
        file.lines().map(|line| serde_json::from_str::<Value>(line).expect("each line is JSON")["calls"].as_i64()).sum::<Option<i64>>();
    assert_eq!(calls, Some(2), "{file}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_billing_period_is_a_whole_month_and_its_facts_are_those_of_its_seconds() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    let report =
        app.get(&format!("/v1/reports/plan?from=2025-12-10&to=2026-02-02&at_least={}", day.position), &day.owner).await.expect(200);
    let told = report.json();
    let edges: Vec<_> = told["items"].as_array().expect("periods are a list").iter().map(|item| (&item["from"], &item["to"])).collect();
    let first = |month: &str| json!(format!("{month}-01T00:00:00+00:00"));
    let months = ["2025-12", "2026-01", "2026-02", "2026-03"].map(first);
    assert_eq!(edges, months.windows(2).map(|two| (&two[0], &two[1])).collect::<Vec<_>>(), "{told}");
    assert_eq!((&told["from"], &told["to"], &told["round"]), (&months[0], &months[3], &json!("per_period")));
    let now = app.get("/v1/reports/plan?round=per_call", &day.owner).await.expect(200).json();
    assert_eq!(now["items"].as_array().map(Vec::len), Some(1), "this month: {now}");
    assert_eq!((&now["items"][0]["calls"], &now["items"][0]["minutes"]), (&json!(0), &json!(0)), "nobody had media");
    let facts = now["items"][0]["facts"].as_str().expect("a figure says where its facts are");
    assert_eq!(app.get(facts, &day.owner).await.expect(200).json()["items"], json!([]));
    assert_eq!(app.get("/v1/reports/plan", &day.served.token).await.status, 403);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_told_on_paper_with_the_figures_of_the_overview() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    let get = async |query: String| app.get(&format!("/v1/reports/month?{query}"), &day.owner).await;
    let page = get(format!("format=html&locale=es&at_least={}", day.position)).await.expect(200);
    let at = &page.headers["vitrina-position"];
    for told in [
        "Informe mensual",
        "Minutos del plan",
        "<td dir=\"auto\">Llamadas pedidas o creadas</td><td dir=\"auto\" class=\"figure\">3</td>",
        "+100,0",
        "Núria",
        "del mes anterior cuenta lo que hubo hasta el ",
        "<td dir=\"auto\">Conversaciones que terminaron sin palabra de un asesor</td><td dir=\"auto\" class=\"figure\">1</td>",
        "Sin respuesta",
        "<td dir=\"auto\">Primera respuesta en un chat</td><td dir=\"auto\" class=\"figure\">1</td><td dir=\"auto\" class=\"figure\">0</td>",
    ] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    assert_eq!(page.body.matches("<svg").count(), 3);
    let first = get(format!("format=pdf&locale=es&as_of={at}")).await.expect(200);
    app.visit().await;
    let again = get(format!("format=pdf&locale=es&as_of={at}")).await.expect(200);
    assert!(first.body == again.body && first.body.starts_with("%PDF"), "the same bytes at the same position");
    let before = get("format=html&month=2020-02&locale=ca".to_owned()).await.expect(200);
    assert!(before.body.contains("Febrer de 2020") && before.body.contains("29 de febrer de 2020"), "{}", before.body);
    assert!(!before.body.contains("del mes anterior compta"), "all of the month before counts: {}", before.body);
    let abroad = get("format=html&locale=es&tz=America/Bogota".to_owned()).await.expect(200);
    assert!(!abroad.body.contains("Minutos del plan"), "a bill is of the account's zone: {}", abroad.body);
    for (query, parameter) in [("month=2026-13", "month"), ("month=march", "month"), ("format=docx", "format"), ("tz=Mars/Base", "tz")] {
        let refused = get(query.to_owned()).await;
        assert_eq!((refused.problem(400), refused.pointer()), ("invalid_parameter".to_owned(), parameter.to_owned()), "{query}");
    }
    assert_eq!(app.get("/v1/reports/month", &day.served.token).await.status, 403);
    app.stop().await;
}

/// The log of a server that stands still, as if all of it had happened so much earlier.
fn age(folder: &std::path::Path, by: TimeDelta) {
    let log = rusqlite::Connection::open(folder.join("log.sqlite")).expect("the log is there");
    let earlier = by.num_microseconds().expect("some weeks");
    log.execute_batch(&format!(
        "DROP TRIGGER events_are_never_changed;
         UPDATE events SET recorded_at = recorded_at - {earlier}, occurred_at = occurred_at - {earlier};
         UPDATE log_head SET recorded_at = recorded_at - {earlier};"
    ))
    .expect("nobody is at work");
    for file in ["views.sqlite", "views.sqlite-wal", "views.sqlite-shm"] {
        let _ = std::fs::remove_file(folder.join(file));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_not_said_is_that_of_the_position_asked_for() {
    let mut app = TestApp::start().await;
    let then = day(&app).await.position;
    app.halt().await;
    let long = TimeDelta::days(70);
    age(app.folder(), long);
    let app = app.restart().await;
    let owner = app.owner().await;
    let month = |at: DateTime<Utc>| at.format("%Y-%m-01T").to_string();
    let begins_in = |report: &Value, at: DateTime<Utc>| report["from"].as_str().is_some_and(|from| from.starts_with(&month(at)));
    for report in ["overview?compare=previous&", "shoppers?", "times?", "nps?", "month?format=html&locale=en&", "plan?"] {
        let asked = async || app.get(&format!("/v1/reports/{report}as_of={then}"), &owner).await.expect(200).body;
        let before = asked().await;
        app.visit().await;
        assert_eq!(asked().await, before, "{report}");
    }
    let overview = async |query: String| app.get(&format!("/v1/reports/overview?tz=UTC&{query}"), &owner).await.expect(200).json();
    let old = overview(format!("as_of={then}")).await;
    assert!(begins_in(&old, Utc::now() - long), "{old}");
    assert_eq!(old["calls"]["count"], 3, "{old}");
    let new = overview(format!("at_least={}", app.visit().await.position)).await;
    assert!(begins_in(&new, Utc::now()), "{new}");
    // Ratings without dates are of the week before.
    let ratings = app.get(&format!("/v1/ratings/summary?tz=UTC&as_of={then}"), &owner).await.expect(200).json();
    let to: DateTime<Utc> = ratings["to"].as_str().and_then(|to| to.parse().ok()).expect("an instant");
    assert!((TimeDelta::zero()..=TimeDelta::days(1)).contains(&(to - (Utc::now() - long))), "{ratings}");
    let paper = app.get(&format!("/v1/reports/month?format=html&locale=en&tz=UTC&as_of={then}"), &owner).await.expect(200).body;
    let title = (Utc::now() - long).format("%B %Y").to_string();
    assert!(paper.contains(&title), "{title}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_a_moment_before_everything_a_report_is_empty_and_the_same_each_time() {
    let app = TestApp::start().await;
    let day = day(&app).await;
    app.get(&format!("/v1/reports/overview?at_least={}", day.position), &day.owner).await.expect(200);
    let reports =
        ["overview", "shoppers", "times", "activity", "occupancy", "plan", "nps", "facts?measure=call_created", "month?format=html"];
    let mut paths: Vec<_> = reports.iter().map(|report| format!("/v1/reports/{report}")).collect();
    paths.extend(["activity/chart.svg", "nps/chart.svg?by=week", "times/chart.svg"].map(|chart| format!("/v1/reports/{chart}")));
    paths.extend(["/v1/ratings", "/v1/ratings/summary", "/v1/calls", "/v1/conversations?from=2026-01-01"].map(str::to_owned));
    for table in ["calls", "conversations", "orders", "order_lines", "ratings", "shoppers"] {
        paths.extend([format!("/v1/exports/{table}"), format!("/v1/exports/{table}/manifest")]);
    }
    for path in &paths {
        for moment in ["0", "2001-01-01T00:00:00Z"] {
            let mark = if path.contains('?') { '&' } else { '?' };
            let answer = app.get(&format!("{path}{mark}as_of={moment}"), &day.owner).await;
            assert_eq!(answer.status, 200, "{path} {moment}: {}", answer.body);
        }
    }
    let overview = app.get("/v1/reports/overview?as_of=0&compare=previous", &day.owner).await.expect(200);
    assert_eq!(overview.json()["calls"]["count"], 0);
    assert_eq!(overview.body, app.get("/v1/reports/overview?as_of=0&compare=previous", &day.owner).await.body);
    let now = app.get("/v1/reports/overview", &day.owner).await.expect(200);
    assert_eq!(overview.text("from"), now.text("from"), "the month of the first event");
    let file = json!({"definition": "shoppers", "as_of": "2001-01-01T00:00:00Z"});
    app.ask("POST", "/v1/exports", &day.owner, file).await.expect(202);
    app.stop().await;
}
