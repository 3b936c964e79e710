//! The A1 driver against near-RT RICs that others wrote: the simulator of O-RAN SC in its three versions.
//!
//! `RANFORM_A1_SIMULATOR` names a checkout of github.com/o-ran-sc/sim-a1-interface; without it, nothing here runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rig/a1/mod.rs"]
mod peer;
#[path = "rig/a1_scene.rs"]
mod scene;
#[path = "rig/a1_simulator.rs"]
mod simulator;
#[path = "../../targets/tests/common/skipped.rs"]
mod skipped;

use std::time::{Duration, Instant};

use peer::Speaks;
use peer::schemas::{slice_schema, steering_schema};
use ranform::apply::{Event, Events, Outcome, Silent, apply, rollback};
use ranform::exit::Exit;
use ranform::state::Step;
use scene::*;
use serde_json::json;
use simulator::{Simulator, Way};

const VERSIONS: [(&str, Speaks); 3] =
    [("STD_2.0.0", Speaks::Standard), ("OSC_2.1.0", Speaks::Osc), ("STD_1.1.3", Speaks::StandardV1)];

/// A project whose RIC is the simulator: the test peer of its scene stands aside.
async fn at(simulator: &Simulator, speaks: Speaks) -> Scene {
    let scene = Scene::new(Speaks::Standard).await;
    Scene { manage: manage(speaks, &simulator.way.url), ..scene }
}

/// Types with schemas that refuse something.
fn load_types(way: &Way, speaks: Speaks) {
    let types = [(SLICE, 20008, slice_schema()), (STEERING, 20009, steering_schema())];
    for (name, number, schema) in types {
        let (id, body) = match speaks {
            Speaks::Osc => (
                number.to_string(),
                json!({ "name": name, "description": "", "policy_type_id": number, "create_schema": schema }),
            ),
            _ => (name.to_owned(), json!({ "policySchema": schema, "statusSchema": {} })),
        };
        assert_eq!(way.ask("PUT", &format!("/policytype?id={id}"), Some(&body)).0, 200);
    }
}

#[tokio::test]
async fn policies_live_at_peers_that_others_wrote() {
    for (version, speaks) in VERSIONS {
        let Some(simulator) = Simulator::start("policies_live_at_peers_that_others_wrote", version) else { return };
        let way = &simulator.way;
        if speaks != Speaks::StandardV1 {
            load_types(way, speaks);
            simulator.says("status=ENFORCED");
        }
        let others = json!({
            "scope": { "sliceId": { "sst": 9, "plmnId": { "mcc": "001", "mnc": "01" } } },
            "sliceSlaObjectives": { "maxNumberOfUes": 1 },
        });
        assert!(matches!(way.policy("PUT", 0, "somebody-elses", Some(&others)).0, 201 | 202));
        let mut scene = at(&simulator, speaks).await;

        let both = format!("{GOLD} {STEER}");
        let bundle = scene.plan(&both);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 }, "{version}");
        let first = way.held();
        assert_eq!(first.len(), 3, "{version}: {first:?}");
        let gold = first.keys().find(|id| id.contains("gold")).unwrap().clone();
        let steer = first.keys().find(|id| id.contains("steer")).unwrap().clone();
        assert_eq!(first[&gold]["sliceSlaObjectives"]["guaDlThptPerSlice"], json!(50000));
        assert!(scene.plan(&both).changes.is_empty(), "a second plan is empty");
        assert_eq!(scene.drift().await, [], "{version}");

        let bundle = scene.plan(&format!("{LESS} {STEER}"));
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 }, "{version}");
        assert_eq!(way.held()[&gold]["sliceSlaObjectives"]["guaDlThptPerSlice"], json!(20000));

        // Others edit one policy and delete the other.
        let mut edited = way.held()[&gold].clone();
        edited["sliceSlaObjectives"]["guaDlThptPerSlice"] = json!(1.5);
        let (second, was) = (way.held()[&gold].clone(), way.held()[&steer].clone());
        assert!(matches!(way.policy("PUT", 0, &gold, Some(&edited)).0, 200 | 202));
        assert!(matches!(way.policy("DELETE", 1, &steer, None).0, 202 | 204));
        let told: Vec<String> = scene.drift().await.iter().map(ToString::to_string).collect();
        assert!(told.len() == 2 && told[0].contains("is 1.5, not 20000") && told[1].ends_with("is gone"), "{told:?}");
        let bundle = scene.plan(GOLD);
        let outcome = scene.run(&bundle).await;
        assert!(matches!(&outcome, Outcome::Refused { .. }) && outcome.exit() == Exit::Stale, "{version}: {outcome:?}");
        way.policy("PUT", 0, &gold, Some(&second));
        way.policy("PUT", 1, &steer, Some(&was));
        assert_eq!(scene.drift().await, [], "{version}");

        let options = scene.options();
        let back = rollback(&mut scene.state, None, &options, &Silent).await.unwrap();
        assert_eq!((back, way.held()), (Outcome::Applied { serial: 3 }, first), "{version}");
        let teardown = scene.plan_of("language 1\nlimit { deletions 1000 }");
        assert_eq!(scene.run(&teardown).await, Outcome::Applied { serial: 4 }, "{version}");
        assert_eq!(way.held().into_keys().collect::<Vec<_>>(), ["somebody-elses"], "{version}");
        assert!(!scene.node_is_there());
    }
}

