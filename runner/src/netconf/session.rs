//! One NETCONF session: hello, then one operation at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::framing::FrameError;
use super::xml::Element;
use super::{BASE, Decoder, Error, Framing, MESSAGE_LIMIT, Result, parse_hello, parse_reply};
use crate::patience::Patience;

/// yuma123 never answers an RPC that reaches it in one read with the client's hello, and nothing tells when it has read
/// the hello: 20 ms were too few for a server on a busy machine.
const PAUSE_AFTER_HELLO: Duration = Duration::from_millis(250);

/// What a server can do, from the URIs of its hello. yuma123 names features in module URIs that are
/// off, so only whole capability URIs count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Chunked framing.
    pub base_1_1: bool,
    /// A candidate datastore.
    pub candidate: bool,
    /// Confirmed commit with persist (version 1.1).
    pub confirmed_commit: bool,
    /// Running can be edited directly.
    pub writable_running: bool,
    /// A startup datastore of its own.
    pub startup: bool,
    /// An edit is applied whole or not at all.
    pub rollback_on_error: bool,
    /// All URIs as sent.
    pub uris: Vec<String>,
}

impl Capabilities {
    fn new(uris: Vec<String>) -> Self {
        let has = |name: &str| {
            let uri = format!("urn:ietf:params:netconf:{name}");
            uris.iter().any(|offered| offered.split('?').next() == Some(uri.as_str()))
        };
        Self {
            base_1_1: has("base:1.1"),
            candidate: has("capability:candidate:1.0"),
            confirmed_commit: has("capability:confirmed-commit:1.1"),
            writable_running: has("capability:writable-running:1.0"),
            startup: has("capability:startup:1.0"),
            rollback_on_error: has("capability:rollback-on-error:1.0"),
            uris,
        }
    }
}

/// A session over any byte stream. An operation that was given up leaves an answer outstanding, so
/// the session is then closed for good: later operations fail at once.
#[derive(Debug)]
pub struct Session<S> {
    stream: S,
    decoder: Decoder,
    framing: Framing,
    /// What the server can do.
    pub capabilities: Capabilities,
    /// The server's number for this session.
    pub id: u32,
    last_message: u64,
    busy: bool,
    not_before: Instant,
    sent: BTreeMap<&'static str, u64>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Session<S> {
    /// Exchanges hellos. Both framings are offered; base:1.1 is used where the server has it.
    pub async fn open(stream: S, patience: &Patience) -> Result<Self> {
        let mut session = Self {
            stream,
            decoder: Decoder::new(Framing::EndOfMessage, MESSAGE_LIMIT),
            framing: Framing::EndOfMessage,
            capabilities: Capabilities::default(),
            id: 0,
            last_message: 0,
            busy: false,
            not_before: Instant::now(),
            sent: BTreeMap::new(),
        };
        let during = "hello";
        let outcome = patience.wait(session.exchange_hellos()).await;
        outcome.unwrap_or_else(|impatience| Err(Error::impatience(during, impatience)))?;
        Ok(session)
    }

    /// Sends one operation and waits for its reply: its data, if it has any.
    pub async fn rpc(&mut self, during: &'static str, body: &str, patience: &Patience) -> Result<Option<Element>> {
        if self.busy {
            return Err(Error::Closed { during });
        }
        self.busy = true;
        self.last_message += 1;
        *self.sent.entry(during).or_default() += 1;
        let outcome = patience.wait(self.exchange(during, body)).await;
        let outcome = outcome.unwrap_or_else(|impatience| Err(Error::impatience(during, impatience)));
        // Only a whole reply leaves the stream where the next one begins.
        self.busy = !matches!(outcome, Ok(_) | Err(Error::Rpc { .. }));
        outcome
    }

