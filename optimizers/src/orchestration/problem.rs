//! What is to be orchestrated, as plain integers: the exchange format `ranform.orchestration/1`.
//!
//! These types are the format, field by field; [`super::validate`] says which values are legal and
//! [`super::options`] what they mean for one target. Nothing here solves anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::exchange::distinct;

/// The `format` of a problem document.
pub const PROBLEM_FORMAT: &str = "ranform.orchestration/1";

/// An orchestration problem. All numbers are whole, at least 0 and at most 2^53.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Always [`PROBLEM_FORMAT`].
    pub format: String,
    /// Names of the resources, in the order of every capacity and demand.
    pub resources: Vec<String>,
    /// Who may use one running instance of a model.
    #[serde(default)]
    pub sharing: Sharing,
    /// How the collection times from several sources add up.
    #[serde(default)]
    pub collect: Collect,
    /// The tree of nodes, by index.
    pub nodes: Vec<Node>,
    /// The catalog.
    pub models: Vec<Model>,
    /// What is asked for.
    pub requests: Vec<Request>,
    /// The assignment in force now: an answer's `assignment`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub current: Vec<Assignment>,
    /// Targets that must be served exactly there; their requests must be accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<Pin>,
    /// Places where nothing may run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Exclusion>,
    /// What one target of an accepted request costs when it leaves its `current` model or node.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub move_cost: i64,
}

fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// Who may use one running instance of a model (eq. 14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// Any number of requests share an instance.
    #[default]
    On,
    /// An instance serves targets of one request only.
    PerRequest,
    /// An instance serves one target only.
    PerTarget,
}

/// How the collection times from the sources of a target combine (eq. 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Collect {
    /// One after the other: their sum.
    #[default]
    Sum,
    /// In parallel: the slowest.
    Max,
    /// On average: their sum divided by their number.
    Mean,
}

/// The hierarchy level of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeKind {
    /// The root: runs rApps.
    NonRtRic,
    /// Runs xApps.
    NearRtRic,
    /// A central unit: runs dApps.
    Cu,
    /// A distributed unit: runs dApps.
    Du,
    /// A radio unit.
    Ru,
}

impl NodeKind {
    /// All kinds, root first.
    pub const ALL: [Self; 5] = [Self::NonRtRic, Self::NearRtRic, Self::Cu, Self::Du, Self::Ru];

    /// The word of the format, e.g. `near-rt-ric`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NonRtRic => "non-rt-ric",
            Self::NearRtRic => "near-rt-ric",
            Self::Cu => "cu",
            Self::Du => "du",
            Self::Ru => "ru",
        }
    }
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its hierarchy level.
    pub kind: NodeKind,
    /// Index of the node above; none at the root.
    pub parent: Option<usize>,
    /// What it offers, per resource.
    pub capacity: Vec<i64>,
    /// The link to the parent; required where there is a parent.
    #[serde(default)]
    pub uplink: Option<Uplink>,
    /// Whether it is a bin: one of several places where its parent, a RIC without room of its own, runs
    /// its applications. It reaches whatever the parent reaches, over its own link in addition (our
    /// addition to the format).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bin: bool,
}

/// The link between a node and its parent, the same in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uplink {
    /// Picoseconds that one byte takes to be sent.
    pub ps_per_byte: i64,
    /// Propagation delay, nanoseconds.
    pub propagation_ns: i64,
}

/// A catalog entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// The functions it can provide.
    pub functions: Vec<String>,
    /// What one instance needs, per resource.
    pub demand: Vec<i64>,
    /// Bytes it takes from each source.
    pub input_bytes: i64,
    /// Execution time by kind of host, nanoseconds; it runs on no other kind.
    #[serde(deserialize_with = "distinct")]
    pub execution_ns: BTreeMap<NodeKind, i64>,
    /// Performance by function; each offered function has one.
    #[serde(deserialize_with = "distinct")]
    pub performance: BTreeMap<String, i64>,
    /// How well a kind of host suits it, percent; 0 and absent mean never there.
    #[serde(deserialize_with = "distinct")]
    pub suitability_percent: BTreeMap<NodeKind, i64>,
    /// Parameters of the target's node that it sets (our addition to the format).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
}

/// A request: accepted whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What accepting it is worth.
    pub value: i64,
    /// What it needs, every one of them.
    pub targets: Vec<Target>,
    /// Who may use its instances, where that differs from the problem's rule (our addition).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharing: Option<Sharing>,
}

/// A function wanted on a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The function.
    pub function: String,
    /// The node it is for.
    pub node: usize,
    /// The nodes its data come from; at least one.
    pub sources: Vec<usize>,
    /// Limit on collection plus execution, nanoseconds.
    pub latency_ns: i64,
    /// The performance asked for.
    pub performance: Bound,
}

/// A bound on performance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Performance weighted by suitability must reach this (accuracy).
    AtLeast(i64),
    /// Performance divided by suitability must not exceed this (error).
    AtMost(i64),
}

/// Which instance serves which target of an accepted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Assignment {
    /// Index of the request.
    pub request: usize,
    /// Index of the target within the request.
    pub target: usize,
    /// Index of the model.
    pub model: usize,
    /// Index of the node that hosts it.
    pub node: usize,
    /// Index of the instance among those of this model on this node.
    pub instance: usize,
}

/// A target that must be served exactly there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pin {
    /// Index of the request.
    pub request: usize,
    /// Index of the target within the request.
    pub target: usize,
    /// Index of the model.
    pub model: usize,
    /// Index of the node that hosts it.
    pub node: usize,
}

/// A place where nothing, or one model, may not run: absent fields mean every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exclusion {
    /// Index of the model; all models where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<usize>,
    /// Index of the node; all nodes where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<usize>,
    /// Whether targets that are pinned there are served there all the same: the place takes nothing new.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub except_pinned: bool,
}

impl Exclusion {
    /// A place where nothing may run.
    pub fn new(model: Option<usize>, node: Option<usize>) -> Self {
        Self { model, node, except_pinned: false }
    }

    /// Whether it forbids `model` on `node`.
    pub fn forbids(&self, model: usize, node: usize) -> bool {
        self.model.is_none_or(|excluded| excluded == model) && self.node.is_none_or(|excluded| excluded == node)
    }
}

impl Problem {
    /// Who may use the instances that serve this request.
    pub fn sharing_of(&self, request: usize) -> Sharing {
        self.requests.get(request).and_then(|request| request.sharing).unwrap_or(self.sharing)
    }

    /// Whether all requests share their instances.
    pub fn is_shared_by_all(&self) -> bool {
        (0..self.requests.len()).all(|request| self.sharing_of(request) == Sharing::On)
    }

    /// The sum of all values: nothing can be worth more.
    pub fn total_value(&self) -> i64 {
        self.requests.iter().fold(0i64, |sum, request| sum.saturating_add(request.value))
    }
}
