//! E2 nodes move to another E2 termination and back: at no time does any of them point at one that is not there or not
//! ready. 512 base stations in folders, E2 terminations on a real cluster, planned from intents and applied.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rig::cluster::{Cluster, shared};
use rig::faults::Faults;
use scene::*;
use serde_json::Value;

/// E2 nodes of each group; a group reaches the compute node of its number, the last also the one after.
const GROUPS: [usize; 4] = [128, 128, 156, 100];
const NAMESPACE: &str = "ric-metro";

fn station(group: usize, at: usize) -> String {
    format!("gnb-{group}-{at}")
}

fn endpoint(compute: usize) -> String {
    format!("10.0.{compute}.1:36421")
}

fn intents() -> String {
    let mut text = "language 1\nsite plaza { region \"metro\" }\nlimit { deletions 1000 }\n".to_owned();
    for compute in 0..=GROUPS.len() {
        text.push_str(&format!(
            "node edge-{compute} : compute {{ site plaza  capacity cpu 8, memory 32GB, storage 100GB  cost fixed {}  e2 \"{}\"\n  \
             manage kubernetes config file \"kubeconfig\" context \"test\" node \"edge-{compute}\" }}\n",
            10 + compute,
            endpoint(compute)
        ));
    }
    let mut id = 0;
    for (group, count) in GROUPS.into_iter().enumerate() {
        for at in 0..count {
            id += 1;
            let name = station(group, at);
            text.push_str(&format!(
                "node {name} : gnb {{ site plaza  gnb-id {id}/22  plmn 001-01  manage directory \"devices/{name}\" }}\n"
            ));
            let near = if group == GROUPS.len() - 1 { vec![group, group + 1] } else { vec![group] };
            for compute in near {
                text.push_str(&format!("link {name} -- edge-{compute} {{ latency 1ms  rate 10Gbps }}\n"));
            }
        }
    }
    text.push_str(
        "ric metro {\n  serves e2-nodes\n  candidates compute-nodes\n  \
         component management { demand cpu 0.5, memory 1GB  image \"registry.example/ricmgmt:1.0\" }\n  \
         component e2t { demand cpu 1, memory 1GB  image \"registry.example/e2t:6.0\" }\n  \
         component sdl { demand cpu 0.5, memory 1GB  image \"registry.example/sdl:1.0\" }\n  \
         component nib { demand cpu 0.5, memory 1GB  image \"registry.example/redis:7.2\" }\n  \
         xapp steering { demand cpu 0.5, memory 1GB  loop 10ms  image \"registry.example/steering:1.0\"  version \"1.0\" }\n}\n",
    );
    text
}

/// The file of each base station, and the compute node whose E2 termination it points at.
fn pointed(folder: &Path) -> BTreeMap<PathBuf, usize> {
    let mut found = BTreeMap::new();
    for (group, count) in GROUPS.into_iter().enumerate() {
        for at in 0..count {
            let file = folder.join("devices").join(station(group, at)).join("node.json");
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let to = (0..=GROUPS.len()).find(|compute| text.contains(&endpoint(*compute)));
            if let Some(to) = to {
                found.insert(file, to);
            }
        }
    }
    found
}

/// The compute nodes whose E2 termination is there and ready, as the API server says now.
fn ready(url: &str) -> BTreeSet<usize> {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let path = format!("/apis/apps/v1/namespaces/{NAMESPACE}/deployments");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    // In one piece or in chunks: the object is between the outermost braces of the lines that are none of HTTP.
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        unchunked(body)
    } else {
        body.to_owned()
    };
    let list: Value = serde_json::from_str(&body).unwrap();
    let is_ready = |one: &Value| {
        let number = |path: &str| one.pointer(path).and_then(Value::as_u64).unwrap_or(0);
        number("/status/availableReplicas") >= 1
            && number("/status/observedGeneration") == number("/metadata/generation")
            && one.pointer("/metadata/deletionTimestamp").is_none()
    };
    let items = list["items"].as_array().unwrap().iter().filter(|one| is_ready(one));
    items.filter_map(|one| one["metadata"]["name"].as_str()?.strip_prefix("metro-e2t-edge-")?.parse().ok()).collect()
}

fn unchunked(body: &str) -> String {
    let (mut rest, mut whole) = (body, String::new());
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        whole.push_str(&after[..size]);
        rest = after.get(size + 2..).unwrap_or_default();
        if size == 0 {
            break;
        }
    }
    whole
}

/// What was seen while something went on.
#[derive(Debug, Default)]
struct Seen {
    looks: usize,
    /// Looks at which base stations of one group pointed at different E2 terminations.
    between: usize,
    /// Base stations that pointed at an E2 termination that was not ready.
    astray: Vec<String>,
}

