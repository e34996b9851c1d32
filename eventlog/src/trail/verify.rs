//! Checking an exported log by nothing but itself: every hash is computed again, and the verdict says what does not hold.
//!
//! One thread reads and adds up the bytes, the other follows the events.

use super::{
    chains::Chains,
    ends::{Foot, Head},
    fault::{Fault, What},
    line::Line,
};
use crate::{Position, chain::Hash};
use ring::digest::{Context, SHA256};
use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

/// Bytes that are read at once.
const CHUNK: usize = 1024 * 1024;
/// Chunks that have been read and not been followed.
const AHEAD: usize = 4;
/// No event is longer; a file without ends of lines is given up here.
const LINE_MAX: usize = 64 * 1024 * 1024;

/// What an exported log is found to be.
pub struct Verdict {
    /// Its first line.
    pub head: Option<Head>,
    /// Whether it is whole and untouched, and if not, where.
    pub chains: Chains,
    /// Its length.
    pub bytes: u64,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.chains.faults.count == 0
    }

    /// Whether a file with this first line goes on where this one ended.
    fn ends_where(&self, next: &Head) -> bool {
        let account = self.head.as_ref().and_then(|head| head.account);
        account.is_some() && account == next.account && self.chains.end == (next.after, next.previous)
    }
}

/// What the reading thread has found when the file ends.
struct Ended {
    /// Of all lines but the last one.
    sha256: Hash,
    bytes: u64,
}

/// Checks an exported log; `witness` sees every event in its place and may add what it finds wrong.
///
/// # Errors
/// When the file cannot be read.
pub fn verify(file: impl Read + Send, witness: impl FnMut(&Line<'_>, u64, &mut Chains)) -> io::Result<Verdict> {
    verify_after(None, file, witness)
}

/// The same of a file that goes on where another one ended, of which this is the verdict: chains and trees go on, so checkpoints hold
/// through all files.
///
/// # Errors
/// When the file cannot be read.
pub fn verify_after(
    before: Option<Verdict>,
    file: impl Read + Send,
    mut witness: impl FnMut(&Line<'_>, u64, &mut Chains),
) -> io::Result<Verdict> {
    let (sender, chunks) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || read(file, &sender));
        let mut check = Check { before, ..Check::default() };
        check.follow(&chunks, &mut witness);
        let ended = reading.join().map_err(|_| io::Error::other("the reading thread has panicked"))??;
        Ok(check.end(&ended))
    })
}

