//! The HTTP server: built from a configuration, run in process by tests, stopped by draining.

use crate::{
    asyncapi, attribution,
    audit::notary,
    auth::guard::guard,
    config::Config,
    cors,
    directory::Directory,
    erasing,
    error::ApiError,
    exporting,
    first_start::{self, FirstStart},
    floor,
    head::head,
    house::{self, StartError},
    http, integrity, live,
    media::{self, Media},
    openapi, reading,
    recording::{self, Recording},
    retention, routes, sandbox, site,
    storage::{self, Storage},
    telemetry,
    webhooks::{self, Webhooks},
    wiring::{House, Sides, State},
};
use actix_web::{
    App, HttpRequest, HttpResponse,
    dev::ServerHandle,
    middleware::{Compress, from_fn},
    web,
};
use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinHandle;
use utoipa_actix_web::AppExt;
use vitrina_commands::process::{Managers, Selling};
use vitrina_domain::ids::AccountId;
use vitrina_eventlog::{EventLog, Processes};
use vitrina_projections::Runner;

/// How often metrics that were recorded are summed up; without it they would pile up until somebody asks.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);
/// Connections that the kernel keeps while the server is busy accepting.
const BACKLOG: u32 = 1024;

/// A running server.
pub struct Server {
    address: SocketAddr,
    url: String,
    first_start: Option<FirstStart>,
    sandbox: Option<AccountId>,
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    upkeep: JoinHandle<()>,
    cleaning: JoinHandle<()>,
    watching: JoinHandle<()>,
    signing: JoinHandle<()>,
    erasing: JoinHandle<()>,
    retaining: JoinHandle<()>,
    feeding: live::Feeding,
    media: media::Running,
    recording: recording::Running,
    exporting: exporting::Running,
    webhooks: webhooks::Running,
    state: web::Data<State>,
    managers: Option<Managers>,
    selling: Option<Selling>,
    processes: Processes,
    log: EventLog,
    runner: Arc<Runner>,
}

/// Opens the stores and serves them.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn build(config: Config) -> Result<Server, StartError> {
    let listener = listen(&config)?;
    let house = house::open(&config).await?;
    serve(config, listener, house).await
}

/// Serves this house, for benches that put another executor in it.
///
/// # Errors
/// [`StartError`] says what is in the way.
pub async fn build_with(config: Config, house: House) -> Result<Server, StartError> {
    let listener = listen(&config)?;
    serve(config, listener, house).await
}

fn listen(config: &Config) -> Result<TcpListener, StartError> {
    let failed = |source| StartError::Listen { address: config.listen, source };
    let socket = if config.listen.is_ipv4() { tokio::net::TcpSocket::new_v4() } else { tokio::net::TcpSocket::new_v6() }.map_err(failed)?;
    socket.set_reuseaddr(true).and_then(|()| socket.bind(config.listen)).map_err(failed)?;
    socket.listen(BACKLOG).and_then(tokio::net::TcpListener::into_std).map_err(failed)
}

