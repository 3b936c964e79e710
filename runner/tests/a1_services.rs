//! The traps of the A1 policy management service: one space of ids over all RICs, owners that change their name, what
//! version 3 forgets and hides, and what a service does not know of its RIC.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rig/a1/mod.rs"]
mod peer;
#[path = "rig/a1_scene.rs"]
mod scene;

use std::sync::{Arc, Mutex};

use peer::{Enforces, Inside, Speaks, Stored};
use ranform::apply::{Event, Events, Outcome, Silent, apply, rollback};
use ranform::state::Step;
use ranform_network::bundle::Bundle;
use scene::*;
use serde_json::json;

fn gold(inside: &mut Inside) -> Stored {
    inside.policies.iter().find(|(id, _)| id.contains("gold")).unwrap().1.clone()
}

/// The id of the only policy of a bundle.
fn id_in(bundle: &Bundle) -> String {
    let (path, _) = bundle.artifacts.iter().find(|(path, _)| path.contains("policies/")).unwrap();
    path.rsplit('/').next().unwrap().trim_end_matches(".json").to_owned()
}

fn why(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused { failures } => failures.values().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_id_in_use_at_another_ric_of_the_service_is_refused_before_any_write() {
    for speaks in [Speaks::PmsV2, Speaks::PmsV3] {
        let mut scene = Scene::new(speaks).await;
        let bundle = scene.plan(GOLD);
        let id = id_in(&bundle);
        scene.peer.foreign_at("ric2", SLICE, &id);
        let told = why(&scene.run(&bundle).await);
        assert!(told.contains(&format!("holds policy `{id}` at RIC `ric2`")), "{told}");
        assert_eq!(scene.peer.writes(), 0);
        assert_eq!(scene.drift().await, []);
        // The same id under another type of our RIC is no better.
        scene.peer.foreign(STEERING, &id);
        let told = why(&scene.run(&bundle).await);
        assert!(told.contains("at RIC `ric1` under another type"), "{told}");
        assert_eq!(scene.peer.writes(), 0);

        // Two projects with equal names and owners, each at its RIC: their ids differ.
        let other = Scene::new(speaks).await;
        let manage = other.manage.replace("\"ric1\"", "\"ric2\"");
        let other = Scene { manage, ..other };
        assert_ne!(id_in(&other.plan(GOLD)), id);
    }
}

/// Somebody's policy of this id comes to be at another RIC between the check and the commit.
struct Faster(Arc<Mutex<Inside>>, String);

impl Events for Faster {
    fn event(&self, event: &Event<'_>) {
        if let Event::Step(Step::Commit, _) = event {
            let stored = Stored { ric: "ric2".into(), kind: SLICE.into(), body: json!({"x": 1}), ..Stored::default() };
            self.0.lock().unwrap().policies.insert(self.1.clone(), Stored { service: "other".into(), ..stored });
        }
    }
}

#[tokio::test]
async fn a_policy_at_another_ric_is_none_of_ours_to_overwrite_or_to_take_back() {
    for speaks in [Speaks::PmsV2, Speaks::PmsV3] {
        let mut scene = Scene::new(speaks).await;
        let (bundle, options) = (scene.plan(GOLD), scene.options());
        let id = id_in(&bundle);
        let faster = Faster(scene.peer.inside.clone(), id.clone());
        let outcome = apply(&mut scene.state, &bundle, &options, &faster).await.unwrap();
        assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{speaks:?}: {outcome:?}");
        let there = scene.peer.with(|inside| inside.policies[&id].clone());
        assert_eq!((there.ric.as_str(), there.service.as_str(), there.body), ("ric2", "other", json!({"x": 1})));
        assert!(!scene.node_is_there());
    }
}

#[tokio::test]
async fn version_3_changes_transient_alone_by_making_the_policy_anew() {
    let mut scene = Scene::new(Speaks::PmsV3).await;
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let transient = GOLD.replace('}', " transient }");
    // Taken back, it is lasting again.
    scene.peer.with(|inside| inside.enforces = Enforces::Never("SCOPE_NOT_APPLICABLE"));
    let bundle = scene.plan(&transient);
    let outcome = scene.run(&bundle).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert!(!scene.peer.with(gold).transient);
    scene.peer.with(|inside| inside.enforces = Enforces::Soon);
    scene.peer.writes();
    // A creation whose answer is lost is looked at before it is repeated.
    scene.peer.lie("POST", 1, 0, true);
    let bundle = scene.plan(&transient);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 });
    assert!(scene.peer.with(gold).transient);
    assert_eq!(scene.peer.writes(), 2);
    let options = scene.options();
    assert_eq!(rollback(&mut scene.state, None, &options, &Silent).await.unwrap(), Outcome::Applied { serial: 3 });
    assert!(!scene.peer.with(gold).transient);
}

