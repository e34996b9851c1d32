//! How fast histories are folded. Not part of an ordinary run:
//! `cargo test --release -p vitrina-projections -- --ignored --nocapture rate`.

use super::{
    batches::fold_into,
    engines::Place,
    story::{self, Story},
};
use std::time::Instant;

/// Events of the history that is folded.
const EVENTS: usize = 60_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn rate_of_folding_into_every_read_model() {
    let log = story::log().await;
    Story::new(1).tell(&log, EVENTS).await;
    let recorded = log.read(vitrina_eventlog::Position::ZERO, usize::MAX >> 1).await.unwrap();
    let started = Instant::now();
    let events = log.decode(recorded).await.unwrap();
    println!("decode only: {:.0} events/s", events.len() as f64 / started.elapsed().as_secs_f64());
    let chats = messages(&events);
    let only = std::env::var("RATE_ONLY").unwrap_or_default();
    for place in Place::all().await {
        let mut runs = vec![("all".to_owned(), crate::all(), &events), ("chats into all".to_owned(), crate::all(), &chats)];
        runs.extend(crate::all().into_iter().map(|projection| (projection.name().to_owned(), vec![projection], &events)));
        for (name, projections, events) in runs {
            if !only.is_empty() && !only.split(',').any(|wanted| wanted == name || wanted == place.name()) {
                continue;
            }
            let place = match &place {
                Place::Sqlite(_) => Place::sqlite(),
                Place::Postgres(_) => Place::postgres().await.unwrap(),
            };
            let store = place.open().await;
            let started = Instant::now();
            fold_into(&store, &projections, events, &[1_000]).await;
            let took = started.elapsed();
            let wanted = events.iter().filter(|event| projections.iter().any(|p| p.wants(&event.event))).count();
            println!(
                "{:?} {name}: {:.0} events/s ({} events, {wanted} wanted, {:.1} us per wanted one)",
                store.engine_name(),
                events.len() as f64 / took.as_secs_f64(),
                events.len(),
                took.as_secs_f64() * 1e6 / wanted as f64,
            );
        }
    }
}

/// The chats alone, renumbered so that they are a history of their own.
fn messages(events: &[vitrina_eventlog::Decoded]) -> Vec<vitrina_eventlog::Decoded> {
    use vitrina_domain::{conversation::ConversationEvent, event::Event};
    let chat = |event: &&vitrina_eventlog::Decoded| {
        matches!(event.event, Event::Conversation(ConversationEvent::Opened(_) | ConversationEvent::MessageSent(_)))
    };
    let renumbered = events.iter().filter(chat).zip(1..).map(|(event, position)| {
        let mut event = event.clone();
        std::sync::Arc::make_mut(&mut event.recorded).position.0 = position;
        event
    });
    renumbered.collect()
}
