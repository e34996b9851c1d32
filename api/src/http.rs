//! HTTP over TCP: the application on its workers, and a door for connections that become WebSockets.
//!
//! Built from the parts that actix-web's `HttpServer` is made of, because that one has no place for who takes connections
//! over, and one that is not taken over keeps the buffers of an HTTP connection for its whole life.

use crate::{config::Config, live::upgrade, wiring::State};
use actix_codec::Framed;
use actix_http::{HttpService, Request, Response, body::MessageBody, h1};
use actix_server::Server;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{dev::AppConfig, rt::net::TcpStream, web};
#[cfg(target_os = "linux")]
use socket2::SockRef;
use std::{convert::Infallible, fmt::Debug, net::TcpListener, time::Duration};

/// Serves the application on this listener until the server is stopped.
pub(crate) fn serve<F, I, S, B>(config: &Config, state: web::Data<State>, listener: TcpListener, app: F) -> std::io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<actix_web::Error> + 'static,
    S::InitError: Debug,
    S::Response: Into<Response<B>> + 'static,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let (keep_alive, header_timeout, unread_max) = (config.keep_alive, config.header_timeout, config.unread_max);
    let server = Server::build()
        .workers(config.workers)
        .max_concurrent_connections((config.connections_max / config.workers).max(1))
        .shutdown_timeout(config.shutdown_timeout.as_secs())
        .disable_signals();
    let draining = server.graceful_shutdown_signal();
    let served = server.listen("vitrina", listener, move || {
        let (draining, state) = (draining.clone(), state.clone());
        let upgrade = fn_service(move |(request, framed): (Request, Framed<TcpStream, h1::Codec>)| {
            let state = state.clone();
            async move {
                upgrade::serve(state, request, framed).await;
                Ok::<_, Infallible>(())
            }
        });
        let app = app().into_factory().map_err(|error| error.into().error_response());
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let draining = draining.clone();
                async move { draining.notified().await }
            })
            .keep_alive(keep_alive)
            .client_request_timeout(header_timeout)
            .client_disconnect_timeout(header_timeout)
            .on_connect_ext(move |stream: &TcpStream, _| give_up_after(stream, unread_max))
            .upgrade(upgrade)
            .finish(map_config(app, |()| AppConfig::default()))
            .tcp()
    })?;
    Ok(served.run())
}

/// The system ends the connection of a client that leaves unread for so long what it was sent, or is gone without a word: nothing here
/// could, since an answer that nobody takes is not asked for its next part.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "other systems have no such option, and give up when they do"))]
fn give_up_after(stream: &TcpStream, unread_max: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(unread_max)) {
        tracing::debug!(%error, "a connection has no time limit for what is not read");
    }
}
