//! Cells are locked before changes that restart them, on real servers: in order, taken back as one, and never against
//! somebody who locked them first.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../targets/tests/common/mod.rs"]
mod common;
mod rig;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::example;
use ranform::apply::{Event, Outcome, Silent, apply, recover};
use ranform::exit::Exit;
use ranform::netconf::ssh::SshStream;
use ranform::netconf::{Datastore, Session};
use ranform::patience::Patience;
use ranform::state::{State, Step};
use ranform_network::Deployment;
use ranform_network::deployment::*;
use ranform_network::network::{Protocol, Technology};
use rig::plan::*;
use rig::skipped::skipped;
use rig::{Flavour, Modules, Rig};

const ENB: &str = "<filter type=\"subtree\"><enb xmlns=\"urn:ranform:lte\"/></filter>";
const ELEMENT: &str =
    "<filter type=\"subtree\"><ManagedElement xmlns=\"urn:3gpp:sa5:_3gpp-common-managed-element\"/></filter>";

/// A station of this profile on a server of its own.
struct Scene {
    folder: tempfile::TempDir,
    rig: Rig,
    state: State,
    wanted: Deployment,
}

impl Scene {
    async fn new(profile: &str, technology: Technology, flavour: Flavour, modules: Modules) -> Self {
        let rig = Rig::start(flavour, modules);
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        let mut wanted = example::station(profile, technology, Protocol::Netconf, example::both);
        wanted.placed.retain(|address, _| !address.as_str().contains("port."));
        for device in wanted.devices.values_mut() {
            device.management = Some(netconf(&rig));
        }
        let mut scene = Self { folder, rig, state, wanted };
        let bundle = plan(&scene.state, &scene.wanted);
        assert!(bundle.artifacts.keys().all(|path| path.ends_with("/edit-config.xml")), "new cells serve nobody");
        let outcome = scene.apply(&bundle).await;
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
        scene
    }

    async fn lte(flavour: Flavour) -> Self {
        Self::new("ranform-lte", Technology::Lte, flavour, Modules::lte()).await
    }

    /// None where the modules are not at hand.
    async fn nr(flavour: Flavour) -> Option<Self> {
        let names = ranform_network::profile::PROFILES["3gpp-r18"].modules.clone();
        let Some(modules) = Modules::public("3gpp-r18-cr0770-netconfd", &names) else {
            skipped(&format!("locks and moves of 3gpp-r18, {flavour:?} (RANFORM_YANG is not set)"));
            return None;
        };
        Some(Self::new("3gpp-r18", Technology::Nr, flavour, modules).await)
    }

    async fn apply(&mut self, bundle: &ranform_network::bundle::Bundle) -> Outcome {
        apply(&mut self.state, bundle, &patient(self.folder.path()), &Silent).await.unwrap()
    }

    /// The network with another PCI on one cell.
    fn with_pci(&self, pci: u32) -> Deployment {
        let mut wanted = self.wanted.clone();
        let cell = common::device_address().child("cell", "shared");
        if let Resource::Cell(cell) = &mut wanted.placed.get_mut(&cell).unwrap().resource {
            cell.pci = Some(pci);
        }
        wanted
    }

    /// Without one tenant of one cell.
    fn without_blue(&self) -> Deployment {
        let mut wanted = self.wanted.clone();
        wanted.placed.retain(|address, _| !address.as_str().ends_with("cell.shared/tenant.blue"));
        wanted
    }

    async fn edit(&self, body: &str) {
        let patience = Patience::seconds(60);
        let mut session = self.rig.connect().await;
        session.edit_config(Datastore::Candidate, &format!("<config>{body}</config>"), &patience).await.unwrap();
        session.commit(&patience).await.unwrap();
        session.close_session(&patience).await.unwrap();
    }
}

/// Limits for machines that run much else.
fn patient(root: &std::path::Path) -> ranform::apply::Options {
    let limit = Duration::from_secs(60);
    ranform::apply::Options { device_limit: limit, settle_limit: limit, ..options(root) }
}

/// Administrative state and PCI of the cell `shared`, as the device shows them.
async fn seen(session: &mut Session<SshStream>, filter: &str) -> (String, String) {
    let data = session.get_config(Datastore::Running, filter, &Patience::seconds(60)).await.unwrap().to_text();
    let of_cell = data.split("<id>shared</id>").nth(1).unwrap_or_default();
    let leaf = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| of_cell.split_once(&format!("<{name}>")));
        value.map(|(_, rest)| rest.split('<').next().unwrap_or_default().to_owned()).unwrap_or_default()
    };
    (leaf(["administrativeState", "in-service"]), leaf(["nRPCI", "pci"]))
}

