//! Tables that are taken away are those of the lists, as of every position, and what has changed between positions makes the whole.

use super::{
    batches::fold,
    engines::Place,
    searching,
    story::{self, Story},
};
use crate::{
    Needle, Newest, Page, Period, Store,
    calls::{self, CallFilter, CallStatus},
    conversations::{ConversationFilter, Standing},
    export::{self, Export, Filter, Form, Profile, ShoppersFilter},
    fold::Envelope,
    orders::{self, OrderFilter, OrderRow, Sold},
    ratings::{self, Rated, RatingFilter},
    recordings::{self, RecordingStage},
    report::{Figures, Selection, Whose},
};
use chrono::Duration;
use chrono_tz::Europe::Madrid;
use serde_json::{Value, value::RawValue};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;
use vitrina_domain::{
    call::Device,
    ids::{AccountId, AnswerId, CallId, ConversationId, OrderId},
    locale::Locale,
    metrics::{nps::Class, range::Range},
    purchase::Stage,
    report::{Anchors, Measure},
};
use vitrina_eventlog::{Decoded, Environment, Position};

fn accounts(events: &[Decoded]) -> Vec<AccountId> {
    let mut accounts: Vec<_> = events.iter().map(|event| event.account()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

fn filters() -> Vec<Filter> {
    let range = Range { from: story::beginning() - Duration::days(1), to: story::beginning() + Duration::days(30) };
    let period = Period { from: Some(range.from), to: Some(story::beginning() + Duration::seconds(300)) };
    vec![
        Filter::Calls(Box::default()),
        Filter::Calls(Box::new(CallFilter { status: Some(CallStatus::Waiting), created: period, ..CallFilter::default() })),
        Filter::Calls(Box::new(CallFilter { search: Needle::new("vestido ana"), device: Some(Device::Mobile), ..CallFilter::default() })),
        Filter::Calls(Box::new(CallFilter { search: Needle::new("nuria"), ..CallFilter::default() })),
        Filter::Calls(Box::new(CallFilter { rated: Rated { nps: Some(Class::Promoter), ..Rated::default() }, ..CallFilter::default() })),
        Filter::Conversations(Box::default()),
        Filter::Conversations(Box::new(ConversationFilter { status: Some(Standing::Closed), opened: period, ..Default::default() })),
        Filter::Conversations(Box::new(ConversationFilter { search: Needle::new("ana"), ..Default::default() })),
        Filter::Orders(Box::default()),
        Filter::Orders(Box::new(OrderFilter { stage: Some(Stage::Refunded), currency: Some("EUR".into()), ..OrderFilter::default() })),
        Filter::Orders(Box::new(OrderFilter { environment: Some(Environment::Test), ..OrderFilter::default() })),
        Filter::Orders(Box::new(OrderFilter { currency: Some("EUR".into()), placed: period, ..OrderFilter::default() })),
        Filter::OrderLines(Box::default()),
        Filter::OrderLines(Box::new(OrderFilter { placed: period, ..OrderFilter::default() })),
        Filter::Ratings(RatingFilter::default()),
        Filter::Ratings(RatingFilter { rated: Rated { nps: Some(Class::Detractor), ..Rated::default() }, ..RatingFilter::default() }),
        Filter::Ratings(RatingFilter { answered: period, ..RatingFilter::default() }),
        Filter::Shoppers(ShoppersFilter {
            range,
            environment: None,
            kind: None,
            shopper: None,
            channel: None,
            anchors: Anchors::default(),
            search: None,
        }),
    ]
}

async fn file(store: &Store, account: AccountId, filter: &Filter, since: Option<Position>, as_of: Position, form: Form) -> (Vec<u8>, u64) {
    let mut export = Export::open(store, account, filter, since, as_of, form).await.unwrap();
    let mut file = Vec::new();
    while let Some(bytes) = export.next().await.unwrap() {
        assert!(!bytes.is_empty());
        file.extend(bytes);
    }
    (file, export.rows())
}

async fn lines(store: &Store, account: AccountId, filter: &Filter, since: Option<Position>, as_of: Position) -> Vec<Value> {
    let (file, rows) = file(store, account, filter, since, as_of, Form::JsonLines).await;
    let lines: Vec<Value> =
        file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect();
    assert_eq!(lines.len() as u64, rows);
    lines
}

/// The row's id; of the shoppers' row of nobody, nothing.
fn id(filter: &Filter, line: &Value) -> String {
    let column = match filter {
        Filter::Calls(_) => "call_id",
        Filter::Conversations(_) => "conversation_id",
        Filter::Orders(_) => "id",
        Filter::OrderLines(_) => return format!("{} {}", line["id"], line["line"]),
        Filter::Ratings(_) => "answer_id",
        Filter::Shoppers(_) => "shopper_id",
    };
    line[column].as_str().unwrap_or_default().to_owned()
}

/// The lines that lists tell beside these rows, in their order.
async fn told(store: &Store, account: AccountId, filter: &Filter, ids: &[String], as_of: Position) -> Option<Vec<Value>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.parse().unwrap()).collect();
    let mut rows: HashMap<Uuid, Box<RawValue>> = match filter {
        Filter::Calls(_) => {
            let calls: Vec<_> = ids.iter().copied().map(CallId).collect();
            export::calls::some(store, account, &calls, as_of).await.unwrap().into_iter().map(|(id, row)| (id.0, row)).collect()
        }
        Filter::Conversations(_) => {
            let chats: Vec<_> = ids.iter().copied().map(ConversationId).collect();
            export::conversations::some(store, account, &chats, as_of).await.unwrap().into_iter().map(|(id, row)| (id.0, row)).collect()
        }
        Filter::Ratings(_) => {
            let answers: Vec<_> = ids.iter().copied().map(AnswerId).collect();
            export::ratings::some(store, account, &answers, as_of).await.unwrap().into_iter().map(|(id, row)| (id.0, row)).collect()
        }
        Filter::Orders(_) => {
            let orders: Vec<_> = ids.iter().copied().map(OrderId).collect();
            export::orders::some(store, account, &orders, as_of).await.unwrap().into_iter().map(|(id, row)| (id.0, row)).collect()
        }
        Filter::OrderLines(_) | Filter::Shoppers(_) => return None,
    };
    let row = |id: &Uuid| serde_json::from_str(rows.remove(id).unwrap().get()).unwrap();
    Some(ids.iter().map(row).collect())
}

