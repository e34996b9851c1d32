//! What customers and shoppers do in a day: whatever chance says, through one of the two processes.

use super::{ARRIVALS, Day, processes::now, staff};
use chrono::TimeDelta;
use vitrina_commands::{Unit, step};
use vitrina_domain::{
    actor::Actor,
    call::{Call, CallAction, CancelReason, Details, EndReason, ReleaseCause, State, WrapUp},
    conversation::{Author, CloseReason, Conversation, ConversationAction, Visibility},
    floor::{CallPlace, Place as Spot},
    ids::{CallId, ConnectionId, ConversationId, CustomerId, MessageId, ShopperId},
    shopper::{Shopper, ShopperAction, Status, StatusCause, Terms},
};

impl Day {
    /// One of the things that may happen; towards the end of the day nobody new comes.
    pub(super) async fn something_happens(&mut self, n: usize) {
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
        self.must(Actor::Customer(customer), move |unit| step::open_chat(unit, chat, open_chat(customer, None))).await;
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
            which => {
                let (actor, author) = match which {
                    3 => (Actor::Shopper(shopper), Author::Shopper(shopper)),
                    _ => (Actor::Customer(customer), Author::Customer(customer)),
                };
                let send = move |unit: &mut Unit<'_>| {
                    let body = "hola".to_owned();
                    let send = ConversationAction::SendMessage {
                        message_id,
                        author,
                        body,
                        visibility: Visibility::Public,
                        mentions: vec![],
                        template: None,
                    };
                    unit.run::<Conversation>(chat, send)
                };
                self.give(actor, send).await;
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
    fn calls_that<T>(&self, look: impl Fn(&CallPlace) -> Option<T>) -> Vec<(CallId, T)> {
        let places = self.processes[0].manager.floor().places();
        let found = places.filter_map(|(key, place)| match place {
            Spot::Call(call) => Some((CallId(key.2), look(call)?)),
            _ => None,
        });
        found.collect()
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
