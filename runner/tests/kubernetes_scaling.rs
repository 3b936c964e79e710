//! Scaling of deployed functions on a real cluster: up and down (their demand), out and in (their instances).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use rig::cluster::{Cluster, shared};
use rig::cluster_project::Project;
use scene::*;
use serde_json::{Value, json};

/// What a workload asks for, how its pods are replaced, and which pods it has.
struct Workload {
    cpu: String,
    memory: String,
    strategy: Value,
    uid: Value,
    pods: Vec<Value>,
}

fn workload(cluster: &Cluster, namespace: &str, kind: &str, name: &str) -> Workload {
    let found = cluster.get(&[kind, name, "-n", namespace]).remove(0);
    let resources = &found["spec"]["template"]["spec"]["containers"][0]["resources"];
    assert_eq!(resources["requests"], resources["limits"], "{name}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let label = format!("app.kubernetes.io/instance={name}");
    let mut pods = cluster.get(&["pods", "-n", namespace, "-l", &label]);
    pods.retain(|pod| pod["metadata"]["deletionTimestamp"].is_null());
    Workload {
        cpu: text(&resources["requests"]["cpu"]),
        memory: text(&resources["requests"]["memory"]),
        strategy: found["spec"]["strategy"]["type"].clone(),
        uid: found["metadata"]["uid"].clone(),
        pods: pods.iter().map(|pod| pod["metadata"]["uid"].clone()).collect(),
    }
}

/// Applied as it is, there is neither drift nor a second change.
fn settled(folder: &std::path::Path) {
    ok(folder, "apply -auto-approve");
    assert!(ok(folder, "plan -refresh -detailed-exitcode").contains("No changes"));
    assert!(ok(folder, "drift").contains("No drift"));
}

fn teardown(cluster: &Cluster, project: &Project) {
    std::fs::write(project.root().join("main.intent"), "language 1\nlimit { deletions 20 }\n").unwrap();
    ok(project.root(), "apply -auto-approve");
    assert!(cluster.get(&["namespace", &project.namespace]).is_empty());
}

#[test]
fn demands_are_scaled_up_and_down_with_and_without_room_for_a_surge() {
    let Some(cluster) = shared("demands_are_scaled_up_and_down_with_and_without_room_for_a_surge") else { return };
    let project = Project::new(cluster, "grow", &["edge-2"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    settled(folder);
    let steering = || workload(cluster, namespace, "deployment", "grow-steering-edge-2");
    let (first, beside) = (steering(), workload(cluster, namespace, "deployment", "grow-e2t-edge-2"));
    assert_eq!((first.cpu.as_str(), first.memory.as_str(), &first.strategy), ("500m", "1G", &json!("RollingUpdate")));
    // An xApp, with room for old and new together.
    edit(
        folder,
        "main.intent",
        "xapp steering { demand cpu 0.5, memory 1GB",
        "xapp steering { demand cpu 1.5, memory 2GB",
    );
    let plan = ok(folder, "plan");
    let told = "~ ric.grow/steering.edge-2-grow  update  scale 0.5 -> 1.5 cpu, scale 1GB -> 2GB memory";
    assert!(plan.contains(told) && !plan.contains("Service interrupted"), "{plan}");
    settled(folder);
    let scaled = steering();
    assert_eq!(
        (scaled.cpu.as_str(), scaled.memory.as_str(), &scaled.strategy),
        ("1500m", "2G", &json!("RollingUpdate"))
    );
    assert_eq!((&scaled.uid, scaled.pods.len()), (&first.uid, 1));
    assert_ne!(scaled.pods, first.pods, "by a new pod");
    assert_eq!(
        workload(cluster, namespace, "deployment", "grow-e2t-edge-2").pods,
        beside.pods,
        "nothing else restarts"
    );
    ok(folder, "rollback -auto-approve");
    let back = steering();
    assert_eq!((back.cpu.as_str(), back.memory.as_str()), ("500m", "1G"));
    assert!(ok(folder, "plan -refresh").contains("scale 0.5 -> 1.5 cpu"), "the intents still say so");

    // A component so far that there is no room for a second one: the plan says that there is an outage, and it is made so.
    edit(
        folder,
        "main.intent",
        "xapp steering { demand cpu 1.5, memory 2GB",
        "xapp steering { demand cpu 0.5, memory 1GB",
    );
    edit(
        folder,
        "main.intent",
        "component management { demand cpu 1, memory 1GB",
        "component management { demand cpu 5.5, memory 1GB",
    );
    let plan = ok(folder, "plan");
    assert!(plan.contains("ric.grow/management.edge-2-grow  update") && plan.contains("scale 1 -> 5.5 cpu"), "{plan}");
    assert!(
        plan.contains("Service interrupted\n  ric.grow/management.edge-2-grow  stops before its new version starts"),
        "{plan}"
    );
    settled(folder);
    let management = workload(cluster, namespace, "deployment", "grow-management-edge-2");
    assert_eq!((management.cpu.as_str(), &management.strategy), ("5500m", &json!("Recreate")));
    // Of what is stored too.
    edit(
        folder,
        "main.intent",
        "component nib { demand cpu 0.5, memory 1GB",
        "component nib { demand cpu 1, memory 2GB",
    );
    let plan = ok(folder, "plan");
    assert!(plan.contains("scale 0.5 -> 1 cpu, scale 1GB -> 2GB memory"), "{plan}");
    let claim = |of: &str| cluster.get(&["pvc", "-n", of])[0]["metadata"]["uid"].clone();
    let before = claim(namespace);
    settled(folder);
    let nib = workload(cluster, namespace, "statefulset", "grow-nib-edge-2");
    assert_eq!((nib.cpu.as_str(), nib.memory.as_str()), ("1", "2G"));
    assert_eq!(claim(namespace), before, "what it stores stays");
    ok(folder, "rollback -auto-approve");
    ok(folder, "rollback -auto-approve");
    let management = workload(cluster, namespace, "deployment", "grow-management-edge-2");
    // The old one that takes 5.5 has to stop for it.
    assert_eq!((management.cpu.as_str(), &management.strategy), ("1", &json!("Recreate")));
    teardown(cluster, &project);
}

#[test]
fn a_demand_that_its_node_has_no_room_for_is_refused_before_anything_is_written() {
    let Some(cluster) = shared("a_demand_that_its_node_has_no_room_for_is_refused_before_anything_is_written") else {
        return;
    };
    let project = Project::new(cluster, "full", &["edge-3"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    settled(folder);
    let before = workload(cluster, namespace, "deployment", "full-e2t-edge-3");
    // More than the intents say that the node has: no plan.
    edit(folder, "main.intent", "component e2t { demand cpu 0.5", "component e2t { demand cpu 6.5");
    let said = fails(folder, 3, "plan");
    assert!(said.contains("RF810") && said.contains("`node.edge-3-full` has 8 cpu"), "{said}");
    // As much as they say, and less than others leave.
    edit(folder, "main.intent", "component e2t { demand cpu 6.5", "component e2t { demand cpu 3");
    let pod = json!({"spec": {"nodeName": "edge-3", "containers": [{"name": "x", "image": "x:1", "resources": {"requests": {"cpu": "4"}}}]}});
    cluster.kubectl(&["run", "beside", "--image=x:1", "--overrides", &pod.to_string()]);
    let said = fails(folder, 1, "apply -auto-approve");
    let told = "node `edge-3` has too little left beside what others run there: the plan needs 5.5 cpu of the 4 left";
    assert!(said.contains("RF927") && said.contains(told), "{said}");
    let after = workload(cluster, namespace, "deployment", "full-e2t-edge-3");
    assert_eq!((&after.cpu, &after.pods), (&before.cpu, &before.pods));
    cluster.kubectl(&["delete", "pod", "beside", "--force", "--grace-period=0"]);
    settled(folder);
    assert_eq!(workload(cluster, namespace, "deployment", "full-e2t-edge-3").cpu, "3");
    teardown(cluster, &project);
}

#[test]
fn an_e2_termination_is_scaled_out_and_in_by_how_many_e2_nodes_each_serves() {
    let Some(cluster) = shared("an_e2_termination_is_scaled_out_and_in_by_how_many_e2_nodes_each_serves") else {
        return;
    };
    let project = Project::new(cluster, "wide", &["edge-6", "edge-7"]);
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    settled(folder);
    let terminations = || -> Vec<String> {
        let all = cluster.get(&["deployments", "-n", namespace, "-l", "app.kubernetes.io/name=e2t"]);
        all.iter().map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(terminations(), ["wide-e2t-edge-6"]);
    let uid = workload(cluster, namespace, "deployment", "wide-e2t-edge-6").uid;
    edit(folder, "main.intent", "component e2t {", "component e2t { serves at most 2 e2-nodes ");
    let plan = ok(folder, "plan");
    assert!(plan.contains("+ ric.wide/e2t.edge-7-wide  create"), "{plan}");
    settled(folder);
    assert_eq!(terminations(), ["wide-e2t-edge-6", "wide-e2t-edge-7"]);
    assert_eq!(workload(cluster, namespace, "deployment", "wide-e2t-edge-6").uid, uid);
    edit(folder, "main.intent", "serves at most 2 e2-nodes ", "serves at most 3 e2-nodes ");
    settled(folder);
    assert_eq!(terminations(), ["wide-e2t-edge-6"]);
    ok(folder, "rollback -auto-approve");
    assert_eq!(terminations(), ["wide-e2t-edge-6", "wide-e2t-edge-7"]);
    teardown(cluster, &project);
}

#[test]
fn a_model_is_scaled_up_beside_its_connector_and_back() {
    let Some(cluster) = shared("a_model_is_scaled_up_beside_its_connector_and_back") else { return };
    let project = Project::golden(cluster, "kubernetes-osc", "mill", "edge-5");
    let (folder, namespace) = (project.root(), project.namespace.as_str());
    settled(folder);
    let resources = || -> Vec<Value> {
        let found = cluster.get(&["deployment", "load-forecast-edge-5", "-n", namespace]).remove(0);
        let all = found["spec"]["template"]["spec"]["containers"].as_array().unwrap().iter();
        all.map(|one| json!([one["name"], one["resources"]["requests"]["cpu"], one["resources"]["limits"]["cpu"]]))
            .collect()
    };
    let of = |main: &str| [json!(["main", main, main]), json!(["connector-e2", "250m", "250m"])];
    // The connector's demand is a part of it.
    assert_eq!(resources(), of("750m"));
    edit(folder, "main.intent", "demand cpu 1, memory 1GB\n  runs", "demand cpu 2, memory 1GB\n  runs");
    let plan = ok(folder, "plan");
    assert!(plan.contains("load-forecast") && plan.contains("scale 1 -> 2 cpu"), "{plan}");
    settled(folder);
    assert_eq!(resources(), of("1750m"));
    ok(folder, "rollback -auto-approve");
    assert_eq!(resources(), of("750m"));
    teardown(cluster, &project);
}
