//! Asking the server that runs on this configuration, in as much HTTP as that takes.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use vitrina_api::{Config, StartError, house};

/// Asks the running server to make a read model anew; `None` when no server answers at its address.
///
/// # Errors
/// What the server says, when it refuses.
pub async fn rebuild(config: &Config, name: &str) -> Result<Option<String>, StartError> {
    let Ok(mut stream) = TcpStream::connect(config.listen).await else { return Ok(None) };
    let (token, body) = (house::operator_token(config)?, json!({ "name": name }).to_string());
    let request = format!(
        "POST /v1/rebuilds HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        config.listen,
        body.len()
    );
    let failed = |error: std::io::Error| StartError::Refused { address: config.listen, detail: error.to_string() };
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(failed)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let said: Value = serde_json::from_str(body).unwrap_or_default();
    if head.starts_with("HTTP/1.1 200 ") {
        return Ok(Some(format!("The running server has made {} anew, up to position {}.", said["names"], said["position"])));
    }
    let detail = said["detail"].as_str().unwrap_or("it is no Vitrina, or one with another master key");
    Err(StartError::Refused { address: config.listen, detail: detail.to_owned() })
}
