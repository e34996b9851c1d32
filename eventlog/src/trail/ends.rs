//! The first and the last line of an exported log.

use super::{
    line::instant,
    scan::{Scan, Scanned, hex},
};
use crate::{
    Position,
    chain::{GENESIS, Hash},
};
use chrono::{DateTime, Utc};
use vitrina_domain::ids::AccountId;

/// The first line: whose log, from where on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Whose; `None`: everybody's who lives in the installation.
    pub account: Option<AccountId>,
    /// When it was written.
    pub exported_at: DateTime<Utc>,
    /// It begins after this position.
    pub after: Position,
    /// The hash of the account's last event up to there, which the first event is chained to; zeros at the very beginning.
    pub previous: Hash,
}

/// The last line: that it is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foot {
    /// How many events.
    pub events: u64,
    /// Position of the last one; that of the head when there is none.
    pub position: Position,
    /// Its hash; that of the head when there is none.
    pub hash: Hash,
    /// SHA-256 of all lines before this one.
    pub sha256: Hash,
}

impl Head {
    /// As a line.
    pub fn line(&self) -> Vec<u8> {
        let account = self.account.map_or_else(|| "null".to_owned(), |account| format!("\"{account}\""));
        let (at, after) = (instant(self.exported_at), self.after);
        let begin =
            format!("{{\"format\":\"vitrina-log/1\",\"account\":{account},\"exported_at\":\"{at}\",\"after\":{after},\"previous\":\"");
        ended(begin, &self.previous)
    }

    /// Reads a line, without its end.
    ///
    /// # Errors
    /// What was expected where the line differs.
    pub fn read(line: &[u8]) -> Result<Self, &'static str> {
        let mut scan = Scan::new(line);
        scan.word("{\"format\":\"vitrina-log/1\",\"account\":")?;
        let account = if scan.takes("null") { None } else { Some(AccountId(scan.id()?)) };
        scan.word(",\"exported_at\":")?;
        let exported_at = DateTime::from_timestamp_micros(scan.instant()?).ok_or("an instant")?;
        scan.word(",\"after\":")?;
        let after = Position(scan.number()?);
        scan.word(",\"previous\":")?;
        let previous = scan.hash()?;
        closed(scan)?;
        if after == Position::ZERO && previous != GENESIS {
            return Err("zeros as the hash before the first event");
        }
        Ok(Self { account, exported_at, after, previous })
    }
}

impl Foot {
    /// As a line.
    pub fn line(&self) -> Vec<u8> {
        let begin = format!("{{\"events\":{},\"position\":{},\"hash\":\"", self.events, self.position);
        let mut line = begin.into_bytes();
        hex(&self.hash, &mut line);
        line.extend_from_slice(b"\",\"sha256\":\"");
        hex(&self.sha256, &mut line);
        line.extend_from_slice(b"\"}\n");
        line
    }

    /// Reads a line, without its end.
    ///
    /// # Errors
    /// What was expected where the line differs.
    pub fn read(line: &[u8]) -> Result<Self, &'static str> {
        let mut scan = Scan::new(line);
        scan.word("{\"events\":")?;
        let events = u64::try_from(scan.number()?).map_err(|_| "a number")?;
        scan.word(",\"position\":")?;
        let position = Position(scan.number()?);
        scan.word(",\"hash\":")?;
        let hash = scan.hash()?;
        scan.word(",\"sha256\":")?;
        let sha256 = scan.hash()?;
        closed(scan)?;
        Ok(Self { events, position, hash, sha256 })
    }
}

fn ended(begin: String, hash: &Hash) -> Vec<u8> {
    let mut line = begin.into_bytes();
    hex(hash, &mut line);
    line.extend_from_slice(b"\"}\n");
    line
}

fn closed(mut scan: Scan<'_>) -> Scanned<()> {
    scan.word("}")?;
    scan.end()
}
