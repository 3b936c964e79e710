//! A real Kubernetes control plane with fake nodes, on loopback (`scripts/rigs/kubernetes`). It ends with the test that
//! holds it, killed included: its standard input is a pipe from there.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::skipped::skipped;

/// A running control plane.
pub struct Cluster {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    keeper: Child,
}

/// The control plane of all tests of a program; none where it cannot be had, which is said once by the test's name.
pub fn shared(test: &str) -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    let cluster = CLUSTER.get_or_init(|| Cluster::start(8)).as_ref();
    if cluster.is_none() {
        skipped(&format!("{test} (no Kubernetes rig: it needs Go 1.26 or later)"));
    }
    cluster
}

fn rig(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/rigs/kubernetes").join(name)
}

impl Cluster {
    /// Starts one with this many nodes; none where the rig says that it cannot be built.
    pub fn start(nodes: usize) -> Option<Self> {
        let built = Command::new(rig("build")).output().expect("bash runs");
        if built.status.code() == Some(3) {
            return None;
        }
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let binaries = PathBuf::from(String::from_utf8(built.stdout).expect("text").trim());
        let folder = tempfile::Builder::new().prefix("cluster").tempdir().expect("a temporary folder");
        let mut command = Command::new(rig("start"));
        // One that all tests of a program share is never dropped.
        command.env("REMOVE", "1");
        command.arg(folder.path()).arg(free_ports(5).to_string()).arg(nodes.to_string());
        let mut keeper =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("bash runs");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        assert!(line.starts_with("ready: "), "the control plane did not start: {line}");
        let cluster = Self { folder, binaries, keeper };
        let role = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets/kubernetes/role.yaml");
        cluster.kubectl(&["apply", "-f", &role.display().to_string()]);
        cluster.kubectl(&["create", "clusterrolebinding", "ranform", "--clusterrole=ranform", "--user=ranform"]);
        Some(cluster)
    }

