//! A test peer for A1: real HTTP on loopback, in each dialect, with the errors and lies that are met in the field.
//!
//! It follows the interfaces as they are documented for the O-RAN SC simulator and mediator and for the policy management
//! service ([`near_rt`], [`service`]); what a test wants to go wrong it says with [`Lie`]s.
#![allow(dead_code)]

mod near_rt;
pub mod schemas;
mod service;
pub mod tls;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// The interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Standard,
    StandardV1,
    /// The O-RAN SC simulator: 404 for what is not there.
    Osc,
    /// The O-RAN SC mediator: another root, and 503 for what is not there.
    OscMediator,
    PmsV2,
    PmsV3,
}

/// A policy held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// The RIC of a management service.
    pub ric: String,
    pub kind: String,
    pub body: Value,
    pub transient: bool,
    pub service: String,
    /// Asked for its status this often since it was written.
    pub asked: u32,
}

/// Something that goes wrong, once or several times.
#[derive(Clone, Debug)]
pub struct Lie {
    /// Of requests of this method.
    pub method: &'static str,
    /// How often.
    pub times: u32,
    /// What is answered; 0 breaks the connection, [`HANGS`] never answers.
    pub status: u16,
    /// Whether the request takes effect all the same.
    pub effect: bool,
    /// The body of the answer.
    pub body: &'static str,
}

/// The status of a lie that is no answer at all.
pub const HANGS: u16 = 1;

