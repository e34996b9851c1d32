//! Who works in the shop and who comes to it.

use super::{goods::COLLECTIONS, words::LANGUAGES};
use crate::random::Random;

const FIRST: [&str; 16] = [
    "Ana",
    "Bruno",
    "Carla",
    "Dídac",
    "Elena",
    "Francisco",
    "Gemma",
    "Hugo",
    "Inês",
    "Jordi",
    "Karen",
    "Luís",
    "Marta",
    "Núria",
    "Oliver",
    "Paula",
];
const LAST: [&str; 10] = ["Soler", "Reyes", "Prado", "Costa", "Ferrer", "Silva", "Walker", "Vidal", "Mendes", "Clarke"];
const EXPERTISE: [&str; 4] = ["sizes", "returns", "gifts", "care"];
const DEVICES: [&str; 4] = ["mobile", "mobile", "desktop", "tablet"];
/// Chats that one shopper writes in at once.
const CHATS_AT_ONCE: (u32, u32) = (2, 4);
/// How long a break lasts.
const BREAK_S: (u32, u32) = (300, 1_800);
/// Visits that a shopper serves between two breaks, where the day is not paced.
const BREAK_AFTER_VISITS: (u32, u32) = (4, 12);

/// A shopper.
#[derive(Debug, Clone, PartialEq)]
pub struct Staff {
    /// 0 is the first.
    pub number: u32,
    /// Name.
    pub name: String,
    /// Languages spoken.
    pub languages: Vec<&'static str>,
    /// Fields of expertise.
    pub expertise: Vec<&'static str>,
    /// Collections known well.
    pub collections: Vec<&'static str>,
    /// Chats at once.
    pub chats_max: u32,
    /// When the shopper rests.
    pub breaks: Vec<Break>,
}

/// A rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Break {
    /// After so many visits served since the last one.
    pub after_visits: u32,
    /// How long.
    pub length_s: f64,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Language.
    pub language: &'static str,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// What they hold in their hands.
    pub device: &'static str,
}

/// One who works.
pub fn staff(random: &mut Random, number: u32, hours: f64) -> Staff {
    let mut languages = vec![LANGUAGES[number as usize % LANGUAGES.len()].0];
    let second = random.pick(&LANGUAGES).0;
    if second != languages[0] {
        languages.push(second);
    }
    let rests = 1 + (hours / 3.0) as u32;
    let mut rest = || Break {
        after_visits: random.between(BREAK_AFTER_VISITS.0, BREAK_AFTER_VISITS.1),
        length_s: f64::from(random.between(BREAK_S.0, BREAK_S.1)),
    };
    let breaks = (0..rests).map(|_| rest()).collect();
    Staff {
        number,
        name: name(random),
        languages,
        expertise: vec![random.pick(&EXPERTISE)],
        collections: vec![COLLECTIONS[number as usize % COLLECTIONS.len()]],
        chats_max: random.between(CHATS_AT_ONCE.0, CHATS_AT_ONCE.1),
        breaks,
    }
}

/// One who comes.
pub fn customer(random: &mut Random, number: u32) -> Person {
    let (language, countries) = random.pick(&LANGUAGES);
    Person {
        name: name(random),
        email: format!("customer-{number}@example.com"),
        language,
        country: random.pick(countries),
        device: random.pick(&DEVICES),
    }
}

fn name(random: &mut Random) -> String {
    format!("{} {}", random.pick(&FIRST), random.pick(&LAST))
}