async fn serve(config: Config, listener: TcpListener, house: House) -> Result<Server, StartError> {
    let address = listener.local_addr().map_err(|source| StartError::Listen { address: config.listen, source })?;
    let url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    telemetry::recorder();
    telemetry::describe();
    let storage = Storage::open(&config)?;
    let sandbox = sandbox::account(&house.log).await?;
    let first_start = first_start::make(&config, &house.log, &house.commands, sandbox).await?;
    let (log, runner) = (house.log.clone(), Arc::clone(&house.runner));
    let processes = Processes::enter(&log).await?;
    let managers = floor::start(&house.commands, &house.store, &processes);
    let selling = attribution::start(&house.commands, &house.store, &runner);
    let document = openapi::document();
    let (media, reports) = Media::start(&config, address, &url, processes.own())?;
    let directory = Directory::of(&document);
    let (recording, recordings) = Recording::start(&config, media.node.id)?;
    let webhooks = Webhooks::new(&config, log.master(), house::open_notebook(&config).await?, processes.own())?;
    let sides = Sides { storage, media, recording, webhooks };
    let state = web::Data::new(State::new(config.clone(), url.clone(), house, sides, directory, processes.own()));
    if let Some(first) = &first_start {
        // Whoever reads the greeting signs in at once. A delay is told by /health/ready, and harms nobody.
        let _ = reading::wait_for(&state, first.position).await;
    }
    let feeding = live::feed(&state);
    let media = media::run(&state, reports, processes.living());
    let recording = recording::run(&state, recordings);
    let exporting = exporting::run(&state, processes.living());
    let webhooks = webhooks::run(&state, processes.living());
    let kept = state.clone();
    let app = move || {
        App::new()
            .app_data(state.clone())
            .app_data(web::PayloadConfig::new(state.config.body_bytes_max))
            .wrap(Compress::default())
            .wrap(from_fn(guard))
            .wrap(from_fn(telemetry::observe))
            .wrap(cors::of(&state.config))
            .wrap(from_fn(head))
            .into_utoipa_app()
            .configure(routes::configure)
            .into_app()
            .configure(openapi::serve)
            .configure(asyncapi::serve)
            .configure(site::serve)
            .default_service(web::to(no_such_route))
    };
    kept.prints.prepare();
    let server = http::serve(&config, kept.clone(), listener, app).map_err(|source| StartError::Listen { address, source })?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let cleaning = tokio::spawn(storage::keep_clean(kept.clone()));
    let watching = tokio::spawn(integrity::keep_watch(kept.clone()));
    let signing = tokio::spawn(notary::keep_signing(kept.clone()));
    let erasing = tokio::spawn(erasing::keep_erasing(kept.clone()));
    let retaining = tokio::spawn(retention::keep_time(kept.clone()));
    let upkeep = tokio::spawn(async {
        let mut ticks = tokio::time::interval(METRICS_UPKEEP);
        loop {
            ticks.tick().await;
            telemetry::recorder().run_upkeep();
        }
    });
    Ok(Server {
        address,
        url,
        first_start,
        sandbox,
        handle,
        serving,
        upkeep,
        cleaning,
        watching,
        signing,
        erasing,
        retaining,
        feeding,
        media,
        recording,
        exporting,
        webhooks,
        state: kept,
        managers,
        selling,
        processes,
        log,
        runner,
    })
}

/// What no route took: a wrong address, or a right one with another method.
async fn no_such_route(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, ApiError> {
    Err(state.directory.refusal(request.method(), request.path()))
}

impl Server {
    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address that the world knows it by.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the first start made, if this was it.
    pub fn first_start(&self) -> Option<&FirstStart> {
        self.first_start.as_ref()
    }

    /// The account that was copied from another one, when this is a sandbox.
    pub fn sandbox(&self) -> Option<AccountId> {
        self.sandbox
    }

    /// Drains and stops: live connections are told to go, no new connection, running requests finish within
    /// `shutdown_timeout_s`, then everybody leaves the media that is here, the floor's managers stop, the other processes learn
    /// that this one leaves, the read models stop and the log is closed, in this order, since
    /// each needs the next.
    pub async fn stop(self) {
        self.state.live.close();
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.serving.await {
            tracing::error!(%error, "the HTTP server ended with an error");
        }
        self.upkeep.abort();
        self.cleaning.abort();
        self.watching.abort();
        self.signing.abort();
        self.erasing.abort();
        self.retaining.abort();
        // They were cancelled, which is what is wanted; until then they hold the state.
        let _ = self.cleaning.await;
        let _ = self.watching.await;
        let _ = self.signing.await;
        let _ = self.erasing.await;
        let _ = self.retaining.await;
        self.media.end().await;
        self.recording.end().await;
        self.exporting.end().await;
        self.webhooks.end().await;
        self.feeding.end().await;
        drop(self.state);
        if let Some(managers) = self.managers {
            managers.stop().await;
        }
        if let Some(selling) = self.selling {
            selling.stop().await;
        }
        self.processes.leave().await;
        match Arc::try_unwrap(self.runner) {
            Ok(runner) => runner.close().await,
            // A request that outlived the time-out holds it: dropping ends it after the batch in hand.
            Err(shared) => drop(shared),
        }
        self.log.close().await;
    }
}
