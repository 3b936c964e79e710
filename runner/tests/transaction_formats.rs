//! The life of a device in every NETCONF format, on real servers with the real modules: applied, read back, edited by
//! others, changed, rolled back, torn down. Sets that are not at hand (`RANFORM_YANG`) are named and counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../targets/tests/common/mod.rs"]
mod common;
mod rig;

use std::path::PathBuf;

use common::example;
use ranform::apply::{Outcome, Silent, apply, rollback};
use ranform::exit::Exit;
use ranform::netconf::Datastore;
use ranform::patience::Patience;
use ranform::state::State;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::*;
use ranform_network::network::{Protocol, Technology};
use ranform_network::radio::{Plmn, Snssai};
use ranform_network::{Address, Deployment};
use rig::skipped::skipped;
use rig::{Flavour, Modules, Rig};

/// A format: its example, the modules of its server, what others write there.
struct Format {
    profile: &'static str,
    /// Folders below `RANFORM_YANG`.
    sets: &'static [&'static str],
    /// Modules to load.
    modules: &'static [&'static str],
    /// An edit of others beside our leaves; it contains `keep me`.
    foreign: &'static str,
    /// Whether the entry that it stands in can stay without us.
    foreign_stays: bool,
    /// An edit of others on a leaf of ours, and the drift that it is.
    drift: (&'static str, &'static str),
}

const NRM: &[&str] = &[
    "_3gpp-common-managed-element",
    "_3gpp-nr-nrm-gnbdufunction",
    "_3gpp-nr-nrm-nrcelldu",
    "_3gpp-nr-nrm-nrsectorcarrier",
    "_3gpp-nr-nrm-rrmpolicy",
    "ietf-if-vlan-encapsulation",
    "iana-if-type",
];
const IETF_PORT: &str = "<interfaces xmlns=\"urn:ietf:params:xml:ns:yang:ietf-interfaces\"><interface><name>eth1</name><description>keep me</description></interface></interfaces>";
const IETF_VLAN: &str = "<interfaces xmlns=\"urn:ietf:params:xml:ns:yang:ietf-interfaces\"><interface><name>eth1.101</name><description>drifted</description></interface></interfaces>";
const OPENCONFIG_PORT: &str = "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>eth1</name><config><description>keep me</description></config></interface></interfaces>";
const OPENCONFIG_VLAN: &str = "<interfaces xmlns=\"http://openconfig.net/yang/interfaces\"><interface><name>eth1</name><subinterfaces><subinterface><index>101</index><config><description>drifted</description></config></subinterface></subinterfaces></interface></interfaces>";
const CELL_LABEL: &str = "<ManagedElement xmlns=\"urn:3gpp:sa5:_3gpp-common-managed-element\"><id>device</id><GNBDUFunction xmlns=\"urn:3gpp:sa5:_3gpp-nr-nrm-gnbdufunction\"><id>1</id><NRCellDU xmlns=\"urn:3gpp:sa5:_3gpp-nr-nrm-nrcelldu\"><id>shared</id><attributes><userLabel>keep me</userLabel></attributes></NRCellDU></GNBDUFunction></ManagedElement>";
const CELL_PCI: &str = "<ManagedElement xmlns=\"urn:3gpp:sa5:_3gpp-common-managed-element\"><id>device</id><GNBDUFunction xmlns=\"urn:3gpp:sa5:_3gpp-nr-nrm-gnbdufunction\"><id>1</id><NRCellDU xmlns=\"urn:3gpp:sa5:_3gpp-nr-nrm-nrcelldu\"><id>shared</id><attributes><nRPCI>99</nRPCI></attributes></NRCellDU></GNBDUFunction></ManagedElement>";
const TOP_POLICY: &str = "<RRMPolicyRatio xmlns=\"urn:3gpp:sa5:_3gpp-nr-nrm-rrmpolicy\"><id>red</id><attributes><rRMPolicyMinRatio>7</rRMPolicyMinRatio></attributes></RRMPolicyRatio>";
const VLAN_DRIFT: &str = "`node.device/port.p1/vlan.101` port-vlan.description is \"drifted\", not \"tenant red\"";
const PCI_DRIFT: &str = "`node.device/cell.shared` cell.pci is 99, not 11";

