//! A transaction that its user interrupts: called off at the first signal, left as it stands at the second.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rig/a1/mod.rs"]
mod peer;
#[path = "rig/a1_scene.rs"]
mod scene;

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use peer::{HANGS, Speaks};
use ranform::apply::{Outcome, Silent, apply, rollback};
use ranform::patience::Patience;
use ranform_network::Address;
use scene::*;
use tokio::process::{Child, Command};

/// How long anything may take that happens in a moment.
const MOMENT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn called_off_before_the_decision_everything_is_taken_back() {
    let mut scene = Scene::new(Speaks::Standard).await;
    scene.peer.lie("PUT", 1000, HANGS, false);
    let (bundle, mut options) = (scene.plan(GOLD), scene.options());
    let (patience, canceller) = Patience::new(Duration::from_secs(3600));
    options.patience = patience;
    let node = scene.folder.path().join("devices/gnb-1/node.json");
    let watched = node.clone();
    let watching = tokio::spawn(async move {
        appears(&watched).await;
        canceller.cancel();
    });
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    watching.await.unwrap();
    assert_eq!(outcome, Outcome::RolledBack { causes: Default::default() });
    assert!(!node.exists());
    assert_eq!(scene.peer.ids(), ["somebody-elses"]);
    assert!(scene.state.pending().unwrap().is_none());
}

#[tokio::test]
async fn called_off_before_it_begins_nothing_is_written() {
    let mut scene = Scene::new(Speaks::Standard).await;
    let (bundle, mut options) = (scene.plan(GOLD), scene.options());
    let (patience, canceller) = Patience::new(Duration::from_secs(3600));
    canceller.cancel();
    options.patience = patience;
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert_eq!(outcome, Outcome::RolledBack { causes: Default::default() });
    assert!(!scene.node_is_there() && scene.peer.writes() == 0);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
}

#[tokio::test]
async fn the_first_interrupt_calls_the_command_off() {
    for signal in ["-INT", "-TERM"] {
        let (scene, child) = hanging().await;
        send(signal, &child).await;
        let output = ended(child).await;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(7), "{said}");
        assert!(said.contains("interrupted: taking back") && said.contains("everything was put back"), "{said}");
        assert!(!scene.node_is_there());
        assert!(scene.state.pending().unwrap().is_none());
    }
}

#[tokio::test]
async fn a_shorter_limit_of_the_command_line_is_the_end_of_a_device_that_hangs() {
    let scene = Scene::new(Speaks::Standard).await;
    scene.peer.lie("PUT", 1000, HANGS, false);
    std::fs::write(scene.folder.path().join("main.intent"), scene.intents(GOLD)).unwrap();
    // Without the flag it would be a minute, which is longer than anything may take here.
    let output = ended(ranform(&scene, &["apply", "-auto-approve", "-device-timeout=2s"])).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(said.contains("node.ric-1") && !scene.node_is_there(), "{said}");
    assert!(scene.state.pending().unwrap().is_none());
}

#[tokio::test]
async fn the_second_interrupt_leaves_it_to_the_next_command() {
    let (scene, child) = hanging().await;
    // From now on the RIC answers nothing at all, so that taking back does not end.
    scene.peer.lie("GET", 100_000, HANGS, false);
    send("-INT", &child).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    send("-INT", &child).await;
    let output = ended(child).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("next: ranform rollback"), "{said}");
    assert!(scene.state.pending().unwrap().is_some());

    scene.peer.with(|inside| inside.lies.clear());
    let output = ended(ranform(&scene, &["rollback", "-auto-approve"])).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!scene.node_is_there());
    assert!(scene.state.pending().unwrap().is_none());
}

