//! One transaction over a real NETCONF server, a folder and a near-RT RIC: all new or all old.
#![allow(clippy::duplicate_mod, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

#[path = "rig/a1/mod.rs"]
mod peer;

use std::path::Path;
use std::time::Duration;

use peer::schemas::slice_schema;
use peer::{A1Peer, Enforces, Speaks};
use ranform::apply::{Event, Options, Outcome, Silent, apply, recover, rollback};
use ranform::drivers;
use ranform::patience::Patience;
use ranform::state::{State, Step};
use ranform_network::bundle::Bundle;
use ranform_network::deployment::*;
use ranform_network::network::Management;
use rig::plan::*;
use rig::software::{SLICE, add_policy};
use rig::victim::{self, Tally, killed_at};
use rig::{Flavour, Modules, Rig};

struct Scene {
    folder: tempfile::TempDir,
    ways: Vec<Management>,
    _rig: Rig,
    peer: A1Peer,
    state: State,
}

impl Scene {
    async fn new() -> Self {
        let project = tempfile::tempdir().unwrap();
        let rig = Rig::start(Flavour::Candidate, Modules::lte());
        let ways = vec![netconf(&rig), folder("devices/enb-1")];
        let peer = A1Peer::start(Speaks::Standard, &[(SLICE, slice_schema())]).await;
        peer.foreign(SLICE, "somebody-elses");
        let state = State::open(&project.path().join(".ranform")).unwrap();
        Self { folder: project, ways, _rig: rig, peer, state }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Two base stations with these percentages for `red`, and a policy that guarantees as many Mbit/s.
    fn wanted(&self, percent: u32) -> Deployment {
        let mut wanted = network(&self.ways, &[("blue", 100 - percent), ("red", percent)]);
        add_policy(&mut wanted, &self.peer.url, "gold", percent);
        wanted
    }

    fn plan(&self, percent: u32) -> Bundle {
        plan(&self.state, &self.wanted(percent))
    }

    fn options(&self) -> Options {
        options(self.folder.path())
    }

    async fn apply(&mut self, percent: u32) -> Outcome {
        let (bundle, options) = (self.plan(percent), self.options());
        apply(&mut self.state, &bundle, &options, &Silent).await.unwrap()
    }

    /// What the base stations and the RIC hold; tried again while the server recovers from a killed session.
    async fn held(&self) -> [Option<u32>; 3] {
        for _ in 0..20 {
            let stations = network(&self.ways, &[]);
            let shares = shares(&self.state, &stations, self.root(), "red").await;
            if shares.iter().all(Option::is_some) {
                return [shares[0], shares[1], self.guaranteed()];
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        [None, None, self.guaranteed()]
    }

    fn guaranteed(&self) -> Option<u32> {
        self.peer.with(|inside| {
            let (_, gold) = inside.policies.iter().find(|(id, _)| id.contains("gold"))?;
            let kbps = gold.body["sliceSlaObjectives"]["guaDlThptPerSlice"].as_f64()?;
            Some((kbps / 1000.0) as u32)
        })
    }

    async fn drift(&self) -> Vec<String> {
        let (recorded, devices) = (self.state.recorded().unwrap(), self.state.devices().unwrap());
        let limit = Duration::from_secs(20);
        let seen = drivers::observe(&devices, &recorded, self.root(), 8, limit, &Patience::seconds(60)).await;
        let found =
            seen.iter().flat_map(|(device, seen)| drivers::drift(device, &recorded, &seen.as_ref().unwrap().reading));
        found.map(|difference| difference.to_string()).collect()
    }
}

#[tokio::test]
async fn radios_and_ric_change_together_and_are_torn_down_together() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.apply(60).await, Outcome::Applied { serial: 1 });
    assert_eq!(scene.held().await, [Some(60); 3]);
    scene.peer.writes();
    assert!(scene.plan(60).changes.is_empty(), "a second plan is empty");
    assert_eq!(scene.drift().await, Vec::<String>::new());
    assert_eq!(scene.peer.writes(), 0, "and nothing is sent");

    assert_eq!(scene.apply(70).await, Outcome::Applied { serial: 2 });
    let options = scene.options();
    assert_eq!(rollback(&mut scene.state, None, &options, &Silent).await.unwrap(), Outcome::Applied { serial: 3 });
    assert_eq!(scene.held().await, [Some(60); 3]);

    // An edited policy, then a deleted one.
    scene.peer.with(|inside| {
        let (_, gold) = inside.policies.iter_mut().find(|(id, _)| id.contains("gold")).unwrap();
        gold.body["sliceSlaObjectives"]["guaDlThptPerSlice"] = 1.into();
    });
    let told = scene.drift().await;
    assert!(told.len() == 1 && told[0].contains("guarantee_dl_kbps is 1"), "{told:?}");
    scene.peer.with(|inside| inside.policies.retain(|id, _| !id.contains("gold")));
    let told = scene.drift().await;
    assert!(told.len() == 1 && told[0].ends_with("is gone"), "{told:?}");
    let id = "ranform-gold-00000000.SliceSLATarget-1.0.0";
    let body = serde_json::json!({
        "scope": { "sliceId": { "sst": 1, "sd": "000001", "plmnId": { "mcc": "001", "mnc": "01" } } },
        "sliceSlaObjectives": { "guaDlThptPerSlice": 60000 },
    });
    scene.peer.with(|inside| {
        let kind = SLICE.to_owned();
        let stored = peer::Stored { kind, body, ..peer::Stored::default() };
        inside.policies.insert(id.to_owned(), stored);
    });

    let mut empty = scene.wanted(60);
    empty.placed.clear();
    // Documents made from what the devices hold: these were made without looking.
    let mut teardown = plan(&scene.state, &empty);
    teardown.artifacts.clear();
    let options = scene.options();
    let outcome = apply(&mut scene.state, &teardown, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 4 });
    assert_eq!(scene.peer.ids(), ["somebody-elses"]);
    assert!(!scene.root().join("devices/enb-1/config.xml").exists());
    assert!(scene.state.records().unwrap().is_empty() && scene.state.devices().unwrap().is_empty());
}

