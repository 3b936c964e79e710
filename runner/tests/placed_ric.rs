//! A near-RT RIC whose software the same transaction places, moves or removes, together with its A1 policies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "scene/mod.rs"]
mod cli;
#[path = "rig/a1/mod.rs"]
mod peer;
#[path = "rig/a1_scene.rs"]
mod scene;
#[path = "rig/victim.rs"]
mod victim;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use peer::schemas::{slice_schema, steering_schema};
use peer::{A1Peer, Enforces, Speaks};
use ranform::apply::{Event, Events, Options, Outcome, Silent, apply, recover, rollback};
use ranform::order::{self, OrderLine};
use ranform::state::Step;
use ranform_network::Address;
use ranform_network::bundle::Bundle;
use scene::*;
use serde_json::Value;
use victim::{Tally, killed_at};

/// A scene whose RIC lives and dies with its management on a compute node.
async fn scene() -> Scene {
    let scene = Scene::new(Speaks::Standard).await;
    scene.peer.with(|inside| inside.lives_in = Some(scene.folder.path().join("devices")));
    scene
}

const NETWORK: &str = r#"
language 1
limit { deletions 1000 }
tenant red { plmn 001-01  slice 1:00000a }
site s { region "metro" }
node gnb-1 : gnb {
  site s  plmn 001-01  gnb-id 411/22  manage directory "devices/gnb-1"
  cell nr-1 { band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 1  pci 1  tac 7 }
  cell nr-2 { band n77  carrier 3.54GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 2  pci 2  tac 7 }
}
node edge : compute {
  site s  capacity cpu 8  cost fixed 30, management 16, e2t 16, sdl 8, nib 8  e2 "10.0.1.1:36421"
  manage directory "devices/edge"
}
node centre : compute {
  site s  capacity cpu 8  cost fixed 10, management 4, e2t 4, sdl 2, nib 2  e2 "10.0.9.1:36421"
  manage directory "devices/centre"
}
link gnb-1 -- edge { latency 1ms  rate 10Gbps }
link edge -- centre { latency 1ms  rate 10Gbps }
"#;

/// The network with its RIC on the cheap node, or on the other one, and these policies.
fn intents(scene: &Scene, drained: bool, policies: &str) -> String {
    let (manage, exclude) = (&scene.manage, if drained { "exclude centre" } else { "" });
    format!(
        "{NETWORK}
        ric plaza {{
          {manage}
          serves e2-nodes  candidates compute-nodes
          {exclude}
          component management {{ demand cpu 1 }}
          component e2t {{ demand cpu 1 }}
          component sdl {{ demand cpu 1 }}
          component nib {{ demand cpu 1 }}
        }}
        {policies}"
    )
}

fn both() -> String {
    format!("{GOLD} {STEER}")
}

fn ric() -> Address {
    Address::new("ric", "plaza")
}

/// Keeps what happens.
#[derive(Default)]
struct Story {
    steps: Mutex<Vec<String>>,
    notes: Mutex<Vec<String>>,
}

impl Events for Story {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Begins(device, step) => self.steps.lock().unwrap().push(format!("{} {device}", step.word())),
            Event::Note(_, note) => self.notes.lock().unwrap().push((*note).to_owned()),
            _ => {}
        }
    }
}

impl Story {
    /// When a device began a step.
    fn at(&self, step: Step, device: &str) -> usize {
        let line = format!("{} {device}", step.word());
        let steps = self.steps.lock().unwrap();
        steps.iter().position(|one| *one == line).unwrap_or_else(|| panic!("no {line}: {steps:?}"))
    }

    fn noted(&self, part: &str) -> bool {
        self.notes.lock().unwrap().iter().any(|note| note.contains(part))
    }
}

/// One device at a time, and no long waits.
async fn run(scene: &mut Scene, bundle: &Bundle) -> (Outcome, Story) {
    let (mut options, story) = (scene.options(), Story::default());
    options.parallelism = 1;
    options.device_limit = Duration::from_secs(4);
    options.settle_limit = Duration::from_secs(8);
    let shown = order::lines(&bundle.changes, &scene.state.recorded().unwrap(), &bundle.devices);
    let outcome = apply(&mut scene.state, bundle, &options, &story).await.unwrap();
    if matches!(outcome, Outcome::Applied { .. }) {
        goes_by(&shown, &story);
    }
    (outcome, story)
}

