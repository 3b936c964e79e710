//! Ports that somebody edited in place, on a real API server: restored with what nodes listen on, tried before anything is
//! written, and taken back from the middle of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rig::cluster::{Cluster, shared};
use rig::cluster_project::Project;
use rig::webhook::{Registration, Verdict, Webhook};
use scene::*;
use serde_json::{Value, json};

fn patch(cluster: &Cluster, namespace: &str, (kind, name): (&str, &str), how: &Value) {
    let by = "--field-manager=kubectl-edit";
    cluster.kubectl(&["patch", kind, name, "-n", namespace, by, "--type=json", "-p", &how.to_string()]);
}

fn object(cluster: &Cluster, namespace: &str, kind: &str, name: &str) -> Value {
    cluster.get(&[kind, name, "-n", namespace]).pop().unwrap()
}

/// Name, number and what nodes listen on of each port of a Service, by name.
fn ports(service: &Value) -> Vec<(String, u64, u64)> {
    let all = service["spec"]["ports"].as_array().unwrap().iter();
    let number = |port: &Value, key: &str| port[key].as_u64().unwrap_or(0);
    let mut all: Vec<_> = all
        .map(|port| (port["name"].as_str().unwrap().to_owned(), number(port, "port"), number(port, "nodePort")))
        .collect();
    all.sort();
    all
}

/// The first Service of a namespace that nodes listen for: that of the E2 termination.
fn balanced(cluster: &Cluster, namespace: &str) -> Value {
    let all = cluster.get(&["services", "-n", namespace]);
    all.into_iter().find(|service| service["spec"]["type"] == "LoadBalancer").expect("one behind a load balancer")
}

fn restores(project: &Project) {
    append(
        project.root(),
        "main.intent",
        &format!("outside change on {}/** restore", project.namespace.replace('-', ".")),
    );
}

fn mended(folder: &Path) {
    ok(folder, "plan -refresh -out mend.ranplan");
    ok(folder, "apply mend.ranplan");
    assert!(ok(folder, "plan -refresh -detailed-exitcode").contains("No changes"));
    assert!(ok(folder, "drift").contains("No drift"));
}

fn teardown(cluster: &Cluster, project: &Project) {
    std::fs::write(project.root().join("main.intent"), "language 1\n").unwrap();
    ok(project.root(), "apply -auto-approve");
    assert!(cluster.get(&["namespace", &project.namespace]).is_empty());
}

