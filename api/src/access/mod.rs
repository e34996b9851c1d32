//! Everything about one person, for whoever asks what the shop knows of them (GDPR article 15, PRODUCT.md 5.12): as JSON Lines, one record a
//! line, written while it is read. Nothing of it is kept here, so an erasure has nothing to look for; who took it is an event.
//!
//! [`plan`] says which records there are, [`record`] writes them. What an event says is in it whole, so whatever the product learns to do is
//! in it from its first day; the records before the events are for people to read.

mod plan;
mod record;

use crate::{
    error::Result,
    reading,
    wiring::State,
    writing::{log_problem, refused},
};
use actix_web::web;
use chrono::Utc;
use plan::Step;
use std::collections::VecDeque;
use uuid::Uuid;
use vitrina_commands::{CommandMeta, Failure, Unit};
use vitrina_domain::{
    customer::Customer,
    ids::{CommandId, CustomerId, ShopperId},
    shopper::Shopper,
    subject::{AccessGiven, Subject, SubjectAction, SubjectKind},
};
use vitrina_eventlog::{Position, StreamId, Version};
use vitrina_projections::erasures::Person;

use crate::auth::caller::Giver;

/// Events that are read at once.
const EVENTS_AT_ONCE: usize = 200;

/// Everything about a person up to a position, from its begin.
pub(crate) struct Access {
    state: web::Data<State>,
    person: Person,
    upto: Position,
    steps: VecDeque<Step>,
    records: u64,
}

impl Access {
    /// Of this person, as the read models stand.
    pub(crate) async fn of(state: &web::Data<State>, person: Person) -> Result<Self> {
        let upto = state.applied();
        let steps = plan::of(state, person, upto).await?;
        Ok(Self { state: state.clone(), person, upto, steps, records: 0 })
    }

    /// The position that it is of.
    pub(crate) fn upto(&self) -> Position {
        self.upto
    }

    /// Some lines; `None` after the last one, which says how many there were.
    pub(crate) async fn next(&mut self) -> Result<Option<String>> {
        while let Some(step) = self.steps.pop_front() {
            let lines = match step {
                Step::Events(stream, after) => self.events(stream, after).await?,
                Step::End => vec![record::end(self.records)],
                Step::Records(what) => record::of(&self.state, self.person, self.upto, what).await?,
            };
            if lines.is_empty() {
                continue;
            }
            self.records += lines.len() as u64;
            return Ok(Some(lines.iter().map(|line| format!("{line}\n")).collect()));
        }
        Ok(None)
    }

    /// A page of a stream's events; what follows is the next step.
    async fn events(&mut self, stream: StreamId, after: Version) -> Result<Vec<serde_json::Value>> {
        let mut page = self.state.log.read_stream(stream, after, EVENTS_AT_ONCE).await.map_err(log_problem)?;
        let is_last = page.len() < EVENTS_AT_ONCE;
        let last = page.last().map(|event| event.version);
        page.retain(|event| event.position <= self.upto);
        if let (Some(last), false) = (last, is_last) {
            self.steps.push_front(Step::Events(stream, last));
        }
        let decoded = self.state.log.decode(page).await.map_err(log_problem)?;
        Ok(decoded.into_iter().map(record::event).collect())
    }
}

/// Writes down who was given everything about a person, so that it is in what they are given. Refused where there is no such person, or they are forgotten.
pub(crate) async fn tell(state: &State, giver: &Giver, person: Person) -> Result<()> {
    let given = AccessGiven { kind: person.kind };
    let meta = CommandMeta::new(giver.account, CommandId(Uuid::now_v7()), giver.actor.clone(), Utc::now());
    let told = |unit: &mut Unit<'_>| {
        must_exist(unit, person)?;
        unit.run::<Subject>(person.subject, SubjectAction::GiveAccess(given))
    };
    state.commands.execute(&meta, Vec::new(), told).await.map_err(refused)?;
    reading::wait_for(state, state.log.head()).await
}

fn must_exist(unit: &mut Unit<'_>, person: Person) -> Result<(), Failure> {
    match person.kind {
        SubjectKind::Customer => {
            let id = CustomerId(person.subject.0);
            unit.state::<Customer>(id)?.must_exist().map_err(|refusal| unit.refuse::<Customer>(id, refusal))
        }
        SubjectKind::Shopper => {
            let id = ShopperId(person.subject.0);
            unit.state::<Shopper>(id)?.must_be_known().map_err(|refusal| unit.refuse::<Shopper>(id, refusal))
        }
    }
}
