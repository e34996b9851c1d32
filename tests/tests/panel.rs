//! Conversations as in the information panel, on both engines: taken and helped exclusively, handed over with words, marked,
//! found again, continued after the end, and read as a whole.

use serde_json::{Value, json};
use vitrina_tests::{
    engine::Engine,
    http::{Answer, Client},
    server::Server,
    walk::{SHOPPER_PASSWORD, Shop, Shopper, items, position, text},
};

/// Opens a shop on each engine and runs a look at it.
fn on_both(look: impl Fn(&mut Shop)) {
    for engine in Engine::ALL {
        let place = engine.place("panel");
        let server = Server::start(&place);
        look(&mut Shop::open(&server));
        assert!(server.stop().success(), "{engine}");
    }
}

/// A customer who has opened a chat.
struct Chat {
    id: String,
    customer_id: String,
    customer: Client,
}

impl Chat {
    fn open(shop: &mut Shop, more: Value) -> Self {
        let mut body = json!({ "customer": { "name": "Ana Prado", "email": "ana@example.com" }, "language": "es" });
        body.as_object_mut().expect("a body is an object").extend(more.as_object().expect("members are an object").clone());
        let opened = shop.nobody.post("/v1/conversations", &body).expect(201);
        let customer = shop.nobody.with_token(&text(&opened, "customer_token"));
        Self { id: text(&opened, "id"), customer_id: text(&opened, "customer_id"), customer }
    }

    fn at(&self, what: &str) -> String {
        format!("/v1/conversations/{}{what}", self.id)
    }

    fn say(&mut self, body: &str) -> Answer {
        self.customer.post(&self.at("/messages"), &json!({ "body": body })).expect(201)
    }
}

/// The conversation as the owner sees it after this.
fn seen(shop: &mut Shop, chat: &Chat, after: &Answer) -> Value {
    shop.owner.get(&format!("{}?at_least={}", chat.at(""), position(after))).expect(200).json()
}

fn ids(answer: &Answer) -> Vec<String> {
    items(answer).iter().map(|item| item["id"].as_str().expect("an item has an id").to_owned()).collect()
}

#[test]
fn of_two_who_claim_a_chat_one_is_told_that_it_is_taken() {
    on_both(|shop| {
        let (mut sofia, mut bruno) = (shop.hire("sofia@example.com"), shop.hire("bruno@example.com"));
        let chat = Chat::open(shop, json!({}));
        let claimed = sofia.client.post(&chat.at("/claim"), &json!({})).expect(200);
        let conversation = seen(shop, &chat, &claimed);
        assert_eq!((&conversation["assigned_to"], &conversation["waiting_since"]), (&json!(sofia.id), &Value::Null));
        sofia.client.post(&chat.at("/claim"), &json!({})).expect(200);
        let refused = bruno.client.post(&chat.at("/claim"), &json!({}));
        assert_eq!((refused.problem(409).as_str(), &refused.json()["current_state"]), ("illegal_transition", &json!("taken")));
        // Nor does anybody walk in unasked; but one who is there may bring a colleague in.
        assert_eq!(bruno.client.post(&chat.at("/join"), &json!({})).problem(409), "illegal_transition");
        sofia.client.post(&chat.at("/join"), &json!({ "shopper_id": bruno.id })).expect(200);
    });
}

#[test]
fn the_first_helper_wins_and_the_customer_is_told_in_their_language() {
    on_both(|shop| {
        let mut people: Vec<Shopper> = ["sofia", "bruno", "clara"].iter().map(|name| shop.hire(&format!("{name}@example.com"))).collect();
        let mut chat = Chat::open(shop, json!({}));
        people[0].client.post(&chat.at("/claim"), &json!({})).expect(200);
        let asked = people[0].client.put(&chat.at("/status"), &json!({ "status": "need_help" })).expect(200);
        let list = format!("/v1/conversations?status=need_help&at_least={}", position(&asked));
        assert_eq!(ids(&people[1].client.get(&list).expect(200)), [chat.id.clone()]);
        let helped = people[1].client.post(&chat.at("/join"), &json!({})).expect(200);
        let refused = people[2].client.post(&chat.at("/join"), &json!({}));
        assert_eq!((refused.problem(409).as_str(), &refused.json()["current_state"]), ("illegal_transition", &json!("in_progress")));
        assert_eq!(seen(shop, &chat, &helped)["status"], "in_progress");
        let told = items(&chat.customer.get(&format!("{}?at_least={}", chat.at("/messages"), position(&helped))).expect(200));
        let notice = told.last().unwrap();
        assert_eq!(notice["author_kind"], "system");
        assert!(notice["body"].as_str().unwrap().starts_with("Otra persona"), "{notice}");
    });
}

