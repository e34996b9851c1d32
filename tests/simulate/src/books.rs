//! What was acknowledged, written down by those who did it: the other side of the comparison. Nothing here was read from
//! the server; it is what its answers to commands promised.

use crate::{
    client::{Fault, Written},
    live::Heard,
    media::MeetingBook,
    plan::{Ballot, Way, Wish},
};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;
use uuid::Uuid;

/// One event that an answer promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    /// In the history of what.
    pub of: Subject,
    /// Its type, such as `call.started`.
    pub kind: &'static str,
    /// The version that the answer told: the event has this one or one just below.
    pub version: i64,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// What has a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The call.
    Call,
    /// The conversation.
    Conversation,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// A shopper.
    Shopper(Uuid),
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The message.
    pub id: Uuid,
    /// Its place in the log.
    pub position: i64,
    /// By whom.
    pub by: Speaker,
    /// public or internal.
    pub visibility: &'static str,
    /// What.
    pub text: String,
}

/// A line of the cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// How many.
    pub quantity: u32,
    /// The price of one.
    pub cents: i64,
}

/// An order that the shop told, in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The shop's id.
    pub order_id: String,
    /// How it finds its call.
    pub way: Way,
    /// What it comes to.
    pub total: i64,
    /// Of that, what was put into the cart in the call.
    pub added: i64,
    /// For sending it.
    pub shipping: i64,
    /// What came back.
    pub refunded: i64,
    /// What was cancelled.
    pub cancelled: i64,
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Not at all: a fault came between.
    Unfinished,
    /// Served to the end.
    Served,
    /// The customer went before anybody came, as far as the customer knows.
    Abandoned,
    /// The shopper called it off.
    CalledOff,
    /// The customer did not come to the appointment.
    NoShow,
}

/// A claim that was acknowledged, written down by the shopper.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The call, or the conversation of a chat.
    pub id: Uuid,
    /// Who.
    pub shopper_id: Uuid,
    /// The version that the answer told.
    pub version: i64,
    /// Position of the last event that it led to.
    pub position: i64,
}

/// Everything that one visit led to.
#[derive(Debug, Clone)]
pub struct VisitBook {
    /// The visit of the plan.
    pub number: u32,
    /// Call or chat.
    pub wish: Wish,
    /// The conversation before, where the customer wrote to one that was over.
    pub continues: Option<Uuid>,
    /// The conversation in which the talk went on.
    pub continued_in: Option<Uuid>,
    /// When the appointment begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// The call, once there is one.
    pub call_id: Option<Uuid>,
    /// The conversation, once there is one.
    pub conversation_id: Option<Uuid>,
    /// The customer, once known.
    pub customer_id: Option<Uuid>,
    /// What the answers promised.
    pub facts: Vec<Fact>,
    /// What was said.
    pub said: Vec<Said>,
    /// What the cart holds.
    pub cart: BTreeMap<String, Line>,
    /// SKUs that were shown, in order.
    pub shown: Vec<String>,
    /// Ratings given; the last one counts.
    pub ratings: Vec<(Uuid, Ballot)>,
    /// What was bought.
    pub order: Option<Order>,
    /// Who held it while it was live, in order.
    pub holders: Vec<Uuid>,
    /// Who was asked into the call beside them.
    pub invited: Vec<Uuid>,
    /// Shoppers who took part in the conversation, in the order of coming.
    pub joined: Vec<Uuid>,
    /// Those of them who take part no more, in the order of leaving.
    left: Vec<Uuid>,
    /// Tags that were put on.
    pub tags: BTreeSet<&'static str>,
    /// How it ended.
    pub end: End,
    /// The highest position that an answer told.
    pub position: i64,
    /// What happened in the call's media, where it had some.
    pub meeting: Option<MeetingBook>,
    /// What the customer's socket said.
    pub heard: Vec<Heard>,
    /// When messages were acknowledged, by position.
    pub acknowledged: Vec<(i64, Instant)>,
    /// What may not have happened.
    pub faults: Vec<String>,
}