    /// The kubeconfig of the user whose rights are those of the shipped role.
    pub fn kubeconfig(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("ranform.conf")).expect("a file")
    }

    /// A file of the control plane, e.g. `ca.crt`.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `kubectl` as administrator; gives what it prints.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let (done, out, err) = self.try_kubectl(arguments);
        assert!(done, "kubectl {arguments:?}: {out}{err}");
        out
    }

    /// Whether `kubectl` succeeds, and what it prints.
    pub fn try_kubectl(&self, arguments: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(self.binaries.join("kubectl"));
        command.env("KUBECONFIG", self.folder.path().join("admin.conf")).args(arguments);
        let output = command.output().expect("kubectl runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    }

    /// The objects that a `kubectl get` finds.
    pub fn get(&self, arguments: &[&str]) -> Vec<Value> {
        let mut all = vec!["get", "-o", "json", "--ignore-not-found"];
        all.extend(arguments);
        let text = self.kubectl(&all);
        if text.trim().is_empty() {
            return Vec::new();
        }
        let found: Value = serde_json::from_str(&text).expect("JSON");
        match found.get("items") {
            Some(Value::Array(items)) => items.clone(),
            _ => vec![found],
        }
    }

    /// `Kind/name` of everything that ranform manages in a namespace, sorted.
    pub fn ours(&self, namespace: &str) -> Vec<String> {
        let kinds = "deployments,statefulsets,services,configmaps,serviceaccounts,networkpolicies,poddisruptionbudgets";
        let found = self.get(&[kinds, "-n", namespace, "-l", "app.kubernetes.io/managed-by=ranform"]);
        let text = |object: &Value, path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
        let mut names: Vec<String> =
            found.iter().map(|one| format!("{}/{}", text(one, "/kind"), text(one, "/metadata/name"))).collect();
        names.sort();
        names
    }

    /// Waits for controllers that lost their server: they come back when they like, and a namespace of which they do not
    /// count the contents stays.
    pub fn await_controllers(&self) {
        let quota = |verb: &[&str]| self.kubectl(&[verb, &["-n", "default"]].concat());
        quota(&["create", "quota", "back", "--hard=count/secrets=99"]);
        let begun = Instant::now();
        while quota(&["get", "quota", "back", "-o", "jsonpath={.status.used}"]).is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(240), "the controllers do not come back");
            std::thread::sleep(Duration::from_secs(1));
        }
        quota(&["delete", "quota", "back"]);
    }

    /// Lets no pod of an instance be made any more, and takes away those that are there.
    pub fn deny_pods(&self, namespace: &str, instance: &str) {
        let rule = format!("object.metadata.?labels[?'app.kubernetes.io/instance'].orValue('') != '{instance}'");
        let resources = serde_json::json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]);
        let api = "admissionregistration.k8s.io/v1";
        let policy = serde_json::json!({"apiVersion": api, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": instance},
            "spec": {"matchConstraints": {"resourceRules": resources}, "validations": [{"expression": rule, "message": "no pods of it"}]}});
        let binding = serde_json::json!({"apiVersion": api, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": instance},
            "spec": {"policyName": instance, "validationActions": ["Deny"]}});
        for (name, object) in [("policy", policy), ("binding", binding)] {
            let file = self.folder.path().join(format!("{instance}-{name}.json"));
            std::fs::write(&file, object.to_string()).expect("a file");
            self.kubectl(&["apply", "-f", &file.display().to_string()]);
        }
        self.until_pods_are(instance, false);
        let label = format!("app.kubernetes.io/instance={instance}");
        self.kubectl(&["-n", namespace, "delete", "pods", "-l", &label, "--force", "--grace-period=0"]);
    }

    /// Takes that back.
    pub fn allow_pods(&self, instance: &str) {
        self.kubectl(&["delete", "validatingadmissionpolicybinding", instance]);
        self.kubectl(&["delete", "validatingadmissionpolicy", instance]);
        self.until_pods_are(instance, true);
    }

    fn until_pods_are(&self, instance: &str, admitted: bool) {
        let label = format!("--labels=app.kubernetes.io/instance={instance}");
        let begun = Instant::now();
        while self.try_kubectl(&["run", "probe", "--image=x:1", "--dry-run=server", &label]).0 != admitted {
            assert!(begun.elapsed() < Duration::from_secs(60), "admission does not change its mind");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// One node more, for a test that keeps pods away from it.
    pub fn add_node(&self, name: &str) {
        self.add_node_with(name, &serde_json::json!({}));
    }

    /// One node more, with a kubelet of its own: a process that a test ends as a machine that loses its power does.
    pub fn add_machine(&self, name: &str) -> Machine<'_> {
        self.add_node_with(name, &serde_json::json!({"ranform.dev/kubelet": "own"}));
        let mut machine = Machine { cluster: self, name: name.to_owned(), kubelet: None };
        machine.start();
        machine
    }

    fn add_node_with(&self, name: &str, labels: &Value) {
        let most = serde_json::json!({"cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "110"});
        let mut labels = labels.clone();
        labels["kubernetes.io/hostname"] = name.into();
        let node = serde_json::json!({"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
            "status": {"capacity": most, "allocatable": most}});
        let file = self.folder.path().join(format!("{name}.json"));
        std::fs::write(&file, node.to_string()).expect("a file");
        self.kubectl(&["apply", "--server-side", "-f", &file.display().to_string()]);
    }

    /// Puts an object into the store behind the API server, past its checks: as an earlier version of it left it there.
    pub fn store(&self, plural: &str, object: &Value) {
        let kubeconfig = self.kubeconfig();
        let server =
            kubeconfig.split("https://127.0.0.1:").nth(1).and_then(|rest| rest.split('"').next()).expect("a server");
        let port: u16 = server.parse().expect("a port");
        let coded = |text: String| serde_json::json!(k8s_openapi::ByteString(text.into_bytes()));
        let key = format!("/registry/{plural}/{}", object["metadata"]["name"].as_str().expect("a name"));
        let body = serde_json::json!({"key": coded(key), "value": coded(object.to_string())}).to_string();
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port + 1)).expect("it listens");
        let head = format!(
            "POST /v3/kv/put HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Kills the API server, or starts it again.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(name).arg(self.keeper.id().to_string()).status().expect("kill runs");
        assert!(status.success());
    }
}

/// A node whose kubelet can go.
pub struct Machine<'a> {
    cluster: &'a Cluster,
    name: String,
    kubelet: Option<super::Kept>,
}

