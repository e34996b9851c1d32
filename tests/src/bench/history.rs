//! A shop's past of any length, written straight into the log as fast as it goes: visits with a call, a chat, a cart and a
//! rating, as the product itself would have written them.

use chrono::Utc;
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};
use uuid::Uuid;
use vitrina_domain::{
    actor::Actor,
    call::{self, CallEvent},
    cart::CartLine,
    conversation::{self, Author, ConversationEvent, Visibility},
    customer::{CustomerEvent, Profile},
    event::EventSet,
    ids::{AccountId, AnswerId, CallId, CommandId, ConversationId, CorrelationId, CustomerId, EventId, MessageId, ShopperId, SubjectId},
    money::Money,
    personal::Personal,
    product::Product,
    stream::Category,
    survey::Answered,
};
use vitrina_eventlog::{AppendRequest, Environment, EventLog, Expected, NewEvent, StreamId, Write};

/// Messages in one visit's chat: Odoo's sample shop has 30 to 50.
const MESSAGES_PER_VISIT: usize = 40;
/// Visits that are written at once: the batcher's batches stay full.
const WRITERS: u64 = 128;

/// Who the past belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Shop {
    /// The account.
    pub account: AccountId,
    /// The one shopper who served everybody.
    pub shopper: ShopperId,
}

impl Shop {
    /// A shop that no server knows.
    pub fn invented() -> Self {
        Self { account: AccountId(Uuid::now_v7()), shopper: ShopperId(Uuid::now_v7()) }
    }