#[test]
fn of_helpers_who_come_at_once_through_two_processes_one_wins() {
    let place = Engine::Postgres.place("helpers");
    let servers = [Server::start(&place), Server::start(&place)];
    let mut shop = Shop::open(&servers[0]);
    let mut people: Vec<Shopper> = (0..5).map(|number| shop.hire(&format!("helper{number}@example.com"))).collect();
    for round in 0..6 {
        let chat = Chat::open(&mut shop, json!({}));
        people[0].client.post(&chat.at("/claim"), &json!({})).expect(200);
        let asked = people[0].client.put(&chat.at("/status"), &json!({ "status": "need_help" })).expect(200);
        let how = if round % 2 == 0 { "/join" } else { "/claim" };
        if how == "/claim" {
            people[0].client.post(&chat.at("/leave"), &json!({})).expect(200);
        }
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let helpers: Vec<_> = people[1..]
                .iter()
                .enumerate()
                .map(|(number, helper)| {
                    let (mut client, path) = (helper.client.moved_to(servers[number % 2].address()), chat.at(how));
                    scope.spawn(move || client.post(&path, &json!({})).status)
                })
                .collect();
            helpers.into_iter().map(|helper| helper.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?} after {}", position(&asked));
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), people.len() - 2, "{statuses:?}");
    }
}

#[test]
fn a_chat_handed_to_a_department_waits_there_and_one_handed_to_a_colleague_is_theirs() {
    on_both(|shop| {
        let (mut sofia, mut bruno) = (shop.hire("sofia@example.com"), shop.hire("bruno@example.com"));
        let mut chat = Chat::open(shop, json!({}));
        sofia.client.post(&chat.at("/claim"), &json!({})).expect(200);
        sofia.client.put(&chat.at("/status"), &json!({ "status": "waiting_customer" })).expect(200);
        let to = json!({ "to": { "department": "returns" }, "note": "wants her money back" });
        let handed = sofia.client.post(&chat.at("/handover"), &to).expect(200);
        let conversation = seen(shop, &chat, &handed);
        assert_eq!((&conversation["department"], &conversation["status"]), (&json!("returns"), &json!("in_progress")));
        assert!(conversation["waiting_since"].is_string() && conversation["assigned_to"].is_null(), "{conversation}");
        let waiting = |shop: &mut Shop, more: &str| ids(&shop.owner.get(&format!("/v1/conversations?waiting=true{more}")).expect(200));
        assert_eq!(waiting(shop, "&department=returns"), [chat.id.clone()]);
        assert_eq!(waiting(shop, "&department=sales"), Vec::<String>::new());
        assert_eq!(sofia.client.post(&chat.at("/messages"), &json!({ "body": "Still me" })).problem(403), "not_allowed");

        bruno.client.post(&chat.at("/claim"), &json!({})).expect(200);
        let back = json!({ "to": { "shopper_id": sofia.id }, "note": "you know her" });
        let handed = bruno.client.post(&chat.at("/handover"), &back).expect(200);
        let conversation = seen(shop, &chat, &handed);
        assert_eq!((&conversation["assigned_to"], &conversation["waiting_since"]), (&json!(sofia.id), &Value::Null));
        assert_eq!(conversation["hand_overs"][1]["from_shopper_id"], json!(bruno.id));
        assert_eq!(conversation["hand_overs"][1]["note"], "you know her");
        let mine =
            |client: &mut Client| ids(&client.get(&format!("/v1/conversations?mine=true&at_least={}", position(&handed))).expect(200));
        assert_eq!((mine(&mut sofia.client), mine(&mut bruno.client)), (vec![chat.id.clone()], vec![]));
        // The customer learns nothing of it.
        let theirs = chat.customer.get(&chat.at("")).expect(200).text();
        for internal in ["hand_overs", "note", "department", "expertise", "tags", "money back", "assigned_to"] {
            assert!(!theirs.contains(internal), "{internal}: {theirs}");
        }
        chat.say("Thank you");
        let closed = sofia.client.post(&chat.at("/close"), &json!({})).expect(200);
        assert_eq!(seen(shop, &chat, &closed)["outcome"], "escalated");
        let bad = sofia.client.post(&chat.at("/handover"), &json!({ "to": {} }));
        assert_eq!(bad.problem(422), "invalid_field");
    });
}

