//! To which instant a call or a score belongs, where there are two readings of it (PRODUCT.md 5.1).

use super::Measure;

/// Which readings are meant; the usual ones by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Anchors {
    calls: Calls,
    scores: Scores,
}

/// To which instant a call belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Calls {
    #[default]
    Created,
    Ended,
}

/// To which instant an answer of 0–10 belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Scores {
    #[default]
    Answered,
    /// That of what is rated.
    Call,
}

impl Anchors {
    /// The names of the readings that are not the usual ones.
    pub const NAMES: [&str; 2] = ["ended_at", "call"];

    /// With the reading of this name, too; `None` where there is none of it.
    #[must_use]
    pub fn with(self, name: &str) -> Option<Self> {
        match name {
            "ended_at" => Some(Self { calls: Calls::Ended, ..self }),
            "call" => Some(Self { scores: Scores::Call, ..self }),
            _ => None,
        }
    }

    /// The measure whose facts stand where this one's are meant to.
    #[must_use]
    pub fn of(self, measure: Measure) -> Measure {
        match (measure, self) {
            (Measure::CallCreated, Self { calls: Calls::Ended, .. }) => Measure::CallEnded,
            (Measure::Nps, Self { scores: Scores::Call, .. }) => Measure::NpsOfCall,
            _ => measure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_moves_one_measure() {
        let moved = |name| {
            let anchors = Anchors::default().with(name).unwrap();
            Measure::ALL.iter().copied().filter(|measure| anchors.of(*measure) != *measure).collect::<Vec<_>>()
        };
        assert_eq!(Anchors::NAMES.map(moved), [vec![Measure::CallCreated], vec![Measure::Nps]]);
        assert!(Measure::ALL.iter().all(|measure| Anchors::default().of(*measure) == *measure));
        assert_eq!(Anchors::default().with("created_at"), None);
    }
}
