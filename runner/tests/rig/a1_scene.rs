//! A small project with a near-RT RIC at a test peer, planned from intents and applied.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use ranform::apply::{Event, Events, Options, Outcome, Silent, apply, pack};
use ranform::drivers::{self, Difference, drift};
use ranform::patience::Patience;
use ranform::pipeline::{self, Inputs};
use ranform::state::State;
use ranform_network::Address;
use ranform_network::bundle::Bundle;
use ranform_network::deployment::{Change, Device};
use ranform_network::diagnostic::Severity;
use ranform_network::source::MemoryWorld;
use tokio_rustls::TlsAcceptor;

use crate::peer::schemas::{slice_schema, steering_schema};
use crate::peer::{A1Peer, Speaks};

pub const SLICE: &str = "ORAN_SliceSLATarget_1.0.0";
pub const STEERING: &str = "ORAN_TrafficSteeringPreference_2.0.0";

/// A project with a base station in a folder and a near-RT RIC at a peer.
pub struct Scene {
    pub folder: tempfile::TempDir,
    pub state: State,
    pub peer: A1Peer,
    /// The `manage` line of the RIC.
    pub manage: String,
}

impl Scene {
    pub async fn new(speaks: Speaks) -> Self {
        Self::behind(speaks, None).await
    }

    /// The same, behind TLS where an acceptor is given.
    pub async fn behind(speaks: Speaks, tls: Option<TlsAcceptor>) -> Self {
        let (slice, steering) = match speaks {
            Speaks::Osc | Speaks::OscMediator => ("20008", "20009"),
            _ => (SLICE, STEERING),
        };
        let types = [(slice, slice_schema()), (steering, steering_schema())];
        let peer = A1Peer::start_at("127.0.0.1:0", speaks, &types, tls).await;
        peer.foreign(slice, "somebody-elses");
        let manage = manage(speaks, &peer.url);
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join(".ranform")).unwrap();
        Self { folder, state, peer, manage }
    }

    pub fn intents(&self, policies: &str) -> String {
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
    pub fn plan_of(&self, intents: &str) -> Bundle {
        let world = MemoryWorld::default().with("main.intent", intents);
        let memory = self.state.memory().unwrap();
        let devices = memory.devices.clone();
        let planned = pipeline::plan(&Inputs::new(&world, &Default::default(), &memory));
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

    pub fn plan(&self, policies: &str) -> Bundle {
        self.plan_of(&self.intents(policies))
    }

    pub fn options(&self) -> Options {
        let mut options = Options::new(self.folder.path(), "apply test.ranplan");
        options.device_limit = Duration::from_secs(12);
        options.settle_limit = Duration::from_secs(20);
        options
    }

    pub async fn run(&mut self, bundle: &Bundle) -> Outcome {
        let options = self.options();
        apply(&mut self.state, bundle, &options, &Silent).await.unwrap()
    }

    pub async fn drift(&self) -> Vec<Difference> {
        let (recorded, devices) = (self.state.recorded().unwrap(), self.state.devices().unwrap());
        let limit = Duration::from_secs(20);
        let seen = drivers::observe(&devices, &recorded, self.folder.path(), 8, limit, &Patience::seconds(60)).await;
        seen.iter().flat_map(|(device, seen)| drift(device, &recorded, &seen.as_ref().unwrap().reading)).collect()
    }

    pub fn node_is_there(&self) -> bool {
        self.folder.path().join("devices/gnb-1/node.json").exists()
    }
}

/// The `manage` line of a RIC of this interface.
pub fn manage(speaks: Speaks, url: &str) -> String {
    match speaks {
        Speaks::Standard => format!("manage a1 \"{url}\""),
        Speaks::StandardV1 => format!("manage a1 \"{url}\" dialect standard-v1"),
        Speaks::Osc | Speaks::OscMediator => {
            format!("manage a1 \"{url}\" dialect osc types \"{SLICE}\" 20008, \"{STEERING}\" 20009")
        }
        Speaks::PmsV2 => format!("manage a1 \"{url}\" dialect pms-v2 ric \"ric1\" as \"smo\""),
        Speaks::PmsV3 => format!("manage a1 \"{url}\" dialect pms-v3 ric \"ric1\" as \"smo\""),
    }
}

pub const GOLD: &str = "policy gold { for tenant red  on cells gnb-1/nr-1  guarantee dl 50Mbps  at most 64 ues }";
pub const LESS: &str = "policy gold { for tenant red  on cells gnb-1/nr-1  guarantee dl 20Mbps  at most 64 ues }";
pub const STEER: &str = "policy steer { for tenant red  prefer cells gnb-1/nr-2  avoid cells gnb-1/nr-1 }";

/// Keeps the notes of an apply.
#[derive(Default)]
pub struct Notes(pub Mutex<Vec<String>>);

impl Events for Notes {
    fn event(&self, event: &Event<'_>) {
        if let Event::Note(_, text) = event {
            self.0.lock().unwrap().push((*text).to_owned());
        }
    }
}