/// What a plan shows as its order is the order that was taken.
fn goes_by(shown: &[OrderLine], story: &Story) {
    for step in [Step::Commit, Step::Confirm] {
        let line = shown.iter().find(|line| line.step == step).unwrap();
        let turns = line.turns.iter().map(|groups| groups.iter().flat_map(|group| &group.first));
        let turns: Vec<Vec<usize>> =
            turns.map(|devices| devices.map(|device| story.at(step, device.as_str())).collect()).collect();
        assert!(turns.len() > 1, "{line:?}");
        for pair in turns.windows(2) {
            assert!(pair[0].iter().max() < pair[1].iter().min(), "{line:?}: {turns:?}");
        }
    }
}

async fn placed() -> Scene {
    let mut scene = scene().await;
    let bundle = scene.plan_of(&intents(&scene, false, &both()));
    let (outcome, story) = run(&mut scene, &bundle).await;
    assert_eq!(outcome, Outcome::Applied { serial: 1 });
    assert!(story.noted("no RIC answers yet"), "{:?}", story.notes);
    assert!(story.at(Step::Commit, "node.centre") < story.at(Step::Commit, "ric.plaza"));
    assert_eq!(scene.peer.held().len(), 2);
    assert_eq!(scene.drift().await, []);
    scene
}

#[tokio::test]
async fn a_ric_and_its_policies_come_and_go_in_one_transaction_each() {
    let mut scene = placed().await;
    let bundle = scene.plan_of(NETWORK);
    let (outcome, story) = run(&mut scene, &bundle).await;
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    assert!(story.at(Step::Confirm, "ric.plaza") < story.at(Step::Confirm, "node.centre"));
    assert!(scene.peer.held().is_empty());
    let options = scene.options();
    let back = rollback(&mut scene.state, None, &options, &Silent).await.unwrap();
    assert_eq!(back, Outcome::Applied { serial: 3 });
    assert_eq!(scene.peer.held().len(), 2, "a rollback deploys it and gives it its policies");
}

#[tokio::test]
async fn a_ric_that_is_gone_holds_its_own_removal_up_neither_before_nor_after_the_decision() {
    let mut scene = placed().await;
    scene.peer.stop();
    let bundle = scene.plan_of(NETWORK);
    let (outcome, story) = run(&mut scene, &bundle).await;
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    assert!(story.noted("its policies go with it"), "{:?}", story.notes);
    assert_eq!(scene.state.recorded().unwrap().values().filter(|known| known.device == ric()).count(), 0);
}

#[tokio::test]
async fn a_ric_that_stays_and_does_not_answer_is_refused_as_ever() {
    let mut scene = placed().await;
    scene.peer.stop();
    let bundle = scene.plan_of(&intents(&scene, false, &format!("{LESS} {STEER}")));
    let (outcome, _) = run(&mut scene, &bundle).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures[&ric()].is_out_of_reach(), "{failures:?}");
    assert_eq!(outcome.next_commands()[0], "ranform plan -exclude=ric.plaza/policy -out=FILE.ranplan");
}

#[tokio::test]
async fn a_ric_that_does_not_come_up_or_lacks_a_type_takes_everything_back() {
    for answers in [false, true] {
        let mut scene = scene().await;
        let wanted = if answers {
            scene.peer.with(|inside| drop(inside.types.remove(STEERING)));
            "does not list policy type"
        } else {
            scene.peer.stop();
            "is deployed and does not answer within"
        };
        let bundle = scene.plan_of(&intents(&scene, false, &both()));
        let (outcome, _) = run(&mut scene, &bundle).await;
        let Outcome::RolledBack { causes } = &outcome else { panic!("{outcome:?}") };
        assert!(causes[&ric()].to_string().contains(wanted), "{causes:?}");
        assert!(!scene.node_is_there() && scene.peer.held().is_empty());
        assert!(!scene.folder.path().join("devices/centre/management/plaza-management.json").exists());
    }
}