#[test]
fn after_the_end_the_customers_next_word_opens_one_new_conversation() {
    on_both(|shop| {
        let mut sofia = shop.hire("sofia@example.com");
        let mut chat = Chat::open(shop, json!({}));
        sofia.client.post(&chat.at("/claim"), &json!({})).expect(200);
        sofia.client.post(&chat.at("/close"), &json!({})).expect(200);
        assert_eq!(sofia.client.post(&chat.at("/messages"), &json!({ "body": "Hello?" })).problem(409), "illegal_transition");

        let key = chat.customer.fresh_key();
        let body = json!({ "body": "One more thing" }).to_string();
        let path = chat.at("/messages");
        let send = |client: &mut Client| client.send("POST", &path, &[("Idempotency-Key", &key)], Some(body.as_bytes())).expect(201);
        let first = send(&mut chat.customer);
        let next = text(&first, "conversation_id");
        assert_ne!(next, chat.id);
        assert_eq!(text(&first, "previous_conversation_id"), chat.id);
        assert_eq!(send(&mut chat.customer).text(), first.text(), "a repetition gets the same answer");
        // The answer's own token is for the new one alone, as live updates want it.
        let mut follower = shop.nobody.with_token(&text(&first, "customer_token"));
        follower.get(&format!("/v1/conversations/{next}?at_least={}", position(&first))).expect(200);
        // Through the old address or the new one, with the old token, the talk goes on in the same place.
        let second = chat.say("Are you there?");
        assert_eq!(text(&second, "conversation_id"), next);
        let third = chat.customer.post(&format!("/v1/conversations/{next}/messages"), &json!({ "body": "Hello?" })).expect(201);
        let list = format!("/v1/conversations/{next}/messages?at_least={}", position(&third));
        assert_eq!(items(&chat.customer.get(&list).expect(200)).len(), 3);
        assert_eq!(third.header("etag"), Some("\"4\""));
        let opened = chat.customer.get(&format!("/v1/conversations/{next}")).expect(200).json();
        assert_eq!((&opened["customer_id"], &opened["previous_conversation_id"]), (&json!(chat.customer_id), &json!(chat.id)));
        // It waits for somebody like any other; the old one stays as it was.
        assert_eq!(ids(&shop.owner.get("/v1/conversations?waiting=true").expect(200)), std::slice::from_ref(&next));
        assert_eq!(items(&shop.owner.get(&format!("{}?limit=200", chat.at("/messages"))).expect(200)).len(), 0);

        // Closed again, by the customer, it goes on in a third one; nobody else's token opens any of them.
        chat.customer.post(&format!("/v1/conversations/{next}/close"), &json!({})).expect(200);
        let fourth = chat.say("And another thing");
        let last = text(&fourth, "conversation_id");
        assert!(last != next && last != chat.id);
        let all = shop.owner.get(&format!("/v1/customers/{}/conversations?at_least={}", chat.customer_id, position(&fourth))).expect(200);
        assert_eq!(ids(&all), [last.clone(), next.clone(), chat.id.clone()]);
        let mut other = Chat::open(shop, json!({}));
        assert_eq!(other.customer.get(&format!("/v1/conversations/{last}?at_least={}", position(&fourth))).problem(404), "not_found");
        assert_eq!(other.customer.get(&format!("/v1/conversations/{last}/messages")).problem(404), "not_found");
        let intrusion = other.customer.post(&format!("/v1/conversations/{last}/messages"), &json!({ "body": "x" }));
        assert_eq!(intrusion.problem(404), "not_found");
        assert_eq!(other.customer.post(&format!("/v1/conversations/{last}/close"), &json!({})).problem(404), "not_found");
    });
}

