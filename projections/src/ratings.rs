//! Ratings: what customers answered, and the numbers made of it (PRODUCT.md 5.2, 5.3).
//!
//! An answer that a newer one replaces stays, with the position from which on it no longer counts; so a summary as of any
//! position is a filter. Answers are pooled, never averaged over shoppers.

use crate::{
    asked::{Kind, Newest, Page, Period, optional},
    error::Result,
    fold::{Envelope, FoldError, Keys, Projection, Rows, Scrubs, Tables},
    sql::{Store, Value, sql},
    table::{At, Field, Json, OPEN, Table, stored_names, table, take},
};
use chrono::{DateTime, SubsecRound, Utc};
use vitrina_domain::{
    actor::Actor,
    call::CallEvent,
    conversation::ConversationEvent,
    event::Event,
    ids::{AccountId, AnswerId, CallId, ConversationId, CustomerId, ShopperId, SubjectId},
    metrics::nps::Class,
    subject::Forgotten,
    survey::{Answered, Face, Shown, Superseded},
};
use vitrina_eventlog::{Decoded, Environment, Position};

stored_names! {
    Face { Satisfied = "satisfied", Neutral = "neutral", Dissatisfied = "dissatisfied" }
    Class { Promoter = "promoter", Passive = "passive", Detractor = "detractor" }
}

table! {
    /// An answer.
    pub struct RatingRow in "ratings" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// The answer.
            answer_id: AnswerId,
        }
        columns {
            /// Position of the answer.
            position: i64,
            /// From this position on it no longer counts.
            superseded_position: i64,
            /// The positions at which it was hidden from the public and shown again, in turn.
            hidden_and_shown: Json<Vec<i64>>,
            /// The answer that counts instead.
            superseded_by: Option<AnswerId>,
            /// The call that was rated.
            call_id: Option<CallId>,
            /// The conversation that was rated.
            conversation_id: Option<ConversationId>,
            /// Who answered, when it was the customer in person.
            customer_id: Option<CustomerId>,
            /// To whom it is credited: the one who held it last.
            shopper_id: Option<ShopperId>,
            /// All who took part, that one first.
            shoppers: Json<Vec<ShopperId>>,
            /// How likely a recommendation is, 0–10.
            nps: Option<u8>,
            /// The face chosen.
            face: Option<Face>,
            /// Satisfaction, 1–5.
            csat: Option<u8>,
            /// In the customer's words; absent also when the person was erased.
            comment: Option<String>,
            /// What they were asked, where it was told.
            question: Option<String>,
            /// When.
            answered_at: DateTime<Utc>,
            /// Whether a real customer answered.
            environment: Environment,
        }
    }
}

table! {
    /// An answer among those of a shopper.
    pub struct RatingCreditRow in "rating_credits" as State {
        key {
            /// Whose.
            account_id: AccountId,
            /// To whom it is credited.
            shopper_id: ShopperId,
            /// When it was given.
            answered_at: DateTime<Utc>,
            /// The answer.
            answer_id: AnswerId,
        }
        columns {}
    }
}

impl RatingRow {
    /// Whether the public did not see it at this position.
    pub fn is_hidden(&self, as_of: Position) -> bool {
        self.hidden_and_shown.0.iter().filter(|position| **position <= as_of.0).count() % 2 == 1
    }
}

/// Keeps the ratings.
pub struct RatingsProjection;

enum Survey<'e> {
    Answered(&'e Answered),
    Superseded(&'e Superseded),
    HiddenOrShown(Shown),
}

fn survey(event: &Event) -> Option<Survey<'_>> {
    match event {
        Event::Call(CallEvent::SurveyAnswered(answered)) => Some(Survey::Answered(answered)),
        Event::Conversation(ConversationEvent::SurveyAnswered(answered)) => Some(Survey::Answered(answered)),
        Event::Call(CallEvent::SurveySuperseded(superseded)) => Some(Survey::Superseded(superseded)),
        Event::Conversation(ConversationEvent::SurveySuperseded(superseded)) => Some(Survey::Superseded(superseded)),
        Event::Call(CallEvent::SurveyHidden(shown) | CallEvent::SurveyPublished(shown))
        | Event::Conversation(ConversationEvent::SurveyHidden(shown) | ConversationEvent::SurveyPublished(shown)) => {
            Some(Survey::HiddenOrShown(*shown))
        }
        _ => None,
    }
}

