//! A test peer for A1: real HTTP on loopback, in each dialect, with the errors and lies that are met in the field.
//!
//! It follows the interfaces as they are documented for the O-RAN SC simulator and for the policy management service;
//! what a test wants to go wrong it says with [`Lie`]s.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Standard,
    Osc,
    PmsV2,
    PmsV3,
}

/// A policy held.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
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
    /// What is answered; 0 breaks the connection.
    pub status: u16,
    /// Whether the request takes effect all the same.
    pub effect: bool,
    /// The body of the answer.
    pub body: &'static str,
}

/// What a RIC says of policies.
#[derive(Clone, Debug, PartialEq)]
pub enum Enforces {
    /// Enforced from the second question on, `OTHER_REASON` before.
    Soon,
    /// This reason for ever; empty for an empty object.
    Never(&'static str),
}

/// The inside of a peer.
#[derive(Debug)]
pub struct Inside {
    pub types: BTreeMap<String, Value>,
    pub policies: BTreeMap<String, Stored>,
    pub lies: Vec<Lie>,
    pub enforces: Enforces,
    pub state: String,
    /// Registered services with their keep-alive intervals.
    pub services: BTreeMap<String, u64>,
    /// Every request: method and path.
    pub log: Vec<String>,
    /// The bearer token that is wanted.
    pub token: Option<String>,
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
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let inside = Arc::new(Mutex::new(Inside {
            types: types.iter().map(|(id, schema)| ((*id).to_owned(), schema.clone())).collect(),
            policies: BTreeMap::new(),
            lies: Vec::new(),
            enforces: Enforces::Soon,
            state: "AVAILABLE".to_owned(),
            services: BTreeMap::new(),
            log: Vec::new(),
            token: None,
        }));
        let shared = inside.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, speaks, shared.clone()));
            }
        });
        Self { url, inside, task }
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Inside) -> T) -> T {
        work(&mut self.inside.lock().expect("no panic inside"))
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
        let stored =
            Stored { kind: kind.into(), body: json!({"x": 1}), transient: false, service: "other".into(), asked: 0 };
        self.with(|inside| drop(inside.policies.insert(id.to_owned(), stored)));
    }

    /// The ids held.
    pub fn ids(&self) -> Vec<String> {
        self.with(|inside| inside.policies.keys().cloned().collect())
    }
}

struct Asked {
    method: String,
    path: String,
    query: BTreeMap<String, String>,
    authorization: String,
    body: Vec<u8>,
}

