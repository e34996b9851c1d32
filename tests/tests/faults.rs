//! What surrounds the server breaks: the database goes away, a second process comes, the folder is read-only, the disk is
//! full. Nothing acknowledged is lost, and the server says what is wrong.

use serde_json::json;
use std::{process::Command, time::Duration};
use vitrina_tests::{
    engine::{Engine, Place, Store},
    http::Client,
    ledger,
    patience::wait_for,
    postgres::{Durability, Postgres, Stop},
    server::{Server, run_to_the_end},
    traffic,
    walk::{Shop, Visit, request_of_a_call},
};

#[test]
fn postgresql_crashing_in_the_middle_of_commits_loses_nothing_acknowledged() {
    let postgres = Postgres::start(Durability::Fsync);
    let place = Place::on(&postgres, "restart");
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    let mut shopper = shop.hire("sofia@example.com");
    let visits: Vec<Visit> = (0..8).map(|_| shop.live_visit(&mut shopper)).collect();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let known = traffic::until_broken(server.address(), &visits, 40 + round * 23, || postgres.stop(Stop::Immediate));
        let mut client = server.client();
        client.get("/health/live").expect(200);
        assert_eq!(client.get("/health/ready").problem(503), "database_unavailable");
        postgres.start_again();
        wait_until_ready(&mut client);
        acknowledged.extend(traffic::settle(&server, &visits, &known));
        ledger::assert_log_is_whole(&place);
        ledger::assert_written_once(&place, &acknowledged);
    }
    assert!(server.stop().success());
    ledger::assert_read_models_equal_a_fold(&place);
}

#[test]
fn while_the_database_is_away_a_command_is_told_when_to_come_back() {
    let postgres = Postgres::start(Durability::Lax);
    let place = Place::on(&postgres, "away");
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    postgres.stop(Stop::Fast);
    let refused = shop.nobody.post("/v1/calls", &request_of_a_call());
    assert_eq!(refused.problem(503), "database_unavailable");
    assert!(refused.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()));
    postgres.start_again();
    wait_until_ready(&mut shop.nobody);
    shop.visit();
}

#[test]
fn two_processes_on_one_postgresql_write_one_dense_log() {
    let place = Engine::Postgres.place("two");
    let servers = [Server::start(&place), Server::start(&place)];
    let mut shop = Shop::open(&servers[0]);
    let mut shopper = shop.hire("sofia@example.com");
    let visits: Vec<Visit> = (0..4).map(|_| shop.live_visit(&mut shopper)).collect();
    let mut answers = Vec::new();
    std::thread::scope(|scope| {
        // The same conversations through both processes: their caches must not lead them astray.
        let callers: Vec<_> = (0..8)
            .map(|number: usize| {
                let (visit, server) = (&visits[number % 4], &servers[number / 4]);
                scope.spawn(move || {
                    let mut client = server.client().with_token(&visit.token);
                    let body = json!({ "body": format!("from caller {number}") });
                    (0..40).map(|_| client.post(&visit.messages(), &body).expect(201)).collect::<Vec<_>>()
                })
            })
            .collect();
        // A reader that follows while they write: the next position is always the next number.
        let mut seen = 0;
        while !callers.iter().all(|caller| caller.is_finished()) {
            let next = place.query(Store::Log, &format!("SELECT position FROM events WHERE position > {seen} ORDER BY position"));
            for row in next {
                assert_eq!(row, [Some((seen + 1).to_string())], "after position {seen}");
                seen += 1;
            }
        }
        assert!(seen > 0);
        answers.extend(callers.into_iter().flat_map(|caller| caller.join().unwrap()));
    });
    let last = answers.iter().map(vitrina_tests::walk::position).max().unwrap();
    for server in &servers {
        let mut client = server.client().with_token(&visits[0].token);
        let messages = client.get(&format!("{}?limit=200&at_least={last}", visits[0].messages())).expect(200);
        assert_eq!(vitrina_tests::walk::items(&messages).len(), 80);
    }
    assert!(servers.map(Server::stop).iter().all(|status| status.success()));
    ledger::assert_log_is_whole(&place);
    ledger::assert_read_models_equal_a_fold(&place);
}

#[test]
fn a_second_process_on_the_same_files_is_refused() {
    let place = Engine::Sqlite.place("second");
    let server = Server::start(&place);
    let second = run_to_the_end(&place, &["serve"], &[]);
    assert!(!second.status.success());
    assert!(second.printed.contains("another process"), "{}", second.printed);
    server.client().get("/health/ready").expect(200);
}