/// Ids of the list with the same filter, the oldest first.
async fn listed(store: &Store, account: AccountId, filter: &Filter, as_of: Position) -> Option<Vec<String>> {
    let mut ids: Vec<_> = match filter {
        Filter::Calls(filter) => {
            let rows = searching::all_calls(store, account, filter, Page::first(as_of, 1_000)).await;
            rows.iter().map(|at| at.row.call_id.to_string()).collect()
        }
        Filter::Conversations(filter) => {
            let rows = searching::all_chats(store, account, filter, Page::first(as_of, 1_000)).await;
            rows.iter().map(|conversation| conversation.row.conversation_id.to_string()).collect()
        }
        Filter::Ratings(filter) => {
            let rows = ratings::list(store, account, filter, Page::first(as_of, 1_000)).await.unwrap();
            rows.iter().map(|at| at.row.answer_id.to_string()).collect()
        }
        Filter::Orders(filter) => {
            let rows = orders::list(store, account, filter, Page::first(as_of, 1_000)).await.unwrap();
            rows.iter().map(|at| at.row.order_id.to_string()).collect()
        }
        Filter::OrderLines(_) | Filter::Shoppers(_) => return None,
    };
    ids.reverse();
    Some(ids)
}

#[tokio::test]
async fn a_file_has_the_rows_of_its_list_and_is_the_same_when_more_has_come() {
    let log = story::log().await;
    Story::new(31).tell(&log, 700).await;
    let events = story::decoded(&log).await;
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[90]).await;
        let mut rows = 0;
        for cut in [1, 333, events.len()] {
            let earlier = Place::sqlite();
            let then = earlier.open().await;
            fold(&then, &events[..cut], &[1_000]).await;
            let as_of = Position(cut as i64);
            for (account, filter) in
                accounts(&events).iter().flat_map(|account| filters().into_iter().map(move |filter| (*account, filter)))
            {
                let forms = [
                    Form::JsonLines,
                    Form::Csv(Profile::Rfc4180, Madrid, Locale::En),
                    Form::Csv(Profile::Excel, Madrid, Locale::Ca),
                    Form::Xlsx(Madrid, Locale::Es),
                ];
                for form in forms {
                    let (ours, theirs) =
                        (file(&store, account, &filter, None, as_of, form).await, file(&then, account, &filter, None, as_of, form).await);
                    assert!(ours == theirs, "{filter:?} {form:?} as of {cut}");
                }
                let lines = lines(&store, account, &filter, None, as_of).await;
                rows += lines.len();
                if let Some(listed) = listed(&store, account, &filter, as_of).await {
                    assert_eq!(lines.iter().map(|line| id(&filter, line)).collect::<Vec<_>>(), listed, "{filter:?} as of {cut}");
                    assert_eq!(told(&store, account, &filter, &listed, as_of).await, Some(lines), "{filter:?} as of {cut}");
                }
            }
        }
        assert!(rows > 100, "{rows}");
    }
}

