//! Folding events into rows, without a database in sight.
//!
//! A [`Projection`] says which rows an event touches ([`Keys`]) and then changes them ([`Rows`]); both are synchronous and
//! pure, so the same code serves the running server, a rebuild and a test. The rows live in a [`buffer`] per table: what is
//! current, and what the batch has changed.

mod buffer;
mod envelope;
mod rows;
mod scrub;

pub use buffer::{AnyBuffer, CACHED_ROWS_MAX};
pub use envelope::Envelope;
pub use rows::{Keys, Rows, Tables};
pub use scrub::{Gone, Scrubs};

use vitrina_domain::{
    event::Event,
    ids::{AccountId, SubjectId},
    retention::ContentExpired,
    subject::Forgotten,
};
use vitrina_eventlog::Decoded;

/// Why an event does not fit the rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FoldError(pub String);

/// A read model's fold: from events to rows of its own tables.
pub trait Projection: Send + Sync + 'static {
    /// Its name, as in `vitrina rebuild NAME`.
    fn name(&self) -> &'static str;

    /// Rises when its tables or its fold change: the next start then builds it anew.
    fn version(&self) -> u32;

    /// Names its tables.
    fn tables(&self, tables: &mut Tables);

    /// Whether the event concerns it.
    fn wants(&self, event: &Event) -> bool;

    /// Names the rows that [`Self::apply`] will look at.
    fn keys(&self, event: &Decoded, keys: &mut Keys<'_>);

    /// Changes the rows.
    ///
    /// # Errors
    /// [`FoldError`] when the event does not fit them; the projections then stop.
    fn apply(&self, event: &Decoded, rows: &mut Rows) -> Result<(), FoldError>;

    /// Names what of its rows is blank once the person with this id is forgotten; none, where it keeps nothing personal.
    fn forgets(&self, _account: AccountId, _subject: SubjectId, _forgotten: &Forgotten, _scrubs: &mut Scrubs) {}

    /// Names what of its rows is blank once these contents are kept no longer; none, where it keeps nothing of them.
    fn expires(&self, _account: AccountId, _expired: &ContentExpired, _scrubs: &mut Scrubs) {}
}
