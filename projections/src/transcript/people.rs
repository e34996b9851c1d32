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

/// The customer, and every shopper or bot who came or said something, each until they left; whoever was there at its end, until then.
pub(super) fn present(
    entries: &[Entry],
    customer: Option<&CustomerRow>,
    id: Uuid,
    (opened_at, closed_at): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Vec<Person> {
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
    let mut holder = None;
    for entry in entries {
        // Who gives a call on, or away before it began, leaves with it and says so nowhere else.
        let gone = match &entry.what {
            What::Claimed | What::Started => {
                holder = entry.who.id;
                None
            }
            What::Transferred { from, to } => {
                holder = to.id;
                from.as_ref().and_then(|from| from.id)
            }
            What::Queued { .. } => holder.take(),
            _ => None,
        };
        people.iter_mut().filter(|person| gone.is_some() && person.who.id == gone).for_each(|person| {
            person.to.get_or_insert(entry.at);
        });
        if !matches!(entry.who.part, Part::Shopper | Part::Bot) {
            continue;
        }
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
    people.iter_mut().for_each(|person| person.to = person.to.or(closed_at));
    people
}

#[cfg(test)]
mod tests {
    use super::{Entry, Part, What, Who, present};
    use chrono::{DateTime, Utc};
    use uuid::Uuid;
    use vitrina_domain::call::QueueReason;

    const CUSTOMER: u128 = 9;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_774_650_000 + second, 0).expect("an instant")
    }

    fn who(part: Part, id: u128) -> Who {
        Who { part, id: Some(Uuid::from_u128(id)), name: None }
    }

    fn shopper(id: u128) -> Who {
        who(Part::Shopper, id)
    }

    /// What happened, one a second; and until when each was there.
    fn until(told: Vec<(Who, What)>, closed_at: Option<DateTime<Utc>>) -> Vec<(u128, Option<DateTime<Utc>>)> {
        let entry = |(index, (who, what)): (usize, (Who, What))| {
            let index = index as i64 + 1;
            Entry { position: index, at: at(index), who, what }
        };
        let entries: Vec<Entry> = told.into_iter().enumerate().map(entry).collect();
        let people = present(&entries, None, Uuid::from_u128(CUSTOMER), (at(0), closed_at));
        people.iter().map(|person| (person.who.id.expect("known").as_u128(), person.to)).collect()
    }

    fn message() -> What {
        What::Message { id: Uuid::nil(), text: None, private: false, template: None }
    }

    #[test]
    fn whoever_is_there_at_the_end_was_there_until_then_and_while_there_is_none_has_no_end() {
        let told = || vec![(shopper(1), What::Joined), (shopper(2), What::Joined), (shopper(1), What::Left), (shopper(2), message())];
        assert_eq!(until(told(), Some(at(60))), [(CUSTOMER, Some(at(60))), (1, Some(at(3))), (2, Some(at(60)))]);
        assert_eq!(until(told(), None), [(CUSTOMER, None), (1, Some(at(3))), (2, None)]);
    }

    #[test]
    fn who_hands_a_call_over_was_there_until_then_unless_they_speak_again() {
        let handed = || {
            vec![
                (shopper(1), What::Claimed),
                (shopper(1), What::Started),
                (shopper(1), What::Transferred { from: Some(shopper(1)), to: shopper(2) }),
                (shopper(2), What::Joined),
            ]
        };
        assert_eq!(until(handed(), Some(at(60))), [(CUSTOMER, Some(at(60))), (1, Some(at(3))), (2, Some(at(60)))]);
        let again = handed().into_iter().chain([(shopper(1), message())]).collect();
        assert_eq!(until(again, Some(at(60)))[1], (1, Some(at(60))));
    }

    #[test]
    fn who_took_a_call_and_gave_it_back_was_there_until_it_waited_again() {
        let told = vec![
            (Who::system(), What::Queued { reason: QueueReason::Requested }),
            (shopper(1), What::Claimed),
            (Who::system(), What::Queued { reason: QueueReason::ClaimExpired }),
            (shopper(2), What::Claimed),
            (shopper(2), What::Started),
        ];
        assert_eq!(until(told, Some(at(60))), [(CUSTOMER, Some(at(60))), (1, Some(at(3))), (2, Some(at(60)))]);
    }
}