/// What an onlooker sees of the cell while a bundle is applied, each sight once in a row.
async fn watched(scene: &mut Scene, wanted: &Deployment, filter: &str) -> Vec<(String, String)> {
    let bundle = plan(&scene.state, wanted);
    let mut onlooker = scene.rig.connect().await;
    let done = AtomicBool::new(false);
    let mut sights: Vec<(String, String)> = Vec::new();
    let watch = async {
        while !done.load(Ordering::Relaxed) {
            let sight = seen(&mut onlooker, filter).await;
            if sights.last() != Some(&sight) {
                sights.push(sight);
            }
        }
    };
    let work = async {
        let outcome = scene.apply(&bundle).await;
        done.store(true, Ordering::Relaxed);
        outcome
    };
    let (outcome, ()) = tokio::join!(work, watch);
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    sights.push(seen(&mut onlooker, filter).await);
    sights.dedup();
    sights
}

fn in_order(sights: &[(String, String)], expected: &[(&str, &str)]) {
    let mut left = expected.iter();
    for (state, pci) in sights {
        assert!(left.any(|(s, p)| s == state && p == pci), "{sights:?} is not in the order of {expected:?}");
    }
    assert_eq!(sights.last().map(|(state, pci)| (state.as_str(), pci.as_str())), expected.last().copied());
}

#[tokio::test]
async fn a_cell_is_shut_down_locked_changed_and_unlocked_in_this_order() {
    for flavour in [Flavour::Candidate, Flavour::CandidateForGood, Flavour::Running] {
        let Some(mut scene) = Scene::nr(flavour).await else { return };
        let wanted = scene.with_pci(77);
        let bundle = plan(&scene.state, &wanted);
        let names: Vec<&str> = bundle.artifacts.keys().map(|path| path.split('/').nth(1).unwrap()).collect();
        assert_eq!(names, ["1-shut-down.xml", "2-lock.xml", "3-change.xml", "4-unlock.xml"]);
        let sights = watched(&mut scene, &wanted, ELEMENT).await;
        let order =
            [("UNLOCKED", "11"), ("SHUTTINGDOWN", "11"), ("LOCKED", "11"), ("LOCKED", "77"), ("UNLOCKED", "77")];
        in_order(&sights, &order);
        assert!(sights.iter().any(|(state, _)| state == "SHUTTINGDOWN"), "users had time to leave: {sights:?}");
    }
}

#[tokio::test]
async fn lte_cells_are_out_of_service_while_they_change() {
    for flavour in [Flavour::CandidateAndStartup, Flavour::CandidateForGood, Flavour::Running] {
        let mut scene = Scene::lte(flavour).await;
        let wanted = scene.with_pci(77);
        let sights = watched(&mut scene, &wanted, ENB).await;
        in_order(&sights, &[("true", "11"), ("false", "11"), ("false", "77"), ("true", "77")]);
    }
}

#[tokio::test]
async fn whoever_locked_a_cell_since_the_plan_keeps_it_locked() {
    let mut scene = Scene::lte(Flavour::Candidate).await;
    let bundle = plan(&scene.state, &scene.without_blue());
    let lock = "<enb xmlns=\"urn:ranform:lte\"><cell><id>shared</id><in-service>false</in-service></cell></enb>";
    scene.edit(lock).await;
    let outcome = scene.apply(&bundle).await;
    assert_eq!(outcome.exit(), Exit::Stale, "{outcome:?}");
    assert!(format!("{outcome:?}").contains("cell.unlocked"), "{outcome:?}");
    let mut session = scene.rig.connect().await;
    assert_eq!(seen(&mut session, ENB).await.0, "false");
    scene.edit(&lock.replace("false", "true")).await;
    assert!(matches!(scene.apply(&bundle).await, Outcome::Applied { .. }));
    assert_eq!(seen(&mut session, ENB).await.0, "true");
}

