//! What others make of ours on a real API server: admission webhooks, of which what they add beside ours stays and is no drift and what
//! they change of ours is told before anything is written; and what is accepted of what people took away or set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::path::Path;

use rig::cluster::{Cluster, shared};
use rig::cluster_project::Project;
use rig::webhook::{Registration, Verdict, Webhook};
use scene::*;
use serde_json::{Value, json};

/// There is neither drift nor a second change.
fn settled(folder: &Path) {
    let again = ok(folder, "plan -refresh -detailed-exitcode");
    assert!(again.contains("No changes"), "{again}");
    assert!(ok(folder, "drift").contains("No drift"));
}

fn deployment(cluster: &Cluster, namespace: &str, name: &str) -> Value {
    cluster.get(&["deployment", name, "-n", namespace]).remove(0)
}

fn containers(of: &Value) -> Vec<String> {
    let all = of["containers"].as_array().unwrap();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// A container as a mesh puts it beside ours.
fn sidecar() -> Value {
    let security = json!({"runAsNonRoot": true, "runAsUser": 1000, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
    json!({"name": "mesh", "image": "mesh.example/proxy:1", "securityContext": security,
        "resources": {"requests": {"cpu": "50m"}, "limits": {"memory": "64Mi"}}})
}

fn add(path: &str, value: Value) -> Value {
    json!({"op": "add", "path": path, "value": value})
}

/// Puts a sidecar, a label and defaults into whatever has them not; `root` is where a pod begins.
fn mesh(request: &Value, root: &str) -> Verdict {
    let pod = request["object"].pointer(root).unwrap();
    let all = pod["spec"]["containers"].as_array().unwrap();
    let mut patch = vec![
        add(&format!("{root}/metadata/labels/mesh.example~1revision"), "7".into()),
        add(&format!("{root}/spec/dnsConfig"), json!({"options": [{"name": "ndots", "value": "2"}]})),
    ];
    if !all.iter().any(|one| one["name"] == "mesh") {
        patch.push(add(&format!("{root}/spec/containers/-"), sidecar()));
    }
    if !root.is_empty() {
        patch.push(add("/metadata/labels/owner.example~1team", "core".into()));
    }
    Verdict::Patch(patch.into())
}

#[test]
fn what_a_webhook_adds_beside_ours_stays_is_no_drift_and_is_never_forced() {
    let Some(cluster) = shared("what_a_webhook_adds_beside_ours_stays_is_no_drift_and_is_never_forced") else { return };
    let project = Project::new(cluster, "mesh", &["edge-4"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    ok(folder, "apply -auto-approve");
    let (pods, hook) = (Webhook::start(cluster), Webhook::start(cluster));
    let of_pods = Registration { resource: ("", "pods"), ..Registration::mutating("pods.mesh.example", namespace) };
    pods.register(&of_pods);
    // Injected into pods, as meshes do: the Deployment stays as we wrote it.
    pods.judges_all(|request| mesh(request, ""));
    edit(folder, "main.intent", "steering:1.0", "steering:1.1");
    ok(folder, "apply -auto-approve");
    let steering = ["pods", "-n", namespace, "-l", "app.kubernetes.io/instance=mesh-steering-edge-4"];
    let found = cluster.get(&steering);
    assert_eq!(containers(&found.last().unwrap()["spec"]), ["main", "mesh"]);
    settled(folder);
    pods.forget(&of_pods);

    // Injected into what we write: it is an owner's, and each of our writes leaves it there.
    let of_deployments = Registration::mutating("deployments.mesh.example", namespace);
    hook.register(&of_deployments);
    hook.judges(|request| mesh(request, "/spec/template"));
    edit(folder, "main.intent", "steering:1.1", "steering:1.2");
    let plan = ok(folder, "plan");
    assert!(plan.contains("image"), "{plan}");
    ok(folder, "apply -auto-approve");
    let live = deployment(cluster, namespace, "mesh-steering-edge-4");
    assert_eq!(containers(&live["spec"]["template"]["spec"]), ["main", "mesh"]);
    assert_eq!(live["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/steering:1.2");
    assert_eq!(live["metadata"]["labels"]["owner.example/team"], "core");
    settled(folder);
    // Without the webhook the next change finds what it left, and leaves it.
    hook.forget(&of_deployments);
    ok(folder, "rollback -auto-approve");
    edit(folder, "main.intent", "steering:1.2", "steering:1.1");
    let live = deployment(cluster, namespace, "mesh-steering-edge-4");
    assert_eq!(containers(&live["spec"]["template"]["spec"]), ["main", "mesh"]);
    assert_eq!(live["spec"]["template"]["spec"]["containers"][0]["image"], "registry.example/steering:1.1");
    settled(folder);
    std::fs::write(folder.join("main.intent"), "language 1\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn what_a_webhook_would_change_of_ours_is_told_before_anything_is_written() {
    let Some(cluster) = shared("what_a_webhook_would_change_of_ours_is_told_before_anything_is_written") else {
        return;
    };
    let project = Project::new(cluster, "mirror", &["edge-5"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    ok(folder, "apply -auto-approve");
    let hook = Webhook::start(cluster);
    let registration = Registration::mutating("images.mirror.example", namespace);
    hook.register(&registration);
    hook.judges(|request| {
        let path = "/spec/template/spec/containers/0/image";
        let image = request["object"].pointer(path).and_then(Value::as_str).unwrap();
        let mirrored = image.replace("registry.example/", "mirror.example/");
        Verdict::Patch(json!([{"op": "replace", "path": path, "value": mirrored}]))
    });
    // What is there was written before: it is as it was.
    settled(folder);
    edit(folder, "main.intent", "steering:1.0", "steering:1.1");
    let before = deployment(cluster, namespace, "mirror-steering-edge-5");
    let said = fails(folder, 1, "apply -auto-approve");
    let told = "admission of the cluster (a mutating webhook or policy) makes something else of what is ordered: ";
    assert!(said.contains("RF927") && said.contains(told), "{said}");
    assert!(said.contains("ric.mirror/steering.edge-5") && said.contains("mirror.example/steering:1.1"), "{said}");
    assert!(hook.asked().iter().all(|request| request["dryRun"] == true));
    let after = deployment(cluster, namespace, "mirror-steering-edge-5");
    assert_eq!(after["metadata"]["generation"], before["metadata"]["generation"]);
    // Written as it becomes, it is applied, and there is nothing more to do.
    edit(folder, "main.intent", "registry.example/steering:1.1", "mirror.example/steering:1.1");
    ok(folder, "apply -auto-approve");
    settled(folder);
    hook.forget(&registration);
    std::fs::write(folder.join("main.intent"), "language 1\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn a_webhook_that_does_not_support_dry_runs_is_named_with_what_to_do() {
    let Some(cluster) = shared("a_webhook_that_does_not_support_dry_runs_is_named_with_what_to_do") else { return };
    let project = Project::new(cluster, "dull", &["edge-6"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    ok(folder, "apply -auto-approve");
    let hook = Webhook::start(cluster);
    // Today's API servers take no such registration; those from before are there still.
    let registration = Registration::new("dull.example.org", namespace);
    let mut old = hook.configuration(&registration);
    old["webhooks"][0]["sideEffects"] = "Some".into();
    old["metadata"]["uid"] = "6f1c0a52-7c35-4a0e-9f0e-1f2e3d4c5b6a".into();
    cluster.store("validatingwebhookconfigurations", &old);
    edit(folder, "main.intent", "steering:1.0", "steering:1.1");
    let mut said = String::new();
    for _ in 0..100 {
        let line = ["-n", namespace, "annotate", "deployment", "dull-steering-edge-6", "probe=1", "--dry-run=server"];
        let (done, _, error) = cluster.try_kubectl(&line);
        if !done {
            said = error;
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(said.contains("does not support dry run"), "the API server knows it: {said}");
    let said = fails(folder, 1, "apply -auto-approve");
    assert!(said.contains("RF927") && said.contains("`ric.dull/steering.edge-6-dull`"), "{said}");
    assert!(said.contains("admission webhook \"dull.example.org\" does not support dry run"), "{said}");
    assert!(said.contains("`sideEffects: None`") && said.contains("namespace `ric-dull`"), "{said}");
    assert!(hook.asked().is_empty());
    cluster.kubectl(&["delete", "validatingwebhookconfiguration", "dull.example.org"]);
    std::fs::write(folder.join("main.intent"), "language 1\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn what_others_took_away_and_is_accepted_comes_back_with_the_next_change_of_its_instance() {
    let name = "what_others_took_away_and_is_accepted_comes_back_with_the_next_change_of_its_instance";
    let Some(cluster) = shared(name) else { return };
    let project = Project::without_store(cluster, "loss", &["edge-2"]);
    let folder = project.root();
    ok(folder, "apply -auto-approve");
    let budget = ["poddisruptionbudget", "loss-e2t-edge-2", "-n", &project.namespace];
    cluster.kubectl(&[&["delete"], &budget[..]].concat());
    append(folder, "main.intent", "outside change on ric.loss/e2t.edge-2-loss accept");
    ok(folder, "plan -refresh -out accepted.ranplan");
    ok(folder, "apply accepted.ranplan");
    assert!(cluster.get(&budget).is_empty() && ok(folder, "plan -refresh").contains("No changes"));
    edit(folder, "main.intent", "e2t:6.0", "e2t:6.1");
    let plan = ok(folder, "plan -refresh -out edited.ranplan");
    assert!(plan.contains("PodDisruptionBudget `loss-e2t-edge-2` is gone"), "the plan says that it comes back: {plan}");
    ok(folder, "apply edited.ranplan");
    assert_eq!(cluster.get(&budget).len(), 1);
    assert!(ok(folder, "drift").contains("No drift") && ok(folder, "plan -refresh").contains("No changes"));

    // An image that is accepted is settled with that, and the line that says the same is told.
    let set = ["set", "image", "deployment/loss-e2t-edge-2", "main=registry.example/e2t:7.0", "-n", &project.namespace];
    cluster.kubectl(&set);
    let plan = ok(folder, "plan -refresh -out image.ranplan");
    assert!(plan.contains("to settle it write `image \"registry.example/e2t:7.0\"` in `e2t` of `ric.loss`"), "{plan}");
    ok(folder, "apply image.ranplan");
    assert!(ok(folder, "drift").contains("No drift"));
    edit(folder, "main.intent", "component e2t { demand cpu 0.5", "component e2t { demand cpu 0.6");
    ok(folder, "apply -auto-approve");
    assert!(ok(folder, "drift").contains("No drift"));
}