#[test]
fn quick_messages_through_two_processes_open_one_conversation() {
    let place = Engine::Postgres.place("quick");
    let servers = [Server::start(&place), Server::start(&place)];
    let mut shop = Shop::open(&servers[0]);
    for _ in 0..6 {
        let mut chat = Chat::open(&mut shop, json!({}));
        chat.say("Hello");
        chat.customer.post(&chat.at("/close"), &json!({})).expect(200);
        let went: Vec<String> = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..8)
                .map(|number: usize| {
                    let (mut client, path) = (chat.customer.moved_to(servers[number % 2].address()), chat.at("/messages"));
                    scope.spawn(move || text(&client.post(&path, &json!({ "body": format!("{number}") })).expect(201), "conversation_id"))
                })
                .collect();
            senders.into_iter().map(|sender| sender.join().unwrap()).collect()
        });
        assert!(went.iter().all(|id| *id == went[0] && *id != chat.id), "{went:?}");
        let newest = chat.say("Last");
        let list = format!("/v1/conversations/{}/messages?at_least={}", went[0], position(&newest));
        assert_eq!(items(&chat.customer.get(&list).expect(200)).len(), 9);
    }
}

#[test]
fn tags_are_made_by_being_put_on_and_picked_by_use() {
    on_both(|shop| {
        let mut sofia = shop.hire("sofia@example.com");
        let chats: Vec<Chat> = (0..3).map(|_| Chat::open(shop, json!({}))).collect();
        let mut last = None;
        for (chat, tags) in chats.iter().zip([vec!["returns", "VIP"], vec!["returns"], vec!["returns", "Réglage 100%"]]) {
            for tag in tags {
                last = Some(sofia.client.post(&chat.at("/tags"), &json!({ "tag": tag })).expect(200));
            }
        }
        let at = position(&last.unwrap());
        let mut tags = |query: &str| -> Vec<(String, i64)> {
            let found = items(&sofia.client.get(&format!("/v1/tags?at_least={at}{query}")).expect(200));
            found.iter().map(|tag| (tag["tag"].as_str().unwrap().to_owned(), tag["conversations"].as_i64().unwrap())).collect()
        };
        // Used alike, they stand in the order of their characters.
        assert_eq!(tags(""), [("returns".to_owned(), 3), ("Réglage 100%".to_owned(), 1), ("VIP".to_owned(), 1)]);
        assert_eq!(tags("&q=reglage"), [("Réglage 100%".to_owned(), 1)]);
        assert_eq!(tags("&q=0%25"), [("Réglage 100%".to_owned(), 1)]);
        assert_eq!(tags("&limit=1"), [("returns".to_owned(), 3)]);
        let tagged = |shop: &mut Shop, tag: &str| ids(&shop.owner.get(&format!("/v1/conversations?tag={tag}")).expect(200));
        assert_eq!(tagged(shop, "VIP"), [chats[0].id.clone()]);
        assert_eq!(tagged(shop, "vip"), Vec::<String>::new());
        assert_eq!(tagged(shop, "returns").len(), 3);
        let off = shop.owner.delete(&chats[0].at("/tags/VIP")).expect(200);
        assert_eq!(items(&shop.owner.get(&format!("/v1/tags?q=vip&at_least={}", position(&off))).expect(200)), Vec::<Value>::new());
        assert_eq!(items(&shop.owner.get(&format!("/v1/tags?q=vip&as_of={at}")).expect(200)).len(), 1);
    });
}

