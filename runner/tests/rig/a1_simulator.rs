//! The A1 simulator of O-RAN SC: a near-RT RIC that others wrote (`scripts/rigs/a1/osc-simulator`). It ends with the test
//! that holds it, killed included: its standard input is a pipe from there.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::skipped::skipped;

/// A running simulator, with nothing on it but policy types.
pub struct Simulator {
    keeper: Child,
    pub way: Way,
    /// What its xApps say of every policy: query members of `/status`.
    says: Arc<Mutex<&'static str>>,
    ends: Arc<AtomicBool>,
}

/// How to reach it.
#[derive(Clone)]
pub struct Way {
    pub url: String,
    /// The root of its interface.
    pub root: &'static str,
    /// Its policy types; the one of all policies where there are none.
    types: Vec<&'static str>,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

impl Simulator {
    /// Starts a version of it; none where no checkout of it is named, which is said by the test's name.
    pub fn start(test: &str, version: &str) -> Option<Self> {
        let Some(checkout) = std::env::var_os("RANFORM_A1_SIMULATOR") else {
            skipped(&format!("{test} (RANFORM_A1_SIMULATOR is not set)"));
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/rigs/a1/osc-simulator");
        let mut command = Command::new(script);
        command.arg(checkout).args([version, "0"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = command.spawn().expect("bash runs");
        let mut lines = BufReader::new(keeper.stdout.take().expect("a pipe")).lines();
        let ready = lines.find_map(|line| line.expect("text").strip_prefix("ready: ").map(str::to_owned));
        std::thread::spawn(move || lines.for_each(drop));
        let (root, types) = match version {
            "STD_1.1.3" => ("/A1-P/v1", vec![""]),
            "OSC_2.1.0" => ("/a1-p", vec!["20008", "20009"]),
            _ => ("/A1-P/v2", vec!["ORAN_SliceSLATarget_1.0.0", "ORAN_TrafficSteeringPreference_2.0.0"]),
        };
        let way = Way { url: ready.expect("the simulator did not start"), root, types };
        let (says, ends) = (Arc::new(Mutex::new("")), Arc::new(AtomicBool::new(false)));
        let xapps = (way.clone(), says.clone(), ends.clone());
        std::thread::spawn(move || {
            let (way, says, ends) = xapps;
            while !ends.load(Ordering::Relaxed) {
                let status = *says.lock().expect("no panic inside");
                if !status.is_empty() {
                    way.held()
                        .keys()
                        .for_each(|id| drop(way.ask("PUT", &format!("/status?policyid={id}&{status}"), None)));
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Some(Self { keeper, way, says, ends })
    }

    /// What its xApps say from now on of every policy, e.g. `status=ENFORCED`; nothing by themselves where empty.
    pub fn says(&self, status: &'static str) {
        *self.says.lock().expect("no panic inside") = status;
    }
}

impl Way {
    /// Status and body of the answer; null where it is no JSON, or the simulator is ending.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{method} {path} HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let answer = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(self.url.trim_start_matches("http://"))?;
            stream.write_all((head + &body).as_bytes())?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = answer().unwrap_or_default();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    fn folder(&self, kind: &str) -> String {
        if kind.is_empty() {
            format!("{}/policies", self.root)
        } else {
            format!("{}/policytypes/{kind}/policies", self.root)
        }
    }

    /// Asks for, writes or deletes a policy of the first type (or the other) as somebody else would.
    pub fn policy(&self, method: &str, kind: usize, id: &str, body: Option<&Value>) -> (u16, Value) {
        let kind = self.types.get(kind).unwrap_or(&"");
        self.ask(method, &format!("{}/{id}", self.folder(kind)), body)
    }

    /// The bodies of the policies that it holds, by id.
    pub fn held(&self) -> BTreeMap<String, Value> {
        let mut held = BTreeMap::new();
        for kind in &self.types {
            let (_, ids) = self.ask("GET", &self.folder(kind), None);
            for id in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
                let (_, body) = self.ask("GET", &format!("{}/{id}", self.folder(kind)), None);
                held.insert(id.to_owned(), body);
            }
        }
        held
    }
}