#[tokio::test]
async fn what_a_file_of_calls_says_was_sold_is_what_their_orders_come_to() {
    let log = story::log().await;
    Story::new(49).tell(&log, 900).await;
    let events = story::decoded(&log).await;
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[90]).await;
        let (mut sold_in, mut recordings) = (0, 0);
        for (account, cut) in accounts(&events).iter().flat_map(|account| [450, events.len()].map(|cut| (*account, cut))) {
            let as_of = Position(cut as i64);
            for line in lines(&store, account, &Filter::Calls(Box::default()), None, as_of).await {
                let call = CallId(line["call_id"].as_str().unwrap().parse().unwrap());
                let sold = orders::sold(&store, account, &[call], as_of).await.unwrap().remove(&call).unwrap_or_default();
                let each = |of: fn(&Sold) -> Value| Value::Array(sold.iter().map(of).collect());
                let all = |of: fn(&Sold) -> i64| Value::from(sold.iter().map(of).sum::<i64>());
                assert_eq!(line["currency"], each(|sold| sold.currency.clone().into()));
                assert_eq!(line["sales"], each(|sold| sold.sales.into()));
                assert_eq!(line["collection_sales"], each(|sold| sold.collection_sales.into()));
                assert_eq!((&line["orders"], &line["units"]), (&all(|sold| sold.orders), &all(|sold| sold.units)));
                assert_eq!(line["collection_units"], all(|sold| sold.collection_units));
                sold_in += usize::from(!sold.is_empty());
                let files = recordings::of_call(&store, account, call, as_of).await.unwrap();
                let ready = files.iter().filter(|at| at.row.stage == RecordingStage::Ready).count();
                assert_eq!(line["recordings"].as_array().map(Vec::len), Some(ready), "{line}");
                recordings += ready;
            }
        }
        assert!(sold_in > 3 && recordings > 0, "{sold_in} {recordings}");
    }
}

#[tokio::test]
async fn the_carts_of_a_file_of_calls_come_to_those_of_the_report() {
    let log = story::log().await;
    Story::new(49).tell(&log, 1_500).await;
    let events = story::decoded(&log).await;
    let range = Range { from: story::beginning() - Duration::days(1), to: story::beginning() + Duration::days(30) };
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[90]).await;
        let (mut carts, mut used) = (0, 0);
        for (account, cut) in accounts(&events).iter().flat_map(|account| [700, events.len()].map(|cut| (*account, cut))) {
            let as_of = Position(cut as i64);
            for environment in [Environment::Production, Environment::Test].map(Some) {
                let selection = Selection::of(range, environment, as_of);
                let figures = Figures::of(&store, account, &selection, &[Measure::Cart], &[]).await.unwrap();
                let filter = Filter::Calls(Box::new(CallFilter { environment, ..CallFilter::default() }));
                let lines = lines(&store, account, &filter, None, as_of).await;
                let told = |line: &Value| line["carts"].as_i64().unwrap();
                assert_eq!(lines.iter().map(told).sum::<i64>(), figures.count(Measure::Cart, Whose::All), "{environment:?} {cut}");
                assert!(lines.iter().all(|line| line["environment"] == environment.unwrap().as_str()));
                carts += lines.iter().map(told).sum::<i64>();
                for line in &lines {
                    let call = CallId(line["call_id"].as_str().unwrap().parse().unwrap());
                    let cart = calls::cart(&store, account, call, as_of).await.unwrap();
                    let ids: BTreeSet<_> = cart.lines.iter().filter(|at| at.row.quantity > 0).map(|at| at.row.cart_id.clone()).collect();
                    used += ids.len() as i64;
                }
            }
        }
        assert!(carts > 3 && used > carts, "some carts are used in several calls: {used} uses of {carts}");
    }
}