async fn serve(mut stream: TcpStream, speaks: Speaks, inside: Arc<Mutex<Inside>>) {
    let mut pending = Vec::new();
    while let Some(asked) = receive(&mut stream, &mut pending).await {
        let answer = {
            let mut inside = inside.lock().expect("no panic inside");
            answer(&asked, speaks, &mut inside)
        };
        let Some((status, body)) = answer else { return };
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

async fn receive(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Asked> {
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
    Some(Asked { method, path: path.to_owned(), query: query.collect(), authorization, body })
}

/// What is answered; none breaks the connection.
fn answer(asked: &Asked, speaks: Speaks, inside: &mut Inside) -> Option<(u16, String)> {
    inside.log.push(format!("{} {}", asked.method, asked.path));
    if inside.token.as_ref().is_some_and(|token| asked.authorization != format!("Bearer {token}")) {
        return Some((401, String::new()));
    }
    let lie = inside.lies.iter_mut().find(|lie| lie.times > 0 && lie.method == asked.method);
    let lie = lie.map(|lie| {
        lie.times -= 1;
        lie.clone()
    });
    let honest = |inside: &mut Inside| match speaks {
        Speaks::Standard => near_rt(asked, "/A1-P/v2", false, inside),
        Speaks::Osc => near_rt(asked, "/a1-p", true, inside),
        Speaks::PmsV2 | Speaks::PmsV3 => service(asked, inside),
    };
    match lie {
        None => Some(honest(inside)),
        Some(lie) => {
            if lie.effect {
                honest(inside);
            }
            (lie.status > 0).then(|| (lie.status, lie.body.to_owned()))
        }
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
    let stored = Stored { kind: kind.into(), body, transient, service: service.into(), asked: 0 };
    inside.policies.insert(id.to_owned(), stored).is_none()
}

fn status_of(inside: &mut Inside, id: &str) -> Option<Value> {
    let enforces = inside.enforces.clone();
    let stored = inside.policies.get_mut(id)?;
    stored.asked += 1;
    Some(match enforces {
        Enforces::Soon if stored.asked > 1 => json!({ "enforceStatus": "ENFORCED" }),
        Enforces::Soon => json!({ "enforceStatus": "NOT_ENFORCED", "enforceReason": "OTHER_REASON" }),
        Enforces::Never("") => json!({}),
        Enforces::Never(reason) => json!({ "enforceStatus": "NOT_ENFORCED", "enforceReason": reason }),
    })
}

/// A near-RT RIC: A1-P version 2, or the O-RAN SC form with numbers as types and 202.
fn near_rt(asked: &Asked, root: &str, osc: bool, inside: &mut Inside) -> (u16, String) {
    let Some(below) = asked.path.strip_prefix(root) else { return (404, String::new()) };
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    let created = |osc| if osc { (202, 202, 202) } else { (201, 200, 204) };
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["policytypes"]) => {
            let ids: Vec<Value> = inside
                .types
                .keys()
                .map(|id| id.parse::<u64>().map_or_else(|_| Value::from(id.as_str()), Value::from))
                .collect();
            (200, Value::from(ids).to_string())
        }
        (_, ["policytypes", kind, ..]) if !inside.types.contains_key(*kind) => {
            if osc && parts.len() > 2 {
                (503, String::new())
            } else {
                problem(404, "The policy type does not exist.")
            }
        }
        ("GET", ["policytypes", kind]) => {
            let member = if osc { "create_schema" } else { "policySchema" };
            (200, json!({ member: inside.types[*kind] }).to_string())
        }
        ("GET", ["policytypes", kind, "policies"]) => {
            let ids: Vec<&String> =
                inside.policies.iter().filter(|(_, stored)| stored.kind == *kind).map(|(id, _)| id).collect();
            (200, json!(ids).to_string())
        }
        ("PUT", ["policytypes", kind, "policies", id]) => {
            let Ok(body) = serde_json::from_slice::<Value>(&asked.body) else { return problem(400, "not JSON") };
            if inside.policies.get(*id).is_some_and(|stored| stored.kind != *kind) {
                return problem(400, "The policy id already exist for other policy type.");
            }
            if !passes(inside, kind, &body) {
                return (400, String::new());
            }
            let (new, old, _) = created(osc);
            let status = if put(inside, id, kind, body.clone(), false, "") { new } else { old };
            (status, if osc { String::new() } else { body.to_string() })
        }
        (method, ["policytypes", kind, "policies", id, rest @ ..]) => {
            if inside.policies.get(*id).is_none_or(|stored| stored.kind != *kind) {
                return if osc { (503, String::new()) } else { problem(404, "The policy identity does not exist.") };
            }
            match (method, rest) {
                ("GET", []) => (200, inside.policies[*id].body.to_string()),
                ("GET", ["status"]) => (200, status_of(inside, id).unwrap_or_default().to_string()),
                ("DELETE", []) => {
                    inside.policies.remove(*id);
                    (created(osc).2, String::new())
                }
                _ => (405, String::new()),
            }
        }
        _ => (404, String::new()),
    }
}

/// The policy management service, both versions over one store, for the RIC `ric1`.
fn service(asked: &Asked, inside: &mut Inside) -> (u16, String) {
    if let Some(below) = asked.path.strip_prefix("/a1-policy/v2") {
        return version_2(asked, below, inside);
    }
    match asked.path.strip_prefix("/a1-policy-management/v1") {
        Some(below) => version_3(asked, below, inside),
        None => (404, json!({ "path": asked.path, "status": 404 }).to_string()),
    }
}

fn of_type(asked: &Asked, inside: &Inside, name: &str) -> Vec<String> {
    let wanted = asked.query.get(name);
    let of = |stored: &Stored| wanted.is_none_or(|kind| *kind == stored.kind);
    inside.policies.iter().filter(|(_, stored)| of(stored)).map(|(id, _)| id.clone()).collect()
}

fn version_2(asked: &Asked, below: &str, inside: &mut Inside) -> (u16, String) {
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["rics", "ric"]) if asked.query.get("ric_id").map(String::as_str) == Some("ric1") => {
            let ids: Vec<&String> = inside.types.keys().collect();
            (200, json!({ "ric_id": "ric1", "state": inside.state, "policytype_ids": ids }).to_string())
        }
        ("GET", ["policy-types"]) => {
            let ids: Vec<&String> = inside.types.keys().collect();
            (200, json!({ "policytype_ids": ids }).to_string())
        }
        ("GET", ["policy-types", kind]) => match inside.types.get(*kind) {
            Some(schema) => (200, json!({ "policy_schema": schema }).to_string()),
            None => (404, String::new()),
        },
        ("GET", ["services"]) => {
            let list: Vec<Value> = inside
                .services
                .iter()
                .map(|(id, interval)| json!({ "service_id": id, "keep_alive_interval_seconds": interval }))
                .collect();
            (200, json!({ "service_list": list }).to_string())
        }
        ("GET", ["policies"]) => (200, json!({ "policy_ids": of_type(asked, inside, "policytype_id") }).to_string()),
        ("PUT", ["policies"]) => {
            let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let (kind, id) = (text("policytype_id"), text("policy_id"));
            if text("ric_id") != "ric1" || !inside.types.contains_key(&kind) {
                return (404, String::new());
            }
            if !passes(inside, &kind, &body["policy_data"]) {
                return (400, json!({ "detail": "schema" }).to_string());
            }
            let transient = body["transient"].as_bool().unwrap_or(false);
            let new = put(inside, &id, &kind, body["policy_data"].clone(), transient, &text("service_id"));
            (if new { 201 } else { 200 }, String::new())
        }
        (method, ["policies", id, rest @ ..]) => match (method, rest, inside.policies.get(*id).cloned()) {
            (_, _, None) => (404, json!({ "detail": "Could not find policy" }).to_string()),
            // Written by version 3 last.
            ("GET", [], Some(stored)) if stored.service.is_empty() => {
                (500, json!({ "detail": "java.lang.NullPointerException" }).to_string())
            }
            ("GET", [], Some(stored)) => {
                let shown = json!({
                    "ric_id": "ric1", "policy_id": id, "service_id": stored.service, "policy_data": stored.body,
                    "policytype_id": stored.kind, "transient": stored.transient,
                });
                (200, shown.to_string())
            }
            ("GET", ["status"], Some(_)) => {
                let status = status_of(inside, id);
                (200, json!({ "last_modified": "2026-11-26T00:00:00Z", "status": status }).to_string())
            }
            ("DELETE", [], Some(_)) => {
                inside.policies.remove(*id);
                (204, String::new())
            }
            _ => (405, String::new()),
        },
        _ => (404, String::new()),
    }
}

