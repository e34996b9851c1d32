//! What queries answer, now and as of every position.

use super::{
    batches::fold,
    engines::Place,
    story::{self, Story},
};
use crate::{
    Needle, Newest, Page, Period, Store, accounts,
    calls::{self, CallFilter, CallStatus},
    conversations::{self, ConversationFilter, Standing},
    customers, media, messages, queue,
    ratings::{self, RatingFilter},
    recordings, report,
    shoppers::{self, ShopperFilter},
    tags, users,
};
use uuid::Uuid;
use vitrina_domain::{
    ids::{AccountId, CallId, ConversationId, CustomerId, ShopperId, UserId},
    metrics::range::Range,
    report::Measure,
};
use vitrina_eventlog::{Decoded, Position};

const MANY: u32 = 1_000;

/// Ids of a category, as they appear in a history.
fn ids(events: &[Decoded], category: &str) -> Vec<(AccountId, Uuid)> {
    let streams = events.iter().map(|event| event.recorded.stream).filter(|stream| stream.category.as_str() == category);
    let mut ids: Vec<_> = streams.map(|stream| (stream.account, stream.id)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Every answer of every query that can be read as of a position, as text.
async fn answers(store: &Store, events: &[Decoded], as_of: Position) -> Vec<String> {
    let mut told = Vec::new();
    for (account, _) in ids(events, "account") {
        told.push(format!("{:?}", accounts::get(store, account, as_of).await.unwrap()));
        told.push(format!("{:?}", queue::list(store, account, Page::first(as_of, MANY)).await.unwrap()));
        told.push(format!("{:?}", queue::length(store, account, as_of).await.unwrap()));
        told.push(format!("{:?}", shoppers::loads(store, account, as_of).await.unwrap()));
        for filter in call_filters(events, account) {
            told.push(format!("{filter:?} {:?}", calls::list(store, account, &filter, Page::first(as_of, MANY)).await.unwrap()));
        }
        for filter in conversation_filters(events, account) {
            told.push(format!("{filter:?} {:?}", conversations::list(store, account, &filter, Page::first(as_of, MANY)).await.unwrap()));
        }
        for search in [None, Some("t1")] {
            told.push(format!("{search:?} {:?}", tags::list(store, account, search, Page::first(as_of, MANY)).await.unwrap()));
        }
        for search in ["", "garcia", "C3"] {
            let filter = ShopperFilter { search: Needle::new(search), ..Default::default() };
            told.push(format!("{filter:?} {:?}", shoppers::list(store, account, &filter, Page::first(as_of, MANY)).await.unwrap()));
        }
        let credited = ids(events, "shopper").into_iter().filter(|(a, _)| *a == account).map(|(_, id)| Some(ShopperId(id)));
        for shopper in credited.chain([None]) {
            let filter = RatingFilter { shopper, ..Default::default() };
            told.push(format!("{:?}", ratings::summary(store, account, &filter, as_of).await.unwrap()));
            let listed = ratings::list(store, account, &filter, Page::first(as_of, MANY)).await.unwrap();
            // When it will be superseded is not known yet at the position.
            told.push(format!("{:?}", listed.iter().map(|at| (at.position, at.row.answer_id, at.row.nps)).collect::<Vec<_>>()));
        }
    }
    for (account, _) in ids(events, "account") {
        for measure in Measure::ALL.iter().copied() {
            let selection = everything(as_of);
            told.push(format!("{measure:?} {:?}", report::cells(store, account, measure, &selection).await.unwrap()));
            told.push(format!("{measure:?} {:?}", report::tallies(store, account, measure, &selection).await.unwrap()));
            told.push(format!("{measure:?} {:?}", report::buckets(store, account, measure, &selection).await.unwrap()));
            told.push(format!(
                "{measure:?} {:?}",
                report::facts(store, account, measure, &selection, &report::FactFilter::default(), Page::first(as_of, MANY)).await.unwrap()
            ));
        }
    }
    for (account, id) in ids(events, "call") {
        let call = CallId(id);
        told.push(format!("{:?}", calls::get(store, account, call, as_of).await.unwrap()));
        told.push(format!("{:?}", calls::cart(store, account, call, as_of).await.unwrap()));
        told.push(format!("{:?}", media::sessions(store, account, call, as_of).await.unwrap()));
        told.push(format!("{:?}", media::participants(store, account, call, as_of).await.unwrap()));
        told.push(format!("{:?}", calls::products(store, account, call, as_of).await.unwrap()));
        told.push(format!("{:?}", queue::standing(store, account, call, as_of).await.unwrap()));
        told.push(format!("{:?}", recordings::of_call(store, account, call, as_of).await.unwrap()));
        told.push(format!("{:?}", recordings::switch(store, account, call, as_of).await.unwrap()));
    }
    for (account, id) in ids(events, "conversation") {
        let conversation = ConversationId(id);
        told.push(format!("{:?}", conversations::get(store, account, conversation, as_of).await.unwrap()));
        told.push(format!("{:?}", messages::counts(store, account, conversation, as_of).await.unwrap()));
        let page = Page::first(as_of, MANY);
        told.push(format!("{:?}", messages::list(store, account, conversation, messages::Reader::Customer, page).await.unwrap()));
    }
    for (account, id) in ids(events, "customer") {
        told.push(format!("{:?}", customers::get(store, account, CustomerId(id), as_of).await.unwrap()));
    }
    for (account, id) in ids(events, "shopper") {
        told.push(format!("{:?}", shoppers::get(store, account, ShopperId(id), as_of).await.unwrap()));
    }
    told
}

/// Every fact that holds at the position.
fn everything(as_of: Position) -> report::Selection {
    let range = Range { from: story::beginning() - chrono::Duration::days(1), to: story::beginning() + chrono::Duration::days(30) };
    report::Selection::of(range, None, as_of)
}

fn call_filters(events: &[Decoded], account: AccountId) -> Vec<CallFilter> {
    let first = |category: &str| ids(events, category).into_iter().find(|(a, _)| *a == account).map(|(_, id)| id);
    let by_status = [CallStatus::Waiting, CallStatus::Live, CallStatus::Finished, CallStatus::Cancelled, CallStatus::Archived];
    let middle = Some(story::beginning() + chrono::Duration::seconds(100));
    let mut filters: Vec<_> = by_status.map(|status| CallFilter { status: Some(status), ..Default::default() }).into();
    filters.push(CallFilter::default());
    filters.push(CallFilter { created: Period { from: middle, to: None }, ..Default::default() });
    filters.push(CallFilter { created: Period { from: None, to: middle }, ..Default::default() });
    filters.push(CallFilter { shopper: first("shopper").map(ShopperId), ..Default::default() });
    filters.push(CallFilter { customer: first("customer").map(CustomerId), ..Default::default() });
    filters.extend(["ana", "cla an", "zoë sku-1", "garcia-n"].map(|q| CallFilter { search: Needle::new(q), ..Default::default() }));
    filters
}

fn conversation_filters(events: &[Decoded], account: AccountId) -> Vec<ConversationFilter> {
    let customer = ids(events, "customer").into_iter().find(|(a, _)| *a == account).map(|(_, id)| CustomerId(id));
    let shopper = ids(events, "shopper").into_iter().find(|(a, _)| *a == account).map(|(_, id)| ShopperId(id));
    vec![
        ConversationFilter::default(),
        ConversationFilter { status: Some(Standing::NeedHelp), ..Default::default() },
        ConversationFilter { status: Some(Standing::Closed), ..Default::default() },
        ConversationFilter { customer, ..Default::default() },
        ConversationFilter { waiting: Some(conversations::Waiting), ..Default::default() },
        ConversationFilter { department: Some("d1".into()), channel: Some("web".into()), ..Default::default() },
        ConversationFilter { tag: Some("t1".into()), ..Default::default() },
        ConversationFilter { expertise: Some("e1".into()), ..Default::default() },
        ConversationFilter { part: shopper.map(conversations::Part::Takes), ..Default::default() },
        ConversationFilter { part: shopper.map(conversations::Part::EverTook), ..Default::default() },
        ConversationFilter { search: Needle::new("clara"), status: Some(Standing::InProgress), ..Default::default() },
        ConversationFilter { search: Needle::new("cla bel"), ..Default::default() },
    ]
}

#[tokio::test]
async fn as_of_a_position_everything_is_as_if_nothing_had_come_after_it() {
    let log = story::log().await;
    Story::new(21).tell(&log, 900).await;
    let events = story::decoded(&log).await;
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[90]).await;
        for cut in [1, 60, 333, 700, events.len()] {
            let earlier = Place::sqlite();
            let then = earlier.open().await;
            fold(&then, &events[..cut], &[1_000]).await;
            let as_of = Position(cut as i64);
            let (ours, theirs) = (answers(&store, &events, as_of).await, answers(&then, &events, as_of).await);
            for (one, other) in ours.iter().zip(&theirs) {
                assert_eq!(one, other, "as of {cut}");
            }
        }
    }
}

