//! HTTP/1.1 requests, each over a connection of its own while it lasts; connections are kept for the next ones. Bounded
//! in time and size, TLS verified; what a peer sends back of our token is blotted out before anybody reads it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Error, Result};
use crate::patience::Patience;

/// The largest answer read, in bytes.
const LARGEST: usize = 16 << 20;
/// The longest detail of an error that is told.
const DETAIL: usize = 300;
/// The length from which on a token is blotted out of answers that are no errors too, in bytes.
const SECRET: usize = 8;
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may take: a management service waits 30 s for a RIC that does not answer.
const ANSWER: Duration = Duration::from_secs(40);

/// Where a peer is and how it is to be trusted.
#[derive(Clone)]
pub struct Endpoint {
    /// As written, for messages.
    pub url: String,
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The path before that of the interface, without `/` at its end.
    pub base: String,
    /// Trust and client certificate; none for plain HTTP.
    pub tls: Option<Arc<ClientConfig>>,
    /// The bearer token, as a header value marked sensitive.
    pub token: Option<hyper::header::HeaderValue>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The request, for messages.
    pub request: String,
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer, if it is a success.
    ///
    /// # Errors
    /// Any other status than 200, 201, 202 and 204.
    pub fn success(self) -> Result<Self> {
        if matches!(self.status, 200 | 201 | 202 | 204) {
            return Ok(self);
        }
        let detail = detail(&self.body);
        Err(Error::Answer { request: self.request, status: self.status, detail })
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// It is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::Unreadable { request: self.request.clone(), reason: error.to_string() })
    }
}

/// What the body of an error says: problem members (RFC 7807) or its text; peers send anything, or nothing.
fn detail(body: &[u8]) -> String {
    let told = said(&String::from_utf8_lossy(body));
    let told: String = told.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
    if told.chars().count() > DETAIL { told.chars().take(DETAIL).chain(['…']).collect() } else { told }
}

/// A management service hands on what its RIC says as a text, which is an object again.
fn said(text: &str) -> String {
    let Ok(Value::Object(problem)) = serde_json::from_str(text) else { return text.trim().to_owned() };
    // The last is what an O-RAN SC mediator says.
    let members = ["title", "detail", "error", "message"].into_iter().filter_map(|name| problem.get(name)?.as_str());
    let parts: Vec<String> = members.filter(|part| *part != "about:blank").map(said).collect();
    parts.join(": ")
}

/// A body without our token, in the spellings in which peers echo what they were sent: as it is, in JSON with `\/`,
/// percent-encoded. What a peer says ends up in messages, notes, history and logs.
fn blotted(body: Vec<u8>, token: &str) -> Vec<u8> {
    if token.is_empty() {
        return body;
    }
    let spellings = [token.to_owned(), token.replace('/', "\\/"), super::peer::encoded(token)];
    spellings.iter().fold(body, |body, spelling| without(body, spelling.as_bytes()))
}

fn without(body: Vec<u8>, secret: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body.as_slice();
    while let Some(at) = rest.windows(secret.len()).position(|window| window == secret) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"***");
        rest = &rest[at + secret.len()..];
    }
    out.extend_from_slice(rest);
    out
}

type Sender = SendRequest<Full<Bytes>>;

/// Connections to a peer, opened when they are needed: as many as there are requests at once.
#[derive(Debug)]
pub struct Http {
    endpoint: Endpoint,
    idle: Mutex<Vec<Sender>>,
    reads: AtomicU64,
    writes: AtomicU64,
}

