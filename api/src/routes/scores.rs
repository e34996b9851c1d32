//! Scores as they are shown: of pooled answers, `null` where nobody answered (PRODUCT.md 5.2, 5.3).

use serde::Serialize;
use utoipa::ToSchema;
use vitrina_domain::metrics::{
    csat::{Faces, Scale},
    nps::Tally,
};

/// 100 × (promoters − detractors) / answers, over pooled answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NpsView {
    /// From −100 to 100, one decimal.
    #[schema(example = 40.0)]
    score: Option<f64>,
    /// Promoters less detractors.
    numerator: i64,
    /// Answers.
    answers: u64,
    /// Answers of 9 and 10.
    promoters: u64,
    /// Answers of 7 and 8.
    passives: u64,
    /// Answers of 0 to 6.
    detractors: u64,
    /// In percent; the three together are 100.0.
    promoters_percent: Option<f64>,
    /// In percent.
    passives_percent: Option<f64>,
    /// In percent.
    detractors_percent: Option<f64>,
}

/// Fours and fives among all answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CsatView {
    /// In percent.
    satisfied_percent: Option<f64>,
    /// Answers.
    answers: u64,
    /// How often 1, 2, 3, 4 and 5 was given.
    #[schema(value_type = Vec<u64>)]
    counts: [u64; 5],
}

/// The three faces.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacesView {
    /// Answers.
    answers: u64,
    /// How often.
    satisfied: u64,
    /// How often.
    neutral: u64,
    /// How often.
    dissatisfied: u64,
    /// In percent; the three together are 100.0.
    satisfied_percent: Option<f64>,
    /// In percent.
    neutral_percent: Option<f64>,
    /// In percent.
    dissatisfied_percent: Option<f64>,
}

impl From<Tally> for NpsView {
    fn from(tally: Tally) -> Self {
        let shares = tally.shares();
        Self {
            score: tally.score(),
            numerator: tally.fraction().map_or(0, |fraction| fraction.numerator),
            answers: tally.answers(),
            promoters: tally.promoters,
            passives: tally.passives,
            detractors: tally.detractors,
            promoters_percent: shares.map(|s| s.promoters.percent()),
            passives_percent: shares.map(|s| s.passives.percent()),
            detractors_percent: shares.map(|s| s.detractors.percent()),
        }
    }
}

impl From<Scale> for CsatView {
    fn from(scale: Scale) -> Self {
        Self { satisfied_percent: scale.satisfied().map(|s| s.percent()), answers: scale.answers(), counts: scale.counts }
    }
}

impl From<Faces> for FacesView {
    fn from(faces: Faces) -> Self {
        let looks = faces.shares();
        Self {
            answers: faces.answers(),
            satisfied: faces.satisfied,
            neutral: faces.neutral,
            dissatisfied: faces.dissatisfied,
            satisfied_percent: looks.map(|s| s.satisfied.percent()),
            neutral_percent: looks.map(|s| s.neutral.percent()),
            dissatisfied_percent: looks.map(|s| s.dissatisfied.percent()),
        }
    }
}
