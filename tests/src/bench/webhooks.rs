//! `webhooks`: deliveries/s to a receiver on this machine, to one endpoint and to a hundred, against a bare client (reqwest, as many
//! requests at once) that posts the same bodies to the same receiver; from an acknowledged command to its delivery, p50 against 20 ms; and
//! what one endpoint in a hundred that never answers costs the others, against a run without it.
//!
//! The receiver runs in this process, on the same machine, for both sides alike.

use crate::{
    bench::{
        Scene, Size,
        measure::{Figure, in_turn, median},
        served::{Served, message_of},
    },
    engine::Engine,
    http::Client,
    load::{self, Until},
    receiver::Receiver,
    walk,
};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::net::TcpListener;

/// Requests that the bare client has under way: as many as one endpoint is sent at most.
const AT_ONCE: usize = 32;
/// Endpoints of the wide runs.
const MANY: usize = 100;
/// Milliseconds that half of the deliveries may take.
const P50_LIMIT_MS: f64 = 20.0;
/// Between two messages of the latency run: each finds an idle server.
const PAUSE: Duration = Duration::from_millis(20);

/// Runs it and prints four lines.
pub fn run(engine: Engine, size: Size) {
    let (rounds, events, messages) = size.pick((5, 60_000, 300), (1, 400, 10));
    let scene = Scene::new(engine);
    let place = scene.place("webhooks");
    let served = Served::start_with(&place, &[("VITRINA_WEBHOOK_NETWORKS", "127.0.0.0/8"), ("VITRINA_WEBHOOK_SCHEMES", "http")]);
    let receiver = Receiver::start();
    let mut shop = Shop { owner: Client::new(served.address()).with_token(&served.owner_token()), receiver: &receiver };
    let visit = served.visit();
    let before = shop.head();
    load::run(served.address(), vec![message_of(&visit); 32], Until::Count(events as u32 / 32)).all_good();
    let written = shop.head() - before;

    latency(engine, &mut shop, &visit, messages);
    let (ours, limit) = in_turn(rounds, || shop.told(1, before, written), || bare(&receiver, written as usize));
    Figure::new("webhooks_1", engine, ours, limit, "deliveries/s").print();
    let few = written / MANY as i64;
    let after = before + written - few;
    let (ours, limit) = in_turn(rounds, || shop.told(MANY, after, few), || bare(&receiver, written as usize));
    Figure::new("webhooks_100", engine, ours, limit, "deliveries/s").print();
    let dead = Dead::start(&receiver);
    let (ours, limit) = in_turn(
        rounds,
        || {
            let id = shop.endpoint(&dead.url, before);
            let seconds = (few * (MANY as i64 - 1)) as f64 / shop.told(MANY - 1, after, few);
            shop.delete(&[id]);
            seconds
        },
        || (few * (MANY as i64 - 1)) as f64 / shop_again(&served, &receiver).told(MANY - 1, after, few),
    );
    Figure::new("webhooks_dead", engine, ours, limit, "s").print();
}

fn shop_again<'r>(served: &Served, receiver: &'r Receiver) -> Shop<'r> {
    Shop { owner: Client::new(served.address()).with_token(&served.owner_token()), receiver }
}

/// The owner, and who is told.
struct Shop<'r> {
    owner: Client,
    receiver: &'r Receiver,
}

impl Shop<'_> {
    /// Where the log ends.
    fn head(&mut self) -> i64 {
        walk::position(&self.owner.get("/v1/account").expect(200))
    }

    fn endpoint(&mut self, url: &str, after: i64) -> String {
        let body = json!({"name": "Bench", "url": url, "after": after, "events": ["conversation.message_sent"]});
        walk::text(&self.owner.post("/v1/webhooks", &body).expect(201), "id")
    }

    fn delete(&mut self, ids: &[String]) {
        for id in ids {
            self.owner.delete(&format!("/v1/webhooks/{id}")).expect(200);
        }
    }

    /// Deliveries/s of what was written after a position, to so many endpoints that are made now.
    fn told(&mut self, endpoints: usize, after: i64, each: i64) -> f64 {
        let (url, before) = (self.receiver.url(), self.receiver.came.count());
        let all = endpoints as u64 * each as u64;
        let receiver = self.receiver;
        let (ids, seconds) = std::thread::scope(|scope| {
            let measured = scope.spawn(|| receiver.seconds_of(before, all));
            let ids: Vec<String> = (0..endpoints).map(|_| self.endpoint(&url, after)).collect();
            (ids, measured.join().expect("all is told"))
        });
        self.delete(&ids);
        all as f64 / seconds
    }
}

/// From the acknowledged message to its delivery.
fn latency(engine: Engine, shop: &mut Shop<'_>, visit: &walk::Visit, messages: usize) {
    let url = shop.receiver.url();
    let after = shop.head();
    let id = shop.endpoint(&url, after);
    let mut customer = Client::new(shop.owner.address()).with_token(&visit.token);
    let mut took = Vec::new();
    // The first one is told when somebody has taken the endpoint on.
    for count in 0..=messages {
        let sent = customer.post(&visit.messages(), &json!({"body": "Does it come in green?"})).expect(201);
        let (acknowledged, position) = (Instant::now(), walk::position(&sent));
        let arrived = loop {
            match shop.receiver.came.at(position) {
                Some(arrived) => break arrived,
                None => std::thread::sleep(Duration::from_micros(100)),
            }
            assert!(acknowledged.elapsed() < Duration::from_secs(60), "a message was not told");
        };
        if count > 0 {
            took.push(arrived.saturating_duration_since(acknowledged).as_secs_f64() * 1_000.0);
        }
        std::thread::sleep(PAUSE);
    }
    shop.delete(&[id]);
    Figure::new("webhooks_p50", engine, median(took), P50_LIMIT_MS, "ms").print();
}

/// Deliveries/s of a client that does nothing else.
fn bare(receiver: &Receiver, count: usize) -> f64 {
    let bodies = Arc::new(receiver.came.bodies());
    let (url, next) = (receiver.url(), Arc::new(AtomicUsize::new(0)));
    // Installed already by the first round.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let begun = Instant::now();
    receiver.runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().expect("a client");
        let post = |_| {
            let (client, url, bodies, next) = (client.clone(), url.clone(), Arc::clone(&bodies), Arc::clone(&next));
            tokio::spawn(async move {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        return;
                    }
                    let request = client.post(&url).header("content-type", "application/json").body(bodies[at % bodies.len()].clone());
                    request.send().await.expect("the receiver answers").bytes().await.expect("the receiver answers");
                }
            })
        };
        let posting: Vec<_> = (0..AT_ONCE).map(post).collect();
        for one in posting {
            one.await.expect("a client does not panic");
        }
    });
    count as f64 / begun.elapsed().as_secs_f64()
}

/// An endpoint that takes connections and never answers.
struct Dead {
    url: String,
}

impl Dead {
    fn start(receiver: &Receiver) -> Self {
        let listener = receiver.runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("it is bound"));
        receiver.runtime.spawn(async move {
            let mut kept = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                kept.push(stream);
            }
        });
        Self { url }
    }
}
