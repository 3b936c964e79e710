//! A way to a real API server on which things go wrong: plain HTTP on loopback in front, TLS with the client's certificate
//! behind. What a test wants to go wrong it says with [`Fault`]s; everything else is passed on as it is.
#![allow(dead_code)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::cluster::Cluster;

/// What happens instead of an answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This status with this body; the request does not reach the server.
    Status(u16, &'static str),
    /// The same, and when to come back, in seconds.
    RetryAfter(u16, u64),
    /// The connection breaks before the request reaches the server.
    CutBefore,
    /// The request takes effect, and the connection breaks in the middle of the answer.
    CutAfter,
    /// Nothing is answered for so long, then the server's answer.
    Late(Duration),
}

/// Something that goes wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Of requests of this method; empty for any.
    pub method: &'static str,
    /// With this in the path.
    pub path: &'static str,
    /// How often; [`ALWAYS`] for as long as it is there.
    pub times: u32,
    /// What happens.
    pub answer: Answer,
}

/// A request that reached the server, and the status of its answer.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub body: Vec<u8>,
    pub status: u16,
}

/// As often as it is asked.
pub const ALWAYS: u32 = u32::MAX;

/// A way on which things go wrong.
pub struct Faults {
    /// Where it is.
    pub url: String,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Default)]
struct Inside {
    faults: Vec<Fault>,
    /// The bearer token that is known, where one is wanted.
    token: Option<String>,
    /// How often a fault happened.
    happened: u32,
    /// What reached the server, where that is wanted.
    seen: Option<Vec<Seen>>,
}

/// How the server behind is reached.
struct Behind {
    address: String,
    connector: TlsConnector,
}

impl Behind {
    fn new(cluster: &Cluster) -> Self {
        let file = |name: &str| cluster.file(name);
        let certificates = |path: &Path| {
            let read = CertificateDer::pem_file_iter(path).expect("a file").map(|one| one.expect("PEM"));
            read.collect::<Vec<_>>()
        };
        let mut roots = RootCertStore::empty();
        certificates(&file("ca.crt")).into_iter().for_each(|one| roots.add(one).expect("a certificate"));
        let key = PrivateKeyDer::from_pem_file(file("ranform.key")).expect("a key");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_client_auth_cert(certificates(&file("ranform.crt")), key)
            .expect("a certificate and its key");
        let kubeconfig = cluster.kubeconfig();
        let address = kubeconfig.split("https://").nth(1).and_then(|rest| rest.split('"').next()).expect("a server");
        Self { address: address.to_owned(), connector: TlsConnector::from(Arc::new(config)) }
    }
}

impl Faults {
    /// A way to this cluster, for the user whose rights are those of the shipped role.
    pub fn before(cluster: &Cluster) -> Self {
        let behind = Arc::new(Behind::new(cluster));
        let inside = Arc::new(Mutex::new(Inside::default()));
        let (tell, told) = std::sync::mpsc::channel();
        let shared = inside.clone();
        // A thread of its own: tests block theirs.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell.send(listener.local_addr().expect("an address")).expect("somebody waits");
                while let Ok((stream, _)) = listener.accept().await {
                    let (behind, shared) = (behind.clone(), shared.clone());
                    tokio::spawn(async move { drop(pass(stream, &behind, &shared).await) });
                }
            });
        });
        let address = told.recv().expect("it listens");
        Self { url: format!("http://{address}"), inside }
    }

    /// A kubeconfig that leads this way; with the path of a file that holds a token.
    pub fn kubeconfig(&self, token_file: Option<&Path>) -> String {
        let user = token_file.map_or_else(|| "{}".to_owned(), |file| format!("{{tokenFile: \"{}\"}}", file.display()));
        format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: test, cluster: {{server: \"{}\"}}}}]\n\
             users: [{{name: ranform, user: {user}}}]\n\
             contexts: [{{name: test, context: {{cluster: test, user: ranform}}}}]\ncurrent-context: test\n",
            self.url
        )
    }

    /// Lets something go wrong from now on.
    pub fn add(&self, method: &'static str, path: &'static str, times: u32, answer: Answer) {
        self.inside.lock().expect("no panic inside").faults.push(Fault { method, path, times, answer });
    }

    /// Nothing goes wrong any more. How often something did since the last call.
    pub fn clear(&self) -> u32 {
        let mut inside = self.inside.lock().expect("no panic inside");
        inside.faults.clear();
        std::mem::take(&mut inside.happened)
    }

    /// What reached the server since the last call; nothing the first time, from when on it is kept.
    pub fn seen(&self) -> Vec<Seen> {
        self.inside.lock().expect("no panic inside").seen.replace(Vec::new()).unwrap_or_default()
    }

    /// Only this bearer token is known from now on.
    pub fn know(&self, token: &str) {
        self.inside.lock().expect("no panic inside").token = Some(token.to_owned());
    }
}

