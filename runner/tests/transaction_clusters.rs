//! One plan over two real API servers, two contexts of one kubeconfig: each gets its own, one that dies takes the other back,
//! and one that dies after the decision is waited for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::path::Path;
use std::time::Duration;

use ranform::apply::{Event, Options, Outcome, Silent, apply, recover};
use ranform::exit::Exit;
use ranform::state::{State, Step};
use ranform_network::bundle::Bundle;
use ranform_network::deployment::RicPart;
use rig::cluster::Cluster;
use rig::faults::{Answer, Faults};
use rig::plan::*;
use rig::skipped::skipped;
use rig::software::{Part, compute_node_of};

/// A base station in a folder, and an E2 termination in each of two clusters, on nodes of one name.
struct Scene {
    folder: tempfile::TempDir,
    east: Cluster,
    west: Cluster,
    state: State,
}

/// Two kubeconfigs of the rig as one: the contexts `east` and `west`.
fn kubeconfig(east: &Cluster, west: &Cluster) -> String {
    let parts = [("east", east.kubeconfig()), ("west", west.kubeconfig())];
    let list = |name: &str| {
        let one = |(context, text): &(&str, String)| {
            let line = text.lines().find(|line| line.starts_with(&format!("{name}: ["))).unwrap().to_owned();
            let inside = line[name.len() + 3..line.len() - 1].to_owned();
            inside
                .replace("name: test,", &format!("name: {context},"))
                .replace("name: ranform,", &format!("name: {context},"))
                .replace("cluster: test, user: ranform", &format!("cluster: {context}, user: {context}"))
        };
        format!("{name}: [{}]\n", parts.iter().map(one).collect::<Vec<_>>().join(", "))
    };
    format!("apiVersion: v1\nkind: Config\n{}{}{}", list("clusters"), list("users"), list("contexts"))
}

