//! Asking the server that runs on this configuration, in as much HTTP as that takes.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;
use vitrina_api::{Config, StartError, house};

/// Asks the running server to make a read model anew; `None` when no server answers at its address.
///
/// # Errors
/// What the server says, when it refuses.
pub async fn rebuild(config: &Config, name: &str) -> Result<Option<String>, StartError> {
    let said = post(config, "/v1/rebuilds", &json!({ "name": name })).await?;
    Ok(said.map(|said| format!("The running server has made {} anew, up to position {}.", said["names"], said["position"])))
}

/// Asks the running server to make an account; `None` when no server answers at its address.
///
/// # Errors
/// What the server says, when it refuses.
pub async fn create_account(config: &Config, account: &Value) -> Result<Option<Value>, StartError> {
    post(config, "/v1/accounts", account).await
}

/// What the server answers to the operator.
async fn post(config: &Config, path: &str, body: &Value) -> Result<Option<Value>, StartError> {
    let Ok(mut stream) = TcpStream::connect(config.listen).await else { return Ok(None) };
    let (token, body) = (house::operator_token(config)?, body.to_string());
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        config.listen,
        Uuid::now_v7(),
        body.len()
    );
    let failed = |error: std::io::Error| StartError::Refused { address: config.listen, detail: error.to_string() };
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(failed)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let said: Value = serde_json::from_str(body).unwrap_or_default();
    if head.starts_with("HTTP/1.1 20") {
        return Ok(Some(said));
    }
    let detail = said["detail"].as_str().unwrap_or("it is no Vitrina, or one with another master key");
    Err(StartError::Refused { address: config.listen, detail: detail.to_owned() })
}
