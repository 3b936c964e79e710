//! Software to be placed: near-RT RICs, models, requests for models.

use serde::{Deserialize, Serialize};

use super::{Entity, Name, NodeKind};
use crate::deployment::Connector;
use crate::ids::*;
use crate::source::{Located, Span};
use crate::units::*;

/// A near-RT RIC to place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ric {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The E2 nodes it serves, sorted.
    pub e2_nodes: Vec<NodeId>,
    /// Where they are selected.
    pub e2_nodes_span: Span,
    /// The compute nodes it may use, sorted.
    pub candidates: Vec<NodeId>,
    /// Where they are selected.
    pub candidates_span: Span,
    /// Its components; each kind once.
    pub components: Vec<RicComponent>,
    /// Its xApps.
    pub xapps: Vec<Xapp>,
    /// Component instances that must stay: component or xApp name, node.
    pub pins: Vec<(Located<Name>, Located<NodeId>)>,
    /// Compute nodes that must not be used.
    pub exclusions: Vec<Located<NodeId>>,
    /// The most E2 nodes that one E2 termination serves.
    pub serves_at_most: Option<Located<u32>>,
    /// Components whose instances must not share a place.
    pub spread: Vec<Spread>,
    /// How policies reach it; none where none do.
    pub peer: Option<super::RicPeer>,
    /// Whose conventions its software follows.
    pub profile: RicProfile,
}

/// Whose conventions the software of a near-RT RIC follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RicProfile {
    /// Nobody's: components as O-RAN.WG3 RICARCH has them.
    #[default]
    Plain,
    /// The O-RAN Software Community's: SDL and NIB are one Redis, xApps have a descriptor, Services are named as there.
    Osc,
}

impl RicProfile {
    /// Those that have a word in the language.
    pub const ALL: [(Self, &'static str); 1] = [(Self::Osc, "osc")];

    /// Whether SDL and NIB are one store.
    pub fn has_one_store(&self) -> bool {
        *self == Self::Osc
    }

    /// Whether nothing is said.
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }
}

/// A level of the Pod Security Standards of Kubernetes, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PodSecurity {
    /// What every function has that needs nothing else.
    Restricted,
    /// Containers may run as root.
    Baseline,
    /// Whatever the function needs of its node.
    Privileged,
}

impl PodSecurity {
    /// All, with the words of the language.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Restricted, "restricted"), (Self::Baseline, "baseline"), (Self::Privileged, "privileged")];

    /// The word, which is also Kubernetes'.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(level, _)| *level == self).map_or("", |(_, word)| word)
    }
}

/// No two instances of a component or xApp share a place. Of the E2 termination it says more: each E2
/// node has a second one within the loop budgets, in another place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The component or xApp.
    pub component: Located<Name>,
    /// What they must not share.
    pub across: SpreadAcross,
}

/// What instances that are spread do not share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SpreadAcross {
    /// A site.
    Site,
    /// A region.
    Region,
    /// A compute node: true of all instances, so that it says something of the E2 termination only.
    Node,
}

impl SpreadAcross {
    /// All, with the words of the language.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Site, "site"), (Self::Region, "region"), (Self::Node, "node")];
}

/// The kinds of near-RT RIC components (RIC-O section IV).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ComponentKind {
    /// Near-RT RIC management.
    Management,
    /// E2 termination.
    E2t,
    /// Shared data layer.
    Sdl,
    /// Network information base.
    Nib,
}