#[tokio::test]
async fn a_server_that_dies_while_a_cell_shuts_down_gets_it_back_in_service() {
    for flavour in [Flavour::Candidate, Flavour::CandidateForGood] {
        let Some(mut scene) = Scene::nr(flavour).await else { return };
        for wanted in [scene.with_pci(77), scene.without_blue()] {
            dies_half_way(&mut scene, &wanted).await;
        }
    }
}

/// Kills the server during the drain; it comes back, and everything is as before.
async fn dies_half_way(scene: &mut Scene, wanted: &Deployment) {
    let bundle = plan(&scene.state, wanted);
    let mut options = options(scene.folder.path());
    options.settle_limit = Duration::from_secs(1);
    let Scene { rig, state, .. } = scene;
    // It looks on from before the apply: a session takes longer to open than a drain takes on a busy machine.
    let mut session = rig.connect().await;
    let killer = async {
        loop {
            let sight = seen(&mut session, ELEMENT).await;
            if sight.0 == "SHUTTINGDOWN" {
                assert_eq!(sight.1, "11");
                break;
            }
            assert_eq!(sight, ("UNLOCKED".to_owned(), "11".to_owned()), "the drain comes first");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        rig.kill_server();
    };
    let (outcome, ()) = tokio::join!(apply(state, &bundle, &options, &Silent), killer);
    let outcome = outcome.unwrap();
    assert!(matches!(outcome, Outcome::Partly { decided: false, .. }), "{outcome:?}");
    rig.start_server();
    options.settle_limit = Duration::from_secs(20);
    let outcome = recover(state, &options, &Silent).await.unwrap();
    assert!(matches!(outcome, Some(Outcome::RolledBack { .. })), "{outcome:?}");
    let mut session = rig.connect().await;
    assert_eq!(seen(&mut session, ELEMENT).await, ("UNLOCKED".to_owned(), "11".to_owned()));
    assert_eq!(state.pending().unwrap(), None);
}

#[tokio::test]
async fn another_device_that_fails_takes_all_commits_back_at_once() {
    let mut scene = Scene::lte(Flavour::Candidate).await;
    let doomed = Mutex::new(Rig::start(Flavour::Candidate, Modules::lte()));
    // A second station in the same transaction, whose server dies at commit.
    let other = network(&[netconf(&doomed.lock().unwrap())], &[("red", 60)]);
    let mut wanted = scene.with_pci(77);
    wanted.devices.extend(other.devices);
    wanted.placed.extend(other.placed);
    let bundle = plan(&scene.state, &wanted);
    let options = options(scene.folder.path());
    let events = OnEvent(|event: &Event<'_>| match event {
        Event::Step(Step::Commit, _) => doomed.lock().unwrap().kill_server(),
        Event::Step(Step::Abort, _) => doomed.lock().unwrap().start_server(),
        _ => {}
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    let mut session = scene.rig.connect().await;
    assert_eq!(seen(&mut session, ENB).await, ("true".to_owned(), "11".to_owned()));
}

#[tokio::test]
async fn the_order_of_plmns_is_reached_on_real_servers() {
    for flavour in [Flavour::Candidate, Flavour::CandidateForGood, Flavour::Running] {
        let mut scene = Scene::lte(flavour).await;
        let mut wanted = scene.wanted.clone();
        for (address, placed) in &mut wanted.placed {
            if let Resource::CellTenant(tenant) = &mut placed.resource {
                tenant.order = if address.as_str().ends_with("red") { 2 } else { 1 };
            }
        }
        let bundle = plan(&scene.state, &wanted);
        assert!(bundle.artifacts.keys().any(|path| path.ends_with("-change.2.xml")), "{:?}", bundle.artifacts.keys());
        let outcome = scene.apply(&bundle).await;
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
        let text = plmns(&scene.rig).await;
        assert_eq!(text, ["07", "02", "01", "07", "02", "01"], "host first, then blue, then red, on both cells");
    }
}

/// The network codes of the PLMN lists of all cells, in the order of the device.
async fn plmns(rig: &Rig) -> Vec<String> {
    let data = rig.connect().await.get_config(Datastore::Running, ENB, &Patience::seconds(60)).await.unwrap();
    let enb = data.child("enb").unwrap();
    let cells = enb.children.iter().filter(|child| child.name == "cell");
    let lists = cells.flat_map(|cell| cell.children.iter().filter(|child| child.name == "plmn"));
    lists.map(|plmn| plmn.child_text("mnc").unwrap().to_owned()).collect()
}
