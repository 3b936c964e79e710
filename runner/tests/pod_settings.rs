//! What operators say of pods (arguments, variables, annotations) on a real API server: applied, read back, drift of it told,
//! taken away again, and what others put beside it kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use rig::cluster::shared;
use scene::*;
use serde_json::{Value, json};
use tempfile::TempDir;

const INTENTS: &str = r#"language 1
site plaza { region "metro" }
node gnb-1 : gnb { site plaza  gnb-id 411/22  plmn 001-01  manage directory "devices/gnb-1" }
node edge : compute { site plaza  capacity cpu 8, memory 32GB, storage 100GB  e2 "10.0.0.1:36421"
  manage kubernetes config file "kubeconfig" context "test" node "edge-1" }
link gnb-1 -- edge { latency 1ms  rate 10Gbps }
ric delta {
  serves e2-nodes
  candidates compute-nodes
  component management { demand cpu 1, memory 1GB  image "registry.example/ricmgmt:1.0" }
  component e2t { demand cpu 0.5, memory 1GB  image "registry.example/e2t:6.0"  env LOG_LEVEL "warn" }
  component sdl { demand cpu 0.5, memory 1GB  image "registry.example/sdl:1.0" }
  component nib { demand cpu 0.5, memory 1GB, storage 5GB  image "registry.example/redis:7.2" }
  xapp steering { demand cpu 0.5, memory 1GB  loop 10ms  image "registry.example/steering:1.0"  SETTINGS }
}
"#;

const SETTINGS: &str = r#"args "--verbose", "--peer=$(PEER)"  env PEER "10.9.0.1"  secret "db" key "user" as DB_USER
    annotation "k8s.v1.cni.cncf.io/networks" "[{\"name\": \"ran-e2\"}]"  annotation "team" "ran""#;

#[test]
fn what_operators_say_of_pods_is_applied_read_back_and_taken_away_again() {
    let Some(cluster) = shared("what_operators_say_of_pods_is_applied_read_back_and_taken_away_again") else { return };
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let write = |settings: &str| std::fs::write(at.join("main.intent"), INTENTS.replace("SETTINGS", settings)).unwrap();
    let main = || -> Value {
        let found = cluster.get(&["deployment", "delta-steering-edge-1", "-n", "ric-delta"]).remove(0);
        found["spec"]["template"].clone()
    };
    std::fs::write(at.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    cluster.kubectl(&["create", "namespace", "ric-delta"]);
    let secret = ["-n", "ric-delta", "create", "secret", "generic", "db", "--from-literal=user=ran"];
    cluster.kubectl(&secret);
    let rights = ["create", "clusterrole", "delta-secrets", "--verb=list", "--resource=secrets", "--resource-name=db"];
    cluster.kubectl(&rights);
    let bind = ["create", "clusterrolebinding", "delta-secrets", "--clusterrole=delta-secrets", "--user=ranform"];
    cluster.kubectl(&bind);

    write(SETTINGS);
    ok(at, "apply -auto-approve");
    let template = main();
    let container = &template["spec"]["containers"][0];
    assert_eq!(container["args"], json!(["--verbose", "--peer=$(PEER)"]));
    let names: Vec<&str> =
        container["env"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["DB_USER", "PEER"]);
    assert_eq!(container["env"][1]["value"], "10.9.0.1");
    let annotations = &template["metadata"]["annotations"];
    assert_eq!(
        (&annotations["k8s.v1.cni.cncf.io/networks"], &annotations["team"]),
        (&json!("[{\"name\": \"ran-e2\"}]"), &json!("ran"))
    );
    let e2t = cluster.get(&["deployment", "delta-e2t-edge-1", "-n", "ric-delta"]).remove(0);
    assert_eq!(
        e2t.pointer("/spec/template/spec/containers/0/env"),
        Some(&json!([{"name": "LOG_LEVEL", "value": "warn"}]))
    );
    assert!(ok(at, "plan -refresh").contains("No changes."));
    assert!(ok(at, "drift").contains("No drift."));

    // Somebody else's annotation stays when ours go.
    let theirs = r#"{"spec": {"template": {"metadata": {"annotations": {"theirs": "kept"}}}}}"#;
    let patch = ["patch", "deployment", "delta-steering-edge-1", "-n", "ric-delta", "--type=merge", "-p"];
    cluster.kubectl(&[&patch[..], &[theirs]].concat());
    assert!(ok(at, "drift").contains("No drift."));
    write("env PEER \"10.9.0.2\"");
    let said = ok(at, "plan");
    assert!(said.contains("10.9.0.1") && said.contains("10.9.0.2"), "{said}");
    ok(at, "apply -auto-approve");
    let template = main();
    let container = &template["spec"]["containers"][0];
    assert_eq!(container["env"], json!([{"name": "PEER", "value": "10.9.0.2"}]));
    assert!(container["args"].is_null(), "{container}");
    let annotations = &template["metadata"]["annotations"];
    assert!(annotations["team"].is_null() && annotations["theirs"] == "kept", "{annotations}");

    // What others set in their place is drift.
    cluster.kubectl(&["set", "env", "deployment/delta-steering-edge-1", "-n", "ric-delta", "PEER=10.9.0.9"]);
    let args = r#"[{"op": "add", "path": "/spec/template/spec/containers/0/args", "value": ["--quiet"]}]"#;
    cluster.kubectl(&["patch", "deployment", "delta-steering-edge-1", "-n", "ric-delta", "--type=json", "-p", args]);
    let (_, out, err) = run(at, "drift");
    let said = out + &err;
    assert!(said.contains("containers[main].args") && said.contains("env[PEER].value"), "{said}");
}
