//! One transaction over a folder, a real NETCONF server and a real Kubernetes API server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use ranform::apply::{Event, Outcome, Silent, apply, recover};
use ranform::exit::Exit;
use ranform::state::{State, Step};
use ranform_network::deployment::*;
use ranform_network::network::{ClusterAccess, ContextName, Management, Protocol, Reference, RicProfile};
use ranform_network::profile::PROFILES;
use ranform_network::{Address, Located, bundle::Bundle};
use rig::cluster::{Cluster, shared};
use rig::plan::*;
use rig::victim::{self, Tally, killed_at};
use rig::{Flavour, Modules, Rig};

struct Scene<'a> {
    folder: tempfile::TempDir,
    cluster: &'a Cluster,
    rigs: Vec<Rig>,
    ways: Vec<Management>,
    state: State,
    name: &'static str,
    node: &'static str,
}

impl<'a> Scene<'a> {
    /// A folder, a NETCONF server, and a RIC called `name` on this node of the cluster.
    fn new(cluster: &'a Cluster, name: &'static str, node: &'static str) -> Self {
        let project = tempfile::tempdir().unwrap();
        std::fs::write(project.path().join("kubeconfig"), cluster.kubeconfig()).unwrap();
        let rigs = vec![Rig::start(Flavour::Candidate, Modules::lte())];
        let ways = vec![netconf(&rigs[0]), folder("devices/enb-1")];
        let state = State::open(&project.path().join(".ranform")).unwrap();
        Self { folder: project, cluster, rigs, ways, state, name, node }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Shares of the radios and the version of the E2 termination; none for no RIC.
    fn plan(&self, red: u32, version: Option<u32>) -> Bundle {
        let mut wanted = network(&self.ways, &[("blue", 100 - red), ("red", red)]);
        if let Some(version) = version {
            self.add_ric(&mut wanted, version);
        }
        plan(&self.state, &wanted)
    }

    fn add_ric(&self, wanted: &mut Deployment, version: u32) {
        let device = Address::new("node", &format!("{}-{}", self.name, self.node));
        let cluster = ClusterAccess {
            context: Some(ContextName::Name("test".into())),
            node: Some(Located::new(self.node.into(), Default::default())),
        };
        let management = Management {
            protocol: Protocol::Kubernetes,
            endpoint: Located::new("context \"test\"".into(), Default::default()),
            user: None,
            credential: Some(Reference::File("kubeconfig".into())),
            host_key: None,
            a1: None,
            cluster: Some(cluster),
        };
        let name = device.last().1.to_owned();
        let entry = Device { profile: PROFILES["kubernetes"].clone(), management: Some(management), name };
        wanted.devices.insert(device.clone(), entry);
        let ric = Address::new("ric", self.name);
        let resource = RicInstanceResource {
            ric: ric.clone(),
            component: RicPart::E2t,
            xapp: None,
            e2_nodes: vec![Address::new("node", "enb-0"), Address::new("node", "enb-1")],
            stands_by_for: Vec::new(),
            chain: Vec::new(),
            tightest_loop: None,
            reads_sdl: false,
            endpoint: Some("10.0.0.1:36421".to_owned()),
            image: Some(format!("registry.example/e2t:{version}")),
            version: None,
            profile: RicProfile::Plain,
            stores: Vec::new(),
            pod_security: None,
            demand: Amounts::from([("cpu".to_owned(), 1.0), ("memory".to_owned(), 1e9)]),
            cluster: Some(ClusterPlace {
                node: self.node.to_owned(),
                namespace: self.namespace(),
                beside: None,
                replicas: 1,
                update: UpdateStrategy::Recreate,
                altered: Vec::new(),
            }),
        };
        let placed = Placed {
            resource: Resource::RicInstance(resource),
            device_id: format!("{}-e2t", self.name),
            device,
            span: Default::default(),
            tenant: None,
            owner: None,
        };
        wanted.placed.insert(ric.child("e2t", self.node), placed);
    }

    fn namespace(&self) -> String {
        format!("ric-{}", self.name)
    }

    async fn apply(&mut self, bundle: &Bundle) -> Outcome {
        let options = options(self.folder.path());
        apply(&mut self.state, bundle, &options, &Silent).await.unwrap()
    }

    /// The version of the E2 termination that runs; none where none does.
    fn version(&self) -> Option<u32> {
        let name = format!("{}-e2t-{}", self.name, self.node);
        let found = self.cluster.get(&["deployment", &name, "-n", &self.namespace()]);
        let image = found.first()?.pointer("/spec/template/spec/containers/0/image")?.as_str()?;
        image.rsplit(':').next()?.parse().ok()
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
}

#[tokio::test]
async fn a_failure_of_either_kind_takes_both_back() {
    let Some(cluster) = shared("a_failure_of_either_kind_takes_both_back") else { return };
    let mut scene = Scene::new(cluster, "both", "edge-4");
    let bundle = scene.plan(60, Some(1));
    assert_eq!(scene.apply(&bundle).await, Outcome::Applied { serial: 1 });
    assert_eq!((scene.red().await, scene.version()), (vec![Some(60); 2], Some(1)));

    // The cluster cannot run the new version: no radio keeps the new shares.
    let bundle = scene.plan(70, Some(2));
    cluster.kubectl(&["taint", "node", "edge-4", "maintenance=yes:NoSchedule"]);
    let mut options = options(scene.folder.path());
    options.device_limit = Duration::from_secs(10);
    // The old pod is gone (there was no room for both) and comes back once the node takes pods again.
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Abort, _)) {
            cluster.kubectl(&["taint", "node", "edge-4", "maintenance-"]);
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    assert_eq!((scene.red().await, scene.version()), (vec![Some(60); 2], Some(1)));

    // A radio dies at the commit: the cluster runs the old version again.
    options.device_limit = Duration::from_secs(30);
    let bundle = scene.plan(80, Some(3));
    let victim = Mutex::new(scene.rigs.remove(0));
    let events = OnEvent(|event: &Event<'_>| match event {
        Event::Step(Step::Commit, _) => victim.lock().unwrap().kill_server(),
        Event::Step(Step::Abort, _) => victim.lock().unwrap().start_server(),
        _ => {}
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome.exit(), Exit::RolledBack, "{outcome:?}");
    scene.rigs.insert(0, victim.into_inner().unwrap());
    assert_eq!((scene.red().await, scene.version()), (vec![Some(60); 2], Some(1)));

    let bundle = scene.plan(50, None);
    assert_eq!(scene.apply(&bundle).await, Outcome::Applied { serial: 2 });
    assert_eq!((scene.red().await, scene.version()), (vec![Some(50); 2], None));
    assert!(cluster.get(&["namespace", &scene.namespace()]).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_dies_is_waited_for_and_one_that_stays_away_leaves_the_way_back() {
    // It is killed, so it is this test's own.
    let Some(cluster) = Cluster::start(1) else {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: an_api_server_that_dies_is_waited_for_and_one_that_stays_away_leaves_the_way_back"
        );
        return;
    };
    let mut scene = Scene::new(&cluster, "away", "edge-0");
    let bundle = scene.plan(60, Some(1));
    let options = |seconds: u64| {
        let mut options = options(scene.folder.path());
        options.device_limit = Duration::from_secs(seconds);
        options.settle_limit = Duration::from_secs(seconds);
        options
    };
    let (patient, short) = (options(60), options(5));
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
    assert_eq!(scene.version(), Some(1));

    let bundle = scene.plan(70, Some(2));
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            cluster.signal("-USR1");
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &short, &events).await.unwrap();
    assert!(matches!(&outcome, Outcome::Partly { decided: false, failures } if failures.len() == 1), "{outcome:?}");
    cluster.signal("-USR2");
    let recovered = recover(&mut scene.state, &patient, &Silent).await.unwrap();
    assert!(matches!(recovered, Some(Outcome::RolledBack { .. })), "{recovered:?}");
    assert_eq!((scene.red().await, scene.version()), (vec![Some(60); 2], Some(1)));

    // A teardown leaves nothing behind, what all share included.
    let bundle = scene.plan(60, None);
    // Controllers that lost their server twice take their time.
    let outcome = apply(&mut scene.state, &bundle, &patient, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    let ours = ["-A", "-l", "app.kubernetes.io/managed-by=ranform"];
    for kind in ["namespaces", "priorityclasses", "all,configmaps,networkpolicies,serviceaccounts,poddisruptionbudgets"]
    {
        assert!(cluster.get(&[&[kind], &ours[..]].concat()).is_empty(), "{kind}");
    }
}

/// The process that is killed.
#[tokio::test]
async fn plays_the_victim() {
    victim::play(options).await;
}

#[tokio::test]
async fn killed_at_any_event_radios_and_cluster_are_all_old_or_all_new() {
    let Some(cluster) = shared("killed_at_any_event_radios_and_cluster_are_all_old_or_all_new") else { return };
    let mut scene = Scene::new(cluster, "crash", "edge-5");
    let bundle = scene.plan(60, Some(60));
    assert_eq!(scene.apply(&bundle).await, Outcome::Applied { serial: 1 });
    let (mut percent, mut tally) = (60, Tally::default());
    let options = options(scene.folder.path());
    for at in 1.. {
        let next = 130 - percent;
        let bundle = scene.plan(next, Some(next));
        if !killed_at(scene.root(), &bundle, at).await {
            break;
        }
        let pending = scene.state.pending().unwrap();
        let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
        let old = percent;
        if tally.is_new(at, pending.as_ref(), recovered) {
            percent = next;
        }
        let found = (scene.red().await, scene.version());
        assert_eq!(found, (vec![Some(percent); 2], Some(percent)), "at event {at}, from {old} to {next}");
    }
    tally.check(12, 7);
}