/// Looks at base stations and cluster over and over while something is done.
fn watched(folder: &Path, url: &str, work: impl FnOnce()) -> Seen {
    let done = Arc::new(AtomicBool::new(false));
    let (folder, url, stop) = (folder.to_owned(), url.to_owned(), done.clone());
    let watcher = std::thread::spawn(move || {
        let mut seen = Seen::default();
        while !stop.load(Ordering::Relaxed) {
            let first = pointed(&folder);
            let ready = ready(&url);
            seen.looks += 1;
            let moving: BTreeSet<usize> =
                first.iter().filter(|(file, _)| is_of_last_group(file)).map(|(_, to)| *to).collect();
            seen.between += usize::from(moving.len() > 1);
            for (file, to) in first.iter().filter(|(_, to)| !ready.contains(to)) {
                // It pointed there before the server was asked; if it does after as well, it did so while the server said no.
                if std::fs::read_to_string(file).is_ok_and(|text| text.contains(&endpoint(*to))) {
                    seen.astray.push(format!("{} points at edge-{to}", file.display()));
                }
            }
        }
        seen
    });
    work();
    done.store(true, Ordering::Relaxed);
    watcher.join().unwrap()
}

fn is_of_last_group(file: &Path) -> bool {
    file.to_string_lossy().contains(&format!("gnb-{}-", GROUPS.len() - 1))
}

/// When the first of the moved base stations got its file put in place (which was written before), in seconds since 1970.
fn told(folder: &Path) -> i64 {
    let files = pointed(folder).into_keys().filter(|file| is_of_last_group(file));
    files.map(|file| std::fs::metadata(file).unwrap().ctime()).min().unwrap()
}

/// When the pod of the E2 termination on this compute node became ready, in seconds since 1970.
fn ready_since(cluster: &Cluster, compute: usize) -> i64 {
    let label = format!("app.kubernetes.io/instance=metro-e2t-edge-{compute}");
    let pods = cluster.get(&["pods", "-n", NAMESPACE, "-l", &label]);
    let conditions = pods[0]["status"]["conditions"].as_array().unwrap();
    let ready = conditions.iter().find(|one| one["type"] == "Ready" && one["status"] == "True").unwrap();
    let text = ready["lastTransitionTime"].as_str().unwrap();
    let output = std::process::Command::new("date").args(["-d", text, "+%s"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// How many base stations point at each compute node.
fn counts(folder: &Path) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    pointed(folder).into_values().for_each(|to| *counts.entry(to).or_default() += 1);
    counts
}

/// No pod is made for this node.
const POLICY: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-pods}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: "object.metadata.?labels[?'ranform.dev/node'].orValue('') != 'edge-4'"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-pods}
spec: {policyName: no-pods, validationActions: [Deny]}
"#;

#[test]
fn a_hundred_of_512_e2_nodes_move_and_none_ever_points_at_an_absent_e2_termination() {
    let Some(cluster) = shared("a_hundred_of_512_e2_nodes_move_and_none_ever_points_at_an_absent_e2_termination")
    else {
        return;
    };
    let project = tempfile::TempDir::new().unwrap();
    let folder = project.path();
    let faults = Faults::before(cluster);
    std::fs::write(folder.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    std::fs::write(folder.join("main.intent"), intents()).unwrap();
    ok(folder, "apply -auto-approve");
    assert_eq!(counts(folder), BTreeMap::from([(0, 128), (1, 128), (2, 156), (3, 100)]));
    assert_eq!(ready(&faults.url), BTreeSet::from([0, 1, 2, 3]));

    // The new one never gets ready: no base station is told of it, not even for a moment.
    edit(folder, "main.intent", "  candidates compute-nodes\n", "  candidates compute-nodes\n  exclude edge-3\n");
    let before = files(&folder.join("devices"));
    let policy = folder.join("policy.yaml").display().to_string();
    std::fs::write(&policy, POLICY).unwrap();
    cluster.kubectl(&["apply", "-f", &policy]);
    let pod = ["run", "probe", "--image=x:1", "--dry-run=server", "--labels=ranform.dev/node=edge-4"];
    while cluster.try_kubectl(&pod).0 {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let seen = watched(folder, &faults.url, || drop(fails(folder, 7, "apply -auto-approve -device-timeout=40s")));
    cluster.kubectl(&["delete", "-f", &policy]);
    while !cluster.try_kubectl(&pod).0 {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!((seen.astray.as_slice(), seen.between), (&[] as &[String], 0));
    assert!(seen.looks > 10, "{seen:?}");
    assert!(before == files(&folder.join("devices")), "nothing was written");

    // A hundred move: first the new one is ready, then they are told, then the old one goes.
    let seen = watched(folder, &faults.url, || drop(ok(folder, "apply -auto-approve")));
    println!("{} looks, {} of them while base stations moved", seen.looks, seen.between);
    assert_eq!(seen.astray, Vec::<String>::new());
    assert!(seen.looks > 10, "{seen:?}");
    assert_eq!(counts(folder), BTreeMap::from([(0, 128), (1, 128), (2, 156), (4, 100)]));
    assert_eq!(ready(&faults.url), BTreeSet::from([0, 1, 2, 4]), "the old one is gone");
    assert!(ready_since(cluster, 4) <= told(folder), "ready before the first was told");

    // And back, taken back.
    let seen = watched(folder, &faults.url, || drop(ok(folder, "rollback -auto-approve")));
    assert_eq!(seen.astray, Vec::<String>::new());
    assert_eq!(counts(folder), BTreeMap::from([(0, 128), (1, 128), (2, 156), (3, 100)]));
    assert_eq!(ready(&faults.url), BTreeSet::from([0, 1, 2, 3]));
}