#[test]
fn the_star_is_the_readers_own_and_mentions_are_for_staff() {
    on_both(|shop| {
        let (mut sofia, mut bruno) = (shop.hire("sofia@example.com"), shop.hire("bruno@example.com"));
        let skilled = shop.owner.patch(&format!("/v1/shoppers/{}", sofia.id), &json!({ "expertise": ["light"], "departments": ["sales"] }));
        let mut chat = Chat::open(shop, json!({ "department": "sales" }));
        let set = bruno.client.put(&chat.at("/expertise"), &json!({ "expertise": ["light", "wood"] })).expect(200);
        assert!(position(&skilled.expect(200)) < position(&set));
        let list = format!("/v1/conversations?expertise=light&department=sales&q=prado&channel=web&at_least={}", position(&set));
        let starred = |client: &mut Client| items(&client.get(&list).expect(200))[0]["is_starred"].clone();
        assert_eq!((starred(&mut sofia.client), starred(&mut bruno.client)), (json!(true), json!(false)));
        assert_eq!(items(&bruno.client.get(&list.replace("prado", "nobody")).expect(200)).len(), 0);

        let note = json!({ "body": "could you look?", "visibility": "internal", "mentions": [sofia.id] });
        let noted = bruno.client.post(&chat.at("/messages"), &note).expect(201);
        let read = format!("{}?at_least={}", chat.at("/messages"), position(&noted));
        assert_eq!(items(&sofia.client.get(&read).expect(200))[0]["mentions"], json!([sofia.id]));
        assert_eq!(items(&chat.customer.get(&read).expect(200)).len(), 0);
        let public = json!({ "body": "x", "mentions": [sofia.id] });
        assert_eq!(chat.customer.post(&chat.at("/messages"), &public).problem(422), "invalid_field");
        let unknown = json!({ "body": "x", "visibility": "internal", "mentions": [chat.customer_id] });
        assert_eq!(bruno.client.post(&chat.at("/messages"), &unknown).json()["errors"][0]["pointer"], "/mentions/0");
    });
}

#[test]
fn the_panel_shows_everything_of_one_position() {
    on_both(|shop| {
        let (mut sofia, bruno) = (shop.hire("sofia@example.com"), shop.hire("bruno@example.com"));
        let mut chat = Chat::open(shop, json!({ "country": "es" }));
        sofia.client.post(&chat.at("/claim"), &json!({})).expect(200);
        chat.say("Do you have it in blue?");
        sofia.client.post(&chat.at("/messages"), &json!({ "body": "We do" })).expect(201);
        sofia.client.put(&chat.at("/note"), &json!({ "text": "likes blue" })).expect(200);
        sofia.client.post(&chat.at("/tags"), &json!({ "tag": "blue" })).expect(200);
        sofia.client.put(&chat.at("/priority"), &json!({ "priority": 5 })).expect(200);
        sofia.client.post(&chat.at("/handover"), &json!({ "to": { "shopper_id": bruno.id } })).expect(200);
        chat.customer.post(&chat.at("/close"), &json!({})).expect(200);
        let rated = chat.customer.post(&chat.at("/rating"), &json!({ "csat": 5 })).expect(201);
        let again = chat.say("Hello again");
        let panel = sofia.client.get(&format!("{}?at_least={}", chat.at("/panel"), position(&again))).expect(200);
        let shown = panel.json();
        let conversation = &shown["conversation"];
        let facts =
            ["status", "outcome", "note", "language", "country", "priority", "agent_replied"].map(|member| conversation[member].clone());
        assert_eq!(facts, [json!("closed"), json!("escalated"), json!("likes blue"), json!("es"), json!("ES"), json!(5), json!(true)]);
        assert_eq!(conversation["tags"], json!(["blue"]));
        assert_eq!((&shown["contact"]["name"], &shown["contact"]["email"]), (&json!("Ana Prado"), &json!("ana@example.com")));
        let people: Vec<_> =
            shown["people"].as_array().unwrap().iter().map(|one| (one["shopper_id"].clone(), one["is_present"].clone())).collect();
        assert_eq!(people, [(json!(sofia.id), json!(false)), (json!(bruno.id), json!(true))]);
        assert_eq!(shown["recent"][0]["id"], again.json()["conversation_id"]);
        assert_eq!(shown["ratings"][0]["csat"], 5);
        assert!(panel.header("etag").is_some());
        // As of a position it is what it was.
        let then = shop.owner.get(&format!("{}?as_of={}", chat.at("/panel"), position(&rated))).expect(200).json();
        assert_eq!(then["recent"], json!([]));
        assert_eq!(chat.customer.get(&chat.at("/panel")).status, 403);
        let mut stranger = Chat::open(shop, json!({ "customer": {} }));
        let greeted = stranger.say("Hi");
        let unknown = shop.owner.get(&format!("{}?at_least={}", stranger.at("/panel"), position(&greeted))).expect(200).json();
        assert_eq!(unknown["contact"], Value::Null);
    });
}

