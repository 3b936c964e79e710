//! Namespaces on a real Kubernetes API server: a function that gets one of its own, and two projects that are in one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::time::Duration;

use rig::cluster::{Cluster, shared};
use rig::cluster_project::Project;
use scene::*;
use serde_json::Value;

const INTENTS: &str = r#"language 1
site plaza { region "metro" }
node gnb-1 : gnb { site plaza  gnb-id 411/22  plmn 001-01  manage directory "devices/gnb-1" }
node edge : compute {
  site plaza  capacity cpu 8, memory 32GB, storage 100GB  cost fixed 1  e2 "10.0.7.1:36421"
  manage kubernetes config file "kubeconfig" context "test" node "edge-0"
}
link gnb-1 -- edge { latency 1ms }
ric haven {
  serves e2-nodes
  candidates compute-nodes
  component management { demand cpu 0.5, memory 1GB  image "registry.example/ricmgmt:1.0" }
  component e2t { demand cpu 0.5, memory 1GB  image "registry.example/e2t:6.0" }
  component sdl { demand cpu 0.5, memory 1GB  image "registry.example/sdl:1.0" }
  component nib { demand cpu 0.5, memory 1GB  image "registry.example/redis:7.2" }
}
"#;

const MODEL: &str = r#"language 1
node smo : non-rt-ric {
  capacity cpu 8, memory 32GB
  manage kubernetes config file "kubeconfig" context "test" node "edge-2"
}
node cu-1 : cu { parent smo  gnb-id 411/22  plmn 001-01 }
node du-1 : du { parent cu-1  gnb-du-id 1  profile 3gpp-r18  manage directory "devices/du-1" }
link cu-1 -- smo { latency 5ms  rate 10Gbps }
link du-1 -- cu-1 { latency 1ms  rate 10Gbps }
model tilt-planner {
  offers tilt-planning performance 90%
  input metrics 1kB
  demand cpu 1, memory 1GB
  runs 10ms on non-rt-ric
  image "registry.example/tilt-planner:2.0"
}
request tilt { want tilt-planning on du  within 1s  value 5 }
"#;

/// The Services of a namespace that ask for the address of the node.
fn asking(cluster: &Cluster, namespace: &str) -> Vec<Value> {
    let services = cluster.get(&["services", "-n", namespace]).into_iter();
    services.filter(|service| service["spec"]["loadBalancerIP"] == "10.0.7.1").collect()
}

/// Looks until something holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1200 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{what}");
}

#[test]
fn a_service_asks_for_the_address_when_the_one_that_has_it_is_gone() {
    let Some(cluster) = shared("a_service_asks_for_the_address_when_the_one_that_has_it_is_gone") else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::write(root.join("kubeconfig"), cluster.kubeconfig()).unwrap();
    std::fs::write(root.join("main.intent"), INTENTS).unwrap();
    ok(root, "apply -auto-approve");
    assert_eq!(asking(cluster, "ric-haven").len(), 1);

    edit(root, "main.intent", "e2t:6.0\"", "e2t:6.0\"  pod-security baseline");
    let plan = ok(root, "plan");
    assert!(plan.contains("+/- ric.haven/e2t.edge  replace"), "{plan}");
    assert!(plan.contains("made in namespace `ric-haven-e2t`; what is in `ric-haven` goes"), "{plan}");
    assert!(plan.contains("its E2 address goes over to the new one when all else is confirmed"), "{plan}");
    // The old one is held where it is when it is to go: meanwhile none else may ask.
    let hold = |finalizers: &str| {
        let patch = format!("{{\"metadata\":{{\"finalizers\":{finalizers}}}}}");
        let name = "haven-e2t-edge-0-e2";
        cluster.kubectl(&["patch", "service", name, "-n", "ric-haven", "--type=merge", "-p", &patch]);
    };
    hold("[\"ranform.dev/hold\"]");
    let applied = std::thread::scope(|scope| {
        let applying = scope.spawn(|| run(root, "apply -auto-approve"));
        let going = || asking(cluster, "ric-haven").iter().any(|one| !one["metadata"]["deletionTimestamp"].is_null());
        until("the old Service does not go", going);
        let (asks, pods) = (asking(cluster, "ric-haven-e2t"), cluster.get(&["pods", "-n", "ric-haven-e2t"]));
        hold("null");
        assert!(asks.is_empty(), "two ask for one address: {asks:?}");
        assert_eq!(pods.len(), 1, "the new one runs already");
        applying.join().unwrap()
    });
    assert_eq!(applied.0, 0, "{applied:?}");
    assert_eq!((asking(cluster, "ric-haven").len(), asking(cluster, "ric-haven-e2t").len()), (0, 1));
    // Who may speak with it is said where those are that do.
    let mut left = cluster.ours("ric-haven");
    left.retain(|name| name.contains("e2t") && !name.starts_with("NetworkPolicy/"));
    assert_eq!(left, Vec::<String>::new());
    assert!(ok(root, "plan -refresh").contains("No changes."));
    assert!(ok(root, "drift").contains("No drift"));

    // And back.
    let said = ok(root, "rollback -auto-approve");
    assert!(said.contains("+/- ric.haven/e2t.edge  replace"), "{said}");
    assert!(said.contains("made in namespace `ric-haven`; what is in `ric-haven-e2t` goes"), "{said}");
    assert_eq!((asking(cluster, "ric-haven").len(), asking(cluster, "ric-haven-e2t").len()), (1, 0));
    assert!(ok(root, "drift").contains("No drift"));
}

