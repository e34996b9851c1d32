//! Random but possible histories: shops, shoppers, customers, calls and chats, as the aggregates would have decided them.

use chrono::{DateTime, Duration, Utc};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use uuid::Uuid;
use vitrina_domain::{
    account,
    actor::Actor,
    api_key,
    api_key::ApiKeyEvent,
    call,
    call::CallEvent,
    cart::CartLine,
    conversation,
    conversation::ConversationEvent,
    customer,
    event::Event,
    event::EventSet,
    ids::*,
    locale::Locale,
    module::{Access, Module},
    money::Money,
    personal::Personal,
    product::Product,
    role,
    role::RoleEvent,
    scope::Scope,
    shopper,
    shopper::ShopperEvent,
    stream::Category,
    survey, user,
    user::UserEvent,
};
use vitrina_eventlog::{
    AppendRequest, Decoded, Environment, EventLog, Expected, NewEvent, Position, StreamId, Write, engine::memory, keyring::MasterKey,
    log::Options,
};

/// The first instant of every story; the clock goes on by a second for each append.
pub fn beginning() -> DateTime<Utc> {
    DateTime::from_timestamp(1_760_000_000, 0).unwrap()
}

/// A log in memory with a clock of its own.
pub async fn log() -> EventLog {
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = Arc::new(move || beginning() + Duration::seconds(seconds.fetch_add(1, Ordering::Relaxed)));
    EventLog::open(memory::open(), Options { clock, ..Options::new(MasterKey::new([7; 32])) }).await.unwrap()
}

/// What one command leads to.
pub type Chapter = (StreamId, Vec<Event>);

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Requested,
    Waiting,
    Claimed,
    Live,
    WrapUp,
    Over,
    Archived,
}

struct Call {
    account: AccountId,
    id: CallId,
    phase: Phase,
    holder: ShopperId,
    cart: Vec<(String, u32)>,
    rated: Option<AnswerId>,
}

struct Chat {
    account: AccountId,
    id: ConversationId,
    customer: CustomerId,
    open: bool,
    status: conversation::Status,
    joined: Vec<ShopperId>,
    tags: Vec<String>,
}

/// Makes histories.
pub struct Story {
    random: u64,
    accounts: Vec<AccountId>,
    shoppers: Vec<(AccountId, ShopperId, shopper::Status)>,
    customers: Vec<(AccountId, CustomerId)>,
    sessions: Vec<(AccountId, UserId, SessionId)>,
    calls: Vec<Call>,
    chats: Vec<Chat>,
}

impl Story {
    pub fn new(seed: u64) -> Self {
        Self {
            random: seed,
            accounts: Vec::new(),
            shoppers: Vec::new(),
            customers: Vec::new(),
            sessions: Vec::new(),
            calls: Vec::new(),
            chats: Vec::new(),
        }
    }

    /// splitmix64: small, and the same on every machine.
    fn draw(&mut self, below: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }

    fn id(&mut self) -> Uuid {
        let high = self.draw(usize::MAX) as u128;
        Uuid::from_u128((high << 64) | self.draw(usize::MAX) as u128)
    }

    /// What happens next.
    pub fn next(&mut self) -> Chapter {
        if self.accounts.len() < 2 {
            return self.new_account();
        }
        if self.shoppers.len() < 6 {
            return self.new_shopper();
        }
        if self.customers.len() < 6 {
            return self.new_customer();
        }
        match self.draw(100) {
            0..3 => self.new_customer(),
            3 => self.new_shopper(),
            4..8 => self.shopper_changes(),
            8..12 => self.new_user_or_session(),
            12 => self.new_role_or_key(),
            13..20 => self.new_call(),
            20..26 => self.new_chat(),
            26..60 if !self.calls.is_empty() => self.call_goes_on(),
            _ if !self.chats.is_empty() => self.chat_goes_on(),
            _ => self.new_chat(),
        }
    }

