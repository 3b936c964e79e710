//! The software that RICs and requests need, as the nodes that run it hold it: typed and complete, so that a target
//! decides nothing. Demands are what an instance is given: requests and limits alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::access::{LoginReference, ReachedNode, SecretReference};
use super::settings::PodSettings;
use crate::address::Address;
use crate::network::{PodSecurity, RicProfile, Toleration};

/// Amounts by resource: `cpu` in cores, `memory` and `storage` in bytes, any other in its own unit.
pub type Amounts = BTreeMap<String, f64>;

/// An instance of a component or xApp of a near-RT RIC; its device is the compute node that runs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RicInstanceResource {
    /// The RIC it is a part of.
    pub ric: Address,
    /// What it is.
    pub component: RicPart,
    /// The xApp's name in its RIC; none for a platform component. Derived once: a `moved` leaves it as it is, here and in
    /// the chains of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xapp: Option<String>,
    /// The E2 nodes it serves, in address order.
    pub e2_nodes: Vec<Address>,
    /// Of an xApp, what its E2 nodes are called on E2, in address order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<ReachedNode>,
    /// The E2 nodes it stands by for, in address order: it serves them when their E2 termination is lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_by_for: Vec<Address>,
    /// The xApps that its loop goes on to, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// Of the control loops that pass through it, the one with the least time to spare; none where no loop does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tightest_loop: Option<InstanceLoop>,
    /// Whether it reads the shared data layer.
    pub reads_sdl: bool,
    /// Where others find it: E2 nodes an E2 termination (`10.0.0.5:36421`), A1 policies the management (a URL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The Secrets of its namespace by which its images are pulled, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pull_secrets: Vec<String>,
    /// The Secrets of its namespace that it is given, sorted: references, never what is in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretReference>,
    /// What operators say of its pods.
    #[serde(flatten)]
    pub settings: PodSettings,
    /// Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whose conventions it follows.
    #[serde(default, skip_serializing_if = "RicProfile::is_plain")]
    pub profile: RicProfile,
    /// The stores of its E2 nodes' data, as `NAMESPACE/NODE`; only where conventions want it told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<String>,
    /// The components of its RIC that it works with, as a cluster runs them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Peer>,
    /// The Pod Security level, where it is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_security: Option<PodSecurity>,
    /// What each of its replicas needs.
    pub demand: Amounts,
    /// How many of it there are, where that is several and no cluster says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Where a cluster runs it, and how; none where no cluster does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterPlace>,
}

/// Where a Kubernetes cluster runs an instance, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterPlace {
    /// The Kubernetes node that must run it, by its label `kubernetes.io/hostname`.
    pub node: String,
    /// The namespace of its objects; derived once, like ids on devices.
    pub namespace: String,
    /// The namespace of those that it works with, where it has one of its own: it needs more of its node than they may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// What its objects are called, where another thing has the name that follows from its id; derived once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
    /// The taints of that node that its pods bear.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// How many pods.
    pub replicas: u32,
    /// How a new version takes the place of the old one.
    pub update: UpdateStrategy,
    /// What others hold otherwise in its objects than it follows from the rest: `Service spec.ports`, `NetworkPolicy is
    /// gone`. Nothing of it is ever decided, so that it is drift wherever it is found.
    pub altered: Vec<String>,
}

impl ClusterPlace {
    /// The namespace of the system that it is a part of.
    pub fn system(&self) -> &str {
        self.beside.as_deref().unwrap_or(&self.namespace)
    }

    /// Every namespace in which it has objects.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.namespace.as_str()).chain(self.beside.as_deref())
    }
}

/// How a new version takes the place of the old one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateStrategy {
    /// The old one stops first: the node has no room for both, or keeps it for others.
    #[default]
    Recreate,
    /// The new one starts first: the node has room for both.
    Surge,
}

impl RicInstanceResource {
    /// The address that it says of itself, where `node` runs it.
    pub fn address(&self, node: &Address) -> Address {
        super::ric_instance_address(&self.ric, &self.noun(), node)
    }

    /// The noun that it is known by where it runs: a `moved` of an xApp leaves it as it is.
    pub fn noun(&self) -> String {
        super::ric_instance_noun(self.name(), self.xapp.is_some())
    }

    /// The word of the component, or the xApp's name in its RIC.
    pub fn name(&self) -> &str {
        self.xapp.as_deref().unwrap_or(self.component.word())
    }
}

/// What an instance of a near-RT RIC is (O-RAN.WG3 RICARCH).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RicPart {
    /// Near-RT RIC management.
    Management,
    /// E2 termination.
    E2t,
    /// Shared data layer.
    Sdl,
    /// Network information base.
    Nib,
    /// An xApp.
    Xapp,
}

impl RicPart {
    /// The word of the language.
    pub fn word(self) -> &'static str {
        match self {
            Self::Management => "management",
            Self::E2t => "e2t",
            Self::Sdl => "sdl",
            Self::Nib => "nib",
            Self::Xapp => "xapp",
        }
    }
}

