//! `intents/smo-slice` by the command line on real servers: NETCONF, the Kubernetes API with scheduler and fake nodes, A1.
//! Applied, changed (a request more, another SLA, a node drained), taken back, and torn down to nothing.
#![allow(clippy::duplicate_mod, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

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
use serde_json::{Value, json};

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
    for (tenant, ssid) in [("slice 1:000001", "ssid \"red\"  vlan 101"), ("slice 1:000002", "ssid \"blue\"  vlan 102")]
    {
        edit(folder, "main.intent", tenant, &format!("{tenant}  {ssid}"));
    }
    edit(folder, "main.intent", "{ cells in site plaza }", "{ interfaces in site plaza }");
    edit(folder, "main.intent", "over cells in site plaza", "over site plaza");
    append(folder, "main.intent", ACCESS_POINT);
}

/// An access point with a network for each tenant, which a folder plays.
const ACCESS_POINT: &str = r#"
node ap-1 : ap {
  site plaza
  profile openconfig-ap
  manage directory "devices/ap-1"
  radio r1 {
    channel 149  width 20MHz  standard 802.11n
    power 20dBm  country ES
    sharing airtime
  }
}
"#;

const PCI_BY_HAND: &str =
    "<config><enb xmlns=\"urn:ranform:lte\"><cell><id>lte-1</id><pci>99</pci></cell></enb></config>";

/// Somebody turns things by hand, one of each kind; one report names them all, and the plan that was applied mends them.
async fn turned_by_hand_and_mended(folder: &Path, rig: &Rig, peer: &A1Peer, cluster: &Cluster) {
    let patience = Patience::seconds(20);
    let mut session = rig.connect().await;
    session.edit_config(Datastore::Candidate, PCI_BY_HAND, &patience).await.unwrap();
    session.commit(&patience).await.unwrap();
    session.close_session(&patience).await.unwrap();
    edit(folder, "devices/ap-1/config.xml", "<default-vlan>101", "<default-vlan>999");
    cluster.kubectl(&["scale", "deployment", "plaza-e2t-edge-1", "-n", NAMESPACE, "--replicas", "0"]);
    peer.with(|inside| inside.policies.retain(|id, _| id == "somebody-elses"));

    let report = fails(folder, 6, "drift");
    for line in [
        "`node.enb-1/cell.lte-1` cell.pci is 99, not 2",
        "`node.ap-1/radio.r1/tenant.red` radio-tenant.vlan is 999, not 101",
        "`ric.plaza/e2t.centre` ric-instance.cluster.replicas is 0, not 1",
        "`ric.plaza/policy.red-video` is gone",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
    for place in ["node.enb-1", "node.ap-1", "ric.plaza"] {
        append(folder, "main.intent", &format!("outside change on {place}/** restore"));
    }
    ok(folder, "plan -refresh -out mend.ranplan");
    ok(folder, "apply mend.ranplan");
    settled(folder);
    assert!(radio(rig).await.contains("<pci>2</pci>"));
    assert_eq!(peer.ids().len(), 2);
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
    let intents = std::fs::read_to_string(folder.join("main.intent")).unwrap();

    ok(folder, "apply -auto-approve");
    settled(folder);
    assert!(radio(&rig).await.contains("10.0.9.1"), "the eNB knows its E2 termination");
    assert!(
        runs(cluster, "plaza-e2t-edge-1") && runs(cluster, "load-forecast-edge-1"),
        "{:?}",
        cluster.ours(NAMESPACE)
    );
    assert_eq!(peer.ids().len(), 2);
    turned_by_hand_and_mended(folder, &rig, &peer, cluster).await;

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
    assert!(cluster.get(&["priorityclass", "-l", "app.kubernetes.io/managed-by=ranform"]).is_empty());
    assert_eq!(peer.ids(), ["somebody-elses"]);
    assert!(!radio(&rig).await.contains("lte-1"), "{}", radio(&rig).await);
    std::fs::write(folder.join("main.intent"), intents).unwrap();
    in_a_namespace_of_others(folder, cluster);
}

/// A namespace and priority classes that somebody else made serve as they are, with the second role of `role.yaml` in the
/// namespace and nothing to write beside it.
fn in_a_namespace_of_others(folder: &Path, cluster: &Cluster) {
    let mut reads: Value =
        serde_json::from_str(&cluster.kubectl(&["get", "clusterrole", "ranform", "-o", "json"])).unwrap();
    reads["metadata"] = json!({"name": "ranform-reads"});
    for rule in reads["rules"].as_array_mut().unwrap() {
        rule["verbs"].as_array_mut().unwrap().retain(|verb| verb == "get" || verb == "list");
    }
    let file = folder.join("reads.json");
    std::fs::write(&file, reads.to_string()).unwrap();
    cluster.kubectl(&["create", "-f", &file.display().to_string()]);
    cluster.kubectl(&["create", "clusterrolebinding", "narrow", "--clusterrole=ranform-reads", "--user=narrow"]);
    cluster.kubectl(&["create", "namespace", NAMESPACE]);
    let binding = ["create", "rolebinding", "narrow", "--clusterrole=ranform-namespace", "--user=narrow"];
    cluster.kubectl(&[&["-n", NAMESPACE], &binding[..]].concat());
    let narrow = cluster.kubeconfig().replace("user: {client-certificate", "user: {as: narrow, client-certificate");
    let narrow = narrow.replace("ranform.crt", "admin.crt").replace("ranform.key", "admin.key");
    std::fs::write(folder.join("kubeconfig"), narrow).unwrap();

    let said = fails(folder, 1, "apply -auto-approve");
    assert!(
        said.contains("its user may not") && said.contains("create priorityclasses in the whole cluster"),
        "{said}"
    );
    // One of another value is in the way.
    let class =
        |name: &str, value: u32| drop(cluster.kubectl(&["create", "priorityclass", name, &format!("--value={value}")]));
    let classes = [("10ms", 900_000), ("100ms", 800_000), ("1s", 700_000)]
        .map(|(tier, value)| (format!("ranform-loop-{tier}"), value));
    class("ranform-no-loop", 5);
    classes.iter().for_each(|(name, value)| class(name, *value));
    let said = fails(folder, 1, "apply -auto-approve");
    assert!(said.contains("not ours") && said.contains("PriorityClass `ranform-no-loop`"), "{said}");
    cluster.kubectl(&["delete", "priorityclass", "ranform-no-loop"]);
    class("ranform-no-loop", 600_000);

    ok(folder, "apply -auto-approve");
    settled(folder);
    edit(folder, "main.intent", "red 60%, blue 40%", "red 65%, blue 35%");
    ok(folder, "apply -auto-approve");
    std::fs::write(folder.join("main.intent"), "language 1\nlimit { deletions 100 }\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert_eq!(cluster.ours(NAMESPACE), Vec::<String>::new());
    assert_eq!(cluster.get(&["namespace", NAMESPACE]).len(), 1);
    assert_eq!(cluster.get(&["priorityclass", "ranform-no-loop"])[0]["value"], 600_000);
}
