//! One day: customers, shoppers and two server processes that do what chance says.

mod happenings;
mod processes;

use crate::{
    auditor::{self, Told},
    chance::Chance,
    engines::{Place, account},
};
use chrono::{NaiveTime, TimeDelta};
use processes::{Process, now, process, processes};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use vitrina_commands::{
    CommandError, CommandMeta, Committed, Failure, Unit,
    process::{Manager, Snapshot},
};
use vitrina_domain::{
    account::{Account, AccountAction},
    actor::Actor,
    call::State,
    floor::Place as Spot,
    ids::{CallId, CommandId, ConnectionId, ConversationId, CustomerId, ShopperId, UserId},
    locale::Locale,
    routing::{Mode, PolicyChange},
    schedule::{Schedule, Window},
    shopper::{self, Shopper, ShopperAction},
    sla::{SlaChange, Within},
};
use vitrina_eventlog::Position;

const STEPS: usize = 160;
const SHOPPERS: u128 = 4;
/// Steps after which nobody new comes.
const ARRIVALS: usize = 110;

type Act = Arc<dyn Fn(&mut Unit<'_>) -> Result<(), Failure> + Send + Sync>;

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
        let promised = SlaChange {
            answer: Some(Within::Seconds(60)),
            next_reply: Some(Within::Seconds(90)),
            resolution: Some(Within::Seconds(600)),
            ..SlaChange::default()
        };
        self.must(staff(), move |unit| {
            unit.run::<Account>(account(1), create.clone())?;
            unit.run::<Account>(account(1), AccountAction::ChangeRouting(rules.clone()))?;
            unit.run::<Account>(account(1), AccountAction::ChangeSla(promised))
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
        let told = auditor::audit(&self.processes[0].log, self.seed, at).await;
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
        self.kept = Snapshot { position: Position(floor.position()), places, activity: Vec::new() };
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
    }

    async fn close(&self) {
        for process in &self.processes {
            process.log.close().await;
        }
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

/// From one to four in the night of the change of clocks, which is two hours long.
fn night_shift() -> Schedule {
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour of the day");
    Schedule { zone: "Europe/Madrid".into(), windows: vec![Window { weekday: 7, from: time(1), to: time(4) }], exceptions: vec![] }
}
