//! What the server is made of: the log, the executor, the read models, and what the handlers share.

use crate::{
    auth::{
        customer_token::Signer, export_pass::ExportPasses, media_token::Passes, password::Passwords, recording_pass::RecordingPasses,
        sessions::Sessions, sign_in::SignIns,
    },
    claims,
    config::Config,
    directory::Directory,
    erasing::Erasing,
    error::{ApiError, Result},
    exporting::Exporting,
    limits::Limits,
    live::Live,
    media::Media,
    prints::Prints,
    reading,
    recording::Recording,
    storage::Storage,
    webhooks::Webhooks,
    writing::Commands,
};
use ring::hmac;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};
use tokio::sync::{Semaphore, watch};
use vitrina_domain::{
    connection::ProcessId,
    ids::{AccountId, UserId},
};
use vitrina_eventlog::{EventLog, Position};
use vitrina_projections::{Error, Runner, Store, accounts, runner::Status, users};

/// Files on their way in at once; each may hold two pieces of five megabytes.
const UPLOADS_MAX: usize = 32;
/// Accounts remembered as existing; one that exists never ceases to.
const ACCOUNTS_REMEMBERED_MAX: usize = 10_000;

/// The stores and who works on them, opened.
pub struct House {
    /// The log.
    pub log: EventLog,
    /// Who carries commands out.
    pub commands: Commands,
    /// The read models.
    pub store: Store,
    /// Who keeps them.
    pub runner: Arc<Runner>,
}

/// What this process has besides the stores.
pub(crate) struct Sides {
    /// Where contents are kept.
    pub(crate) storage: Storage,
    /// The media of calls.
    pub(crate) media: Media,
    /// Their recordings.
    pub(crate) recording: Recording,
    /// Other systems that are told what happens.
    pub(crate) webhooks: Webhooks,
}

/// What every handler may use.
pub struct State {
    pub(crate) config: Config,
    pub(crate) public_url: String,
    pub(crate) log: EventLog,
    pub(crate) commands: Commands,
    pub(crate) store: Store,
    pub(crate) runner: Arc<Runner>,
    pub(crate) directory: Directory,
    pub(crate) signer: Signer,
    pub(crate) passes: Passes,
    pub(crate) recording_passes: RecordingPasses,
    pub(crate) export_passes: ExportPasses,
    pub(crate) token_key: hmac::Key,
    pub(crate) api_key_key: hmac::Key,
    fingerprint_key: hmac::Key,
    pub(crate) passwords: Passwords,
    pub(crate) sign_ins: SignIns,
    pub(crate) limits: Limits,
    pub(crate) sessions: Sessions,
    pub(crate) live: Live,
    pub(crate) storage: Storage,
    pub(crate) uploads: Semaphore,
    pub(crate) media: Media,
    pub(crate) recording: Recording,
    pub(crate) exporting: Exporting,
    pub(crate) erasing: Erasing,
    pub(crate) prints: Prints,
    pub(crate) webhooks: Webhooks,
    accounts: Mutex<HashSet<AccountId>>,
}

impl State {
    pub(crate) fn new(
        config: Config,
        public_url: String,
        house: House,
        sides: Sides,
        directory: Directory,
        process: watch::Receiver<ProcessId>,
    ) -> Self {
        let House { log, commands, store, runner } = house;
        let Sides { storage, media, recording, webhooks } = sides;
        let key = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &log.master().derive(purpose));
        Self {
            signer: Signer::new(&log.master().derive("customer-tokens"), config.customer_token_ttl),
            passes: Passes::new(&log.master().derive("media-tokens"), config.customer_token_ttl),
            recording_passes: RecordingPasses::new(&log.master().derive("recording-tokens"), config.customer_token_ttl),
            export_passes: ExportPasses::new(&log.master().derive("export-tokens"), config.customer_token_ttl),
            token_key: key("session-tokens"),
            api_key_key: key("api-keys"),
            fingerprint_key: key("fingerprints"),
            passwords: Passwords::new(),
            limits: Limits::new(&config),
            sign_ins: SignIns::new(config.sign_in_failures_max, config.sign_in_failures_max_network, config.sign_in_lockout),
            sessions: Sessions::default(),
            exporting: Exporting::new(process.clone()),
            erasing: Erasing::default(),
            live: Live::new(log.head(), process, config.live_sockets_max),
            media,
            recording,
            webhooks,
            prints: Prints::new(config.pdf_font_dirs.clone()),
            accounts: Mutex::default(),
            storage,
            uploads: Semaphore::new(UPLOADS_MAX),
            config,
            public_url,
            log,
            commands,
            store,
            runner,
            directory,
        }
    }

    /// Every event up to here is in the read models.
    pub(crate) fn applied(&self) -> Position {
        self.runner.position()
    }

    /// Waits until the read models stand there, for as long as a read may wait.
    pub(crate) async fn wait_applied(&self, position: Position) -> Result<(), Error> {
        self.runner.at_least(position, self.config.read_wait_max).await.map(|_| ())
    }

    /// How the read models are doing.
    pub(crate) fn reading_status(&self) -> Status {
        self.runner.status()
    }

    /// The account that a caller without a token means.
    pub(crate) async fn account(&self, named: Option<AccountId>) -> Result<AccountId> {
        let Some(named) = named else {
            let only = accounts::only(&self.store).await.map_err(reading::problem)?;
            return only.ok_or_else(|| ApiError::field("/account_id", "required", "this server has several accounts: name yours"));
        };
        if self.accounts.lock().expect("no holder panics").contains(&named) {
            return Ok(named);
        }
        let found = accounts::get(&self.store, named, self.applied()).await.map_err(reading::problem)?;
        if found.is_none() {
            return Err(ApiError::field("/account_id", "unknown", "there is no such account"));
        }
        let mut known = self.accounts.lock().expect("no holder panics");
        if known.len() < ACCOUNTS_REMEMBERED_MAX {
            known.insert(named);
        }
        Ok(named)
    }

    /// The unique name that a user's address is claimed under.
    pub(crate) async fn address_of(&self, account: AccountId, user: UserId) -> Result<Option<Vec<u8>>> {
        let row = users::get(&self.store, account, user).await.map_err(reading::problem)?;
        Ok(row.filter(|row| !row.deleted).and_then(|row| row.email).map(|email| claims::email(self.log.master(), &email)))
    }

    /// A fingerprint that can be compared only by who has the server's key.
    pub(crate) fn secret_fingerprint(&self, plain: &[u8; 16]) -> [u8; 16] {
        let mut keyed = [0; 16];
        keyed.copy_from_slice(&hmac::sign(&self.fingerprint_key, plain).as_ref()[..16]);
        keyed
    }
}