#[tokio::test]
async fn a_ric_that_moves_gets_the_policies_that_nothing_changes_too() {
    let mut scene = placed().await;
    let before = scene.peer.held();
    let bundle = scene.plan_of(&intents(&scene, true, &format!("{LESS} {STEER}")));
    let told = order::put_back(&bundle.changes, &scene.state.recorded().unwrap(), &bundle.devices);
    assert_eq!(told, [ric().child("policy", "steer")]);
    let (outcome, story) = run(&mut scene, &bundle).await;
    assert_eq!(outcome, Outcome::Applied { serial: 2 });
    assert!(story.noted("was not there any more and is put back"), "{:?}", story.notes);
    assert!(story.at(Step::Confirm, "node.edge") < story.at(Step::Confirm, "ric.plaza"));
    assert_eq!(scene.peer.held().len(), 2);
    assert_eq!(scene.drift().await, []);

    // Nothing of its policies changes: they are looked after all the same, and what is there is not written again.
    let bundle = scene.plan_of(&intents(&scene, false, &format!("{LESS} {STEER}")));
    assert!(bundle.changes.iter().all(|change| change.device != ric()));
    scene.peer.writes();
    let (outcome, _) = run(&mut scene, &bundle).await;
    assert_eq!(outcome, Outcome::Applied { serial: 3 });
    assert_eq!(scene.peer.held().keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert_eq!(scene.peer.writes(), 2);
}

/// Lists one more type of policies from the commits on, or does not.
struct Upgraded<'a>(&'a A1Peer, bool);

impl Events for Upgraded<'_> {
    fn event(&self, event: &Event<'_>) {
        if self.1 && matches!(event, Event::Step(Step::Commit, _)) {
            self.0.with(|inside| drop(inside.types.insert(STEERING.to_owned(), steering_schema())));
        }
    }
}

#[tokio::test]
async fn a_type_that_the_old_ric_does_not_list_is_judged_by_the_new_one() {
    for upgraded in [true, false] {
        let mut scene = scene().await;
        scene.peer.with(|inside| drop(inside.types.remove(STEERING)));
        let bundle = scene.plan_of(&intents(&scene, false, GOLD));
        assert_eq!(run(&mut scene, &bundle).await.0, Outcome::Applied { serial: 1 });
        // Where it stays, the one that is there judges, before anything is written.
        let bundle = scene.plan_of(&intents(&scene, false, &both()));
        assert!(matches!(run(&mut scene, &bundle).await.0, Outcome::Refused { .. }));
        let (before, bundle) = (scene.peer.held(), scene.plan_of(&intents(&scene, true, &both())));
        let mut options = scene.options();
        (options.device_limit, options.settle_limit) = (Duration::from_secs(4), Duration::from_secs(8));
        let upgrade = Upgraded(&scene.peer, upgraded);
        let outcome = apply(&mut scene.state, &bundle, &options, &upgrade).await.unwrap();
        if upgraded {
            assert_eq!(outcome, Outcome::Applied { serial: 2 });
            assert_eq!(scene.peer.held().len(), 2);
        } else {
            let Outcome::RolledBack { causes } = &outcome else { panic!("{outcome:?}") };
            assert!(causes[&ric()].to_string().contains("does not list policy type"), "{causes:?}");
            assert_eq!(scene.peer.held(), before);
        }
        assert_eq!(scene.drift().await, []);
    }
}