    /// Writes whole visits until the log's head has come to `events`.
    ///
    /// # Panics
    /// When the log refuses one.
    pub async fn write(self, log: &EventLog, events: i64) {
        let (written, next) = (Arc::new(AtomicI64::new(log.head().0)), Arc::new(AtomicU64::new(0)));
        log.keyring().ensure(&[(self.account, self.shopper.into())]).await.expect("a key can be made");
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let (log, written, next) = (log.clone(), Arc::clone(&written), Arc::clone(&next));
                tokio::spawn(async move {
                    while written.load(Ordering::Relaxed) < events {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let count = self.write_visit(&log, number).await;
                        written.fetch_add(count, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("a writer of the past does not panic");
        }
    }

    async fn write_visit(self, log: &EventLog, number: u64) -> i64 {
        let visit = Visit::new(self, number);
        log.keyring().ensure(&visit.keys()).await.expect("a key can be made");
        let mut count = 0;
        for step in visit.steps() {
            let request = visit.request(log, step);
            count += i64::try_from(request.event_count()).expect("a step has few events");
            log.append(request).await.expect("the log takes a visit");
        }
        count
    }
}

/// One customer's visit.
#[derive(Debug, Clone, Copy)]
pub struct Visit {
    shop: Shop,
    number: u64,
    customer: CustomerId,
    call: CallId,
    conversation: ConversationId,
}

/// An event of one of the three streams that a visit has.
enum Happened {
    Customer(CustomerEvent),
    Call(CallEvent),
    Conversation(ConversationEvent),
}

impl Visit {
    /// A new one.
    pub fn new(shop: Shop, number: u64) -> Self {
        Self {
            shop,
            number,
            customer: CustomerId(Uuid::now_v7()),
            call: CallId(Uuid::now_v7()),
            conversation: ConversationId(Uuid::now_v7()),
        }
    }

    /// The keys of customer and conversation, which must exist before anything is sealed.
    pub fn keys(&self) -> [(AccountId, SubjectId); 2] {
        [self.customer.into(), self.conversation.into()].map(|subject| (self.shop.account, subject))
    }

    /// A message of the customer, ready to be appended.
    pub fn message(&self, log: &EventLog, body: &str) -> AppendRequest {
        self.request(log, vec![Happened::Conversation(self.said(Author::Customer(self.customer), body))])
    }

    fn steps(&self) -> Vec<Vec<Happened>> {
        let shopper_id = self.shop.shopper;
        let mut steps = vec![
            vec![
                Happened::Customer(CustomerEvent::Created(self.profile())),
                Happened::Call(CallEvent::Requested(self.opened())),
                Happened::Call(CallEvent::Queued(call::Queued { reason: call::QueueReason::Requested })),
                Happened::Conversation(ConversationEvent::Opened(conversation::Opened {
                    customer_id: self.customer,
                    call_id: Some(self.call),
                    channel: "web".to_owned(),
                    language: Some("es".to_owned()),
                    country: Some("ES".to_owned()),
                    department: None,
                    continues: None,
                })),
            ],
            vec![
                Happened::Call(CallEvent::Claimed(call::Claimed { shopper_id, start_by: None })),
                Happened::Conversation(ConversationEvent::AgentJoined(conversation::AgentJoined { shopper_id })),
            ],
            vec![Happened::Call(CallEvent::Started(call::Started { shopper_id }))],
            vec![Happened::Call(CallEvent::ProductShown(call::ProductShown { product: product() }))],
            vec![Happened::Call(CallEvent::CartItemAdded(call::CartItemAdded { cart_id: "cart-1".to_owned(), line: line() }))],
        ];
        steps.extend((0..MESSAGES_PER_VISIT).map(|index| {
            let author = if index % 2 == 0 { Author::Customer(self.customer) } else { Author::Shopper(shopper_id) };
            vec![Happened::Conversation(self.said(author, "Does it come in green, and would you ship it to Lisbon?"))]
        }));
        steps.push(vec![
            Happened::Call(CallEvent::Ended(call::Ended { reason: call::EndReason::CustomerHangup })),
            Happened::Call(CallEvent::Finished(call::Finished { reason: call::EndReason::CustomerHangup })),
            Happened::Conversation(ConversationEvent::Closed(conversation::Closed {
                reason: conversation::CloseReason::CallEnded,
                outcome: conversation::Outcome::Success,
                agent_replied: true,
            })),
        ]);
        steps.push(vec![Happened::Call(CallEvent::SurveyAnswered(self.answered()))]);
        steps
    }

    fn said(&self, author: Author, body: &str) -> ConversationEvent {
        let body = match author {
            Author::Shopper(shopper) => Personal::known(shopper, body.to_owned()),
            _ => Personal::known(self.customer, body.to_owned()),
        };
        let body = body.with_stream();
        ConversationEvent::MessageSent(conversation::MessageSent {
            message_id: MessageId(Uuid::now_v7()),
            author,
            body,
            visibility: Visibility::Public,
            mentions: Vec::new(),
            template: None,
        })
    }

    fn profile(&self) -> Profile {
        Profile {
            name: Some(Personal::known(self.customer, format!("Customer {}", self.number))),
            email: Some(Personal::known(self.customer, format!("customer{}@example.com", self.number))),
            language: Some("es".to_owned()),
            country: Some("ES".to_owned()),
            ..Profile::default()
        }
    }

    fn opened(&self) -> call::Opened {
        call::Opened {
            customer_id: self.customer,
            conversation_id: self.conversation,
            shopper_id: None,
            product: Some(product()),
            platform: call::Platform::Web,
            device: call::Device::Mobile,
            language: Some("es".to_owned()),
            country: Some("ES".to_owned()),
            collections: Vec::new(),
            priority: 0,
        }
    }

    fn answered(&self) -> Answered {
        Answered {
            answer_id: AnswerId(Uuid::now_v7()),
            answered_at: Utc::now(),
            nps: u8::try_from(self.number % 11).ok(),
            face: None,
            csat: u8::try_from(1 + self.number % 5).ok(),
            comment: None,
            question: None,
            shoppers: vec![self.shop.shopper],
        }
    }

    fn request(&self, log: &EventLog, step: Vec<Happened>) -> AppendRequest {
        let mut writes: Vec<Write> = Vec::new();
        for happened in step {
            let (stream, event) = self.sealed(log, &happened);
            match writes.iter_mut().find(|write| write.stream == stream) {
                Some(write) => write.events.push(event),
                None => writes.push(Write { stream, expected: Expected::Any, environment: Environment::Production, events: vec![event] }),
            }
        }
        let command = Uuid::now_v7();
        AppendRequest {
            account: self.shop.account,
            command_id: CommandId(command),
            fingerprint: *command.as_bytes(),
            correlation_id: CorrelationId(command),
            causation_id: None,
            actor: Actor::Customer(self.customer),
            reason: None,
            writes,
            guards: Vec::new(),
            claims: Vec::new(),
            releases: Vec::new(),
            result: format!("{{\"id\":\"{command}\"}}").into_bytes(),
        }
    }

    fn sealed(&self, log: &EventLog, happened: &Happened) -> (StreamId, NewEvent) {
        let stream = |category, id| StreamId { account: self.shop.account, category, id };
        match happened {
            Happened::Customer(event) => seal(log, stream(Category::Customer, self.customer.0), event),
            Happened::Call(event) => seal(log, stream(Category::Call, self.call.0), event),
            Happened::Conversation(event) => seal(log, stream(Category::Conversation, self.conversation.0), event),
        }
    }
}

fn seal<E: EventSet>(log: &EventLog, stream: StreamId, event: &E) -> (StreamId, NewEvent) {
    let id = EventId(Uuid::now_v7());
    (stream, log.seal(stream, id, Utc::now(), event).expect("the keys of a visit were made before it"))
}

fn product() -> Product {
    Product {
        sku: "SKU-1".to_owned(),
        name: "Blue coat".to_owned(),
        image_url: None,
        url: None,
        price: Some(price()),
        collections: vec!["coats".to_owned()],
        variants: Vec::new(),
    }
}

fn line() -> CartLine {
    CartLine {
        sku: "SKU-1".to_owned(),
        name: "Blue coat".to_owned(),
        quantity: 1,
        unit_price: price(),
        collections: vec!["coats".to_owned()],
    }
}

fn price() -> Money {
    Money { amount: 12_990, currency: "EUR".to_owned() }
}