/// A control loop through an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceLoop {
    /// The xApp that heads it.
    pub xapp: String,
    /// What it may take, there and back, in nanoseconds.
    pub budget_ns: u64,
    /// What it takes at most over the E2 nodes of the instance, in nanoseconds.
    pub worst_ns: u64,
}

/// An instance of a model; its device is the node that hosts it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelInstanceResource {
    /// The model of the catalog.
    pub model: Address,
    /// What it is called in a cluster, where that is not the model's name: derived once, a `moved` leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
    /// What kind of application it is, by where it runs.
    pub application: Application,
    /// The near-RT RIC that it is an xApp of, where it is one of a RIC that is placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ric: Option<Address>,
    /// The node that it runs for, where that is hosted on the one that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted: Option<Address>,
    /// The functions it performs here, sorted.
    pub functions: Vec<String>,
    /// Whom it serves, by request, function and target.
    pub consumers: Vec<Consumer>,
    /// The least time that any of them gives it, from the collection of its data to its output, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_ns: Option<u64>,
    /// Whether other requests may be served by it as well.
    pub shared: bool,
    /// The kind of its input, e.g. `metrics`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Bytes that it takes from each source, per execution.
    pub input_bytes: u64,
    /// The ways by which its inputs come, sorted.
    pub connectors: Vec<Connector>,
    /// The nodes that it reads and sets, as they are known on O1 or E2, in address order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<ReachedNode>,
    /// As whom it logs in there over O1; none where it does not, or nothing says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<LoginReference>,
    /// The parameters of its targets that it sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// Container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The Secrets of its namespace by which its images are pulled, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pull_secrets: Vec<String>,
    /// The Secrets of its namespace that it is given, sorted: references, never what is in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretReference>,
    /// What operators say of its pods.
    #[serde(flatten)]
    pub settings: PodSettings,
    /// Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The containers that bring its inputs, sorted; by a connector without one it gets them itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connector_containers: Vec<ConnectorContainer>,
    /// Whose conventions it follows: those of its RIC.
    #[serde(default, skip_serializing_if = "RicProfile::is_plain")]
    pub profile: RicProfile,
    /// The stores of its targets' data, as `NAMESPACE/NODE`; only where conventions want it told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<String>,
    /// The components of its RIC that it works with, as a cluster runs them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Peer>,
    /// The Pod Security level, where it is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_security: Option<PodSecurity>,
    /// What each of its replicas needs, connectors included.
    pub demand: Amounts,
    /// How many of it there are, where that is several and no cluster says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Where a cluster runs it, and how; none where no cluster does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterPlace>,
}

impl ModelInstanceResource {
    /// What it is called in a cluster: its labels, its descriptor, and its objects where it serves one request.
    pub fn called(&self) -> &str {
        self.called.as_deref().unwrap_or_else(|| self.model.last().1.trim_matches('"'))
    }
}

/// A component of a RIC that others of it work with, as a cluster runs it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Peer {
    /// What it is.
    pub component: RicPart,
    /// The namespace of its objects.
    pub namespace: String,
    /// The node that runs it, by its label `kubernetes.io/hostname`.
    pub node: String,
    /// Its id on that node, of which the names of its objects are made.
    pub id: String,
    /// What its objects are called, where that does not follow from its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
}

/// The container of a connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectorContainer {
    /// Which.
    pub connector: Connector,
    /// Container image.
    pub image: String,
    /// Its part of what the instance needs.
    pub demand: Amounts,
}

/// A target of a request that a model instance serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Consumer {
    /// The request.
    pub request: Address,
    /// The function wanted.
    pub function: String,
    /// The node it is wanted for.
    pub target: Address,
    /// The nodes its data come from.
    pub sources: Vec<Address>,
}

/// The kind of an application (O-RAN.WG1 OAD; dApps: the term of OrchestRAN).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Application {
    /// On the non-RT RIC.
    Rapp,
    /// On a near-RT RIC.
    Xapp,
    /// On a CU, DU or RU.
    Dapp,
}

impl Application {
    /// The word printed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rapp => "rApp",
            Self::Xapp => "xApp",
            Self::Dapp => "dApp",
        }
    }
}

/// How an application gets its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connector {
    /// O1 streams of the managed elements, to rApps.
    O1,
    /// E2 subscriptions, to xApps; a radio unit's data are exposed by the E2 node above it.
    E2,
    /// Inside the node that hosts it, or over F1 from the unit below, to dApps.
    Dapp,
    /// A tap of the fronthaul, to dApps that read a radio unit.
    Fronthaul,
}

impl Connector {
    /// All, with the words of the language.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::O1, "o1"), (Self::E2, "e2"), (Self::Dapp, "dapp"), (Self::Fronthaul, "fronthaul")];

    /// The word of the language.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(way, _)| *way == self).map_or("", |(_, word)| word)
    }
}