impl Http {
    /// A peer; nothing is opened yet.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, idle: Mutex::default(), reads: AtomicU64::new(0), writes: AtomicU64::new(0) }
    }

    /// The path before that of the interface.
    pub fn base(&self) -> &str {
        &self.endpoint.base
    }

    /// The URL as written.
    pub fn url(&self) -> &str {
        &self.endpoint.url
    }

    /// How many requests went out that ask, and that may change something.
    pub fn sent(&self) -> (u64, u64) {
        (self.reads.load(Ordering::Relaxed), self.writes.load(Ordering::Relaxed))
    }

    /// Lets the connections go that no request is using.
    pub fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Asks for `path`.
    ///
    /// # Errors
    /// No connection, no answer; any status is an answer.
    pub async fn get(&self, path: &str, patience: &Patience) -> Result<Answer> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let (kept, outcome) = self.send(Method::GET, path, None, patience).await;
        match outcome {
            // A kept connection that the peer has closed meanwhile says nothing of the peer; nor do the others kept.
            Err(Error::Lost { .. }) if kept => {
                self.close();
                self.send(Method::GET, path, None, patience).await.1
            }
            outcome => outcome,
        }
    }

    /// Sends a request that changes something, once, over a new connection or one that is surely open.
    ///
    /// # Errors
    /// As of [`Self::get`].
    pub async fn change(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        patience: &Patience,
    ) -> Result<Answer> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.send(method, path, body, patience).await.1
    }

    /// What comes back, and whether the connection was one that was kept.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        patience: &Patience,
    ) -> (bool, Result<Answer>) {
        let text = format!("{method} {path}");
        let request = match self.request(method, path, body, &text) {
            Ok(request) => request,
            Err(error) => return (false, Err(error)),
        };
        match self.sender(patience).await {
            Ok((kept, sender)) => (kept, self.exchange(sender, request, text, patience).await),
            Err(error) => (false, Err(error)),
        }
    }

    async fn exchange(
        &self,
        mut sender: Sender,
        request: Request<Full<Bytes>>,
        text: String,
        patience: &Patience,
    ) -> Result<Answer> {
        let lost = |reason: String| Error::Lost { endpoint: self.endpoint.url.clone(), request: text.clone(), reason };
        let exchange = async {
            let response = sender.send_request(request).await.map_err(|error| lost(reasons(&error)))?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), LARGEST).collect().await;
            let body = body.map_err(|error| lost(error.to_string()))?.to_bytes().to_vec();
            Ok::<_, Error>((status, body))
        };
        // A request that is given up leaves its connection in the middle of an answer: it is dropped with `sender`.
        let (status, body) = patience.at_most(ANSWER).wait(exchange).await??;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        let token = self.endpoint.token.as_ref().and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        // What is no secret by its length may be a word of an honest answer.
        let token = token.filter(|token| status >= 300 || token.len() >= SECRET);
        Ok(Answer { request: text, status, body: blotted(body, token.unwrap_or_default()) })
    }

    /// A connection that is kept, while the peer keeps it too; else a new one.
    async fn sender(&self, patience: &Patience) -> Result<(bool, Sender)> {
        let kept = || self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        while let Some(mut sender) = kept() {
            if sender.ready().await.is_ok() {
                return Ok((true, sender));
            }
        }
        Ok((false, patience.at_most(CONNECT).wait(self.connect()).await??))
    }

    fn request(&self, method: Method, path: &str, body: Option<&Value>, text: &str) -> Result<Request<Full<Bytes>>> {
        use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
        let endpoint = &self.endpoint;
        let host = if endpoint.host.contains(':') { format!("[{}]", endpoint.host) } else { endpoint.host.clone() };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, format!("{host}:{}", endpoint.port))
            .header(ACCEPT, "application/json, application/problem+json");
        if let Some(token) = &endpoint.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        let bytes = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        request
            .body(Full::new(bytes))
            .map_err(|error| Error::Unreadable { request: text.to_owned(), reason: error.to_string() })
    }

    async fn connect(&self) -> Result<Sender> {
        let endpoint = &self.endpoint;
        let refused = |reason: String| Error::Connect { endpoint: endpoint.url.clone(), reason };
        let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await;
        let stream = stream.map_err(|error| refused(error.to_string()))?;
        let _ = stream.set_nodelay(true);
        match &endpoint.tls {
            None => open(TokioIo::new(stream)).await.map_err(refused),
            Some(config) => {
                let name = ServerName::try_from(endpoint.host.clone()).map_err(|error| refused(error.to_string()))?;
                let secured = TlsConnector::from(config.clone()).connect(name, stream).await;
                open(TokioIo::new(secured.map_err(|error| refused(super::trust::why(&error)))?)).await.map_err(refused)
            }
        }
    }
}

/// Speaks HTTP over a stream; a task drives the connection until either side ends it.
async fn open<T>(stream: TokioIo<T>) -> std::result::Result<Sender, String>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(stream).await.map_err(|error| reasons(&error))?;
    tokio::spawn(async move {
        // How a connection ends is told to whoever waits for an answer.
        let _ = connection.await;
    });
    Ok(sender)
}

/// An error with what caused it: hyper's own text leaves that out.
fn reasons(error: &hyper::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_token_is_blotted_out_however_it_is_echoed() {
        let told = |body: &str| String::from_utf8(blotted(body.as_bytes().to_vec(), "aB+/9==")).unwrap();
        assert_eq!(told(r#"{"detail":"Authorization: Bearer aB+/9=="}"#), r#"{"detail":"Authorization: Bearer ***"}"#);
        assert_eq!(told(r#""aB+\/9==" aB%2B%2F9%3D%3D, aB+/9== and aB+/9"#), r#""***" ***, *** and aB+/9"#);
        assert_eq!(blotted(b"x".to_vec(), ""), b"x");
    }

    #[test]
    fn an_error_is_told_whatever_its_body_is() {
        assert_eq!(
            detail(br#"{"title":"The policy type does not exist.","status":404}"#),
            "The policy type does not exist."
        );
        assert_eq!(detail(br#"{"type":"about:blank","status":500,"detail":"x: 429 TOO MANY"}"#), "x: 429 TOO MANY");
        let handed_on = br#"{"status":503,"detail":"{\"title\": \"Busy\", \"detail\": \"later\"}"}"#;
        assert_eq!(detail(handed_on), "Busy: later");
        assert_eq!(detail(br#"{"code":400,"message":"parsing body failed"}"#), "parsing body failed");
        assert_eq!(detail(b""), "");
        assert_eq!(detail(b"<html>\n"), "<html>");
        assert_eq!(detail("é".repeat(1000).as_bytes()).chars().count(), DETAIL + 1);
    }
}
