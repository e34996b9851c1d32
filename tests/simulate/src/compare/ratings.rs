//! Ratings: each that counts, to whom it is credited, and the sums over all of them.

use super::{Findings, Played, all, by_id, id, ids, in_query};
use crate::{
    books::{Sums, VisitBook},
    client::Fault,
    plan::Wish,
};
use chrono::{TimeDelta, Utc};
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

/// A day is over within this, at real speed; the sums are asked for up to then.
const UP_TO: TimeDelta = TimeDelta::days(1);

/// Compares all of them.
pub async fn compare(played: &Played, findings: &mut Findings) -> Result<(), Fault> {
    let period = format!("from={}&to={}", in_query(played.begun_at), in_query(Utc::now() + UP_TO));
    let mut rows = all(&played.owner, "/v1/ratings", &format!("&{period}&at_least={}", played.position)).await?;
    let visits: HashSet<Uuid> = played.books.iter().flat_map(|book| [book.call_id, book.conversation_id]).flatten().collect();
    let of_today = |row: &Value| [&row["call_id"], &row["conversation_id"]].into_iter().filter_map(id).any(|id| visits.contains(&id));
    let others = rows.iter().filter(|row| !of_today(row)).count();
    rows.retain(of_today);
    let rated: Vec<&VisitBook> = played.books.iter().map(AsRef::as_ref).filter(|book| book.rating().is_some()).collect();
    findings.equal(|| "ratings in the list".to_owned(), rated.len(), rows.len());
    let rows = by_id(rows, "the list of ratings", findings);
    for book in &rated {
        let Some((answer, _)) = book.rating() else { continue };
        findings.equal(|| format!("rating {answer} in the list (visit {})", book.number), true, rows.contains_key(answer));
        if let Some(row) = rows.get(answer) {
            one(book, row, findings);
        }
    }
    // Somebody else's ratings of the same day would be in the sums.
    if others == 0 {
        let summary = played.owner.get(&format!("/v1/ratings/summary?{period}&at_least={}", played.position)).await?;
        sums(&Sums::of(rated.iter().filter_map(|book| book.rating()).map(|(_, ballot)| ballot)), &summary, findings);
    }
    Ok(())
}

fn one(book: &VisitBook, row: &Value, findings: &mut Findings) {
    let Some((answer, ballot)) = book.rating() else { return };
    let what = |member: &str| format!("{member} of rating {answer} (visit {})", book.number);
    findings.equal(|| what("nps"), ballot.nps.map(u64::from), row["nps"].as_u64());
    findings.equal(|| what("csat"), ballot.csat.map(u64::from), row["csat"].as_u64());
    findings.equal(|| what("face"), ballot.face, row["face"].as_str());
    findings.equal(|| what("comment"), ballot.comment.as_deref(), row["comment"].as_str());
    findings.equal(|| what("customer"), book.customer_id, id(&row["customer_id"]));
    findings.equal(|| what("shoppers"), credited(book), ids(&row["shoppers"]));
}

/// Who held a call last comes first, then the others as they came; of a chat, who answered for it at the end.
fn credited(book: &VisitBook) -> Vec<Uuid> {
    match book.wish {
        Wish::Chat => book.of_the_conversation(),
        Wish::Call => {
            let holder = book.holders.last().copied();
            let others = book.of_the_call().into_iter().filter(|shopper| Some(*shopper) != holder);
            holder.into_iter().chain(others).collect()
        }
    }
}

fn sums(ours: &Sums, summary: &Value, findings: &mut Findings) {
    let of = |value: &Value| value.as_u64();
    let (nps, csat, faces) = (&summary["nps"], &summary["csat"], &summary["faces"]);
    findings.equal(|| "ratings summed up".to_owned(), Some(ours.answers), of(&summary["answers"]));
    findings.equal(|| "promoters".to_owned(), Some(ours.promoters), of(&nps["promoters"]));
    findings.equal(|| "passives".to_owned(), Some(ours.passives), of(&nps["passives"]));
    findings.equal(|| "detractors".to_owned(), Some(ours.detractors), of(&nps["detractors"]));
    findings.equal(|| "NPS".to_owned(), ours.nps(), nps["score"].as_f64());
    let counts: Vec<Option<u64>> = csat["counts"].as_array().into_iter().flatten().map(of).collect();
    findings.equal(|| "CSAT from 1 to 5".to_owned(), ours.csat.map(Some).to_vec(), counts);
    let looks = ["satisfied", "neutral", "dissatisfied"].map(|face| of(&faces[face]));
    findings.equal(|| "faces".to_owned(), ours.faces.map(Some), looks);
}
