//! Transactions over a near-RT RIC in each dialect together with a folder that plays a base station: all or nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rig/a1/mod.rs"]
mod peer;
#[path = "rig/a1_scene.rs"]
mod scene;
#[path = "rig/victim.rs"]
mod victim;

use std::collections::BTreeMap;
use std::time::Duration;

use peer::{Enforces, Speaks};
use ranform::apply::{Options, Outcome, Silent, apply, recover, rollback};
use scene::*;
use serde_json::{Value, json};
use victim::{Tally, killed_at};

#[tokio::test]
async fn policies_live_in_every_dialect() {
    for speaks in [Speaks::Standard, Speaks::StandardV1, Speaks::Osc, Speaks::OscMediator, Speaks::PmsV2, Speaks::PmsV3]
    {
        let mut scene = Scene::new(speaks).await;
        let both = format!("{GOLD} {STEER}");
        let bundle = scene.plan(&both);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 }, "{speaks:?}");
        assert_eq!(scene.peer.writes(), 2, "{speaks:?}");
        let ids = scene.peer.ids();
        assert_eq!(ids.len(), 3, "{ids:?}");
        assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))));
        let body = scene
            .peer
            .with(|inside| inside.policies.iter().find(|(id, _)| id.contains("gold")).unwrap().1.body.clone());
        let cell = json!({ "plmnId": { "mcc": "001", "mnc": "01" }, "cId": { "ncI": (411 << 14) + 1 } });
        let wanted = json!({
            "scope": { "sliceId": { "sst": 1, "sd": "00000A", "plmnId": { "mcc": "001", "mnc": "01" } } },
            "sliceSlaObjectives": { "guaDlThptPerSlice": 50000, "maxNumberOfUes": 64 },
            "sliceSlaResources": { "cellIdList": [cell] },
        });
        assert_eq!(body, wanted, "{speaks:?}");

        assert!(scene.plan(&both).changes.is_empty(), "a second plan is empty");
        assert_eq!(scene.drift().await, [], "{speaks:?}");
        assert_eq!(scene.peer.writes(), 0, "drift writes nothing");

        let bundle = scene.plan(LESS);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 }, "{speaks:?}");
        assert_eq!(scene.peer.ids().len(), 2);
        let options = scene.options();
        let back = rollback(&mut scene.state, None, &options, &Silent).await.unwrap();
        assert_eq!(back, Outcome::Applied { serial: 3 }, "{speaks:?}");
        assert_eq!(scene.peer.ids(), ids, "{speaks:?}");
        assert_eq!(scene.drift().await, [], "{speaks:?}");

        let teardown = scene.plan_of("language 1\nlimit { deletions 1000 }");
        assert_eq!(scene.run(&teardown).await, Outcome::Applied { serial: 4 }, "{speaks:?}");
        assert_eq!(scene.peer.ids(), ["somebody-elses"], "{speaks:?}");
        assert!(!scene.node_is_there());
    }
}

#[tokio::test]
async fn what_others_do_to_our_policies_is_drift_and_makes_a_plan_stale() {
    let mut scene = Scene::new(Speaks::Standard).await;
    let bundle = scene.plan(&format!("{GOLD} {STEER}"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let change = scene.plan(LESS);
    scene.peer.with(|inside| {
        let (_, gold) = inside.policies.iter_mut().find(|(id, _)| id.contains("gold")).unwrap();
        gold.body["sliceSlaObjectives"]["guaDlThptPerSlice"] = json!(1.5);
        inside.policies.retain(|id, _| !id.contains("steer"));
    });
    let found = scene.drift().await;
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("guarantee_dl_kbps is 1.5, not 50000"), "{told:?}");
    assert!(told[1].ends_with("is gone"), "{told:?}");
    scene.peer.writes();
    let outcome = scene.run(&change).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }) && outcome.exit() == ranform::exit::Exit::Stale, "{outcome:?}");
    assert_eq!(scene.peer.writes(), 0);
}

