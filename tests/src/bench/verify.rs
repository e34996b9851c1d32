//! `verify`: events/s of checking an exported log, a past as the product writes it, as `vitrina verify FILE` does. Limit: reading the
//! same file and adding up its SHA-256, in turn with it.

use crate::{
    bench::{
        Scene, Size,
        history::Shop,
        measure::{Figure, in_turn},
        store,
    },
    engine::Engine,
};
use ring::digest::{Context, SHA256};
use std::{fs::File, io::Read, io::Write, path::Path, sync::Arc, time::Instant};
use vitrina_eventlog::{
    EventLog,
    trail::{export::Export, verify::verify, witness::Witness},
};

/// Bytes that the limit reads at once.
const CHUNK: usize = 1024 * 1024;

/// Runs it and prints one line.
pub fn run(engine: Engine, size: Size) {
    let (rounds, events) = size.pick((5, 300_000), (0, 2_000));
    let scene = Scene::new(engine);
    let place = scene.place("verify");
    let file = place.folder().join("log.jsonl");
    let events = store::runtime().block_on(async {
        let log = store::open(&place).await;
        Shop::invented().write(&log, events).await;
        export(&log, &file).await;
        log.close().await;
        log.head().0
    });
    let rate = |took: f64| events as f64 / took;
    let (ours, limit) = in_turn(rounds, || rate(checked(&file, events)), || rate(hashed(&file)));
    Figure::new("verify", engine, ours, limit, "events/s").print();
}

async fn export(log: &EventLog, file: &Path) {
    let source = Arc::new(log.clone());
    let mut export = Export::whole(source, None, log.head(), chrono::Utc::now()).await.expect("the log is read");
    let mut file = File::create(file).expect("the folder is ours");
    while let Some(chunk) = export.next().await.expect("the log is read") {
        file.write_all(&chunk).expect("there is room");
    }
}

/// Checks the file; in how many seconds.
fn checked(file: &Path, events: i64) -> f64 {
    let begun = Instant::now();
    let mut witness = Witness::default();
    let verdict = verify(File::open(file).expect("it was written"), |event, line, chains| witness.see(event, Some(line), chains));
    let verdict = verdict.expect("it is read");
    let took = begun.elapsed().as_secs_f64();
    assert!(verdict.holds() && verdict.chains.events as i64 == events, "{:?}", verdict.chains.faults);
    took
}

/// Reads the file and adds it up; in how many seconds.
fn hashed(file: &Path) -> f64 {
    let begun = Instant::now();
    let (mut file, mut buffer, mut digest) = (File::open(file).expect("it was written"), vec![0; CHUNK], Context::new(&SHA256));
    loop {
        let read = file.read(&mut buffer).expect("it is read");
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
    }
    assert_eq!(digest.finish().as_ref().len(), 32);
    begun.elapsed().as_secs_f64()
}
