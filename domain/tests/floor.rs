//! The floor as a fold: what it tells the router of those who wait and of those who serve.

use crate::given::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrina_domain::{
    account::{self, AccountEvent},
    call::{CallEvent, Opened, QueueReason, Queued},
    connection::ProcessId,
    conversation::{self, AgentJoined, AgentLeft, ConversationEvent, DepartmentSet},
    event::Event,
    floor::{Floor, Moment, Place, SERVED_MAX},
    ids::{AccountId, CallId, ConnectionId, ConversationId, CustomerId, EventId, ShopperId},
    locale::Locale,
    routing::{Lost, Mode, Policy, Request, Work},
    shopper::{Connected, Detail, Disconnected, Freed, Profile, ShopperEvent, Status, StatusCause, StatusChanged},
    stream::Category,
};

const ACCOUNT: AccountId = AccountId(Uuid::from_u128(0xac));
const CHAT: ConversationId = ConversationId(Uuid::from_u128(0xce));

/// A floor that counts the events it is told, in order.
#[derive(Default)]
struct Told {
    floor: Floor,
    position: i64,
    versions: BTreeMap<(Category, Uuid), i64>,
}

impl Told {
    /// Work is pushed; Ana and Bruno are there.
    fn open() -> Self {
        let mut told = Self::default();
        let (store_name, zone, currency) = ("Luz".into(), "Europe/Madrid".into(), "EUR".into());
        let created = account::Created { store_name, zone, locale: Locale::Es, currency };
        told.tell(Category::Account, ACCOUNT.0, AccountEvent::Created(created));
        for shopper in [ANA, BRUNO] {
            told.hire(shopper, Profile::default());
        }
        told
    }

    fn tell(&mut self, category: Category, id: Uuid, event: impl Into<Event>) {
        self.position += 1;
        let version = self.versions.entry((category, id)).or_default();
        *version += 1;
        self.floor.apply(&Moment {
            account: ACCOUNT,
            category,
            id,
            version: *version,
            position: self.position,
            event_id: EventId(Uuid::from_u128(self.position as u128)),
            actor: &by_timer(),
            at: now() + chrono::TimeDelta::seconds(self.position),
            event: &event.into(),
        });
    }

    fn hire(&mut self, shopper: ShopperId, profile: Profile) {
        self.tell(Category::Shopper, shopper.0, ShopperEvent::Created(profile));
        let available = StatusChanged { from: Status::Offline, to: Status::Available, cause: StatusCause::Manual };
        self.tell(Category::Shopper, shopper.0, ShopperEvent::StatusChanged(available));
    }

    fn frees(&mut self, shopper: ShopperId, served: Option<CustomerId>) {
        self.tell(Category::Shopper, shopper.0, ShopperEvent::Freed(Freed { work: Work::Call(CALL), served }));
    }

    fn chat(&mut self, id: ConversationId, customer_id: CustomerId) {
        let (channel, country) = ("web".into(), Some("ES".into()));
        let opened =
            conversation::Opened { customer_id, call_id: None, channel, language: None, country, department: None, continues: None };
        self.tell(Category::Conversation, id.0, ConversationEvent::Opened(opened));
    }

    fn in_chat(&mut self, id: ConversationId, event: ConversationEvent) {
        self.tell(Category::Conversation, id.0, event);
    }

    fn call(&mut self, id: CallId, opened: Opened) {
        self.tell(Category::Call, id.0, CallEvent::Requested(opened));
        self.tell(Category::Call, id.0, CallEvent::Queued(Queued { reason: QueueReason::Requested }));
    }

    fn waiting(&self, work: Work) -> Request {
        let waits = |(request, _): &(Request, EventId)| request.work == work;
        self.floor.requests(ACCOUNT).into_iter().find(waits).expect("it waits").0
    }
}

