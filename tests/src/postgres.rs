//! A throwaway PostgreSQL server from the binaries on this machine, and databases in it. Runs as the user `postgres` when
//! we are root, since PostgreSQL refuses to be root; as ourselves otherwise.

use crate::{folder::Folder, leash::Leash};
use std::{
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// What a server does at a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production: a commit is on the disk. For crash tests and benches.
    Fsync,
    /// Fast, and lost with the machine. For everything else.
    Lax,
}

/// How a server is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Sessions are ended, the rest is written.
    Fast,
    /// Like a crash: nothing is written, the next start recovers.
    Immediate,
}

/// A running server of our own.
#[derive(Debug)]
pub struct Postgres {
    folder: Folder,
    port: u16,
    options: String,
    _leash: Leash,
}

impl Postgres {
    /// A new, empty server.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start, saying what to install.
    pub fn start(durability: Durability) -> Self {
        let folder = Folder::new("postgres");
        let data = folder.path().join("data");
        if let Some((user, group)) = postgres_ids() {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).expect("root may give a folder away");
        }
        run(tool("initdb", folder.path()).arg("-D").arg(&data).args([
            "-U",
            "vitrina",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-instructions",
        ]));
        let port = crate::server::free_port();
        let mut options = format!(
            "-c listen_addresses=127.0.0.1 -p {port} -k {} -c max_connections=200 -c shared_buffers=128MB",
            folder.path().display()
        );
        if durability == Durability::Lax {
            options.push_str(" -c fsync=off -c synchronous_commit=off -c full_page_writes=off");
        }
        // When we are killed: an immediate stop by process id, then the files.
        let leash = Leash::hold(&format!(
            "kill -QUIT $(head -n 1 {data}/postmaster.pid); while [ -f {data}/postmaster.pid ]; do sleep 0.1; done; \
             rm -rf {folder}",
            data = data.display(),
            folder = folder.path().display(),
        ));
        let server = Self { folder, port, options, _leash: leash };
        server.start_again();
        server
    }

    /// Starts it after a [`stop`](Self::stop); returns when it accepts connections.
    pub fn start_again(&self) {
        run(self.control().args(["-w", "-t", "60", "-s", "start", "-o", &self.options]).arg("-l").arg(self.log()));
    }

    /// Stops it; returns when it is gone.
    pub fn stop(&self, how: Stop) {
        let mode = match how {
            Stop::Fast => "fast",
            Stop::Immediate => "immediate",
        };
        run(self.control().args(["-w", "-t", "60", "-s", "stop", "-m", mode]));
    }

    /// The address of a database of it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://vitrina@127.0.0.1:{}/{database}", self.port)
    }

    /// Creates a database with a name of its own and gives its address.
    pub fn database(&self, purpose: &str) -> Database {
        Database::create(&self.url("postgres"), purpose)
    }

    /// The process id of the postmaster, whose children are all the other processes of this server.
    pub fn pid(&self) -> u32 {
        let file = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap_or_default();
        file.lines().next().and_then(|line| line.trim().parse().ok()).expect("the server runs")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn control(&self) -> Command {
        let mut command = tool("pg_ctl", self.folder.path());
        command.arg("-D").arg(self.folder.path().join("data"));
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.control().args(["-w", "-s", "stop", "-m", "immediate"]).status();
    }
}

/// One database, dropped with its owner.
#[derive(Debug)]
pub struct Database {
    /// `postgres://…`
    pub url: String,
    admin_url: String,
    name: String,
}

impl Database {
    /// A database in the server that all suites share: the one that `VITRINA_TEST_DATABASE_URL` names, or a throwaway
    /// one for this process.
    pub fn shared(purpose: &str) -> Self {
        static SERVER: OnceLock<Postgres> = OnceLock::new();
        match std::env::var("VITRINA_TEST_DATABASE_URL") {
            Ok(url) => Self::create(&url, purpose),
            Err(_) => SERVER.get_or_init(|| Postgres::start(Durability::Lax)).database(purpose),
        }
    }

    /// A copy of it as it is now. Nobody may be connected to it.
    pub fn copy(&self, purpose: &str) -> Self {
        Self::new(&self.admin_url, purpose, &format!(" TEMPLATE \"{}\"", self.name))
    }

    fn create(admin_url: &str, purpose: &str) -> Self {
        Self::new(admin_url, purpose, "")
    }

    fn new(admin_url: &str, purpose: &str, template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("vitrina_test_{purpose}_{}_{number}", std::process::id());
        query(admin_url, &format!("CREATE DATABASE \"{name}\"{template}")).expect("a database can be created");
        let (server, _) = admin_url.rsplit_once('/').expect("the address of a database has a path");
        Self { url: format!("{server}/{name}"), admin_url: admin_url.into(), name }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = query(&self.admin_url, &format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name));
    }
}

/// A row as text, column by column.
pub type Row = Vec<Option<String>>;

/// Runs one statement on a connection of its own and gives its rows as text.
pub fn query(url: &str, sql: &str) -> Result<Vec<Row>, tokio_postgres::Error> {
    // On a thread of its own, so that a bench may ask from within its runtime.
    let asking = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime needs nothing but memory").block_on(ask(url, sql))
    };
    std::thread::scope(|scope| scope.spawn(asking).join().expect("asking does not panic"))
}

async fn ask(url: &str, sql: &str) -> Result<Vec<Row>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let driving = tokio::spawn(connection);
    let messages = client.simple_query(sql).await?;
    drop(client);
    let _ = driving.await;
    let text = |row: &tokio_postgres::SimpleQueryRow| (0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect();
    Ok(messages
        .iter()
        .filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(text(row)),
            _ => None,
        })
        .collect())
}

/// A program of PostgreSQL, run as the right user.
fn tool(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(bin_dir().join(name));
    command.current_dir(folder).env("LC_ALL", "C").stdin(Stdio::null());
    if let Some((user, group)) = postgres_ids() {
        command.uid(user).gid(group);
    }
    command
}

fn run(command: &mut Command) {
    // Not a pipe: the server would keep it open for ever.
    let status = command.stdout(Stdio::null()).stderr(Stdio::inherit()).status();
    assert!(status.as_ref().is_ok_and(|status| status.success()), "{command:?}: {status:?}");
}

fn bin_dir() -> PathBuf {
    if let Some(folder) = std::env::var_os("PG_BIN_DIR").filter(|folder| !folder.is_empty()) {
        return folder.into();
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|entry| entry.path().join("bin")).filter(|folder| folder.join("initdb").exists()).collect();
    folders.sort();
    folders.pop().expect("PostgreSQL is installed: `apt-get install postgresql`, or run tests/run, which does it")
}

/// The user `postgres`, when we are root.
fn postgres_ids() -> Option<(u32, u32)> {
    if std::fs::metadata("/proc/self").ok()?.uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let fields: Vec<&str> = line.split(':').collect();
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}
