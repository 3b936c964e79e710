//! Which API server is meant, by a context that the environment names, and what is told where nobody answers at it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::path::Path;

use assert_cmd::Command;
use rig::cluster::{Cluster, free_ports, shared};
use serde_json::json;
use tempfile::TempDir;

const INTENTS: &str = r#"language 1
site plaza { region "metro" }
node gnb-1 : gnb { site plaza  gnb-id 411/22  plmn 001-01  manage directory "devices/gnb-1" }
node edge : compute { site plaza  capacity cpu 8, memory 32GB, storage 100GB  e2 "10.0.0.1:36421"
  manage kubernetes config file "kubeconfig" context env RANFORM_TEST_CONTEXT node "edge-1" }
link gnb-1 -- edge { latency 1ms  rate 10Gbps }
ric brook {
  serves e2-nodes
  candidates compute-nodes
  component management { demand cpu 1, memory 1GB  image "registry.example/ricmgmt:1.0" }
  component e2t { demand cpu 0.5, memory 1GB  image "registry.example/e2t:6.0" }
  component sdl { demand cpu 0.5, memory 1GB  image "registry.example/sdl:1.0" }
  component nib { demand cpu 0.5, memory 1GB, storage 50GB  image "registry.example/redis:7.2" }
}
"#;

/// Exit code and everything said, with that context in the environment.
fn run(folder: &Path, context: Option<&str>, line: &str) -> (i32, String) {
    let mut command = Command::cargo_bin("ranform").unwrap();
    command.env_remove("RANFORM_TEST_CONTEXT").current_dir(folder).args(line.split(' '));
    command.envs(context.map(|context| ("RANFORM_TEST_CONTEXT", context)));
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// A kubeconfig of two contexts: `test`, and `away`, whose server nobody is.
fn kubeconfig(cluster: &Cluster, away: u16) -> String {
    let text = cluster.kubeconfig();
    let user = text
        .split("contexts: [{name: test, context: {cluster: test, user: ")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    let cluster = format!("clusters: [{{name: away, cluster: {{server: \"https://127.0.0.1:{away}\"}}}}, ");
    let context = format!("contexts: [{{name: away, context: {{cluster: away, user: {user}}}}}, ");
    text.replace("clusters: [", &cluster).replace("contexts: [", &context)
}

#[test]
fn the_environment_says_which_context_and_who_does_not_answer_is_named() {
    let Some(cluster) = shared("the_environment_says_which_context_and_who_does_not_answer_is_named") else { return };
    let folder = TempDir::new().unwrap();
    let (root, away) = (folder.path(), free_ports(1));
    std::fs::write(root.join("main.intent"), INTENTS).unwrap();
    std::fs::write(root.join("kubeconfig"), kubeconfig(cluster, away)).unwrap();
    let apply = "apply -auto-approve";
    let (code, said) = run(root, None, apply);
    assert!(code == 1 && said.contains("the environment variable `RANFORM_TEST_CONTEXT` is not set"), "{code} {said}");
    let (code, said) = run(root, Some("away"), apply);
    let server = format!("the API server `https://127.0.0.1:{away}` (context `away`) does not answer to ");
    assert!(code == 1 && said.contains("RF902") && said.contains(&server), "{code} {said}");
    assert!(cluster.get(&["namespace", "ric-brook"]).is_empty());
    let (code, said) = run(root, Some("test"), apply);
    assert_eq!(code, 0, "{said}");
    assert!(cluster.ours("ric-brook").contains(&"Deployment/brook-e2t-edge-1".to_owned()), "{said}");
    let drift = || run(root, Some("test"), "drift");
    assert_eq!(drift(), (0, "No drift.\n".to_owned()));
    // What is there as applied and does not run is no drift, and no secret either.
    cluster.deny_pods("ric-brook", "brook-e2t-edge-1");
    let (code, said) = drift();
    let told = "warning[RF933]: ric.brook/e2t.edge: there as applied and not in effect: ";
    assert!(code == 0 && said.contains(told) && said.contains("No drift."), "{code} {said}");
    cluster.allow_pods("brook-e2t-edge-1");
    std::fs::write(root.join("main.intent"), "language 1\nlimit { deletions 20 }\n").unwrap();
    let (code, said) = run(root, Some("test"), apply);
    assert_eq!(code, 0, "{said}");
    assert!(cluster.get(&["namespace", "ric-brook"]).is_empty());
}

/// What others add to objects of ours so that they do nothing any more, or more than they are meant to.
#[test]
fn what_others_add_that_keeps_ours_from_being_done_is_drift_and_goes_with_a_plan() {
    let Some(cluster) = shared("what_others_add_that_keeps_ours_from_being_done_is_drift_and_goes_with_a_plan") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let (root, intents) = (folder.path(), INTENTS.replace("brook", "creek").replace("\"edge-1\"", "\"edge-3\""));
    std::fs::write(root.join("main.intent"), format!("{intents}outside change on ric.creek/** restore\n")).unwrap();
    std::fs::write(root.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    let ok = |line: &str| {
        let (code, said) = run(root, Some("test"), line);
        assert_eq!(code, 0, "{line}: {said}");
        said
    };
    ok("apply -auto-approve");
    let edits = [
        (
            "service",
            "creek-e2t-edge-3",
            "Service `creek-e2t-edge-3` spec.selector",
            json!({"spec": {"selector": {"no": "pod"}}}),
        ),
        ("service", "creek-sdl-edge-3", "spec.externalIPs", json!({"spec": {"externalIPs": ["10.9.9.9"]}})),
        (
            "networkpolicy",
            "creek-sdl-edge-3",
            "spec.podSelector",
            json!({"spec": {"podSelector": {"matchLabels": {"no": "pod"}}}}),
        ),
        (
            "networkpolicy",
            "deny-all",
            "NetworkPolicy `deny-all` spec.podSelector",
            json!({"spec": {"podSelector": {"matchLabels": {"no": "pod"}}}}),
        ),
        (
            "deployment",
            "creek-management-edge-3",
            "spec.template.spec.nodeSelector",
            json!({"spec": {"paused": true, "template": {"spec": {"nodeSelector": {"no": "node"}}}}}),
        ),
    ];
    for (kind, name, _, how) in &edits {
        let how = how.to_string();
        cluster.kubectl(&[
            "patch",
            kind,
            name,
            "-n",
            "ric-creek",
            "--field-manager=kubectl-edit",
            "--type=merge",
            "-p",
            &how,
        ]);
    }
    let (code, said) = run(root, Some("test"), "drift");
    assert!(code == 6 && edits.iter().all(|(_, _, told, _)| said.contains(told)), "{code} {said}");
    ok("plan -refresh -out mend.ranplan");
    ok("apply mend.ranplan");
    assert!(ok("drift").contains("No drift"));
    std::fs::write(root.join("main.intent"), "language 1\nlimit { deletions 20 }\n").unwrap();
    ok("apply -auto-approve");
}