/// Reads to the end, sending whole lines on, and adds up what is read.
fn read(mut file: impl Read, chunks: &SyncSender<Vec<u8>>) -> io::Result<Ended> {
    let (mut digest, mut bytes) = (Context::new(&SHA256), 0);
    let mut held: Vec<u8> = Vec::new();
    let mut rest: Vec<u8> = Vec::new();
    loop {
        let begin = rest.len();
        rest.resize(begin + CHUNK, 0);
        let count = match file.read(&mut rest[begin..]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            read => {
                let count = read?;
                if count == 0 {
                    rest.truncate(begin);
                    break;
                }
                count
            }
        };
        rest.truncate(begin + count);
        bytes += count as u64;
        let Some(end) = rest[begin..].iter().rposition(|byte| *byte == b'\n').map(|at| begin + at + 1) else {
            if rest.len() > LINE_MAX {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is longer than any event: this is no exported log"));
            }
            continue;
        };
        let next = rest.split_off(end);
        let chunk = std::mem::replace(&mut rest, next);
        digest.update(&held);
        let last = chunk[..end - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        digest.update(&chunk[..last]);
        held = chunk[last..].to_vec();
        if chunks.send(chunk).is_err() {
            break;
        }
    }
    if !rest.is_empty() {
        digest.update(&held);
        // Nobody listens only when the other thread has ended, which tells of itself.
        let _ = chunks.send(rest);
    }
    let mut sha256 = Hash::default();
    sha256.copy_from_slice(digest.finish().as_ref());
    Ok(Ended { sha256, bytes })
}

#[derive(Default)]
struct Check {
    /// What the file before was found to be, until this one's first line says whether it goes on there.
    before: Option<Verdict>,
    /// Events of the files before.
    events_before: u64,
    head: Option<Head>,
    chains: Option<Chains>,
    foot: Option<Foot>,
    /// Whether a last line stands there that cannot be read.
    foot_is_told: bool,
    line: u64,
}

impl Check {
    fn follow(&mut self, chunks: &Receiver<Vec<u8>>, witness: &mut impl FnMut(&Line<'_>, u64, &mut Chains)) {
        for chunk in chunks {
            let whole = chunk.strip_suffix(b"\n").unwrap_or(&chunk);
            for line in whole.split(|byte| *byte == b'\n') {
                self.line += 1;
                self.take(line, witness);
            }
        }
    }

    fn take(&mut self, line: &[u8], witness: &mut impl FnMut(&Line<'_>, u64, &mut Chains)) {
        let number = self.line;
        let Some(chains) = &mut self.chains else {
            let chains = match Head::read(line) {
                Ok(head) => {
                    let chains = match (self.before.take(), head.account) {
                        (Some(before), account) if before.ends_where(&head) => {
                            self.events_before = before.chains.events;
                            debug_assert!(account.is_some(), "a log of all begins at its beginning");
                            before.chains
                        }
                        (before, account) => {
                            let mut chains = match account {
                                Some(account) => Chains::of_one(account, head.after, head.previous),
                                None => Chains::of_all(),
                            };
                            if let Some(before) = before {
                                chains.faults = before.chains.faults;
                                chains.faults.add(at(number, What::Apart { end: before.chains.end }));
                            }
                            chains
                        }
                    };
                    self.head = Some(head);
                    chains
                }
                Err(expected) => {
                    let mut chains = Chains::of_all();
                    chains.faults.add(at(number, What::NoHead(expected)));
                    chains
                }
            };
            self.chains = Some(chains);
            return;
        };
        if self.foot.is_some() || self.foot_is_told {
            chains.faults.add(at(number, What::AfterFoot));
            return;
        }
        if line.starts_with(b"{\"events\":") {
            match Foot::read(line) {
                Ok(foot) => self.foot = Some(foot),
                Err(expected) => {
                    self.foot_is_told = true;
                    chains.faults.add(at(number, What::Unreadable(expected.to_owned())));
                }
            }
            return;
        }
        match Line::read(line) {
            Ok(event) => {
                if chains.take(Some(number), &event) {
                    witness(&event, number, chains);
                }
            }
            Err(expected) => chains.unreadable(Some(number), None, expected.to_owned(), Line::hash_of(line)),
        }
    }

    fn end(mut self, ended: &Ended) -> Verdict {
        let mut chains = self.chains.take().unwrap_or_else(|| {
            let mut chains = Chains::of_all();
            chains.faults.add(at(1, What::NoHead("a line")));
            chains
        });
        match &self.foot {
            Some(foot) => compare(foot, self.line, chains.events - self.events_before, ended, &mut chains),
            None if self.foot_is_told || self.line == 0 => {}
            None => drop(chains.faults.add(at(self.line + 1, What::Cut { after: chains.end.0 }))),
        }
        Verdict { head: self.head, chains, bytes: ended.bytes }
    }
}

/// What the last line says against what is there.
fn compare(foot: &Foot, line: u64, events: u64, ended: &Ended, chains: &mut Chains) {
    let found = chains.end;
    if foot.events != events {
        chains.faults.add(at(line, What::Count { said: foot.events, found: events }));
    }
    // After a fault the end may be another one for that reason.
    if chains.faults.count == 0 && (foot.position, foot.hash) != found {
        chains.faults.add(at(line, What::End { said: (foot.position, foot.hash), found }));
    }
    if chains.faults.count == 0 && foot.sha256 != ended.sha256 {
        chains.faults.add(at(line, What::Sum { said: foot.sha256, found: ended.sha256 }));
    }
}

fn at(line: u64, what: What) -> Fault {
    Fault { line: Some(line), position: None::<Position>, event: None, what }
}