#[test]
fn a_server_that_was_killed_leaves_no_lock_behind() {
    let place = Engine::Sqlite.place("lock");
    Server::start(&place).kill();
    Server::start(&place).client().get("/health/ready").expect(200);
}

#[test]
fn a_read_only_folder_is_refused_at_start() {
    let place = Engine::Sqlite.place("readonly");
    // Root may write everywhere but on a file system that is read-only.
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "ro", "tmpfs"]).arg(place.folder()).status();
    if !mounted.is_ok_and(|status| status.success()) {
        assert!(Command::new("chmod").arg("a-w").arg(place.folder()).status().unwrap().success());
    }
    let ended = run_to_the_end(&place, &["serve"], &[]);
    let _ = Command::new("umount").arg(place.folder()).stderr(std::process::Stdio::null()).status();
    assert!(!ended.status.success(), "{}", ended.printed);
    let folder = place.folder().to_string_lossy().into_owned();
    assert!(ended.printed.contains(&folder), "the message does not name the folder: {}", ended.printed);
}

#[test]
fn a_newer_schema_is_refused_on_both_engines() {
    for engine in Engine::ALL {
        let place = engine.place("newer");
        Server::start(&place).stop();
        let history = match engine {
            Engine::Sqlite => "refinery_schema_history",
            Engine::Postgres => "public.vitrina_log_migrations",
        };
        let columns = "version, name, applied_on, checksum";
        place.query(Store::Log, &format!("INSERT INTO {history} ({columns}) VALUES (999, 'later', '2099-01-01T00:00:00Z', '1')"));
        let ended = run_to_the_end(&place, &["serve"], &[]);
        assert!(!ended.status.success(), "{engine}: {}", ended.printed);
        assert!(ended.printed.contains("newer"), "{engine}: {}", ended.printed);
    }
}

#[test]
fn a_bad_option_is_named_at_start() {
    let place = Engine::Sqlite.place("option");
    for (name, value) in [("VITRINA_LISTEN", "nowhere"), ("VITRINA_LOG_FORMAT", "poetry"), ("VITRINA_MASTER_KEY", "too short")] {
        let ended = run_to_the_end(&place, &["serve"], &[(name, value)]);
        assert_eq!(ended.status.code(), Some(2), "{name}={value}: {}", ended.printed);
        let option = name["VITRINA_".len()..].to_lowercase();
        assert!(ended.printed.contains(name) || ended.printed.contains(&option), "{name}: {}", ended.printed);
    }
}

#[test]
fn a_wrong_master_key_is_refused_instead_of_reading_everybody_as_erased() {
    for engine in Engine::ALL {
        let place = engine.place("key");
        Server::start_with(&place, &[("VITRINA_MASTER_KEY", &"11".repeat(32))]).stop();
        let ended = run_to_the_end(&place, &["serve"], &[("VITRINA_MASTER_KEY", &"22".repeat(32))]);
        assert!(!ended.status.success(), "{engine}: {}", ended.printed);
        assert!(ended.printed.contains("master key"), "{engine}: {}", ended.printed);
    }
}

#[test]
fn a_full_disk_refuses_commands_and_keeps_what_was_acknowledged() {
    let place = Engine::Sqlite.place("full");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(place.folder()).status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("left out: only root can mount a small file system");
        return;
    }
    let server = Server::start(&place);
    let mut shop = Shop::open(&server);
    let mut shopper = shop.hire("sofia@example.com");
    let mut visit = shop.live_visit(&mut shopper);
    let (path, body) = (visit.messages(), json!({ "body": "x".repeat(1900) }));
    let mut last = 0;
    let refused = loop {
        let answer = visit.customer.post(&path, &body);
        if answer.status != 201 {
            break answer;
        }
        last = vitrina_tests::walk::position(&answer);
    };
    refused.problem(503);
    assert!(last > 0);
    drop(server);
    let head = ledger::assert_log_is_whole(&place);
    let _ = Command::new("umount").arg("-l").arg(place.folder()).status();
    assert!(head >= last, "acknowledged up to {last}, the log ends at {head}");
}

fn wait_until_ready(client: &mut Client) {
    let ready = || client.try_send("GET", "/health/ready", &[], None).is_ok_and(|answer| answer.status == 200);
    let mut ready = ready;
    assert!(wait_for(Duration::from_secs(60), || ready().then_some(())).is_some(), "the server does not recover");
}