impl VisitBook {
    /// An empty book.
    pub fn new(number: u32, wish: Wish) -> Self {
        Self {
            number,
            wish,
            continues: None,
            continued_in: None,
            starts_at: None,
            call_id: None,
            conversation_id: None,
            customer_id: None,
            facts: Vec::new(),
            said: Vec::new(),
            cart: BTreeMap::new(),
            shown: Vec::new(),
            ratings: Vec::new(),
            order: None,
            holders: Vec::new(),
            invited: Vec::new(),
            joined: Vec::new(),
            left: Vec::new(),
            tags: BTreeSet::new(),
            end: End::Unfinished,
            position: 0,
            meeting: None,
            heard: Vec::new(),
            acknowledged: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Writes down that an answer promised these events.
    pub fn promised(&mut self, of: Subject, kinds: &[&'static str], written: &Written) {
        self.position = self.position.max(written.position);
        for kind in kinds {
            self.facts.push(Fact { of, kind, version: written.version, recorded_at: written.recorded_at });
        }
    }

    /// Writes down what the customer's socket said in the end.
    pub fn has_heard(&mut self, heard: Result<Vec<Heard>, Fault>) {
        match heard {
            Ok(heard) => self.heard = heard,
            Err(fault) => self.faults.push(format!("visit {}: {fault}", self.number)),
        }
    }

    /// Writes down that a shopper takes part in the conversation.
    pub fn takes_part(&mut self, shopper: Uuid) {
        self.left.retain(|one| *one != shopper);
        if !self.joined.contains(&shopper) {
            self.joined.push(shopper);
        }
    }

    /// Writes down that a shopper takes part in the conversation no more.
    pub fn goes(&mut self, shopper: Uuid) {
        self.left.push(shopper);
    }

    /// Shoppers who took part in the conversation: those who stayed, the last one first, and then those who left, the last one first.
    pub fn of_the_conversation(&self) -> Vec<Uuid> {
        let stayed = self.joined.iter().rev().filter(|one| !self.left.contains(one));
        stayed.chain(self.left.iter().rev()).copied().collect()
    }

    /// Shoppers who took part in the call, in the order of coming.
    pub fn of_the_call(&self) -> Vec<Uuid> {
        let later = self.holders.iter().skip(1);
        let came = self.holders.iter().take(1).chain(&self.invited).chain(later);
        came.fold(Vec::new(), |mut all, one| {
            if !all.contains(one) {
                all.push(*one);
            }
            all
        })
    }

    /// The rating that counts.
    pub fn rating(&self) -> Option<&(Uuid, Ballot)> {
        self.ratings.last()
    }

    /// What the outcome of the conversation has to be (PRODUCT.md 5.4).
    pub fn outcome(&self) -> &'static str {
        let replied = self.said.iter().position(|said| said.visibility == "public" && said.by != Speaker::Customer);
        let answered = replied.is_some_and(|at| self.said[at..].iter().any(|said| said.by == Speaker::Customer));
        match self.joined.len() {
            2.. => "escalated",
            0 => "no_agent",
            _ if answered => "success",
            _ => "no_answer",
        }
    }
}

/// The sums of a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Ratings that count.
    pub answers: u64,
    /// 9 and 10.
    pub promoters: u64,
    /// 7 and 8.
    pub passives: u64,
    /// 0 to 6.
    pub detractors: u64,
    /// How often 1, 2, 3, 4 and 5 was given.
    pub csat: [u64; 5],
    /// satisfied, neutral, dissatisfied.
    pub faces: [u64; 3],
}

impl Sums {
    /// Of these ratings.
    pub fn of<'a>(ballots: impl Iterator<Item = &'a Ballot>) -> Self {
        let mut sums = Self::default();
        for ballot in ballots {
            sums.answers += 1;
            match ballot.nps {
                Some(9..) => sums.promoters += 1,
                Some(7..9) => sums.passives += 1,
                Some(_) => sums.detractors += 1,
                None => {}
            }
            if let Some(csat) = ballot.csat {
                sums.csat[usize::from(csat.clamp(1, 5)) - 1] += 1;
            }
            match ballot.face {
                Some("satisfied") => sums.faces[0] += 1,
                Some("neutral") => sums.faces[1] += 1,
                Some(_) => sums.faces[2] += 1,
                None => {}
            }
        }
        sums
    }

    /// 100 × (promoters − detractors) / answers, to one decimal; none without answers.
    pub fn nps(&self) -> Option<f64> {
        let answers = self.promoters + self.passives + self.detractors;
        let difference = self.promoters as f64 - self.detractors as f64;
        (answers > 0).then(|| (1_000.0 * difference / answers as f64).round() / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(by: Speaker) -> Said {
        Said { id: Uuid::nil(), position: 1, by, visibility: "public", text: String::new() }
    }

    #[test]
    fn an_outcome_follows_from_who_came_and_who_wrote() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut book = VisitBook::new(0, Wish::Chat);
        assert_eq!(book.outcome(), "no_agent");
        book.takes_part(one);
        book.said.push(said(Speaker::Customer));
        assert_eq!(book.outcome(), "no_answer");
        book.said.push(said(Speaker::Shopper(one)));
        assert_eq!(book.outcome(), "no_answer");
        book.said.push(said(Speaker::Customer));
        assert_eq!(book.outcome(), "success");
        book.takes_part(other);
        assert_eq!(book.outcome(), "escalated");
    }

    #[test]
    fn the_score_is_of_pooled_answers() {
        let ballot = |nps| Ballot { nps: Some(nps), csat: None, face: None, comment: None };
        let ballots = [ballot(10), ballot(9), ballot(8), ballot(3)];
        assert_eq!(Sums::of(ballots.iter()).nps(), Some(25.0));
        assert_eq!(Sums::default().nps(), None);
    }
}