impl Projection for RatingsProjection {
    fn name(&self) -> &'static str {
        "ratings"
    }

    fn version(&self) -> u32 {
        5
    }

    fn tables(&self, tables: &mut Tables) {
        tables.add::<RatingRow>();
        tables.add::<RatingCreditRow>();
    }

    fn wants(&self, event: &Event) -> bool {
        survey(event).is_some()
    }

    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>) {
        match survey(&event.event) {
            Some(Survey::Answered(answered)) => {
                keys.create::<RatingRow>((event.account(), answered.answer_id));
                for credit in credits(event, answered) {
                    keys.create::<RatingCreditRow>(credit.key());
                }
            }
            Some(Survey::Superseded(superseded)) => keys.load::<RatingRow>((event.account(), superseded.answer_id)),
            Some(Survey::HiddenOrShown(shown)) => keys.load::<RatingRow>((event.account(), shown.answer_id)),
            None => {}
        }
    }

    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError> {
        match survey(&event.event) {
            Some(Survey::Answered(answered)) => {
                for credit in credits(event, answered) {
                    rows.put(credit)?;
                }
                rows.put(answer_row(event, answered))
            }
            Some(Survey::Superseded(superseded)) => rows.change::<RatingRow>(&(event.account(), superseded.answer_id), |row| {
                row.superseded_position = event.recorded.position.0;
                row.superseded_by = Some(superseded.by);
            }),
            // Only a change is an event, so the two take turns.
            Some(Survey::HiddenOrShown(shown)) => rows.change::<RatingRow>(&(event.account(), shown.answer_id), |row| {
                row.hidden_and_shown.0.push(event.recorded.position.0);
            }),
            None => Ok(()),
        }
    }

    fn forgets(&self, account: AccountId, _: SubjectId, forgotten: &Forgotten, scrubs: &mut Scrubs) {
        let mut of = |by, id: Value| {
            scrubs.rows::<RatingRow>((by, "position"), vec![account.to_value(), id], |rows, _| {
                rows.iter_mut().for_each(|row| (row.comment, row.question) = (None, None))
            });
        };
        forgotten.conversations.iter().for_each(|conversation| of(&["account_id", "conversation_id"], conversation.to_value()));
        forgotten.calls.iter().for_each(|call| of(&["account_id", "call_id"], call.to_value()));
    }
}

fn credits<'e>(event: &'e Decoded, answered: &'e Answered) -> impl Iterator<Item = RatingCreditRow> + 'e {
    // As in reports: to the one who held it last, so that shoppers add up to the total.
    answered.shoppers.first().into_iter().map(|shopper| RatingCreditRow {
        account_id: event.account(),
        shopper_id: *shopper,
        answered_at: answered.answered_at.trunc_subsecs(6),
        answer_id: answered.answer_id,
    })
}

fn answer_row(event: &Decoded, answered: &Answered) -> RatingRow {
    let stream = event.recorded.stream;
    RatingRow {
        account_id: stream.account,
        answer_id: answered.answer_id,
        position: event.recorded.position.0,
        superseded_position: OPEN,
        hidden_and_shown: Json(Vec::new()),
        superseded_by: None,
        call_id: matches!(event.event, Event::Call(_)).then_some(CallId(stream.id)),
        conversation_id: matches!(event.event, Event::Conversation(_)).then_some(ConversationId(stream.id)),
        customer_id: match event.recorded.actor {
            Actor::Customer(id) => Some(id),
            _ => None,
        },
        shopper_id: answered.shoppers.first().copied(),
        shoppers: Json(answered.shoppers.clone()),
        nps: answered.nps,
        face: answered.face,
        csat: answered.csat,
        comment: answered.comment.as_ref().and_then(|comment| comment.get().cloned()),
        question: answered.question.as_ref().and_then(|question| question.get().cloned()),
        answered_at: answered.answered_at.trunc_subsecs(6),
        environment: event.recorded.environment,
    }
}

/// Whether a customer has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// There is an answer.
    Rated,
    /// There is none.
    Unrated,
}

/// How something was rated; what is `None` does not narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rated {
    /// Whether at all.
    pub presence: Option<Presence>,
    /// How likely a recommendation is.
    pub nps: Option<Class>,
    /// Satisfaction, 1–5.
    pub csat: Option<u8>,
    /// The face chosen.
    pub face: Option<Face>,
}

impl Rated {
    /// Whether it is rated, the recommendation at least and at most, satisfaction, face.
    pub(crate) fn values(&self) -> [Value; 5] {
        let (least, most) = self.nps.map(Class::answers).map_or((None, None), |range| (Some(*range.start()), Some(*range.end())));
        [
            optional(self.presence.map(|presence| presence == Presence::Rated)),
            optional(least),
            optional(most),
            optional(self.csat),
            optional(self.face),
        ]
    }
}

/// Which answers are wanted; what is `None` does not narrow. Only those that count at the position.
#[derive(Debug, Clone, Copy, Default)]
pub struct RatingFilter {
    /// Those credited to this shopper.
    pub shopper: Option<ShopperId>,
    /// Those to this call.
    pub call: Option<CallId>,
    /// Those to this conversation.
    pub conversation: Option<ConversationId>,
    /// Those given in this period.
    pub answered: Period,
    /// Those of this environment.
    pub environment: Option<Environment>,
    /// Those about calls, or about chats.
    pub kind: Option<Kind>,
    /// Those with these answers.
    pub rated: Rated,
}