#[tokio::test]
async fn pages_put_together_are_the_whole_list() {
    let log = story::log().await;
    Story::new(22).tell(&log, 900).await;
    let events = story::decoded(&log).await;
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[300]).await;
        for as_of in [Position(500), Position(events.len() as i64)] {
            for (account, _) in ids(&events, "account") {
                let all = calls::list(&store, account, &CallFilter::default(), Page::first(as_of, MANY)).await.unwrap().rows;
                assert!(all.len() > 5);
                let mut page = Page::first(as_of, 3);
                let mut paged = Vec::new();
                loop {
                    let more = calls::list(&store, account, &CallFilter::default(), page).await.unwrap().rows;
                    let Some(last) = more.last() else { break };
                    page.after = Some(Newest { at: last.row.created_at, id: last.row.call_id.0 });
                    paged.extend(more);
                }
                assert_eq!(all, paged);

                let all = queue::list(&store, account, Page::first(as_of, MANY)).await.unwrap();
                let mut page = Page::first(as_of, 2);
                let mut paged = Vec::new();
                loop {
                    let more = queue::list(&store, account, page).await.unwrap();
                    let Some(last) = more.last() else { break };
                    page.after = Some(queue::Place { priority: last.row.priority, queued_position: last.row.queued_position });
                    paged.extend(more);
                }
                assert_eq!(all, paged);
                assert_eq!(all.iter().map(|one| one.place).collect::<Vec<_>>(), (1..=all.len() as i64).collect::<Vec<_>>());
                assert_eq!(queue::length(&store, account, as_of).await.unwrap(), all.len() as i64);
                for waiting in &all {
                    let standing = queue::standing(&store, account, waiting.row.call_id, as_of).await.unwrap().unwrap();
                    assert_eq!(standing.ahead, Some(waiting.place - 1));
                }

                let all = shoppers::list(&store, account, &ShopperFilter::default(), Page::first(as_of, MANY)).await.unwrap();
                let mut page = Page::first(as_of, 1);
                let mut paged = Vec::new();
                loop {
                    let more = shoppers::list(&store, account, &ShopperFilter::default(), page.clone()).await.unwrap();
                    let Some(last) = more.last() else { break };
                    page.after = Some(shoppers::ByName { name: last.row.sort_name.clone(), id: last.row.shopper_id.0 });
                    paged.extend(more);
                }
                assert_eq!(all, paged);
            }
        }
    }
}

