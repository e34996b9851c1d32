//! One day: customers, shoppers and two server processes that do what chance says.

use super::{
    auditor::{self, Told},
    chance::Chance,
    engines::{Place, account},
};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use vitrina_commands::{
    CommandError, CommandMeta, Committed, Executor, Failure, Unit,
    process::{Manager, Snapshot},
    step,
};
use vitrina_domain::{
    account::{Account, AccountAction},
    actor::Actor,
    call::{Call, CallAction, CancelReason, Details, EndReason, ReleaseCause, State, WrapUp},
    conversation::{Author, CloseReason, Conversation, ConversationAction, Visibility},
    floor::{Floor, Place as Spot},
    ids::{CallId, CommandId, ConnectionId, ConversationId, CustomerId, MessageId, ShopperId, UserId},
    locale::Locale,
    routing::{Mode, PolicyChange},
    schedule::{Schedule, Window},
    shopper::{self, Shopper, ShopperAction, Status, StatusCause, Terms},
};
use vitrina_eventlog::{EventLog, Position};

const STEPS: usize = 160;
const SHOPPERS: u128 = 4;
/// Steps after which nobody new comes.
const ARRIVALS: usize = 110;

type Act = Arc<dyn Fn(&mut Unit<'_>) -> Result<(), Failure> + Send + Sync>;

/// A server process: its way to the log, its memory, and its managers.
struct Process {
    log: EventLog,
    executor: Executor,
    manager: Manager,
}

pub struct Day {
    seed: u64,
    chance: Chance,
    clock: Arc<AtomicI64>,
    place: Place,
    processes: Vec<Process>,
    /// A read model that was written some time ago.
    kept: Snapshot,
    shoppers: Vec<ShopperId>,
    calls: Vec<(CallId, CustomerId)>,
    chats: Vec<(ConversationId, CustomerId)>,
    sockets: BTreeMap<CallId, ConnectionId>,
    desks: BTreeMap<ShopperId, ConnectionId>,
    /// Commands that were given, to be given again.
    given: Vec<(CommandMeta, Act)>,
}

fn staff() -> Actor {
    Actor::User(UserId(uuid::Uuid::from_u128(1)))
}

impl Day {
    pub async fn begin(seed: u64, place: Place) -> Self {
        let mut chance = Chance::new(seed);
        // Sunday before the clocks change, at half past one in Madrid.
        let clock = Arc::new(AtomicI64::new(1_774_744_200_000_000));
        let processes = processes(&place, &clock, &Snapshot::default()).await;
        let shoppers = (1..=SHOPPERS).map(|n| ShopperId(uuid::Uuid::from_u128(0xa0 + n))).collect();
        let (calls, chats, given) = (Vec::new(), Vec::new(), Vec::new());
        let (sockets, desks, kept) = (BTreeMap::new(), BTreeMap::new(), Snapshot::default());
        let push = chance.percent(75);
        let mut day = Self { seed, chance, clock, place, processes, kept, shoppers, calls, chats, sockets, desks, given };
        day.open_the_shop(push).await;
        day
    }

    async fn open_the_shop(&mut self, push: bool) {
        let create =
            AccountAction::Create { store_name: "Sol".into(), zone: "Europe/Madrid".into(), locale: Locale::Es, currency: "EUR".into() };
        let rules = PolicyChange {
            mode: Some(if push { Mode::Push } else { Mode::Pull }),
            idle_after_s: Some(600),
            inactivity_close_s: Some(900),
            queue_wait_max_s: self.chance.percent(50).then_some(1_200),
            call_takes_all: Some(self.chance.percent(70)),
            max_concurrent: Some(1 + self.chance.below(3) as u32),
            ..PolicyChange::default()
        };
        self.must(staff(), move |unit| {
            unit.run::<Account>(account(1), create.clone())?;
            unit.run::<Account>(account(1), AccountAction::ChangeRouting(rules.clone()))
        })
        .await;
        for (n, shopper_id) in self.shoppers.clone().into_iter().enumerate() {
            let details = shopper::Details {
                name: Some(format!("Shopper {n}")),
                email: Some(format!("s{n}@example.com")),
                languages: Some(vec![if n % 2 == 0 { "es".into() } else { "ca".into() }]),
                ..shopper::Details::default()
            };
            let schedule = (n == 0).then(night_shift);
            self.must(staff(), move |unit| {
                let (details, schedule) = (details.clone(), schedule.clone());
                unit.run::<Shopper>(shopper_id, ShopperAction::Create { shopper_id, details, collections: vec![], schedule })
            })
            .await;
        }
    }

    pub async fn live(&mut self) {
        for n in 0..STEPS {
            self.time_passes().await;
            self.something_happens(n).await;
            self.managers_work().await;
        }
    }

    /// Lets everything come to rest, and has the log audited.
    pub async fn end(mut self) -> Told {
        for _ in 0..12 {
            self.advance(TimeDelta::minutes(10));
            self.settle().await;
        }
        let at = now(&self.clock);
        let told = auditor::audit(&self.processes[0].log, self.seed).await;
        let manager = &self.processes[0].manager;
        let plan = manager.floor().plan(account(1), at);
        assert_eq!(plan.offers, [], "seed {}: somebody waits whom somebody could serve", self.seed);
        for (key, place) in manager.floor().places() {
            if let Spot::Call(call) = place {
                let rightly = match call.state {
                    State::Waiting => call.lost.is_none(),
                    State::Claimed => call.holder.is_some() && call.start_by.is_none(),
                    State::Live | State::WrapUp => call.holder.is_some(),
                    _ => call.appointment.is_none_or(|begin| begin.until + TimeDelta::hours(1) > at),
                };
                assert!(rightly, "seed {}: call {} is left in {call:?}", self.seed, key.2);
            }
        }
        self.the_books_agree().await;
        self.close().await;
        told
    }

    /// A floor folded from the first event on is the floor of those who lived through crashes.
    async fn the_books_agree(&mut self) {
        let mut fresh = process(&self.processes[0].log, &Snapshot::default(), now(&self.clock)).manager;
        fresh.catch_up().await.expect("the log is read");
        let all = |manager: &Manager| manager.floor().places().map(|(key, place)| (*key, place.clone())).collect::<Vec<_>>();
        for process in &mut self.processes {
            process.manager.catch_up().await.expect("the log is read");
            assert_eq!(all(&process.manager), all(&fresh), "seed {}", self.seed);
        }
    }

    fn advance(&mut self, by: TimeDelta) {
        self.clock.fetch_add(by.num_microseconds().expect("a short time"), Ordering::Relaxed);
    }

    async fn time_passes(&mut self) {
        let due = self.processes[0].manager.floor().next_due();
        let to_the_point = due.map(|at| at - now(&self.clock)).filter(|left| *left > TimeDelta::zero() && *left < TimeDelta::minutes(20));
        let by = match (self.chance.below(10), to_the_point) {
            // To a deadline, or to just before it.
            (0, Some(left)) => left,
            (1, Some(left)) => left - TimeDelta::microseconds(1),
            (2, _) => TimeDelta::seconds(self.chance.below(600) as i64),
            (3, _) => TimeDelta::zero(),
            _ => TimeDelta::milliseconds(self.chance.below(20_000) as i64),
        };
        self.advance(by);
    }

    async fn managers_work(&mut self) {
        if self.chance.percent(8) {
            self.keep();
        }
        if self.chance.percent(6) {
            self.crash().await;
        }
        for n in 0..self.processes.len() {
            // One that is slow misses a turn.
            if self.chance.percent(70) {
                let at = now(&self.clock);
                let manager = &mut self.processes[n].manager;
                manager.catch_up().await.expect("the log is read");
                if self.chance.percent(80) {
                    self.processes[n].manager.act(at).await.expect("the log is there");
                }
            }
        }
    }

    async fn settle(&mut self) {
        let mut rounds = 0;
        loop {
            let mut wrote = false;
            for process in &mut self.processes {
                // What others wrote is told a moment later.
                let head = process.log.ping().await.expect("the log is there");
                process.log.watch().wait_for(|known| *known >= head).await.expect("the log is open");
                process.manager.catch_up().await.expect("the log is read");
                wrote |= process.manager.act(now(&self.clock)).await.expect("the log is there");
            }
            if !wrote {
                return;
            }
            rounds += 1;
            assert!(rounds < 500, "seed {}: the managers do not come to rest", self.seed);
        }
    }

    /// The read model is written.
    fn keep(&mut self) {
        let floor = self.processes[0].manager.floor();
        let places = floor.places().map(|(key, place)| (*key, place.clone())).collect();
        self.kept = Snapshot { position: Position(floor.position()), places };
    }

    /// A process dies, with all it had in memory, and another begins with what was kept; sometimes both.
    async fn crash(&mut self) {
        if self.chance.percent(30) {
            self.close().await;
            self.processes = processes(&self.place, &self.clock, &self.kept).await;
        } else {
            let which = self.chance.below(2) as usize;
            self.processes[which] = process(&self.processes[which].log, &self.kept, now(&self.clock));
        }
        for process in &mut self.processes {
            process.manager.look_back().await.expect("the log is read");
        }
    }

    async fn close(&self) {
        for process in &self.processes {
            process.log.close().await;
        }
    }

    async fn something_happens(&mut self, n: usize) {
        let which = if n < ARRIVALS { self.chance.below(20) } else { 3 + self.chance.below(17) };
        match which {
            0 | 1 => self.a_call_comes().await,
            2 => self.a_chat_comes().await,
            3..=5 => self.a_shopper_changes_status().await,
            6..=8 => self.an_offer_is_answered().await,
            9 | 10 => self.two_want_the_same_call().await,
            11..=13 => self.a_call_goes_on().await,
            14 => self.a_customer_comes_or_goes().await,
            15 => self.a_shopper_comes_or_goes().await,
            16 => self.a_customer_gives_up().await,
            17 | 18 => self.a_chat_goes_on().await,
            _ => self.something_comes_twice().await,
        }
    }

    async fn a_call_comes(&mut self) {
        let (call, conversation_id) = (CallId(self.chance.id()), ConversationId(self.chance.id()));
        let customer_id = CustomerId(self.chance.id());
        let scheduled = self.chance.percent(15);
        let starts_at = now(&self.clock) + TimeDelta::seconds(self.chance.below(900) as i64);
        let details = Details {
            customer_id,
            conversation_id,
            language: Some("es".into()),
            priority: i32::from(self.chance.percent(20)),
            ..Details::default()
        };
        self.must(Actor::Customer(customer_id), move |unit| {
            unit.run::<Call>(call, CallAction::Request(Box::new(details.clone())))?;
            let next = if scheduled {
                CallAction::Schedule { starts_at, ends_at: starts_at + TimeDelta::hours(1), zone: "Europe/Madrid".into() }
            } else {
                CallAction::Queue
            };
            unit.run::<Call>(call, next)?;
            unit.run::<Conversation>(conversation_id, open_chat(customer_id, Some(call)))
        })
        .await;
        self.calls.push((call, customer_id));
    }

    async fn a_chat_comes(&mut self) {
        let (chat, customer) = (ConversationId(self.chance.id()), CustomerId(self.chance.id()));
        self.must(Actor::Customer(customer), move |unit| unit.run::<Conversation>(chat, open_chat(customer, None))).await;
        self.chats.push((chat, customer));
    }

    async fn a_shopper_changes_status(&mut self) {
        let Some(shopper) = self.a_shopper() else { return };
        let status =
            *self.chance.of(&[Status::Available, Status::Available, Status::Available, Status::Away, Status::Offline]).expect("five");
        let set = move |unit: &mut Unit<'_>| unit.run::<Shopper>(shopper, ShopperAction::SetStatus { status, cause: StatusCause::Manual });
        self.give(Actor::Shopper(shopper), set).await;
    }

    async fn an_offer_is_answered(&mut self) {
        let offers = self.calls_that(|place| place.offer.map(|offer| offer.what));
        let Some((call, shopper)) = self.chance.of(&offers).copied() else { return };
        match self.chance.below(4) {
            0 => self.give(Actor::Shopper(shopper), move |unit| step::decline(unit, call, shopper)).await,
            1 => {}
            _ => self.give(Actor::Shopper(shopper), move |unit| step::accept(unit, call, shopper)).await,
        }
    }

    /// At the same moment, in two processes: one gets it, or somebody else had it before.
    async fn two_want_the_same_call(&mut self) {
        let waiting = self.calls_that(|place| (place.state == State::Waiting).then_some(()));
        let Some((call, ())) = self.chance.of(&waiting).copied() else { return };
        let (one, other) = (self.shoppers[0], self.shoppers[1 + self.chance.below(3) as usize]);
        let metas = [one, other].map(|shopper| self.meta(Actor::Shopper(shopper)));
        let executors = [self.processes[0].executor.clone(), self.processes[1].executor.clone()];
        let claim = |shopper| move |unit: &mut Unit<'_>| step::claim(unit, call, shopper, Terms::None);
        let (first, second) = tokio::join!(executors[0].execute(&metas[0], claim(one)), executors[1].execute(&metas[1], claim(other)));
        let taken = [&first, &second].iter().filter(|outcome| outcome.is_ok()).count();
        assert!(taken <= 1, "seed {}: {first:?} {second:?}", self.seed);
    }

    async fn a_call_goes_on(&mut self) {
        let held = self.calls_that(|place| place.holder.map(|holder| (holder, place.state)));
        let Some((call, (holder, state))) = self.chance.of(&held).copied() else { return };
        let (actor, which) = (Actor::Shopper(holder), self.chance.below(4));
        let to = self.a_shopper().expect("there are shoppers");
        match (state, which) {
            (State::Claimed, 0) => self.give(actor, move |unit| step::release(unit, call, ReleaseCause::ByHand)).await,
            (State::Claimed, _) => self.give(actor, move |unit| step::start(unit, call)).await,
            (State::Live, 0) => self.give(actor, move |unit| step::transfer(unit, call, to)).await,
            (State::Live, 1) => self.give(actor, move |unit| step::invite(unit, call, to)).await,
            (State::Live, 2) => self.give(actor, move |unit| step::end(unit, call, EndReason::ShopperHangup, WrapUp::Keep)).await,
            (State::Live, _) => self.give(actor, move |unit| step::end(unit, call, EndReason::CustomerHangup, WrapUp::Skip)).await,
            (State::WrapUp, _) => self.give(actor, move |unit| step::finish(unit, call)).await,
            _ => {}
        }
    }

    async fn a_customer_comes_or_goes(&mut self) {
        let Some((call, customer)) = self.chance.of(&self.calls).copied() else { return };
        let actor = Actor::Customer(customer);
        match self.sockets.get(&call).copied() {
            Some(connection) if self.chance.percent(60) => {
                self.give(actor, move |unit| step::customer_disconnected(unit, call, connection)).await;
            }
            _ => {
                let connection = ConnectionId(self.chance.id());
                self.sockets.insert(call, connection);
                self.give(actor, move |unit| step::customer_connected(unit, call, connection)).await;
            }
        }
    }

    async fn a_shopper_comes_or_goes(&mut self) {
        let Some(shopper) = self.a_shopper() else { return };
        let actor = Actor::Shopper(shopper);
        match self.desks.get(&shopper).copied() {
            Some(connection) if self.chance.percent(60) => {
                self.give(actor, move |unit| step::shopper_disconnected(unit, shopper, connection)).await;
            }
            _ => {
                let connection = ConnectionId(self.chance.id());
                self.desks.insert(shopper, connection);
                self.give(actor, move |unit| step::shopper_connected(unit, shopper, connection)).await;
            }
        }
    }

    async fn a_customer_gives_up(&mut self) {
        let waiting =
            self.calls_that(|place| matches!(place.state, State::Waiting | State::Scheduled | State::Claimed).then_some(place.customer_id));
        let Some((call, customer)) = self.chance.of(&waiting).copied() else { return };
        self.give(Actor::Customer(customer), move |unit| step::cancel(unit, call, CancelReason::ByCustomer)).await;
    }

    async fn a_chat_goes_on(&mut self) {
        let Some((chat, customer)) = self.chance.of(&self.chats).copied() else { return };
        let shopper = self.a_shopper().expect("there are shoppers");
        let message_id = MessageId(self.chance.id());
        match self.chance.below(6) {
            0 => {
                self.give(Actor::Shopper(shopper), move |unit| {
                    unit.run::<Conversation>(chat, ConversationAction::Claim { shopper_id: shopper })
                })
                .await
            }
            1 => {
                self.give(Actor::Shopper(shopper), move |unit| {
                    unit.run::<Conversation>(chat, ConversationAction::Leave { shopper_id: shopper })
                })
                .await
            }
            2 => {
                self.give(staff(), move |unit| unit.run::<Conversation>(chat, ConversationAction::Close { reason: CloseReason::ByAdmin }))
                    .await
            }
            _ => {
                let send = move |unit: &mut Unit<'_>| {
                    let (author, body) = (Author::Customer(customer), "hola".to_owned());
                    let send =
                        ConversationAction::SendMessage { message_id, author, body, visibility: Visibility::Public, mentions: vec![] };
                    unit.run::<Conversation>(chat, send)
                };
                self.give(Actor::Customer(customer), send).await;
            }
        }
    }

    /// A client that lost its answer sends again what it sent before, however long ago, and it happens once.
    async fn something_comes_twice(&mut self) {
        let Some((meta, act)) = self.chance.of(&self.given).cloned() else { return };
        let executor = self.processes[self.chance.below(2) as usize].executor.clone();
        let head = self.processes[0].log.ping().await.expect("the log is there");
        let again = executor.execute(&meta, |unit| act(unit)).await.expect("what was written is told again");
        assert!(again.replayed && again.position <= head, "seed {}: {again:?}", self.seed);
    }

    fn a_shopper(&mut self) -> Option<ShopperId> {
        self.chance.of(&self.shoppers).copied()
    }

    /// Calls as a client sees them, which may be some moments ago.
    fn calls_that<T>(&self, look: impl Fn(&vitrina_domain::floor::CallPlace) -> Option<T>) -> Vec<(CallId, T)> {
        let places = self.processes[0].manager.floor().places();
        let found = places.filter_map(|(key, place)| match place {
            Spot::Call(call) => Some((CallId(key.2), look(call)?)),
            _ => None,
        });
        found.collect()
    }

    fn meta(&mut self, actor: Actor) -> CommandMeta {
        CommandMeta::new(account(1), CommandId(self.chance.id()), actor, now(&self.clock))
    }

    /// Gives a command to one of the processes. A refusal is as good an outcome as any.
    async fn give(&mut self, actor: Actor, act: impl Fn(&mut Unit<'_>) -> Result<(), Failure> + Send + Sync + 'static) {
        let _ = self.attempt(actor, act).await;
    }

    async fn must(&mut self, actor: Actor, act: impl Fn(&mut Unit<'_>) -> Result<(), Failure> + Send + Sync + 'static) {
        self.attempt(actor, act).await.expect("this is always possible");
    }

    async fn attempt(
        &mut self,
        actor: Actor,
        act: impl Fn(&mut Unit<'_>) -> Result<(), Failure> + Send + Sync + 'static,
    ) -> Result<Committed, CommandError> {
        let (meta, executor) = (self.meta(actor), self.processes[self.chance.below(2) as usize].executor.clone());
        let act: Act = Arc::new(move |unit: &mut Unit<'_>| {
            act(unit)?;
            unit.result(b"done".to_vec());
            Ok(())
        });
        let outcome = executor.execute(&meta, |unit| act(unit)).await;
        if outcome.as_ref().is_ok_and(|done| !done.result.is_empty()) {
            self.given.push((meta, act));
        }
        outcome
    }
}

fn open_chat(customer_id: CustomerId, call_id: Option<CallId>) -> ConversationAction {
    ConversationAction::Open {
        customer_id,
        call_id,
        channel: "web".into(),
        language: None,
        country: None,
        department: None,
        continues: None,
    }
}

/// From one to four in the night of the change of clocks, which is two hours long.
fn night_shift() -> Schedule {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour of the day");
    Schedule { zone: "Europe/Madrid".into(), windows: vec![Window { weekday: 7, from: time(1), to: time(4) }], exceptions: vec![] }
}

fn now(clock: &AtomicI64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(clock.load(Ordering::Relaxed)).expect("an instant")
}

async fn open(place: &Place, clock: &Arc<AtomicI64>) -> EventLog {
    let clock = Arc::clone(clock);
    place.open_at(move || now(&clock)).await
}

/// Two processes: in memory they share the log, on a database each has a way of its own to it.
async fn processes(place: &Place, clock: &Arc<AtomicI64>, kept: &Snapshot) -> Vec<Process> {
    let one = open(place, clock).await;
    let other = if matches!(place, Place::Memory(_)) { one.clone() } else { open(place, clock).await };
    [one, other].iter().map(|log| process(log, kept, now(clock))).collect()
}

fn process(log: &EventLog, kept: &Snapshot, at: DateTime<Utc>) -> Process {
    let executor = Executor::new(log.clone());
    let floor = Floor::with(kept.places.iter().cloned(), kept.position.0, at);
    Process { log: log.clone(), manager: Manager::new(executor.clone(), floor), executor }
}
