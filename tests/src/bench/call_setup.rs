//! `call-setup`: forty participants who connect at once, two in a room: seconds until the last is connected, against the two
//! seconds that a shop would notice, and CPU of the server for each, against Janus.

use crate::{
    bench::{
        Size,
        measure::{Figure, median},
        sfu,
    },
    engine::Engine,
};

/// Participants at once.
const CONNECTIONS: &str = "40";
/// What they may take altogether.
const SECONDS: f64 = 2.0;

/// Prints two lines.
///
/// # Panics
/// When a server does not run.
pub fn run(engine: Engine, size: Size) {
    if engine != Engine::ALL[0] {
        return;
    }
    let rounds = size.pick(5, 1);
    let (mut seconds, mut ours, mut janus) = (Vec::new(), Vec::new(), Vec::new());
    let number = |figures: &serde_json::Value, name: &str| figures[name].as_f64().expect("the load prints its figures");
    for _ in 0..rounds {
        janus.push(number(&sfu::load("janus", &[CONNECTIONS]), "cpu_ms"));
        let figures = sfu::load("ours", &[CONNECTIONS]);
        ours.push(number(&figures, "cpu_ms"));
        seconds.push(number(&figures, "seconds"));
    }
    Figure::new("call_setup_40", engine, median(seconds), SECONDS, "s").print();
    Figure::new("call_setup_cpu", engine, median(ours), median(janus), "ms").print();
}