impl ComponentKind {
    /// All kinds with the words of the language.
    pub const ALL: [(ComponentKind, &'static str); 4] =
        [(Self::Management, "management"), (Self::E2t, "e2t"), (Self::Sdl, "sdl"), (Self::Nib, "nib")];
}

/// A component of a near-RT RIC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RicComponent {
    /// Which.
    pub kind: ComponentKind,
    /// Where it is declared.
    pub span: Span,
    /// What an instance needs, by resource, sorted.
    pub demand: Vec<(Name, f64)>,
    /// What an instance needs more for each E2 node it serves, by resource, sorted.
    pub demand_per_e2_node: Vec<(Name, f64)>,
    /// The most E2 nodes that an instance serves; for the E2 termination see also [`Ric::serves_at_most`].
    pub serves_at_most: Option<Located<u32>>,
    /// Cost of an instance where the node does not say.
    pub cost: Option<f64>,
    /// Time per visit.
    pub processing: Nanoseconds,
    /// Container image.
    pub image: Option<Located<Name>>,
    /// The Secrets by which its images are pulled, sorted.
    pub pull_secrets: Vec<Located<Name>>,
    /// The Secrets that it is given, in the order of their places.
    pub secrets: Vec<SecretUse>,
    /// What its containers are started with, and what its pods carry.
    pub settings: Settings,
    /// The Pod Security level, where it is stated.
    pub pod_security: Option<Located<PodSecurity>>,
}

/// An xApp of a near-RT RIC.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Xapp {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// What each replica of an instance needs, by resource, sorted.
    pub demand: Vec<(Name, f64)>,
    /// What each replica needs more for each E2 node it serves, by resource, sorted.
    pub demand_per_e2_node: Vec<(Name, f64)>,
    /// The most E2 nodes that an instance serves.
    pub serves_at_most: Option<Located<u32>>,
    /// Cost of an instance where the node does not say.
    pub cost: Option<f64>,
    /// Control loop budget, a round trip; none for a chain member without its own loop.
    pub loop_budget: Option<Located<Nanoseconds>>,
    /// Whether it reads the shared data layer.
    pub uses_sdl: bool,
    /// The xApps walked after it, in order: indexes into the RIC's xApps.
    pub chain: Vec<Located<usize>>,
    /// Time per visit.
    pub processing: Nanoseconds,
    /// Container image.
    pub image: Option<Located<Name>>,
    /// The Secrets by which its images are pulled, sorted.
    pub pull_secrets: Vec<Located<Name>>,
    /// The Secrets that it is given, in the order of their places.
    pub secrets: Vec<SecretUse>,
    /// What its containers are started with, and what its pods carry.
    pub settings: Settings,
    /// Version.
    pub version: Option<Name>,
    /// How many pods of it each chosen node runs, where it is said; one where not.
    pub replicas: Option<Located<u32>>,
    /// The Pod Security level, where it is stated.
    pub pod_security: Option<Located<PodSecurity>>,
}

/// How many pods of something there are; one where it is not said.
pub fn replicas(said: Option<Located<u32>>) -> u32 {
    said.map_or(1, |replicas| replicas.value)
}

/// What so many pods need together.
fn of_all(demand: &[(Name, f64)], pods: u32) -> Vec<(Name, f64)> {
    demand.iter().map(|(name, amount)| (name.clone(), amount * f64::from(pods))).collect()
}

impl Xapp {
    /// What an instance needs: all its replicas together.
    pub fn demand_of_all(&self) -> Vec<(Name, f64)> {
        of_all(&self.demand, replicas(self.replicas))
    }

    /// What it needs more for each E2 node it serves: every replica may come to serve each of them.
    pub fn demand_of_all_per_e2_node(&self) -> Vec<(Name, f64)> {
        of_all(&self.demand_per_e2_node, replicas(self.replicas))
    }
}

impl Model {
    /// What an instance needs: all its replicas together.
    pub fn demand_of_all(&self) -> Vec<(Name, f64)> {
        of_all(&self.demand, replicas(self.replicas))
    }
}

/// A Secret of its namespace that software is given: which, and where it finds it; never what is in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecretUse {
    /// The Secret.
    pub secret: Located<Name>,
    /// The entry of it that is given; all of them where none is named.
    pub key: Option<Located<Name>>,
    /// Where the software finds it.
    pub place: SecretPlace,
    /// The connector that gets it; the software itself where none is named.
    pub connector: Option<Located<Connector>>,
}

impl SecretUse {
    /// The folder in which it is; none where it is in the environment.
    pub fn folder(&self) -> Option<&str> {
        match &self.place {
            SecretPlace::Folder(folder) => Some(&folder.value),
            SecretPlace::Variable(_) => None,
        }
    }

    /// The variable of the environment that holds it; none where it is a file.
    pub fn variable(&self) -> Option<&str> {
        match &self.place {
            SecretPlace::Variable(variable) => Some(&variable.value),
            SecretPlace::Folder(_) => None,
        }
    }
}

/// What operators say of the pods of software that no plan decides.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// What the entrypoints of its images are given, by container: each once.
    pub args: Vec<Arguments>,
    /// The variables of its environment, in the order of their places.
    pub variables: Vec<Variable>,
    /// The annotations of its pods, key and value, sorted.
    pub annotations: Vec<(Located<Name>, Name)>,
}

