//! The servers that help clients through their networks: which there are, and credentials that end by themselves (the TURN
//! REST way, as coturn's `use-auth-secret`: user name = expiry and name, password = HMAC-SHA1 of it).

use crate::config::Config;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::{DateTime, TimeDelta, Utc};
use ring::hmac;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Life of a credential: longer than any call, since a relay that is refused its refresh is cut in the middle of one.
const LIFE: TimeDelta = TimeDelta::hours(12);

/// A server as browsers take it (`RTCIceServer`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct IceServer {
    /// Its addresses.
    #[schema(example = json!(["turn:turn.shop.example:3478"]))]
    pub urls: Vec<String>,
    /// The user name, of a TURN server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The password, of a TURN server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// The servers, and when their credentials end.
pub(crate) fn servers(config: &Config, name: Uuid, now: DateTime<Utc>) -> (Vec<IceServer>, DateTime<Utc>) {
    let expires_at = now + LIFE;
    let (turn, stun): (Vec<_>, Vec<_>) = config.media_turn_urls.iter().cloned().partition(|url| url.starts_with("turn"));
    let mut servers = Vec::new();
    if !stun.is_empty() {
        servers.push(IceServer { urls: stun, username: None, credential: None });
    }
    if !turn.is_empty() {
        let username = config.media_turn_secret.as_ref().map(|_| format!("{}:{name}", expires_at.timestamp()));
        let credential = config.media_turn_secret.as_ref().zip(username.as_ref()).map(|(secret, username)| sign(secret, username));
        servers.push(IceServer { urls: turn, username, credential });
    }
    (servers, expires_at)
}

fn sign(secret: &str, username: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    BASE64.encode(hmac::sign(&key, username.as_bytes()))
}

/// The servers as values of the header `Link` (RFC 9725 section 4.6).
pub(crate) fn links(servers: &[IceServer]) -> Vec<String> {
    let link = |server: &IceServer, url: &String| match (&server.username, &server.credential) {
        (Some(username), Some(credential)) => {
            format!("<{url}>; rel=\"ice-server\"; username=\"{username}\"; credential=\"{credential}\"; credential-type=\"password\"")
        }
        _ => format!("<{url}>; rel=\"ice-server\""),
    };
    servers.iter().flat_map(|server| server.urls.iter().map(move |url| link(server, url))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_one_that_a_turn_server_reckons() {
        // printf '1774043200:ana' | openssl dgst -sha1 -hmac 'north-by-northwest' -binary | base64
        assert_eq!(sign("north-by-northwest", "1774043200:ana"), "R0PSTyB1S/Mm97sPNXt7L2+1w7o=");
    }

    #[test]
    fn a_stun_server_has_no_password_and_a_turn_server_one_that_ends() {
        let variables = [("VITRINA_MEDIA_TURN_URLS", "stun:a:1, turn:b:2,turns:b:3"), ("VITRINA_MEDIA_TURN_SECRET", "north-by-northwest")];
        let config = Config::load(None, variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
        let now = DateTime::from_timestamp(1_774_000_000, 0).unwrap();
        let (servers, expires_at) = servers(&config, Uuid::nil(), now);
        assert_eq!(servers[0], IceServer { urls: vec!["stun:a:1".to_owned()], username: None, credential: None });
        assert_eq!(servers[1].urls, ["turn:b:2", "turns:b:3"]);
        assert_eq!(servers[1].username.as_deref(), Some("1774043200:00000000-0000-0000-0000-000000000000"));
        assert_eq!(expires_at.timestamp(), 1_774_043_200);
        assert!(links(&servers)[1].starts_with("<turn:b:2>; rel=\"ice-server\"; username=\"1774043200:"));
    }
}