#[tokio::test]
async fn orders_credited_to_a_shopper_are_those_whose_attribution_names_them() {
    let log = story::log().await;
    Story::new(49).tell(&log, 900).await;
    let events = story::decoded(&log).await;
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[90]).await;
        let mut found = 0;
        for (account, cut) in accounts(&events).iter().flat_map(|account| [450, events.len()].map(|cut| (*account, cut))) {
            let as_of = Position(cut as i64);
            let all = orders::list(&store, account, &OrderFilter::default(), Page::first(as_of, 1_000)).await.unwrap();
            let credits = |row: &OrderRow| -> BTreeSet<_> {
                row.attribution.iter().flat_map(|attribution| &attribution.0.credits).map(|credit| credit.shopper_id).collect()
            };
            for shopper in all.iter().flat_map(|at| credits(&at.row)).collect::<BTreeSet<_>>() {
                let filter = OrderFilter { shopper: Some(shopper), ..OrderFilter::default() };
                let theirs: Vec<_> = all.iter().filter(|at| credits(&at.row).contains(&shopper)).cloned().collect();
                let (mut ours, mut page) = (Vec::new(), Page::first(as_of, 2));
                loop {
                    let more = orders::list(&store, account, &filter, page).await.unwrap();
                    let Some(last) = more.last() else { break };
                    page.after = Some(Newest { at: last.row.placed_at, id: last.row.order_id.0 });
                    ours.extend(more);
                }
                assert_eq!(ours, theirs, "{shopper} as of {cut}");
                found += ours.len();
            }
        }
        assert!(found > 3, "{found}");
    }
}

#[tokio::test]
async fn deltas_one_after_the_other_are_the_whole() {
    let log = story::log().await;
    Story::new(32).tell(&log, 700).await;
    let events = story::decoded(&log).await;
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[90]).await;
        let mut gone = 0;
        for (account, filter) in accounts(&events).iter().flat_map(|account| filters().into_iter().map(move |filter| (*account, filter))) {
            let mut kept: BTreeMap<String, Value> = BTreeMap::new();
            let mut since = Position(0);
            for cut in [1, 120, 333, 334, 600, events.len(), events.len()] {
                let as_of = Position(cut as i64);
                for mut line in lines(&store, account, &filter, Some(since), as_of).await {
                    let change = line.as_object_mut().unwrap().remove("change").unwrap();
                    let id = id(&filter, &line);
                    match change.as_str() {
                        Some("set") => assert_ne!(kept.insert(id, line.clone()), Some(line), "what has not changed is told"),
                        Some("gone") => {
                            gone += 1;
                            assert_eq!(kept.remove(&id), Some(line), "what is gone stood so");
                        }
                        other => panic!("{other:?}"),
                    }
                }
                let whole = lines(&store, account, &filter, None, as_of).await;
                let whole: BTreeMap<_, _> = whole.into_iter().map(|line| (id(&filter, &line), line)).collect();
                assert_eq!(kept, whole, "{filter:?} from {since} to {cut}");
                since = as_of;
            }
            let nothing = file(&store, account, &filter, Some(since), since, Form::Csv(Profile::Rfc4180, Madrid, Locale::En)).await;
            assert_eq!((String::from_utf8(nothing.0).unwrap().lines().count(), nothing.1), (1, 0), "headings only");
        }
        assert!(gone > 0, "calls that wait no more are gone from those that wait");
    }
}

#[tokio::test]
async fn a_delta_says_first_how_each_row_has_changed_in_every_form() {
    let log = story::log().await;
    Story::new(33).tell(&log, 300).await;
    let events = story::decoded(&log).await;
    let place = Place::sqlite();
    let store = place.open().await;
    fold(&store, &events, &[300]).await;
    let (account, as_of) = (accounts(&events)[0], Position(events.len() as i64));
    let filter = Filter::Calls(Box::default());
    let (csv, rows) = file(&store, account, &filter, Some(Position(0)), as_of, Form::Csv(Profile::Rfc4180, Madrid, Locale::En)).await;
    let mut reader = csv::Reader::from_reader(&csv[..]);
    assert_eq!(reader.headers().unwrap().iter().take(2).collect::<Vec<_>>(), ["change", "created_at"]);
    let read: Vec<_> = reader.records().map(|record| record.unwrap()).collect();
    assert!(rows > 0 && read.len() as u64 == rows && read.iter().all(|record| &record[0] == "set"));
    let (book, _) = file(&store, account, &filter, Some(Position(0)), as_of, Form::Xlsx(Madrid, Locale::Es)).await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let sheet = std::io::read_to_string(archive.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    assert!(sheet.contains(">Cambio<") && sheet.contains(">Creada (Europe/Madrid)<"));
    assert_eq!(sheet.matches("<row><c t=\"inlineStr\"><is><t>set</t></is></c><c s=\"2\"><v>").count() as u64, rows);
}
