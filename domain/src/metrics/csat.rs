//! Customer satisfaction: the scale of 1–5 and the three faces, which are never mixed (PRODUCT.md 5.3).

use super::share::{Share, shares};
use crate::survey::Face;

/// How many answers there are of each step of the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scale {
    /// Answers of 1 to 5, in this order.
    pub counts: [u64; 5],
}

impl Scale {
    /// Counts one more answer of 1–5; others are never stored and count for nothing.
    pub fn add(&mut self, answer: u8) {
        if let Some(count) = answer.checked_sub(1).and_then(|i| self.counts.get_mut(usize::from(i))) {
            *count += 1;
        }
    }

    /// How many answers.
    pub fn answers(self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of fours and fives; `None` without an answer.
    pub fn satisfied(self) -> Option<Share> {
        let [one, two, three, four, five] = self.counts;
        shares([four + five, one + two + three]).map(|[satisfied, _]| satisfied)
    }
}

impl FromIterator<u8> for Scale {
    fn from_iter<I: IntoIterator<Item = u8>>(answers: I) -> Self {
        let mut scale = Self::default();
        answers.into_iter().for_each(|answer| scale.add(answer));
        scale
    }
}

/// How many answers there are of each face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faces {
    /// Stored as 5.
    pub satisfied: u64,
    /// Stored as 3.
    pub neutral: u64,
    /// Stored as 1.
    pub dissatisfied: u64,
}

/// The shares of the three faces; together exactly 100.0 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaceShares {
    /// Of the satisfied.
    pub satisfied: Share,
    /// Of the neutral.
    pub neutral: Share,
    /// Of the dissatisfied.
    pub dissatisfied: Share,
}

impl std::ops::AddAssign for Faces {
    fn add_assign(&mut self, more: Self) {
        self.satisfied += more.satisfied;
        self.neutral += more.neutral;
        self.dissatisfied += more.dissatisfied;
    }
}

impl Faces {
    /// Counts one more answer.
    pub fn add(&mut self, face: Face) {
        match face {
            Face::Satisfied => self.satisfied += 1,
            Face::Neutral => self.neutral += 1,
            Face::Dissatisfied => self.dissatisfied += 1,
        }
    }

    /// How many answers.
    pub fn answers(self) -> u64 {
        self.satisfied + self.neutral + self.dissatisfied
    }

    /// The shares of the faces; `None` without an answer.
    pub fn shares(self) -> Option<FaceShares> {
        let [satisfied, neutral, dissatisfied] = shares([self.satisfied, self.neutral, self.dissatisfied])?;
        Some(FaceShares { satisfied, neutral, dissatisfied })
    }
}

/// Answers of all surveys sent; `None` when none was sent.
pub fn response_rate(answers: u64, sent: u64) -> Option<Share> {
    shares([answers.min(sent), sent.saturating_sub(answers)]).map(|[answered, _]| answered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fours_and_fives_are_satisfied() {
        let scale: Scale = [5, 4, 3, 2, 1, 5].into_iter().collect();
        assert_eq!(scale.satisfied().map(Share::tenths), Some(500));
    }

    #[test]
    fn neutral_faces_are_not_satisfied_ones() {
        let mut faces = Faces::default();
        [Face::Satisfied, Face::Neutral, Face::Dissatisfied].into_iter().for_each(|face| faces.add(face));
        let shares = faces.shares().unwrap();
        assert_eq!([shares.satisfied, shares.neutral, shares.dissatisfied].map(Share::tenths), [334, 333, 333]);
    }

    #[test]
    fn no_answers_have_no_shares() {
        assert_eq!(Scale::default().satisfied(), None);
        assert_eq!(Faces::default().shares(), None);
        assert_eq!(response_rate(0, 0), None);
    }

    #[test]
    fn the_response_rate_counts_against_what_was_sent() {
        assert_eq!(response_rate(1, 3).map(Share::tenths), Some(333));
        assert_eq!(response_rate(0, 3).map(Share::tenths), Some(0));
    }

    #[test]
    fn an_answer_off_the_scale_counts_for_nothing() {
        assert_eq!([0, 6, 255].into_iter().collect::<Scale>().answers(), 0);
    }
}
