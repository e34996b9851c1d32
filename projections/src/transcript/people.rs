//! Who took part, and what everybody is called.

use super::{Entry, Part, Person, What, Who};
use crate::customers::CustomerRow;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The names of those who are named at all.
pub(super) type Names = BTreeMap<Uuid, String>;

/// Whom the entries mention, by part.
pub(super) fn mentioned(entries: &mut [Entry]) -> BTreeSet<(PartOf, Uuid)> {
    let mut ids = BTreeSet::new();
    each(entries, |who| {
        let part = match who.part {
            Part::Shopper => Some(PartOf::Shopper),
            Part::Staff => Some(PartOf::Staff),
            Part::Customer | Part::Bot | Part::Program | Part::System => None,
        };
        ids.extend(part.zip(who.id));
    });
    ids
}

/// Where a name is to be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PartOf {
    /// Among shoppers.
    Shopper,
    /// Among users.
    Staff,
}

/// Puts the names in.
pub(super) fn name(entries: &mut [Entry], names: &Names) {
    each(entries, |who| who.name = who.id.and_then(|id| names.get(&id).cloned()));
}

/// Takes the ids of the house out: they are not for customers.
pub(super) fn without_ids(entries: &mut [Entry], people: &mut [Person]) {
    let forget = |who: &mut Who| {
        if who.part != Part::Customer {
            who.id = None;
        }
    };
    each(entries, forget);
    people.iter_mut().for_each(|person| forget(&mut person.who));
}

fn each(entries: &mut [Entry], mut see: impl FnMut(&mut Who)) {
    for entry in entries {
        see(&mut entry.who);
        match &mut entry.what {
            What::Invited { to } => see(to),
            What::Transferred { from, to } => {
                from.iter_mut().for_each(&mut see);
                see(to);
            }
            _ => {}
        }
    }
}

/// The customer, and every shopper or bot who came or said something.
pub(super) fn present(entries: &[Entry], customer: Option<&CustomerRow>, id: Uuid, opened_at: DateTime<Utc>) -> Vec<Person> {
    let of = |get: fn(&CustomerRow) -> &Option<String>| customer.and_then(|row| get(row).clone());
    let mut people = vec![Person {
        who: Who { part: Part::Customer, id: Some(id), name: of(|row| &row.name) },
        email: of(|row| &row.email),
        phone: of(|row| &row.phone),
        address: of(|row| &row.address),
        company: of(|row| &row.company),
        external_id: of(|row| &row.external_id),
        from: opened_at,
        to: None,
    }];
    for entry in entries.iter().filter(|entry| matches!(entry.who.part, Part::Shopper | Part::Bot)) {
        let is_there = match entry.what {
            What::Joined | What::Claimed | What::Started | What::Message { .. } | What::File { .. } => true,
            What::Left => false,
            _ => continue,
        };
        let place = people.iter().position(|person| person.who.id == entry.who.id);
        let place = place.unwrap_or_else(|| {
            people.push(Person {
                who: entry.who.clone(),
                email: None,
                phone: None,
                address: None,
                company: None,
                external_id: None,
                from: entry.at,
                to: None,
            });
            people.len() - 1
        });
        people[place].to = (!is_there).then_some(entry.at);
    }
    people
}
