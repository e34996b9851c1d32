//! What a call answers to its commands.

use super::{
    Archived, Call, CallAction, CallEvent, Cancelled, ClaimExpired, Claimed, Details, EndReason, Ended, Finished, Opened,
    ParticipantInvited, ProductShown, QueueReason, Queued, ReleaseCause, Scheduled, Started, State, Transferred, WrapUp,
};
use crate::{
    aggregate::Aggregate,
    ids::ShopperId,
    order::Order,
    product::Product,
    refusal::Refusal,
    stream::Category,
    survey::{Incoming, Publicity},
    text,
};
use chrono::{DateTime, TimeDelta, Utc};

/// Shoppers in one call at most: more is a meeting, and every one of them costs the server a track for each other.
pub const PARTICIPANTS_MAX: usize = 20;
/// An appointment's length at most: beyond it, a date is a typing error.
const APPOINTMENT_HOURS_MAX: i64 = 24;

impl Aggregate for Call {
    const CATEGORY: Category = Category::Call;
    type Action = CallAction;

    fn decide(&self, order: &Order<CallAction>) -> Result<Vec<CallEvent>, Refusal> {
        let action = &order.command;
        self.must_allow(action)?;
        self.must_permit(&order.actor, action)?;
        match action {
            CallAction::Request(details) => Ok(vec![CallEvent::Requested(opened(details, None)?)]),
            CallAction::Create { shopper_id, details } => Ok(vec![CallEvent::Created(opened(details, Some(*shopper_id))?)]),
            CallAction::Schedule { starts_at, ends_at, zone } => self.schedule(order.at, *starts_at, *ends_at, zone),
            CallAction::Queue => Ok(vec![CallEvent::Queued(Queued { reason: self.queue_reason() })]),
            CallAction::Claim { shopper_id, start_by } | CallAction::AcceptOffer { shopper_id, start_by } => {
                let start_by = start_by.filter(|_| self.state == State::Waiting);
                Ok(vec![CallEvent::Claimed(Claimed { shopper_id: *shopper_id, start_by })])
            }
            CallAction::Decide { .. }
            | CallAction::FailRouting { .. }
            | CallAction::Offer { .. }
            | CallAction::DeclineOffer { .. }
            | CallAction::ExpireOffer { .. } => Ok(self.route(order.at, action)),
            CallAction::ConnectCustomer { .. }
            | CallAction::DisconnectCustomer { .. }
            | CallAction::LoseCustomer { .. }
            | CallAction::LoseShopper { .. }
            | CallAction::NoShow { .. } => Ok(self.attend(order.at, action)),
            CallAction::Release { cause } => Ok(self.release(order.at, *cause)),
            CallAction::Start => Ok(vec![CallEvent::Started(Started { shopper_id: self.the_holder() })]),
            CallAction::Invite { shopper_id } => self.invite(*shopper_id),
            CallAction::Transfer { to } => self.transfer(*to),
            CallAction::End { reason, wrap_up } => Ok(end(*reason, *wrap_up)),
            CallAction::Finish => {
                let reason = self.end_reason.expect("wrap_up is entered by call.ended, which has a reason");
                Ok(vec![CallEvent::Finished(Finished { reason })])
            }
            CallAction::Cancel { reason } => Ok(vec![CallEvent::Cancelled(Cancelled { reason: *reason })]),
            CallAction::Archive => Ok(if self.archived { vec![] } else { vec![CallEvent::Archived(Archived {})] }),
            CallAction::Unarchive => Ok(if self.archived { vec![CallEvent::Unarchived(Archived {})] } else { vec![] }),
            CallAction::ShowProduct { product } => Ok(vec![CallEvent::ProductShown(ProductShown { product: product.checked()? })]),
            CallAction::AddToCart { cart_id, line } => self.add_to_cart(cart_id, line),
            CallAction::UpdateCartItem { cart_id, sku, quantity } => self.update_cart_item(cart_id.as_deref(), sku, *quantity),
            CallAction::RemoveCartItem { cart_id, sku } => self.remove_cart_item(cart_id.as_deref(), sku),
            CallAction::Rate { answer_id, ballot } => {
                let (customer_id, shoppers) = (self.customer_id, self.credited());
                let incoming = Incoming { answer_id: *answer_id, ballot, at: order.at, customer_id, shoppers };
                let rated = self.survey.rate(incoming)?;
                let superseded = rated.superseded.map(CallEvent::SurveySuperseded);
                Ok(std::iter::once(CallEvent::SurveyAnswered(rated.answered)).chain(superseded).collect())
            }
            CallAction::SendSurvey => Ok(self.survey.send(self.credited()).map(CallEvent::SurveySent).into_iter().collect()),
            CallAction::ShowRating { answer_id, publicity } => {
                let shown = self.survey.show(*answer_id, *publicity)?;
                let told = if *publicity == Publicity::Public { CallEvent::SurveyPublished } else { CallEvent::SurveyHidden };
                Ok(shown.map(told).into_iter().collect())
            }
            CallAction::Media(action) => self.decide_media(order, action),
            CallAction::Recording(action) => self.decide_recording(action),
        }
    }

