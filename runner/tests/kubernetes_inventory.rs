//! The inventory of a node on a real Kubernetes API server: what it lists and when, what is removed by it, what is refused, and
//! what of it outlives a crash of ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use ranform::apply::{Event, Options, Outcome, apply, recover};
use ranform::exit::Exit;
use ranform::state::{State, Step};
use ranform_network::Address;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Deployment, Placed, RicPart};
use rig::cluster::{Cluster, shared};
use rig::plan::*;
use rig::software::{Part, compute_node};
use rig::victim::{self, killed_at};
use serde_json::{Value, json};

/// Two parts of a RIC on a node of the cluster.
struct Scene<'a> {
    folder: tempfile::TempDir,
    cluster: &'a Cluster,
    state: State,
    name: &'static str,
    node: &'static str,
}

/// How an apply ended, and what was noted on the way.
type Applied = (Outcome, Vec<String>);

impl<'a> Scene<'a> {
    fn new(cluster: &'a Cluster, name: &'static str, node: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kubeconfig"), cluster.kubeconfig()).unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        Self { folder, cluster, state, name, node }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn namespace(&self) -> String {
        format!("ric-{}", self.name)
    }

    fn part(&self, part: RicPart, version: u32) -> Part<'a> {
        Part::new(self.name, part, self.node, version)
    }

    /// The versions of the two parts, where they are there, and as a share the first.
    fn plan(&self, e2t: Option<u32>, sdl: Option<u32>) -> Bundle {
        let red = e2t.unwrap_or(50);
        let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 100 - red), ("red", red)]);
        for (part, version) in [(RicPart::E2t, e2t), (RicPart::Sdl, sdl)] {
            version.into_iter().for_each(|version| self.part(part, version).add(&mut wanted));
        }
        plan(&self.state, &wanted)
    }

    fn options(&self, seconds: u64) -> Options {
        let mut options = options(self.root());
        options.device_limit = Duration::from_secs(seconds);
        options
    }

    async fn apply(&mut self, bundle: &Bundle) -> Applied {
        self.apply_while(bundle, 30, || {}).await
    }

    /// Applies; something happens when the commits begin.
    async fn apply_while(&mut self, bundle: &Bundle, seconds: u64, commit: impl Fn() + Send + Sync) -> Applied {
        let (options, notes) = (self.options(seconds), Mutex::new(Vec::new()));
        let events = OnEvent(|event: &Event<'_>| match event {
            Event::Note(_, note) => notes.lock().unwrap().push((*note).to_owned()),
            Event::Step(Step::Commit, _) => commit(),
            _ => {}
        });
        let outcome = apply(&mut self.state, bundle, &options, &events).await.unwrap();
        (outcome, notes.into_inner().unwrap())
    }

    fn inventory(&self) -> Option<Value> {
        let name = format!("ranform-inventory-{}", self.node);
        self.cluster.get(&["configmap", &name, "-n", &self.namespace()]).pop()
    }

    /// The lines of the inventory.
    fn listed(&self) -> BTreeSet<String> {
        let found = self.inventory().unwrap_or_default();
        found["data"]["objects"].as_str().unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// The lines that it must have: every object of ours that is there, with its uid.
    fn there(&self) -> BTreeSet<String> {
        let (namespace, ours) = (self.namespace(), "app.kubernetes.io/managed-by=ranform");
        let kinds = "deployments,statefulsets,services,configmaps,serviceaccounts,networkpolicies,poddisruptionbudgets";
        let mut found = self.cluster.get(&[kinds, "-n", &namespace, "-l", ours]);
        found.extend(self.cluster.get(&["namespace", &namespace]));
        let classes: Vec<&Value> =
            found.iter().filter_map(|one| one.pointer("/spec/template/spec/priorityClassName")).collect();
        let all = self.cluster.get(&["priorityclasses"]);
        let used = all.iter().filter(|class| classes.contains(&&class["metadata"]["name"]));
        let line = |object: &Value| {
            let meta = &object["metadata"];
            let (name, uid) = (meta["name"].as_str().unwrap(), meta["uid"].as_str().unwrap());
            let place = meta["namespace"].as_str().map_or_else(|| name.to_owned(), |space| format!("{space}/{name}"));
            let instance = meta["labels"]["app.kubernetes.io/instance"].as_str().unwrap_or("-");
            let (version, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
            (!name.starts_with("ranform-inventory-")).then(|| format!("{version} {kind} {place} {uid} {instance}"))
        };
        found.iter().chain(used).filter_map(line).collect()
    }

    /// A Service that an earlier version of ranform would have made for an instance, or somebody else.
    fn service(&self, name: &str, instance: &str, owner: &str) -> Value {
        let object = json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name, "namespace": self.namespace(), "labels": {"app.kubernetes.io/managed-by": owner,
                "ranform.dev/node": self.node, "app.kubernetes.io/instance": instance}},
            "spec": {"ports": [{"port": 80}]}});
        let file = self.root().join("service.json");
        std::fs::write(&file, object.to_string()).unwrap();
        self.cluster.kubectl(&["create", "-f", &file.display().to_string()]);
        self.cluster.get(&["service", name, "-n", &self.namespace()]).remove(0)
    }

    /// Adds lines to the inventory as ranform would have written them.
    fn list(&self, lines: &[String]) {
        let mut inventory = self.inventory().unwrap();
        let all: Vec<String> = self.listed().into_iter().chain(lines.iter().cloned()).collect();
        inventory["data"]["objects"] = all.join("\n").into();
        let kept = ["name", "namespace", "labels"].map(|name| (name.to_owned(), inventory["metadata"][name].clone()));
        inventory["metadata"] = Value::Object(kept.into_iter().collect());
        let file = self.root().join("inventory.json");
        std::fs::write(&file, inventory.to_string()).unwrap();
        let file = file.display().to_string();
        self.cluster.kubectl(&["apply", "--server-side", "--field-manager=ranform", "-f", &file]);
    }

    fn row(&self, service: &Value, instance: &str) -> String {
        let (name, uid) = (&service["metadata"]["name"], &service["metadata"]["uid"]);
        format!("v1 Service {}/{} {} {instance}", self.namespace(), name.as_str().unwrap(), uid.as_str().unwrap())
    }

    fn services(&self) -> BTreeSet<String> {
        let found = self.cluster.get(&["services", "-n", &self.namespace()]);
        found.iter().map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    }

    fn failure(&self, outcome: &Outcome) -> String {
        let (Outcome::RolledBack { causes: failures } | Outcome::Refused { failures }) = outcome else {
            panic!("{outcome:?}")
        };
        failures[&compute_node(self.name, self.node).0].to_string()
    }
}

