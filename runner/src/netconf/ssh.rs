//! A byte stream to a device's NETCONF subsystem over SSH (RFC 6242 section 3).
//!
//! The host key is always verified: against a fingerprint or a known_hosts file, both named in the
//! intent. The user's key comes from an environment variable or a file and is never printed.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use russh::client::{self, Handle, Msg};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate, decode_secret_key};
use russh::{ChannelMsg, ChannelStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Error, Result, Session};
use crate::patience::Patience;

/// What it takes to reach a device.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port, 830 by default.
    pub port: u16,
    /// The user.
    pub user: String,
    /// The user's private key.
    pub key: Secret,
    /// What the host must prove.
    pub host_key: ExpectedHostKey,
}

/// A secret; shown as dots.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What a host must prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedHostKey {
    /// A key with this fingerprint, `SHA256:...`.
    Fingerprint(String),
    /// A key that this known_hosts file lists for it.
    KnownHosts(PathBuf),
    /// Nothing was written: the host is refused, and its fingerprint shown so that it can be written.
    Unwritten,
}

impl ExpectedHostKey {
    /// Nothing where a host with this key is the right one; else what was expected and what to do, in words.
    fn refusal(&self, host: &str, port: u16, key: &PublicKey, shown: &str) -> Option<String> {
        const CHANGED: &str = "if the device was replaced or reinstalled, compare the key on its console";
        match self {
            Self::Fingerprint(fingerprint) if fingerprint == shown => None,
            Self::Fingerprint(fingerprint) => {
                Some(format!("`{fingerprint}`: {CHANGED} and write the new fingerprint after `host-key`"))
            }
            Self::Unwritten => Some("one that the intent names: verify it and write `host-key \"...\"`".to_owned()),
            Self::KnownHosts(path) => {
                let name = path.display();
                // The reader below takes a file that is not there for an empty one.
                if let Err(error) = std::fs::File::open(path) {
                    return Some(format!("one of `{name}`, which cannot be read: {error}"));
                }
                match russh::keys::known_hosts::known_host_keys_path(host, port, path) {
                    Ok(listed) if listed.iter().any(|(_, listed)| listed == key) => None,
                    Ok(listed) if listed.is_empty() => Some(format!(
                        "one of `{name}`, which does not list this host: verify the key on its console and add a line"
                    )),
                    Ok(_) => Some(format!("the one that `{name}` lists for it: {CHANGED} and mend the line")),
                    Err(error) => Some(format!("one of `{name}`, which cannot be read: {error}")),
                }
            }
        }
    }
}

impl Endpoint {
    /// Splits `host:port` (or `[address]:port`); the port is 830 where none is written.
    pub fn split(text: &str) -> Option<(String, u16)> {
        if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            let port = if rest.is_empty() { Some(830) } else { rest.strip_prefix(':')?.parse().ok() };
            return port.map(|port| (host.to_owned(), port));
        }
        match text.split_once(':') {
            Some((host, port)) if !host.is_empty() && !port.contains(':') => {
                Some((host.to_owned(), port.parse().ok()?))
            }
            Some(_) => None,
            None => (!text.is_empty()).then(|| (text.to_owned(), 830)),
        }
    }

    fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Opens a NETCONF session to a device.
pub async fn connect(endpoint: &Endpoint, patience: &Patience) -> Result<Session<SshStream>> {
    let opened = patience.wait(open_stream(endpoint)).await;
    let stream = opened.unwrap_or_else(|impatience| {
        Err(Error::Connect {
            endpoint: endpoint.name(),
            reason: Error::impatience("connecting", impatience).to_string(),
        })
    })?;
    Session::open(stream, patience).await
}

async fn open_stream(endpoint: &Endpoint) -> Result<SshStream> {
    let failed = |reason: String| Error::Connect { endpoint: endpoint.name(), reason };
    let key = decode_secret_key(&endpoint.key.0, None).map_err(|_| Error::Credential {
        endpoint: endpoint.name(),
        reason: "it is not an unencrypted private key in OpenSSH or PEM form".to_owned(),
    })?;
    let config = client::Config {
        nodelay: true,
        keepalive_interval: Some(Duration::from_secs(15)),
        ..client::Config::default()
    };
    let shown = Arc::new(Mutex::new(None));
    let checker = HostChecker { endpoint: endpoint.clone(), refused: shown.clone() };
    let address = (endpoint.host.as_str(), endpoint.port);
    let connected = client::connect(Arc::new(config), address, checker).await;
    let mut handle = connected.map_err(|error| {
        let refused = shown.lock().unwrap_or_else(PoisonError::into_inner).take();
        match refused {
            Some((shown, expected)) => Error::HostKey { endpoint: endpoint.name(), shown, expected },
            None => failed(error.to_string()),
        }
    })?;
    let offered = key.public_key().fingerprint(HashAlg::Sha256).to_string();
    let key = PrivateKeyWithHashAlg::new(Arc::new(key), Some(HashAlg::Sha512));
    let accepted = handle.authenticate_publickey(&endpoint.user, key).await.map_err(|e| failed(e.to_string()))?;
    if !accepted.success() {
        return Err(Error::Refused { endpoint: endpoint.name(), user: endpoint.user.clone(), offered });
    }
    let mut channel = handle.channel_open_session().await.map_err(|error| failed(error.to_string()))?;
    channel.request_subsystem(true, "netconf").await.map_err(|error| failed(error.to_string()))?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            Some(ChannelMsg::WindowAdjusted { .. }) => {}
            _ => return Err(failed("it offers no NETCONF subsystem".to_owned())),
        }
    }
    Ok(SshStream { channel: channel.into_stream(), _handle: handle })
}

struct HostChecker {
    endpoint: Endpoint,
    /// The fingerprint of a key that was refused, and what was expected.
    refused: Arc<Mutex<Option<(String, String)>>>,
}

impl client::Handler for HostChecker {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> std::result::Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else {
            return Ok(false);
        };
        let shown = key.fingerprint(HashAlg::Sha256).to_string();
        let Endpoint { host, port, host_key, .. } = &self.endpoint;
        let refusal = host_key.refusal(host, *port, key, &shown);
        let good = refusal.is_none();
        if let Some(expected) = refusal {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some((shown, expected));
        }
        Ok(good)
    }
}

/// The subsystem's bytes. Dropping it ends the connection.
pub struct SshStream {
    channel: ChannelStream<Msg>,
    _handle: Handle<HostChecker>,
}

impl std::fmt::Debug for SshStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SshStream")
    }
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.channel).poll_read(context, buffer)
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.channel).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.channel).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.channel).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_split_and_secrets_stay_secret() {
        assert_eq!(Endpoint::split("192.0.2.1:2830"), Some(("192.0.2.1".to_owned(), 2830)));
        assert_eq!(Endpoint::split("gnb.example"), Some(("gnb.example".to_owned(), 830)));
        assert_eq!(Endpoint::split("[2001:db8::1]:831"), Some(("2001:db8::1".to_owned(), 831)));
        for bad in ["", ":830", "a:b:c", "h:70000", "[::1"] {
            assert_eq!(Endpoint::split(bad), None, "{bad}");
        }
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
    }
}