impl Scene {
    fn new() -> Option<Self> {
        let (east, west) = (Cluster::start(1)?, Cluster::start(1)?);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kubeconfig"), kubeconfig(&east, &west)).unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        Some(Self { folder, east, west, state })
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The same number as the share of `red` and as the version of both E2 terminations; the second may be away.
    fn plan(&self, number: u32, west: bool) -> Bundle {
        let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 100 - number), ("red", number)]);
        for name in ["east", "west"].into_iter().filter(|name| west || *name == "east") {
            Part { context: name, ..Part::new(name, RicPart::E2t, "edge-0", number) }.add(&mut wanted);
        }
        plan(&self.state, &wanted)
    }

    fn options(&self, seconds: u64) -> Options {
        let mut options = options(self.root());
        (options.device_limit, options.settle_limit) = (Duration::from_secs(seconds), Duration::from_secs(seconds));
        options
    }

    /// Applies; something may happen to the cluster in the west at each event.
    async fn apply_while(
        &mut self,
        bundle: &Bundle,
        seconds: u64,
        on: impl Fn(&Cluster, &Event<'_>) + Send + Sync,
    ) -> Outcome {
        let options = self.options(seconds);
        let west = &self.west;
        let events = OnEvent(|event: &Event<'_>| on(west, event));
        apply(&mut self.state, bundle, &options, &events).await.unwrap()
    }

    /// The version that runs in a cluster; none where none does. No other RIC is there.
    fn version(cluster: &Cluster, name: &str) -> Option<u32> {
        let namespaces = cluster.get(&["namespaces", "-l", "app.kubernetes.io/managed-by=ranform"]);
        let names: Vec<&str> = namespaces.iter().map(|one| one["metadata"]["name"].as_str().unwrap()).collect();
        let found = cluster.get(&["deployments", "-n", &format!("ric-{name}")]);
        assert_eq!(names.len(), found.len().min(1), "{names:?}");
        let image = found.first()?["spec"]["template"]["spec"]["containers"][0]["image"].as_str()?.to_owned();
        image.rsplit(':').next()?.parse().ok()
    }

    async fn holds(&self, east: Option<u32>, west: Option<u32>, red: u32, why: &str) {
        assert_eq!((Self::version(&self.east, "east"), Self::version(&self.west, "west")), (east, west), "{why}");
        let stations = network(&[folder("devices/enb-0")], &[]);
        assert_eq!(shares(&self.state, &stations, self.root(), "red").await, [Some(red)], "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_change_together_or_not_at_all() {
    let Some(mut scene) = Scene::new() else {
        skipped("two_clusters_change_together_or_not_at_all (no Kubernetes rig: it needs Go 1.26 or later)");
        return;
    };
    let quiet = |_: &Cluster, _: &Event<'_>| {};
    let bundle = scene.plan(60, true);
    assert_eq!(scene.apply_while(&bundle, 60, quiet).await, Outcome::Applied { serial: 1 });
    scene.holds(Some(60), Some(60), 60, "each its own").await;

    // One says no in the middle: the other, which may be done, goes back, and no radio is told.
    let bundle = scene.plan(70, true);
    let no_pods = |west: &Cluster, event: &Event<'_>| match event {
        Event::Step(Step::Commit, _) => {
            west.kubectl(&["-n", "ric-west", "create", "quota", "none", "--hard=pods=0"]);
        }
        Event::Step(Step::Abort, _) => {
            west.kubectl(&["-n", "ric-west", "delete", "quota", "none"]);
        }
        _ => {}
    };
    let outcome = scene.apply_while(&bundle, 15, no_pods).await;
    let Outcome::RolledBack { causes } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(causes.keys().collect::<Vec<_>>(), [&compute_node_of("west", "west", "edge-0").0], "{causes:?}");
    scene.holds(Some(60), Some(60), 60, "one said no").await;

    // One dies when the commits begin and stays away: the other is taken back and proved, the one that is dead is named.
    let dies = |west: &Cluster, event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            west.signal("-USR1");
        }
    };
    let outcome = scene.apply_while(&bundle, 10, dies).await;
    assert_eq!(outcome.exit(), Exit::Partly, "{outcome:?}");
    let Outcome::Partly { settled, failures, decided: false, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(failures.keys().collect::<Vec<_>>(), [&compute_node_of("west", "west", "edge-0").0], "{failures:?}");
    assert!(settled.contains(&compute_node_of("east", "east", "edge-0").0), "{settled:?}");
    assert_eq!(Scene::version(&scene.east, "east"), Some(60), "taken back while the other is dead");
    // Back again, the next command ends it.
    scene.west.signal("-USR2");
    let options = scene.options(60);
    let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
    assert!(matches!(recovered, Some(Outcome::RolledBack { .. })), "{recovered:?}");
    scene.holds(Some(60), Some(60), 60, "one died").await;

    scene.west.await_controllers();
    // One dies once it is decided: it is waited for, and the way is forward.
    std::thread::scope(|scope| {
        let runtime = tokio::runtime::Handle::current();
        let options = scene.options(60);
        let west = &scene.west;
        let events = OnEvent(|event: &Event<'_>| {
            if matches!(event, Event::Decided) {
                west.signal("-USR1");
                scope.spawn(|| {
                    std::thread::sleep(Duration::from_secs(3));
                    west.signal("-USR2");
                });
            }
        });
        let work = apply(&mut scene.state, &bundle, &options, &events);
        let outcome = tokio::task::block_in_place(|| runtime.block_on(work)).unwrap();
        assert_eq!(outcome, Outcome::Applied { serial: 2 });
    });
    scene.holds(Some(70), Some(70), 70, "waited for").await;

    scene.west.await_controllers();
    // What goes from one leaves the other as it is.
    let bundle = scene.plan(65, false);
    assert_eq!(scene.apply_while(&bundle, 60, quiet).await, Outcome::Applied { serial: 3 });
    scene.holds(Some(65), None, 65, "one alone").await;

    // Another project takes the class away that both use, as it sees no workload of it just before ours is there.
    let nothing = plan(&scene.state, &network(&[folder("devices/enb-0")], &[("blue", 35), ("red", 65)]));
    assert_eq!(scene.apply_while(&nothing, 60, quiet).await, Outcome::Applied { serial: 4 });
    let bundle = scene.plan(75, false);
    let faults = Faults::before(&scene.east);
    let one_way = faults.kubeconfig(None).replace("test", "east");
    std::fs::write(scene.root().join("kubeconfig"), one_way).unwrap();
    let outcome = std::thread::scope(|scope| {
        let (runtime, options, east) = (tokio::runtime::Handle::current(), scene.options(60), &scene.east);
        let events = OnEvent(|event: &Event<'_>| {
            if matches!(event, Event::Step(Step::Commit, _)) {
                faults.add("PATCH", "/deployments/", 1, Answer::Late(Duration::from_secs(6)));
                scope.spawn(|| lose_class(east));
            }
        });
        let work = apply(&mut scene.state, &bundle, &options, &events);
        tokio::task::block_in_place(|| runtime.block_on(work)).unwrap()
    });
    assert_eq!((outcome, faults.clear()), (Outcome::Applied { serial: 5 }, 1));
    scene.holds(Some(75), None, 75, "its class brought back").await;
}

/// Once the PriorityClass is there, and before the workload is, the class goes.
fn lose_class(cluster: &Cluster) {
    let ours = ["priorityclass", "-l", "app.kubernetes.io/managed-by=ranform"];
    while cluster.get(&ours).is_empty() {
        std::thread::sleep(Duration::from_millis(100));
    }
    cluster.kubectl(&[&["delete"], &ours[..]].concat());
}
