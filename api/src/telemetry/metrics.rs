//! Prometheus metrics of the HTTP side. Labels are route patterns, methods and statuses: never an id.

use actix_web::http::Method;
use metrics::{Counter, Histogram, Label, Unit};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

const REQUESTS: &str = "vitrina_http_requests_total";
const SECONDS: &str = "vitrina_http_request_seconds";
/// Upper bounds of the histogram, in seconds: from a cached answer to a time-out.
const BUCKETS_S: [f64; 12] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

type Handles = HashMap<(Arc<str>, Method, u16), (Counter, Histogram)>;

thread_local! {
    /// Registered series, so that a request looks its own up in one small map instead of making labels anew.
    static HANDLES: RefCell<Handles> = RefCell::default();
}

/// The process's recorder, installed on the first call.
pub(crate) fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let builder =
            PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS_S).expect("there is a bucket");
        builder.install_recorder().expect("nobody else installs a recorder")
    })
}

/// Names and units for `# HELP`.
pub(crate) fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests answered, by route pattern, method and status");
    metrics::describe_histogram!(SECONDS, Unit::Seconds, "Time from request head to answer, by route pattern and method");
    metrics::describe_gauge!("vitrina_log_head_position", "Position of the last event known to this process");
    metrics::describe_gauge!("vitrina_log_queue_depth", "Appends that wait for the batcher");
    metrics::describe_gauge!("vitrina_log_queue_capacity", "Appends that may wait for the batcher");
    metrics::describe_gauge!("vitrina_projections_position", "Position that the read models have come to");
    metrics::describe_gauge!("vitrina_projections_lag_events", "Events that the read models are behind the log");
    metrics::describe_gauge!("vitrina_live_sockets", "Live connections, WebSockets and event streams");
    metrics::describe_counter!("vitrina_live_frames_total", "Texts sent over live connections");
    metrics::describe_counter!("vitrina_live_dropped_total", "Live subscriptions that were dropped because their reader was slow");
    metrics::describe_counter!("vitrina_signals_lost_total", "Signals, such as typing, that were lost");
    metrics::describe_gauge!("vitrina_media_calls", "Calls whose media is on this node");
    metrics::describe_counter!(
        "vitrina_house_command_retries_total",
        "Commands of the house itself, such as facts of media, that were given again"
    );
    metrics::describe_counter!(
        "vitrina_recording_packets_lost_total",
        "Packets that the recorder was too slow for, counted when a take ends"
    );
    metrics::describe_gauge!("vitrina_projections_failed", "1 when the read models have stopped at an event that they cannot apply");
    crate::integrity::describe();
    for (name, meaning) in MEDIA {
        metrics::describe_counter!(name, meaning);
    }
}

/// Counters of media: what was lost for want of room shows a server that is too small.
const MEDIA: [(&str, &str); 3] = [
    ("vitrina_media_unsent_datagrams_total", "Datagrams of media that the kernel or a slow connection had no room for"),
    ("vitrina_media_handed_datagrams_total", "Datagrams and connections that came to another thread of media than theirs"),
    ("vitrina_media_unhanded_datagrams_total", "Of those, the ones that their thread had no room for"),
];

/// Takes down what media has counted, just before somebody reads it.
pub(crate) fn observe_media(counts: vitrina_media::Counts) {
    let counted = [counts.unsent, counts.handed, counts.not_handed];
    for ((name, _), count) in MEDIA.into_iter().zip(counted) {
        metrics::counter!(name).absolute(count);
    }
}

/// Figures of log and read models at one moment.
pub(crate) struct HouseFigures {
    /// Position of the last event.
    pub head: i64,
    /// Position of the read models.
    pub applied: i64,
    /// Appends that wait.
    pub waiting: usize,
    /// Appends that may wait.
    pub capacity: usize,
    /// Whether the read models have stopped for good.
    pub has_failed: bool,
}

/// Takes the figures down, just before somebody reads them.
#[allow(clippy::cast_precision_loss, reason = "gauges are floating point; positions stay exact up to 2^53")]
pub(crate) fn observe_house(figures: &HouseFigures) {
    metrics::gauge!("vitrina_log_head_position").set(figures.head as f64);
    metrics::gauge!("vitrina_log_queue_depth").set(figures.waiting as f64);
    metrics::gauge!("vitrina_log_queue_capacity").set(figures.capacity as f64);
    metrics::gauge!("vitrina_projections_position").set(figures.applied as f64);
    metrics::gauge!("vitrina_projections_lag_events").set((figures.head - figures.applied).max(0) as f64);
    metrics::gauge!("vitrina_projections_failed").set(if figures.has_failed { 1.0 } else { 0.0 });
}

/// Counts one answered request.
pub(super) fn request(route: &Arc<str>, method: &Method, status: u16, elapsed: Duration) {
    HANDLES.with_borrow_mut(|handles| {
        let (count, seconds) =
            handles.entry((Arc::clone(route), method.clone(), status)).or_insert_with(|| register(route, method, status));
        count.increment(1);
        seconds.record(elapsed.as_secs_f64());
    });
}

fn register(route: &Arc<str>, method: &Method, status: u16) -> (Counter, Histogram) {
    let place = vec![Label::new("route", Arc::clone(route)), Label::new("method", method.as_str().to_owned())];
    let counted: Vec<_> = place.iter().cloned().chain([Label::new("status", status.to_string())]).collect();
    (metrics::counter!(REQUESTS, counted), metrics::histogram!(SECONDS, place))
}