const fn nrm(profile: &'static str, sets: &'static [&'static str]) -> Format {
    Format { profile, sets, modules: NRM, foreign: CELL_LABEL, foreign_stays: false, drift: (CELL_PCI, PCI_DRIFT) }
}

const fn vlans(profile: &'static str, sets: &'static [&'static str], modules: &'static [&'static str]) -> Format {
    Format { profile, sets, modules, foreign: IETF_PORT, foreign_stays: true, drift: (IETF_VLAN, VLAN_DRIFT) }
}

impl Format {
    /// The folders of its modules; none where they are not at hand.
    fn folders(&self) -> Option<Vec<PathBuf>> {
        let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets/yang");
        let test = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rig");
        let mut folders = vec![own, test];
        for set in self.sets {
            let folder = PathBuf::from(std::env::var_os("RANFORM_YANG")?).join(set);
            folders.push(folder.is_dir().then_some(folder)?);
        }
        Some(folders)
    }
}

/// A device, its server and what state holds of it.
struct Scene {
    folder: tempfile::TempDir,
    rig: Rig,
    state: State,
}

impl Scene {
    fn new(format: &Format, flavour: Flavour) -> Option<Self> {
        let Some(folders) = format.folders() else {
            skipped(&format!("transactions of {}, {flavour:?} (RANFORM_YANG is not set)", format.profile));
            return None;
        };
        let names = format.modules.iter().map(|name| (*name).to_owned()).collect();
        let rig = Rig::start(flavour, Modules { names, folders });
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        Some(Self { folder, rig, state })
    }

    /// `wanted` with this server as its device.
    fn managed(&self, mut wanted: Deployment) -> Deployment {
        for device in wanted.devices.values_mut() {
            device.management = Some(rig::plan::netconf(&self.rig));
        }
        wanted
    }

    async fn apply_bundle(&mut self, bundle: &Bundle) -> Outcome {
        let options = patient(self.folder.path());
        apply(&mut self.state, bundle, &options, &Silent).await.unwrap()
    }

    /// Applies and makes sure that the device holds just that, and that a second plan is empty.
    async fn apply(&mut self, wanted: &Deployment) {
        let bundle = rig::plan::plan(&self.state, wanted);
        let outcome = self.apply_bundle(&bundle).await;
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?} of {}", text(&bundle));
        self.holds(wanted).await;
        let again = rig::plan::plan(&self.state, wanted);
        assert!(again.changes.is_empty() && again.artifacts.is_empty());
    }

    async fn rollback(&mut self) {
        let options = patient(self.folder.path());
        let outcome = rollback(&mut self.state, None, &options, &Silent).await.unwrap();
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }

    async fn drift(&self, wanted: &Deployment) -> Vec<String> {
        let seen = rig::plan::look(&self.state, wanted, self.folder.path()).await;
        let reading = &seen[&common::device_address()].as_ref().unwrap().reading;
        let mut drift = Vec::new();
        for (address, recorded) in self.state.recorded().unwrap() {
            let expected = recorded.resource.leaves();
            let found = reading.resources.get(&address).map(Resource::leaves).unwrap_or_default();
            let differ = expected.iter().filter(|(leaf, value)| found.get(*leaf) != Some(*value));
            let shown = |leaf| found.get(leaf).map_or_else(|| "not there".to_owned(), ToString::to_string);
            drift.extend(differ.map(|(leaf, value)| format!("`{address}` {leaf} is {}, not {value}", shown(leaf))));
        }
        drift
    }

    async fn holds(&self, wanted: &Deployment) {
        let seen = rig::plan::look(&self.state, wanted, self.folder.path()).await;
        let seen = seen[&common::device_address()].as_ref().unwrap();
        assert_eq!(seen.reading.resources, common::resources(wanted));
        assert_eq!(self.drift(wanted).await, Vec::<String>::new());
    }

    async fn edit(&self, body: &str) {
        let patience = Patience::seconds(60);
        let mut session = self.rig.connect().await;
        let store = if session.capabilities.candidate { Datastore::Candidate } else { Datastore::Running };
        session.edit_config(store, &format!("<config>{body}</config>"), &patience).await.unwrap();
        if store == Datastore::Candidate {
            session.commit(&patience).await.unwrap();
        }
        session.close_session(&patience).await.unwrap();
    }

    /// The whole configuration.
    async fn running(&self) -> String {
        self.rig.connect().await.get_config(Datastore::Running, "", &Patience::seconds(60)).await.unwrap().to_text()
    }
}

/// Limits for machines that run much else.
fn patient(root: &std::path::Path) -> ranform::apply::Options {
    let limit = std::time::Duration::from_secs(60);
    ranform::apply::Options { device_limit: limit, settle_limit: limit, ..rig::plan::options(root) }
}

fn text(bundle: &Bundle) -> String {
    bundle.artifacts.iter().map(|(path, bytes)| format!("{path}\n{}", String::from_utf8_lossy(bytes))).collect()
}

/// Another share, another VLAN, another tenant: leaves that change without a restart, and some that need one.
fn changed(before: &Deployment) -> Deployment {
    let mut after = before.clone();
    for placed in after.placed.values_mut() {
        match &mut placed.resource {
            Resource::CellTenant(tenant) if tenant.quota.is_some() => tenant.quota = Some(example::both(30.0, 0)),
            Resource::Node(node) => {
                node.e2_endpoint = node.e2_endpoint.as_ref().map(|_| "10.0.0.6:36421".to_owned());
            }
            Resource::RadioTenant(tenant) => tenant.weight = tenant.weight.map(|_| 50.0),
            _ => {}
        }
    }
    after.placed.retain(|address, _| !address.as_str().ends_with("vlan.102"));
    let port = common::device_address().child("port", "p1");
    if after.placed.contains_key(&port) {
        let vlan = PortVlanResource { interface: "eth1".to_owned(), vlan: 103, description: "tenant green".to_owned() };
        place(&mut after, port.child("vlan", "103"), "eth1.103", Resource::PortVlan(vlan));
    }
    let cells: Vec<(Address, CellResource)> = after
        .placed
        .iter()
        .filter_map(|(address, placed)| match &placed.resource {
            Resource::Cell(cell) => Some((address.clone(), cell.clone())),
            _ => None,
        })
        .collect();
    for (address, cell) in cells {
        let nr = cell.technology == Technology::Nr;
        let quota = after.placed[&address.child("tenant", "red")].resource.clone();
        let Resource::CellTenant(red) = quota else { unreachable!() };
        let green = CellTenantResource {
            plmn: Plmn::new("001", "03").unwrap(),
            snssai: nr.then_some(Snssai { sst: 1, sd: Some(3) }),
            quota: red.quota.map(|_| example::both(10.0, 0)),
            order: 3,
            priority: None,
        };
        place(&mut after, address.child("tenant", "green"), "green", Resource::CellTenant(green));
    }
    with_blocks(after)
}

/// Quotas with the blocks that devices make of them.
fn with_blocks(mut deployment: Deployment) -> Deployment {
    let blocks: Vec<(Address, u32)> = deployment
        .placed
        .iter()
        .filter_map(|(address, placed)| match &placed.resource {
            Resource::Cell(cell) => Some((address.clone(), cell.prbs)),
            _ => None,
        })
        .collect();
    for (address, placed) in &mut deployment.placed {
        let Resource::CellTenant(CellTenantResource { quota: Some(quotas), .. }) = &mut placed.resource else {
            continue;
        };
        let prbs = blocks.iter().find(|(cell, _)| address.is_within(cell)).map_or(0, |(_, prbs)| *prbs);
        let set = |quota: &mut Quota| quota.prbs = (f64::from(prbs) * quota.min / 100.0) as u32;
        match quotas {
            Quotas::Both { both } => set(both),
            Quotas::Each { dl, ul } => dl.iter_mut().chain(ul).for_each(set),
        }
    }
    deployment
}

fn place(to: &mut Deployment, address: Address, id: &str, resource: Resource) {
    let device_id = id.to_owned();
    let placed = Placed {
        resource,
        device: common::device_address(),
        device_id,
        span: Default::default(),
        tenant: None,
        owner: None,
    };
    to.placed.insert(address, placed);
}

async fn lives(format: &Format, flavour: Flavour) {
    let Some(mut scene) = Scene::new(format, flavour) else { return };
    let all = example::all(Protocol::Netconf);
    let example = all.into_iter().find(|one| one.devices[&common::device_address()].profile.name == format.profile);
    let first = scene.managed(with_blocks(example.unwrap()));
    scene.apply(&first).await;
    assert!(scene.rig.startup().contains("eth1"), "what is confirmed survives a restart");
    scene.edit(format.foreign).await;
    scene.holds(&first).await;

    let second = changed(&first);
    scene.apply(&second).await;
    assert!(scene.running().await.contains("keep me"));

    // What somebody changes of ours is drift, and a plan that would not see it is refused.
    scene.edit(format.drift.0).await;
    let drift = scene.drift(&second).await;
    assert!(drift.iter().any(|line| line == format.drift.1), "{drift:?}");
    let blind = rig::plan::plan(&scene.state, &Deployment { placed: Default::default(), ..second.clone() });
    let before = scene.running().await;
    let refused = scene.apply_bundle(&blind).await;
    assert_eq!(refused.exit(), Exit::Stale, "{refused:?}");
    assert_eq!(scene.running().await, before);
    restore(&scene, &second, format).await;

    scene.rollback().await;
    scene.holds(&first).await;
    assert!(scene.running().await.contains("keep me"));
    tear_down(&mut scene, format, &first).await;
}

/// Puts the drifted leaf back by hand.
async fn restore(scene: &Scene, wanted: &Deployment, format: &Format) {
    let back = format.drift.0.replace("drifted", "tenant red").replace("<nRPCI>99", "<nRPCI>11");
    let back = back.replace("<pci>99", "<pci>11").replace("<default-vlan>999", "<default-vlan>101");
    let back = back.replace("<port>36999", "<port>36421");
    let back = back.replace("<rRMPolicyMinRatio>7<", "<rRMPolicyMinRatio>30<");
    scene.edit(&back).await;
    scene.holds(wanted).await;
}

/// Nothing of ours is left, and what others wrote is there still, or was the reason to refuse.
async fn tear_down(scene: &mut Scene, format: &Format, held: &Deployment) {
    let nothing = Deployment { placed: Default::default(), ..held.clone() };
    let mut bundle = rig::plan::plan(&scene.state, &nothing);
    let blind = scene.apply_bundle(&bundle).await;
    assert_eq!(blind.exit(), Exit::Stale, "leaves of others would go: {blind:?}");
    // Documents that are made from what the device holds leave them alone.
    bundle.artifacts.clear();
    let outcome = scene.apply_bundle(&bundle).await;
    if format.foreign_stays {
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
        let left = scene.running().await;
        assert!(left.contains("keep me") && !left.contains(">red") && !left.contains("101"), "{left}");
        return;
    }
    assert!(format!("{outcome:?}").contains("others keep leaves"), "{outcome:?}");
    let theirs = format.foreign.replace(
        "<userLabel>keep me</userLabel>",
        "<userLabel xmlns:nc=\"urn:ietf:params:xml:ns:netconf:base:1.0\" nc:operation=\"remove\"/>",
    );
    scene.edit(&theirs).await;
    let outcome = scene.apply_bundle(&bundle).await;
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    // Containers without presence may stay empty (RFC 7950 7.5.1).
    let left = scene.running().await;
    assert!(!left.contains("device") && !left.contains("eth1") && !left.contains("red"), "{left}");
    assert!(scene.state.records().unwrap().is_empty());
}

#[tokio::test]
async fn nrm_of_release_16_with_its_one_policy_set() {
    let format = Format {
        drift: (TOP_POLICY, "`node.device/cell.shared/tenant.red` cell-tenant.quota.both.min is 7.0, not 30.0"),
        ..nrm("3gpp-r16", &["3gpp-r16-netconfd", "ietf-if-vlan"])
    };
    lives(&format, Flavour::CandidateAndStartup).await;
}

#[tokio::test]
async fn nrm_of_release_17() {
    lives(&nrm("3gpp-r17", &["3gpp-r17-netconfd", "ietf-if-vlan"]), Flavour::Candidate).await;
}

#[tokio::test]
async fn nrm_of_release_18_with_policies_in_cells() {
    lives(&nrm("3gpp-r18", &["3gpp-r18-cr0770-netconfd", "ietf-if-vlan"]), Flavour::Candidate).await;
}

#[tokio::test]
async fn nrm_of_release_18_with_the_e2_termination_in_our_module() {
    let format = Format {
        modules: &[
            "_3gpp-common-managed-element",
            "_3gpp-nr-nrm-gnbdufunction",
            "_3gpp-nr-nrm-nrcelldu",
            "_3gpp-nr-nrm-nrsectorcarrier",
            "_3gpp-nr-nrm-rrmpolicy",
            "ranform-e2",
            "ietf-if-vlan-encapsulation",
            "iana-if-type",
        ],
        drift: (
            "<e2 xmlns=\"urn:ranform:e2\"><node><id>device</id><termination><port>36999</port></termination></node></e2>",
            "`node.device` node.e2_endpoint is \"10.0.0.6:36999\", not \"10.0.0.6:36421\"",
        ),
        ..nrm("3gpp-r18-e2", &["3gpp-r18-cr0770-netconfd", "ietf-if-vlan"])
    };
    lives(&format, Flavour::Candidate).await;
}

#[tokio::test]
async fn nrm_on_devices_without_confirmed_commit_or_candidate() {
    for flavour in [Flavour::CandidateForGood, Flavour::Running, Flavour::RunningAndStartup] {
        lives(&nrm("3gpp-r18", &["3gpp-r18-cr0770-netconfd", "ietf-if-vlan"]), flavour).await;
    }
}

#[tokio::test]
async fn lte_with_vlans_on_its_port() {
    let format = Format {
        profile: "ranform-lte",
        sets: &["ietf-if-vlan"],
        modules: &["ranform-lte", "ranform-e2", "ranform-foreign", "ietf-if-vlan-encapsulation", "iana-if-type"],
        foreign: "<enb xmlns=\"urn:ranform:lte\"><cell><id>shared</id><note xmlns=\"urn:ranform:foreign\">keep me</note></cell></enb>",
        foreign_stays: true,
        drift: ("<enb xmlns=\"urn:ranform:lte\"><cell><id>shared</id><pci>99</pci></cell></enb>", PCI_DRIFT),
    };
    lives(&format, Flavour::Candidate).await;
}

#[tokio::test]
async fn vlans_of_o_ran() {
    let format = vlans("o-ran-vlan", &["o-ran-vlan"], &["o-ran-interfaces", "iana-if-type", "ietf-ip"]);
    lives(&format, Flavour::Candidate).await;
}

#[tokio::test]
async fn vlans_of_the_ietf_draft() {
    let format = vlans("ietf-vlan", &["ietf-if-vlan"], &["ietf-if-vlan-encapsulation", "iana-if-type"]);
    lives(&format, Flavour::CandidateAndStartup).await;
}

#[tokio::test]
async fn vlans_of_openconfig() {
    let format = Format {
        foreign: OPENCONFIG_PORT,
        drift: (OPENCONFIG_VLAN, VLAN_DRIFT),
        ..vlans(
            "openconfig-vlan",
            &["openconfig-vlan-v1.0.0"],
            &["openconfig-interfaces", "openconfig-vlan", "iana-if-type"],
        )
    };
    lives(&format, Flavour::Candidate).await;
}

const POINT: &str = "<access-points xmlns=\"http://openconfig.net/yang/wifi/access-points\"><access-point><hostname>device</hostname><ssids><ssid><name>red</name><config>";
const POINT_END: &str = "</config></ssid></ssids></access-point></access-points>";

#[tokio::test]
async fn access_points_with_ports() {
    let drift = format!("{POINT}<default-vlan>999</default-vlan>{POINT_END}");
    for (profile, modules) in [
        (
            "openconfig-ap",
            &[
                "openconfig-ap-manager",
                "openconfig-access-points",
                "ranform-airtime",
                "openconfig-interfaces",
                "openconfig-vlan",
                "iana-if-type",
            ][..],
        ),
        (
            "openconfig-ap-plain",
            &[
                "openconfig-ap-manager",
                "openconfig-access-points",
                "openconfig-interfaces",
                "openconfig-vlan",
                "iana-if-type",
            ],
        ),
    ] {
        let format = Format {
            profile,
            sets: &["openconfig-wifi-v1.0.0-netconfd", "openconfig-vlan-v1.0.0"],
            modules,
            foreign: OPENCONFIG_PORT,
            foreign_stays: true,
            drift: (
                // Tests live as long as the process.
                Box::leak(drift.clone().into_boxed_str()),
                "`node.device/radio.r1/tenant.red` radio-tenant.vlan is 999, not 101",
            ),
        };
        lives(&format, Flavour::Candidate).await;
    }
}
