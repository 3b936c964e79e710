//! Transactions over a near-RT RIC in each dialect together with a folder that plays a base station: all or nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rig/a1.rs"]
mod peer;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use peer::{A1Peer, Enforces, Speaks, slice_schema, steering_schema};
use ranform::apply::{Event, Events, Options, Outcome, Silent, apply, pack, rollback};
use ranform::drivers::{self, Difference, drift};
use ranform::patience::Patience;
use ranform::pipeline::{self, Inputs};
use ranform::state::State;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Change, Device};
use ranform_network::diagnostic::Severity;
use ranform_network::source::MemoryWorld;
use ranform_network::{Address, NoControl};
use serde_json::json;

const SLICE: &str = "ORAN_SliceSLATarget_1.0.0";
const STEERING: &str = "ORAN_TrafficSteeringPreference_2.0.0";

struct Scene {
    folder: tempfile::TempDir,
    state: State,
    peer: A1Peer,
    manage: String,
}

impl Scene {
    async fn new(speaks: Speaks) -> Self {
        let (slice, steering) = match speaks {
            Speaks::Osc => ("20008", "20009"),
            _ => (SLICE, STEERING),
        };
        let peer = A1Peer::start(speaks, &[(slice, slice_schema()), (steering, steering_schema())]).await;
        peer.foreign(slice, "somebody-elses");
        let manage = match speaks {
            Speaks::Standard => format!("manage a1 \"{}\"", peer.url),
            Speaks::Osc => {
                format!("manage a1 \"{}\" dialect osc types \"{SLICE}\" 20008, \"{STEERING}\" 20009", peer.url)
            }
            Speaks::PmsV2 => format!("manage a1 \"{}\" dialect pms-v2 ric \"ric1\" as \"smo\"", peer.url),
            Speaks::PmsV3 => format!("manage a1 \"{}\" dialect pms-v3 ric \"ric1\" as \"smo\"", peer.url),
        };
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        Self { folder, state, peer, manage }
    }

    fn intents(&self, policies: &str) -> String {
        format!(
            r#"language 1
            tenant red {{ plmn 001-01  slice 1:00000a }}
            node ric-1 : near-rt-ric {{ {} }}
            node gnb-1 : gnb {{
              plmn 001-01  gnb-id 411/22  parent ric-1  manage directory "devices/gnb-1"
              cell nr-1 {{ band n77  carrier 4.05GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 1  pci 1  tac 7 }}
              cell nr-2 {{ band n77  carrier 3.54GHz  bandwidth 50MHz  scs 30kHz  duplex tdd  local-id 2  pci 2  tac 7 }}
            }}
            limit {{ deletions 1000 }}
            {policies}"#,
            self.manage
        )
    }

    /// The plan of these intents against recorded state, through the file.
    fn plan_of(&self, intents: &str) -> Bundle {
        let world = MemoryWorld::default().with("main.intent", intents);
        let memory = self.state.memory().unwrap();
        let devices = memory.devices.clone();
        let planned = pipeline::plan(&Inputs {
            world: &world,
            compile: &Default::default(),
            memory: &memory,
            snapshot: None,
            telemetry: None,
            observation: "",
            selection: &Default::default(),
            today: None,
            control: &NoControl,
        });
        let errors: Vec<_> = planned
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .map(|found| &found.message)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let mut all: BTreeMap<Address, Device> = devices;
        all.extend(planned.deployment.devices);
        let mut bundle = Bundle {
            inverse: planned.changes.iter().map(Change::inverse).collect(),
            artifacts: pack(&planned.artifacts),
            devices: all,
            changes: planned.changes,
            ..Bundle::default()
        };
        bundle.origin.state_serial = self.state.serial().unwrap();
        Bundle::decode(&bundle.encode().0).unwrap().0
    }

    fn plan(&self, policies: &str) -> Bundle {
        self.plan_of(&self.intents(policies))
    }

    fn options(&self) -> Options {
        let mut options = Options::new(self.folder.path(), "apply test.ranplan");
        options.device_limit = Duration::from_secs(12);
        options.settle_limit = Duration::from_secs(20);
        options
    }

    async fn run(&mut self, bundle: &Bundle) -> Outcome {
        let options = self.options();
        apply(&mut self.state, bundle, &options, &Silent).await.unwrap()
    }

    async fn drift(&self) -> Vec<Difference> {
        let (recorded, devices) = (self.state.recorded().unwrap(), self.state.devices().unwrap());
        let limit = Duration::from_secs(20);
        let seen = drivers::observe(&devices, &recorded, self.folder.path(), 8, limit, &Patience::seconds(60)).await;
        seen.iter().flat_map(|(device, seen)| drift(device, &recorded, &seen.as_ref().unwrap().reading)).collect()
    }

    fn node_is_there(&self) -> bool {
        self.folder.path().join("devices/gnb-1/node.json").exists()
    }
}

const GOLD: &str = "policy gold { for tenant red  on cells gnb-1/nr-1  guarantee dl 50Mbps  at most 64 ues }";
const LESS: &str = "policy gold { for tenant red  on cells gnb-1/nr-1  guarantee dl 20Mbps  at most 64 ues }";
const STEER: &str = "policy steer { for tenant red  prefer cells gnb-1/nr-2  avoid cells gnb-1/nr-1 }";