/// What the entrypoint of a container's image is given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arguments {
    /// In order.
    pub values: Vec<Name>,
    /// Where they are written.
    pub span: Span,
    /// The connector that gets them; the software itself where none is named.
    pub connector: Option<Located<Connector>>,
}

/// A variable of an environment, and what it says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variable {
    /// The variable.
    pub name: Located<Name>,
    /// What it says; nothing that is secret.
    pub value: Name,
    /// The connector that gets it; the software itself where none is named.
    pub connector: Option<Located<Connector>>,
}

/// Where software finds a Secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretPlace {
    /// In this folder, a file for each entry.
    Folder(Located<Name>),
    /// In this variable of its environment.
    Variable(Located<Name>),
}

/// As whom a model logs in at the nodes that it reads and sets over O1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Login {
    /// The user.
    pub user: Name,
    /// What proves it.
    pub proof: LoginProof,
    /// The Secret that holds that.
    pub secret: Located<Name>,
}

/// What proves who logs in over SSH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LoginProof {
    /// A private key.
    Key,
    /// A password.
    Password,
}

impl LoginProof {
    /// All, with the words of the language.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Key, "key"), (Self::Password, "password")];

    /// The entry of a Secret that holds it, as Kubernetes has it in Secrets of type `kubernetes.io/ssh-auth` and
    /// `kubernetes.io/basic-auth`.
    pub fn entry(self) -> &'static str {
        match self {
            Self::Key => "ssh-privatekey",
            Self::Password => "password",
        }
    }
}

/// A model of the catalog (OrchestRAN section IV).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Model {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// The functions it offers and its performance at each.
    pub offers: Vec<(Located<Name>, Share)>,
    /// Parameters it controls.
    pub controls: Vec<Located<Name>>,
    /// Its input: `metrics`, `iq`, ...
    pub input: Option<Name>,
    /// Input size per inference.
    pub input_size: Bytes,
    /// What each replica of an instance needs, by resource, sorted.
    pub demand: Vec<(Name, f64)>,
    /// Execution time per node kind.
    pub execution: Vec<(NodeKind, Nanoseconds)>,
    /// Suitability per node kind, 1 where not said.
    pub suitability: Vec<(NodeKind, Share)>,
    /// Container image.
    pub image: Option<Located<Name>>,
    /// The Secrets by which its images are pulled, sorted.
    pub pull_secrets: Vec<Located<Name>>,
    /// The Secrets that it is given, in the order of their places.
    pub secrets: Vec<SecretUse>,
    /// What its containers are started with, and what its pods carry.
    pub settings: Settings,
    /// Version.
    pub version: Option<Name>,
    /// The containers that bring its inputs, by way, sorted; by a way without one it gets them itself.
    pub connectors: Vec<ModelConnector>,
    /// Whether it is said to get its inputs itself by every way without one.
    pub connects_itself: bool,
    /// As whom it logs in over O1, where it is said.
    pub login: Option<Login>,
    /// How many pods of it each chosen node runs, where it is said; one where not.
    pub replicas: Option<Located<u32>>,
    /// The Pod Security level, where it is stated.
    pub pod_security: Option<Located<PodSecurity>>,
}

/// The container beside a model that brings its inputs and takes its outputs (OrchestRAN section VI).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelConnector {
    /// The way.
    pub way: Located<Connector>,
    /// Container image.
    pub image: Located<Name>,
    /// Its part of what the model needs, by resource, sorted.
    pub demand: Vec<(Name, f64)>,
}

/// A request for models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// Address, span, owner, labels.
    pub entity: Entity,
    /// What is wanted where.
    pub targets: Vec<RequestTarget>,
    /// Its value, 1 by default.
    pub value: f64,
    /// Whether an instance may serve other requests as well.
    pub sharing: bool,
}

/// One function on one node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequestTarget {
    /// The function wanted.
    pub function: Located<Name>,
    /// The node that it serves.
    pub node: NodeId,
    /// The nodes whose data it needs, sorted.
    pub sources: Vec<NodeId>,
    /// Data collection plus execution at most this.
    pub within: Option<Located<Nanoseconds>>,
    /// What performance it needs.
    pub performance: Option<Located<Performance>>,
    /// Where it is written.
    pub span: Span,
}

/// A bound on performance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Performance {
    /// At least this (accuracy).
    AtLeast(Share),
    /// At most this (error).
    AtMost(Share),
}
