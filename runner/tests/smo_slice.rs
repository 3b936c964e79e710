//! `intents/smo-slice` by the command line on real servers: NETCONF, the Kubernetes API with scheduler and fake nodes, A1.
//! Applied, changed (a request more, another SLA, a node drained), taken back, and torn down to nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

#[path = "rig/a1/mod.rs"]
mod peer;

use std::path::Path;

use peer::schemas::slice_schema;
use peer::{A1Peer, Speaks};
use ranform::netconf::Datastore;
use ranform::patience::Patience;
use rig::cluster::{Cluster, shared};
use rig::{Flavour, Modules, Rig};
use scene::*;

const SLICE: &str = "ORAN_SliceSLATarget_1.0.0";
const NAMESPACE: &str = "ric-plaza";

/// The example, with real servers in the place of two of its folders.
fn on_servers(folder: &Path, rig: &Rig, peer: &A1Peer, cluster: &Cluster) {
    let netconf = format!(
        "manage netconf \"127.0.0.1:{}\" as \"{}\" key file \"{}\" host-key \"{}\"",
        rig.port,
        rig::user(),
        rig.key_file().display(),
        rig.fingerprint()
    );
    edit(folder, "main.intent", "manage directory \"devices/enb-1\"", &netconf);
    edit(folder, "main.intent", "manage directory \"devices/ric-plaza\"", &format!("manage a1 \"{}\"", peer.url));
    std::fs::write(folder.join("kubeconfig"), cluster.kubeconfig()).unwrap();
}

/// What the eNB holds.
async fn radio(rig: &Rig) -> String {
    let mut session = rig.connect().await;
    session.get_config(Datastore::Running, "", &Patience::seconds(20)).await.unwrap().to_text()
}

fn runs(cluster: &Cluster, name: &str) -> bool {
    cluster.ours(NAMESPACE).contains(&format!("Deployment/{name}"))
}

/// Nothing is planned for what was just applied, and nobody changed it.
fn settled(folder: &Path) {
    assert!(ok(folder, "plan -refresh").contains("No changes"));
    assert!(ok(folder, "drift").contains("No drift"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slice_over_radios_cluster_and_policies_lives_changes_and_goes() {
    let Some(cluster) = shared("one_slice_over_radios_cluster_and_policies_lives_changes_and_goes") else { return };
    let rig = Rig::start(Flavour::Candidate, Modules::lte());
    let peer = A1Peer::start(Speaks::Standard, &[(SLICE, slice_schema())]).await;
    peer.foreign(SLICE, "somebody-elses");
    let project = project("smo-slice");
    let folder = project.path();
    on_servers(folder, &rig, &peer, cluster);

    ok(folder, "apply -auto-approve");
    settled(folder);
    assert!(radio(&rig).await.contains("10.0.9.1"), "the eNB knows its E2 termination");
    assert!(
        runs(cluster, "plaza-e2t-edge-1") && runs(cluster, "load-forecast-edge-1"),
        "{:?}",
        cluster.ours(NAMESPACE)
    );
    assert_eq!(peer.ids().len(), 2);

    append(folder, "main.intent", "request more { want load-forecast on enb  within 1s  accuracy >= 90%  value 3 }");
    ok(folder, "apply -auto-approve");
    edit(folder, "main.intent", "red 60%, blue 40%", "red 70%, blue 30%");
    ok(folder, "apply -auto-approve");
    settled(folder);

    // The centre is drained: everything of the RIC moves, and the radios are told before the old termination goes.
    edit(folder, "main.intent", "  candidates compute-nodes\n", "  candidates compute-nodes\n  exclude centre\n");
    ok(folder, "apply -auto-approve");
    settled(folder);
    assert!(radio(&rig).await.contains("10.0.1.1"));
    assert!(runs(cluster, "plaza-e2t-edge-0") && !runs(cluster, "plaza-e2t-edge-1"), "{:?}", cluster.ours(NAMESPACE));

    ok(folder, "rollback -auto-approve");
    assert!(radio(&rig).await.contains("10.0.9.1"));
    assert!(runs(cluster, "plaza-e2t-edge-1") && !runs(cluster, "plaza-e2t-edge-0"), "{:?}", cluster.ours(NAMESPACE));

    std::fs::write(folder.join("main.intent"), "language 1\nlimit { deletions 100 }\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(cluster.get(&["namespace", NAMESPACE]).is_empty());
    assert_eq!(peer.ids(), ["somebody-elses"]);
    assert!(!radio(&rig).await.contains("lte-1"), "{}", radio(&rig).await);
}