    fn state_name(&self) -> &'static str {
        self.state.as_str()
    }
}

impl Call {
    fn the_holder(&self) -> ShopperId {
        self.holder.expect("a claimed or live call has a holder")
    }

    fn schedule(&self, at: DateTime<Utc>, starts_at: DateTime<Utc>, ends_at: DateTime<Utc>, zone: &str) -> Result<Vec<CallEvent>, Refusal> {
        let zone = text::zone("/zone", zone)?;
        if ends_at <= starts_at {
            return Err(Refusal::invalid("/ends_at", "order", "an end later than the begin"));
        }
        if ends_at - starts_at > TimeDelta::hours(APPOINTMENT_HOURS_MAX) {
            return Err(Refusal::invalid("/ends_at", "too_long", format!("at most {APPOINTMENT_HOURS_MAX} hours after the begin")));
        }
        if ends_at <= at {
            return Err(Refusal::invalid("/ends_at", "in_the_past", "an end that is still to come"));
        }
        match &self.appointment {
            None => Ok(vec![CallEvent::Scheduled(Scheduled { starts_at, ends_at, zone, sequence: 0 })]),
            Some(now) if (now.starts_at, now.ends_at, &now.zone) == (starts_at, ends_at, &zone) => Ok(vec![]),
            Some(now) => {
                let sequence = now.sequence + 1;
                Ok(vec![CallEvent::Rescheduled(Scheduled { starts_at, ends_at, zone, sequence })])
            }
        }
    }

    fn queue_reason(&self) -> QueueReason {
        if self.state == State::Scheduled { QueueReason::Scheduled } else { QueueReason::Requested }
    }

    fn release(&self, at: DateTime<Utc>, cause: ReleaseCause) -> Vec<CallEvent> {
        match cause {
            ReleaseCause::ByHand => vec![CallEvent::Queued(Queued { reason: QueueReason::Released })],
            ReleaseCause::TimedOut { holder } if self.is_overdue(at, holder) => vec![
                CallEvent::ClaimExpired(ClaimExpired { shopper_id: holder }),
                CallEvent::Queued(Queued { reason: QueueReason::ClaimExpired }),
            ],
            ReleaseCause::TimedOut { .. } => vec![],
        }
    }

    /// Whether the claim of this shopper has come to its end; one without an end is over whenever somebody says so.
    fn is_overdue(&self, at: DateTime<Utc>, holder: ShopperId) -> bool {
        self.state == State::Claimed && self.holder == Some(holder) && self.start_by.is_none_or(|start_by| start_by <= at)
    }

    fn invite(&self, shopper_id: ShopperId) -> Result<Vec<CallEvent>, Refusal> {
        if self.participants.contains(&shopper_id) {
            return Ok(vec![]);
        }
        self.must_have_room()?;
        Ok(vec![CallEvent::ParticipantInvited(ParticipantInvited { shopper_id })])
    }

    fn transfer(&self, to: ShopperId) -> Result<Vec<CallEvent>, Refusal> {
        let from = self.the_holder();
        if from == to {
            return Ok(vec![]);
        }
        if !self.participants.contains(&to) {
            self.must_have_room()?;
        }
        Ok(vec![CallEvent::Transferred(Transferred { from, to })])
    }

    fn must_have_room(&self) -> Result<(), Refusal> {
        if self.participants.len() < PARTICIPANTS_MAX {
            return Ok(());
        }
        Err(Refusal::invalid("/shopper_id", "too_many", format!("at most {PARTICIPANTS_MAX} shoppers in one call")))
    }
}

fn end(reason: EndReason, wrap_up: WrapUp) -> Vec<CallEvent> {
    let ended = CallEvent::Ended(Ended { reason });
    match wrap_up {
        WrapUp::Keep => vec![ended],
        WrapUp::Skip => vec![ended, CallEvent::Finished(Finished { reason })],
    }
}

fn opened(details: &Details, shopper_id: Option<ShopperId>) -> Result<Opened, Refusal> {
    let product = details.product.as_ref().map(Product::checked).transpose();
    Ok(Opened {
        customer_id: details.customer_id,
        conversation_id: details.conversation_id,
        shopper_id,
        product: product.map_err(|r| r.under("/product"))?,
        platform: details.platform,
        device: details.device,
        language: text::optional(&details.language, |t| text::language("/language", t))?,
        country: text::optional(&details.country, |t| text::country("/country", t))?,
        collections: text::set("/collections", &details.collections, text::foreign_id)?,
        priority: details.priority,
    })
}