/// The first request of a connection, and its answer; then the connection ends.
async fn pass(mut client: TcpStream, behind: &Behind, inside: &Mutex<Inside>) -> std::io::Result<()> {
    let Some((head, body)) = receive(&mut client).await? else { return Ok(()) };
    let answer = fault(&head, &mut inside.lock().expect("no panic inside"));
    match answer {
        Some(Answer::CutBefore) => return Ok(()),
        Some(Answer::Status(status, body)) => return client.write_all(&plain(status, "", body)).await,
        Some(Answer::RetryAfter(status, seconds)) => {
            let header = format!("Retry-After: {seconds}\r\n");
            return client.write_all(&plain(status, &header, "Too many requests, please try again later.")).await;
        }
        Some(Answer::Late(time)) => tokio::time::sleep(time).await,
        Some(Answer::CutAfter) | None => {}
    }
    let answered = ask(behind, &head, &body).await?;
    if let Some(seen) = &mut inside.lock().expect("no panic inside").seen {
        let word = |at: usize| head.split(' ').nth(at).unwrap_or_default().to_owned();
        let status = String::from_utf8_lossy(&answered[..answered.len().min(12)]).into_owned();
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        seen.push(Seen { method: word(0), path: word(1), body: body.clone(), status });
    }
    let shown =
        if matches!(answer, Some(Answer::CutAfter)) { answered.len().saturating_sub(20) } else { answered.len() };
    client.write_all(&answered[..shown]).await?;
    client.shutdown().await
}

fn plain(status: u16, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{header}Content-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// What goes wrong with a request, where something does.
fn fault(head: &str, inside: &mut Inside) -> Option<Answer> {
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let known = inside.token.as_ref().is_none_or(|token| head.contains(&format!("Bearer {token}\r\n")));
    if !known {
        inside.happened += 1;
        let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}"#;
        return Some(Answer::Status(401, body));
    }
    let matches = |fault: &&mut Fault| {
        fault.times > 0 && (fault.method.is_empty() || fault.method == method) && path.contains(fault.path)
    };
    let found = inside.faults.iter_mut().find(matches)?;
    if found.times != ALWAYS {
        found.times -= 1;
    }
    inside.happened += 1;
    Some(found.answer.clone())
}

/// A request: its head without what concerns the connection, and its body.
async fn receive(client: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let header = |line: &str, name: &str| line.to_ascii_lowercase().starts_with(&format!("{name}:"));
    let length = head.lines().find(|line| header(line, "content-length"));
    let length: usize = length.and_then(|line| line.split(':').nth(1)?.trim().parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if client.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    let kept = head.lines().filter(|line| !header(line, "connection") && !header(line, "accept-encoding"));
    Ok(Some((kept.map(|line| format!("{line}\r\n")).collect(), body)))
}

/// The server's answer, whole.
async fn ask(behind: &Behind, head: &str, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let stream = TcpStream::connect(&behind.address).await?;
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let mut server = behind.connector.connect(name, stream).await?;
    // The certificate says who asks.
    let without: String = head
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("authorization:"))
        .fold(String::new(), |text, line| text + line + "\r\n");
    server.write_all(format!("{without}Connection: close\r\n\r\n").as_bytes()).await?;
    server.write_all(body).await?;
    let mut answered = Vec::new();
    match server.read_to_end(&mut answered).await {
        // Go ends without a word of TLS.
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {}
        read => drop(read?),
    }
    Ok(answered)
}
