//! A load generator: many kept connections on one thread, hand-written HTTP/1.1, so that it costs little beside what it
//! measures. Every connection sends one request after another; each request carries a fresh idempotency key.

use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Digits of an idempotency key; fixed, so that it can be written in place.
const KEY_DIGITS: usize = 24;
/// Larger than any answer to what the benches send.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The request that one connection repeats.
#[derive(Debug, Clone)]
pub struct Repeated {
    bytes: Vec<u8>,
    key_at: Option<usize>,
}

impl Repeated {
    /// A `POST` of a JSON body, with a key that is fresh each time.
    pub fn post(path: &str, token: &str, body: &str) -> Self {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: ");
        let tail = format!("\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let key_at = head.len();
        Self { bytes: format!("{head}{}{tail}", "0".repeat(KEY_DIGITS)).into_bytes(), key_at: Some(key_at) }
    }

    /// The same without a token.
    pub fn post_by_nobody(path: &str, body: &str) -> Self {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: ");
        let tail = format!("\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let key_at = head.len();
        Self { bytes: format!("{head}{}{tail}", "0".repeat(KEY_DIGITS)).into_bytes(), key_at: Some(key_at) }
    }

    /// A `GET`.
    pub fn get(path: &str, token: &str) -> Self {
        let text = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
        Self { bytes: text.into_bytes(), key_at: None }
    }

    fn write_key(&mut self, key: u128) {
        if let Some(at) = self.key_at {
            self.bytes[at..at + KEY_DIGITS].copy_from_slice(format!("{key:0KEY_DIGITS$}").as_bytes());
        }
    }
}

/// What a run of load gave.
#[derive(Debug, Default, Clone)]
pub struct Answers {
    /// Answers of the 2xx kind.
    pub good: u64,
    /// All others.
    pub bad: u64,
    /// The first of the others, to show.
    pub first_bad: Option<String>,
    /// From request to answer, in microseconds, of the good ones.
    pub micros: Vec<u32>,
    /// How long it ran.
    pub elapsed: Duration,
}

impl Answers {
    /// Good answers a second.
    pub fn per_second(&self) -> f64 {
        self.good as f64 / self.elapsed.as_secs_f64()
    }

    /// Itself, when every answer was good.
    ///
    /// # Panics
    /// When one was not, showing it.
    pub fn all_good(self) -> Self {
        assert_eq!(self.bad, 0, "of {} answers: {:?}", self.good + self.bad, self.first_bad);
        self
    }
}

/// When a run of load ends.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After this long.
    Elapsed(Duration),
    /// After this many answers on each connection.
    Count(u32),
    /// After this long, and each connection asks no more often than this, whatever an answer takes.
    Paced {
        /// How long.
        length: Duration,
        /// From one question to the next.
        every: Duration,
    },
}

/// Opens one connection for each of `requests` and repeats them until the end.
pub fn run(address: &str, requests: Vec<Repeated>, until: Until) -> Answers {
    // Keys of two runs never meet: the clock's nanoseconds, times the number of keys that a run can use.
    let run_number = uuid::Uuid::now_v7().as_u128() >> 76;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime needs nothing but memory");
    let begun = Instant::now();
    let mut all = Answers::default();
    runtime.block_on(async {
        let callers: Vec<_> = requests
            .into_iter()
            .zip(0_u128..)
            .map(|(request, number)| {
                let first_key = (run_number << 28 | number << 20) % 10_u128.pow(KEY_DIGITS as u32);
                tokio::spawn(caller(address.to_owned(), request, first_key, begun, until))
            })
            .collect();
        for caller in callers {
            let answers = caller.await.expect("a caller does not panic").expect("the server stays reachable");
            all.good += answers.good;
            all.bad += answers.bad;
            all.first_bad = all.first_bad.take().or(answers.first_bad);
            all.micros.extend(answers.micros);
        }
    });
    all.elapsed = begun.elapsed();
    all
}

async fn caller(address: String, mut request: Repeated, first_key: u128, begun: Instant, until: Until) -> std::io::Result<Answers> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let mut answers = Answers::default();
    let mut buffer = vec![0; ANSWER_BYTES_MAX];
    let mut sent = 0;
    loop {
        let ended = match until {
            Until::Elapsed(limit) | Until::Paced { length: limit, .. } => begun.elapsed() >= limit,
            Until::Count(limit) => sent >= limit,
        };
        if ended {
            return Ok(answers);
        }
        request.write_key(first_key + u128::from(sent));
        sent += 1;
        if let Until::Paced { every, .. } = until {
            // The connections do not all ask at the same instant.
            let own = every * (first_key >> 20 & 15) as u32 / 16;
            tokio::time::sleep_until((begun + own + every * sent).into()).await;
        }
        let asked = Instant::now();
        stream.write_all(&request.bytes).await?;
        let length = read_answer(&mut stream, &mut buffer).await?;
        if buffer[9] == b'2' {
            answers.good += 1;
            answers.micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            answers.bad += 1;
            answers.first_bad.get_or_insert_with(|| String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    }
}

/// Reads one whole answer into `buffer` and gives its length. `HTTP/1.1 200`: the status begins at byte 9.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    let mut whole = None;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        filled += read;
        if whole.is_none() {
            whole = whole_length(&buffer[..filled])?;
        }
        if whole.is_some_and(|whole| filled >= whole) {
            return Ok(filled);
        }
    }
}

/// Head and body together, once the head is there.
fn whole_length(answer: &[u8]) -> std::io::Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) else {
        return Ok(None);
    };
    let name = b"content-length:";
    for line in answer[..head].split(|byte| *byte == b'\n') {
        if line.len() > name.len() && line[..name.len()].eq_ignore_ascii_case(name) {
            let digits = line[name.len()..].trim_ascii();
            let length = digits.iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
            return Ok(Some(head + length));
        }
    }
    Err(std::io::Error::other("an answer without Content-Length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_an_answer_is_head_and_body() {
        let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 12\r\netag: \"1\"\r\n\r\n{";
        assert_eq!(whole_length(answer).unwrap(), Some(answer.len() - 1 + 12));
        assert_eq!(whole_length(b"HTTP/1.1 201 Cre").unwrap(), None);
    }

    #[test]
    fn every_request_has_a_key_of_its_own() {
        let mut request = Repeated::post("/v1/x", "t", "{}");
        request.write_key(7);
        let first = request.bytes.clone();
        request.write_key(8);
        assert_ne!(first, request.bytes);
        assert_eq!(first.len(), request.bytes.len());
    }
}
