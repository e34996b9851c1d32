//! A shopper's day where work is pushed: the socket says what is offered and what was joined, and the shopper takes it, says no,
//! or does not even look. Whoever said no, or let an offer pass, steps out for a moment before being asked again.

use super::{
    floor::{Company, Floor},
    shopper::{ShopperBook, until_over},
    staff::Shopper,
};
use crate::{
    books::Claim,
    client::{Fault, Written},
    live::Event,
    random::Random,
};
use serde_json::json;
use std::sync::Arc;
use tokio::{sync::mpsc::UnboundedReceiver, task::JoinSet};
use uuid::Uuid;

/// Of a hundred offers: the shopper says no.
const DECLINES_PERCENT: u64 = 8;
/// Of a hundred offers: the shopper does not see it, and its time runs out.
const PASSES_PERCENT: u64 = 5;
/// From an offer to its answer, on average.
const ANSWERS_AFTER_S: f64 = 3.0;
/// How long a shopper steps out.
const STEPS_OUT_S: f64 = 15.0;

/// A shopper to whom work is pushed.
pub(super) struct Pushed<'a> {
    floor: &'a Arc<Floor>,
    shopper: &'a Arc<Shopper>,
    told: UnboundedReceiver<Event>,
    visits: JoinSet<()>,
    served: u32,
    random: Random,
}

impl<'a> Pushed<'a> {
    /// Follows what the shopper's own socket tells.
    pub(super) fn new(floor: &'a Arc<Floor>, shopper: &'a Arc<Shopper>, told: UnboundedReceiver<Event>) -> Self {
        let random = Random::new(u64::from(shopper.plan.number), "answer", 0);
        Self { floor, shopper, told, visits: JoinSet::new(), served: 0, random }
    }

    /// Works until the floor closes.
    pub(super) async fn work(&mut self, book: &mut ShopperBook) {
        let shopper = self.shopper;
        let mut breaks = shopper.plan.breaks.iter();
        let mut next_break = breaks.next();
        while !self.floor.is_closed() {
            let step = match next_break {
                Some(rest) if self.served >= rest.after_visits && self.visits.is_empty() => {
                    next_break = breaks.next();
                    self.served = 0;
                    shopper.steps_out(self.floor, rest.length_s).await
                }
                _ => self.step().await,
            };
            if let Err(fault) = step {
                book.faults.push(format!("shopper {}: {fault}", shopper.plan.name));
            }
        }
    }

    /// What the socket had said when the shopper went home: others may have been faster than the shopper could look.
    pub(super) fn look_back(&mut self) {
        while let Ok(event) = self.told.try_recv() {
            match event.kind.as_str() {
                "call.offer_expired" if self.is_me(&event) => self.floor.passed(self.said(&event)),
                "conversation.agent_joined" if self.is_me(&event) && event.by == "system" => {
                    drop(self.floor.came(self.said(&event), self.shopper, None));
                }
                _ => {}
            }
        }
    }

    async fn step(&mut self) -> Result<(), Fault> {
        tokio::select! {
            biased;
            Some(event) = self.told.recv() => self.hears(&event).await,
            Some(_) = self.visits.join_next(), if !self.visits.is_empty() => Ok(()),
            () = self.floor.until_closed() => Ok(()),
        }
    }

    async fn hears(&mut self, event: &Event) -> Result<(), Fault> {
        match event.kind.as_str() {
            "call.offered" if self.is_me(event) => self.answer(event.stream.id).await,
            "call.offer_expired" if self.is_me(event) => {
                self.floor.passed(self.said(event));
                self.steps_out().await
            }
            // The customer of a call that was given back is not given to the same shopper until they have been out.
            "call.queued" => self.steps_out().await,
            "conversation.agent_joined" if self.is_me(event) && event.by == "system" => {
                let over = self.floor.came(self.said(event), self.shopper, None);
                self.served += 1;
                self.visits.spawn(until_over(over));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn is_me(&self, event: &Event) -> bool {
        event.shopper == Some(self.shopper.id)
    }

    fn said(&self, event: &Event) -> Claim {
        Claim { id: event.stream.id, shopper_id: self.shopper.id, version: event.version, position: event.position }
    }

    async fn answer(&mut self, call: Uuid) -> Result<(), Fault> {
        let below = self.random.below(100);
        let takes = below >= DECLINES_PERCENT + PASSES_PERCENT;
        if self.floor.company == Company::Others && !self.is_ours(call).await? || below < DECLINES_PERCENT {
            return self.declines(call).await;
        }
        if !takes {
            return Ok(());
        }
        let after_s = self.random.exponential(ANSWERS_AFTER_S);
        self.floor.pace.pause(after_s).await;
        match self.shopper.client.post(&format!("/v1/calls/{call}/accept"), &json!({})).await {
            Ok(answer) => {
                let Written { version, position, .. } = answer.json()?;
                let claim = Claim { id: call, shopper_id: self.shopper.id, version, position };
                let over = self.floor.came(claim, self.shopper, None);
                self.served += 1;
                self.visits.spawn(until_over(over));
                Ok(())
            }
            // The customer has gone, or the offer's time has.
            Err(fault) if fault.is_conflict() => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    async fn declines(&mut self, call: Uuid) -> Result<(), Fault> {
        match self.shopper.client.post(&format!("/v1/calls/{call}/decline"), &json!({})).await {
            Ok(answer) => {
                let Written { version, position, .. } = answer.json()?;
                self.floor.declined(Claim { id: call, shopper_id: self.shopper.id, version, position });
                self.steps_out().await
            }
            Err(fault) if fault.is_conflict() => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    async fn steps_out(&self) -> Result<(), Fault> {
        self.shopper.steps_out(self.floor, STEPS_OUT_S).await
    }

    async fn is_ours(&self, call: Uuid) -> Result<bool, Fault> {
        let found = self.shopper.client.get(&format!("/v1/calls/{call}")).await?;
        Ok(found["product"]["url"].as_str().is_some_and(|url| url.contains(&self.floor.mark)))
    }
}
