//! How long a day is going to take, as far as the plan can say: who comes is served by whoever is free first.

use super::{Day, Visit, Wish};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Chats that a shopper writes in at once, on average: a chat takes this part of a shopper.
const CHATS_AT_ONCE: f64 = 3.0;

impl Day {
    /// Seconds of the day from the opening to the moment when the last one has gone, with this many who serve.
    pub fn length_s(&self, shoppers: u32) -> f64 {
        let mut free: BinaryHeap<Reverse<u64>> = (0..shoppers.max(1)).map(|_| Reverse(0)).collect();
        let mut last_ms = 0;
        let mut wanted: Vec<(u64, u64, u64)> = self.visits.iter().map(wanted).collect();
        wanted.sort_unstable();
        for (from_ms, work_ms, stay_ms) in wanted {
            let Reverse(free_ms) = free.pop().expect("there is at least one shopper, and each comes back");
            let begun_ms = free_ms.max(from_ms);
            free.push(Reverse(begun_ms + work_ms));
            last_ms = last_ms.max(begun_ms + stay_ms);
        }
        last_ms as f64 / 1_000.0
    }
}

/// From when a visit wants a shopper, how much of one it takes, and how long it stays: in milliseconds, which can be sorted.
fn wanted(visit: &Visit) -> (u64, u64, u64) {
    let lead_s = visit.appointment.map_or(0.0, |appointment| appointment.lead_s + appointment.moved_by_s.unwrap_or(0.0));
    let length_s = visit.session.length_s();
    let work_s = if visit.wish == Wish::Chat { length_s / CHATS_AT_ONCE } else { length_s };
    let again_s =
        visit.session.again.as_ref().map_or(0.0, |again| again.after_s + again.steps.iter().map(|step| step.after_s).sum::<f64>());
    let ms = |seconds: f64| (seconds * 1_000.0) as u64;
    (ms(visit.arrives_s + lead_s), ms(work_s), ms(length_s + again_s))
}

#[cfg(test)]
mod tests {
    use super::super::{Size, day};

    #[test]
    fn a_day_is_as_long_as_the_shop_is_open_and_longer_when_few_serve() {
        let day = day(1, Size { visits: 200, shoppers: 20, hours: 1.0, appointments_percent: 0 });
        let (many, few) = (day.length_s(100), day.length_s(2));
        assert!((3_000.0..4_500.0).contains(&many), "{many}");
        let work: f64 = day.visits.iter().map(|visit| visit.session.length_s()).sum();
        assert!(few > many && few < work, "{few} of {work}");
    }

    #[test]
    fn two_hundred_customers_in_a_rush_take_twenty_shoppers_less_than_twenty_minutes() {
        for seed in 1..=20 {
            let day = day(seed, Size { visits: 200, shoppers: 20, hours: crate::options::RUSH_HOURS, appointments_percent: 6 });
            let minutes = day.length_s(20) / 60.0;
            assert!((8.0..20.0).contains(&minutes), "seed {seed}: {minutes} minutes");
        }
    }
}
