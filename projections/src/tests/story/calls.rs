//! Calls of a story, from the request to the archive, with their carts and ratings.

use super::{Chapter, Story, beginning, media::Media, recordings::Recordings};
use chrono::Duration;
use vitrina_domain::{
    call, call::CallEvent, cart::CartLine, event::Event, ids::*, money::Money, product::Product, stream::Category, survey,
};
use vitrina_eventlog::StreamId;

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

pub(super) struct Call {
    pub account: AccountId,
    pub id: CallId,
    phase: Phase,
    holder: ShopperId,
    cart: Vec<(String, u32)>,
    rated: Option<AnswerId>,
    hidden: bool,
    media: Media,
    recordings: Recordings,
}

impl Story {
    pub(super) fn new_call(&mut self) -> Chapter {
        let index = self.draw(self.customers.len());
        let (account, customer_id) = self.customers[index];
        let (id, conversation_id) = (CallId(self.id()), ConversationId(self.id()));
        let opened = call::Opened {
            customer_id,
            conversation_id,
            shopper_id: None,
            product: ["Vestido rojo", "Sandalias Añil"].get(index % 3).map(|name| product(&format!("SKU-{}", index % 3), name)),
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
        let (media, recordings) = (Media::default(), Recordings::default());
        self.calls.push(Call {
            account,
            id,
            phase,
            holder: ShopperId::default(),
            cart: Vec::new(),
            rated: None,
            hidden: false,
            media,
            recordings,
        });
        (StreamId::new(account, Category::Call, id), events)
    }

    pub(super) fn call_goes_on(&mut self) -> Chapter {
        let index = self.draw(self.calls.len());
        let account = self.calls[index].account;
        let shopper = self.some_shopper(account);
        let (choice, answer_id, amount) = (self.draw(8), AnswerId(self.id()), self.draw(11));
        let ids = [1, 2, 3].map(|n| uuid::Uuid::from_u128(answer_id.0.as_u128() ^ n));
        let call = &mut self.calls[index];
        let stream = StreamId::new(account, Category::Call, call.id);
        let holder = call.holder;
        // Some calls share one cart, the others have their own.
        let cart_id = if call.id.0.as_u128().is_multiple_of(2) { "cart".to_owned() } else { format!("cart of {}", call.id) };
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
            (Phase::Live, 2, _) => call.media.goes_on(amount, ids, holder, beginning() + Duration::hours(amount as i64)),
            (Phase::Live, 5, _) => call.recordings.goes_on(amount, ids[0]),
            (Phase::Live, 1, _) => vec![CallEvent::ProductShown(call::ProductShown { product: product("S1", "Zapato") })],
            (Phase::Live, 3, _) if !call.cart.is_empty() => {
                let (sku, quantity) = call.cart.swap_remove(amount % call.cart.len());
                vec![CallEvent::CartItemRemoved(call::CartItemRemoved { cart_id, sku, quantity })]
            }
            (Phase::Live, 4, _) if !call.cart.is_empty() => {
                let count = call.cart.len();
                let (sku, from) = &mut call.cart[amount % count];
                let updated = call::CartItemUpdated { cart_id, sku: sku.clone(), from: *from, to: *from + 1 };
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
                vec![CallEvent::CartItemAdded(call::CartItemAdded { cart_id, line })]
            }
            (Phase::WrapUp, ..) => {
                call.phase = Phase::Over;
                let mut events = vec![CallEvent::Finished(call::Finished { reason: call::EndReason::CustomerHangup })];
                events.extend((amount % 2 == 0).then(|| CallEvent::SurveySent(survey::Sent { shoppers: vec![holder] })));
                events
            }
            (Phase::Over, 3..6, _) if call.rated.is_some() => {
                let shown = survey::Shown { answer_id: call.rated.unwrap_or_default() };
                call.hidden = !call.hidden;
                vec![if call.hidden { CallEvent::SurveyHidden(shown) } else { CallEvent::SurveyPublished(shown) }]
            }
            (Phase::Over, 0..6, _) => {
                let answered = survey::Answered {
                    answer_id,
                    answered_at: beginning() + Duration::hours(amount as i64),
                    nps: Some(amount as u8),
                    face: (amount % 2 == 0).then_some(survey::Face::Satisfied),
                    csat: (amount % 3 == 0).then_some(1 + (amount % 5) as u8),
                    comment: None,
                    question: None,
                    shoppers: if holder == ShopperId::default() { vec![] } else { vec![holder] },
                };
                call.hidden = false;
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
}

fn product(sku: &str, name: &str) -> Product {
    let (sku, name) = (sku.to_owned(), name.to_owned());
    Product { sku, name, image_url: None, url: None, price: None, collections: vec![], variants: vec![] }
}
