//! A function that gets a namespace of its own, on a real Kubernetes API server: it is made there beside what was, and takes
//! over the address that E2 nodes know.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::time::Duration;

use rig::cluster::{Cluster, shared};
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