#[tokio::test]
async fn policies_live_in_every_dialect() {
    for speaks in [Speaks::Standard, Speaks::Osc, Speaks::PmsV2, Speaks::PmsV3] {
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
        let back = rollback(&mut scene.state, &options, &Silent).await.unwrap();
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
    assert!(told[1].contains("not there"), "{told:?}");
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
    assert_eq!(rollback(&mut scene.state, &options, &Silent).await.unwrap(), Outcome::Applied { serial: 3 });
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

/// Keeps the notes of an apply.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Events for Notes {
    fn event(&self, event: &Event<'_>) {
        if let Event::Note(_, text) = event {
            self.0.lock().unwrap().push((*text).to_owned());
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
async fn busy_and_lying_peers_are_looked_at_before_anything_is_repeated() {
    // Method, how often, status (0: the connection breaks), whether it takes effect, how many writes then go out.
    let lies = [
        ("PUT", 1, 503, false, 2),
        ("PUT", 2, 429, false, 3),
        ("PUT", 1, 423, false, 2),
        ("PUT", 1, 500, true, 1),
        ("PUT", 1, 507, true, 1),
        ("PUT", 1, 0, true, 1),
        ("PUT", 1, 0, false, 2),
    ];
    for (method, times, status, effect, writes) in lies {
        let mut scene = Scene::new(Speaks::Standard).await;
        scene.peer.lie(method, times, status, effect);
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 }, "{status} {effect}");
        assert_eq!(scene.peer.writes(), writes, "{status} {effect}");
    }
    for (status, effect, writes) in [(503, true, 1), (503, false, 2), (0, true, 1), (502, false, 2)] {
        let mut scene = Scene::new(Speaks::Osc).await;
        let bundle = scene.plan(GOLD);
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
        scene.peer.writes();
        scene.peer.lie("DELETE", 1, status, effect);
        let bundle = scene.plan("");
        assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 }, "{status} {effect}");
        assert_eq!(scene.peer.ids(), ["somebody-elses"]);
        assert_eq!(scene.peer.writes(), writes, "{status} {effect}");
    }
    // Version 3 hides the code in the text of a 500.
    let mut scene = Scene::new(Speaks::PmsV3).await;
    scene.peer.lie("POST", 1, 500, false);
    scene.peer.with(|inside| {
        inside.lies[0].body =
            r#"{"status":500,"detail":"WebClientResponseException$TooManyRequests: 429 Too Many Requests"}"#
    });
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    assert_eq!(scene.peer.writes(), 2);
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

#[tokio::test]
async fn a_policy_that_is_there_under_our_id_is_not_overwritten() {
    let mut scene = Scene::new(Speaks::PmsV3).await;
    let bundle = scene.plan(GOLD);
    let (path, _) = bundle.artifacts.iter().find(|(path, _)| path.contains("policies/")).unwrap();
    let id = path.rsplit('/').next().unwrap().trim_end_matches(".json").to_owned();
    scene.peer.foreign(SLICE, &id);
    let outcome = scene.run(&bundle).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert_eq!(scene.peer.writes(), 0);
}

#[tokio::test]
async fn management_service_traps_are_seen() {
    // Our name is registered with a keep-alive: whatever we write would be deleted.
    let mut scene = Scene::new(Speaks::PmsV2).await;
    scene.peer.with(|inside| {
        inside.services.insert("smo".to_owned(), 20);
    });
    let bundle = scene.plan(GOLD);
    let outcome = scene.run(&bundle).await;
    let Outcome::Refused { failures } = &outcome else { panic!("{outcome:?}") };
    assert!(failures.values().any(|why| why.to_string().contains("keep-alive of 20 s")), "{failures:?}");
    assert_eq!(scene.peer.writes(), 0);
    // Without it all goes through; a policy that version 3 wrote last is read by version 3.
    scene.peer.with(|inside| inside.services.clear());
    let bundle = scene.plan(GOLD);
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let ours = |inside: &mut peer::Inside| {
        inside.policies.iter_mut().find(|(id, _)| id.starts_with("smo-gold")).unwrap().1.clone()
    };
    assert_eq!(scene.peer.with(ours).service, "smo");
    scene.peer.with(|inside| inside.policies.values_mut().for_each(|stored| stored.service.clear()));
    assert_eq!(scene.drift().await, []);
    // A change by version 2 makes it ours again.
    let bundle = scene.plan(&LESS.replace('}', " transient }"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 });
    assert_eq!(scene.peer.with(ours).service, "smo");
    assert!(scene.peer.with(ours).transient);

    // Version 3 would make a transient policy lasting by an update: it is made anew.
    let mut scene = Scene::new(Speaks::PmsV3).await;
    let bundle = scene.plan(&GOLD.replace('}', " transient }"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
    let bundle = scene.plan(&LESS.replace('}', " transient }"));
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 2 });
    assert!(scene.peer.with(ours).transient);
}

#[tokio::test]
async fn a_token_is_shown_and_never_told() {
    let mut scene = Scene::new(Speaks::Standard).await;
    scene.peer.with(|inside| inside.token = Some("s3cret".to_owned()));
    std::fs::write(scene.folder.path().join("token"), "wrong-one\n").unwrap();
    scene.manage.push_str(" token file \"token\"");
    let bundle = scene.plan(GOLD);
    let outcome = scene.run(&bundle).await;
    assert!(matches!(&outcome, Outcome::Refused { .. }), "{outcome:?}");
    assert!(!format!("{outcome:?}").contains("wrong-one"));
    std::fs::write(scene.folder.path().join("token"), "s3cret\n").unwrap();
    assert_eq!(scene.run(&bundle).await, Outcome::Applied { serial: 1 });
}