/// Every number as a float, as version 3 shows schemas.
fn floats(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(floats).collect(),
        Value::Object(object) => {
            Value::Object(object.iter().map(|(name, value)| (name.clone(), floats(value))).collect())
        }
        Value::Number(number) => json!(number.as_f64()),
        other => other.clone(),
    }
}

fn version_3(asked: &Asked, below: &str, inside: &mut Inside) -> (u16, String) {
    let parts: Vec<&str> = below.split('/').skip(1).collect();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["rics", "ric1"]) => (200, json!({ "ricId": "ric1", "state": inside.state }).to_string()),
        ("GET", ["policy-types"]) => {
            let mut rows: Vec<Value> =
                inside.types.keys().map(|id| json!({ "policyTypeId": id, "nearRtRicId": "ric1" })).collect();
            rows.push(json!({ "policyTypeId": "OF_ANOTHER", "nearRtRicId": "ric2" }));
            (200, Value::from(rows).to_string())
        }
        ("GET", ["policy-types", kind]) => match inside.types.get(*kind) {
            Some(schema) => (200, json!({ "policySchema": floats(schema) }).to_string()),
            None => (404, String::new()),
        },
        ("GET", ["services"]) => (200, json!({ "serviceList": [] }).to_string()),
        ("GET", ["policies"]) => {
            let rows: Vec<Value> = of_type(asked, inside, "policyTypeId")
                .iter()
                .map(|id| json!({ "policyId": id, "nearRtRicId": "ric1" }))
                .collect();
            (200, Value::from(rows).to_string())
        }
        ("POST", ["policies"]) => {
            let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            let (kind, id) = (text("policyTypeId"), text("policyId"));
            if inside.policies.contains_key(&id) {
                return (409, json!({ "detail": "Policy already created with ID" }).to_string());
            }
            if !passes(inside, &kind, &body["policyObject"]) {
                return (500, json!({ "detail": "400 BAD_REQUEST from RIC" }).to_string());
            }
            let transient = body["transient"].as_bool().unwrap_or(false);
            put(inside, &id, &kind, body["policyObject"].clone(), transient, &text("serviceId"));
            (201, body.to_string())
        }
        (method, ["policies", id, rest @ ..]) => match (method, rest, inside.policies.get(*id).cloned()) {
            (_, _, None) => (404, json!({ "detail": "Could not find policy" }).to_string()),
            ("GET", [], Some(stored)) => (200, stored.body.to_string()),
            ("GET", ["status"], Some(_)) => (200, status_of(inside, id).unwrap_or_default().to_string()),
            ("PUT", [], Some(stored)) => {
                let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
                // It forgets whose it is and that it may vanish.
                put(inside, id, &stored.kind, body.clone(), false, "");
                (200, body.to_string())
            }
            ("DELETE", [], Some(_)) => {
                inside.policies.remove(*id);
                (204, String::new())
            }
            _ => (405, String::new()),
        },
        _ => (404, String::new()),
    }
}

