//! `command`: durable chat messages/s over HTTP, 64 kept connections, each in a conversation of its own. Limit: the same
//! route of the same build answering without executing (`null_server`). And `command_cpu`: CPU of server and database
//! for one message, against 0.2 ms.

use crate::{
    bench::{
        Scene, Size, cpu,
        measure::{Figure, median},
        served::{self, Served},
    },
    engine::Engine,
    load::{self, Until},
    server,
};
use std::time::Duration;

/// Connections that send at once.
const CONNECTIONS: usize = 64;
/// What a message may cost: Odoo 19 takes 37.6 ms.
const CPU_LIMIT_MS: f64 = 0.2;

/// Runs it and prints two lines.
pub fn run(engine: Engine, size: Size) {
    let (rounds, length) = size.pick((5, Duration::from_secs(4)), (1, Duration::from_millis(300)));
    let scene = Scene::new(engine);
    let (place, null_place) = (scene.place("command"), scene.place("null"));
    let served = Served::start(&place);
    let null = served::start_program(server::program("null_server"), &null_place);
    let requests = served.messages(CONNECTIONS);

    let (mut ours, mut limit, mut cpu_ms) = (Vec::new(), Vec::new(), Vec::new());
    // One more, not counted: the caches are cold.
    for round in 0..=rounds {
        let bare = load::run(null.address(), requests.clone(), Until::Elapsed(length)).all_good().per_second();
        let cpu_before = cpu::seconds_of_tree(served.pid()) + scene.database_cpu_s();
        let answers = load::run(served.address(), requests.clone(), Until::Elapsed(length)).all_good();
        let cpu_s = cpu::seconds_of_tree(served.pid()) + scene.database_cpu_s() - cpu_before;
        let (rate, cost) = (answers.per_second(), cpu_s * 1000.0 / answers.good as f64);
        eprintln!("  round {round}: ours {rate:.0}/s at {cost:.3} ms CPU, limit {bare:.0}/s");
        if round > 0 {
            ours.push(rate);
            limit.push(bare);
            cpu_ms.push(cost);
        }
    }
    Figure::new("command", engine, median(ours), median(limit), "messages/s").print();
    Figure::new("command_cpu", engine, median(cpu_ms), CPU_LIMIT_MS, "ms").print();
}
