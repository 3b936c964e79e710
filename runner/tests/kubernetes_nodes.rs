//! A node of a real cluster that is lost: its kubelet is a process of its own that ends, as a machine does that loses its
//! power. The cluster's own controllers say so, and what is planned there waits, fails in the intents' words, and goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rig;
mod scene;

use std::sync::Mutex;

use ranform::apply::{Event, Outcome, apply};
use ranform::state::Step;
use rig::cluster::shared;
use rig::cluster_project::Project;
use rig::cluster_scene::Scene;
use rig::plan::*;
use scene::*;

#[test]
fn a_node_that_falls_silent_is_told_by_its_cluster_and_the_plan_waits_for_it() {
    let Some(cluster) = shared("a_node_that_falls_silent_is_told_by_its_cluster_and_the_plan_waits_for_it") else {
        return;
    };
    let mut machine = cluster.add_machine("far-1");
    let project = Project::without_store(cluster, "silent", &["far-1"]);
    let folder = project.root();
    ok(folder, "apply -auto-approve");
    machine.stop();
    // Nobody says so but the controller that misses its heartbeats.
    machine.until("Unknown");
    let why = "node `far-1` is not ready (NodeStatusUnknown: Kubelet stopped posting node status.)";
    let found = run(folder, "drift");
    let found = format!("{}{}", found.1, found.2);
    assert!(found.contains("RF933") && found.contains(why), "{found}");
    assert!(found.contains("ric.silent/steering.far-1-silent"), "{found}");
    edit(folder, "main.intent", "steering:1.0", "steering:1.1");
    let before = cluster.get(&["deployments", "-n", &project.namespace]);
    let said = fails(folder, 1, "apply -auto-approve");
    let told =
        "node `far-1` takes no new pods: it is not ready (NodeStatusUnknown: Kubelet stopped posting node status.)";
    assert!(said.contains("RF927") && said.contains(told), "{said}");
    let generations =
        |all: &[serde_json::Value]| all.iter().map(|one| one["metadata"]["generation"].clone()).collect::<Vec<_>>();
    assert_eq!(generations(&before), generations(&cluster.get(&["deployments", "-n", &project.namespace])));
    machine.start();
    ok(folder, "apply -auto-approve");
    let again = ok(folder, "plan -refresh -detailed-exitcode");
    assert!(again.contains("No changes"), "{again}");
    // The pods that its kubelet did not start anew it does not mark as ready again.
    let (code, out, told) = run(folder, "drift");
    assert!(code == 0 && !told.contains("node `far-1`"), "{out}{told}");
    std::fs::write(folder.join("main.intent"), "language 1\n").unwrap();
    ok(folder, "apply -auto-approve");
    assert!(cluster.get(&["namespace", &project.namespace]).is_empty());
}

#[tokio::test]
async fn a_node_that_is_lost_during_an_apply_takes_everything_back_once_it_answers_again() {
    let name = "a_node_that_is_lost_during_an_apply_takes_everything_back_once_it_answers_again";
    let Some(cluster) = shared(name) else { return };
    let machine = Mutex::new(cluster.add_machine("far-2"));
    let mut scene = Scene::new(cluster, "lost", "far-2").await;
    let lost = || machine.lock().unwrap().fail("container runtime is down");
    let back = || machine.lock().unwrap().start();
    // It is back when everything is taken back.
    let outcome = scene.apply_while(70, 10, lost, back).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let reason = scene.reason(&outcome);
    let told = "node `far-2` is not ready (KubeletNotReady: container runtime is down)";
    assert!(reason.contains("`ric.lost/e2t.far-2`") && reason.contains(told), "{reason}");
    scene.holds(60, "back in time").await;
    assert_eq!(scene.apply(70).await, Outcome::Applied { serial: 2 });

    // It is not: what is where is told, and the next command goes on when it is back.
    let (bundle, options) = (scene.plan(60), scene.options(8));
    let events = OnEvent(|event: &Event<'_>| {
        if matches!(event, Event::Step(Step::Commit, _)) {
            lost();
        }
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &events).await.unwrap();
    let Outcome::Partly { decided: false, failures, .. } = &outcome else { panic!("{outcome:?}") };
    let failures: Vec<String> = failures.iter().map(|(device, failure)| format!("{device}: {failure}")).collect();
    assert!(failures.len() == 1 && failures[0].starts_with("node.lost-far-2: `ric.lost/e2t.far-2`"), "{failures:?}");
    assert!(failures[0].contains(told), "{failures:?}");
    back();
    assert!(matches!(scene.apply(60).await, Outcome::Applied { .. }));
    scene.holds(60, "gone on").await;
}
