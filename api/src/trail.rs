//! The audit trail on the command line: the log as a file, and what a file or the live log is worth.
//!
//! Checking a file needs neither options nor a database: an auditor has the program and the file.

use clap::Args;
use ring::digest::{Context, SHA256};
use serde_json::Value;
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};
use uuid::Uuid;
use vitrina_api::{Config, StartError, house};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::trail::{
    chains::Chains,
    export::Export,
    fault::{FAULTS_MAX, shown},
    live,
    note::PublicKey,
    proof::Proof,
    verify::{Verdict, verify_after},
    witness::Witness,
};

/// Exit code of a file that cannot be read.
const UNREADABLE: u8 = 2;
/// A proof is no longer: an event and some hashes.
const PROOF_MAX: u64 = 1024 * 1024;
/// How often a long work says how far it is.
pub(crate) const TELL_EVERY: Duration = Duration::from_secs(5);

/// What `vitrina log export` is told.
#[derive(Debug, Args)]
pub struct ExportOptions {
    /// Only the events of this account; all of the installation when left out.
    #[arg(long, value_name = "ID")]
    account: Option<Uuid>,
    /// The file; it is there when it is whole. The standard output when left out.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// What `vitrina verify` is told.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    /// An exported log, the proof of one event, or a receipt. A log in several files, each going on where the one before ended, is given in their
    /// order. When left out: the live log of this installation, in its tables.
    pub files: Vec<PathBuf>,
    /// A signed checkpoint that was kept: the log must go through it. Several may be given.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A public key, as GET /v1/audit/keys gives it: signatures are checked with it. Several may be given.
    #[arg(long, value_name = "KEY")]
    pub key: Vec<PublicKey>,
}

/// Writes the log out as it stands now, beside a running server or without one.
pub async fn export(config: &Config, options: &ExportOptions) -> Result<(), StartError> {
    let Some(to) = &options.to else {
        return written(config, options, &mut io::stdout().lock(), "the standard output").await;
    };
    beside(to, async |file| written(config, options, file, &to.display().to_string()).await).await
}

/// Writes a file beside the name that it gets when it is whole; one that is not is of no use to anybody.
pub(crate) async fn beside(to: &Path, write: impl AsyncFnOnce(&mut File) -> Result<(), StartError>) -> Result<(), StartError> {
    let part = part_of(to);
    let failed = |source| StartError::Folder { what: "cannot write", path: to.display().to_string(), source };
    let mut file = File::create(&part).map_err(failed)?;
    let done = write(&mut file).await.and_then(|()| file.sync_all().and_then(|()| std::fs::rename(&part, to)).map_err(failed));
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

/// The name of a file while it is not whole.
fn part_of(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

async fn written(config: &Config, options: &ExportOptions, to: &mut dyn Write, name: &str) -> Result<(), StartError> {
    let source = house::open_tables(config)?;
    let upto = source.head().await?;
    let mut export = Export::whole(source, options.account.map(AccountId), upto, chrono::Utc::now()).await?;
    let mut digest = Context::new(&SHA256);
    while let Some(chunk) = export.next().await? {
        digest.update(&chunk);
        to.write_all(&chunk).map_err(|source| StartError::Folder { what: "cannot write", path: name.to_owned(), source })?;
    }
    let (events, position) = export.so_far();
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest.finish().as_ref());
    eprintln!("{events} events, up to position {position}, written to {name}\nSHA-256 {}", shown(&sha256));
    Ok(())
}

/// Checks files and says what they are worth.
pub fn check(options: &VerifyOptions) -> ExitCode {
    let checked = match &options.files[..] {
        [file] => match proof_in(file) {
            Ok(Some(proof)) => Ok(prove(&proof, options)),
            Ok(None) => check_log(options),
            Err(error) => Err(format!("{}: {error}", file.display())),
        },
        _ => check_log(options),
    };
    exit(checked)
}

/// Checks the live log in its tables, beside a running server or without one.
pub async fn check_live(config: &Config, options: &VerifyOptions) -> Result<ExitCode, StartError> {
    let (tables, began) = (house::open_tables(config)?, Instant::now());
    let mut witness = match witness(options) {
        Ok(witness) => witness,
        Err(why) => return Ok(exit(Err(why))),
    };
    let mut told = Instant::now();
    let progress = |position, head| {
        if told.elapsed() > TELL_EVERY {
            eprintln!("position {position} of {head}");
            told = Instant::now();
        }
    };
    let chains = live::check(&*tables, &mut witness, progress).await?;
    let (events, seconds) = (chains.events, began.elapsed().as_secs_f64());
    println!("the live log: {events} events of {} accounts, up to position {}", chains.accounts(), chains.end.0);
    println!("read and checked, with its tables, in {seconds:.2} s, {:.0} events/s", events as f64 / seconds.max(1e-6));
    faults(&chains);
    vouched(&witness, options);
    Ok(exit(Ok(sentence(&chains))))
}

fn exit(checked: Result<bool, String>) -> ExitCode {
    match checked {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("vitrina: cannot read {why}");
            ExitCode::from(UNREADABLE)
        }
    }
}

/// The proof in a file; `None` when it is something else.
fn proof_in(file: &Path) -> io::Result<Option<Proof>> {
    let mut begin = Vec::new();
    File::open(file)?.take(PROOF_MAX).read_to_end(&mut begin)?;
    Ok(Proof::read(&begin))
}