impl Machine<'_> {
    /// Starts its kubelet (again) and waits until the node is ready. One that begins while the lease of the one before it
    /// is not over may give up: it is started once more, as a machine does.
    pub fn start(&mut self) {
        for _ in 0..3 {
            self.begin();
            if self.is_soon("True", Duration::from_secs(60)).is_ok() {
                return;
            }
            self.kubelet = None;
        }
        let log = self.cluster.folder.path().join(format!("{}.log", self.name));
        panic!("`{}` does not become ready: {}", self.name, std::fs::read_to_string(log).unwrap_or_default());
    }

    fn begin(&mut self) {
        let folder = self.cluster.folder.path();
        let stages = std::fs::read_dir(self.cluster.binaries.join("stages")).expect("a folder");
        let mut stages: Vec<PathBuf> = stages.map(|entry| entry.expect("an entry").path()).collect();
        stages.sort();
        let mut command = Command::new("sh");
        command.args(["-c", super::KEEPER]).arg(folder.join(format!("{}.pid", self.name)));
        command.arg(self.cluster.binaries.join("kwok")).arg("--kubeconfig").arg(folder.join("admin.conf"));
        command.args(["--manage-single-node", &self.name, "--node-ip", "127.0.0.1"]);
        command.args(stages.iter().flat_map(|stage| ["--config".into(), stage.clone().into_os_string()]));
        let log = std::fs::File::create(folder.join(format!("{}.log", self.name))).expect("a file");
        command.current_dir(folder).stdout(Stdio::null()).stderr(log);
        self.kubelet = Some(super::Kept::start(&mut command, folder.join(format!("{}.pid", self.name))));
    }

    /// Its power goes: no heartbeat, and nothing starts or stops on it any more.
    pub fn stop(&mut self) {
        self.kubelet = None;
    }

    /// Its kubelet says that it is not ready, in these words, and goes.
    pub fn fail(&mut self, message: &str) {
        self.stop();
        let at = self.cluster.kubectl(&["get", "node", &self.name, "-o", "jsonpath={.metadata.creationTimestamp}"]);
        let condition = serde_json::json!({"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": message,
            "lastHeartbeatTime": at.trim(), "lastTransitionTime": at.trim()});
        let patch = serde_json::json!({"status": {"conditions": [condition]}}).to_string();
        self.cluster.kubectl(&["patch", "node", &self.name, "--subresource=status", "--type=strategic", "-p", &patch]);
        self.until("False");
    }

    /// Waits until the cluster says this of its being ready, and has drawn its conclusions: the taints.
    pub fn until(&self, status: &str) {
        if let Err(node) = self.is_soon(status, Duration::from_secs(120)) {
            panic!("`{}` does not become {status}: {node}", self.name);
        }
    }

    /// Whether it is so within this time; else the node as it is then.
    fn is_soon(&self, status: &str, limit: Duration) -> Result<(), Value> {
        let begun = Instant::now();
        loop {
            let node = self.cluster.get(&["node", &self.name]).pop().expect("a node");
            let conditions = node["status"]["conditions"].as_array().into_iter().flatten();
            let ready = conditions.filter(|one| one["type"] == "Ready").any(|one| one["status"] == status);
            let taints = node["spec"]["taints"].as_array().into_iter().flatten();
            let tainted =
                taints.filter_map(|taint| taint["key"].as_str()).any(|key| key.starts_with("node.kubernetes.io/"));
            if ready && tainted == (status != "True") {
                return Ok(());
            }
            if begun.elapsed() > limit {
                return Err(node);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The first of so many ports in a row that nobody listens on: below those that the system gives to
/// outgoing connections, which would take them before a server does, and never the same twice in a process.
pub fn free_ports(count: u16) -> u16 {
    static TAKEN: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() % 1200).expect("a small number");
    for _ in 0..1200 {
        let at = TAKEN.fetch_add(count.div_ceil(10), std::sync::atomic::Ordering::Relaxed) % 1200;
        let first = 20_000 + 10 * ((begin + at) % 1200);
        let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if first + count < 32_768 && (first..first + count).all(free) {
            return first;
        }
    }
    panic!("no free ports");
}
