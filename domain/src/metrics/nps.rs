//! Net Promoter Score over pooled answers (PRODUCT.md 5.2): never the mean of shoppers' scores.

use super::share::{Share, round_half_away, shares};

/// What an answer of 0–10 makes the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// 9 or 10.
    Promoter,
    /// 7 or 8.
    Passive,
    /// 0 to 6.
    Detractor,
}

impl Class {
    /// The class of an answer; what is above 10 counts as 10, since no such answer is ever stored.
    pub const fn of(answer: u8) -> Self {
        match answer {
            0..=6 => Self::Detractor,
            7..=8 => Self::Passive,
            _ => Self::Promoter,
        }
    }

    /// The answers of this class.
    pub const fn answers(self) -> std::ops::RangeInclusive<u8> {
        match self {
            Self::Detractor => 0..=6,
            Self::Passive => 7..=8,
            Self::Promoter => 9..=10,
        }
    }

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promoter => "promoter",
            Self::Passive => "passive",
            Self::Detractor => "detractor",
        }
    }
}

/// How many answers there are of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Answers of 9 and 10.
    pub promoters: u64,
    /// Answers of 7 and 8.
    pub passives: u64,
    /// Answers of 0 to 6.
    pub detractors: u64,
}

/// The score as it is: `100 × numerator / denominator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// Promoters less detractors.
    pub numerator: i64,
    /// Answers.
    pub denominator: u64,
}

/// The shares of the three classes; together exactly 100.0 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Of promoters.
    pub promoters: Share,
    /// Of passives.
    pub passives: Share,
    /// Of detractors.
    pub detractors: Share,
}

impl Tally {
    /// Counts one more answer.
    pub fn add(&mut self, answer: u8) {
        match Class::of(answer) {
            Class::Promoter => self.promoters += 1,
            Class::Passive => self.passives += 1,
            Class::Detractor => self.detractors += 1,
        }
    }

    /// Both together, as if they had been asked together.
    #[must_use]
    pub fn pooled(self, other: Self) -> Self {
        Self {
            promoters: self.promoters + other.promoters,
            passives: self.passives + other.passives,
            detractors: self.detractors + other.detractors,
        }
    }

    /// How many answers.
    pub fn answers(self) -> u64 {
        self.promoters + self.passives + self.detractors
    }

    /// The exact score; `None` without an answer, which is not 0.
    pub fn fraction(self) -> Option<Fraction> {
        let denominator = self.answers();
        let count = |n: u64| i64::try_from(n).expect("answers are counted one by one");
        (denominator > 0).then(|| Fraction { numerator: count(self.promoters) - count(self.detractors), denominator })
    }

    /// The score from −100.0 to 100.0 with one decimal, half away from zero; `None` without an answer.
    pub fn score(self) -> Option<f64> {
        self.fraction().map(|f| {
            let tenths = round_half_away(i128::from(f.numerator) * 1_000, i128::from(f.denominator));
            tenths as f64 / 10.0
        })
    }

    /// The shares of the classes; `None` without an answer.
    pub fn shares(self) -> Option<Shares> {
        let [promoters, passives, detractors] = shares([self.promoters, self.passives, self.detractors])?;
        Some(Shares { promoters, passives, detractors })
    }
}

impl FromIterator<u8> for Tally {
    fn from_iter<I: IntoIterator<Item = u8>>(answers: I) -> Self {
        let mut tally = Self::default();
        answers.into_iter().for_each(|answer| tally.add(answer));
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(answers: &[u8]) -> Option<f64> {
        answers.iter().copied().collect::<Tally>().score()
    }

    #[test]
    fn golden_scores_of_the_product_document() {
        assert_eq!(score(&[10, 9, 8, 7, 6, 0]), Some(0.0));
        assert_eq!(score(&[10, 10, 9, 8, 3]), Some(40.0));
        assert_eq!(score(&[7, 8, 7]), Some(0.0));
        assert_eq!(score(&[0]), Some(-100.0));
        assert_eq!(score(&[9]), Some(100.0));
        assert_eq!(score(&[10, 9, 9, 6, 6, 6, 6]), Some(-14.3));
    }

    #[test]
    fn two_shoppers_are_pooled_and_not_averaged() {
        let a: Tally = [10].into_iter().collect();
        let b: Tally = [0, 0, 0, 10].into_iter().collect();
        assert_eq!(a.pooled(b).score(), Some(-20.0));
    }

    #[test]
    fn no_answer_has_no_score_and_no_shares() {
        assert_eq!(score(&[]), None);
        assert_eq!(Tally::default().shares(), None);
        assert_eq!(Tally::default().fraction(), None);
    }

    #[test]
    fn the_exact_fraction_is_kept() {
        let tally: Tally = [10, 9, 9, 6, 6, 6, 6].into_iter().collect();
        assert_eq!(tally.fraction(), Some(Fraction { numerator: -1, denominator: 7 }));
    }

    #[test]
    fn half_a_tenth_is_rounded_away_from_zero() {
        // 1/16 = 6.25 %: towards 6.3 and −6.3.
        let up = Tally { promoters: 1, passives: 15, detractors: 0 };
        let down = Tally { promoters: 0, passives: 15, detractors: 1 };
        assert_eq!((up.score(), down.score()), (Some(6.3), Some(-6.3)));
    }

    #[test]
    fn every_answer_has_the_class_of_the_product_document() {
        let classes: Vec<_> = (0..=10).map(|answer| Class::of(answer).as_str()).collect();
        let expected = [vec!["detractor"; 7], vec!["passive"; 2], vec!["promoter"; 2]].concat();
        assert_eq!(classes, expected);
    }

    proptest! {
        #[test]
        fn pooling_is_the_tally_of_all_answers(a in prop::collection::vec(0..=10u8, 0..50), b in prop::collection::vec(0..=10u8, 0..50)) {
            let tally = |answers: &[u8]| answers.iter().copied().collect::<Tally>();
            let all: Vec<u8> = a.iter().chain(&b).copied().collect();
            prop_assert_eq!(tally(&a).pooled(tally(&b)), tally(&all));
        }

        #[test]
        fn the_score_is_between_its_ends_and_agrees_with_the_shares(answers in prop::collection::vec(0..=10u8, 1..200)) {
            let tally: Tally = answers.into_iter().collect();
            let score = tally.score().unwrap();
            prop_assert!((-100.0..=100.0).contains(&score));
            let shares = tally.shares().unwrap();
            prop_assert!((shares.promoters.percent() - shares.detractors.percent() - score).abs() < 0.3);
        }
    }
}