impl RatingFilter {
    /// What [`NARROWED`] takes, as $8 to $16.
    pub(crate) fn values(&self) -> [Value; 9] {
        let [_, least, most, csat, face] = self.rated.values();
        let [environment, kind] = self.of_whom();
        let (call, conversation, shopper) = (optional(self.call), optional(self.conversation), optional(self.shopper));
        [least, most, csat, face, call, conversation, shopper, environment, kind]
    }

    /// What `of_whom` takes.
    fn of_whom(&self) -> [Value; 2] {
        [optional(self.environment), optional(self.kind)]
    }
}

/// How often each answer was given; the scores are made of it by `domain::metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Recommendations of 9 and 10.
    pub promoters: i64,
    /// Recommendations of 7 and 8.
    pub passives: i64,
    /// Recommendations of 0 to 6.
    pub detractors: i64,
    /// How often satisfaction 1, 2, 3, 4 and 5 was given.
    pub csat: [i64; 5],
    /// Satisfied faces.
    pub satisfied: i64,
    /// Neutral faces.
    pub neutral: i64,
    /// Dissatisfied faces.
    pub dissatisfied: i64,
    /// Answers in all.
    pub answers: i64,
}

/// $1 account, $2 position, $3 and $4 period.
pub(crate) const COUNTING: &str = "r.account_id = $1 AND r.position <= $2 AND r.superseded_position > $2
       AND r.answered_at >= $3 AND r.answered_at < $4";
pub(crate) const ALL: &str = " FROM ratings r WHERE ";
pub(crate) const CREDITED: &str = " FROM rating_credits c JOIN ratings r ON r.account_id = c.account_id AND r.answer_id = c.answer_id
     WHERE c.account_id = $1 AND c.answered_at >= $3 AND c.answered_at < $4 AND ";

/// Of an environment and about a kind: the answer to a conversation is about its call where a call owns it.
macro_rules! of_whom {
    ($environment:literal, $kind:literal) => {
        sql!(
            " AND (r.environment = ",
            $environment,
            " OR ",
            $environment,
            " IS NULL) AND (CAST(",
            $kind,
            " AS TEXT) IS NULL OR (",
            $kind,
            " = 'call') = (r.call_id IS NOT NULL OR EXISTS (SELECT 1 FROM conversations k
               WHERE k.account_id = r.account_id AND k.conversation_id = r.conversation_id AND k.call_id IS NOT NULL)))"
        )
    };
}

/// $8 and $9 the recommendation at least and at most, $10 satisfaction, $11 face, $12 call, $13 conversation, $14 to whom
/// it is credited, $15 environment, $16 kind.
pub(crate) const NARROWED: &str = sql!(
    " AND (r.nps >= $8 OR $8 IS NULL) AND (r.nps <= $9 OR $9 IS NULL) AND (r.csat = $10 OR $10 IS NULL)
       AND (r.face = $11 OR $11 IS NULL) AND (r.call_id = $12 OR $12 IS NULL) AND (r.conversation_id = $13 OR $13 IS NULL)
       AND (r.shopper_id = $14 OR $14 IS NULL)",
    of_whom!("$15", "$16")
);

/// The page of a list.
macro_rules! listed {
    ($from:expr, $lead:literal) => {
        sql!(
            "SELECT position, ",
            RatingRow::COLUMNS,
            " FROM (SELECT r.*",
            $from,
            COUNTING,
            NARROWED,
            $lead,
            " AND (r.answered_at, r.answer_id) < ($5, $6)
               ORDER BY r.answered_at DESC, r.answer_id DESC LIMIT $7) AS counting ORDER BY answered_at DESC, answer_id DESC"
        )
    };
}

const LIST: &str = listed!(ALL, "");
const LIST_OF_SHOPPER: &str = listed!(CREDITED, " AND c.shopper_id = $14 AND (c.answered_at, c.answer_id) < ($5, $6)");
/// Few, whatever the period.
const LIST_OF_CALL: &str = listed!(ALL, " AND r.call_id = $12");
const LIST_OF_CONVERSATION: &str = listed!(ALL, " AND r.conversation_id = $13");

const COUNTS: &str = "SELECT COUNT(CASE WHEN r.nps >= 9 THEN 1 END), COUNT(CASE WHEN r.nps BETWEEN 7 AND 8 THEN 1 END),
       COUNT(CASE WHEN r.nps <= 6 THEN 1 END), COUNT(CASE WHEN r.csat = 1 THEN 1 END), COUNT(CASE WHEN r.csat = 2 THEN 1 END),
       COUNT(CASE WHEN r.csat = 3 THEN 1 END), COUNT(CASE WHEN r.csat = 4 THEN 1 END), COUNT(CASE WHEN r.csat = 5 THEN 1 END),
       COUNT(CASE WHEN r.face = 'satisfied' THEN 1 END), COUNT(CASE WHEN r.face = 'neutral' THEN 1 END),
       COUNT(CASE WHEN r.face = 'dissatisfied' THEN 1 END), COUNT(*)";
