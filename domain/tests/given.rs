//! Names for the tests: who, when, and how an order is put to an aggregate.

use chrono::{DateTime, TimeDelta, Utc};
use cqrs_es::test::TestFramework;
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    aggregate::Aggregate,
    conversation::ConversationAction,
    ids::{
        AnswerId, ApiKeyId, CallId, ConnectionId, ConversationId, CustomerId, FileId, MediaSessionId, MessageId, NodeId, ParticipantId,
        RecordingId, RoleId, SessionId, ShopperId, UserId,
    },
    order::Order,
    refusal::Refusal,
};

pub const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(0xc1));
pub const STRANGER: CustomerId = CustomerId(Uuid::from_u128(0xc2));
pub const ANA: ShopperId = ShopperId(Uuid::from_u128(0xa1));
pub const BRUNO: ShopperId = ShopperId(Uuid::from_u128(0xa2));
pub const OWNER: UserId = UserId(Uuid::from_u128(0xb1));
pub const LUMI: ApiKeyId = ApiKeyId(Uuid::from_u128(0xb0));
pub const CALL: CallId = CallId(Uuid::from_u128(0xca));
pub const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(0xcb));

pub const BY_CUSTOMER: Actor = Actor::Customer(CUSTOMER);
pub const BY_STRANGER: Actor = Actor::Customer(STRANGER);
pub const BY_ANA: Actor = Actor::Shopper(ANA);
pub const BY_BRUNO: Actor = Actor::Shopper(BRUNO);
pub const BY_LUMI: Actor = Actor::ApiKey(LUMI);
pub const BY_OWNER: Actor = Actor::User(OWNER);

pub fn by_timer() -> Actor {
    Actor::System("timer".into())
}

pub fn answer(n: u128) -> AnswerId {
    AnswerId(Uuid::from_u128(0xaa00 + n))
}

pub fn message(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(0xdd00 + n))
}

pub fn file(n: u128) -> FileId {
    FileId(Uuid::from_u128(0xff00 + n))
}

pub fn connection(n: u128) -> ConnectionId {
    ConnectionId(Uuid::from_u128(0xcc00 + n))
}

pub fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(0x5e00 + n))
}

pub fn role_id(n: u128) -> RoleId {
    RoleId(Uuid::from_u128(0x7100 + n))
}

pub fn media_session(n: u128) -> MediaSessionId {
    MediaSessionId(Uuid::from_u128(0x3e00 + n))
}

pub fn node(n: u128) -> NodeId {
    NodeId(Uuid::from_u128(0x9000 + n))
}

pub fn recording(n: u128) -> RecordingId {
    RecordingId(Uuid::from_u128(0x9ec0 + n))
}

pub fn participant(n: u128) -> ParticipantId {
    ParticipantId(Uuid::from_u128(0x9a00 + n))
}

/// The tests' own now.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_774_000_000, 0).expect("a day in March 2026")
}

pub fn in_days(days: i64) -> DateTime<Utc> {
    now() + TimeDelta::days(days)
}

/// The customer begins a chat in the widget.
pub fn open_chat() -> ConversationAction {
    ConversationAction::Open {
        customer_id: CUSTOMER,
        call_id: None,
        channel: "web".into(),
        language: None,
        country: None,
        department: None,
        continues: None,
    }
}

/// What the aggregate with this past answers to the order.
pub fn when_at<A: Aggregate>(past: &[A::Event], at: DateTime<Utc>, actor: Actor, action: A::Action) -> Result<Vec<A::Event>, Refusal> {
    TestFramework::<A>::with(()).given(past.to_vec()).when(Order::new(actor, at, action)).inspect_result()
}

/// As [`when_at`], now.
pub fn when<A: Aggregate>(past: &[A::Event], actor: Actor, action: A::Action) -> Result<Vec<A::Event>, Refusal> {
    when_at::<A>(past, now(), actor, action)
}

/// The past, and what the orders that follow lead to.
pub fn after<A: Aggregate>(past: &[A::Event], orders: impl IntoIterator<Item = (Actor, A::Action)>) -> Vec<A::Event> {
    orders.into_iter().fold(past.to_vec(), |mut past, (actor, action)| {
        let events = when::<A>(&past, actor, action).expect("the test's past is possible");
        past.extend(events);
        past
    })
}

/// The pointer and code of a refusal of a value.
pub fn refused_field<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> (String, &'static str) {
    match answer {
        Err(Refusal::Invalid { field, code, .. }) => (field.into_owned(), code),
        other => panic!("expected a refusal of a field, got {other:?}"),
    }
}

/// Whether the actor was refused.
pub fn is_not_allowed<T>(answer: &Result<T, Refusal>) -> bool {
    matches!(answer, Err(Refusal::NotAllowed(_)))
}