#[test]
fn whoever_served_the_customer_last_is_the_previous_one_of_their_next_chat() {
    let mut told = Told::open();
    told.chat(CHAT, CUSTOMER);
    assert_eq!(told.waiting(Work::Conversation(CHAT)).previous, None);
    told.frees(ANA, Some(CUSTOMER));
    told.frees(BRUNO, Some(STRANGER));
    assert_eq!(told.waiting(Work::Conversation(CHAT)).previous, Some(ANA));
    told.frees(BRUNO, Some(CUSTOMER));
    assert_eq!(told.waiting(Work::Conversation(CHAT)).previous, Some(BRUNO));
    // What came to nothing is no service.
    told.frees(ANA, None);
    assert_eq!(told.waiting(Work::Conversation(CHAT)).previous, Some(BRUNO));
}

#[test]
fn a_chat_does_not_go_back_to_who_has_just_left_it() {
    let mut told = Told::open();
    told.chat(CHAT, CUSTOMER);
    told.in_chat(CHAT, ConversationEvent::AgentJoined(AgentJoined { shopper_id: ANA }));
    told.in_chat(CHAT, ConversationEvent::AgentLeft(AgentLeft { shopper_id: ANA }));
    told.frees(ANA, Some(CUSTOMER));
    assert_eq!(told.waiting(Work::Conversation(CHAT)).previous, None);
    told.chat(CONVERSATION, CUSTOMER);
    assert_eq!(told.waiting(Work::Conversation(CONVERSATION)).previous, Some(ANA), "another one may");
}

#[test]
fn a_floor_that_begins_with_the_places_of_another_knows_who_served_whom() {
    let mut told = Told::open();
    told.frees(ANA, Some(CUSTOMER));
    told.chat(CHAT, CUSTOMER);
    let stored: Vec<_> = told.floor.places().map(|(key, place)| (*key, serde_json::to_string(place).unwrap())).collect();
    let places = stored.iter().map(|(key, place)| (*key, serde_json::from_str::<Place>(place).unwrap()));
    let again = Floor::with(places, told.position, now());
    assert_eq!(again.requests(ACCOUNT), told.floor.requests(ACCOUNT));
    assert_eq!(again.requests(ACCOUNT)[0].0.previous, Some(ANA));
}

#[test]
fn a_department_is_asked_of_the_router_as_one_and_its_shoppers_are_known() {
    let mut told = Told::open();
    let rules =
        account::SettingsChanged { routing: Some(Policy { mode: Mode::Push, ..Policy::default() }), ..account::SettingsChanged::default() };
    told.tell(Category::Account, ACCOUNT.0, AccountEvent::SettingsChanged(rules));
    let returns = Profile { departments: Some(vec!["returns".into()]), ..Profile::default() };
    told.tell(Category::Shopper, BRUNO.0, ShopperEvent::Updated(returns));
    told.chat(CHAT, CUSTOMER);
    told.in_chat(CHAT, ConversationEvent::DepartmentSet(DepartmentSet { department: Some("returns".into()) }));
    let offers = told.floor.plan(ACCOUNT, in_days(1)).offers;
    let decided = &offers[0].decided;
    assert_eq!((decided.shopper_id, decided.candidates[0].shopper_id, decided.candidates[0].lost), (BRUNO, ANA, Lost::LacksDepartment));
}

#[test]
fn a_shoppers_country_and_their_figure_are_known_until_they_are_taken_back() {
    let mut told = Told::open();
    let known = |told: &Told| {
        let candidates = told.floor.candidates(ACCOUNT, now());
        let ana = candidates.into_iter().find(|one| one.shopper_id == ANA).expect("she works here");
        (ana.country, ana.max_concurrent)
    };
    let given = Profile { country: Some("ES".into()), max_concurrent: Some(2), ..Profile::default() };
    told.tell(Category::Shopper, ANA.0, ShopperEvent::Updated(given));
    told.tell(Category::Shopper, ANA.0, ShopperEvent::Updated(Profile::default()));
    assert_eq!(known(&told), (Some("ES".into()), Some(2)));
    let cleared = Profile { cleared: vec![Detail::MaxConcurrent, Detail::Country], ..Profile::default() };
    told.tell(Category::Shopper, ANA.0, ShopperEvent::Updated(cleared));
    assert_eq!(known(&told), (None, None));
}

