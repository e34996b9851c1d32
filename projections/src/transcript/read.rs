//! Reads a transcript, as of a position: what was said from the log, where only it is told in order; the rest from the read models.

use super::{
    Call, CartItem, Rating, Shop, Shown, Transcript, What,
    people::{self, Names, PartOf},
    timeline,
};
use crate::{
    Store, accounts,
    calls::{self, CallRow},
    conversations::{self, ConversationRow},
    customers,
    error::Error,
    fold::Envelope,
    media, ratings, shoppers,
    table::At,
    users,
};
use chrono::{DateTime, Utc};
use vitrina_domain::{
    account::Brand,
    call::Side,
    conversation::Audience,
    ids::{AccountId, CallId, ConversationId, ShopperId, UserId},
    metrics::minutes::{self, Interval},
    money::Money,
    stream::Category,
};
use vitrina_eventlog::{Decoded, EventLog, LogError, Position, StreamId, Version};

/// Events of a stream in one read.
const STREAM_PAGE: usize = 1_000;
/// Events that one transcript is made of at most: a thousand pages on paper. More is no conversation but a mistake.
pub const ENTRIES_MAX: usize = 50_000;

/// Why there is no transcript.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There was no such conversation in this account.
    #[error("there is no such conversation")]
    NotFound,
    /// It has more events than a transcript may be made of.
    #[error("the conversation has more than {ENTRIES_MAX} events")]
    TooLong,
    /// The read models could not be asked.
    #[error("the read models could not be asked")]
    Reading(#[from] Error),
    /// The log could not be asked.
    #[error("the log could not be asked")]
    Log(#[from] LogError),
}

/// The transcript of the conversation, and of the call that owns it.
///
/// # Errors
/// See [`Failure`].
pub async fn read(
    (store, log): (&Store, &EventLog),
    account: AccountId,
    id: ConversationId,
    audience: Audience,
    as_of: Position,
) -> Result<Transcript, Failure> {
    let conversation = conversations::get(store, account, id, as_of).await?.ok_or(Failure::NotFound)?.row;
    let call = match conversation.call_id {
        Some(call) => calls::get(store, account, call, as_of).await?.map(|at| at.row),
        None => None,
    };
    let mut events = stream(log, StreamId::new(account, Category::Conversation, id.0), as_of).await?;
    if let Some(call) = &call {
        events.extend(stream(log, StreamId::new(account, Category::Call, call.call_id.0), as_of).await?);
        events.sort_by_key(|event| event.recorded.position);
    }
    let mut entries = timeline::entries(&events, audience);
    let names = names(store, account, people::mentioned(&mut entries), audience, as_of).await?;
    let customer = customers::get(store, account, conversation.customer_id, as_of).await?.map(|at| at.row);
    let names = customer
        .iter()
        .filter_map(|row| Some((row.customer_id.0, row.name.clone()?)))
        .chain(names)
        .chain(timeline::bots(&events))
        .collect();
    people::name(&mut entries, &names);
    let mut people =
        people::present(&entries, customer.as_ref(), conversation.customer_id.0, (conversation.opened_at, conversation.closed_at));
    if audience == Audience::Customer {
        people::without_ids(&mut entries, &mut people);
    }
    let last = entries.last().map_or((0, conversation.opened_at), |entry| (entry.position, entry.at));
    let is_for_staff = audience == Audience::Staff;
    let row = accounts::get(store, account, as_of).await?.map(|at| at.row);
    let (products, cart) = match &call {
        Some(call) => bought(store, account, call.call_id, as_of).await?,
        None => Default::default(),
    };
    let rating = rating(store, account, &conversation, as_of).await?;
    let call = match call {
        Some(call) => Some(of_call(store, account, call, &events, as_of).await?),
        None => None,
    };
    Ok(Transcript {
        conversation_id: id.0,
        shop: Shop {
            name: row.as_ref().map(|row| row.store_name.clone()).unwrap_or_default(),
            color: row.map_or_else(|| Brand::default().color, |row| row.brand.0.color),
        },
        audience,
        recorded_to: last.0,
        recorded_at: last.1,
        call,
        messages: entries.iter().filter(|entry| matches!(entry.what, What::Message { .. } | What::File { .. })).count(),
        people,
        entries,
        products,
        cart: cart.lines.iter().map(|at| item(&at.row)).collect(),
        cart_totals: cart.totals,
        rating,
        department: conversation.department.filter(|_| is_for_staff),
        outcome: conversation.outcome.filter(|_| is_for_staff),
        tags: if is_for_staff { conversation.tags.0 } else { vec![] },
        note: conversation.note.filter(|_| is_for_staff),
        channel: conversation.channel,
        language: conversation.language,
        country: conversation.country,
        opened_at: conversation.opened_at,
        closed_at: conversation.closed_at,
    })
}

/// The events of a stream up to the position.
async fn stream(log: &EventLog, stream: StreamId, as_of: Position) -> Result<Vec<Decoded>, Failure> {
    let (mut found, mut after) = (Vec::new(), Version::ZERO);
    loop {
        let page = log.read_stream(stream, after, STREAM_PAGE).await?;
        let is_last = page.len() < STREAM_PAGE || page.iter().any(|event| event.position > as_of);
        after = page.last().map_or(after, |event| event.version);
        found.extend(page.into_iter().filter(|event| event.position <= as_of));
        if found.len() > ENTRIES_MAX {
            return Err(Failure::TooLong);
        }
        if is_last {
            return Ok(log.decode(found).await?);
        }
    }
}

/// What shoppers and staff were called; a customer reads the name that customers are shown (PRODUCT.md L08).
async fn names(
    store: &Store,
    account: AccountId,
    mentioned: impl IntoIterator<Item = (PartOf, uuid::Uuid)>,
    audience: Audience,
    as_of: Position,
) -> Result<Names, Failure> {
    let mut names = Names::new();
    for (part, id) in mentioned {
        let name = match part {
            PartOf::Shopper => {
                let row = shoppers::get(store, account, ShopperId(id), as_of).await?.map(|at| at.row);
                row.and_then(|row| match audience {
                    Audience::Customer => row.chat_name.or(row.name),
                    Audience::Staff => row.name.or(row.chat_name),
                })
            }
            PartOf::Staff if audience == Audience::Customer => None,
            PartOf::Staff => users::get(store, account, UserId(id)).await?.and_then(|row| row.name),
        };
        names.extend(name.map(|name| (id, name)));
    }
    Ok(names)
}

async fn bought(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<(Vec<Shown>, calls::Cart), Failure> {
    let shown = calls::products(store, account, call, as_of).await?.into_iter().map(|At { row, .. }| Shown {
        at: row.shown_at,
        sku: row.sku,
        name: row.product.0.name,
        price: row.product.0.price,
    });
    Ok((shown.collect(), calls::cart(store, account, call, as_of).await?))
}

fn item(row: &calls::CartLineRow) -> CartItem {
    CartItem {
        cart_id: row.cart_id.clone(),
        sku: row.sku.clone(),
        name: row.line.0.name.clone(),
        quantity: row.quantity,
        unit_price: Money { amount: row.unit_amount, currency: row.currency.clone() },
    }
}

async fn rating(store: &Store, account: AccountId, row: &ConversationRow, as_of: Position) -> Result<Option<Rating>, Failure> {
    let rows = match row.call_id {
        Some(call) => ratings::of_call(store, account, call, as_of).await?,
        None => ratings::of_conversation(store, account, row.conversation_id, as_of).await?,
    };
    let counts = rows.into_iter().map(|at| at.row).filter(|row| row.superseded_position > as_of.0).max_by_key(|row| row.position);
    Ok(counts.map(|row| Rating {
        at: row.answered_at,
        nps: row.nps,
        csat: row.csat,
        face: row.face,
        comment: row.comment,
        question: row.question,
    }))
}

/// The call, its duration counted as everywhere: from both sides' media while it was live.
async fn of_call(store: &Store, account: AccountId, row: CallRow, events: &[Decoded], as_of: Position) -> Result<Call, Failure> {
    // A call that runs is told up to the last thing that happened in it, so that the same transcript can be made again.
    let until = events.last().map_or(row.created_at, Decoded::at);
    let end = |end: Option<DateTime<Utc>>| end.unwrap_or(until);
    let live = timeline::live(events);
    let spans: Vec<_> = live.iter().map(|(from, to)| Interval::new(*from, end(*to))).collect();
    let participants = media::participants(store, account, row.call_id, as_of).await?;
    let stay = |side: Side, from, to| (side, Interval::new(from, end(to)));
    let stays: Vec<_> = participants.iter().filter_map(|At { row, .. }| Some(stay(row.role?, row.joined_at?, row.left_at))).collect();
    Ok(Call {
        call_id: row.call_id.0,
        status: row.status,
        device: row.device,
        created_at: row.created_at,
        waited_s: row.waited_us / 1_000_000,
        started_at: live.first().map(|(from, _)| *from),
        ended_at: live.last().and_then(|(_, to)| *to),
        live_s: minutes::seconds(&minutes::billable(&stays, &spans)),
    })
}