#[tokio::test]
async fn what_such_a_peer_never_enforces_or_would_refuse_is_not_left_there() {
    for (version, speaks) in &VERSIONS[..2] {
        let Some(simulator) = Simulator::start("what_such_a_peer_never_enforces_or_would_refuse", version) else {
            return;
        };
        load_types(&simulator.way, *speaks);
        let mut scene = at(&simulator, *speaks).await;
        // Its schema allows 1 Gbit/s.
        let bundle = scene.plan("policy gold { for tenant red  at most dl 2Gbps }");
        let outcome = scene.run(&bundle).await;
        assert!(matches!(&outcome, Outcome::Refused { .. }), "{version}: {outcome:?}");
        simulator.says("status=NOT_ENFORCED&reason=SCOPE_NOT_APPLICABLE");
        let bundle = scene.plan(GOLD);
        let outcome = scene.run(&bundle).await;
        assert!(format!("{outcome:?}").contains("SCOPE_NOT_APPLICABLE"), "{version}: {outcome:?}");
        assert!(matches!(&outcome, Outcome::RolledBack { .. }) && simulator.way.held().is_empty(), "{version}");
        assert!(!scene.node_is_there());
        // What is not enforced in time is told, and fails where it has to be.
        simulator.says("");
        let bundle = scene.plan(&GOLD.replace('}', " require enforced }"));
        let outcome = scene.run(&bundle).await;
        assert!(matches!(&outcome, Outcome::RolledBack { .. }) && simulator.way.held().is_empty(), "{version}");
        simulator.says("status=ENFORCED");
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 }, "{version}");
    }
}

/// Has the simulator answer the next request otherwise once devices are written.
struct Forces<'a>(&'a Way, &'static str);

impl Events for Forces<'_> {
    fn event(&self, event: &Event<'_>) {
        if let Event::Step(Step::Commit, _) = event {
            assert_eq!(self.0.ask("POST", self.1, None).0, 200);
        }
    }
}

#[tokio::test]
async fn what_such_a_peer_is_forced_to_answer_is_asked_again() {
    for (version, speaks) in &VERSIONS[..2] {
        let Some(simulator) = Simulator::start("what_such_a_peer_is_forced_to_answer", version) else { return };
        // Nobody but the driver asks, so that it is the one who is answered so; nor is there long to wait for a status.
        for forced in ["/forceresponse?code=429", "/forceresponse?code=503"] {
            let mut scene = at(&simulator, *speaks).await;
            let (bundle, mut options) = (scene.plan(GOLD), scene.options());
            options.device_limit = Duration::from_secs(7);
            let outcome = apply(&mut scene.state, &bundle, &options, &Forces(&simulator.way, forced)).await.unwrap();
            assert_eq!(outcome, Outcome::Applied { serial: 1 }, "{version} {forced}");
            assert_eq!(simulator.way.held().len(), 1, "{version} {forced}");
            simulator.way.ask("POST", "/deleteinstances", None);
        }
        simulator.says("status=ENFORCED");
        let mut scene = at(&simulator, *speaks).await;
        let (bundle, mut options) = (scene.plan(GOLD), scene.options());
        options.device_limit = Duration::from_secs(60);
        let begun = Instant::now();
        let slow = Forces(&simulator.way, "/forcedelay?delay=1");
        let outcome = apply(&mut scene.state, &bundle, &options, &slow).await.unwrap();
        assert_eq!(outcome, Outcome::Applied { serial: 1 }, "{version}");
        assert!(begun.elapsed() > Duration::from_secs(4), "{version}");
    }
}
