//! What happens between a customer and a shopper once they have met.

use super::{
    Wish,
    goods::{self, Product},
    purchase::{Purchase, purchase},
    words::{Moment, say},
};
use crate::random::Random;

/// Of a hundred calls: the first shopper gives it back.
const GIVEN_BACK_PERCENT: u64 = 4;
/// Of a hundred calls: the shopper calls it off before it begins.
const CALLED_OFF_PERCENT: u64 = 2;
/// Of a hundred visits: a colleague is asked for help.
const HELP_PERCENT: u64 = 10;
/// Of a hundred visits: another shopper takes over.
const HAND_OVER_PERCENT: u64 = 5;
/// Of a hundred visits: the customer's socket is lost and comes back.
const LOST_SOCKET_PERCENT: u64 = 15;
/// Of a hundred calls: work follows before it is finished.
const WRAP_UP_PERCENT: u64 = 35;
/// Of a hundred visits: the customer hangs up first.
const CUSTOMER_ENDS_PERCENT: u64 = 40;
/// Of a hundred visits: the customer rates.
const RATES_PERCENT: u64 = 60;
/// Of a hundred ratings: the customer changes it.
const RATES_AGAIN_PERCENT: u64 = 8;
/// Questions in one visit.
const QUESTIONS: (u32, u32) = (1, 4);
/// Of a hundred visits: the customer writes again when it is all over.
const WRITES_AGAIN_PERCENT: u64 = 8;
/// Until a customer who writes again does so, on average.
const WRITES_AGAIN_AFTER_S: f64 = 40.0;
/// Seconds between two things that are said or done.
const PAUSE_MEAN_S: f64 = 6.0;
/// Lines of a cart at most: a day's plan is no stress of one cart.
const LINES_MAX: usize = 5;

/// The plan of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// How it begins.
    pub beginning: Beginning,
    /// From claim to start.
    pub gets_ready_s: f64,
    /// What follows.
    pub steps: Vec<Step>,
    /// How it ends.
    pub ending: Ending,
    /// Work after the call, in seconds; none when the call is finished at once.
    pub wrap_up_s: Option<f64>,
    /// The customer's ratings: none, one, or one that is changed.
    pub ballots: Vec<Ballot>,
    /// What the customer asks when it is over, and what comes of it.
    pub again: Option<Again>,
    /// What the customer buys of what is in the cart, after a call.
    pub purchase: Option<Purchase>,
}

/// The customer's word to a conversation that is over: another one begins with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    /// Seconds after the end.
    pub after_s: f64,
    /// The word.
    pub text: String,
    /// What follows once somebody has come.
    pub steps: Vec<Step>,
    /// Who ends it.
    pub ending: Ending,
}

/// How a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// The shopper who took it starts.
    Straight,
    /// The shopper who took it gives it back, and the customer waits again.
    GivenBack,
    /// The shopper who took it calls it off.
    CalledOff,
}

/// Who ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The customer.
    Customer,
    /// The shopper.
    Shopper,
}

/// Who does something that both may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// The customer.
    Customer,
    /// The shopper.
    Shopper,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Seconds after the one before.
    pub after_s: f64,
    /// What is done.
    pub act: Act,
}

/// What can be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Something is said to all.
    Say {
        /// By whom.
        by: Hand,
        /// What.
        text: String,
    },
    /// The shopper writes a note that customers do not see.
    Whisper(String),
    /// The shopper shows a product.
    Show(Product),
    /// Something comes into the cart.
    Add {
        /// What.
        product: Product,
        /// How many.
        quantity: u32,
        /// By whom.
        by: Hand,
    },
    /// Another quantity.
    Change {
        /// Of what.
        sku: String,
        /// From now on.
        quantity: u32,
    },
    /// Something is taken out.
    Remove {
        /// What.
        sku: String,
    },
    /// The shopper asks for help; a colleague joins, says something and leaves.
    NeedHelp {
        /// What the colleague says.
        text: String,
    },
    /// A colleague takes over.
    HandOver {
        /// What the colleague says.
        text: String,
    },
    /// A tag is put on.
    Tag(&'static str),
    /// The customer's socket is lost; it comes back where it was.
    LoseSocket,
}

/// What a customer answers in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// 0 to 10.
    pub nps: Option<u8>,
    /// 1 to 5.
    pub csat: Option<u8>,
    /// satisfied, neutral or dissatisfied.
    pub face: Option<&'static str>,
    /// In their own words.
    pub comment: Option<String>,
}

/// What is going to happen.
pub fn session(random: &mut Random, wish: Wish, language: &str, product: &Product) -> Session {
    let beginning = match (wish, random.below(100)) {
        (Wish::Call, below) if below < GIVEN_BACK_PERCENT => Beginning::GivenBack,
        (Wish::Call, below) if below < GIVEN_BACK_PERCENT + CALLED_OFF_PERCENT => Beginning::CalledOff,
        _ => Beginning::Straight,
    };
    Session {
        beginning,
        gets_ready_s: random.exponential(4.0),
        steps: Steps { random, wish, language, steps: Vec::new(), inside: Vec::new() }.all(product),
        ending: if random.percent(CUSTOMER_ENDS_PERCENT) { Ending::Customer } else { Ending::Shopper },
        wrap_up_s: (wish == Wish::Call && random.percent(WRAP_UP_PERCENT)).then(|| random.exponential(30.0)),
        ballots: ballots(random, language),
        again: random.percent(WRITES_AGAIN_PERCENT).then(|| again(random, language)),
        purchase: if wish == Wish::Call { purchase(random) } else { None },
    }
}

