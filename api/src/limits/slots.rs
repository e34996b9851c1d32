//! A fixed number of counters for governor, which keys are mapped onto.

use governor::{
    nanos::Nanos,
    state::{InMemoryState, NotKeyed, StateStore},
};

/// Counters: half a megabyte. With a thousand active callers, two of a hundred share one with another.
const SLOTS: usize = 1 << 16;

/// The counters.
#[derive(Debug)]
pub(super) struct Slots(Box<[InMemoryState]>);

impl Slots {
    /// All of them unused.
    pub(super) fn new() -> Self {
        Self(std::iter::repeat_with(InMemoryState::default).take(SLOTS).collect())
    }
}

impl StateStore for Slots {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let index = usize::try_from(*key % SLOTS as u64).unwrap_or_default();
        self.0[index].measure_and_replace(&NotKeyed::NonKey, f)
    }
}