#[test]
fn a_field_is_taken_back_by_null() {
    on_both(|shop| {
        let sofia = shop.hire("sofia@example.com");
        let shopper = format!("/v1/shoppers/{}", sofia.id);
        shop.owner.patch(&shopper, &json!({ "phone": "+34600111222", "max_concurrent": 3 })).expect(200);
        let cleared = shop.owner.patch(&shopper, &json!({ "phone": null })).expect(200);
        let known = shop.owner.get(&format!("{shopper}?at_least={}", position(&cleared))).expect(200).json();
        assert_eq!((&known["phone"], &known["max_concurrent"]), (&Value::Null, &json!(3)));

        let (ana, other) = (Chat::open(shop, json!({})), Chat::open(shop, json!({})));
        let customer = |chat: &Chat| format!("/v1/customers/{}", chat.customer_id);
        shop.owner.patch(&customer(&ana), &json!({ "external_id": "4711", "company": "Sol" })).expect(200);
        assert_eq!(shop.owner.patch(&customer(&other), &json!({ "external_id": "4711" })).problem(409), "already_taken");
        let cleared = shop.owner.patch(&customer(&ana), &json!({ "external_id": null, "email": null })).expect(200);
        let known = shop.owner.get(&format!("{}?at_least={}", customer(&ana), position(&cleared))).expect(200).json();
        let facts = ["external_id", "email", "company", "name"].map(|member| known[member].clone());
        assert_eq!(facts, [Value::Null, Value::Null, json!("Sol"), json!("Ana Prado")]);
        shop.owner.patch(&customer(&other), &json!({ "external_id": "4711" })).expect(200);
    });
}

#[test]
fn a_shoppers_address_can_be_changed_and_the_old_one_is_free_again() {
    on_both(|shop| {
        let (sofia, _) = (shop.hire("sofia@example.com"), shop.hire("bruno@example.com"));
        let shopper = format!("/v1/shoppers/{}", sofia.id);
        assert_eq!(shop.owner.patch(&shopper, &json!({ "email": "bruno@example.com" })).problem(409), "already_taken");
        shop.owner.patch(&shopper, &json!({ "email": "Sofia.Reyes@example.com" })).expect(200);
        let changed = shop.owner.patch(&shopper, &json!({ "email": "sofia.reyes@example.com", "name": "Sofía" })).expect(200);
        let known = shop.owner.get(&format!("{shopper}?at_least={}", position(&changed))).expect(200).json();
        assert_eq!((&known["email"], &known["name"]), (&json!("sofia.reyes@example.com"), &json!("Sofía")));
        let sign_in = |email: &str| json!({ "email": email, "password": SHOPPER_PASSWORD });
        shop.nobody.post("/v1/sessions", &sign_in("sofia.reyes@example.com")).expect(201);
        assert_eq!(shop.nobody.post("/v1/sessions", &sign_in("sofia@example.com")).status, 401);
        shop.hire("sofia@example.com");
    });
}