#[tokio::test]
async fn a_ric_that_refuses_or_never_enforces_reverts_the_radios() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.apply(60).await, Outcome::Applied { serial: 1 });
    // Refused at the write.
    scene.peer.lie("PUT", 1, 507, false);
    let outcome = scene.apply(70).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(scene.held().await, [Some(60); 3]);
    // Taken, and never enforced.
    for reason in ["SCOPE_NOT_APPLICABLE", "STATEMENT_NOT_APPLICABLE"] {
        scene.peer.with(|inside| inside.enforces = Enforces::Never(reason));
        let outcome = scene.apply(70).await;
        let Outcome::RolledBack { causes } = &outcome else { panic!("{outcome:?}") };
        assert!(causes.values().any(|cause| cause.to_string().contains(reason)), "{causes:?}");
        assert_eq!(scene.held().await, [Some(60); 3]);
    }
    scene.peer.with(|inside| inside.enforces = Enforces::Soon);
    assert_eq!(scene.apply(70).await, Outcome::Applied { serial: 2 });
    assert_eq!(scene.held().await, [Some(70); 3]);
}

#[tokio::test]
async fn a_base_station_that_fails_takes_the_policy_back() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.apply(60).await, Outcome::Applied { serial: 1 });
    let (bundle, options, root) = (scene.plan(70), scene.options(), scene.root().to_owned());
    // What is staged in the folder disappears before it can be put in place.
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            for entry in std::fs::read_dir(root.join("devices/enb-1")).unwrap().map(Result::unwrap) {
                if entry.path().display().to_string().ends_with(".new") {
                    std::fs::remove_file(entry.path()).unwrap();
                }
            }
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(scene.held().await, [Some(60); 3]);
}

/// The process that is killed.
#[tokio::test]
async fn plays_the_victim() {
    victim::play(options).await;
}

#[tokio::test]
async fn killed_at_any_event_radios_and_ric_are_all_old_or_all_new() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.apply(60).await, Outcome::Applied { serial: 1 });
    let (mut percent, mut tally) = (60, Tally::default());
    let options = scene.options();
    for at in 1.. {
        let next = 130 - percent;
        if !killed_at(scene.root(), &scene.plan(next), at).await {
            break;
        }
        let pending = scene.state.pending().unwrap();
        let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
        let old = percent;
        if tally.is_new(at, pending.as_ref(), recovered) {
            percent = next;
        }
        assert_eq!(scene.held().await, [Some(percent); 3], "at event {at}, from {old} to {next}");
        assert_eq!(scene.peer.ids().len(), 2, "at event {at}");
    }
    tally.check(12, 7);
}
