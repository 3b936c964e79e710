//! One transaction over a folder, a real NETCONF server, a real Kubernetes API server and a near-RT RIC.
#![allow(clippy::duplicate_mod, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

#[path = "rig/a1/mod.rs"]
mod peer;

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use peer::schemas::slice_schema;
use peer::{A1Peer, Enforces, Speaks};
use ranform::apply::{Event, Options, Outcome, Silent, apply, recover};
use ranform::exit::Exit;
use ranform::state::{State, Step};
use ranform_network::bundle::Bundle;
use ranform_network::deployment::*;
use ranform_network::network::Management;
use rig::cluster::{Cluster, shared};
use rig::plan::*;
use rig::skipped::skipped;
use rig::software::{Part, SLICE, add_policy};
use rig::victim::{self, Tally, killed_at};
use rig::{Flavour, Modules, Rig};

struct Scene<'a> {
    folder: tempfile::TempDir,
    cluster: &'a Cluster,
    rigs: Vec<Rig>,
    ways: Vec<Management>,
    peer: A1Peer,
    state: State,
    name: &'static str,
    node: &'static str,
}

/// What is to be there, and what is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Wanted {
    /// The share of `red` on the base station behind NETCONF.
    server: Option<u32>,
    /// The same on the one in a folder.
    folder: Option<u32>,
    /// The version of the E2 termination.
    e2t: Option<u32>,
    /// The version of the shared data layer, which comes and goes.
    sdl: Option<u32>,
    /// What the policy `gold` guarantees.
    gold: Option<u32>,
    /// The same of `silver`, which comes and goes.
    silver: Option<u32>,
}

impl Wanted {
    /// The same number everywhere; what comes and goes is there above 60.
    fn all(number: u32) -> Self {
        let (always, sometimes) = (Some(number), (number > 60).then_some(number));
        Self { server: always, folder: always, e2t: always, sdl: sometimes, gold: always, silver: sometimes }
    }
}

impl<'a> Scene<'a> {
    /// A folder, a NETCONF server, a RIC at a peer, and the parts of a RIC called `name` on this node of the cluster.
    async fn new(cluster: &'a Cluster, name: &'static str, node: &'static str) -> Self {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join("kubeconfig"), cluster.kubeconfig()).unwrap();
        let rigs = vec![Rig::start(Flavour::Candidate, Modules::lte())];
        let ways = vec![netconf(&rigs[0]), folder("devices/enb-1")];
        let peer = A1Peer::start(Speaks::Standard, &[(SLICE, slice_schema())]).await;
        peer.foreign(SLICE, "somebody-elses");
        let state = State::open(&project.path().join(".ranform")).unwrap();
        Self { folder: project, cluster, rigs, ways, peer, state, name, node }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn part(&self, part: RicPart, version: u32) -> Part<'a> {
        Part::new(self.name, part, self.node, version)
    }

    fn plan(&self, wanted: Wanted) -> Bundle {
        let red = wanted.server.unwrap();
        assert_eq!(wanted.folder, Some(red), "both base stations are told the same");
        let mut all = network(&self.ways, &[("blue", 100 - red), ("red", red)]);
        for (part, version) in [(RicPart::E2t, wanted.e2t), (RicPart::Sdl, wanted.sdl)] {
            version.into_iter().for_each(|version| self.part(part, version).add(&mut all));
        }
        for (name, mbps) in [("gold", wanted.gold), ("silver", wanted.silver)] {
            mbps.into_iter().for_each(|mbps| add_policy(&mut all, &self.peer.url, name, mbps));
        }
        plan(&self.state, &all)
    }

    fn namespace(&self) -> String {
        format!("ric-{}", self.name)
    }

    fn options(&self, seconds: u64) -> Options {
        let mut options = options(self.folder.path());
        options.device_limit = Duration::from_secs(seconds);
        options.settle_limit = Duration::from_secs(seconds);
        options
    }

    async fn apply(&mut self, wanted: Wanted) -> Outcome {
        let (bundle, options) = (self.plan(wanted), self.options(30));
        apply(&mut self.state, &bundle, &options, &Silent).await.unwrap()
    }