#[tokio::test]
async fn every_object_is_listed_with_its_uid_before_it_is_written_and_after() {
    let Some(cluster) = shared("every_object_is_listed_with_its_uid_before_it_is_written_and_after") else { return };
    let mut scene = Scene::new(cluster, "stock", "edge-0");
    let bundle = scene.plan(Some(60), None);
    assert_eq!(scene.apply(&bundle).await, (Outcome::Applied { serial: 1 }, vec![]));
    assert!(scene.listed().len() >= 8, "{:?}", scene.listed());
    assert_eq!(scene.listed(), scene.there());
    let first = scene.inventory().unwrap();
    assert_eq!((first["data"]["plan"].as_str().map(str::len), first["data"].get("transaction")), (Some(12), None));

    // When the commits begin everything that is to come is listed, with no uid yet, beside what is there.
    let bundle = scene.plan(Some(70), Some(1));
    let (name, node, namespace) = (scene.part(RicPart::Sdl, 1).object(), scene.node, scene.namespace());
    let seen = Mutex::new(Value::Null);
    let look = || {
        let inventory = format!("ranform-inventory-{node}");
        *seen.lock().unwrap() = cluster.get(&["configmap", &inventory, "-n", &namespace]).remove(0);
        cluster.kubectl(&["-n", &namespace, "create", "quota", "none", "--hard=count/deployments.apps=1"]);
    };
    let before = scene.listed();
    let (outcome, _) = scene.apply_while(&bundle, 10, look).await;
    assert!(matches!(outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let seen = seen.into_inner().unwrap();
    let lines: BTreeSet<String> = seen["data"]["objects"].as_str().unwrap().lines().map(str::to_owned).collect();
    let to_come: Vec<&String> = lines.difference(&before).collect();
    assert!(before.is_subset(&lines) && to_come.len() >= 5, "{lines:?}");
    assert!(to_come.iter().all(|line| line.ends_with(&format!(" - {name}"))), "{to_come:?}");
    assert!(seen["data"]["transaction"].as_str().unwrap().starts_with("ranform-"), "{seen}");
    // Taken back: as it was, the plan that is in force included.
    assert_eq!((scene.listed(), scene.inventory().unwrap()["data"].clone()), (before, first["data"].clone()));
    cluster.kubectl(&["-n", &namespace, "delete", "quota", "none"]);

    assert_eq!(scene.apply(&bundle).await.0, Outcome::Applied { serial: 2 });
    assert_eq!(scene.listed(), scene.there());
    assert!(scene.listed().iter().any(|line| line.contains("Deployment ric-stock/stock-sdl-edge-0")));
    let bundle = scene.plan(None, None);
    assert_eq!(scene.apply(&bundle).await.0, Outcome::Applied { serial: 3 });
    assert!(cluster.get(&["namespace", &namespace]).is_empty());
}

#[tokio::test]
async fn what_the_last_plan_owned_goes_by_the_inventory_and_what_is_not_that_object_is_refused() {
    let test = "what_the_last_plan_owned_goes_by_the_inventory_and_what_is_not_that_object_is_refused";
    let Some(cluster) = shared(test) else { return };
    let mut scene = Scene::new(cluster, "attic", "edge-1");
    let bundle = scene.plan(Some(60), Some(60));
    assert_eq!(scene.apply(&bundle).await.0, Outcome::Applied { serial: 1 });
    let [e2t, sdl] = [RicPart::E2t, RicPart::Sdl].map(|part| scene.part(part, 0).object());
    let ours = scene.services();
    // What an earlier version wrote and this one does not; of the data layer, which does not change, it stays.
    let old = scene.service("attic-old", &e2t, "ranform");
    let other = scene.service("attic-other", &sdl, "ranform");
    let unlisted = scene.service("attic-unlisted", &e2t, "ranform");
    scene.list(&[scene.row(&old, &e2t), scene.row(&other, &sdl)]);

    // Somebody made it anew: it is not what was applied, though it looks like it.
    let service = ["service", "attic-old", "-n", "ric-attic"];
    cluster.kubectl(&[&["delete"], &service[..]].concat());
    let anew = scene.service("attic-old", &e2t, "ranform");
    let bundle = scene.plan(Some(70), Some(60));
    let before = scene.inventory();
    let (outcome, _) = scene.apply(&bundle).await;
    assert_eq!(outcome.exit(), Exit::Stale, "{outcome:?}");
    let reason = scene.failure(&outcome);
    let told = format!(
        "Service `ric-attic/attic-old`, which somebody made anew: its uid is {}",
        anew["metadata"]["uid"].as_str().unwrap()
    );
    assert!(reason.contains(&told), "{reason}");
    assert_eq!(scene.inventory(), before, "nothing is written");
    // Or somebody else owns it by now.
    cluster.kubectl(&[
        "label",
        "--overwrite",
        "service",
        "attic-old",
        "-n",
        "ric-attic",
        "app.kubernetes.io/managed-by=Helm",
    ]);
    let (outcome, _) = scene.apply(&bundle).await;
    assert!(scene.failure(&outcome).contains("`ric-attic/attic-old`, which belongs to `Helm`"), "{outcome:?}");

    // The very object goes, with the change of its instance.
    cluster.kubectl(&[&["delete"], &service[..]].concat());
    let again = scene.service("attic-old", &e2t, "ranform");
    let lines: Vec<String> = scene.listed().into_iter().filter(|line| !line.contains("attic-old")).collect();
    let rewritten = [lines, vec![scene.row(&again, &e2t)]].concat().join("\n");
    let patch = json!({"data": {"objects": rewritten}}).to_string();
    cluster.kubectl(&[
        "patch",
        "configmap",
        "ranform-inventory-edge-1",
        "-n",
        "ric-attic",
        "--field-manager=ranform",
        "-p",
        &patch,
    ]);
    let (outcome, notes) = scene.apply(&bundle).await;
    assert_eq!(outcome, Outcome::Applied { serial: 2 }, "{notes:?}");
    let beside = ["attic-other", "attic-unlisted"].map(str::to_owned);
    assert_eq!(scene.services(), ours.iter().cloned().chain(beside).collect());
    drop(unlisted);
}

/// What takes into state what is there as wanted, without a write.
fn adopting(state: &State, wanted: &Deployment) -> Bundle {
    let nothing = Deployment { devices: wanted.devices.clone(), ..Deployment::default() };
    let mut bundle = plan(state, &nothing);
    let recorded = |(address, placed): (&Address, &Placed)| (address.clone(), recorded_of(placed));
    bundle.state.adopted = wanted.placed.iter().map(recorded).collect();
    bundle
}

#[tokio::test]
async fn what_no_state_knows_is_left_and_told() {
    let Some(cluster) = shared("what_no_state_knows_is_left_and_told") else { return };
    let mut scene = Scene::new(cluster, "orphan", "edge-2");
    let bundle = scene.plan(Some(60), Some(60));
    assert_eq!(scene.apply(&bundle).await.0, Outcome::Applied { serial: 1 });
    // State is lost, and what was applied last is found again in part: the data layer is in no intent any more.
    std::fs::remove_dir_all(scene.root().join(".ranform")).unwrap();
    scene.state = State::open(&scene.root().join(".ranform")).unwrap();
    let mut wanted = network(&[folder("devices/enb-0")], &[("blue", 40), ("red", 60)]);
    scene.part(RicPart::E2t, 60).add(&mut wanted);
    let bundle = adopting(&scene.state, &wanted);
    assert_eq!(scene.apply(&bundle).await.0, Outcome::Applied { serial: 1 });
    let bundle = scene.plan(Some(70), None);
    // It may be that of another project: it is taken over when somebody says so.
    let lost = scene.inventory().unwrap()["metadata"]["labels"]["ranform.dev/state"].as_str().unwrap().to_owned();
    let (outcome, _) = scene.apply(&bundle).await;
    let failure = scene.failure(&outcome);
    assert!(failure.ends_with(&format!(", by the inventories of state {}", &lost[..12])), "{failure}");
    let mut options = scene.options(30);
    options.takes_over = Some(lost[..12].to_owned());
    let notes = Mutex::new(Vec::new());
    let events = OnEvent(|event: &Event<'_>| {
        if let Event::Note(_, note) = event {
            notes.lock().unwrap().push((*note).to_owned());
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    let notes = notes.into_inner().unwrap();
    let told = "the inventory of `ric-orphan` lists what no plan knows any more (forgotten, or applied from a state that is lost); it is left as it is: ";
    assert!(
        matches!(notes.as_slice(), [note] if note.starts_with(told) && note.contains("Deployment `orphan-sdl-edge-2`")),
        "{notes:?}"
    );
    let sdl = scene.part(RicPart::Sdl, 0).object();
    assert_eq!(cluster.get(&["deployment", &sdl, "-n", "ric-orphan"]).len(), 1);
    assert!(!scene.listed().iter().any(|line| line.contains(&sdl)), "told once");
}

/// The process that is killed.
#[tokio::test]
async fn plays_the_victim() {
    victim::play(|root| {
        let mut options = options(root);
        options.device_limit = Duration::from_secs(10);
        options
    })
    .await;
}

#[tokio::test]
async fn what_was_not_ready_is_remembered_by_the_inventory_when_we_are_killed() {
    let Some(cluster) = shared("what_was_not_ready_is_remembered_by_the_inventory_when_we_are_killed") else { return };
    let mut scene = Scene::new(cluster, "amnesia", "edge-3");
    let bundle = scene.plan(Some(60), Some(60));
    assert_eq!(scene.apply(&bundle).await.0, Outcome::Applied { serial: 1 });
    let (namespace, sdl) = (scene.namespace(), scene.part(RicPart::Sdl, 0).object());
    cluster.deny_pods(&namespace, &sdl);
    let bundle = scene.plan(Some(70), Some(70));
    // Six events of the check and of the stage each, the commits begin, they begin here, and have failed here.
    assert!(killed_at(scene.root(), &bundle, 15).await);
    let image = |part: RicPart| {
        let found = cluster.get(&["deployment", &scene.part(part, 0).object(), "-n", &namespace]).remove(0);
        found["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()
    };
    assert_eq!(image(RicPart::E2t), "registry.example/e2t:70", "killed in the middle");
    let unready = scene.inventory().unwrap()["data"]["unready"].clone();
    assert!(unready.as_str().is_some_and(|text| text.starts_with(&format!("Deployment {sdl}: "))), "{unready}");

    let (begun, options) = (Instant::now(), scene.options(30));
    let notes = Mutex::new(Vec::new());
    let events = OnEvent(|event: &Event<'_>| {
        if let Event::Note(_, note) = event {
            notes.lock().unwrap().push((*note).to_owned());
        }
    });
    let mut state = State::open(&scene.root().join(".ranform")).unwrap();
    let outcome = recover(&mut state, &options, &events).await.unwrap();
    assert!(matches!(outcome, Some(Outcome::RolledBack { .. })), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!([RicPart::E2t, RicPart::Sdl].map(image), ["registry.example/e2t:60", "registry.example/sdl:60"]);
    let notes = notes.into_inner().unwrap();
    assert!(
        matches!(notes.as_slice(), [note] if note.contains("`ric.amnesia/sdl.edge-3`") && note.contains("not waited for")),
        "{notes:?}"
    );
    let data = scene.inventory().unwrap()["data"].clone();
    assert!(data.get("unready").is_none() && data.get("transaction").is_none(), "{data}");
    assert_eq!(scene.listed(), scene.there());
}
