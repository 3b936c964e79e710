//! An admission webhook: a real HTTPS server on loopback that the API server asks before it writes. What it says to a
//! request is the test's to decide, lies and silence included.
#![allow(dead_code)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use k8s_openapi::ByteString;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::cluster::Cluster;

#[allow(dead_code)]
#[path = "a1/tls.rs"]
mod tls;

/// What it says to a request.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Yes.
    Allow,
    /// No, with this status and in these words.
    Deny(u16, String),
    /// Yes, changed by this JSON patch.
    Patch(Value),
    /// Yes, after so long.
    Late(Duration),
    /// The connection breaks.
    Gone,
}

type Judge = Box<dyn Fn(&Value) -> Verdict + Send>;

/// A running webhook.
pub struct Webhook<'a> {
    cluster: &'a Cluster,
    folder: tempfile::TempDir,
    url: String,
    inside: Arc<Mutex<Inside>>,
}

struct Inside {
    judge: Judge,
    /// The requests that it was asked about.
    asked: Vec<Value>,
}

/// How the API server is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// Its name, with a domain.
    pub name: &'a str,
    /// Whether it may change what it is asked about.
    pub mutates: bool,
    /// The namespace that it is asked about.
    pub namespace: &'a str,
    /// The kind: group and plural.
    pub resource: (&'a str, &'a str),
    /// `Fail` or `Ignore`.
    pub failure_policy: &'a str,
    /// Seconds.
    pub timeout: u32,
}

impl<'a> Registration<'a> {
    /// One that is asked about Deployments, whose silence is a no after a second.
    pub fn new(name: &'a str, namespace: &'a str) -> Self {
        let resource = ("apps", "deployments");
        Self { name, mutates: false, namespace, resource, failure_policy: "Fail", timeout: 1 }
    }

    /// The same, and it may change them.
    pub fn mutating(name: &'a str, namespace: &'a str) -> Self {
        Self { mutates: true, ..Self::new(name, namespace) }
    }

    fn kind(&self) -> &'static str {
        if self.mutates { "MutatingWebhookConfiguration" } else { "ValidatingWebhookConfiguration" }
    }
}