fn again(random: &mut Random, language: &str) -> Again {
    let (after_s, text) = (random.exponential(WRITES_AGAIN_AFTER_S), say(random, language, Moment::Question));
    let mut steps = Steps { random, wish: Wish::Chat, language, steps: Vec::new(), inside: Vec::new() };
    steps.says(Hand::Shopper, Moment::Answer);
    steps.says(Hand::Customer, Moment::Goodbye);
    Again { after_s, text, steps: steps.steps, ending: Ending::Shopper }
}

impl Session {
    /// How long it takes whoever holds it, from the claim on.
    pub fn length_s(&self) -> f64 {
        let steps: f64 = self.steps.iter().map(|step| step.after_s).sum();
        self.gets_ready_s + steps + self.wrap_up_s.unwrap_or(0.0)
    }
}

struct Steps<'a> {
    random: &'a mut Random,
    wish: Wish,
    language: &'a str,
    steps: Vec<Step>,
    /// What the cart holds so far.
    inside: Vec<String>,
}

impl Steps<'_> {
    fn all(mut self, product: &Product) -> Vec<Step> {
        self.says(Hand::Shopper, Moment::Greeting);
        let questions = self.random.between(QUESTIONS.0, QUESTIONS.1);
        let unusual = self.random.between(1, questions);
        for question in 1..=questions {
            self.says(Hand::Customer, Moment::Question);
            self.says(Hand::Shopper, Moment::Answer);
            if self.wish == Wish::Call {
                let shown = if question == 1 { product.clone() } else { goods::any(self.random) };
                self.sells(shown);
            }
            if question == unusual {
                self.unusual();
            }
        }
        self.says(Hand::Customer, Moment::Goodbye);
        self.steps
    }

    fn then(&mut self, act: Act) {
        let after_s = self.random.exponential(PAUSE_MEAN_S);
        self.steps.push(Step { after_s, act });
    }

    fn says(&mut self, by: Hand, moment: Moment) {
        let text = say(self.random, self.language, moment);
        self.then(Act::Say { by, text });
    }

    fn sells(&mut self, product: Product) {
        self.then(Act::Show(product.clone()));
        if self.inside.len() < LINES_MAX && self.random.percent(55) {
            let by = if self.random.percent(30) { Hand::Customer } else { Hand::Shopper };
            let quantity = self.random.between(1, 3);
            if !self.inside.contains(&product.sku) {
                self.inside.push(product.sku.clone());
            }
            self.then(Act::Add { product, quantity, by });
        }
        if !self.inside.is_empty() && self.random.percent(20) {
            let (sku, quantity) = (self.random.pick(&self.inside), self.random.between(4, 9));
            self.then(Act::Change { sku, quantity });
        }
        if !self.inside.is_empty() && self.random.percent(10) {
            let at = usize::try_from(self.random.below(self.inside.len() as u64)).unwrap_or(0);
            let sku = self.inside.remove(at);
            self.then(Act::Remove { sku });
        }
    }

    fn unusual(&mut self) {
        if self.random.percent(LOST_SOCKET_PERCENT) {
            self.then(Act::LoseSocket);
        }
        if self.random.percent(HELP_PERCENT) {
            self.then(Act::Whisper("Can somebody help me with the sizes?".to_owned()));
            let text = say(self.random, self.language, Moment::Answer);
            self.then(Act::NeedHelp { text });
        }
        if self.random.percent(HAND_OVER_PERCENT) {
            let text = say(self.random, self.language, Moment::Greeting);
            self.then(Act::HandOver { text });
        }
        if self.random.percent(12) {
            let tag = self.random.pick(&["gift", "size", "vip", "delivery"]);
            self.then(Act::Tag(tag));
        }
    }
}

fn ballots(random: &mut Random, language: &str) -> Vec<Ballot> {
    if !random.percent(RATES_PERCENT) {
        return Vec::new();
    }
    let count = if random.percent(RATES_AGAIN_PERCENT) { 2 } else { 1 };
    (0..count).map(|_| ballot(random, language)).collect()
}

fn ballot(random: &mut Random, language: &str) -> Ballot {
    // Most people are content, and the discontent are so thoroughly.
    let nps = match random.below(100) {
        0..55 => random.between(9, 10),
        55..80 => random.between(7, 8),
        _ => random.between(0, 6),
    };
    let (csat, face, moment) = match nps {
        9.. => (5, "satisfied", Moment::Praise),
        7..9 => (4, "neutral", Moment::Praise),
        _ => (2, "dissatisfied", Moment::Complaint),
    };
    Ballot {
        nps: Some(u8::try_from(nps).unwrap_or(0)),
        csat: random.percent(70).then_some(csat),
        face: random.percent(50).then_some(face),
        comment: random.percent(40).then(|| say(random, language, moment)),
    }
}