#[tokio::test]
async fn a_move_that_fails_gives_the_old_ric_its_policies_back() {
    let mut scene = placed().await;
    let before = scene.peer.held();
    // The new one has no room for the first policy that it is given.
    scene.peer.lie("PUT", 1, 507, false);
    let bundle = scene.plan_of(&intents(&scene, true, &both()));
    let (outcome, _) = run(&mut scene, &bundle).await;
    assert!(matches!(outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(scene.peer.held(), before);
    assert_eq!(scene.drift().await, []);
}

/// The process that is killed.
#[tokio::test]
async fn plays_the_victim() {
    victim::play(|folder| Options::new(folder, "apply test.ranplan")).await;
}

/// Goes to and fro between two networks, killed at each event: the RIC holds what belongs to the one or to the other.
async fn all_old_or_all_new(mut scene: Scene, networks: [String; 2]) {
    let mut held: Vec<BTreeMap<String, Value>> = Vec::new();
    for (serial, network) in (1..).zip([&networks[1], &networks[0]]) {
        let bundle = scene.plan_of(network);
        assert_eq!(run(&mut scene, &bundle).await.0, Outcome::Applied { serial });
        held.insert(0, scene.peer.held());
    }
    assert_ne!(held[0], held[1]);
    let (mut now, mut tally) = (0, Tally::default());
    let options = scene.options();
    for at in 1.. {
        let next = 1 - now;
        let bundle = scene.plan_of(&networks[next]);
        if !killed_at(scene.folder.path(), &bundle, at).await {
            break;
        }
        let pending = scene.state.pending().unwrap();
        let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
        if tally.is_new(at, pending.as_ref(), recovered) {
            now = next;
        }
        assert_eq!(scene.peer.held(), held[now], "at event {at}, to {next}");
        assert_eq!(scene.drift().await, [], "at event {at}");
    }
    tally.check(4, 2);
}

#[tokio::test]
async fn killed_at_any_event_a_ric_is_there_with_its_policies_or_neither_is() {
    let scene = scene().await;
    let networks = [NETWORK.to_owned(), intents(&scene, false, &both())];
    all_old_or_all_new(scene, networks).await;
}

#[tokio::test]
async fn killed_at_any_event_a_ric_that_moves_has_its_policies() {
    let scene = scene().await;
    let networks = [intents(&scene, false, &both()), intents(&scene, true, &format!("{LESS} {STEER}"))];
    all_old_or_all_new(scene, networks).await;
}

/// The shipped example with folders for its cluster and a real RIC, by the command line.
#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_slice_is_applied_before_its_ric_is_there_and_taken_down_after_it_is_gone() {
    let project = cli::project("smo-slice");
    let folder = project.path();
    let peer = A1Peer::start(Speaks::Standard, &[(SLICE, slice_schema())]).await;
    peer.with(|inside| inside.lives_in = Some(folder.join("devices")));
    for (node, name) in [("edge", "edge-0"), ("centre", "edge-1")] {
        let of_cluster = format!("manage kubernetes config file \"kubeconfig\" context \"test\" node \"{name}\"");
        cli::edit(folder, "main.intent", &of_cluster, &format!("manage directory \"devices/{node}\""));
    }
    let a1 = format!("manage a1 \"{}\"", peer.url);
    cli::edit(folder, "main.intent", "manage directory \"devices/ric-plaza\"", &a1);

    let without = cli::ok(folder, "plan -exclude=ric.plaza");
    assert!(without.contains("models that would run in it wait for it"), "{without}");
    assert!(!without.contains("/model."), "{without}");
    assert!(cli::ok(folder, "plan").contains("/model."));

    cli::ok(folder, "plan -refresh -out first.ranplan");
    let (code, out, err) = cli::run(folder, "apply first.ranplan");
    assert!(code == 0 && err.contains("no RIC answers yet"), "{out}{err}");
    assert_eq!(peer.held().len(), 1);
    assert_eq!(cli::run(folder, "drift"), (0, "No drift.\n".to_owned(), String::new()));
    peer.with(|inside| inside.enforces = Enforces::Never("OTHER_REASON"));
    let degraded = "warning[RF933]: ric.plaza/policy.red-video: there as applied and not in effect: the RIC says of it: NOT_ENFORCED, OTHER_REASON";
    for line in ["drift", "observe", "plan -refresh"] {
        assert!(cli::fails(folder, 0, line).contains(degraded), "{line}: {}", cli::fails(folder, 0, line));
    }
    let told: Value = serde_json::from_str(&cli::ok(folder, "drift -json")).unwrap();
    assert_eq!(told["degraded"]["ric.plaza/policy.red-video"], "the RIC says of it: NOT_ENFORCED, OTHER_REASON");
    peer.with(|inside| inside.enforces = Enforces::Soon);
    cli::edit(folder, "main.intent", "  candidates compute-nodes\n", "  candidates compute-nodes\n  exclude centre\n");
    let planned = cli::ok(folder, "plan");
    let last = "confirm, once all have committed: node.enb-1, node.gnb-1; then software on node.centre, node.edge; then policies of ric.plaza";
    assert!(planned.contains(last), "{planned}");
    let drained = cli::ok(folder, "apply -auto-approve");
    assert!(drained.contains("ric.plaza/policy.red-video  kept; put back where the RIC"), "{drained}");
    assert_eq!(peer.held().len(), 1);

    peer.stop();
    cli::edit(folder, "main.intent", "guarantee dl 50Mbps", "guarantee dl 60Mbps");
    let refused = cli::fails(folder, 1, "apply -auto-approve");
    assert!(refused.contains("ranform plan -exclude=ric.plaza/policy"), "{refused}");
    assert!(cli::ok(folder, "plan -exclude=ric.plaza/policy").contains("No changes"));
    std::fs::write(folder.join("main.intent"), "language 1\nlimit { deletions 100 }\n").unwrap();
    cli::ok(folder, "apply -auto-approve");
}
