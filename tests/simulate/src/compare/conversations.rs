//! Conversations: where each stands and how it ended, who took part, and every word that was said.

use super::{Findings, Played, all, by_id, history, id, in_query};
use crate::{
    books::{End, Said, Speaker, Subject, VisitBook},
    client::Fault,
    plan::Wish,
};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Every conversation of this run that the list has.
pub async fn listed(played: &Played, findings: &mut Findings) -> Result<HashMap<Uuid, Value>, Fault> {
    let filters = format!("&from={}&at_least={}", in_query(played.begun_at), played.position);
    let mut rows = all(&played.owner, "/v1/conversations", &filters).await?;
    let ours: HashSet<Uuid> = played.books.iter().filter_map(|book| book.conversation_id).collect();
    let channel = format!("sim-{}", played.mark);
    // A chat that was opened twice would be one more in this run's channel.
    rows.retain(|row| row["channel"] == channel.as_str() || id(&row["id"]).is_some_and(|id| ours.contains(&id)));
    findings.equal(|| "conversations in the list".to_owned(), ours.len(), rows.len());
    Ok(by_id(rows, "the list of conversations", findings))
}

/// One conversation.
pub async fn compare(
    played: &Played,
    book: &VisitBook,
    conversation: Uuid,
    row: Option<&Value>,
    findings: &mut Findings,
) -> Result<Vec<Value>, Fault> {
    let what = |member: &str| format!("{member} of conversation {conversation} (visit {})", book.number);
    let events = history::compare(&played.owner, "/v1/conversations", conversation, book, Subject::Conversation, findings).await?;
    findings.equal(|| what("row in the list"), true, row.is_some());
    let Some(row) = row.filter(|_| book.end != End::Unfinished) else { return Ok(events) };
    let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
    findings.equal(|| what("status"), "closed".to_owned(), text("status"));
    findings.equal(|| what("customer"), book.customer_id, id(&row["customer_id"]));
    findings.equal(|| what("call"), book.call_id, id(&row["call_id"]));
    let tags = row["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    findings.equal(|| what("tags"), book.tags.clone(), tags.collect::<BTreeSet<_>>());
    findings.equal(|| what("conversation before"), book.continues, id(&row["previous_conversation_id"]));
    findings.equal(|| what("conversation after"), book.continued_in, id(&row["continued_in"]));
    findings.equal(|| what("way on in the history"), book.continued_in.into_iter().collect(), went_on(&events));
    // A shopper may have come at the very moment in which the customer went: then who came is the shopper's to tell.
    let took_part = participants(played, book, conversation);
    let joined = row["participants"].as_array().into_iter().flatten().filter_map(|participant| id(&participant["shopper_id"]));
    findings.equal(|| what("participants"), took_part.clone(), joined.collect());
    let outcome = if took_part == book.joined { book.outcome() } else { "no_answer" };
    findings.equal(|| what("outcome"), outcome.to_owned(), text("outcome"));
    if book.wish == Wish::Chat {
        findings.equal(|| what("rated or not"), Some(!book.ratings.is_empty()), row["is_rated"].as_bool());
    }
    messages(played, book, conversation, findings).await?;
    Ok(events)
}

/// Where a conversation went on, by its history.
fn went_on(events: &[Value]) -> Vec<Uuid> {
    let continued = events.iter().filter(|event| event["type"] == "conversation.continued");
    continued.filter_map(|event| id(&event["data"]["conversation_id"])).collect()
}

fn participants(played: &Played, book: &VisitBook, conversation: Uuid) -> Vec<Uuid> {
    if book.wish == Wish::Chat && book.end == End::Abandoned {
        return played.claims.iter().filter(|claim| claim.id == conversation).map(|claim| claim.shopper_id).collect();
    }
    book.joined.clone()
}

async fn messages(played: &Played, book: &VisitBook, conversation: Uuid, findings: &mut Findings) -> Result<(), Fault> {
    let path = format!("/v1/conversations/{conversation}/messages");
    let rows = all(&played.owner, &path, &format!("&at_least={}", played.position)).await?;
    let found: Vec<Said> = rows.iter().filter(|row| row["author_kind"] != "system").filter_map(said).collect();
    let mut expected = book.said.clone();
    // Two append events of which the message is the first: the answer told the position of the second.
    for (ours, theirs) in expected.iter_mut().zip(&found) {
        if ours.id == theirs.id && ours.position - 1 == theirs.position {
            ours.position = theirs.position;
        }
    }
    findings.equal(|| format!("messages of conversation {conversation} (visit {})", book.number), expected, found);
    Ok(())
}

fn said(row: &Value) -> Option<Said> {
    let by = match row["author_kind"].as_str()? {
        "customer" => Speaker::Customer,
        _ => Speaker::Shopper(id(&row["author_id"])?),
    };
    let visibility = if row["visibility"] == "public" { "public" } else { "internal" };
    Some(Said { id: id(&row["id"])?, position: row["position"].as_i64()?, by, visibility, text: row["body"].as_str()?.to_owned() })
}
