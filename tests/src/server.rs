//! The real binary as a child process on a free port: started, killed, started again, stopped gracefully.

use crate::{engine::Place, folder::Folder, http::Client, leash::Leash, patience};
use std::{
    fs::File,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

/// The owner's credentials on every place of ours.
pub const OWNER_EMAIL: &str = "owner@example.com";
/// Long enough for the server's rule.
pub const OWNER_PASSWORD: &str = "correct horse battery staple";

/// Longest start that we wait for: the benches let the read models catch up with two million events.
const START_WITHIN: Duration = Duration::from_secs(600);
/// Longest run of a command that ends by itself: in a debug build, a day of 500 customers of which one of two servers is killed every few
/// seconds takes 90 to 210 s on two cores, and longer on a slower machine.
const END_WITHIN: Duration = Duration::from_secs(1_200);
/// Longest graceful stop: the server drains for at most 30 s.
const STOP_WITHIN: Duration = Duration::from_secs(40);

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: String,
    output: Folder,
    _leash: Leash,
}

impl Server {
    /// Starts `vitrina serve` on a place and waits until it is ready.
    ///
    /// # Panics
    /// When it does not get ready, showing what it printed.
    pub fn start(place: &Place) -> Self {
        Self::start_program(program("vitrina"), place, &[])
    }

    /// Starts it with options from the environment.
    pub fn start_with(place: &Place, options: &[(&str, &str)]) -> Self {
        Self::start_program(program("vitrina"), place, options)
    }

    /// Starts it on this port, where one before it may have been: clients find it again.
    pub fn start_at(place: &Place, port: u16, options: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn(&program("vitrina"), place, &format!("127.0.0.1:{port}"), options);
        match server.is_ready() {
            Some(true) => server,
            _ => panic!("the server did not get ready and says {}; it printed:\n{}", server.health(), server.printed()),
        }
    }

    /// Starts another program that understands the same options and answers `/health/ready`.
    pub fn start_program(program: PathBuf, place: &Place, options: &[(&str, &str)]) -> Self {
        // A free port may be taken before the server binds it; then another is tried.
        const PORTS_TRIED: u32 = 3;
        let mut printed = String::new();
        for _ in 0..PORTS_TRIED {
            let mut server = Self::spawn(&program, place, &format!("127.0.0.1:{}", free_port()), options);
            let ready = server.is_ready();
            printed = server.printed();
            match ready {
                Some(true) => return server,
                Some(false) if printed.contains("in use") => continue,
                _ => break,
            }
        }
        panic!("the server did not get ready:\n{printed}")
    }

    /// Whether it got ready, or ended; `None` when neither within [`START_WITHIN`].
    fn is_ready(&mut self) -> Option<bool> {
        let mut client = Client::new(&self.address);
        patience::wait_for(START_WITHIN, || match self.child.try_wait() {
            Ok(Some(_)) => Some(false),
            _ => client.try_send("GET", "/health/ready", &[], None).is_ok_and(|answer| answer.status == 200).then_some(true),
        })
    }

    /// What it says of itself, for whoever asks why it is not ready.
    fn health(&self) -> String {
        let answer = Client::new(&self.address).try_send("GET", "/health/ready", &[], None);
        answer.map_or_else(|error| error.to_string(), |answer| format!("{} {}", answer.status, answer.text()))
    }

    fn spawn(program: &PathBuf, place: &Place, address: &str, options: &[(&str, &str)]) -> Self {
        let output = Folder::new("printed");
        let file = File::create(output.path().join("log")).expect("a folder of ours can be written");
        let mut command = command(program, place, address, options);
        if program.file_name().is_some_and(|name| name == "vitrina") {
            command.arg("serve");
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file handle can be cloned"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let leash = Leash::hold(&format!("kill -9 {}", child.id()));
        Self { child, address: address.to_owned(), output, _leash: leash }
    }

    /// `127.0.0.1:port`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The port of it, for another life at the same address.
    pub fn port(&self) -> u16 {
        self.address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("an address has a port")
    }

    /// A caller without a token.
    pub fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(self.output.path().join("log")).unwrap_or_default()
    }

    /// `kill -9`. Returns when the process is gone.
    pub fn kill(mut self) {
        self.kill_now();
    }

    /// `SIGTERM`, and waits for the drain.
    pub fn stop(mut self) -> ExitStatus {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the server is gone already:\n{}", self.printed());
        let ended = patience::wait_for(STOP_WITHIN, || self.child.try_wait().ok().flatten());
        ended.unwrap_or_else(|| panic!("the server did not stop:\n{}", self.printed()))
    }

    fn kill_now(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill_now();
        if std::thread::panicking() {
            eprintln!("--- what the server printed:\n{}", self.printed());
        }
    }
}

/// What a run to the end gave.
#[derive(Debug)]
pub struct Ended {
    /// The exit status.
    pub status: ExitStatus,
    /// Standard output and standard error.
    pub printed: String,
}

/// Runs `vitrina ARGUMENTS` on a place and waits for its end; a server that starts although it should
/// not is killed then.
pub fn run_to_the_end(place: &Place, arguments: &[&str], options: &[(&str, &str)]) -> Ended {
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = command(&program("vitrina"), place, &address, options);
    // Files, not pipes: nobody reads while it runs, and a full pipe would hold it for ever.
    let output = Folder::new("printed");
    let files = ["out", "err"].map(|name| output.path().join(name));
    let [out, err] = files.each_ref().map(|file| File::create(file).expect("a folder of ours can be written"));
    let mut child = command.args(arguments).stdin(Stdio::null()).stdout(out).stderr(err).spawn().expect("the binary can be started");
    let ended = patience::wait_for(END_WITHIN, || child.try_wait().ok().flatten());
    if ended.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let printed = files.map(|file| std::fs::read(file).expect("the output of an ended process can be read")).concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let Some(status) = ended else { panic!("`vitrina {}` did not end within {END_WITHIN:?}:\n{printed}", arguments.join(" ")) };
    Ended { status, printed }
}

/// The program with the place's options; `options` win over them.
fn command(program: &PathBuf, place: &Place, address: &str, options: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    // Nothing of the caller's own configuration.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VITRINA_")) {
        command.env_remove(name);
    }
    command
        .current_dir(place.folder())
        .env("VITRINA_LISTEN", address)
        .env("VITRINA_MEDIA_LISTEN", "127.0.0.1:0")
        .env("VITRINA_DATA_DIR", place.folder())
        .env("VITRINA_FIRST_EMAIL", OWNER_EMAIL)
        .env("VITRINA_FIRST_PASSWORD", OWNER_PASSWORD)
        // Counted as ever, and never used up: the load comes from one address.
        .env("VITRINA_RATE_LIMIT_CALLER_PER_MINUTE", "1000000000")
        .env("VITRINA_RATE_LIMIT_ADDRESS_PER_MINUTE", "1000000000");
    if let Some(url) = place.database_url() {
        command.env("VITRINA_DATABASE_URL", url);
    }
    command.envs(options.iter().copied());
    command
}

/// A program of this workspace, built beside the running test.
///
/// # Panics
/// When it is not built, saying how to.
pub fn program(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("a process knows its own path");
    let found = here.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is not built: run `cargo build --workspace --bins`, or tests/run"))
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
