//! What a shopper answers to its commands.

use super::{
    Assigned, CONCURRENT_MAX, CollectionsChanged, Deleted, Details, Freed, Profile, ScheduleChanged, Shopper, ShopperAction, ShopperEvent,
    Standing, StatusChanged,
};
use crate::{aggregate::Aggregate, ids::ShopperId, order::Order, personal::Personal, refusal::Refusal, stream::Category, text};
use std::collections::BTreeSet;

impl Aggregate for Shopper {
    const CATEGORY: Category = Category::Shopper;
    type Action = ShopperAction;

    fn decide(&self, order: &Order<ShopperAction>) -> Result<Vec<ShopperEvent>, Refusal> {
        let action = &order.command;
        match (self.standing, action) {
            (Standing::Absent, ShopperAction::Create { .. }) | (Standing::Active, _) => {}
            (Standing::Absent, _) => return Err(Refusal::NotFound),
            (Standing::Deleted, _) => return Err(Refusal::IllegalTransition { state: "deleted", action: action.name() }),
        }
        match action {
            ShopperAction::Create { .. } if self.standing == Standing::Active => Err(Refusal::AlreadyExists),
            ShopperAction::Create { shopper_id, details, collections, schedule } => {
                must_be_given("/name", &details.name)?;
                must_be_given("/email", &details.email)?;
                let mut events = vec![ShopperEvent::Created(profile(*shopper_id, details)?)];
                events.extend(self.collections_changed(collections)?);
                events.extend(self.schedule_changed(schedule)?);
                Ok(events)
            }
            ShopperAction::Update { shopper_id, details } => {
                let profile = profile(*shopper_id, details)?;
                Ok(if profile == Profile::default() { vec![] } else { vec![ShopperEvent::Updated(profile)] })
            }
            ShopperAction::SetCollections { collections } => Ok(self.collections_changed(collections)?.into_iter().collect()),
            ShopperAction::SetSchedule { schedule } => Ok(self.schedule_changed(schedule)?.into_iter().collect()),
            ShopperAction::SetStatus { status, .. } if *status == self.status => Ok(vec![]),
            ShopperAction::SetStatus { status, cause } => {
                Ok(vec![ShopperEvent::StatusChanged(StatusChanged { from: self.status, to: *status, cause: *cause })])
            }
            ShopperAction::Connect { .. } | ShopperAction::Disconnect { .. } | ShopperAction::Lose { .. } => {
                Ok(self.attend(order.at, action))
            }
            ShopperAction::Assign { work, .. } if self.works_on(*work) => Ok(vec![]),
            ShopperAction::Assign { work, terms } => {
                self.must_take(*work, *terms)?;
                Ok(vec![ShopperEvent::Assigned(Assigned { work: *work })])
            }
            ShopperAction::Free { work, served } if self.works_on(*work) => {
                Ok(vec![ShopperEvent::Freed(Freed { work: *work, served: *served })])
            }
            ShopperAction::Free { .. } => Ok(vec![]),
            ShopperAction::Delete => Ok(vec![ShopperEvent::Deleted(Deleted {})]),
        }
    }

    fn state_name(&self) -> &'static str {
        match self.standing {
            Standing::Absent => "absent",
            Standing::Active => "active",
            Standing::Deleted => "deleted",
        }
    }
}

impl Shopper {
    fn collections_changed(&self, collections: &[String]) -> Result<Option<ShopperEvent>, Refusal> {
        let collections = text::set("/collections", collections, text::foreign_id)?;
        let changed = collections != self.collections;
        Ok(changed.then_some(ShopperEvent::CollectionsChanged(CollectionsChanged { collections })))
    }

    fn schedule_changed(&self, schedule: &Option<crate::schedule::Schedule>) -> Result<Option<ShopperEvent>, Refusal> {
        if let Some(schedule) = schedule {
            schedule.check().map_err(|r| r.under("/schedule"))?;
        }
        let changed = *schedule != self.schedule;
        Ok(changed.then(|| ShopperEvent::ScheduleChanged(ScheduleChanged { schedule: schedule.clone() })))
    }
}

fn must_be_given(field: &'static str, value: &Option<String>) -> Result<(), Refusal> {
    if value.is_some() { Ok(()) } else { Err(Refusal::invalid(field, "required", "a text that is not empty")) }
}

fn profile(id: ShopperId, details: &Details) -> Result<Profile, Refusal> {
    let personal = |value: Option<String>| value.map(|value| Personal::known(id, value));
    if details.max_concurrent.is_some_and(|max| !(1..=CONCURRENT_MAX).contains(&max)) {
        return Err(Refusal::invalid("/max_concurrent", "out_of_range", format!("1 to {CONCURRENT_MAX}")));
    }
    let set = |field, texts: &Option<Vec<String>>, one| texts.as_deref().map(|texts| text::set(field, texts, one)).transpose();
    Ok(Profile {
        name: personal(text::optional(&details.name, |t| text::name("/name", t))?),
        email: personal(text::optional(&details.email, |t| text::email("/email", t))?),
        phone: personal(text::optional(&details.phone, |t| text::phone("/phone", t))?),
        chat_name: personal(text::optional(&details.chat_name, |t| text::name("/chat_name", t))?),
        languages: set("/languages", &details.languages, text::language)?,
        expertise: set("/expertise", &details.expertise, text::label)?,
        max_concurrent: details.max_concurrent,
        departments: set("/departments", &details.departments, text::label)?,
        country: text::optional(&details.country, |t| text::country("/country", t))?,
        cleared: BTreeSet::from_iter(details.cleared.iter().copied()).into_iter().collect(),
    })
}
