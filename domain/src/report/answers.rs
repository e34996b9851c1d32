//! Survey answers as facts: one that a newer one replaces is taken back.

use super::{Change, Fact, Measure, Told, standing::Standing};
use crate::{
    ids::AnswerId,
    survey::{Answered, Superseded},
};
use serde::{Deserialize, Serialize};

/// The measures of an answer.
const MEASURES: [Measure; 4] = [Measure::Answered, Measure::Nps, Measure::Csat, Measure::Face];

/// The answers that count, with their number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Answers {
    given: u32,
    counting: Vec<(AnswerId, u32)>,
}

impl Answers {
    /// Credited to the one who held it last: the first of those named.
    pub fn answered(&mut self, told: &Told<'_>, answered: &Answered, standing: &mut Standing, changes: &mut Vec<Change>) {
        let part = self.given;
        self.given += 1;
        self.counting.push((answered.answer_id, part));
        let mut keep = |measure, value: i64, detail: Option<String>| {
            let mut fact = Fact::new(told, measure, answered.answered_at, value).part(part).by(answered.shoppers.first().copied());
            fact.detail = detail;
            standing.keep(fact, told.position, changes);
        };
        keep(Measure::Answered, 1, None);
        if let Some(nps) = answered.nps {
            keep(Measure::Nps, nps.into(), None);
        }
        if let Some(csat) = answered.csat {
            keep(Measure::Csat, csat.into(), None);
        }
        if let Some(face) = answered.face {
            keep(Measure::Face, face.score().into(), Some(super::fact::name_of(&face)));
        }
    }

    pub fn superseded(&mut self, superseded: &Superseded, standing: &mut Standing, changes: &mut Vec<Change>) {
        let Some(index) = self.counting.iter().position(|(id, _)| *id == superseded.answer_id) else { return };
        let (_, part) = self.counting.remove(index);
        MEASURES.into_iter().for_each(|measure| standing.retract(measure, part, changes));
    }
}