#[tokio::test]
async fn a_policy_of_another_type_never_takes_an_id_over() {
    let mut scene = Scene::new(Speaks::Standard).await;
    let first = scene.plan("policy one { for tenant red  at most 64 ues }");
    assert_eq!(scene.run(&first).await, Outcome::Applied { serial: 1 });
    let second = scene.plan("policy one { for tenant red  prefer cells gnb-1/nr-1 }");
    assert_eq!(scene.run(&second).await, Outcome::Applied { serial: 2 });
    let ids = scene.peer.ids();
    assert!(ids.len() == 2 && ids[0].ends_with(".TrafficSteeringPreference-2.0.0"), "{ids:?}");
    let options = scene.options();
    assert_eq!(rollback(&mut scene.state, None, &options, &Silent).await.unwrap(), Outcome::Applied { serial: 3 });
    assert!(scene.peer.ids()[0].ends_with(".SliceSLATarget-1.0.0"));
}

#[tokio::test]
async fn a_ric_that_never_enforces_takes_everything_back() {
    for speaks in [Speaks::Standard, Speaks::PmsV3] {
        let mut scene = Scene::new(speaks).await;
        for reason in ["SCOPE_NOT_APPLICABLE", "STATEMENT_NOT_APPLICABLE"] {
            scene.peer.with(|inside| inside.enforces = Enforces::Never(reason));
            let bundle = scene.plan(GOLD);
            let outcome = scene.run(&bundle).await;
            let Outcome::RolledBack { causes } = &outcome else { panic!("{outcome:?}") };
            assert!(causes.values().any(|cause| cause.to_string().contains(reason)), "{causes:?}");
            assert_eq!(scene.peer.ids(), ["somebody-elses"]);
            assert!(!scene.node_is_there());
        }
    }
}

#[tokio::test]
async fn what_is_not_said_to_be_enforced_is_a_note_unless_it_is_required() {
    let mut scene = Scene::new(Speaks::PmsV2).await;
    scene.peer.with(|inside| inside.enforces = Enforces::Never(""));
    let mut options = scene.options();
    options.device_limit = Duration::from_secs(7);
    let notes = Notes::default();
    let bundle = scene.plan(GOLD);
    let outcome = apply(&mut scene.state, &bundle, &options, &notes).await.unwrap();
    assert_eq!(outcome, Outcome::Applied { serial: 1 });
    let told = notes.0.into_inner().unwrap();
    assert!(told.len() == 1 && told[0].contains("does not say that it enforces it: it says nothing"), "{told:?}");

    let bundle = scene.plan(&LESS.replace('}', " require enforced }"));
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(scene.drift().await, []);
}

#[tokio::test]
async fn a_refusal_takes_everything_back() {
    let mut scene = Scene::new(Speaks::Standard).await;
    scene.peer.lie("PUT", 1, 507, false);
    let bundle = scene.plan(&format!("{GOLD} {STEER}"));
    let outcome = scene.run(&bundle).await;
    assert!(matches!(&outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(scene.peer.ids(), ["somebody-elses"]);
    assert!(!scene.node_is_there());
}

#[tokio::test]
async fn nothing_is_written_where_the_ric_would_refuse() {
    // Its schema allows 1 Gbit/s.
    let mut scene = Scene::new(Speaks::Standard).await;
    let bundle = scene.plan("policy gold { for tenant red  at most dl 2Gbps }");
    let outcome = scene.run(&bundle).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures.values().any(|why| why.to_string().contains("maxDlThptPerSlice")), "{failures:?}");
    // It does not list the type.
    scene.peer.with(|inside| drop(inside.types.remove(SLICE)));
    let bundle = scene.plan(GOLD);
    let outcome = scene.run(&bundle).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures.values().any(|why| why.to_string().contains("does not list policy type")), "{failures:?}");
    assert_eq!(scene.peer.writes(), 0);
    assert!(!scene.node_is_there());

    // A management service knows the RIC, but it is not available.
    let mut scene = Scene::new(Speaks::PmsV3).await;
    scene.peer.with(|inside| inside.state = "UNAVAILABLE".to_owned());
    let mut options = scene.options();
    options.device_limit = Duration::from_secs(3);
    let bundle = scene.plan(GOLD);
    let outcome = apply(&mut scene.state, &bundle, &options, &Silent).await.unwrap();
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert_eq!(scene.peer.writes(), 0);
}

