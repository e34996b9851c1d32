//! How the read side is doing: for `/health/ready`, for metrics, and for people.

use vitrina_eventlog::Position;

/// What the runner does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// It has not looked at its tables yet.
    #[default]
    Starting,
    /// It folds the log into the read models.
    Running,
    /// Another process does; this one reads what that one writes.
    Following,
    /// A database is away; it tries again until it is back.
    Waiting(String),
    /// An event does not fit, or the log has a gap: the read models stand still until a person has looked.
    Failed(String),
    /// It was closed.
    Closed,
}

/// How the read side is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// What the runner does.
    pub state: State,
    /// Every event up to here is in every read model.
    pub position: Position,
    /// Whether it has caught up once with the log since the start, and nothing has to be built first.
    pub caught_up: bool,
    /// Projections that are being built anew before they can be read.
    pub missing: Vec<&'static str>,
}

impl Status {
    /// Whether questions can be answered well.
    pub fn is_ready(&self) -> bool {
        self.caught_up && self.missing.is_empty() && matches!(self.state, State::Running | State::Following)
    }
}
