//! What everybody is going to do: a pure function of the seed and of how many come. No clock and no server is asked.
//!
//! What comes of it depends on who is faster, as in any shop; the plan says what is tried.

mod appointment;
mod arrivals;
mod estimate;
mod goods;
mod meeting;
mod people;
mod purchase;
mod session;
mod words;

pub use appointment::{Appointment, Kept};
pub use goods::Product;
pub use meeting::{Hitch, Leaving, Meeting, Part, Turn};
pub use people::{Break, Person, Staff};
pub use purchase::{Fate, Purchase, Way};
pub use session::{Act, Again, Ballot, Beginning, Ending, Hand, Session, Step};

use crate::random::Random;

/// Seconds in an hour.
const HOUR_S: f64 = 3_600.0;

/// Who comes for a chat and not for a call, of a hundred.
const CHATS_PERCENT: u64 = 30;
/// Who goes when nobody has come for a while, of a hundred.
const IMPATIENT_PERCENT: u64 = 12;
/// How long those wait, on average.
const PATIENCE_MEAN_S: f64 = 45.0;
/// Who looks at their place in the queue while waiting, of a hundred.
const LOOKS_PERCENT: u64 = 40;

/// How large a day is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Customers.
    pub visits: u32,
    /// Shoppers.
    pub shoppers: u32,
    /// Hours that the shop is open.
    pub hours: f64,
    /// Who asks for a call at a later time, of a hundred callers.
    pub appointments_percent: u32,
}

/// A day of a shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// Who works.
    pub staff: Vec<Staff>,
    /// Who comes, in the order of coming.
    pub visits: Vec<Visit>,
}

/// What a customer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To see the products and the shopper.
    Call,
    /// To write.
    Chat,
}

/// One customer's visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// 0 comes first.
    pub number: u32,
    /// Second of the day.
    pub arrives_s: f64,
    /// Call or chat.
    pub wish: Wish,
    /// Who.
    pub person: Person,
    /// What it is about.
    pub product: Product,
    /// How long the customer waits before going; for ever when there is none.
    pub patience_s: Option<f64>,
    /// Whether the customer looks at their place in the queue.
    pub looks: bool,
    /// The call is for later.
    pub appointment: Option<Appointment>,
    /// What happens once somebody has come.
    pub session: Session,
    /// What happens in the call's media, on a day that has some.
    pub meeting: Meeting,
}

/// The day of this seed.
pub fn day(seed: u64, size: Size) -> Day {
    let staff = (0..size.shoppers).map(|number| people::staff(&mut Random::new(seed, "staff", u64::from(number)), number, size.hours));
    let arrivals = arrivals::arrivals(&mut Random::new(seed, "arrivals", 0), size.visits, size.hours * HOUR_S);
    let visits = arrivals.into_iter().zip(0..).map(|(arrives_s, number)| visit(seed, number, arrives_s, size.appointments_percent));
    Day { staff: staff.collect(), visits: visits.collect() }
}

fn visit(seed: u64, number: u32, arrives_s: f64, appointments_percent: u32) -> Visit {
    let mut random = Random::new(seed, "visit", u64::from(number));
    let wish = if random.percent(CHATS_PERCENT) { Wish::Chat } else { Wish::Call };
    let person = people::customer(&mut random, number);
    let product = goods::any(&mut random);
    let patience_s = random.percent(IMPATIENT_PERCENT).then(|| random.exponential(PATIENCE_MEAN_S));
    let looks = random.percent(LOOKS_PERCENT);
    let session = session::session(&mut random, wish, person.language, &product);
    let appointment = (wish == Wish::Call)
        .then(|| Random::new(seed, "appointment", u64::from(number)))
        .and_then(|mut random| appointment::appointment(&mut random, appointments_percent));
    let meeting = meeting::meeting(&mut Random::new(seed, "meeting", u64::from(number)));
    // Whoever has agreed on a time waits.
    let patience_s = patience_s.filter(|_| appointment.is_none());
    Visit { number, arrives_s, wish, person, product, patience_s, looks, appointment, session, meeting }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { visits: 500, shoppers: 20, hours: 10.0, appointments_percent: 10 };

    #[test]
    fn the_same_seed_gives_the_same_day_and_another_seed_another() {
        assert_eq!(day(1, SIZE), day(1, SIZE));
        assert_ne!(day(1, SIZE), day(2, SIZE));
    }

    #[test]
    fn a_longer_day_begins_with_the_same_people() {
        let longer = day(1, Size { visits: 600, ..SIZE });
        let same = day(1, SIZE).visits.iter().zip(&longer.visits).all(|(a, b)| (&a.person, &a.session) == (&b.person, &b.session));
        assert!(same);
    }

    #[test]
    fn customers_come_in_order_while_the_shop_is_open() {
        let visits = day(3, SIZE).visits;
        assert_eq!(visits.len(), 500);
        assert!(visits.windows(2).all(|pair| pair[0].arrives_s <= pair[1].arrives_s));
        assert!(visits.iter().all(|visit| (0.0..36_000.0).contains(&visit.arrives_s)));
    }

    #[test]
    fn everything_that_can_happen_happens_in_a_day_of_five_hundred() {
        let visits = day(1, SIZE).visits;
        let acts = |wanted: fn(&Act) -> bool| visits.iter().any(|visit| visit.session.steps.iter().any(|step| wanted(&step.act)));
        assert!(acts(|act| matches!(act, Act::Show(_))));
        assert!(acts(|act| matches!(act, Act::Add { .. })));
        assert!(acts(|act| matches!(act, Act::Change { .. })));
        assert!(acts(|act| matches!(act, Act::Remove { .. })));
        assert!(acts(|act| matches!(act, Act::NeedHelp { .. })));
        assert!(acts(|act| matches!(act, Act::HandOver { .. })));
        assert!(acts(|act| matches!(act, Act::LoseSocket)));
        assert!(visits.iter().any(|visit| visit.patience_s.is_some()));
        assert!(visits.iter().any(|visit| visit.session.beginning == Beginning::GivenBack));
        assert!(visits.iter().any(|visit| visit.session.ballots.len() == 2));
        assert!(visits.iter().any(|visit| visit.wish == Wish::Chat));
        assert!(visits.iter().any(|visit| visit.session.again.is_some()));
        for kept in [Kept::Comes, Kept::StaysAway] {
            assert!(visits.iter().any(|visit| visit.appointment.is_some_and(|one| one.kept == kept)), "{kept:?}");
        }
        assert!(visits.iter().any(|visit| visit.appointment.is_some_and(|one| one.moved_by_s.is_some())));
        for language in ["en", "es", "pt", "ca"] {
            assert!(visits.iter().any(|visit| visit.person.language == language), "{language}");
        }
    }

    #[test]
    fn nothing_leaves_a_cart_that_is_not_in_it() {
        for visit in day(5, SIZE).visits {
            let mut inside = std::collections::BTreeSet::new();
            for step in &visit.session.steps {
                match &step.act {
                    Act::Add { product, .. } => {
                        inside.insert(product.sku.clone());
                    }
                    Act::Change { sku, .. } => assert!(inside.contains(sku)),
                    Act::Remove { sku } => assert!(inside.remove(sku)),
                    _ => {}
                }
            }
        }
    }
}