    /// The version of a part that runs; none where none does.
    fn version(&self, part: RicPart) -> Option<u32> {
        let name = self.part(part, 0).object();
        let found = self.cluster.get(&["deployment", &name, "-n", &self.namespace()]);
        let image = found.first()?.pointer("/spec/template/spec/containers/0/image")?.as_str()?;
        image.rsplit(':').next()?.parse().ok()
    }

    fn guaranteed(&self, policy: &str) -> Option<u32> {
        self.peer.with(|inside| {
            let (_, policy) = inside.policies.iter().find(|(id, _)| id.contains(policy))?;
            let kbps = policy.body["sliceSlaObjectives"]["guaDlThptPerSlice"].as_f64()?;
            Some((kbps / 1000.0) as u32)
        })
    }

    async fn red(&self) -> Vec<Option<u32>> {
        let wanted = network(&self.ways, &[]);
        for _ in 0..20 {
            let shares = shares(&self.state, &wanted, self.root(), "red").await;
            if shares.iter().all(Option::is_some) {
                return shares;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        shares(&self.state, &wanted, self.root(), "red").await
    }

    /// What is there.
    async fn found(&self) -> Wanted {
        let red = self.red().await;
        Wanted {
            server: red[0],
            folder: red[1],
            e2t: self.version(RicPart::E2t),
            sdl: self.version(RicPart::Sdl),
            gold: self.guaranteed("gold"),
            silver: self.guaranteed("silver"),
        }
    }

    /// That these are there, and everybody else's policy.
    async fn holds(&self, wanted: Wanted, why: &str) {
        assert_eq!(self.found().await, wanted, "{why}");
        let policies = 1 + usize::from(wanted.gold.is_some()) + usize::from(wanted.silver.is_some());
        assert_eq!(self.peer.ids().len(), policies, "{why}");
    }
}

#[tokio::test]
async fn a_failure_of_any_kind_takes_all_back() {
    let Some(cluster) = shared("a_failure_of_any_kind_takes_all_back") else { return };
    let mut scene = Scene::new(cluster, "both", "edge-4").await;
    let old = Wanted::all(60);
    assert_eq!(scene.apply(old).await, Outcome::Applied { serial: 1 });
    scene.holds(old, "applied").await;

    // The cluster cannot run the new version: no radio keeps the new shares, no policy the new guarantee.
    let bundle = scene.plan(Wanted::all(70));
    let mut options = scene.options(20);
    options.device_limit = Duration::from_secs(10);
    // The old pod is gone (there was no room for both) and comes back once the node takes pods again.
    let events = OnEvent(|event: &Event<'_>| match event {
        Event::Step(Step::Commit, _) => {
            cluster.kubectl(&["taint", "node", "edge-4", "maintenance=yes:NoSchedule"]);
        }
        Event::Step(Step::Abort, _) => {
            cluster.kubectl(&["taint", "node", "edge-4", "maintenance-"]);
        }
        _ => {}
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    scene.holds(old, "after a cluster that cannot").await;

    // A radio dies at the commit: the cluster runs the old version again.
    options.device_limit = Duration::from_secs(30);
    let bundle = scene.plan(Wanted::all(80));
    let victim = Mutex::new(scene.rigs.remove(0));
    let events = OnEvent(|event: &Event<'_>| match event {
        Event::Step(Step::Commit, _) => victim.lock().unwrap().kill_server(),
        Event::Step(Step::Abort, _) => victim.lock().unwrap().start_server(),
        _ => {}
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    scene.rigs.insert(0, victim.into_inner().unwrap());
    scene.holds(old, "after a radio that died").await;

    // The RIC takes the policies and never enforces them.
    scene.peer.with(|inside| inside.enforces = Enforces::Never("SCOPE_NOT_APPLICABLE"));
    let bundle = scene.plan(Wanted::all(90));
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    scene.peer.with(|inside| inside.enforces = Enforces::Soon);
    scene.holds(old, "after a policy that is not enforced").await;

    let gone = Wanted { server: Some(50), folder: Some(50), ..Wanted::default() };
    assert_eq!(scene.apply(gone).await, Outcome::Applied { serial: 2 });
    scene.holds(gone, "torn down").await;
    assert!(cluster.get(&["namespace", &scene.namespace()]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_dies_is_waited_for_and_one_that_stays_away_leaves_the_way_back() {
    // It is killed, so it is this test's own.
    let Some(cluster) = Cluster::start(1) else {
        skipped(
            "an_api_server_that_dies_is_waited_for_and_one_that_stays_away_leaves_the_way_back (no Kubernetes rig)",
        );
        return;
    };
    let mut scene = Scene::new(&cluster, "away", "edge-0").await;
    let bundle = scene.plan(Wanted::all(60));
    let (patient, short) = (scene.options(60), scene.options(5));
    std::thread::scope(|scope| {
        let events = OnEvent(|event: &Event<'_>| {
            if matches!(event, Event::Step(Step::Commit, _)) {
                cluster.signal("-USR1");
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_secs(3));
                    cluster.signal("-USR2");
                });
            }
        });
        let runtime = tokio::runtime::Handle::current();
        let outcome = tokio::task::block_in_place(|| {
            runtime.block_on(apply(&mut scene.state, &bundle, &patient, &events)).unwrap()
        });
        assert_eq!(outcome, Outcome::Applied { serial: 1 });
    });
    scene.holds(Wanted::all(60), "waited for").await;

    let bundle = scene.plan(Wanted::all(70));
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            cluster.signal("-USR1");
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &short, &events).await.unwrap();
    assert!(matches!(&outcome, Outcome::Partly { decided: false, failures, .. } if failures.len() == 1), "{outcome:?}");
    cluster.signal("-USR2");
    let recovered = recover(&mut scene.state, &patient, &Silent).await.unwrap();
    assert!(matches!(recovered, Some(Outcome::RolledBack { .. })), "{recovered:?}");
    scene.holds(Wanted::all(60), "taken back").await;

    // A teardown leaves nothing behind, what all share included.
    let bundle = scene.plan(Wanted { e2t: None, ..Wanted::all(60) });
    cluster.await_controllers();
    let notes = std::sync::Mutex::new(Vec::new());
    let events = OnEvent(|event: &Event<'_>| {
        if let Event::Note(_, note) = event {
            notes.lock().unwrap().push((*note).to_owned());
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &patient, &events).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    let ours = ["-A", "-l", "app.kubernetes.io/managed-by=ranform"];
    for kind in ["namespaces", "priorityclasses", "all,configmaps,networkpolicies,serviceaccounts,poddisruptionbudgets"]
    {
        assert!(cluster.get(&[&[kind], &ours[..]].concat()).is_empty(), "{kind}: {notes:?}");
    }
}

/// The process that is killed.
#[tokio::test]
async fn plays_the_victim() {
    victim::play(options).await;
}

#[tokio::test]
async fn killed_at_any_event_radios_cluster_and_policies_are_all_old_or_all_new() {
    let Some(cluster) = shared("killed_at_any_event_radios_cluster_and_policies_are_all_old_or_all_new") else {
        return;
    };
    let mut scene = Scene::new(cluster, "crash", "edge-5").await;
    assert_eq!(scene.apply(Wanted::all(60)).await, Outcome::Applied { serial: 1 });
    let (mut number, mut tally) = (60, Tally::default());
    let options = scene.options(60);
    for at in 1.. {
        let next = 130 - number;
        let bundle = scene.plan(Wanted::all(next));
        if !killed_at(scene.root(), &bundle, at).await {
            break;
        }
        let pending = scene.state.pending().unwrap();
        let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
        let old = number;
        if tally.is_new(at, pending.as_ref(), recovered) {
            number = next;
        }
        scene.holds(Wanted::all(number), &format!("at event {at}, from {old} to {next}")).await;
    }
    tally.check(20, 9);
}