/// The process that is killed.
#[tokio::test]
async fn plays_the_victim() {
    victim::play(|folder| Options::new(folder, "apply test.ranplan")).await;
}

/// What the peer holds of ours: type, body, and whether it may vanish.
fn ours(scene: &Scene) -> BTreeMap<String, (String, Value, bool)> {
    scene.peer.with(|inside| {
        let ours = inside.policies.iter().filter(|(id, _)| !id.ends_with("somebody-elses"));
        let held = ours.map(|(id, stored)| (id.clone(), (stored.kind.clone(), stored.body.clone(), stored.transient)));
        held.collect()
    })
}

/// Goes to and fro between two `manage` lines with policies, killed at each event: the peer holds all of the one or all
/// of the other.
async fn all_old_or_all_new(mut scene: Scene, sets: [(String, String); 2]) {
    let plan_to = |scene: &mut Scene, (manage, policies): &(String, String)| {
        scene.manage.clone_from(manage);
        scene.plan(policies)
    };
    let mut held = Vec::new();
    for (serial, set) in (1..).zip([&sets[1], &sets[0]]) {
        let bundle = plan_to(&mut scene, set);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial });
        held.insert(0, ours(&scene));
    }
    assert_ne!(held[0], held[1]);
    let (mut now, mut tally) = (0, Tally::default());
    let options = scene.options();
    for at in 1.. {
        let next = 1 - now;
        let bundle = plan_to(&mut scene, &sets[next]);
        if !killed_at(scene.folder.path(), &bundle, at).await {
            break;
        }
        let pending = scene.state.pending().unwrap();
        let recovered = recover(&mut scene.state, &options, &Silent).await.unwrap();
        if tally.is_new(at, pending.as_ref(), recovered) {
            now = next;
        }
        assert_eq!(ours(&scene), held[now], "at event {at}, to {next}");
        assert_eq!(scene.drift().await, [], "at event {at}");
    }
    tally.check(4, 2);
}

/// Version 3 of the management service is the one where least is sure: a changed transient policy is deleted and made anew,
/// and beside it one is created and, the other way, deleted.
#[tokio::test]
async fn killed_at_any_event_the_management_service_holds_all_old_or_all_new() {
    let scene = Scene::new(Speaks::PmsV3).await;
    let sets = [GOLD.replace('}', " transient }"), format!("{} {STEER}", LESS.replace('}', " transient }"))];
    let sets = sets.map(|policies| (scene.manage.clone(), policies));
    all_old_or_all_new(scene, sets).await;
}

/// It does not tell whether a policy is transient.
#[tokio::test]
async fn killed_at_any_event_a_policy_is_transient_or_lasting_as_it_should_be() {
    let scene = Scene::new(Speaks::PmsV3).await;
    let sets = [GOLD.replace('}', " transient }"), GOLD.to_owned()].map(|policies| (scene.manage.clone(), policies));
    all_old_or_all_new(scene, sets).await;
}

/// The old number's policy is deleted before the new one's is created, under one id.
#[tokio::test]
async fn killed_at_any_event_a_policy_is_under_one_number_of_its_type() {
    let scene = Scene::new(Speaks::Osc).await;
    scene.peer.with(|inside| {
        let schema = inside.types["20008"].clone();
        inside.types.insert("20010".to_owned(), schema);
    });
    let sets = ["20008", "20010"].map(|number| (scene.manage.replace("20008", number), GOLD.to_owned()));
    all_old_or_all_new(scene, sets).await;
}