#[tokio::test]
async fn a_policy_that_the_ric_has_lost_is_deleted_at_its_service_too() {
    for (speaks, writes) in [(Speaks::PmsV2, 1), (Speaks::PmsV3, 3)] {
        let mut scene = Scene::new(speaks).await;
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
        scene.peer.with(|inside| inside.lost.insert(id_in(&bundle)));
        scene.peer.writes();
        let bundle = scene.plan("");
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 }, "{speaks:?}");
        assert_eq!((scene.peer.ids(), scene.peer.writes()), (vec!["somebody-elses".to_owned()], writes), "{speaks:?}");
    }
}

#[tokio::test]
async fn an_owner_that_changes_its_name_keeps_its_policies() {
    let mut scene = Scene::new(Speaks::PmsV2).await;
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let id = id_in(&bundle);
    for (serial, name) in [(2, "beta"), (3, "gamma")] {
        scene.manage = format!("{} as \"{name}\"", scene.manage.split(" as ").next().unwrap());
        let bundle = scene.plan(GOLD);
        assert_eq!(bundle.changes.len(), 1);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial });
        let held = scene.peer.with(|inside| inside.policies[&id].clone());
        assert_eq!(held.service, name);
        assert!(scene.plan(GOLD).changes.is_empty());
    }
    // Taking back gives it back its former name; somebody else's is refused as before.
    let options = scene.options();
    assert_eq!(rollback(&mut scene.state, None, &options, &Silent).await.unwrap(), Outcome::Applied { serial: 4 });
    assert_eq!(scene.peer.with(gold).service, "beta");
    scene.peer.with(|inside| inside.policies.get_mut(&id).unwrap().service = "stranger".to_owned());
    let bundle = scene.plan(LESS);
    let told = why(&scene.run(&bundle).await);
    assert!(told.contains("taken over by service `stranger`"), "{told}");
}

#[tokio::test]
async fn a_policy_that_a_gateway_hides_is_not_absent() {
    let mut scene = Scene::new(Speaks::PmsV2).await;
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    // Version 3 wrote it last, and cannot be asked.
    scene.peer.with(|inside| {
        inside.policies.values_mut().for_each(|stored| stored.service.clear());
        inside.hides_version_3 = true;
    });
    scene.peer.writes();
    let bundle = scene.plan(LESS);
    let told = why(&scene.run(&bundle).await);
    assert!(told.contains("version 3 is not at `/a1-policy-management/v1/policies/"), "{told}");
    assert_eq!(scene.peer.writes(), 0);
}

#[tokio::test]
async fn what_a_service_cannot_say_of_its_ric_is_told_or_ordered_again() {
    let mut scene = Scene::new(Speaks::PmsV2).await;
    // The RIC may have taken it, and the service knows nothing of it.
    scene.peer.lie("PUT", 6, 502, false);
    let (bundle, options, notes) = (scene.plan(GOLD), scene.options(), Notes::default());
    let outcome = apply(&mut scene.state, &bundle, &options, &notes).await.unwrap();
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    let told = notes.0.into_inner().unwrap();
    assert!(told.len() == 1 && told[0].contains("until the service's next check"), "{told:?}");

    // The service compares ids only: the body from before is ordered again although the service shows it.
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    scene.peer.writes();
    scene.peer.lie("PUT", 6, 502, false);
    let (bundle, notes) = (scene.plan(LESS), Notes::default());
    let outcome = apply(&mut scene.state, &bundle, &options, &notes).await.unwrap();
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(scene.peer.writes(), 7);
    assert_eq!(notes.0.into_inner().unwrap(), [] as [&str; 0]);
    assert_eq!(scene.drift().await, []);
}