#[tokio::test]
async fn another_account_sees_nothing() {
    let log = story::log().await;
    Story::new(23).tell(&log, 300).await;
    let events = story::decoded(&log).await;
    let store_place = Place::sqlite();
    let store = store_place.open().await;
    fold(&store, &events, &[300]).await;
    let (nobody, head) = (AccountId(Uuid::from_u128(1)), Position(events.len() as i64));
    for (_, id) in ids(&events, "call") {
        assert_eq!(calls::get(&store, nobody, CallId(id), head).await.unwrap(), None);
    }
    assert_eq!(calls::list(&store, nobody, &CallFilter::default(), Page::first(head, MANY)).await.unwrap().rows, vec![]);
    assert_eq!(queue::list(&store, nobody, Page::first(head, MANY)).await.unwrap(), vec![]);
    assert_eq!(accounts::only(&store).await.unwrap(), None, "there are two accounts");
}

#[tokio::test]
async fn a_token_leads_to_its_user_until_it_is_revoked_or_expires() {
    let log = story::log().await;
    Story::new(24).tell(&log, 400).await;
    let events = story::decoded(&log).await;
    for place in Place::all().await {
        let store = place.open().await;
        fold(&store, &events, &[100]).await;
        let now = story::beginning() + chrono::Duration::days(1);
        let mut found = 0;
        for (account, id) in ids(&events, "user") {
            let user = users::get(&store, account, UserId(id)).await.unwrap().unwrap();
            assert_eq!(users::by_email(&store, &format!(" u{id}@EXAMPLE.com"), None).await.unwrap(), vec![user.clone()]);
            assert_eq!(users::by_email(&store, "nobody@example.com", Some(account)).await.unwrap(), vec![]);
            let opened = events.iter().filter_map(|event| match &event.event {
                vitrina_domain::event::Event::User(vitrina_domain::user::UserEvent::SessionOpened(opened))
                    if event.recorded.stream.id == id =>
                {
                    Some(opened)
                }
                _ => None,
            });
            for session in opened {
                if let Some((session, of)) = users::by_token(&store, &session.token_hash, now).await.unwrap() {
                    assert_eq!((session.user_id, &of), (user.user_id, &user));
                    found += 1;
                }
                let late = now + chrono::Duration::days(60);
                assert_eq!(users::by_token(&store, &session.token_hash, late).await.unwrap(), None);
            }
        }
        assert!(found > 0);
    }
}
