//! A call for later: agreed on, perhaps moved, and then the customer comes, or does not and the house gives it up.

use super::{floor::Floor, wanted};
use crate::{
    books::{End, Subject, VisitBook},
    client::{Client, Fault},
    plan::{Appointment, Kept},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// Where nobody pauses, customers who come are early by this; so a server that is killed and started again makes nobody late.
const EARLY: TimeDelta = TimeDelta::minutes(5);
/// By how much an appointment is moved at least: to the same moment would be no move.
const MOVED_AT_LEAST: TimeDelta = TimeDelta::seconds(1);
/// How long after its time the house may take to give an appointment up: longer than a killed server needs to be up again.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(90);
/// How often it is looked whether it has been.
const LOOKS_EVERY: Duration = Duration::from_millis(250);

/// An appointment with its time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Agreed {
    plan: Appointment,
    starts_at: DateTime<Utc>,
}

impl Agreed {
    /// From now on.
    pub(super) fn on(floor: &Floor, plan: Appointment) -> Self {
        let early = if plan.kept == Kept::Comes && floor.pace.is_unpaced() { EARLY } else { TimeDelta::zero() };
        Self { plan, starts_at: Utc::now() + length(floor, plan.lead_s) + early }
    }

    /// As it is asked for.
    pub(super) fn wanted(&self) -> Value {
        wanted::appointment(self.starts_at)
    }

    /// Until the customer comes, or the house has given up waiting.
    pub(super) async fn until_time(mut self, floor: &Floor, customer: &Client, call: Uuid, book: &mut VisitBook) -> Result<Kept, Fault> {
        book.starts_at = Some(self.starts_at);
        if let Some(by_s) = self.plan.moved_by_s {
            floor.pace.pause(self.plan.lead_s / 2.0).await;
            self.is_moved(length(floor, by_s).max(MOVED_AT_LEAST), customer, call, book).await?;
        }
        match self.plan.kept {
            Kept::Comes if floor.pace.is_unpaced() => {}
            Kept::Comes => sleep((self.starts_at - Utc::now()).to_std().unwrap_or_default()).await,
            Kept::StaysAway => self.until_given_up(floor, customer, call, book).await?,
        }
        Ok(self.plan.kept)
    }

    async fn is_moved(&mut self, by: TimeDelta, customer: &Client, call: Uuid, book: &mut VisitBook) -> Result<(), Fault> {
        let moved = Self { starts_at: self.starts_at + by, ..*self };
        match customer.post(&format!("/v1/calls/{call}/schedule"), &moved.wanted()).await {
            Ok(answer) => {
                book.promised(Subject::Call, &["call.rescheduled"], &answer.json()?);
                book.starts_at = Some(moved.starts_at);
                *self = moved;
                Ok(())
            }
            // Where nobody pauses, the house may have been faster in giving it up.
            Err(fault) if fault.is_conflict() && self.plan.kept == Kept::StaysAway => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    async fn until_given_up(&self, floor: &Floor, customer: &Client, call: Uuid, book: &mut VisitBook) -> Result<(), Fault> {
        sleep((self.starts_at - Utc::now()).to_std().unwrap_or_default() + floor.rules.no_show()).await;
        let due = Instant::now();
        loop {
            // A server that has just taken over may not have read so far yet.
            let found = customer.get(&format!("/v1/calls/{call}?at_least={}", book.position)).await?;
            if found["status"] == "cancelled" {
                book.position = book.position.max(found["position"].as_i64().unwrap_or_default());
                book.end = End::NoShow;
                return Ok(());
            }
            if due.elapsed() > GIVEN_UP_WITHIN {
                return Err(Fault::Missing(format!("the end of an appointment that nobody came to, not {found}")));
            }
            sleep(LOOKS_EVERY).await;
        }
    }
}

fn length(floor: &Floor, seconds: f64) -> TimeDelta {
    TimeDelta::from_std(floor.pace.length(seconds)).unwrap_or_default()
}
