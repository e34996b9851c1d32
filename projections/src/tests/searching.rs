//! What a search finds is what a slow, obvious look at every row finds.

use super::{
    batches::fold,
    engines::Place,
    story::{self, Story},
};
use crate::{
    At, Needle, Newest, Page, Store,
    calls::{self, CallFilter, CallRow, CallStatus},
    conversations::{self, Conversation, ConversationFilter},
    customers,
    shoppers::{self, ShopperFilter},
};
use std::collections::BTreeSet;
use vitrina_domain::ids::{AccountId, CustomerId, ShopperId};
use vitrina_eventlog::{Decoded, Position};

const MANY: u32 = 1_000;

const QUERIES: [&str; 24] = [
    "",
    "a",
    "ana",
    "ANA cruz",
    "cruz ana",
    "nuria",
    "núria SERRA",
    "puig-s",
    "uria",
    "zak",
    "celik",
    "çelik ana",
    "vestido",
    "sku-1 ro",
    "anil clara",
    "600 11 22 31",
    "34600112231",
    "+34 600112231",
    "ana.4@example.com",
    "exa",
    "garcia",
    "garcia bela",
    "c3",
    "nobody at all",
];

/// Without case and the accents that the story has.
fn plain(text: &str) -> String {
    let accents = [("àá", 'a'), ("éè", 'e'), ("í", 'i'), ("ó", 'o'), ("ú", 'u'), ("ñ", 'n'), ("ç", 'c'), ("ż", 'z'), ("ë", 'e')];
    let bare = |c: char| accents.iter().find(|(with, _)| with.contains(c)).map_or(c, |(_, without)| *without);
    text.to_lowercase().chars().map(bare).collect()
}

/// Whether every word of the query begins a word of the texts: at their begin, or after a sign.
fn is_found(query: &str, texts: &[String]) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let begins = |text: &str, asked: &str| text.match_indices(asked).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric));
    let query = plain(query);
    if digits(&query).len() >= 6 && !query.contains(char::is_alphabetic) {
        let asked = digits(&query);
        let numbers = texts.iter().filter(|text| text.starts_with("+34")).map(|text| digits(text));
        return numbers.into_iter().any(|number| (0..=3).any(|cut| number[cut..].starts_with(&asked)));
    }
    query.split_whitespace().all(|asked| texts.iter().any(|text| begins(&plain(text), asked)))
}

async fn texts_of_customer(store: &Store, account: AccountId, id: CustomerId, as_of: Position) -> Vec<String> {
    let row = customers::get(store, account, id, as_of).await.unwrap().unwrap().row;
    [row.name, row.email, row.phone, row.company, row.external_id].into_iter().flatten().collect()
}

async fn names(store: &Store, account: AccountId, ids: &BTreeSet<ShopperId>, as_of: Position) -> Vec<String> {
    let mut names = Vec::new();
    for id in ids {
        names.extend(shoppers::get(store, account, *id, as_of).await.unwrap().and_then(|at| at.row.name));
    }
    names
}

/// Page after page, as long as there is more to look at.
pub(super) async fn all_calls(store: &Store, account: AccountId, filter: &CallFilter, mut page: Page<Newest>) -> Vec<At<CallRow>> {
    let mut all = Vec::new();
    loop {
        let listed = calls::list(store, account, filter, page).await.unwrap();
        all.extend(listed.rows);
        let Some(after) = listed.goes_on else { return all };
        page.after = Some(after);
    }
}

pub(super) async fn all_chats(store: &Store, account: AccountId, filter: &ConversationFilter, mut page: Page<Newest>) -> Vec<Conversation> {
    let mut all = Vec::new();
    loop {
        let listed = conversations::list(store, account, filter, page).await.unwrap();
        all.extend(listed.rows);
        let Some(after) = listed.goes_on else { return all };
        page.after = Some(after);
    }
}