    /// How often each operation was sent: what proves that a reader wrote nothing.
    pub fn sent(&self) -> &BTreeMap<&'static str, u64> {
        &self.sent
    }

    /// Whether the session can take another operation.
    pub fn is_usable(&self) -> bool {
        !self.busy
    }

    async fn exchange_hellos(&mut self) -> Result<()> {
        let hello = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><hello xmlns=\"{BASE}\"><capabilities>\
             <capability>urn:ietf:params:netconf:base:1.0</capability>\
             <capability>urn:ietf:params:netconf:base:1.1</capability></capabilities></hello>"
        );
        self.send("hello", &hello).await?;
        let text = self.receive("hello").await?;
        // Counted from the server's hello: before it the server may not even have been started.
        self.not_before = Instant::now() + PAUSE_AFTER_HELLO;
        let (uris, id) = parse_hello(&text).map_err(|reason| Error::malformed("hello", reason))?;
        self.capabilities = Capabilities::new(uris);
        self.id = id;
        if self.capabilities.base_1_1 {
            self.framing = Framing::Chunked;
            self.decoder.switch(Framing::Chunked);
        }
        Ok(())
    }

    async fn exchange(&mut self, during: &'static str, body: &str) -> Result<Option<Element>> {
        tokio::time::sleep_until(self.not_before).await;
        let id = self.last_message;
        let message =
            format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><rpc xmlns=\"{BASE}\" message-id=\"{id}\">{body}</rpc>");
        self.send(during, &message).await?;
        loop {
            let text = self.receive(during).await?;
            // Some servers send notifications nobody subscribed to.
            if is_notification(&text) {
                continue;
            }
            let reply = parse_reply(&text, id).map_err(|reason| Error::malformed(during, reason))?;
            return reply.map_err(|errors| Error::Rpc { during, errors });
        }
    }

    async fn send(&mut self, during: &'static str, message: &str) -> Result<()> {
        let bytes = self.framing.encode(message);
        let written = async {
            self.stream.write_all(&bytes).await?;
            self.stream.flush().await
        };
        written.await.map_err(|_| Error::Closed { during })
    }

    async fn receive(&mut self, during: &'static str) -> Result<String> {
        let mut buffer = vec![0_u8; 32 << 10];
        loop {
            let message = self.decoder.next_message().map_err(|error| match error {
                FrameError::TooLarge => Error::TooLarge { during, limit: MESSAGE_LIMIT },
                FrameError::BadChunk => Error::malformed(during, "not a chunk of RFC 6242"),
            })?;
            if let Some(bytes) = message {
                return String::from_utf8(bytes).map_err(|_| Error::malformed(during, "not UTF-8"));
            }
            let count = self.stream.read(&mut buffer).await.map_err(|_| Error::Closed { during })?;
            if count == 0 {
                return Err(Error::Closed { during });
            }
            self.decoder.feed(&buffer[..count]);
        }
    }
}

fn is_notification(text: &str) -> bool {
    let start = text.trim_start();
    let start = start.strip_prefix("<?").and_then(|rest| rest.split_once("?>")).map_or(start, |(_, rest)| rest);
    start.trim_start().starts_with("<notification")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: &str = "<hello xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities><session-id>9</session-id></hello>]]>]]>";

    #[tokio::test]
    async fn an_abandoned_operation_closes_the_session() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        theirs.write_all(HELLO.as_bytes()).await.unwrap();
        let mut session = Session::open(ours, &Patience::seconds(5)).await.unwrap();
        assert_eq!(session.id, 9);
        let short = Patience::new(PAUSE_AFTER_HELLO + Duration::from_millis(50)).0;
        assert!(matches!(session.rpc("lock", "<lock/>", &short).await, Err(Error::Deadline { during: "lock" })));
        let next = session.rpc("unlock", "<unlock/>", &Patience::seconds(5)).await;
        assert!(matches!(next, Err(Error::Closed { during: "unlock" })));
        assert_eq!(session.sent().get("lock"), Some(&1));
        drop(theirs);
    }

    #[tokio::test]
    async fn nothing_is_sent_within_the_pause_after_the_hello() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        theirs.write_all(HELLO.as_bytes()).await.unwrap();
        let begun = Instant::now();
        let mut session = Session::open(ours, &Patience::seconds(5)).await.unwrap();
        let reply =
            "<rpc-reply xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\" message-id=\"1\"><ok/></rpc-reply>]]>]]>";
        theirs.write_all(reply.as_bytes()).await.unwrap();
        session.rpc("commit", "<commit/>", &Patience::seconds(5)).await.unwrap();
        assert!(begun.elapsed() >= PAUSE_AFTER_HELLO);
    }
}
