//! Asking the server that runs on this configuration, in as much HTTP as that takes.

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use uuid::Uuid;
use vitrina_api::{Config, StartError, house};

/// How a good answer begins.
const GOOD: &str = "HTTP/1.1 20";
/// Who listens there instead.
const NOT_OURS: &str = "it is no Vitrina, or one with another master key";

/// Asks the running server to make read models anew, and hears how far it is; gives its report, or `None` when no server answers at its
/// address.
///
/// # Errors
/// What the server says, when it refuses or does not come to the end.
pub async fn rebuild(config: &Config, wanted: &Value, mut progress: impl FnMut(&Value)) -> Result<Option<Value>, StartError> {
    let Some(stream) = send(config, "/v1/rebuilds", wanted).await? else { return Ok(None) };
    let failed = |error: std::io::Error| refused(config, &error.to_string());
    let mut lines = BufReader::new(stream).lines();
    let status = lines.next_line().await.map_err(failed)?.unwrap_or_default();
    // Between the lines stand those of the transfer, none of which begins like an object.
    while let Some(line) = lines.next_line().await.map_err(failed)? {
        let Ok(mut said @ Value::Object(_)) = serde_json::from_str::<Value>(&line) else { continue };
        if !status.starts_with(GOOD) {
            return Err(refused(config, said["detail"].as_str().unwrap_or(NOT_OURS)));
        }
        if let Some(problem) = said["problem"].as_str() {
            return Err(refused(config, problem));
        }
        match said.get_mut("rebuilt") {
            Some(report) => return Ok(Some(report.take())),
            None => progress(&said),
        }
    }
    Err(refused(config, if status.starts_with(GOOD) { "it ended before its work did" } else { NOT_OURS }))
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
    let Some(mut stream) = send(config, path, body).await? else { return Ok(None) };
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.map_err(|error| refused(config, &error.to_string()))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let said: Value = serde_json::from_str(body).unwrap_or_default();
    if head.starts_with(GOOD) {
        return Ok(Some(said));
    }
    Err(refused(config, said["detail"].as_str().unwrap_or(NOT_OURS)))
}

/// The connection on which the server will answer; `None` when there is none.
async fn send(config: &Config, path: &str, body: &Value) -> Result<Option<TcpStream>, StartError> {
    let Ok(mut stream) = TcpStream::connect(config.listen).await else { return Ok(None) };
    let (token, body) = (house::operator_token(config)?, body.to_string());
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        config.listen,
        Uuid::now_v7(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.map_err(|error| refused(config, &error.to_string()))?;
    Ok(Some(stream))
}

fn refused(config: &Config, detail: &str) -> StartError {
    StartError::Refused { address: config.listen, detail: detail.to_owned() }
}