/// What a RIC says of policies.
#[derive(Clone, Debug, PartialEq)]
pub enum Enforces {
    /// Enforced from the second question on, `OTHER_REASON` before.
    Soon,
    /// As that for those with this in their id, and nothing said of the others.
    These(&'static str),
    /// This reason for ever; empty for an empty object.
    Never(&'static str),
}

/// The inside of a peer.
#[derive(Debug)]
pub struct Inside {
    pub speaks: Speaks,
    pub types: BTreeMap<String, Value>,
    pub policies: BTreeMap<String, Stored>,
    pub lies: Vec<Lie>,
    pub enforces: Enforces,
    pub state: String,
    /// How often the RIC's state is asked before it is what it is; `UNAVAILABLE` until then.
    pub settles_after: u32,
    /// Registered services with their keep-alive intervals.
    pub services: BTreeMap<String, u64>,
    /// Whether a mediator has no way to its database.
    pub database_is_down: bool,
    /// What a mediator's xApps have once enforced: it forgets that by no change and no deletion.
    pub handled: BTreeSet<String>,
    /// How often policies are still listed after their deletion was accepted.
    pub lingers: u32,
    /// Those that are, and how often still.
    pub leaving: BTreeMap<String, u32>,
    /// Policies of a management service that its RIC has lost.
    pub lost: BTreeSet<String>,
    /// Whether only version 2 of the management service is let through.
    pub hides_version_3: bool,
    /// Whether a refusal for a missing token tells the token that was shown.
    pub echoes: bool,
    /// How long each answer takes.
    pub delay: Duration,
    /// How many requests are being answered, and the most that ever were.
    pub at_once: [usize; 2],
    /// Every request: method and path.
    pub log: Vec<String>,
    /// Whether requests and answers are printed.
    pub prints: bool,
    /// The bearer token that is wanted.
    pub token: Option<String>,
    /// The folder of the devices, where the RIC runs as placed software on one of them; it runs all the time where none.
    pub lives_in: Option<PathBuf>,
    /// The device on which it runs: what runs on another one begins without policies.
    pub on: Option<String>,
}

/// A peer.
pub struct A1Peer {
    pub url: String,
    pub inside: Arc<Mutex<Inside>>,
    task: JoinHandle<()>,
}

impl Drop for A1Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl A1Peer {
    /// A peer that lists these types, each with its schema.
    pub async fn start(speaks: Speaks, types: &[(&str, Value)]) -> Self {
        Self::start_at("127.0.0.1:0", speaks, types, None).await
    }

    /// A peer at an address, behind TLS where an acceptor is given.
    pub async fn start_at(address: &str, speaks: Speaks, types: &[(&str, Value)], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let inside = Arc::new(Mutex::new(Inside {
            speaks,
            types: types.iter().map(|(id, schema)| ((*id).to_owned(), schema.clone())).collect(),
            policies: BTreeMap::new(),
            lies: Vec::new(),
            enforces: Enforces::Soon,
            state: "AVAILABLE".to_owned(),
            settles_after: 0,
            services: BTreeMap::new(),
            database_is_down: false,
            handled: BTreeSet::new(),
            lingers: 0,
            leaving: BTreeMap::new(),
            lost: BTreeSet::new(),
            hides_version_3: false,
            echoes: false,
            delay: Duration::ZERO,
            at_once: [0, 0],
            log: Vec::new(),
            prints: false,
            token: None,
            lives_in: None,
            on: None,
        }));
        let shared = inside.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (shared.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, speaks, shared).await,
                        // A client that is not let in has been told so.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, speaks, shared).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, inside, task }
    }

    /// Nobody listens any more.
    pub fn stop(&self) {
        self.task.abort();
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Inside) -> T) -> T {
        work(&mut self.inside.lock().expect("no panic inside"))
    }

    /// Waits until the peer ends: never.
    pub async fn run(mut self) {
        let _ = (&mut self.task).await;
    }

    pub fn lie(&self, method: &'static str, times: u32, status: u16, effect: bool) {
        self.with(|inside| inside.lies.push(Lie { method, times, status, effect, body: "" }));
    }

    /// How many requests of these methods came since the last call.
    pub fn writes(&self) -> usize {
        self.with(|inside| {
            let count = inside.log.iter().filter(|line| !line.starts_with("GET")).count();
            inside.log.clear();
            count
        })
    }

    /// A policy of somebody else.
    pub fn foreign(&self, kind: &str, id: &str) {
        self.foreign_at("ric1", kind, id);
    }

    /// A policy of somebody else, at a RIC of a management service.
    pub fn foreign_at(&self, ric: &str, kind: &str, id: &str) {
        let (ric, kind, service) = (ric.to_owned(), kind.to_owned(), "other".to_owned());
        self.with(|inside| {
            let key = key(inside, &kind, id);
            let stored = Stored { ric, kind, body: json!({"x": 1}), service, ..Stored::default() };
            inside.policies.insert(key, stored);
        });
    }

    /// The bodies of the policies that the RIC holds, by id: none while it does not run.
    pub fn held(&self) -> BTreeMap<String, Value> {
        self.with(|inside| {
            runs(inside);
            inside.policies.iter().map(|(id, stored)| (id.clone(), stored.body.clone())).collect()
        })
    }

    /// The ids held.
    pub fn ids(&self) -> Vec<String> {
        self.with(|inside| inside.policies.keys().map(|key| id_of(key).to_owned()).collect())
    }
}

/// Under what a policy is held: its id, which is one over all types but at a mediator.
fn key(inside: &Inside, kind: &str, id: &str) -> String {
    if inside.speaks == Speaks::OscMediator { format!("{kind}/{id}") } else { id.to_owned() }
}

fn id_of(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

struct Asked {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    authorization: String,
    content_type: String,
    body: Vec<u8>,
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, speaks: Speaks, inside: Arc<Mutex<Inside>>) {
    let mut pending = Vec::new();
    while let Some(asked) = receive(&mut stream, &mut pending).await {
        let (answer, delay) = {
            let mut inside = inside.lock().expect("no panic inside");
            let [now, most] = inside.at_once;
            inside.at_once = [now + 1, most.max(now + 1)];
            (answer(&asked, speaks, &mut inside), inside.delay)
        };
        if delay > Duration::ZERO {
            tokio::time::sleep(delay).await;
        }
        inside.lock().expect("no panic inside").at_once[0] -= 1;
        let Some((status, body)) = answer else { return };
        if status == HANGS {
            std::future::pending::<()>().await;
        }
        let head =
            format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        let mut bytes = head.into_bytes();
        if status != 204 {
            bytes.extend(body.as_bytes());
        }
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn receive<S: AsyncRead + Unpin>(stream: &mut S, pending: &mut Vec<u8>) -> Option<Asked> {
    let end = loop {
        if let Some(at) = pending.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        pending.extend(&chunk[..count]);
    };
    let head = String::from_utf8_lossy(&pending[..end]).into_owned();
    pending.drain(..end + 4);
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while pending.len() < length {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        pending.extend(&chunk[..count]);
    }
    let body = pending.drain(..length).collect();
    let mut words = head.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned()));
    let authorization = header("authorization").unwrap_or_default();
    let content_type = header("content-type").unwrap_or_default();
    Some(Asked { method, path: path.to_owned(), query: query.collect(), authorization, content_type, body })
}

/// What is answered; none breaks the connection.
fn answer(asked: &Asked, speaks: Speaks, inside: &mut Inside) -> Option<(u16, String)> {
    inside.log.push(format!("{} {}", asked.method, asked.path));
    let answer = lied(asked, speaks, inside);
    if inside.prints {
        let (status, body) = answer.clone().unwrap_or_default();
        println!("{} {} {} -> {status} {body}", asked.method, asked.path, String::from_utf8_lossy(&asked.body));
    }
    answer
}

/// Whether the RIC runs: a device holds its management. Its policies live as long as that does.
fn runs(inside: &mut Inside) -> bool {
    let Some(devices) = &inside.lives_in else { return true };
    let devices = std::fs::read_dir(devices).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let on = devices.filter(|device| device.join("management/plaza-management.json").exists());
    let mut on: Vec<String> = on.map(|device| device.display().to_string()).collect();
    on.sort();
    if !inside.on.as_ref().is_some_and(|now| on.contains(now)) {
        inside.policies.clear();
        inside.on = on.first().cloned();
    }
    inside.on.is_some()
}

fn lied(asked: &Asked, speaks: Speaks, inside: &mut Inside) -> Option<(u16, String)> {
    if !runs(inside) {
        return Some(problem(404, "default backend"));
    }
    if inside.token.as_ref().is_some_and(|token| asked.authorization != format!("Bearer {token}")) {
        let detail = if inside.echoes { format!("not let in with {}", asked.authorization) } else { String::new() };
        return Some((401, json!({ "title": "Unauthorized", "status": 401, "detail": detail }).to_string()));
    }
    let lie = inside.lies.iter_mut().find(|lie| lie.times > 0 && lie.method == asked.method);
    let lie = lie.map(|lie| {
        lie.times -= 1;
        lie.clone()
    });
    let Some(lie) = lie else { return Some(honest(asked, speaks, inside)) };
    if lie.effect {
        honest(asked, speaks, inside);
    }
    (lie.status > 0).then(|| (lie.status, lie.body.to_owned()))
}

fn honest(asked: &Asked, speaks: Speaks, inside: &mut Inside) -> (u16, String) {
    if matches!(asked.method.as_str(), "PUT" | "POST") && asked.content_type != "application/json" {
        return problem(415, "Unsupported Media Type");
    }
    match speaks {
        Speaks::Standard => near_rt::answer(asked, "/A1-P/v2", speaks, inside),
        Speaks::StandardV1 => near_rt::without_types(asked, inside),
        Speaks::Osc => near_rt::answer(asked, "/a1-p", speaks, inside),
        Speaks::OscMediator => near_rt::answer(asked, "/A1-P/v2", speaks, inside),
        Speaks::PmsV2 | Speaks::PmsV3 => service::answer(asked, inside),
    }
}

fn problem(status: u16, title: &str) -> (u16, String) {
    (status, json!({ "title": title, "status": status }).to_string())
}

/// Whether an object passes the schema of its type.
fn passes(inside: &Inside, kind: &str, body: &Value) -> bool {
    inside.types.get(kind).is_some_and(|schema| ranform_targets::a1::schema::check(schema, body).is_ok())
}

fn put(inside: &mut Inside, id: &str, kind: &str, body: Value, transient: bool, service: &str) -> bool {
    put_at(inside, "ric1", id, kind, body, transient, service)
}

fn put_at(inside: &mut Inside, ric: &str, id: &str, kind: &str, body: Value, transient: bool, service: &str) -> bool {
    let (ric, kind, service) = (ric.to_owned(), kind.to_owned(), service.to_owned());
    let stored = Stored { ric, kind, body, transient, service, asked: 0 };
    inside.policies.insert(id.to_owned(), stored).is_none()
}

/// The state of the RIC, as a management service tells it.
fn state(inside: &mut Inside) -> String {
    if inside.settles_after > 0 {
        inside.settles_after -= 1;
        return "UNAVAILABLE".to_owned();
    }
    inside.state.clone()
}

fn status_of(inside: &mut Inside, id: &str) -> Option<Value> {
    let enforces = inside.enforces.clone();
    let stored = inside.policies.get_mut(id)?;
    stored.asked += 1;
    let asked = stored.asked;
    if inside.speaks == Speaks::OscMediator && asked > 1 && enforces == Enforces::Soon {
        inside.handled.insert(id.to_owned());
    }
    Some(match enforces {
        _ if inside.handled.contains(id) => json!({ "enforceStatus": "ENFORCED" }),
        Enforces::These(part) if !id.contains(part) => json!({}),
        Enforces::Soon | Enforces::These(_) if asked > 1 => json!({ "enforceStatus": "ENFORCED" }),
        Enforces::Soon | Enforces::These(_) => {
            json!({ "enforceStatus": "NOT_ENFORCED", "enforceReason": "OTHER_REASON" })
        }
        Enforces::Never("") => json!({}),
        Enforces::Never(reason) => json!({ "enforceStatus": "NOT_ENFORCED", "enforceReason": reason }),
    })
}