impl<'a> Webhook<'a> {
    /// Starts one that says yes to everything; the API server does not know it yet.
    pub fn start(cluster: &'a Cluster) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let authority = tls::Authority::new(folder.path(), "ca");
        authority.sign("webhook", "IP:127.0.0.1");
        let acceptor = authority.acceptor_for_all("webhook");
        let inside = Arc::new(Mutex::new(Inside { judge: Box::new(|_| Verdict::Allow), asked: Vec::new() }));
        let (tell, told) = std::sync::mpsc::channel();
        let shared = inside.clone();
        // A thread of its own: tests block theirs.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                tell.send(listener.local_addr().expect("an address")).expect("somebody waits");
                while let Ok((stream, _)) = listener.accept().await {
                    let (acceptor, shared) = (acceptor.clone(), shared.clone());
                    tokio::spawn(async move { drop(serve(stream, &acceptor, &shared).await) });
                }
            });
        });
        let url = format!("https://{}/review", told.recv().expect("it listens"));
        Self { cluster, folder, url, inside }
    }

    /// From now on requests of ranform are judged so; whoever else asks is let through.
    pub fn judges(&self, judge: impl Fn(&Value) -> Verdict + Send + 'static) {
        let of_ranform = |request: &Value| request["userInfo"]["username"] == "ranform";
        self.judges_all(move |request| if of_ranform(request) { judge(request) } else { Verdict::Allow });
    }

    /// From now on all requests are judged so, those of controllers included.
    pub fn judges_all(&self, judge: impl Fn(&Value) -> Verdict + Send + 'static) {
        self.inside.lock().expect("no panic inside").judge = Box::new(judge);
    }

    /// What ranform asked for since the last call.
    pub fn asked(&self) -> Vec<Value> {
        let mut asked = std::mem::take(&mut self.inside.lock().expect("no panic inside").asked);
        asked.retain(|request| request["userInfo"]["username"] == "ranform");
        asked
    }

    /// What the API server is told of it.
    pub fn configuration(&self, registration: &Registration<'_>) -> Value {
        let authority = std::fs::read(self.folder.path().join("ca.pem")).expect("a file");
        let Registration { name, namespace, resource: (group, plural), .. } = registration;
        let rules = json!([{"apiGroups": [group], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": [plural]}]);
        let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
        let webhook = json!({"name": name, "clientConfig": {"url": self.url, "caBundle": ByteString(authority)}, "rules": rules,
            "namespaceSelector": selector, "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": registration.failure_policy, "timeoutSeconds": registration.timeout});
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": registration.kind(), "metadata": {"name": name}, "webhooks": [webhook]})
    }

    /// Tells the API server of it, and waits until it asks.
    pub fn register(&self, registration: &Registration<'_>) {
        let file = self.folder.path().join("configuration.json");
        std::fs::write(&file, self.configuration(registration).to_string()).expect("a file");
        self.cluster.kubectl(&["apply", "-f", &file.display().to_string()]);
        self.until_asked(registration, true);
    }

    /// Takes that back, and waits until nobody asks.
    pub fn forget(&self, registration: &Registration<'_>) {
        self.cluster.kubectl(&["delete", registration.kind(), registration.name]);
        self.until_asked(registration, false);
    }

    /// Waits until the API server asks about objects of the kind, or no longer does.
    pub fn until_asked(&self, registration: &Registration<'_>, asks: bool) {
        let probe = match registration.resource.1 {
            "pods" => json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}, "spec": secure_pod()}),
            "services" => {
                let ports = json!([{"name": "probe", "port": 9}]);
                json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "probe"}, "spec": {"ports": ports}})
            }
            _ => {
                let labels = json!({"app": "probe"});
                let template = json!({"metadata": {"labels": labels}, "spec": secure_pod()});
                json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "probe"}, "spec": {"selector": {"matchLabels": labels}, "template": template}})
            }
        };
        let file = self.folder.path().join("probe.json");
        std::fs::write(&file, probe.to_string()).expect("a file");
        let line = ["create", "-n", registration.namespace, "--dry-run=server", "-f", &file.display().to_string()];
        let begun = Instant::now();
        loop {
            let before = self.inside.lock().expect("no panic inside").asked.len();
            self.cluster.try_kubectl(&line);
            if (self.inside.lock().expect("no panic inside").asked.len() > before) == asks {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "the API server does not change its mind");
            std::thread::sleep(Duration::from_millis(100));
        }
        self.asked();
    }
}

/// What a namespace with restricted pods takes.
fn secure_pod() -> Value {
    let security = json!({"runAsNonRoot": true, "runAsUser": 1000, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
    json!({"containers": [{"name": "x", "image": "x:1", "securityContext": security}]})
}

/// The requests of a connection, one after another.
async fn serve(stream: TcpStream, acceptor: &TlsAcceptor, inside: &Mutex<Inside>) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut bytes = Vec::new();
    loop {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let whole = end + 4 + length.unwrap_or(0);
        while bytes.len() < whole {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        }
        let review: Value = serde_json::from_slice(&bytes[end + 4..whole])?;
        bytes.drain(..whole);
        let Some(answer) = judge(&review["request"], inside).await else { return Ok(()) };
        let body =
            json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer}).to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await?;
        stream.flush().await?;
    }
}

/// The answer to a request; none where the connection breaks.
async fn judge(request: &Value, inside: &Mutex<Inside>) -> Option<Value> {
    let verdict = {
        let mut inside = inside.lock().expect("no panic inside");
        inside.asked.push(request.clone());
        (inside.judge)(request)
    };
    let mut answer = json!({"uid": request["uid"], "allowed": !matches!(verdict, Verdict::Deny(..))});
    match verdict {
        Verdict::Allow => {}
        Verdict::Deny(code, message) => answer["status"] = json!({"code": code, "message": message}),
        Verdict::Patch(patch) => {
            answer["patchType"] = "JSONPatch".into();
            answer["patch"] = json!(ByteString(patch.to_string().into_bytes()));
        }
        Verdict::Late(time) => tokio::time::sleep(time).await,
        Verdict::Gone => return None,
    }
    Some(answer)
}
