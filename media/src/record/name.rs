//! The name of a file that is being written: it says everything that a restart must know of it.

use super::{recorder::Holds, webm::Form};
use crate::core::room::ParticipantId;
use std::time::Duration;
use uuid::Uuid;

/// What the name of an unfinished file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The file.
    pub file: Uuid,
    /// Whose.
    pub participant: ParticipantId,
    /// What it holds.
    pub holds: Holds,
    /// What kind of file it is.
    pub form: Form,
    /// Its begin, since the call's start.
    pub offset: Duration,
}

impl Holds {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Screen => "screen",
        }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, participant, holds, form, offset } = self;
        write!(f, "{file}.{}.{}.{}.{}", participant.0, holds.as_str(), offset.as_millis(), form.extension())
    }
}

impl Name {
    /// What this file name says; `None` when it is none of ours.
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('.');
        let (file, participant) = (parts.next()?.parse().ok()?, ParticipantId(parts.next()?.parse().ok()?));
        let holds = match parts.next()? {
            "person" => Holds::Person,
            "screen" => Holds::Screen,
            _ => return None,
        };
        let offset = Duration::from_millis(parts.next()?.parse().ok()?);
        let extension = parts.next()?;
        let form = Form::ALL.into_iter().find(|form| form.extension() == extension)?;
        parts.next().is_none().then_some(Self { file, participant, holds, form, offset })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_others_are_not() {
        let name = Name {
            file: Uuid::from_u128(7),
            participant: ParticipantId(Uuid::from_u128(8)),
            holds: Holds::Screen,
            form: Form::Matroska,
            offset: Duration::from_millis(1_234),
        };
        assert_eq!(Name::parse(&name.to_string()), Some(name));
        for other in ["", "a.webm", "lost+found", &format!("{name}.part")] {
            assert_eq!(Name::parse(other), None);
        }
    }
}