fn prove(proof: &Proof, options: &VerifyOptions) -> bool {
    match proof.check(&options.key) {
        Ok((event, checkpoint)) => {
            let (stream, account) = (event.stream, event.stream.account);
            println!("event {} at position {}: {} of {stream} by {}", event.event_id, event.position, event.event_type, event.actor);
            println!("recorded at {}", event.recorded_at.to_rfc3339());
            println!("event {} of account {account}, of {} that the checkpoint vouches for", proof.index + 1, checkpoint.size);
            println!("{}", signature(options, 1));
            if options.key.is_empty() {
                println!("VERDICT: the event is in what the checkpoint speaks of; without the key anybody may have written both.");
                return false;
            }
            println!("VERDICT: the event is in the log, as it stands here.");
            true
        }
        Err(why) => {
            println!("{why}");
            println!("VERDICT: this proves nothing.");
            false
        }
    }
}

fn signature(options: &VerifyOptions, signed: u64) -> String {
    match (options.key.is_empty(), signed) {
        (true, _) => "signatures were not checked: give the public key with --key".to_owned(),
        (false, signed) => format!("{signed} signatures were checked with the key that was given"),
    }
}

fn check_log(options: &VerifyOptions) -> Result<bool, String> {
    let mut witness = witness(options)?;
    let (mut verdict, mut begins_after): (Option<Verdict>, _) = (None, None);
    for (number, path) in options.files.iter().enumerate() {
        let (began, name) = (Instant::now(), path.display().to_string());
        let failed = |error: io::Error| format!("{name}: {error}");
        let (file, before) = (File::open(path).map_err(failed)?, verdict.take());
        let checked = verify_after(before, file, |event, line, chains| witness.see(event, Some(line), chains));
        let mut checked = checked.map_err(failed)?;
        begins_after = begins_after.or_else(|| checked.head.as_ref().map(|head| head.after));
        if number + 1 == options.files.len() {
            witness.end(&mut checked.chains);
        }
        print(&checked, &name, began.elapsed().as_secs_f64());
        verdict = Some(checked);
    }
    let Some(verdict) = verdict else { return Err("nothing".to_owned()) };
    vouched(&witness, options);
    let is_signed = options.key.is_empty() || witness.signed > 0 || witness.met() > 0;
    if !is_signed {
        println!("nothing in it is signed with the key that was given: whoever made this file could have written all of it");
    }
    if let Some(after) = begins_after.filter(|after| after.0 > 0) {
        println!("what came up to position {after} is not here and was not checked");
    }
    Ok(sentence(&verdict.chains) && is_signed)
}

/// The checkpoints that were kept, and the keys.
fn witness(options: &VerifyOptions) -> Result<Witness, String> {
    let mut witness = Witness::new(options.key.clone());
    for path in &options.checkpoint {
        let shown = path.display().to_string();
        let note = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
        // As the API answers, or the note alone.
        let note = serde_json::from_str::<Value>(&note).ok().and_then(|said| Some(said["note"].as_str()?.to_owned())).unwrap_or(note);
        witness.keep(&shown, &note).map_err(|why| format!("{shown}: {why}"))?;
    }
    Ok(witness)
}

fn vouched(witness: &Witness, options: &VerifyOptions) {
    if witness.held > 0 || !options.checkpoint.is_empty() {
        let signed = signature(options, witness.signed);
        println!("{} checkpoints in the log and {} that were kept agree with it; {signed}", witness.held, witness.met());
    }
}

pub(crate) fn print(verdict: &Verdict, name: &str, seconds: f64) {
    let chains = &verdict.chains;
    let (events, rate) = (chains.events, chains.events as f64 / seconds.max(1e-6));
    match &verdict.head {
        Some(head) => {
            let whose = head.account.map_or_else(|| format!("{} accounts", chains.accounts()), |account| format!("account {account}"));
            let (after, at) = (head.after, head.exported_at.to_rfc3339());
            println!("{name}: {events} events of {whose}, after position {after} up to {}, exported at {at}", chains.end.0);
            if after.0 > 0 {
                println!("it goes on from the event with hash {}: compare this with the end of the file before", shown(&head.previous));
            }
        }
        None => println!("{name}: {events} events"),
    }
    println!("{} bytes read and checked in {seconds:.2} s, {rate:.0} events/s", verdict.bytes);
    faults(chains);
}

fn faults(chains: &Chains) {
    for fault in &chains.faults.told {
        println!("{fault}");
    }
    if chains.faults.count > FAULTS_MAX as u64 {
        println!("and {} more", chains.faults.count - FAULTS_MAX as u64);
    }
    if chains.faults.count == 0 {
        for (account, size, root) in chains.roots().into_iter().filter(|(_, size, _)| *size > 0) {
            println!("account {account}: {size} events, root {}", shown(&root));
        }
        println!("the last hash is {}", shown(&chains.end.1));
    }
}

/// The last word.
pub(crate) fn sentence(chains: &Chains) -> bool {
    match chains.faults.count {
        0 => {
            println!("VERDICT: whole and unchanged. Every event follows from the one before it, and no byte differs from what was written.")
        }
        1 => println!("VERDICT: this is not what was written; one fault was found."),
        faults => println!("VERDICT: this is not what was written; {faults} faults were found."),
    }
    chains.faults.count == 0
}
