//! Survey answers as facts: one that a newer one replaces is taken back.

use super::{Change, Fact, FactKey, Measure, Told, fact::Mark, standing::Standing};
use crate::{
    ids::{AnswerId, ShopperId},
    survey::{Answered, Sent, Shown, Superseded},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The measures of an answer.
const MEASURES: [Measure; 6] = [Measure::Answered, Measure::Nps, Measure::NpsOfCall, Measure::Csat, Measure::Face, Measure::FacePublic];

/// The answers that count, with their number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Answers {
    given: u32,
    counting: Vec<(AnswerId, u32)>,
    /// With which event the customer was asked, and to whom that is credited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<(Mark, Option<ShopperId>)>,
}

impl Answers {
    pub fn sent(&mut self, told: &Told<'_>, sent: &Sent, changes: &mut Vec<Change>) {
        let shopper = sent.shoppers.first().copied();
        if self.asked.is_none() {
            self.asked = Some((told.mark(), shopper));
            changes.push(Change::Put(Fact::now(told, Measure::SurveySent, 1).by(shopper)));
        }
    }

    /// Credited to the one who held it last: the first of those named. `rated` is when began what is rated.
    pub fn answered(
        &mut self,
        told: &Told<'_>,
        answered: &Answered,
        rated: DateTime<Utc>,
        standing: &mut Standing,
        changes: &mut Vec<Change>,
    ) {
        let part = self.given;
        self.given += 1;
        self.counting.push((answered.answer_id, part));
        let mut keep_at = |anchor, measure, value: i64, detail: Option<String>| {
            let mut fact = Fact::new(told, measure, anchor, value).part(part).by(answered.shoppers.first().copied());
            fact.detail = detail;
            standing.keep(fact, told.position, changes);
        };
        if let Some(nps) = answered.nps {
            keep_at(rated, Measure::NpsOfCall, nps.into(), None);
        }
        let mut keep = |measure, value, detail| keep_at(answered.answered_at, measure, value, detail);
        keep(Measure::Answered, 1, None);
        if let Some(nps) = answered.nps {
            keep(Measure::Nps, nps.into(), None);
        }
        if let Some(csat) = answered.csat {
            keep(Measure::Csat, csat.into(), None);
        }
        if let Some(face) = answered.face {
            keep(Measure::Face, face.score().into(), Some(super::fact::name_of(&face)));
            keep(Measure::FacePublic, face.score().into(), None);
        }
        if let Some((asked, shopper)) = self.asked {
            let fact = Fact::new(told, Measure::SurveyReturned, asked.at, 1).by(shopper).since(Some(asked));
            standing.keep(fact, told.position, changes);
        }
    }

    pub fn superseded(&mut self, superseded: &Superseded, standing: &mut Standing, changes: &mut Vec<Change>) {
        let Some(index) = self.counting.iter().position(|(id, _)| *id == superseded.answer_id) else { return };
        let (_, part) = self.counting.remove(index);
        MEASURES.into_iter().for_each(|measure| standing.retract(measure, part, changes));
    }

    /// The public counts it no more.
    pub fn hidden(&self, shown: Shown, standing: &mut Standing, changes: &mut Vec<Change>) {
        if let Some(part) = self.part(shown.answer_id) {
            standing.retract(Measure::FacePublic, part, changes);
        }
    }

    /// The public counts it again, as of its own moment.
    pub fn published(&self, told: &Told<'_>, shown: Shown, standing: &mut Standing, changes: &mut Vec<Change>) {
        let Some(face) = self.part(shown.answer_id).and_then(|part| standing.again(told, Measure::Face, part)) else { return };
        standing.keep(Fact { key: FactKey { measure: Measure::FacePublic, ..face.key }, ..face }, told.position, changes);
    }

    fn part(&self, answer: AnswerId) -> Option<u32> {
        self.counting.iter().find(|(id, _)| *id == answer).map(|(_, part)| *part)
    }
}
