//! Which records there are about a person, in their order: who they are, what was said and done with them, whom it was told, and every event.

use crate::{
    erasing::{self, Traces},
    error::Result,
    reading,
    wiring::State,
};
use std::collections::VecDeque;
use vitrina_domain::{
    ids::{CallId, ConversationId, CustomerId, ShopperId},
    stream::Category,
    subject::SubjectKind,
};
use vitrina_eventlog::{Position, StreamId, Version};
use vitrina_projections::{
    Newest, Page,
    conversations::{self, ConversationFilter, Part},
    erasures::Person,
    orders::{self, OrderFilter},
};

/// Rows of lists that are read at once.
const PAGE: u32 = 500;

/// What comes next.
pub(super) enum Step {
    /// Records of the read models.
    Records(What),
    /// What happened in this stream after this version.
    Events(StreamId, Version),
    /// How many there were.
    End,
}

/// Which records of the read models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Of whom and of when this is.
    About,
    /// Who they are.
    Profile,
    /// What was said, shown, bought and rated in a conversation and its call.
    Conversation(ConversationId),
    /// The files that were shared in it.
    Files(ConversationId),
    /// What the shopper wrote in it.
    Own(ConversationId),
    /// The recordings of a call.
    Recordings(CallId),
    /// The answers that a shopper is credited with.
    Ratings,
    /// Tables and logs that somebody took away.
    Taken,
    /// Other systems that are told.
    Told,
}

/// All of them.
pub(super) async fn of(state: &State, person: Person, upto: Position) -> Result<VecDeque<Step>> {
    let mut steps = VecDeque::from([Step::Records(What::About), Step::Records(What::Profile)]);
    let mut streams = vec![(Category::Subject, person.subject.0)];
    match person.kind {
        SubjectKind::Customer => {
            let Traces { conversations, calls } = erasing::traces(state, person).await?;
            streams.push((Category::Customer, person.subject.0));
            for id in &conversations {
                steps.extend([What::Conversation(*id), What::Files(*id)].map(Step::Records));
            }
            steps.extend(calls.iter().map(|id| Step::Records(What::Recordings(*id))));
            streams.extend(conversations.into_iter().map(|id| (Category::Conversation, id.0)));
            streams.extend(calls.into_iter().map(|id| (Category::Call, id.0)));
            streams.extend(orders(state, person, upto).await?.into_iter().map(|id| (Category::Order, id)));
        }
        SubjectKind::Shopper => {
            streams.extend([Category::Shopper, Category::User].map(|category| (category, person.subject.0)));
            steps.extend(worked_in(state, person, upto).await?.into_iter().map(|id| Step::Records(What::Own(id))));
            steps.push_back(Step::Records(What::Ratings));
        }
    }
    steps.extend([What::Taken, What::Told].map(Step::Records));
    let events = |(category, id)| Step::Events(StreamId::new(person.account, category, id), Version::ZERO);
    steps.extend(streams.into_iter().map(events));
    steps.push_back(Step::End);
    Ok(steps)
}

async fn orders(state: &State, person: Person, upto: Position) -> Result<Vec<uuid::Uuid>> {
    let filter = OrderFilter { customer: Some(CustomerId(person.subject.0)), ..OrderFilter::default() };
    let (mut found, mut page) = (Vec::new(), Page::<Newest>::first(upto, PAGE));
    loop {
        let some = orders::list(&state.store, person.account, &filter, page).await.map_err(reading::problem)?;
        let Some(last) = some.last() else { return Ok(found) };
        page.after = Some(Newest { at: last.row.placed_at, id: last.row.order_id.0 });
        found.extend(some.iter().map(|order| order.row.order_id.0));
    }
}

/// Conversations in which the shopper takes part or did.
async fn worked_in(state: &State, person: Person, upto: Position) -> Result<Vec<ConversationId>> {
    let part = Some(Part::EverTook(ShopperId(person.subject.0)));
    let filter = ConversationFilter { part, ..ConversationFilter::default() };
    let (mut found, mut page) = (Vec::new(), Page::<Newest>::first(upto, PAGE));
    loop {
        let some = conversations::list(&state.store, person.account, &filter, page).await.map_err(reading::problem)?.rows;
        let Some(last) = some.last() else { return Ok(found) };
        page.after = Some(Newest { at: last.row.opened_at, id: last.row.conversation_id.0 });
        found.extend(some.iter().map(|conversation| conversation.row.conversation_id));
    }
}