#[tokio::test]
async fn a_device_that_died_for_good_is_given_up() {
    let (mut scene, child) = hanging().await;
    scene.peer.lie("GET", 100_000, HANGS, false);
    send("-INT", &child).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    send("-INT", &child).await;
    assert_eq!(ended(child).await.status.code(), Some(130));
    scene.peer.stop();
    let mut options = scene.options();
    options.settle_limit = Duration::from_secs(2);
    let outcome = rollback(&mut scene.state, None, &options, &Silent).await.unwrap();
    let Outcome::Partly { settled, waiting, failures, decided: false } = &outcome else { panic!("{outcome:?}") };
    let (gnb, ric) = (Address::new("node", "gnb-1"), Address::new("node", "ric-1"));
    assert_eq!((settled.as_slice(), waiting.len()), ([gnb].as_slice(), 0));
    assert_eq!(failures.keys().collect::<Vec<_>>(), [&ric]);
    let told = &ranform::failure::outcome(&outcome)[0];
    assert!(told.message.contains("as before: node.gnb-1; not known: node.ric-1"), "{}", told.message);
    assert!(told.help.iter().any(|help| help.contains("`ranform rollback -without=node.ric-1`")), "{told:?}");

    let output = ended(ranform(&scene, &["rollback", "-auto-approve", "-without=node.ric-9"])).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`node.ric-9` takes no part") && said.contains("node.ric-1"), "{said}");
    let output = ended(ranform(&scene, &["rollback", "-auto-approve", "-without=node.ric-1"])).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("node.ric-1: given up"), "{said}");
    assert!(said.contains("it may hold what was new") && said.contains("`node.ric-1/policy.gold`"), "{said}");
    assert!(!scene.node_is_there());
    assert!(scene.state.pending().unwrap().is_none());
    let output = ended(ranform(&scene, &["rollback", "-auto-approve", "-without=node.ric-1"])).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("no transaction is pending"));
}

#[tokio::test]
async fn what_a_device_that_was_given_up_should_have_lost_is_planned_to_go_when_it_is_back() {
    let mut scene = Scene::new(Speaks::Standard).await;
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    scene.peer.lie("DELETE", 100_000, HANGS, false);
    let (bundle, mut options) = (scene.plan(""), scene.options());
    options.device_limit = Duration::from_secs(2);
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert!(matches!(outcome, Outcome::Partly { decided: true, .. }), "{outcome:?}");
    std::fs::write(scene.folder.path().join("main.intent"), scene.intents("")).unwrap();
    let output = ended(ranform(&scene, &["rollback", "-auto-approve", "-without=node.ric-1"])).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("planned to go again: `node.ric-1/policy.gold`"), "{said}");
    assert!(scene.state.pending().unwrap().is_none());
    // It is back, and enforces what nobody wants any more.
    scene.peer.with(|inside| inside.lies.clear());
    assert_eq!(scene.peer.ids().len(), 2);
    let output = ended(ranform(&scene, &["apply", "-auto-approve"])).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("- node.ric-1/policy.gold  delete"), "{said}");
    assert_eq!(scene.peer.ids(), ["somebody-elses"]);
    let output = ended(ranform(&scene, &["plan", "-refresh", "-detailed-exitcode"])).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// A command that has configured the folder and waits for a RIC that never answers.
async fn hanging() -> (Scene, Child) {
    let scene = Scene::new(Speaks::Standard).await;
    scene.peer.lie("PUT", 1000, HANGS, false);
    std::fs::write(scene.folder.path().join("main.intent"), scene.intents(GOLD)).unwrap();
    let child = ranform(&scene, &["apply", "-auto-approve"]);
    appears(&scene.folder.path().join("devices/gnb-1/node.json")).await;
    (scene, child)
}

fn ranform(scene: &Scene, arguments: &[&str]) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("ranform"));
    command.args(arguments).current_dir(scene.folder.path()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

async fn ended(child: Child) -> Output {
    tokio::time::timeout(MOMENT, child.wait_with_output()).await.expect("it ends").unwrap()
}

async fn send(signal: &str, child: &Child) {
    let id = child.id().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().await.unwrap().success());
}

async fn appears(file: &Path) {
    let there = async {
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(MOMENT, there).await.expect("the folder is configured");
}