/// A schema of our own for slice SLA targets of generation 2.0.0, draft 07.
pub fn slice_schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": false,
        "required": ["scope", "sliceSlaObjectives"],
        "properties": {
            "scope": { "type": "object", "required": ["sliceId"], "additionalProperties": false,
                       "properties": { "sliceId": { "$ref": "#/definitions/slice" } } },
            "sliceSlaObjectives": { "type": "object", "minProperties": 1, "additionalProperties": false, "properties": {
                "guaDlThptPerSlice": { "type": "number" }, "maxDlThptPerSlice": { "type": "number", "maximum": 1_000_000 },
                "maxNumberOfUes": { "type": "number" } } },
            "sliceSlaResources": { "type": "object", "properties": { "cellIdList": { "type": "array", "minItems": 1 } } }
        },
        "definitions": { "slice": {
            "type": "object", "required": ["sst", "plmnId"], "additionalProperties": false,
            "properties": { "sst": { "type": "integer", "minimum": 0, "maximum": 255 },
                            "sd": { "type": "string", "pattern": "^[A-Fa-f0-9]{6}$" }, "plmnId": { "type": "object" } } } }
    })
}

/// A schema of our own for traffic steering, draft 2020-12.
pub fn steering_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["scope", "tspResources"],
        "additionalProperties": false,
        "properties": {
            "scope": { "type": "object" },
            "tspResources": { "type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["cellIdList", "preference"], "additionalProperties": false, "properties": {
                    "cellIdList": { "type": "array" }, "primary": { "type": "boolean" },
                    "preference": { "enum": ["SHALL", "PREFER", "AVOID", "FORBID"] } } } }
        }
    })
}