async fn compare(store: &Store, account: AccountId, as_of: Position) -> usize {
    let (page, mut found) = (Page::first(as_of, MANY), 0);
    let calls = all_calls(store, account, &CallFilter::default(), page).await;
    let mut call_texts = Vec::new();
    for call in &calls {
        let mut texts = texts_of_customer(store, account, call.row.customer_id, as_of).await;
        texts.extend(call.row.product.iter().flat_map(|product| [product.0.sku.clone(), product.0.name.clone()]));
        let shoppers = call.row.participants.0.iter().copied().chain(call.row.shopper_id).collect();
        texts.extend(names(store, account, &shoppers, as_of).await);
        call_texts.push(texts);
    }
    let chats = all_chats(store, account, &ConversationFilter::default(), page).await;
    let mut chat_texts = Vec::new();
    for chat in &chats {
        let mut texts = texts_of_customer(store, account, chat.row.customer_id, as_of).await;
        let shoppers = chat.row.participants.0.iter().map(|participant| participant.shopper_id).collect();
        texts.extend(names(store, account, &shoppers, as_of).await);
        chat_texts.push(texts);
    }
    let staff = shoppers::list(store, account, &ShopperFilter::default(), Page::first(as_of, MANY)).await.unwrap();
    for query in QUERIES {
        let search = Needle::new(query);
        for status in [None, Some(CallStatus::Waiting), Some(CallStatus::Finished)] {
            let filter = CallFilter { search: search.clone(), status, ..Default::default() };
            let ours = all_calls(store, account, &filter, page).await;
            let slow = calls.iter().zip(&call_texts).filter(|(call, _)| status.is_none_or(|status| call.row.status == status));
            let slow: Vec<_> = slow.filter(|(_, texts)| is_found(query, texts)).map(|(call, _)| call.clone()).collect();
            assert_eq!(ours, slow, "calls with {query:?} that are {status:?} as of {as_of:?}");
            let first = calls::list(store, account, &filter, Page::first(as_of, 2)).await.unwrap();
            let count = if first.goes_on.is_some() { first.rows.len() } else { slow.len().min(2) };
            assert_eq!(first.rows, slow[..count], "the first of them");
            found += ours.len();
        }
        let filter = ConversationFilter { search: search.clone(), ..Default::default() };
        let ours = all_chats(store, account, &filter, page).await;
        let slow: Vec<_> =
            chats.iter().zip(&chat_texts).filter(|(_, texts)| is_found(query, texts)).map(|(chat, _)| chat.clone()).collect();
        assert_eq!(ours, slow, "conversations with {query:?} as of {as_of:?}");
        let filter = ShopperFilter { search, ..Default::default() };
        let ours = shoppers::list(store, account, &filter, Page::first(as_of, MANY)).await.unwrap();
        let slow = staff.iter().filter(|at| {
            let row = at.row.clone();
            let texts: Vec<_> = [row.name, row.chat_name, row.email, row.phone].into_iter().flatten().chain(row.collections.0).collect();
            is_found(query, &texts)
        });
        assert_eq!(ours, slow.cloned().collect::<Vec<_>>(), "shoppers with {query:?} as of {as_of:?}");
    }
    found
}

#[tokio::test]
async fn what_a_search_finds_is_what_a_look_at_every_row_finds_now_and_earlier() {
    for seed in [31, 32] {
        let log = story::log().await;
        Story::new(seed).tell(&log, 700).await;
        let events = story::decoded(&log).await;
        let accounts: BTreeSet<_> = events.iter().map(|event: &Decoded| event.recorded.stream.account).collect();
        for place in Place::all().await {
            let store = place.open().await;
            fold(&store, &events, &[120]).await;
            let mut found = 0;
            for as_of in [events.len() / 3, events.len()] {
                for account in &accounts {
                    found += compare(&store, *account, Position(as_of as i64)).await;
                }
            }
            assert!(found > 100, "the queries find something");
        }
    }
}