/// The states that have an inventory in a namespace.
fn states(cluster: &Cluster, namespace: &str) -> Vec<String> {
    let inventories =
        cluster.get(&["configmaps", "-n", namespace, "-l", "app.kubernetes.io/component=inventory"]).into_iter();
    inventories.map(|one| one["metadata"]["labels"]["ranform.dev/state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn two_projects_that_name_a_ric_alike_do_not_run_each_others() {
    let Some(cluster) = shared("two_projects_that_name_a_ric_alike_do_not_run_each_others") else { return };
    let [one, other] = [(); 2].map(|()| Project::without_store(cluster, "double", &["edge-1"]));
    let namespace = &one.namespace;
    ok(one.root(), "apply -auto-approve");
    let [state] = &states(cluster, namespace)[..] else { panic!("one inventory") };

    // Whether it has looked or not, the other project does not touch what it finds.
    edit(other.root(), "main.intent", "steering:1.0", "steering:1.1");
    let before = cluster.get(&["deployments", "-n", namespace]);
    let versions = |all: &[Value]| all.iter().map(|one| one["metadata"]["resourceVersion"].clone()).collect::<Vec<_>>();
    let refused = |command: &str| {
        let said = fails(other.root(), 1, command);
        assert!(said.contains("RF934") && said.contains("another project runs `ric.double/"), "{said}");
        assert!(said.contains(&format!("ranform apply -take-over={}", &state[..12])), "{said}");
        assert!(!said.contains("next:"), "no command by itself helps: {said}");
    };
    refused("apply -auto-approve");
    let plan = ok(other.root(), "plan -refresh -out=taken.ranplan");
    assert!(plan.contains("update, taken over"), "{plan}");
    refused("apply taken.ranplan");
    let said = fails(other.root(), 1, "apply taken.ranplan -take-over=double");
    assert!(said.contains("12 to 32 digits"), "{said}");
    assert_eq!(versions(&before), versions(&cluster.get(&["deployments", "-n", namespace])));
    assert!(ok(one.root(), "drift").contains("No drift"));

    // Told to, it takes them over, and then it is the first that is refused.
    ok(other.root(), &format!("apply taken.ranplan -take-over={}", &state[..12]));
    let [taken] = &states(cluster, namespace)[..] else { panic!("one inventory") };
    assert_ne!(taken, state);
    assert!(ok(other.root(), "drift").contains("No drift"));
    std::fs::write(one.root().join("main.intent"), "language 1\n").unwrap();
    let said = fails(one.root(), 1, "apply -auto-approve");
    assert!(said.contains("RF934") || said.contains("RF911"), "{said}");
    edit(other.root(), "main.intent", "steering:1.1", "steering:1.2");
    ok(other.root(), "apply -auto-approve");
    std::fs::write(other.root().join("main.intent"), "language 1\n").unwrap();
    ok(other.root(), "apply -auto-approve");
    assert!(cluster.get(&["namespace", namespace]).is_empty());
}

#[test]
fn two_projects_in_one_namespace_of_a_node_keep_an_inventory_each() {
    let Some(cluster) = shared("two_projects_in_one_namespace_of_a_node_keep_an_inventory_each") else { return };
    let projects = ["twin-a", "twin-b"].map(|name| {
        let project = Project::without_store(cluster, name, &[]);
        let text = MODEL.replace("tilt-planner", name);
        std::fs::write(project.root().join("main.intent"), text).unwrap();
        ok(project.root(), "apply -auto-approve");
        project
    });
    let both = states(cluster, "ranform-rapps");
    assert!(matches!(&both[..], [one, other] if one != other), "{both:?}");
    let deployments = || cluster.get(&["deployments", "-n", "ranform-rapps"]).len();
    let all = deployments();
    for project in &projects {
        edit(project.root(), "main.intent", ":2.0", ":2.1");
        ok(project.root(), "apply -auto-approve");
        assert!(ok(project.root(), "drift").contains("No drift"));
    }
    assert_eq!((deployments(), states(cluster, "ranform-rapps")), (all, both.clone()));
    // What goes is the project's own.
    for (project, (left, inventories)) in projects.iter().zip([(all / 2, 1), (0, 0)]) {
        std::fs::write(project.root().join("main.intent"), "language 1\n").unwrap();
        ok(project.root(), "apply -auto-approve");
        assert_eq!((deployments(), states(cluster, "ranform-rapps").len()), (left, inventories));
    }
    assert!(cluster.get(&["namespace", "ranform-rapps"]).is_empty());
}