const SUMMARY: &str = sql!(COUNTS, ALL, COUNTING, of_whom!("$5", "$6"));
const SUMMARY_OF_SHOPPER: &str = sql!(COUNTS, CREDITED, COUNTING, of_whom!("$5", "$6"), " AND c.shopper_id = $7");

const GET: &str =
    sql!("SELECT position, ", RatingRow::COLUMNS, " FROM ratings WHERE account_id = $1 AND answer_id = $2 AND position <= $3");

const OF_CALL: &str = sql!(
    "SELECT position, ",
    RatingRow::COLUMNS,
    " FROM ratings WHERE account_id = $1 AND position <= $2 AND call_id = $3 ORDER BY position"
);
const OF_CONVERSATION: &str = sql!(
    "SELECT position, ",
    RatingRow::COLUMNS,
    " FROM ratings WHERE account_id = $1 AND position <= $2 AND conversation_id = $3 ORDER BY position"
);

/// Every statement of this file, for the test that prepares them on both engines.
pub const STATEMENTS: &[&str] =
    &[LIST, LIST_OF_SHOPPER, LIST_OF_CALL, LIST_OF_CONVERSATION, SUMMARY, SUMMARY_OF_SHOPPER, GET, OF_CALL, OF_CONVERSATION];

fn read(rows: Vec<Vec<Value>>) -> Result<Vec<At<RatingRow>>> {
    rows.into_iter().map(|row| At::from_values(&mut row.into_iter())).collect()
}

/// The answers that count, the newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(store: &Store, account: AccountId, filter: &RatingFilter, page: Page<Newest>) -> Result<Vec<At<RatingRow>>> {
    let [at, id] = Newest::values(page.after);
    let [from, to] = filter.answered.values();
    let statement = match filter {
        RatingFilter { call: Some(_), .. } => LIST_OF_CALL,
        RatingFilter { conversation: Some(_), .. } => LIST_OF_CONVERSATION,
        RatingFilter { shopper: Some(_), .. } => LIST_OF_SHOPPER,
        _ => LIST,
    };
    let mut args = vec![account.to_value(), page.as_of_value(), from, to, at, id, page.limit_value()];
    args.extend(filter.values());
    read(store.query(statement, args).await?)
}

/// How often each answer was given.
///
/// # Errors
/// When the database is away.
pub async fn summary(store: &Store, account: AccountId, filter: &RatingFilter, as_of: Position) -> Result<Summary> {
    let [from, to] = filter.answered.values();
    let mut args = vec![account.to_value(), Value::Int(as_of.0), from, to];
    args.extend(filter.of_whom());
    let statement = if filter.shopper.is_some() { SUMMARY_OF_SHOPPER } else { SUMMARY };
    args.extend(filter.shopper.map(|shopper| shopper.to_value()));
    let mut counts = store.query(statement, args).await?.into_iter().flatten();
    let mut next = || take::<i64>(&mut counts, "ratings", "count");
    Ok(Summary {
        promoters: next()?,
        passives: next()?,
        detractors: next()?,
        csat: [next()?, next()?, next()?, next()?, next()?],
        satisfied: next()?,
        neutral: next()?,
        dissatisfied: next()?,
        answers: next()?,
    })
}

/// One answer, also one that no longer counts.
///
/// # Errors
/// When the database is away.
pub async fn get(store: &Store, account: AccountId, answer: AnswerId, as_of: Position) -> Result<Option<At<RatingRow>>> {
    store.row(GET, vec![account.to_value(), answer.to_value(), Value::Int(as_of.0)]).await
}

/// Every answer to a call, also those that no longer count, the oldest first.
///
/// # Errors
/// When the database is away.
pub async fn of_call(store: &Store, account: AccountId, call: CallId, as_of: Position) -> Result<Vec<At<RatingRow>>> {
    let args = vec![account.to_value(), Value::Int(as_of.0), call.to_value()];
    read(store.query(OF_CALL, args).await?)
}

/// Every answer to a conversation, also those that no longer count, the oldest first.
///
/// # Errors
/// When the database is away.
pub async fn of_conversation(
    store: &Store,
    account: AccountId,
    conversation: ConversationId,
    as_of: Position,
) -> Result<Vec<At<RatingRow>>> {
    let args = vec![account.to_value(), Value::Int(as_of.0), conversation.to_value()];
    read(store.query(OF_CONVERSATION, args).await?)
}