proptest! {
    /// Said once more, naively: of all that was ever freed, the last one of the customer; and what is kept is bounded.
    #[test]
    fn the_previous_one_is_the_last_one_who_served(freed in prop::collection::vec((any::<bool>(), prop::option::of(0..6_u128)), 0..40)) {
        let mut told = Told::open();
        let customer = |n: u128| CustomerId(Uuid::from_u128(0xc000 + n));
        for n in 0..6 {
            told.chat(ConversationId(Uuid::from_u128(n)), customer(n));
        }
        for (is_ana, served) in &freed {
            told.frees(if *is_ana { ANA } else { BRUNO }, served.map(customer));
        }
        for n in 0..6 {
            let last = freed.iter().rev().find(|(_, served)| *served == Some(n)).map(|(is_ana, _)| if *is_ana { ANA } else { BRUNO });
            prop_assert_eq!(told.waiting(Work::Conversation(ConversationId(Uuid::from_u128(n)))).previous, last);
        }
    }
}

#[test]
fn a_shopper_remembers_the_customers_served_last_and_no_more() {
    let mut told = Told::open();
    let customers = (0..=SERVED_MAX as u128).map(|n| CustomerId(Uuid::from_u128(0xc000 + n)));
    customers.clone().for_each(|customer| told.frees(ANA, Some(customer)));
    let Some(Place::Shopper(ana)) = told.floor.place(&(ACCOUNT, Category::Shopper, ANA.0)) else { panic!("she works here") };
    assert_eq!(ana.served.iter().map(|(customer, _)| *customer).collect::<Vec<_>>(), customers.skip(1).collect::<Vec<_>>());
}

#[test]
fn a_call_of_a_customer_who_was_served_in_a_chat_knows_by_whom() {
    let mut told = Told::open();
    told.frees(BRUNO, Some(CUSTOMER));
    told.call(CALL, crate::call::opened(None));
    assert_eq!(told.waiting(Work::Call(CALL)).previous, Some(BRUNO));
}

#[test]
fn connections_of_processes_that_are_gone_are_found_and_those_told_after_the_look_are_not() {
    let mut told = Told::open();
    let (living, dead) = (ProcessId::new(1), ProcessId::new(2));
    told.tell(Category::Shopper, ANA.0, ShopperEvent::Connected(Connected { connection_id: ConnectionId::of(living, 1) }));
    told.tell(Category::Shopper, BRUNO.0, ShopperEvent::Connected(Connected { connection_id: ConnectionId::of(dead, 1) }));
    let at = told.position;
    let orphans = |told: &Told, as_of| {
        let found = told.floor.orphans(&[living].into(), as_of);
        found.into_iter().map(|(key, online)| (key.2, online.connection)).collect::<Vec<_>>()
    };
    assert_eq!(orphans(&told, at), [(BRUNO.0, ConnectionId::of(dead, 1))]);
    assert_eq!(orphans(&told, at - 1), []);
    // A newer connection takes the place of the old one; a loss that is known is none to be told.
    told.tell(Category::Shopper, BRUNO.0, ShopperEvent::Connected(Connected { connection_id: ConnectionId::of(living, 2) }));
    assert_eq!(orphans(&told, i64::MAX), []);
    told.tell(Category::Shopper, BRUNO.0, ShopperEvent::Connected(Connected { connection_id: ConnectionId::of(dead, 3) }));
    told.tell(
        Category::Shopper,
        BRUNO.0,
        ShopperEvent::Disconnected(Disconnected { connection_id: ConnectionId::of(dead, 3), until: None }),
    );
    assert_eq!(orphans(&told, i64::MAX), []);
}