    fn new_account(&mut self) -> Chapter {
        let account = AccountId(self.id());
        self.accounts.push(account);
        let created =
            account::Created { store_name: "Tienda".into(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: "EUR".into() };
        let changed = account::SettingsChanged { store_name: Some("Botiga".into()), ..Default::default() };
        let events = vec![account::AccountEvent::Created(created).into(), account::AccountEvent::SettingsChanged(changed).into()];
        (StreamId::new(account, Category::Account, account), events)
    }

    fn some_account(&mut self) -> AccountId {
        let index = self.draw(self.accounts.len());
        self.accounts[index]
    }

    fn new_shopper(&mut self) -> Chapter {
        let (account, id) = (self.some_account(), ShopperId(self.id()));
        self.shoppers.push((account, id, shopper::Status::Offline));
        let name = ["Ana García", "Béla Ñandú", "Çelik", "Zoë"][self.draw(4)];
        let profile = shopper::Profile {
            name: Some(Personal::known(id, name.to_owned())),
            email: Some(Personal::known(id, format!("{id}@example.com"))),
            phone: Some(Personal::known(id, "+34600000000".to_owned())),
            languages: Some(vec!["es".into()]),
            ..Default::default()
        };
        (StreamId::new(account, Category::Shopper, id), vec![ShopperEvent::Created(profile).into()])
    }

    fn shopper_changes(&mut self) -> Chapter {
        let index = self.draw(self.shoppers.len());
        let (account, id, from) = self.shoppers[index];
        let event = match self.draw(4) {
            0 => ShopperEvent::CollectionsChanged(shopper::CollectionsChanged { collections: vec![format!("c{}", self.draw(9))] }),
            1 => ShopperEvent::Updated(shopper::Profile {
                chat_name: Some(Personal::known(id, format!("n{}", self.draw(5)))),
                ..Default::default()
            }),
            _ => {
                use shopper::Status::*;
                let to = [Available, Busy, Away, Offline][self.draw(4)];
                self.shoppers[index].2 = to;
                ShopperEvent::StatusChanged(shopper::StatusChanged { from, to, cause: shopper::StatusCause::Manual })
            }
        };
        (StreamId::new(account, Category::Shopper, id), vec![event.into()])
    }

    fn new_customer(&mut self) -> Chapter {
        let (account, id) = (self.some_account(), CustomerId(self.id()));
        self.customers.push((account, id));
        let created =
            customer::Profile { name: Some(Personal::known(id, "Clara".into())), country: Some("ES".into()), ..Default::default() };
        let updated = customer::Profile { segment: Some("vip".into()), ..Default::default() };
        let events = vec![customer::CustomerEvent::Created(created).into(), customer::CustomerEvent::Updated(updated).into()];
        (StreamId::new(account, Category::Customer, id), events)
    }

    fn new_role_or_key(&mut self) -> Chapter {
        let (account, id) = (self.some_account(), self.id());
        let modules = BTreeSet::from([Module::Calls]);
        if self.draw(2) == 0 {
            let created = role::Created { name: "Floor".into(), modules };
            let updated = role::Updated { name: Some("Desk".into()), modules: None };
            let events = vec![RoleEvent::Created(created).into(), RoleEvent::Updated(updated).into()];
            return (StreamId::new(account, Category::Role, id), events);
        }
        let scopes = BTreeSet::from(Scope::ALL);
        let created = api_key::Created { name: "Till".into(), secret_hash: id.to_string(), hint: "vk_".into(), scopes, expires_at: None };
        let events = vec![ApiKeyEvent::Created(created).into(), ApiKeyEvent::Revoked(api_key::Revoked {}).into()];
        (StreamId::new(account, Category::ApiKey, id), events)
    }

    fn new_user_or_session(&mut self) -> Chapter {
        if self.draw(2) == 0 && !self.sessions.is_empty() {
            let index = self.draw(self.sessions.len());
            let (account, user, session_id) = self.sessions.swap_remove(index);
            let revoked = UserEvent::SessionRevoked(user::SessionRevoked { session_id });
            return (StreamId::new(account, Category::User, user), vec![revoked.into()]);
        }
        let (account, id, session_id) = (self.some_account(), UserId(self.id()), SessionId(self.id()));
        self.sessions.push((account, id, session_id));
        let created = user::Created {
            email: Personal::known(id, format!("U{id}@Example.com")),
            name: Personal::known(id, "Uwe".into()),
            access: Access::Owner,
        };
        let opened = user::SessionOpened {
            session_id,
            token_hash: format!("{:064x}", session_id.0.as_u128()),
            expires_at: beginning() + Duration::days(30),
            device: None,
        };
        let password = user::PasswordSet { password_hash: Personal::known(id, "$argon2id$".into()) };
        let role_id = RoleId(id.0);
        let events = vec![
            UserEvent::Created(created).into(),
            UserEvent::PasswordSet(password).into(),
            UserEvent::RoleAssigned(user::RoleAssigned { role_id }).into(),
            UserEvent::RoleAssigned(user::RoleAssigned { role_id: RoleId(session_id.0) }).into(),
            UserEvent::LockedOut(user::LockedOut { failures: 5, until: beginning() }).into(),
            UserEvent::SessionOpened(opened).into(),
            UserEvent::RoleRevoked(user::RoleRevoked { role_id }).into(),
        ];
        (StreamId::new(account, Category::User, id), events)
    }

    fn of<T: Copy>(&mut self, all: &[(AccountId, T)], account: AccountId) -> Option<T> {
        let own: Vec<T> = all.iter().filter(|(a, _)| *a == account).map(|(_, id)| *id).collect();
        (!own.is_empty()).then(|| own[self.draw(own.len())])
    }

    fn some_shopper(&mut self, account: AccountId) -> Option<ShopperId> {
        let all: Vec<_> = self.shoppers.iter().map(|(a, id, _)| (*a, *id)).collect();
        self.of(&all, account)
    }

    fn new_call(&mut self) -> Chapter {
        let index = self.draw(self.customers.len());
        let (account, customer_id) = self.customers[index];
        let (id, conversation_id) = (CallId(self.id()), ConversationId(self.id()));
        let opened = call::Opened {
            customer_id,
            conversation_id,
            shopper_id: None,
            product: None,
            platform: call::Platform::Web,
            device: call::Device::Mobile,
            language: Some("es".into()),
            country: None,
            collections: vec!["shoes".into()],
            priority: self.draw(3) as i32 - 1,
        };
        let mut events: Vec<Event> = vec![CallEvent::Requested(opened).into()];
        let mut phase = Phase::Requested;
        if self.draw(3) > 0 {
            events.push(CallEvent::Queued(call::Queued { reason: call::QueueReason::Requested }).into());
            phase = Phase::Waiting;
        }
        self.calls.push(Call { account, id, phase, holder: ShopperId::default(), cart: Vec::new(), rated: None });
        (StreamId::new(account, Category::Call, id), events)
    }

    fn call_goes_on(&mut self) -> Chapter {
        let index = self.draw(self.calls.len());
        let account = self.calls[index].account;
        let shopper = self.some_shopper(account);
        let (choice, answer_id, amount) = (self.draw(8), AnswerId(self.id()), self.draw(11));
        let call = &mut self.calls[index];
        let stream = StreamId::new(account, Category::Call, call.id);
        let holder = call.holder;
        let events: Vec<CallEvent> = match (call.phase, choice, shopper) {
            (Phase::Requested, ..) => {
                call.phase = Phase::Waiting;
                vec![CallEvent::Queued(call::Queued { reason: call::QueueReason::Requested })]
            }
            (Phase::Waiting, 0, _) => {
                call.phase = Phase::Over;
                vec![CallEvent::Cancelled(call::Cancelled { reason: call::CancelReason::AbandonedInQueue })]
            }
            (Phase::Waiting, _, Some(shopper_id)) => {
                (call.phase, call.holder) = (Phase::Claimed, shopper_id);
                vec![CallEvent::Claimed(call::Claimed { shopper_id, start_by: None })]
            }
            (Phase::Claimed, 0..2, _) => {
                call.phase = Phase::Waiting;
                vec![
                    CallEvent::ClaimExpired(call::ClaimExpired { shopper_id: holder }),
                    CallEvent::Queued(call::Queued { reason: call::QueueReason::ClaimExpired }),
                ]
            }
            (Phase::Claimed, 2, Some(to)) if to != holder => {
                call.holder = to;
                vec![CallEvent::Transferred(call::Transferred { from: holder, to })]
            }
            (Phase::Claimed, ..) => {
                call.phase = Phase::Live;
                vec![CallEvent::Started(call::Started { shopper_id: holder })]
            }
            (Phase::Live, 0, _) => {
                call.phase = Phase::WrapUp;
                vec![CallEvent::Ended(call::Ended { reason: call::EndReason::CustomerHangup })]
            }
            (Phase::Live, 1..3, _) => vec![CallEvent::ProductShown(call::ProductShown { product: product("S1") })],
            (Phase::Live, 3, _) if !call.cart.is_empty() => {
                let (sku, quantity) = call.cart.swap_remove(amount % call.cart.len());
                vec![CallEvent::CartItemRemoved(call::CartItemRemoved { cart_id: "cart".into(), sku, quantity })]
            }
            (Phase::Live, 4, _) if !call.cart.is_empty() => {
                let count = call.cart.len();
                let (sku, from) = &mut call.cart[amount % count];
                let updated = call::CartItemUpdated { cart_id: "cart".into(), sku: sku.clone(), from: *from, to: *from + 1 };
                *from += 1;
                vec![CallEvent::CartItemUpdated(updated)]
            }
            (Phase::Live, ..) => {
                let (sku, quantity) = (format!("S{}", amount % 4), 1 + amount as u32);
                match call.cart.iter_mut().find(|(known, _)| *known == sku) {
                    Some((_, known)) => *known += quantity,
                    None => call.cart.push((sku.clone(), quantity)),
                }
                let unit_price = Money { amount: 1999, currency: "EUR".into() };
                let line = CartLine { name: sku.clone(), sku, quantity, unit_price, collections: vec![] };
                vec![CallEvent::CartItemAdded(call::CartItemAdded { cart_id: "cart".into(), line })]
            }
            (Phase::WrapUp, ..) => {
                call.phase = Phase::Over;
                vec![CallEvent::Finished(call::Finished { reason: call::EndReason::CustomerHangup })]
            }
            (Phase::Over, 0..6, _) => {
                let answered = survey::Answered {
                    answer_id,
                    answered_at: beginning() + Duration::hours(amount as i64),
                    nps: Some(amount as u8),
                    face: (amount % 2 == 0).then_some(survey::Face::Satisfied),
                    csat: (amount % 3 == 0).then_some(1 + (amount % 5) as u8),
                    comment: None,
                    shoppers: if holder == ShopperId::default() { vec![] } else { vec![holder] },
                };
                let mut events = vec![CallEvent::SurveyAnswered(answered)];
                events.extend(
                    call.rated
                        .replace(answer_id)
                        .map(|old| CallEvent::SurveySuperseded(survey::Superseded { answer_id: old, by: answer_id })),
                );
                events
            }
            (Phase::Over, ..) => {
                call.phase = Phase::Archived;
                vec![CallEvent::Archived(call::Archived {})]
            }
            (Phase::Archived, ..) => {
                call.phase = Phase::Over;
                vec![CallEvent::Unarchived(call::Archived {})]
            }
            (Phase::Waiting, _, None) => vec![CallEvent::Queued(call::Queued { reason: call::QueueReason::Released })],
        };
        (stream, events.into_iter().map(Event::from).collect())
    }

    fn new_chat(&mut self) -> Chapter {
        let index = self.draw(self.customers.len());
        let (account, customer) = self.customers[index];
        let id = ConversationId(self.id());
        let chat = Chat { account, id, customer, open: true, status: Default::default(), joined: Vec::new(), tags: Vec::new() };
        self.chats.push(chat);
        let opened = conversation::Opened {
            customer_id: customer,
            call_id: None,
            channel: "web".into(),
            language: None,
            country: Some("ES".into()),
            department: None,
            continues: None,
        };
        let message = self.message(conversation::Author::Customer(customer), customer);
        (StreamId::new(account, Category::Conversation, id), vec![ConversationEvent::Opened(opened).into(), message.into()])
    }

    fn message(&mut self, author: conversation::Author, customer: CustomerId) -> ConversationEvent {
        let visibility = if self.draw(10) == 0 && !matches!(author, conversation::Author::Customer(_)) {
            conversation::Visibility::Internal
        } else {
            conversation::Visibility::Public
        };
        let body = Personal::known(customer, format!("Hola, ¿qué tal? {}", self.draw(1000)));
        ConversationEvent::MessageSent(conversation::MessageSent {
            message_id: MessageId(self.id()),
            author,
            body,
            visibility,
            mentions: vec![],
        })
    }

    fn chat_goes_on(&mut self) -> Chapter {
        let index = self.draw(self.chats.len());
        let (account, customer, choice) = (self.chats[index].account, self.chats[index].customer, self.draw(20));
        let shopper = self.some_shopper(account);
        let by_customer = self.message(conversation::Author::Customer(customer), customer);
        let by_shopper = shopper.map(|id| self.message(conversation::Author::Shopper(id), customer));
        let (file_id, number) = (FileId(self.id()), self.draw(5));
        let chat = &mut self.chats[index];
        let stream = StreamId::new(account, Category::Conversation, chat.id);
        let note = || ConversationEvent::NoteSet(conversation::NoteSet { text: Personal::known(customer, format!("note {number}")) });
        let event = match (chat.open, choice, shopper) {
            (false, ..) => note(),
            (true, 0, _) => {
                chat.open = false;
                ConversationEvent::Closed(conversation::Closed {
                    reason: conversation::CloseReason::ByShopper,
                    outcome: conversation::Outcome::Success,
                    agent_replied: true,
                })
            }
            (true, 1, _) => {
                use conversation::Status::*;
                let (from, to) = (chat.status, [InProgress, WaitingCustomer, NeedHelp][number % 3]);
                chat.status = to;
                ConversationEvent::StatusChanged(conversation::StatusChanged { from, to, cause: conversation::StatusCause::Manual })
            }
            (true, 2, Some(shopper_id)) if !chat.joined.contains(&shopper_id) => {
                chat.joined.push(shopper_id);
                ConversationEvent::AgentJoined(conversation::AgentJoined { shopper_id })
            }
            (true, 3, _) if !chat.joined.is_empty() => {
                let shopper_id = chat.joined.remove(0);
                ConversationEvent::AgentLeft(conversation::AgentLeft { shopper_id })
            }
            (true, 4, _) => note(),
            (true, 5, _) => match chat.tags.pop() {
                Some(tag) => ConversationEvent::TagRemoved(conversation::Tagged { tag }),
                None => {
                    chat.tags.push(format!("t{number}"));
                    ConversationEvent::TagAdded(conversation::Tagged { tag: format!("t{number}") })
                }
            },
            (true, 6, _) => ConversationEvent::FileShared(conversation::FileShared {
                file_id,
                author: conversation::Author::Customer(customer),
                name: Personal::known(customer, "a.png".into()),
                media_type: "image/png".into(),
                bytes: 42,
                sha256: "0".repeat(64),
                url: Personal::known(customer, "https://example.com/a.png".into()),
            }),
            (true, 7, Some(to)) if !chat.joined.is_empty() && !chat.joined.contains(&to) => {
                let from = chat.joined.remove(0);
                chat.joined.push(to);
                let to_colleague = conversation::Recipient::Shopper(to);
                let note = Some(Personal::known(customer, format!("hand-over {number}")));
                let events = [
                    ConversationEvent::HandedOff(conversation::HandedOff { from: Some(from), to: to_colleague, note }),
                    ConversationEvent::AgentJoined(conversation::AgentJoined { shopper_id: to }),
                    ConversationEvent::AgentLeft(conversation::AgentLeft { shopper_id: from }),
                ];
                return (stream, events.into_iter().map(Event::from).collect());
            }
            (true, 8, _) => {
                let department = (number > 0).then(|| format!("d{}", number % 2));
                ConversationEvent::DepartmentSet(conversation::DepartmentSet { department })
            }
            (true, 9, _) => ConversationEvent::ExpertiseSet(conversation::ExpertiseSet { expertise: vec![format!("e{number}")] }),
            (true, 10, _) => ConversationEvent::PrioritySet(conversation::PrioritySet { priority: number as i32 }),
            (true, 11..14, _) => by_customer,
            _ => by_shopper.unwrap_or(by_customer),
        };
        (stream, vec![event.into()])
    }

    /// Appends chapters until the log has grown by at least so many events.
    pub async fn tell(&mut self, log: &EventLog, events: usize) {
        let until = log.head().0 + events as i64;
        while log.head().0 < until {
            let chapters: Vec<_> = (0..200).map(|_| self.next()).collect();
            append(log, chapters).await;
        }
    }
}

fn product(sku: &str) -> Product {
    Product { sku: sku.into(), name: "Zapato".into(), image_url: None, url: None, price: None, collections: vec![] }
}

/// Appends in order, many at a time.
pub async fn append(log: &EventLog, chapters: Vec<Chapter>) {
    let mut pending = Vec::new();
    for (stream, events) in chapters {
        let mut new = Vec::new();
        for event in &events {
            new.push(seal(log, stream.account, event).await);
        }
        let command = Uuid::now_v7();
        let request = AppendRequest {
            account: stream.account,
            command_id: CommandId(command),
            fingerprint: [1; 16],
            correlation_id: CorrelationId(command),
            causation_id: None,
            actor: Actor::System("test".into()),
            reason: None,
            environment: Environment::Test,
            writes: vec![Write { stream, expected: Expected::Any, events: new }],
            guards: vec![],
            claims: vec![],
            releases: vec![],
            result: vec![],
        };
        pending.push(log.slot().unwrap().append(request));
    }
    for answer in pending {
        answer.outcome().await.unwrap();
    }
}

async fn seal(log: &EventLog, account: AccountId, event: &Event) -> NewEvent {
    match event {
        Event::Account(e) => sealed(log, account, e).await,
        Event::User(e) => sealed(log, account, e).await,
        Event::Shopper(e) => sealed(log, account, e).await,
        Event::Customer(e) => sealed(log, account, e).await,
        Event::Call(e) => sealed(log, account, e).await,
        Event::Conversation(e) => sealed(log, account, e).await,
        Event::Role(e) => sealed(log, account, e).await,
        Event::ApiKey(e) => sealed(log, account, e).await,
    }
}

async fn sealed<E: EventSet>(log: &EventLog, account: AccountId, event: &E) -> NewEvent {
    let id = EventId(Uuid::now_v7());
    match log.seal(account, id, beginning(), event) {
        Ok(new) => new,
        Err(vitrina_eventlog::seal::SealError::KeysMissing(subjects)) => {
            log.keyring().ensure(&subjects).await.unwrap();
            log.seal(account, id, beginning(), event).unwrap()
        }
        Err(vitrina_eventlog::seal::SealError::Failed(error)) => panic!("{error}"),
    }
}

/// Everything in the log, decoded.
pub async fn decoded(log: &EventLog) -> Vec<Decoded> {
    log.decode(log.read(Position::ZERO, usize::MAX >> 1).await.unwrap()).await.unwrap()
}