#[test]
fn an_edited_port_is_tried_before_the_write_and_keeps_what_nodes_listen_on() {
    let Some(cluster) = shared("an_edited_port_is_tried_before_the_write_and_keeps_what_nodes_listen_on") else {
        return;
    };
    let project = Project::new(cluster, "quay", &["edge-1"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    ok(folder, "apply -auto-approve");
    restores(&project);
    let service = balanced(cluster, namespace);
    let name = service["metadata"]["name"].as_str().unwrap().to_owned();
    let live = || object(cluster, namespace, "service", &name);
    // Its owner has nodes listen for it, which is beside ours.
    let listens = json!([{"op": "add", "path": "/spec/ports/0/nodePort", "value": 31_777}]);
    patch(cluster, namespace, ("service", &name), &listens);
    let before = ports(&live());
    assert_eq!(before.iter().map(|(_, _, listens)| *listens).collect::<Vec<_>>(), [31_777]);
    assert!(ok(folder, "drift").contains("No drift"));
    let edited = json!([{"op": "replace", "path": "/spec/ports/0/port", "value": 39_999}]);
    patch(cluster, namespace, ("service", &name), &edited);
    let theirs = ports(&live());
    assert_ne!(theirs, before);
    // Admission is asked what it says to ours, although theirs is in the way: nothing is written.
    let hook = Webhook::start(cluster);
    let registration = Registration { resource: ("", "services"), ..Registration::new("ports.example.org", namespace) };
    hook.register(&registration);
    let denied = name.clone();
    hook.judges(move |request| match request["name"] == *denied {
        true => Verdict::Deny(403, "no such Services on Fridays".to_owned()),
        false => Verdict::Allow,
    });
    ok(folder, "plan -refresh -out mend.ranplan");
    let said = fails(folder, 1, "apply mend.ranplan");
    assert!(said.contains("RF927") && said.contains("no such Services on Fridays") && said.contains(&name), "{said}");
    assert!(hook.asked().iter().all(|request| request["dryRun"] == true));
    assert_eq!(ports(&live()), theirs);

    // The first write is let through and the next is not: everything is taken back, and of the edit nothing is left over.
    let writes = AtomicUsize::new(0);
    let counted = name.clone();
    let is_second = move |request: &Value| {
        request["name"] == *counted && request["dryRun"] != true && writes.fetch_add(1, Ordering::Relaxed) == 1
    };
    hook.judges(move |request| match is_second(request) {
        true => Verdict::Deny(403, "not twice".to_owned()),
        false => Verdict::Allow,
    });
    ok(folder, "plan -refresh -out mend.ranplan");
    let (code, out, told) = run(folder, "apply mend.ranplan");
    assert!(code == 7 && told.contains("not twice") && told.contains("RF930"), "{code} {out}{told}");
    assert!(format!("{out}{told}").contains("what others made of it is not put back"), "{out}{told}");
    assert_eq!(ports(&live()), before, "ours, and nodes listen where they did");
    hook.forget(&registration);
    assert!(ok(folder, "drift").contains("No drift"));

    // Without anybody in between.
    patch(cluster, namespace, ("service", &name), &edited);
    mended(folder);
    assert_eq!(ports(&live()), before);
    // What was altered is not altered again by a rollback.
    ok(folder, "rollback -auto-approve");
    assert_eq!(ports(&live()), before);
    // Of those writes nothing is left but what nodes listen on, which an apply of ours neither has nor takes away.
    let managers = cluster.kubectl(&["get", "service", &name, "-n", namespace, "-o", "json", "--show-managed-fields"]);
    let managers: Value = serde_json::from_str(&managers).unwrap();
    let ports_of = |operation: &str| -> Vec<String> {
        let all = managers["metadata"]["managedFields"].as_array().unwrap().iter();
        let ours =
            all.filter(|one| one["manager"].as_str().unwrap().starts_with("ranform") && one["operation"] == operation);
        ours.map(|one| one["fieldsV1"]["f:spec"]["f:ports"].to_string()).collect()
    };
    assert!(
        ports_of("Update").iter().all(|ports| !ports.contains("f:name") && !ports.contains("f:port")),
        "{managers}"
    );
    assert!(ports_of("Apply").iter().all(|ports| !ports.contains("f:nodePort")), "{managers}");
    teardown(cluster, &project);
}

#[test]
fn a_container_s_port_that_was_edited_in_place_comes_back() {
    let Some(cluster) = shared("a_container_s_port_that_was_edited_in_place_comes_back") else { return };
    let project = Project::new(cluster, "crane", &["edge-0"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    ok(folder, "apply -auto-approve");
    restores(&project);
    for (kind, name) in [("deployment", "crane-steering-edge-0"), ("statefulset", "crane-nib-edge-0")] {
        let live = || object(cluster, namespace, kind, name);
        let ports = |of: &Value| of["spec"]["template"]["spec"]["containers"][0]["ports"].clone();
        let before = ports(&live());
        let path = "/spec/template/spec/containers/0/ports";
        let how = json!([
            {"op": "replace", "path": format!("{path}/0/containerPort"), "value": 9998},
            {"op": "add", "path": format!("{path}/-"), "value": {"name": "debug", "containerPort": 9997}}
        ]);
        patch(cluster, namespace, (kind, name), &how);
        let found = fails(folder, 6, "drift");
        assert!(found.contains(name) && found.contains("ports["), "{found}");
        mended(folder);
        let mut wanted = before.as_array().unwrap().clone();
        wanted.push(json!({"name": "debug", "containerPort": 9997, "protocol": "TCP"}));
        let after = ports(&live());
        let mut after = after.as_array().unwrap().clone();
        let key = |port: &Value| port["name"].as_str().unwrap().to_owned();
        after.sort_by_key(key);
        wanted.sort_by_key(key);
        assert_eq!(after, wanted, "{name}: ours, and what others added");
    }
    teardown(cluster, &project);
}
